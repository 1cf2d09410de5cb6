"""Events as a timeline: by year and month of the latest day that their sources support (pages.md, A, Events)."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, ClassVar, NamedTuple

from django.utils.translation import gettext as _

from missions.pictures.scales import wrapped
from missions.sentences import event_sentence
from nkwatch.editorial.edtf import in_words


@dataclass(frozen=True)
class Month:
    """The events of one month."""

    first: datetime.date
    events: list[Any]


@dataclass(frozen=True)
class Year:
    """The months of one year; none, and the events themselves, where no date is given."""

    number: int | None
    months: list[Month] = field(default_factory=list)
    undated: list[Any] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.undated) + sum(len(month.events) for month in self.months)


def timeline(events: Iterable[Any]) -> list[Year]:
    """Events under their year and month, in the order that they come in; a page may begin inside a month."""
    years = []
    for number, in_year in groupby(events, key=lambda event: event.date_latest.year if event.date_latest else None):
        if number is None:
            years.append(Year(None, undated=list(in_year)))
            continue
        months = groupby(in_year, key=lambda event: event.date_latest.replace(day=1))
        years.append(Year(number, [Month(first, list(in_month)) for first, in_month in months]))
    return years


class Entry(NamedTuple):
    """An event drawn in a file: its date, and its sentence line by line, each line with how far down it stands."""

    date: list[tuple[int, str]]
    sentence: list[tuple[int, str]]


@dataclass(frozen=True)
class Drawing:
    """A timeline as a picture of its own: years, and beside a rule the dates and sentences of its events."""

    title: str
    years: list[tuple[int, str]]
    entries: list[Entry]
    height: int

    WIDTH: ClassVar[int] = 720
    LEFT: ClassVar[int] = 16
    RULE: ClassVar[int] = 172
    SENTENCE: ClassVar[int] = 188
    TEXT: ClassVar[float] = 13
    LINE: ClassVar[int] = 18

    @property
    def foot(self) -> int:
        return self.height - 12

    @property
    def description(self) -> str:
        return " ".join(line for entry in self.entries for _y, line in [*entry.date, *entry.sentence])


def drawing(title: str, events: Sequence[Any], by_year: bool = True) -> Drawing:
    """Lay events below one another, in the order that they come in, under their years where `by_year`."""
    y = 52
    last: Any = object()
    years: list[tuple[int, str]] = []
    entries: list[Entry] = []
    for event in events:
        year = event.date_latest.year if event.date_latest else None
        if by_year and year != last:
            years.append((y + 16, str(year or _("No date given"))))
            y, last = y + 40, year
        date = wrapped(in_words(event.date) or _("No date"), Drawing.RULE - Drawing.LEFT - 14, Drawing.TEXT)
        told = wrapped(event_sentence(event), Drawing.WIDTH - Drawing.SENTENCE - Drawing.LEFT, Drawing.TEXT)
        entries.append(Entry(_lines(date, y), _lines(told, y)))
        y += Drawing.LINE * max(len(date), len(told)) + 8
    return Drawing(title, years, entries, y + 32)


def _lines(words: Iterable[str], y: int) -> list[tuple[int, str]]:
    return [(y + Drawing.LINE * row, line) for row, line in enumerate(words)]
