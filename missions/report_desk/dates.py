"""Dates as reports word them ("on Wednesday", "last week", "지난 수요일"), read against the day of the report.

Nothing is invented (domain.md, rule 1): words that name a month give a month, words that can mean two
days give both, and words outside this small grammar give nothing. An editor confirms each reading.
"""

import calendar
import contextlib
import datetime
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.core.exceptions import ValidationError

from missions.report_desk.korean_dates import in_english
from nkwatch.editorial.edtf import bounds
from nkwatch.editorial.importing.dates import MONTHS, read_date

Day = datetime.date
LONGEST = 200
HALF_A_YEAR = 183

WEEKDAYS = {name.casefold(): number for number, name in enumerate(calendar.day_name)}
WEEKDAYS |= {name[:3]: number for name, number in WEEKDAYS.items()} | {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
COUNTS = {"a": 1, "an": 1} | {name: number for number, name in enumerate(NUMBERS, 1)}

_WEEKDAY = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_UNIT = "week|month|year"
_NTH = r"\d{1,2}(?:st|nd|rd|th)?"


class Reading(NamedTuple):
    """One thing that a worded date can mean: the EDTF date, and how it was read, for the record."""

    date: str
    note: str


def readings(text: str, against: str) -> list[Reading]:
    """What `text` can mean in a report issued on the EDTF date `against`, the likeliest first.

    Empty for words that are no date, or that mean none without the day of the report. Where that day
    is a window, so is what is read against it.
    """
    words = _core(text)
    if not words:
        return []
    with contextlib.suppress(ValidationError):
        return [Reading(date, "")] if (date := read_date(words)) else []
    try:
        earliest, latest = bounds(against)
    except ValidationError:
        return []
    if earliest is None or latest is None:
        return []
    meant = _plain_words(words)
    try:
        dates = [_spanning(*both) for both in zip(_meant(meant, earliest), _meant(meant, latest), strict=False)]
    except (ValueError, OverflowError, ValidationError):
        # Years before the first and after the last that a calendar has.
        return []
    note = f"{words}, read against {against}"
    return [Reading(date, note) for date in dict.fromkeys(dates) if date]


def needs_day_of_report(text: str) -> bool:
    """Whether `text` words a date that only the day of the report gives a meaning: "on Wednesday"."""
    return bool(readings(text, SOME_DAY)) and not readings(text, "")


SOME_DAY = "2000-01-01"

_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[“”\"‘’]|\blocal time\b|현지\s*시간")
_BEFORE = re.compile(r"^(?:on|in|at|during|over)\s+(?:the\s+(?!\d))?", re.IGNORECASE)
_TIME_OF_DAY = re.compile(r"\s+(?:morning|afternoon|evening|night|오전|오후|밤|저녁)$", re.IGNORECASE)


def _core(text: str) -> str:
    """The words that name the date: without a preposition, asides, or the time of day."""
    plain = " ".join(_ASIDE.sub(" ", text[:LONGEST]).split()).strip(" ,.;:")
    return _BEFORE.sub("", _TIME_OF_DAY.sub("", plain))


_ALSO_WEEKDAY = re.compile(rf"^(?:{_WEEKDAY})\s+(?=(?:{_MONTH})\s+\d|{_NTH}\s+(?:of\s+)?(?:{_MONTH})\b)")


def _plain_words(words: str) -> str:
    plain = in_english(words.casefold())
    plain = re.sub(r"[.,]", " ", plain)
    # "Wednesday, November 1" is the first of November, whatever day of the week that is.
    plain = _ALSO_WEEKDAY.sub("", " ".join(plain.split()))
    return re.sub(r"\b(?:the )?(?:previous|past|last)\b", "last", plain)


def _meant(words: str, day: Day) -> Iterator[str]:
    if match := re.fullmatch(r"(by|before|until|till) (?:the )?(.+)", words):
        for date in _meant(match[2], day):
            latest = bounds(date).latest
            if latest and match[1] == "before":
                latest = (bounds(date).earliest or latest) - datetime.timedelta(1)
            if latest:
                yield f"../{latest}"
        return
    for shape, read in _SHAPES:
        if match := shape.fullmatch(words):
            yield from read(match, day)
            return


def _spanning(first: str, last: str) -> str:
    """One date for what was read against the first and the last day of a window."""
    start, end = bounds(first).earliest, bounds(last).latest
    if first == last:
        return first
    if end is None or (start and start > end):
        return ""
    return f"{start or '..'}/{end}"


def _days(count: int) -> datetime.timedelta:
    return datetime.timedelta(days=count)


def _near_day(match: re.Match[str], day: Day) -> Iterator[str]:
    away = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1, "the day before yesterday": -2}
    yield str(day + _days(away.get(match[0], 0)))


