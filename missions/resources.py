"""The sheets of missions, coverage, events and figures, and of their citations (contract.md, Sheets)."""

from decimal import Decimal
from typing import Any

from missions.matching import mission_named, same_coverage, same_event, same_figure, same_mission
from missions.models import (
    ClosureEvent,
    Coverage,
    CoverageCitation,
    EventCitation,
    FigureCitation,
    Mission,
    MissionCitation,
    ReportedFigure,
)
from nkwatch.editorial.importing.columns import number, record, records, text
from nkwatch.editorial.importing.sheets import SheetResource
from sources.matching import actor_named, country_named, quote_worded
from sources.models import Actor, Country, Quote
from sources.resources import CitationSheet


def by_key_or_number_only(text: str) -> None:
    """Events, figures and coverages have no names: a sheet calls them by key or number."""


class MissionSheet(SheetResource):
    required = ("sending", "host")
    sending = record("sending", Country, country_named)
    host = record("host", Country, country_named)
    kind, city, name, name_original = text("kind"), text("city"), text("name"), text("name_original")
    other_names, address, established = text("other_names"), text("address"), text("established")
    latitude, longitude = number("latitude", Decimal), number("longitude", Decimal)

    class Meta(SheetResource.Meta):
        model = Mission

    def same(self, candidate: Mission, row: dict[str, Any]) -> Mission | None:
        return same_mission(candidate)


class CoverageSheet(SheetResource):
    required = ("mission", "country")
    mission = record("mission", Mission, mission_named)
    country = record("country", Country, country_named)
    starts, ends = text("from", "starts"), text("to", "ends")

    class Meta(SheetResource.Meta):
        model = Coverage

    def same(self, candidate: Coverage, row: dict[str, Any]) -> Coverage | None:
        return same_coverage(candidate)


class EventSheet(SheetResource):
    required = ("mission", "stage")
    mission = record("mission", Mission, mission_named)
    stage, date, date_note, summary = text("stage"), text("date"), text("date_note"), text("summary")
    duties_to = record("duties_to", Mission, mission_named)
    quotes = records("quotes", Quote, quote_worded)

    class Meta(SheetResource.Meta):
        model = ClosureEvent

    def same(self, candidate: ClosureEvent, row: dict[str, Any]) -> ClosureEvent | None:
        return same_event(candidate)


class FigureSheet(SheetResource):
    required = ("metric",)
    metric, worded, since, as_of, note = text("metric"), text("worded"), text("since"), text("as_of"), text("note")
    low, high = number("low"), number("high")
    speaker = record("speaker", Actor, actor_named)

    class Meta(SheetResource.Meta):
        model = ReportedFigure

    def same(self, candidate: ReportedFigure, row: dict[str, Any]) -> ReportedFigure | None:
        return same_figure(candidate)


class MissionCitationSheet(CitationSheet):
    required = ("mission", "source")
    mission = record("mission", Mission, mission_named)

    class Meta(SheetResource.Meta):
        model = MissionCitation


class CoverageCitationSheet(CitationSheet):
    required = ("coverage", "source")
    coverage = record("coverage", Coverage, by_key_or_number_only)

    class Meta(SheetResource.Meta):
        model = CoverageCitation


class EventCitationSheet(CitationSheet):
    required = ("event", "source")
    event = record("event", ClosureEvent, by_key_or_number_only)

    class Meta(SheetResource.Meta):
        model = EventCitation


class FigureCitationSheet(CitationSheet):
    required = ("figure", "source")
    figure = record("figure", ReportedFigure, by_key_or_number_only)

    class Meta(SheetResource.Meta):
        model = FigureCitation


SHEETS = {
    "missions": MissionSheet,
    "coverage": CoverageSheet,
    "events": EventSheet,
    "figures": FigureSheet,
    "mission_citations": MissionCitationSheet,
    "coverage_citations": CoverageCitationSheet,
    "event_citations": EventCitationSheet,
    "figure_citations": FigureCitationSheet,
}
"""The sheets that this app takes, by name."""
