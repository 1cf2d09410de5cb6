"""The API's reads of missions, events and figures; and of statements, with the events that they are about."""

import datetime
from collections import defaultdict
from typing import Any, ClassVar

from django.db.models import Prefetch
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema

from missions import filters, serializers, views
from missions.figures import compare_all
from missions.matching import same_event, same_figure, same_mission
from missions.models import ClosureEvent, Coverage, EventCitation, Mission, ReportedFigure
from nkwatch.editorial.api.merging import MergingViewSet
from nkwatch.editorial.api.steps import StepsViewSet
from nkwatch.editorial.asof import PARAMETER, AsOf, read_asof
from sources.api import QuoteViewSet as StatementViewSet
from sources.models import Citation, Quote

ASOF = OpenApiParameter(PARAMETER, OpenApiTypes.DATE, description="Show the record as of this day; today by default.")


class MissionViewSet(MergingViewSet):
    """Missions: where each stands, what its status is on a day, and how well that is supported."""

    model = Mission
    resource = "missions"
    links: ClassVar[dict[str, tuple[str, str]]] = {
        "events_list": ("mission", "number"),
        "quotes_list": ("mission", "number"),
    }
    examples: ClassVar[dict[str, Any]] = {
        "number": "M-0001",
        "asof": "2023-12-05",
        "direction": "abroad",
        "status": ["closed"],
        "host": ["ES", "HK"],
        "sending": ["KP"],
        "kind": ["embassy"],
        "region": ["Africa"],
        "closed_year": ["2023"],
        "origins": ["1"],
    }
    bodies: ClassVar[dict[str, Any]] = {
        **StepsViewSet.bodies,
        "create": {
            "sending": "KP",
            "host": "ES",
            "kind": "consulate-general",
            "city": "Barcelona",
            "other_names": ["Consulado en Cataluña"],
            "latitude": 41.39,
            "longitude": 2.17,
            "established": "2014",
            "covers": [{"country": "AD", "from": "2015", "citations": [{"source": "S-0005"}]}],
            "citations": [{"source": "S-0005", "fact": "established", "basis": "not-given", "locator": "p. 3"}],
        },
        "partial_update": {"city": "Kampala", "reason": "The announcement names the city."},
        "merge": {
            "into": "M-0003",
            "into_version": "1.0.0",
            "reason": "It was an office of the embassy.",
            "take": ["established"],
        },
    }
    export = views.MissionList.export
    places = views.MissionList.places
    serializer_class = serializers.MissionSerializer
    filterset_class = filters.MissionFilters
    detail_parameters = (PARAMETER,)
    holds_today = True
    only_for: ClassVar[dict[str, set[str]]] = {
        "citations": {"citations"},
        "events": {"events", "covered_by"},
        "duties_from": {"covers"},
        "coverages": {"covers"},
    }

    def same(self, candidate: Any, parts: Any) -> Any:
        return same_mission(candidate)

    def get_queryset(self) -> Any:
        return Mission.objects.public().in_order("number").with_summaries()

    def with_keys(self, keys: set[Any]) -> Any:
        return super().with_keys(keys).as_of(self.asked.day)

    @property
    def asked(self) -> AsOf:
        """The day that missions are shown on."""
        return read_asof(self.request.query_params.get(PARAMETER, ""))

    @extend_schema(parameters=[ASOF])
    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().retrieve(request, *args, **kwargs)

    def complete(self, records: list[Any]) -> None:
        for mission in records:
            [mission.span] = mission.spans_on_day
        if self.tells("events", "covered_by"):
            self._tell_events(records)
        if self.tells("covers"):
            self._tell_services(records)
        if self.tells("status_support"):
            _tell_status_support([mission.span for mission in records], records)

    def _by_then(self, events: Any) -> list[Any]:
        asked = self.asked
        return [event for event in events.all() if asked.is_today or event.has_come(asked.day)]

    def _tell_events(self, missions: list[Any]) -> None:
        """Tell each mission its steps, and who serves its host country in its stead."""
        known = Coverage.objects.public()
        if self.asked.another_day:
            known = known.begun(self.asked.day)
        coverages = list(known.named().serving(missions))
        for mission in missions:
            mission.events_by_then = self._by_then(mission.events)
            mission.covered_by = [
                *(_service(e.duties_to, e.duties_to.host, e.date) for e in mission.events_by_then if e.duties_to),
                *(
                    _service(coverage.mission, coverage.mission.host, coverage.starts, coverage.ends)
                    for coverage in coverages
                    if coverage.country_id == mission.host_id
                    and coverage.mission.sending_id == mission.sending_id
                    and coverage.mission_id != mission.pk
                ),
            ]

    def _tell_services(self, missions: list[Any]) -> None:
        """Tell each mission what it serves besides its host country."""
        later = _not_begun(missions, self.asked.day) if self.asked.another_day else set()
        for mission in missions:
            mission.covers = [
                *(_service(mission, event.mission.host, event.date) for event in self._by_then(mission.duties_from)),
                *(_service(mission, c.country, c.starts, c.ends) for c in mission.coverages.all() if c.pk not in later),
            ]


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


