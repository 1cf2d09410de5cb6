"""The pages of the screen: the one form, and what came of it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from missions.admin_report.drawing import body, may_report
from missions.admin_report.layout import LAYOUTS
from missions.admin_report.script import effects_of
from missions.report_desk.forms import ReportForms

ADD = "add-"


def add_page(request: HttpRequest) -> HttpResponse:
    """The form, and each of its buttons: read what was pasted, one card more, what it will do, save, submit."""
    may_report(request)
    if request.method != "POST":
        return _drawn(request, ReportForms(user=request.user), is_fresh=True)
    do = request.POST.get("do", "")
    if do.removeprefix(ADD) in LAYOUTS:
        return _drawn(request, ReportForms.with_another(request.POST, do.removeprefix(ADD), user=request.user))
    if do == "read":
        return _drawn(request, ReportForms.read_again(request.POST, user=request.user))
    report = ReportForms(request.POST, user=request.user)
    return _drawn(request, report.without_errors(), effects_of(report))


def added_page(request: HttpRequest, source: int) -> HttpResponse:
    """What came of a report that was saved or handed in."""
    may_report(request)
    return HttpResponse()


def _drawn(
    request: HttpRequest, report: ReportForms, effects: Any = None, is_fresh: bool = False, status: int = 200
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        **body(report, effects),
        "title": "Add a report",
        "is_fresh": is_fresh,
    }
    return TemplateResponse(request, "admin/report/add.html", context, status=status)
