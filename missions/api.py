"""The API's reads of missions, events and figures; and of statements, with the events that they are about."""

import datetime
from collections import defaultdict
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema

from missions import filters, serializers
from missions.figures import compare_all
from missions.matching import same_event, same_figure, same_mission
from missions.models import ClosureEvent, Coverage, EventCitation, Mission, ReportedFigure
from nkwatch.editorial.api.steps import StepsViewSet
from nkwatch.editorial.asof import PARAMETER, read_asof
from sources.api import QuoteViewSet as StatementViewSet
from sources.models import Citation, Quote

ASOF = OpenApiParameter(PARAMETER, OpenApiTypes.DATE, description="Show the record as of this day; today by default.")


class MissionViewSet(StepsViewSet):
    """Missions: where each stands, what its status is on a day, and how well that is supported."""

    model = Mission
    resource = "missions"
    serializer_class = serializers.MissionSerializer
    filterset_class = filters.MissionFilters
    detail_parameters = (PARAMETER,)

    def same(self, candidate: Any, parts: Any) -> Any:
        return same_mission(candidate)

    def get_queryset(self) -> Any:
        return Mission.objects.public().in_order("number").with_summaries()

    @extend_schema(parameters=[ASOF])
    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().retrieve(request, *args, **kwargs)

    def last_modified(self) -> datetime.datetime | None:
        """What holds today may change at midnight, with nothing changed in the record."""
        modified = super().last_modified()
        midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return modified if modified is None else max(modified, midnight)

    def complete(self, records: list[Any]) -> None:
        asked = read_asof(self.request.query_params.get(PARAMETER, ""))
        known, later = Coverage.objects.public(), set()
        if asked.another_day:
            known = known.begun(asked.day)
            later = _not_begun(records, asked.day)
        coverages = list(known.named().serving(records))
        for mission in records:
            [mission.span] = mission.spans_on_day
            events = [event for event in mission.events.all() if asked.is_today or event.has_come(asked.day)]
            taken_over = [e for e in mission.duties_from.all() if asked.is_today or e.has_come(asked.day)]
            mission.events_by_then = events
            mission.covered_by = [
                *(_service(e.duties_to, e.duties_to.host, e.date) for e in events if e.duties_to),
                *(
                    _service(coverage.mission, coverage.mission.host, coverage.starts, coverage.ends)
                    for coverage in coverages
                    if coverage.country_id == mission.host_id
                    and coverage.mission.sending_id == mission.sending_id
                    and coverage.mission_id != mission.pk
                ),
            ]
            mission.covers = [
                *(_service(mission, event.mission.host, event.date) for event in taken_over),
                *(_service(mission, c.country, c.starts, c.ends) for c in mission.coverages.all() if c.pk not in later),
            ]
        _tell_status_support([mission.span for mission in records], records)


def _not_begun(missions: list[Any], day: datetime.date) -> set[int]:
    """What `missions` serve besides only after `day`."""
    served = Coverage.objects.filter(mission__in=missions)
    return set(served.exclude(pk__in=served.begun(day).values("pk")).values_list("pk", flat=True))


def _service(mission: Mission, country: Any, starts: str, ends: str = "") -> dict[str, Any]:
    return {"mission": mission, "country": country, "from": starts, "to": ends}


def _tell_status_support(spans: list[Any], missions: list[Any]) -> None:
    """Give each mission the support of its status: of the steps that it rests on, all together."""
    because = {event.pk for span in spans for event in span.because.all()}
    carriers: dict[int, set[int]] = defaultdict(set)
    counted = EventCitation.objects.public().filter(
        event__in=because, stance=Citation.Stance.SUPPORTS, fact__in=["", "date"]
    )
    for event, source in counted.values_list("event", "source"):
        carriers[event].add(source)
    for mission, span in zip(missions, spans, strict=True):
        steps = sorted(span.because.all(), key=lambda event: event.number)
        facts = [fact for step in steps for fact in step.support_contested.split(", ") if fact]
        mission.status_support = {
            "level": span.support_level,
            "contested": ", ".join(dict.fromkeys(facts)),
            "origins": span.support_origins,
            "sources": len(set().union(*(carriers[step.pk] for step in steps))),
            "one_country": span.support_one_country,
            "reasoning": span.support_reasoning,
        }
        if not span.support_level:
            mission.status_support = None


class EventViewSet(StepsViewSet):
    """Dated steps in the lives of missions, and how well each is supported."""

    model = ClosureEvent
    resource = "events"
    serializer_class = serializers.EventSerializer
    filterset_class = filters.EventFilters

    def same(self, candidate: Any, parts: Any) -> Any:
        """Told apart by what the first source says of its date, as reports are."""
        first: dict[str, Any] = next(iter(parts.get("citations", ())), {})
        return same_event(candidate, first.get("source"), first.get("date", ""))

    def get_queryset(self) -> Any:
        return ClosureEvent.objects.public().newest_first().with_summaries()


class FigureViewSet(StepsViewSet):
    """Numbers that somebody gave, held against the record."""

    model = ReportedFigure
    resource = "figures"
    serializer_class = serializers.FigureSerializer
    filterset_class = filters.FigureFilters

    def same(self, candidate: Any, parts: Any) -> Any:
        return same_figure(candidate)

    def get_queryset(self) -> Any:
        return ReportedFigure.objects.public().newest_first().with_public_associations()

    def complete(self, records: list[Any]) -> None:
        for (_, compared), figure in zip(compare_all(records), records, strict=True):
            figure.compared = compared


class QuoteViewSet(StatementViewSet):
    """Statements: the words, the speaker, each carrier’s rendering, and the events that they are about."""

    model = Quote
    serializer_class = serializers.QuoteSerializer
    filterset_class = filters.QuoteFilters

    def get_queryset(self) -> Any:
        events = ClosureEvent.objects.public().newest_first().named()
        return super().get_queryset().prefetch_related(Prefetch("events", events))