class EventViewSet(MergingViewSet):
    """Dated steps in the lives of missions, and how well each is supported."""

    model = ClosureEvent
    resource = "events"
    links: ClassVar[dict[str, tuple[str, str]]] = {
        "missions_retrieve": ("number", "mission/number"),
    }
    examples: ClassVar[dict[str, Any]] = {
        "number": "E-0001",
        "asof": "2023-12-05",
        "stage": ["closed"],
        "mission": ["M-0001"],
        "host": ["ES"],
        "region": ["Africa"],
        "date_from": "2023-10-01",
        "date_to": "2023-12-31",
        "support": ["confirmed"],
        "contested": "false",
    }
    bodies: ClassVar[dict[str, Any]] = {
        **StepsViewSet.bodies,
        "create": {
            "mission": "M-0003",
            "stage": "farewell",
            "date": "2023-11-06/2023-11-07",
            "date_note": "“Early in the week”, beside the date of the report.",
            "summary": "The ambassador took leave of the host.",
            "quotes": ["Q-0004"],
            "citations": [
                {
                    "source": "S-0006",
                    "stance": "supports",
                    "basis": "attributed",
                    "attributed_to_actor": "A-0009",
                    "locator": "¶4",
                    "date": "2023-11-06/2023-11-07",
                    "date_worded": "early in the week",
                }
            ],
        },
        "partial_update": {
            "date_note": "The day of the report that names it first.",
            "citations": [{"source": "S-0007", "basis": "not-given", "locator": "p. 2"}],
            "reason": "A second report was read.",
        },
        "merge": {"into": "E-0010", "into_version": "1.0.0", "reason": "The farewell was the announcement."},
    }
    export = views.EventList.export
    places = views.EventList.places
    serializer_class = serializers.EventSerializer
    filterset_class = filters.EventFilters
    only_for: ClassVar[dict[str, set[str]]] = {
        "citations": {"citations"},
        "duties_to": {"duties_to"},
        "quotes": {"quotes"},
    }

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
    examples: ClassVar[dict[str, Any]] = {
        "number": "F-0001",
        "asof": "2023-12-05",
        "metric": ["missions-abroad"],
        "speaker": ["A-0001"],
    }
    bodies: ClassVar[dict[str, Any]] = {
        **StepsViewSet.bodies,
        "create": {
            "metric": "missions-abroad",
            "low": 45,
            "high": 45,
            "worded": "about forty-five",
            "as_of": "2023-11",
            "speaker": "A-0036",
            "citations": [{"source": "S-0006", "basis": "attributed", "attributed_to_actor": "A-0036"}],
        },
        "partial_update": {"note": "Read as an upper bound.", "reason": "It says “as many as”."},
    }
    export = views.FigureList.export
    serializer_class = serializers.FigureSerializer
    filterset_class = filters.FigureFilters
    only_for: ClassVar[dict[str, set[str]]] = {"speaker": {"speaker"}, "citations": {"citations"}}

    def same(self, candidate: Any, parts: Any) -> Any:
        return same_figure(candidate)

    def get_queryset(self) -> Any:
        return ReportedFigure.objects.public().newest_first().with_public_associations()

    def complete(self, records: list[Any]) -> None:
        if not self.tells("recorded", "comparison"):
            return
        for (_, compared), figure in zip(compare_all(records), records, strict=True):
            figure.compared = compared


class QuoteViewSet(StatementViewSet):
    """Statements: the words, the speaker, each carrier’s rendering, and the events that they are about."""

    model = Quote
    serializer_class = serializers.QuoteSerializer
    filterset_class = filters.QuoteFilters
    examples: ClassVar[dict[str, Any]] = {**StatementViewSet.examples, "mission": ["M-0001"]}
    only_for: ClassVar[dict[str, set[str]]] = {**StatementViewSet.only_for, "events": {"events"}}

    def get_queryset(self) -> Any:
        events = ClosureEvent.objects.public().newest_first().named()
        return super().get_queryset().prefetch_related(Prefetch("events", events))
