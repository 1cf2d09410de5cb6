"""Questions asked of many missions, events and figures at once (see `sources.querysets` for the two names)."""

import datetime
from typing import Any, Self

from django.apps import apps
from django.db.models import Case, Prefetch, Q, QuerySet, Value, When

from sources.querysets import DatedQuerySet, RecordQuerySet, public


def on_day(day: datetime.date, prefix: str = "") -> Q:
    """The condition that a status span holds on `day`."""
    return (Q(**{f"{prefix}starts__lte": day}) | Q(**{f"{prefix}starts__isnull": True})) & (
        Q(**{f"{prefix}ends__gt": day}) | Q(**{f"{prefix}ends__isnull": True})
    )


def _spans() -> QuerySet[Any]:
    """Status spans with the events they rest on."""
    spans = apps.get_model("missions.StatusSpan").objects.select_related("support_one_country")
    return spans.prefetch_related(Prefetch("because", public("missions.ClosureEvent")))


class MissionQuerySet(RecordQuerySet):
    """Missions, with their status on any day."""

    def named(self) -> Self:
        return self.select_related("sending", "host")

    def by_direction(self) -> Self:
        """North Korea's missions abroad first, then those in Pyongyang, each by country."""
        in_pyongyang = Case(When(host="KP", then=Value(1)), default=Value(0))
        return self.order_by(in_pyongyang, "host__name", "sending__name", "city", "pk")

    def as_of(self, day: datetime.date) -> Self:
        """Give each mission `spans_on_day`: the one span that holds on `day`, with its support."""
        return self.prefetch_related(Prefetch("spans", _spans().filter(on_day(day)), to_attr="spans_on_day"))

    def with_status(self, status: str, day: datetime.date) -> Self:
        """Missions that had `status` on `day`."""
        spans = apps.get_model("missions.StatusSpan").objects.filter(on_day(day), status=status)
        return self.filter(pk__in=spans.values("mission"))

    def with_successors(self) -> Self:
        """Bring along the events that hand a mission's duties to another, as `handovers`."""
        events = public("missions.ClosureEvent").filter(self.model.public_condition("duties_to__"))
        return self.prefetch_related(Prefetch("events", events.with_duties(), to_attr="handovers"))

    def with_public_associations(self) -> Self:
        coverages = public("missions.Coverage").select_related("country")
        return self.named().prefetch_related(
            Prefetch("spans", _spans()),
            Prefetch("citations", public("missions.MissionCitation").with_public_associations()),
            Prefetch("events", public("missions.ClosureEvent").with_public_associations()),
            Prefetch("duties_from", public("missions.ClosureEvent").named()),
            Prefetch(
                "coverages",
                coverages.prefetch_related(
                    Prefetch("citations", public("missions.CoverageCitation").with_public_associations())
                ),
            ),
        )


class CoverageQuerySet(RecordQuerySet):
    """Countries that a mission serves besides its host."""

    def named(self) -> Self:
        return self.select_related("country", "mission__sending", "mission__host")


class EventQuerySet(DatedQuerySet):
    """Dated steps of missions."""

    date_field = "date"

    def named(self) -> Self:
        return self.select_related("mission__sending", "mission__host", "support_one_country")

    def with_duties(self) -> Self:
        return self.prefetch_related(Prefetch("duties_to", public("missions.Mission").named()))

    def with_public_associations(self) -> Self:
        return (
            self.named()
            .with_duties()
            .prefetch_related(
                Prefetch("citations", public("missions.EventCitation").with_public_associations()),
                Prefetch("quotes", public("sources.Quote").with_public_associations()),
            )
        )


class FigureQuerySet(DatedQuerySet):
    """Numbers that somebody gave."""

    date_field = "as_of"

    def with_public_associations(self) -> Self:
        return self.prefetch_related(
            Prefetch("speaker", public("sources.Actor").select_related("country")),
            Prefetch("citations", public("missions.FigureCitation").with_public_associations()),
        )
