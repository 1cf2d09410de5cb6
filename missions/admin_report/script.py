"""What the screen's script asks for: the page drawn anew, guesses at selected words, and what each card will do."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from missions.admin_report.drawing import body, may_report
from missions.admin_report.guesses import guesses
from missions.admin_report.telling import told_of
from missions.report_desk.forms import ReportForms

LONGEST = 20_000


@require_POST
def read_fragment(request: HttpRequest) -> HttpResponse:
    """The report as typed, with what can be read of what was pasted filled in where nothing stood."""
    may_report(request)
    report = ReportForms.read_again(request.POST, user=request.user)
    return TemplateResponse(request, "admin/report/body.html", body(report))


@require_POST
def guess_json(request: HttpRequest) -> JsonResponse:
    """What a new card can begin with, from the words selected for it."""
    may_report(request)
    told = {name: request.POST.get(name, "")[:LONGEST] for name in ("kind", "words", "paragraph", "issued")}
    return JsonResponse({"fields": guesses(**told)})


@require_POST
def effects_json(request: HttpRequest) -> JsonResponse:
    """What each card will do, as the piece of the page that says so, by the card's prefix."""
    may_report(request)
    told = told_of(ReportForms(request.POST, user=request.user))
    drawn = {prefix: render_to_string("admin/report/effect.html", {"effect": lines}) for prefix, lines in told.items()}
    return JsonResponse({"effects": drawn})
