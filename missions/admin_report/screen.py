"""The pages of the screen: the one form, and what came of it."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from missions.admin_report.drawing import body, may_report
from missions.admin_report.layout import LAYOUTS
from missions.admin_report.outcome import keep, kept_drafts, kept_rows
from missions.admin_report.telling import Told, told_of
from missions.report_desk.forms import ReportForms
from missions.report_desk.report import RefusedReportError
from missions.report_desk.submission import submit_report
from nkwatch.editorial.desk import named, submit_all
from sources.models import Source

ADD = "add-"
LONGEST_ADDRESS = 2_000
SUBMIT, DRAFT = "submit", "draft"


def add_page(request: HttpRequest) -> HttpResponse:
    """The form, and each of its buttons: read what was pasted, one card more, what it will do, save, submit."""
    may_report(request)
    if request.method != "POST":
        fresh = ReportForms(user=request.user)
        fresh.paste.initial["url"] = request.GET.get("url", "")[:LONGEST_ADDRESS]
        fresh.paste.fields["url"].widget.attrs["autofocus"] = True
        return _drawn(request, fresh, is_fresh=True)
    do = request.POST.get("do", "")
    if do in (SUBMIT, DRAFT):
        return _written(request, submit=do == SUBMIT)
    if do.removeprefix(ADD) in LAYOUTS:
        return _drawn(request, ReportForms.with_another(request.POST, do.removeprefix(ADD), user=request.user))
    if do == "read":
        return _drawn(request, ReportForms.read_again(request.POST, user=request.user))
    told = told_of(ReportForms(request.POST, user=request.user))
    return _drawn(request, ReportForms(request.POST, user=request.user).without_errors(), told)


def _written(request: HttpRequest, submit: bool) -> HttpResponse:
    """Write the report and go to what came of it; or draw it again, with all that is wrong, and nothing lost."""
    report = ReportForms(request.POST, user=request.user)
    if not report.is_valid():
        return _drawn(request, report)
    try:
        submitted = submit_report(report.report(), user=request.user, submit=submit)
    except RefusedReportError as error:
        report.add_problems(error.problems)
        return _drawn(request, report)
    keep(request, submitted)
    done = "handed in for review" if submit else "saved as a draft"
    words = f"{named(submitted.source)} was {done}." if submitted.wrote else "All of this was on record already."
    messages.success(request, words)
    return HttpResponseRedirect(reverse("admin:missions_report_added", args=[submitted.source.pk]))


def added_page(request: HttpRequest, source: int) -> HttpResponse:
    """What came of a report that was saved or handed in; later, or for others, the source itself.

    What is a draft still can be handed in from here.
    """
    may_report(request)
    found = get_object_or_404(Source, pk=source)
    drafts = kept_drafts(request, found)
    if request.method == "POST" and drafts:
        submit_all(drafts)
        messages.success(request, f"{named(found)} was handed in for review, with what it says.")
        return HttpResponseRedirect(request.path)
    rows = kept_rows(request, found)
    if not rows:
        return HttpResponseRedirect(reverse("admin:sources_source_change", args=[found.pk]))
    context = {
        **admin.site.each_context(request),
        "title": "What the report did",
        "source": found,
        "rows": rows,
        "drafts": len(drafts),
    }
    return TemplateResponse(request, "admin/report/result.html", context)


def _drawn(request: HttpRequest, report: ReportForms, told: Told | None = None, is_fresh: bool = False) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        **body(report, told),
        "title": "Add a report",
        "is_fresh": is_fresh,
    }
    return TemplateResponse(request, "admin/report/add.html", context)
