"""What the templates of the screen are given."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from missions.admin_report.layout import Stack, source_fields, stacks
from missions.admin_report.telling import Told
from missions.report_desk.forms import ReportForms
from missions.report_desk.submission import PERMISSIONS


def may_report(request: HttpRequest) -> None:
    """Raise PermissionDenied for whoever may not add sources and events."""
    if not request.user.has_perms(PERMISSIONS):
        raise PermissionDenied


def body(report: ReportForms, told: Told | None = None) -> dict[str, Any]:
    """The whole report as the page and its pieces draw it, with what is told of each card."""
    told = told or {}
    rows, others = source_fields(report)
    drawn = stacks(report, told)
    return {
        "report": report,
        "paste": report.paste,
        "source": report.source,
        "text": report.pasted.text,
        "language": report.pasted.language,
        "questions": report.source.questions(),
        "source_rows": rows,
        "source_rest": others,
        "source_rest_is_open": any(field.errors for field in others),
        "source_effect": told.get("source", []),
        "stacks": drawn,
        "problems": problems(report, drawn),
    }


def problems(report: ReportForms, drawn: list[Stack]) -> list[dict[str, str]]:
    """All that is wrong, in the order of the screen, each with where it is: for the summary on top."""
    names = {card.form.prefix: f"{card.layout.called} {card.number}" for stack in drawn for card in stack.cards}
    found = []
    for form in report.all_forms:
        for name, messages in form.errors.items():
            at = form.auto_id.replace("%s", form.add_prefix(name)) if name in form.fields else f"card-{form.prefix}"
            label = str(form[name].label) if name in form.fields else ""
            where = ", ".join(filter(None, [names.get(form.prefix, ""), label])) or "The report"
            found += [{"place": at, "where": where, "message": message} for message in messages]
    for stack in drawn:
        for message in stack.formset.non_form_errors():
            found.append({"place": f"report-{stack.kind}", "where": stack.layout.heading, "message": message})
    return found