def _weekday(match: re.Match[str], day: Day) -> Iterator[str]:
    """A day of the week: the last one up to the day itself, or the next; "last" can mean that of last week."""
    which, number = match["which"] or "", WEEKDAYS[match["weekday"]]
    monday = day - _days(day.weekday())
    before = day - _days((day.weekday() - number) % 7)
    after = day + _days((number - day.weekday() - 1) % 7 + 1)
    if which == "this":
        yield str(monday + _days(number))
    elif which == "last":
        yield from dict.fromkeys([str(before if before < day else day - _days(7)), str(monday + _days(number - 7))])
    elif which in ("next", "coming"):
        yield from dict.fromkeys([str(after), *([str(monday + _days(number + 7))] if which == "next" else [])])
    else:
        yield from (str(before), str(after))


def _unit(match: re.Match[str], day: Day) -> Iterator[str]:
    """This, last or next week, month or year; "earlier" and "later" bound it by the day itself."""
    steps = {"last": -1, "this": 0, "the": 0, "next": 1}[match["which"]]
    start, end, whole = _bounds_of(match["unit"], day, steps)
    part = match["part"] or ""
    if part.startswith(("earlier", "the beginning")) and steps == 0:
        yield f"{start}/{day}" if start < day else str(day)
    elif part == "later" and steps == 0:
        yield f"{day}/{end}" if day < end else str(day)
    else:
        yield whole


def _end_of_unit(match: re.Match[str], day: Day) -> Iterator[str]:
    """The end of the month or year names no day: the whole is meant, of which "by" takes the last."""
    steps = {"last": -1, "next": 1}.get(match["which"] or "", 0)
    yield _bounds_of(match["unit"], day, steps)[2]


def _bounds_of(unit: str, day: Day, steps: int) -> tuple[Day, Day, str]:
    if unit == "week":
        start = day - _days(day.weekday() - 7 * steps)
        return start, start + _days(6), f"{start}/{start + _days(6)}"
    if unit == "month":
        year, month = _month_away(day, steps)
        return Day(year, month, 1), _last_of(year, month), f"{year:04d}-{month:02d}"
    year = day.year + steps
    return Day(year, 1, 1), Day(year, 12, 31), f"{year:04d}"


def _month_away(day: Day, steps: int) -> tuple[int, int]:
    whole = day.year * 12 + day.month - 1 + steps
    return whole // 12, whole % 12 + 1


def _last_of(year: int, month: int) -> Day:
    return Day(year, month, calendar.monthrange(year, month)[1])


def _ago(match: re.Match[str], day: Day) -> Iterator[str]:
    """So long ago: days are counted; weeks, months and years are about."""
    count = COUNTS.get(match["count"]) or int(match["count"])
    if match["unit"] == "day":
        yield str(day - _days(count))
    elif match["unit"] == "week":
        yield f"{day - _days(7 * count)}~"
    elif match["unit"] == "month":
        yield "{:04d}-{:02d}~".format(*_month_away(day, -count))
    else:
        yield f"{day.year - count:04d}~"


def _day_of_month_named(match: re.Match[str], day: Day) -> Iterator[str]:
    """A day and a month without a year: the nearest one; the other way too where that can be meant."""
    number, month = int(re.sub(r"\D", "", match["day"])), MONTHS[match["month"]]
    found = [date for year in _years(match, day) if (date := _real(year, month, number))]
    yield from (str(date) for date in _likely(found, day))


