"""What lists of missions, events and figures can be filtered by, on pages and in the API."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from missions.models import ClosureEvent, Metric, Mission, ReportedFigure, Stage, Status, SupportLevel
from missions.querysets import EventQuerySet, FigureQuerySet, MissionQuerySet
from nkwatch.editorial.public.filters import (
    AnyOfFilter,
    DatedFilters,
    DayFilter,
    NumberFilter,
    OneOfFilter,
    YearFilter,
    YesNoFilter,
    numbered,
    ordering,
)
from sources import filters as sources
from sources.filters import country_filter, region_choices
from sources.models import Actor, Quote

DIRECTIONS = [("abroad", _("North Korea’s missions abroad")), ("in-pyongyang", _("Missions in Pyongyang"))]
ORIGINS = [
    ("0", pgettext_lazy("number of origins", "none")),
    ("1", pgettext_lazy("number of origins", "one")),
    ("2+", pgettext_lazy("number of origins", "two or more")),
]


class MissionFilters(DatedFilters):
    """Filters of missions, each of which stands as it did on the day asked for."""

    direction = OneOfFilter(method="filter_direction", choices=DIRECTIONS, label=_("Direction"))
    status = AnyOfFilter(method="filter_status", choices=Status.choices, label=_("Status"))
    host = country_filter("host", _("Host country or territory"))
    sending = country_filter("sending", _("Sending country"))
    kind = AnyOfFilter(choices=Mission.Kind.choices, label=_("Kind"))
    region = AnyOfFilter(field_name="host__region", choices=region_choices(), label=_("Region of the host"))
    closed_year = YearFilter(method="filter_closed_year", label=_("Year of closing"))
    origins = AnyOfFilter(method="filter_origins", choices=ORIGINS, label=_("Origins that its status rests on"))
    ordering = ordering(MissionQuerySet.orders)

    class Meta:
        model = Mission
        fields: Sequence[str] = ()

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset.as_of(self.day))

    def filter_asof(self, queryset: Any, name: str, value: datetime.date) -> Any:
        """The day takes no mission from the list; each stands as it did then."""
        return queryset

    def filter_direction(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.towards(value)

    def filter_status(self, queryset: Any, name: str, value: list[str]) -> Any:
        return queryset.with_any_status(value, self.day)

    def filter_closed_year(self, queryset: Any, name: str, value: list[int]) -> Any:
        return queryset.closed_in(value, self.day)

    def filter_origins(self, queryset: Any, name: str, value: list[str]) -> Any:
        return queryset.with_origins(value, self.day)


class EventFilters(DatedFilters):
    stage = AnyOfFilter(choices=Stage.choices, label=_("Stage"))
    mission = NumberFilter(method="filter_mission", label=_("Mission"))
    host = country_filter("mission__host", _("Host country or territory of the mission"))
    region = AnyOfFilter(field_name="mission__host__region", choices=region_choices(), label=_("Region of the host"))
    date_from = DayFilter(method="filter_date_from", label=_("From"))
    date_to = DayFilter(method="filter_date_to", label=_("To"))
    support = AnyOfFilter(field_name="support_level", choices=SupportLevel.choices, label=_("Support"))
    contested = YesNoFilter(method="filter_contested", label=_("Contested"))
    ordering = ordering(EventQuerySet.orders)

    class Meta:
        model = ClosureEvent
        fields: Sequence[str] = ()

    def filter_mission(self, queryset: Any, name: str, value: list[tuple[str, int]]) -> Any:
        return queryset.of_missions(numbered(Mission.prefix, value))

    def filter_date_from(self, queryset: Any, name: str, value: datetime.date) -> Any:
        return queryset.dated_from(value)

    def filter_date_to(self, queryset: Any, name: str, value: datetime.date) -> Any:
        return queryset.dated_to(value)

    def filter_contested(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.contested(value == "true")


class FigureFilters(DatedFilters):
    metric = AnyOfFilter(choices=Metric.choices, label=_("Of what"))
    speaker = NumberFilter(method="filter_speaker", label=_("Speaker"))
    ordering = ordering(FigureQuerySet.orders)

    class Meta:
        model = ReportedFigure
        fields: Sequence[str] = ()

    def filter_speaker(self, queryset: Any, name: str, value: list[tuple[str, int]]) -> Any:
        return queryset.said_by(numbered(Actor.prefix, value))


class QuoteFilters(sources.QuoteFilters):
    """Filters of statements, and by the missions whose events they are about, of which `sources` knows nothing."""

    mission = NumberFilter(method="filter_mission", label=_("Mission"))

    class Meta:
        model = Quote
        fields: Sequence[str] = ()

    def filter_mission(self, queryset: Any, name: str, value: list[tuple[str, int]]) -> Any:
        return queryset.named_by(ClosureEvent.objects.public().of_missions(numbered(Mission.prefix, value)))
