"""Questions asked of many missions, events and figures at once (see `sources.querysets` for the two names)."""

import datetime
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Self

from django.apps import apps
from django.db.models import Case, Exists, OuterRef, Prefetch, Q, QuerySet, Value, When

from nkwatch.editorial.models import State
from nkwatch.editorial.models.publishing import changed_since
from sources.querysets import DatedQuerySet, RecordQuerySet, public, rests_on_changed

CONFIRMED_WITHIN = datetime.timedelta(days=60)
SEEN_WITHIN = datetime.timedelta(days=365)


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

    orders: ClassVar = {**RecordQuerySet.orders, "name": "name", "host": "host__name", "sending": "sending__name"}

    def towards(self, direction: str) -> Self:
        """North Korea's missions `abroad`, or those `in-pyongyang`."""
        return self.filter(sending="KP") if direction == "abroad" else self.filter(host="KP")

    def with_any_status(self, statuses: Iterable[str], day: datetime.date) -> Self:
        """Missions that had one of `statuses` on `day`."""
        return self._with_span(on_day(day), status__in=statuses)

    def with_origins(self, numbers: Iterable[str], day: datetime.date) -> Self:
        """Missions whose status on `day` rests on that many origins: "0", "1", or "2+" for two or more."""
        counts = Q(support_origins__in=[int(number) for number in numbers if number.isdigit()])
        if "2+" in numbers:
            counts |= Q(support_origins__gte=2)
        return self._with_span(on_day(day), counts)

    def closing_unconfirmed(self, day: datetime.date) -> Self:
        """Missions still closing on `day`, 60 days after it was first said that they would be."""
        return self._with_span(on_day(day), status="closing", because__date_latest__lte=day - CONFIRMED_WITHIN)

    def unseen(self, day: datetime.date) -> Self:
        """Missions open on `day` that nobody saw open in the year before, or ever.

        One that opened, or whose closing was called off, within that year was as good as seen.
        """
        year_ago = day - SEEN_WITHIN
        spans = apps.get_model("missions.StatusSpan").objects.filter(on_day(day), status="open")
        decided_since = spans.filter(presumed_open=False, because__date_latest__gt=year_ago)
        seen_since = Q(last_seen_open__gt=year_ago) | Q(pk__in=decided_since.values("pk"))
        return self.filter(pk__in=spans.exclude(seen_since).values("mission"))

    def seen_open_after_closing(self, day: datetime.date) -> Self:
        """Missions recorded as closed on `day` that somebody saw open after they closed (domain.md, rule 2)."""
        return self._with_span(on_day(day), seen_open_after_closing=True)

    def closed_in(self, years: Iterable[int], day: datetime.date) -> Self:
        """Missions closed on `day` by a step dated, by its latest day, in one of `years`."""
        return self._with_span(on_day(day), status="closed", because__date_latest__year__in=years)

    def _with_span(self, *conditions: Q, **lookups: Any) -> Self:
        spans = apps.get_model("missions.StatusSpan").objects.filter(*conditions, **lookups)
        return self.filter(pk__in=spans.values("mission"))

    def changed_since(self, moment: datetime.datetime) -> Self:
        """As for any record; besides, those of which a step came, changed, went or rests on what did.

        Their status follows from it. Every mission where so much changed that any may be among them.
        """
        if (rests := rests_on_changed(moment)) is None:
            return self.all()
        steps = apps.get_model("missions.ClosureEvent")
        moved = steps._base_manager.filter(pk__in=changed_since(steps, moment))
        claims = apps.get_model("missions.EventCitation")._base_manager.filter(rests)
        own = apps.get_model("missions.MissionCitation")._base_manager.filter(rests)
        found = [
            *(changed_since(self.model, moment), own.values("mission")),
            *(moved.values("mission"), moved.values("duties_to")),
            *(claims.values("event__mission"), claims.values("event__duties_to")),
        ]
        return self.filter(reduce(or_, (Q(pk__in=keys) for keys in found)))

    def named(self) -> Self:
        return self.select_related("sending", "host")

    def by_direction(self, order: str = "") -> Self:
        """North Korea's missions abroad first, then those in Pyongyang, each by country or as `orders` has it."""
        in_pyongyang = Case(When(host="KP", then=Value(1)), default=Value(0))
        by_country = ("host__name", "sending__name", "city", "pk")
        return self.order_by(in_pyongyang, *(self.in_order(order).query.order_by if order else by_country))

    def as_of(self, day: datetime.date) -> Self:
        """Give each mission `spans_on_day`: the one span that holds on `day`, with its support."""
        return self.prefetch_related(Prefetch("spans", _spans().filter(on_day(day)), to_attr="spans_on_day"))

    def with_spans(self) -> Self:
        """Bring along every status that each mission had, oldest first, with the public steps that it rests on."""
        return self.prefetch_related(Prefetch("spans", _spans()))

    def with_status(self, status: str, day: datetime.date) -> Self:
        """Missions that had `status` on `day`."""
        spans = apps.get_model("missions.StatusSpan").objects.filter(on_day(day), status=status)
        return self.filter(pk__in=spans.values("mission"))

    def with_successors(self, day: datetime.date | None = None) -> Self:
        """Bring along the events that hand a mission's duties to another, as `handovers`; those dated by `day`."""
        events = public("missions.ClosureEvent").filter(self.model.public_condition("duties_to__"))
        events = events.by(day) if day else events
        return self.prefetch_related(Prefetch("events", events.with_duties(), to_attr="handovers"))

    def with_summaries(self) -> Self:
        """Bring along what a mission is told with: its own claims, and by name what else concerns it."""
        events = public("missions.ClosureEvent")
        return self.named().prefetch_related(
            Prefetch("citations", public("missions.MissionCitation").with_public_associations()),
            Prefetch("events", events.newest_first().named().with_duties()),
            Prefetch("duties_from", events.newest_first().named()),
            Prefetch("coverages", public("missions.Coverage").select_related("country")),
        )

    def with_public_associations(self, day: datetime.date | None = None) -> Self:
        """Bring along what a mission's page shows; of what it serves besides, only what had begun by `day`."""
        coverages = public("missions.Coverage").select_related("country")
        coverages = coverages.begun(day) if day else coverages
        return (
            self.named()
            .with_spans()
            .prefetch_related(
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
        )


class CoverageQuerySet(RecordQuerySet):
    """Countries that a mission serves besides its host."""

    def named(self) -> Self:
        return self.select_related("country", "mission__sending", "mission__host")

    def serving(self, missions: Iterable[Any]) -> Self:
        """Those by which a country that hosts one of `missions` is served from elsewhere."""
        return self.filter(country__in={mission.host_id for mission in missions})

    def in_force(self, day: datetime.date) -> Self:
        """Those that had begun by `day`, and had not ended."""
        return self.begun(day).filter(Q(ends_latest__isnull=True) | Q(ends_latest__gte=day))

    def begun(self, day: datetime.date) -> Self:
        """Those that had begun by `day`, by the latest day that a source allows, or of which no beginning is known."""
        return self.filter(
            Q(starts="") | Q(starts_latest__lte=day) | Q(starts_latest__isnull=True, starts_earliest__lte=day)
        )


class EventQuerySet(DatedQuerySet):
    """Dated steps of missions."""

    date_field = "date"
    date_order = "date"
    orders: ClassVar = {**RecordQuerySet.orders, "date": "date_latest"}

    def of_missions(self, numbers: Iterable[int]) -> Self:
        """Steps of the missions that have one of `numbers`."""
        return self.filter(mission__number__in=numbers)

    def contested(self, disputed: bool = True) -> Self:
        """Those of which sources dispute a fact; or those without dispute."""
        return self.exclude(support_contested="") if disputed else self.filter(support_contested="")

    def with_too_few_origins(self) -> Self:
        """Published ones that rest on one origin, or on none that is known (domain.md, rule 4)."""
        return self.public().filter(support_level__in=["single-origin", "origin-not-given"])

    def without_quotes(self) -> Self:
        """Those of which no statement is recorded."""
        through = self.model.quotes.through.objects.exclude(quote__state=State.RETRACTED)
        return self.not_retracted().filter(~Exists(through.filter(closureevent=OuterRef("pk"))))

    def with_summaries(self) -> Self:
        """Bring along what an event is told with: its claims, and by name what else concerns it."""
        return (
            self.named()
            .with_duties()
            .prefetch_related(
                Prefetch("citations", public("missions.EventCitation").with_public_associations()),
                Prefetch("quotes", public("sources.Quote")),
            )
        )

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
    date_order = "as_of"
    orders: ClassVar = {**RecordQuerySet.orders, "as_of": "as_of_latest"}

    def said_by(self, numbers: Iterable[int]) -> Self:
        """Those whose speaker has one of `numbers`."""
        return self.filter(apps.get_model("sources.Actor").public_condition("speaker__"), speaker__number__in=numbers)

    def differing(self) -> Self:
        """Published ones that differ from the record (domain.md, rule 5).

        Published figures are few, and what they are held against is read once for all of them.
        """
        from missions.figures import Comparison, compare_all

        compared = compare_all(self.model._default_manager.public())
        return self.filter(pk__in=[figure.pk for figure, its in compared if its.comparison == Comparison.DIFFERS])

    def with_speakers(self) -> Self:
        """Bring along who gave each number, as far as that is public."""
        return self.prefetch_related(Prefetch("speaker", public("sources.Actor").select_related("country")))

    def with_public_associations(self) -> Self:
        return self.with_speakers().prefetch_related(
            Prefetch("citations", public("missions.FigureCitation").with_public_associations()),
        )
