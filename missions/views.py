"""Pages of missions, of what happened to them, and of the numbers given of them."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain
from typing import Any

from missions import facets, linked_data
from missions.exports import EventReports
from missions.figures import RecordedCounts, compare_all
from missions.filters import EventFilters, FigureFilters, MissionFilters, QuoteFilters
from missions.map.geojson import PlacedEvents, PlacedMissions
from missions.map.missions_map import locator, locator_address, missions_map
from missions.models import ClosureEvent, Coverage, Mission, ReportedFigure
from missions.pictures.figures_chart import figures_charts
from missions.pictures.status_track import track
from missions.pictures.timeline import timeline
from missions.resources import FigureSheet, MissionSheet
from missions.sentences import event_sentence, still_missing, support_in_words, verdict
from nkwatch.editorial.edtf import in_words
from nkwatch.editorial.public.exports import SheetExport
from nkwatch.editorial.public.pages import RecordDetail, RecordList
from nkwatch.editorial.words import capital
from sources import views as sources
from sources.claims import by_origin, number_sources


class MissionList(RecordList):
    model = Mission
    template_name = "missions/mission_list.html"
    export = SheetExport(MissionSheet)
    places = PlacedMissions()
    filters = MissionFilters
    counts = facets.MISSIONS
    ways = {"view": ("map",), "extent": ("world",)}

    def shown(self, records: Any) -> Any:
        return records.named().by_direction().as_of(self.asof.day).with_successors(self.asof.another_day)

    def in_order(self, records: Any, order: str) -> Any:
        return records.by_direction(order)

    def all_shown(self) -> list[Any]:
        """The missions of all pages of the list, as a map shows them."""
        return list(self.filtering.apply(self.public()).named().as_of(self.asof.day))

    @property
    def is_world(self) -> bool:
        """Whether the map is to show all of the world."""
        return self.filtering.shown.get("extent") == "world"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, link = super().get_context_data(**kwargs), self.filtering.link
        context |= {"map": None, "as_table": link(shown={}), "as_map": link(shown={"view": "map"})}
        if self.filtering.shown.get("view") == "map" and context["object_list"]:
            context |= {
                "map": missions_map(self.all_shown(), self.asof, self.is_world),
                "map_world": link(shown={"view": "map", "extent": "world"}),
                "map_results": context["as_map"],
                "map_file": link("/map.svg", shown={"extent": "world"} if self.is_world else {}),
            }
        return context


class MissionDetail(RecordDetail):
    model = Mission
    template_name = "missions/mission_detail.html"
    feed = "mission.atom"

    def get_queryset(self) -> Any:
        return Mission.objects.public().with_public_associations(self.asof.another_day).as_of(self.asof.day)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mission = self.object
        span = mission.spans_on_day[0]
        all_events = sorted(mission.events.all(), key=lambda event: event.date_latest or date.max)
        events = [event for event in all_events if self._has_come(event)]
        coverages = list(mission.coverages.all())
        facts = list(mission.citations.all())
        claims = list(chain.from_iterable(event.citations.all() for event in events))
        served = list(chain.from_iterable(coverage.citations.all() for coverage in coverages))
        quotes = list({quote.pk: quote for event in events for quote in event.quotes.all()}.values())
        carriers = list(chain.from_iterable(quote.citations.all() for quote in quotes))
        return super().get_context_data(
            span=span,
            verdict=verdict(span, disputed=[e.support_contested for e in events if e.support_contested]),
            track=track(mission.spans.all(), self.asof.day),
            map=locator(mission, self.asof),
            map_file=f"{locator_address(mission)}{self.asof.carry()}",
            facts=facts_of(mission, facts),
            events=events,
            steps=[(event, support_of("date", event.citations.all())) for event in events],
            left_out=len(all_events) - len(events),
            sources=number_sources([*claims, *facts, *served, *carriers], cited_for),
            origins=by_origin(claims),
            coverages=coverages,
            handovers=[(event, support_of("duties_to", event.citations.all())) for event in events if event.duties_to],
            taken_over=[event for event in mission.duties_from.all() if self._has_come(event)],
            host_served_by=self._serving_the_host(),
            quotes=quotes,
            missing=still_missing(mission, span),
            **kwargs,
        )

    def _has_come(self, event: ClosureEvent) -> bool:
        return self.asof.is_today or event.has_come(self.asof.day)

    def _serving_the_host(self) -> Any:
        """What other missions do for this one's host; on another day, what had begun by then."""
        mission, coverages = self.object, Coverage.objects.public().named()
        coverages = coverages if self.asof.is_today else coverages.begun(self.asof.day)
        return coverages.filter(country=mission.host_id, mission__sending=mission.sending_id).exclude(mission=mission)

    def linked_data(self, context: dict[str, Any]) -> Any:
        return linked_data.of_mission(self.object, context["span"], context["verdict"], self.request)


