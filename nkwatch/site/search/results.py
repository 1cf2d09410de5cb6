"""What the search page shows: the records that answer, by kind, each with the place where the words stand."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from nkwatch.editorial.asof import AsOf
from nkwatch.editorial.words import capital, when
from nkwatch.site.search.content import KINDS, Kind
from nkwatch.site.search.marks import Marker
from nkwatch.site.search.query import Query, answers, in_order

SHOWN_OF_EACH = 5
MOST_SHOWN = 1_000
"""A list is shown so far; whoever looks for one of more adds a word."""


@dataclass(frozen=True)
class Hit:
    """A record that answers: its heading, a line that says what it is, and an excerpt, with the words marked."""

    record: Any
    heading: SafeString
    line: SafeString
    excerpt: SafeString

    @property
    def span(self) -> Any:
        """The status of a mission on the day; None for anything else."""
        return next(iter(getattr(self.record, "spans_on_day", ())), None)


@dataclass(frozen=True)
class Group:
    """The answers of one kind: how many there are, and those shown."""

    kind: Kind
    number: int
    hits: Sequence[Hit]

    @property
    def has_more(self) -> bool:
        return self.number > len(self.hits)

    @property
    def number_in_figures(self) -> str:
        if self.number < MOST_SHOWN:
            return f"{self.number:,}"
        return _("%(number)s or more") % {"number": f"{MOST_SHOWN:,}"}


def grouped(query: Query, marker: Marker, day: AsOf) -> list[Group]:
    """The first answers of each kind that has any: two queries, and those that read the records shown."""
    found = answers(query)
    numbers = dict(found.order_by().values_list("kind").annotate(n=Count("pk")))
    place = Window(RowNumber(), partition_by=F("kind"), order_by=in_order())
    ids: dict[str, list[int]] = {name: [] for name in numbers}
    first = found.annotate(place=place).filter(place__lte=SHOWN_OF_EACH).order_by("place")
    for name, pk in first.values_list("kind", "record_id"):
        ids[name].append(pk)
    return [
        Group(kind, numbers[kind.name], hits(kind, ids[kind.name], marker, day))
        for kind in KINDS
        if kind.name in numbers
    ]


def of_kind(query: Query, kind: Kind) -> Any:
    """The ids of the answers of one kind, in order, as far as they are shown."""
    found = answers(query).filter(kind=kind.name).order_by(*in_order())
    return found.values_list("record_id", flat=True)[:MOST_SHOWN]


def hits(kind: Kind, ids: Sequence[int], marker: Marker, day: AsOf) -> list[Hit]:
    """The records `ids`, in that order; through the public gate, whatever the index says."""
    records = kind.read(ids)
    if kind.name == "missions":
        records = records.as_of(day.day)
    by_id = {record.pk: record for record in records}
    return [_hit(kind, by_id[pk], marker) for pk in ids if pk in by_id]


def _hit(kind: Kind, record: Any, marker: Marker) -> Hit:
    content = kind.content(record)
    heading = marker.shortened(content.heading)
    line = marker.marked(LINES[kind.name](record))
    excerpt = marker.excerpt(content.texts)
    if "<mark>" not in heading + line:
        excerpt = excerpt or marker.excerpt([*content.names, *content.of_others])
    elif excerpt == heading or _ONLY_MARKED.fullmatch(excerpt):
        excerpt = SafeString("")
    return Hit(record, heading, line, excerpt)


_ONLY_MARKED = re.compile("<mark>[^<]*</mark>")
"""An excerpt that says no more than what is marked already."""


def _told(*parts: str) -> str:
    return capital(", ".join(filter(None, parts)))


def _said_by(record: Any, date: str) -> str:
    return _told(str(record.speaker or _("Speaker not stated")), when(date))


LINES: dict[str, Callable[[Any], str]] = {
    "missions": lambda mission: mission.city,
    "events": lambda event: _told(event.get_support_level_display()),
    "quotes": lambda quote: _said_by(quote, quote.said_on),
    "sources": lambda source: capital(source.byline),
    "actors": lambda actor: _told(actor.get_capacity_display(), str(actor.country or "")),
    "figures": lambda figure: _said_by(figure, figure.as_of),
}
