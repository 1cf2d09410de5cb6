"""Events as a timeline: by year and month of the latest day that their sources support (pages.md, A, Events)."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any


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