def cited_for(citation: Any) -> str:
    """What a claim on a mission's page is about, in words."""
    if isinstance(citation.record, ClosureEvent):
        step = citation.record.get_stage_display()
        return f"{citation.fact_in_words} ({step})" if citation.fact else step
    if isinstance(citation.record, Mission):
        return citation.fact_in_words or "the mission"
    if isinstance(citation.record, Coverage):
        return f"that it also serves {citation.record.country}"
    return f"statement {citation.record.label}"


def facts_of(mission: Mission, citations: Sequence[Any]) -> list[tuple[str, Any, list[Any]]]:
    """Facts of a mission with the claims that support each."""
    found = []
    for label, value, field in (
        ("Sender", mission.sending, "sending"),
        ("Host", mission.host, "host"),
        ("City", mission.city, "city"),
        ("Kind", capital(mission.get_kind_display()), "kind"),
        ("Address", mission.address, "address"),
        ("Established", in_words(mission.established), "established"),
        ("Other names", mission.other_names, "other_names"),
    ):
        if value:
            found.append((label, value, support_of(field, citations)))
    return found


def support_of(field: str, citations: Iterable[Any]) -> list[Any]:
    """The claims that support one fact; without one of its own, those that support the whole."""
    supporting = [citation for citation in citations if citation.stance == citation.Stance.SUPPORTS]
    own = [citation for citation in supporting if citation.fact == field]
    return own or [citation for citation in supporting if not citation.fact]


class EventList(RecordList):
    model = ClosureEvent
    template_name = "missions/event_list.html"
    feed = "events.atom"
    export = EventReports()
    places = PlacedEvents()
    filters = EventFilters
    counts = facets.EVENTS
    ways = {"view": ("timeline",)}

    def shown(self, records: Any) -> Any:
        return records.named()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, link = super().get_context_data(**kwargs), self.filtering.link
        context |= {"as_table": link(shown={}), "as_timeline": link(shown={"view": "timeline"}), "years": None}
        if self.filtering.shown and self.filtering.order.strip("-") in ("", "date"):
            context["years"] = timeline(context["object_list"])
        return context


class EventDetail(RecordDetail):
    model = ClosureEvent
    template_name = "missions/event_detail.html"
    context_object_name = "event"

    def get_queryset(self) -> Any:
        return ClosureEvent.objects.public().with_public_associations()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        event = self.object
        citations = list(event.citations.all())
        quotes = list(event.quotes.all())
        carriers = list(chain.from_iterable(quote.citations.all() for quote in quotes))
        mission = Mission.objects.public().named().as_of(self.asof.day).get(pk=event.mission_id)
        return super().get_context_data(
            sentence=event_sentence(event),
            mission=mission,
            corroboration=support_in_words(event, citations),
            sources=number_sources([*citations, *carriers], _cited_for_event),
            origins=by_origin(citations),
            disputes=[citation for citation in citations if citation.stance == citation.Stance.DISPUTES],
            dates=dates_given(citations),
            quotes=quotes,
            **kwargs,
        )

    def linked_data(self, context: dict[str, Any]) -> Any:
        return linked_data.of_event(self.object, context["sentence"], self.request)


def _cited_for_event(citation: Any) -> str:
    if not isinstance(citation.record, ClosureEvent):
        return cited_for(citation)
    return citation.fact_in_words or "that it happened"


def dates_given(citations: Iterable[Any]) -> list[Any]:
    """Claims that support the event on days which differ, side by side; none when all agree."""
    dated = [c for c in citations if c.stance == c.Stance.SUPPORTS and c.date and c.fact in ("", "date")]
    return dated if len({citation.date for citation in dated}) > 1 else []


class FigureList(RecordList):
    model = ReportedFigure
    template_name = "missions/figure_list.html"
    export = SheetExport(FigureSheet)
    filters = FigureFilters
    counts = facets.FIGURES

    def shown(self, records: Any) -> Any:
        return records.with_public_associations()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, counts = super().get_context_data(**kwargs), RecordedCounts()
        compared = compare_all(context["object_list"], counts)
        return context | {"compared": compared, "charts": figures_charts(compared, counts, self.asof.day)}


class QuoteList(sources.QuoteList):
    """Statements, filtered also by the missions they are about, of which `sources` knows nothing."""

    filters = QuoteFilters
    counts = facets.QUOTES


class FigureDetail(RecordDetail):
    model = ReportedFigure
    template_name = "missions/figure_detail.html"
    context_object_name = "figure"

    def get_queryset(self) -> Any:
        return ReportedFigure.objects.public().with_public_associations()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        citations = list(self.object.citations.all())
        [(_, compared)] = compare_all([self.object])
        return super().get_context_data(
            compared=compared,
            sources=number_sources(citations, lambda citation: citation.fact_in_words or "the number"),
            origins=by_origin(citations),
            **kwargs,
        )

    def linked_data(self, context: dict[str, Any]) -> Any:
        return linked_data.of_figure(self.object, self.request)
