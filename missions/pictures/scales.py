"""Scales of pictures: from days and numbers to places on the paper, and the ticks that name them."""

import datetime
import math
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

ONE_DAY = datetime.timedelta(days=1)
MONTHS_APART = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
"""How far apart months or years may be named, so that a reader can count between them."""


@dataclass(frozen=True)
class Paper:
    """The paper of a plot and its margins, in the units of the picture (pixels where it is not scaled)."""

    name: str
    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    text: float
    """How high its letters are: 12 pixels where the picture is shown at its smallest (pages.md, C, Phone)."""

    @property
    def end(self) -> int:
        return self.width - self.right

    @property
    def floor(self) -> int:
        return self.height - self.bottom

    @property
    def deep(self) -> int:
        """How high the plot itself is."""
        return self.floor - self.top


WIDE = Paper("wide", width=600, height=330, left=34, right=30, top=26, bottom=34, text=13)
NARROW = Paper("narrow", width=288, height=270, left=26, right=22, top=24, bottom=30, text=12)


class Tick(NamedTuple):
    """A place along an axis, and what stands there."""

    at: float
    label: str


class Scale(NamedTuple):
    """A straight line from numbers to places; days count by their ordinal."""

    first: float
    last: float
    start: float
    end: float

    def __call__(self, value: float | datetime.date) -> float:
        number = value.toordinal() if isinstance(value, datetime.date) else value
        share = (number - self.first) / ((self.last - self.first) or 1)
        return round(self.start + share * (self.end - self.start), 1)


def passed(day: datetime.date, time: datetime.timedelta) -> datetime.date:
    """The day that comes `time` after `day`, inside the years that can be written."""
    reached = day.toordinal() + time.days
    return datetime.date.fromordinal(min(max(reached, 1), datetime.date.max.toordinal()))


def days_across(paper: Paper, first: datetime.date, last: datetime.date) -> Scale:
    return Scale(first.toordinal(), last.toordinal(), paper.left, paper.end)


class Heights(NamedTuple):
    """The scale of numbers: one straight line, or two with a cut between them where numbers lie far apart."""

    lower: Scale
    step: int
    upper: Scale | None = None
    upper_step: int = 1

    def __call__(self, number: float) -> float:
        return self.upper(number) if self.upper and number > self.lower.last else self.lower(number)

    @property
    def ticks(self) -> list[Tick]:
        return _number_ticks(self.lower, self.step) + (_number_ticks(self.upper, self.upper_step) if self.upper else [])

    @property
    def cuts(self) -> list[float]:
        """Where the axis is cut: above zero, or between its two parts."""
        at_the_foot = [self.lower.start - 4] if self.lower.first else []
        return at_the_foot + ([(self.lower.end + self.upper.start) / 2] if self.upper else [])

    @property
    def cut_in_words(self) -> str:
        if not self.lower.first and not self.upper:
            return ""
        numbers = {"first": f"{self.lower.first:g}"}
        if not self.upper:
            return _("The scale is cut: it starts at %(first)s.") % numbers
        numbers |= {"last": f"{self.lower.last:g}", "next": f"{self.upper.first:g}"}
        if not self.lower.first:
            return _("The scale is cut: it leaves out what is between %(last)s and %(next)s.") % numbers
        return (
            _("The scale is cut: it starts at %(first)s and leaves out what is between %(last)s and %(next)s.")
            % numbers
        )


ABOVE = 0.3
"""The share of the paper that numbers far above the others are given."""
CUT = 30


def numbers_up(paper: Paper, numbers: list[int], others: list[int]) -> Heights:
    """The scale for our `numbers`, which show how they fall, and for those of `others`, however far above they are."""
    ours, theirs = [*numbers, 0][: len(numbers) or 1], others
    if not theirs or min(theirs) <= 2 * max(*ours, 5):
        bottom, top, step = axis(min([*ours, *theirs]), max([*ours, *theirs]))
        return Heights(Scale(bottom, top, paper.floor, paper.top), step)
    at = paper.top + round(paper.deep * ABOVE)
    bottom, top, step = axis(min(ours), max(ours))
    first, last, upper_step = axis(min(theirs), max(theirs), most=1, from_zero=False)
    upper = Scale(first, last, at - CUT / 2, paper.top)
    return Heights(Scale(bottom, top, paper.floor, at + CUT / 2), step, upper, upper_step)


def axis(lowest: int, highest: int, most: int = 6, from_zero: bool = True) -> tuple[int, int, int]:
    """The bottom, top and step of an axis: from zero, unless that left most of the paper empty."""
    bottom = 0 if from_zero and lowest <= 0.6 * highest else lowest
    step = _round_step(max(highest - bottom, 1) / most)
    bottom = bottom // step * step
    return bottom, max(math.ceil(highest / step) * step, bottom + step), step


def _round_step(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 … that is no less."""
    power = 10 ** max(math.floor(math.log10(least)), 0)
    return next(int(power * part) for part in (1, 2, 5, 10) if power * part >= least)


def _number_ticks(scale: Scale, step: int) -> list[Tick]:
    return [Tick(scale(number), str(number)) for number in range(int(scale.first), int(scale.last) + 1, step)]


DAYS_NAMED = (1, 15)
"""Which days are named where hardly a month is shown."""


def day_ticks(paper: Paper, scale: Scale) -> list[Tick]:
    """The beginnings of months, or of years, as many as have room; days where no month begins."""
    first, last = (datetime.date.fromordinal(int(day)) for day in (scale.first, scale.last))
    room = max(int((paper.end - paper.left) / (paper.text * 4.6)), 1)
    for apart in MONTHS_APART:
        months = list(_months(first, last, apart))
        if len(months) <= room:
            break
    if len(months) < 2:
        days = [first + ONE_DAY * passed for passed in range((last - first).days + 1)]
        return [Tick(scale(day), date_format(day, _("j M Y"))) for day in days if day.day in DAYS_NAMED][:room]
    return [Tick(scale(month), _month_in_words(month, shown, apart)) for shown, month in enumerate(months)]


def _months(first: datetime.date, last: datetime.date, apart: int) -> Iterator[datetime.date]:
    begin = -(-(first.year * 12 + first.month - 1 + (first.day > 1)) // apart) * apart
    for month in range(begin, last.year * 12 + last.month, apart):
        if month // 12 <= datetime.MAXYEAR:
            yield datetime.date(month // 12, month % 12 + 1, 1)


def _month_in_words(month: datetime.date, shown: int, apart: int) -> str:
    """The year stands beside the first month shown, and beside each January."""
    if apart >= 12:
        return str(month.year)
    return date_format(month, _("M Y") if shown == 0 or month.month == 1 else _("M"))


def text_width(text: str, size: float) -> float:
    """About how wide a text is set: East Asian letters take the full square."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return size * (0.56 * (len(text) - wide) + wide)


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Text cut into lines that are about as wide as there is room; a word is never cut."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


class Box(NamedTuple):
    """A part of the paper that something takes up."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def first_free(choices: list[Any], box_of: Callable[[Any], Box], taken: list[Box]) -> Any:
    """The first of `choices` whose box meets nothing that is taken, which it then takes; None where none is free."""
    for choice in choices:
        box = box_of(choice)
        if not any(box.meets(other) for other in taken):
            taken.append(box)
            return choice
    return None