def _month_named(match: re.Match[str], day: Day) -> Iterator[str]:
    """A month without a year, or part of one, for which EDTF has no words: the whole month."""
    month = MONTHS[match["month"]]
    years = _years(match, day)
    if match["which"] == "last":
        years = [year for year in years if (year, month) < (day.year, day.month)][-1:]
    found = [day if (year, month) == (day.year, day.month) else Day(year, month, 1) for year in years]
    yield from (f"{date:%Y-%m}" for date in _likely(found, day))


def _years(match: re.Match[str], day: Day) -> list[int]:
    steps = {"last": -1, "this": 0, "next": 1}
    if (year := match["year"]) is None:
        return [day.year - 1, day.year, day.year + 1]
    return [int(year)] if year.isdecimal() else [day.year + steps[year.split()[0]]]


def _day_alone(match: re.Match[str], day: Day) -> Iterator[str]:
    """A day of some month: of this one, or where that is still to come, perhaps of the last."""
    number = int(re.sub(r"\D", "", match["day"]))
    which = match["which"] or ""
    steps = {"last month": [-1], "this month": [0], "next month": [1], "last": [-1, 0], "coming": [0, 1]}.get(
        which, [-1, 0, 1]
    )
    found = [date for step in steps if (date := _real(*_month_away(day, step), number))]
    if which == "last":
        found = [date for date in found if date < day][-1:]
    elif which == "coming":
        found = [date for date in found if date > day][:1]
    elif not which:
        found = list(_likely(found, day, at_most=15))
    yield from map(str, found)


def _real(year: int, month: int, number: int) -> Day | None:
    try:
        return Day(year, month, number)
    except ValueError:
        return None


def _likely(dates: list[Day], day: Day, at_most: int = HALF_A_YEAR) -> Iterator[Day]:
    """The last date up to `day`, and the first after it where that is near, or nearer; the nearest first."""
    if len(dates) == 1:
        yield dates[0]
        return
    past = [date for date in dates if date <= day][-1:]
    ahead = [date for date in dates if date > day][:1]
    if past and ahead and (ahead[0] - day) > min(_days(at_most), max(day - past[0], _days(at_most))):
        ahead = []
    yield from sorted([*past, *ahead], key=lambda date: abs((date - day).days))


Read = Callable[[re.Match[str], Day], Iterator[str]]
_YEAR = r"(?: (?:of )?(?P<year>\d{4}|(?:last|this|next) year))?"
_OF_MONTH = r"(?:early |mid-? ?|late |(?:the )?(?:beginning|start|middle|end) of )?"
_GRAMMAR: tuple[tuple[str, Read], ...] = (
    (r"today|tonight|this|yesterday|tomorrow|the day before yesterday", _near_day),
    (rf"(?:(?P<which>this|last|next|coming) )?(?P<weekday>{_WEEKDAY})", _weekday),
    (
        rf"(?:(?P<part>earlier|later|the beginning of|the start of) )?(?P<which>this|last|next|the) (?P<unit>{_UNIT})",
        _unit,
    ),
    (rf"(?:the )?(?:end|close) of (?:(?P<which>this|last|next|the) )?(?P<unit>{_UNIT})", _end_of_unit),
    (r"(?:the )?(?P<unit>year)(?P<which>)-?end", _end_of_unit),
    (rf"(?P<count>\d{{1,2}}|{'|'.join(COUNTS)}) (?P<unit>day|{_UNIT})s? ago", _ago),
    (rf"(?:the )?(?P<day>{_NTH}) (?:of )?(?P<month>{_MONTH}){_YEAR}", _day_of_month_named),
    (rf"(?P<month>{_MONTH}) (?:the )?(?P<day>{_NTH}){_YEAR}", _day_of_month_named),
    (rf"{_OF_MONTH}(?:(?P<which>last|this) )?(?P<month>{_MONTH}){_YEAR}", _month_named),
    (r"(?:the )?(?P<day>\d{1,2}(?:st|nd|rd|th))(?: of (?P<which>(?:last|this|next) month))?", _day_alone),
    (r"(?:the )?(?P<which>last|coming) (?P<day>\d{1,2}(?:st|nd|rd|th))", _day_alone),
)
_SHAPES = [(re.compile(shape), read) for shape, read in _GRAMMAR]
