"""What came of a report, kept in the editor's session for the page that shows it."""

from collections import defaultdict
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse

from missions.admin_report.layout import LAYOUTS
from missions.report_desk.submission import Submitted, drafts_of
from missions.report_desk.writing import Written
from nkwatch.editorial.desk import named
from nkwatch.editorial.models import Publishable
from sources.models import Source

KEPT = "reports_kept"
MOST_KEPT = 10
PARTS = {"event": "events", "quote": "quotes", "figure": "figures", "relies": "relies"}


def rows_of(submitted: Submitted) -> list[dict[str, Any]]:
    """A row for each card: what it is called, what it did, and which record that is."""
    return [_row(name, written) for name, written in submitted.cards.items()]


def _row(name: str, written: Written) -> dict[str, Any]:
    record = written.record
    did = written.outcome
    if written.changes:
        fields = ", ".join(str(record._meta.get_field(field).verbose_name) for field in written.changes)
        did += f", {fields} added"
    return {"part": _called(name), "did": did, "model": record._meta.label, "pk": record.pk}


def _called(name: str) -> str:
    """The part as the screen called it: Claim 1, New actor 2."""
    kind, _, key = name.rpartition(":")
    start, _, number = key.rpartition("-")
    layout = LAYOUTS.get(kind or PARTS.get(start, ""))
    return f"{layout.called} {number}" if layout else "The source"


def keep(request: HttpRequest, submitted: Submitted) -> None:
    """Keep what came of the latest reports for the pages that tell it."""
    kept = request.session.get(KEPT, {})
    at = str(submitted.source.pk)
    kept.pop(at, None)
    drafts = [(record._meta.label, record.pk) for record in (*submitted.made, *submitted.found)]
    kept[at] = {"rows": rows_of(submitted), "drafts": drafts}
    request.session[KEPT] = dict(list(kept.items())[-MOST_KEPT:])


def kept_drafts(request: HttpRequest, source: Source) -> list[Publishable]:
    """What of the report's records is a draft still, and nobody but the user wrote."""
    ids: dict[str, list[int]] = defaultdict(list)
    for label, pk in request.session.get(KEPT, {}).get(str(source.pk), {}).get("drafts", []):
        ids[label].append(pk)
    found: dict[Any, list[int]] = {apps.get_model(label): pks for label, pks in ids.items()}
    records = (record for model, pks in found.items() for record in model._base_manager.filter(pk__in=pks))
    return drafts_of(request.user, records)


def kept_rows(request: HttpRequest, source: Source) -> list[dict[str, Any]]:
    """What came of the report, with each record as it stands now; empty when it is not known any more."""
    found = []
    for row in request.session.get(KEPT, {}).get(str(source.pk), {}).get("rows", []):
        model: Any = apps.get_model(row["model"])
        record = model.objects.filter(pk=row["pk"]).first()
        if record is not None:
            url = reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])
            state = record.get_state_display()
            found.append({**row, "url": url, "name": named(record), "kind": record._meta.verbose_name, "state": state})
    return found
