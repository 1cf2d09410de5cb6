"""What missions, events and figures can lack, and imports that failed, as lists on the desk (pages.md, B6)."""

import datetime
from typing import Any

from django.db.models import F, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from missions.models import ClosureEvent, Mission, ReportedFigure, StatusSpan
from missions.querysets import on_day
from nkwatch.editorial.desk import may_publish
from nkwatch.editorial.models import ImportBatch
from nkwatch.editorial.worklists import Section, Worklist, register
from sources.worklists import INEXACT


def register_mission_worklists() -> None:
    """Offer the lists of missions, events and figures, and those of imports."""
    register(
        Worklist(
            ClosureEvent,
            "needs-second-origin",
            "needs a second origin",
            "Find a source that had it from somebody else, and cite it.",
            lambda events, user, day: events.with_too_few_origins(),
        ),
        Worklist(
            ClosureEvent,
            "contested",
            "contested",
            "Weigh what the sources say of the disputed fact; cite what settles it, or correct a citation.",
            lambda events, user, day: events.public().contested(),
        ),
        Worklist(
            Mission,
            "seen-open-after-closing",
            "seen open after it closed",
            "Find out whether it reopened, and add that step; or correct the date of one of the two.",
            lambda missions, user, day: missions.seen_open_after_closing(day),
            since="it was last seen open",
            oldest=lambda user, day: _of_span(day, F("last_seen_open")),
        ),
        Worklist(
            Mission,
            "announced-not-confirmed",
            "announced, not confirmed closed after 60 days",
            "Find out whether it did close, and add the step: closed, or plan reversed.",
            lambda missions, user, day: missions.closing_unconfirmed(day),
            since="its closing was first said, by the latest day of its date",
            oldest=lambda user, day: _of_span(day, Min("because__date_latest")),
        ),
        Worklist(
            ClosureEvent,
            "events-without-quotes",
            "events without quotes",
            "Add what was said about it, and by whom, where a source prints that.",
            lambda events, user, day: events.without_quotes(),
        ),
        Worklist(
            ReportedFigure,
            "figures-that-differ",
            "figures that differ from the record",
            "Look for missions that the record lacks or has twice, or a figure read wrongly; some just differ.",
            lambda figures, user, day: figures.differing(),
        ),
        Worklist(
            Mission,
            "not-seen-open",
            "not seen open for a year",
            "Look for a recent report that it operates, and add it as seen open.",
            lambda missions, user, day: missions.unseen(day),
            since="it was last seen open, or else since its present standing began",
            oldest=lambda user, day: _of_span(day, Coalesce("last_seen_open", "starts")),
        ),
        *(Worklist(model, **INEXACT) for model in (ClosureEvent, ReportedFigure)),
        Worklist(
            ImportBatch,
            "failed-imports",
            "failed imports",
            "Open it to see what was wrong, mend the sheet, and import it again.",
            lambda batches, user, day: _shown_to(user, batches.failed()),
            since="it was started",
            oldest=lambda user, day: F("started"),
            section=Section.DESK,
        ),
        Worklist(
            ImportBatch,
            "unconfirmed-imports",
            "my imports not confirmed yet",
            "Go through the preview and confirm it; its file is kept for a day.",
            lambda batches, user, day: batches.of(user).unconfirmed(),
            since="it was uploaded",
            oldest=lambda user, day: F("started"),
            section=Section.DESK,
        ),
    )


def _of_span(day: datetime.date, value: Any) -> Subquery:
    """For each mission, a value of its status span on `day`."""
    spans = StatusSpan.objects.filter(on_day(day), mission=OuterRef("pk")).order_by()
    return Subquery(spans.values("mission").annotate(value=value).values("value")[:1])


def _shown_to(user: Any, batches: Any) -> QuerySet:
    """Imports whose pages `user` may open: their own, and to a reviewer everybody's (`admin_import.steps`)."""
    return batches if may_publish(user, ClosureEvent) else batches.of(user)
