"""What lists of sources, statements and actors can be filtered by, on pages and in the API."""

import csv
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nkwatch.editorial.public.filters import (
    AnyOfFilter,
    DatedFilters,
    LanguageFilter,
    NumberFilter,
    RecordFilters,
    SlugFilter,
    YearFilter,
    YesNoFilter,
    numbered,
    ordering,
)
from sources.models import Actor, Country, Quote, Reason, Source
from sources.models.vocabulary import Capacity
from sources.querysets import ActorQuerySet, CountryQuerySet, QuoteQuerySet, ReasonQuerySet, SourceQuerySet

REFERENCE = Path(__file__).resolve().parent / "reference" / "countries.csv"


@lru_cache
def _reference() -> list[dict[str, str]]:
    """The countries that the migrations load, for choices that cost no query."""
    with REFERENCE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def country_choices() -> list[tuple[str, str]]:
    return [(row["code"], row["name"]) for row in sorted(_reference(), key=lambda row: row["name"])]


def region_choices() -> list[tuple[str, str]]:
    return [(region, region) for region in sorted({row["region"] for row in _reference() if row["region"]})]


def country_filter(field_name: str, label: str | Promise) -> AnyOfFilter:
    return AnyOfFilter(field_name=field_name, choices=country_choices(), label=label)


class SourceFilters(DatedFilters):
    kind = AnyOfFilter(choices=Source.Kind.choices, label=_("Kind"))
    outlet = NumberFilter(method="filter_outlet", label=_("Outlet"))
    language = LanguageFilter(label=_("Language"))
    year = YearFilter(field_name="issued_latest", lookup_expr="year", label=_("Year of publication"))
    read = AnyOfFilter(choices=Source.Read.choices, label=_("Read"))
    archived = YesNoFilter(method="filter_archived", label=_("Archived copy"))
    ordering = ordering(SourceQuerySet.orders)

    class Meta:
        model = Source
        fields: Sequence[str] = ()

    def filter_outlet(self, queryset: Any, name: str, value: list[tuple[str, int]]) -> Any:
        return queryset.published_by(numbered(Actor.prefix, value))

    def filter_archived(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.archived(value == "true")


class QuoteFilters(DatedFilters):
    speaker = NumberFilter(method="filter_speaker", label=_("Speaker"))
    capacity = AnyOfFilter(method="filter_capacity", choices=Capacity.choices, label=_("Capacity of the speaker"))
    reason = SlugFilter(method="filter_reason", label=_("Reason given"))
    language = LanguageFilter(label=_("Language of the original words"))
    ordering = ordering(QuoteQuerySet.orders)

    class Meta:
        model = Quote
        fields: Sequence[str] = ()

    def filter_speaker(self, queryset: Any, name: str, value: list[tuple[str, int]]) -> Any:
        return queryset.said_by(numbered(Actor.prefix, value))

    def filter_capacity(self, queryset: Any, name: str, value: list[str]) -> Any:
        return queryset.in_capacity(value)

    def filter_reason(self, queryset: Any, name: str, value: list[str]) -> Any:
        return queryset.giving(value)


class ActorFilters(RecordFilters):
    kind = AnyOfFilter(choices=Actor.Kind.choices, label=_("Kind"))
    capacity = AnyOfFilter(choices=Capacity.choices, label=_("Capacity"))
    country = country_filter("country", _("Country"))
    ordering = ordering(ActorQuerySet.orders)

    class Meta:
        model = Actor
        fields: Sequence[str] = ()


class ReasonFilters(RecordFilters):
    ordering = ordering(ReasonQuerySet.orders)

    class Meta:
        model = Reason
        fields: Sequence[str] = ()


class CountryFilters(RecordFilters):
    region = AnyOfFilter(choices=region_choices(), label=_("Region"))
    ordering = ordering(CountryQuerySet.orders)

    class Meta:
        model = Country
        fields: Sequence[str] = ()
