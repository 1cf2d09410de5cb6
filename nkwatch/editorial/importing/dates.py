"""Dates as people write them in sheets, read as EDTF (event-sheet.md, `date`)."""

import re
from typing import Literal

from django.core.exceptions import ValidationError

from nkwatch.editorial.edtf import bounds

Order = Literal["", "day-first", "month-first"]

EARLIEST_YEAR = 1945
UNKNOWN = "unknown"
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
ACCEPTED = (
    "Write 2023-10-27, 2023-10, 27 Oct 2023, October 27, 2023, 2023.10.27, 2023년 10월 27일, an EDTF date, or unknown."
)

# None of the other shapes begins so: nine dates of ten need not be held against them.
_YEAR_AND_HYPHEN = re.compile(r"\d{4}-")
_DAY_MONTH_YEAR = re.compile(r"(?P<d>\d{1,2})(?:st|nd|rd|th)?\s+(?P<m>[^\W\d]+)\.?,?\s+(?P<y>\d{4})")
_MONTH_DAY_YEAR = re.compile(r"(?P<m>[^\W\d]+)\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})")
_MONTH_YEAR = re.compile(r"(?P<m>[^\W\d]+)\.?,?\s+(?P<y>\d{4})")
_KOREAN = re.compile(r"(?P<y>\d{4})\s*년(?:\s*(?P<m>\d{1,2})\s*월(?:\s*(?P<d>\d{1,2})\s*일)?)?")
_YEAR_FIRST = re.compile(r"(?P<y>\d{4})[./](?P<m>\d{1,2})(?:[./](?P<d>\d{1,2}))?\.?")
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})[./-](?P<b>\d{1,2})[./-](?P<y>\d{4})")
_TWO_DIGIT_YEAR = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2}|'\d{2}")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
# A spreadsheet's cell with a day and a time of day; no event is known by the hour.
_TIME_OF_DAY = re.compile(r"(?<=^\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$")
_ABOUT = re.compile(r"(?:c|ca|circa|about|around)\.?\s+(?P<rest>.+)", re.IGNORECASE)


def read_date(text: str, order: Order = "") -> str:
    """Return the EDTF date that a cell means; an empty string for "unknown".

    Raises ValidationError, with what would be accepted, for anything that can be read in more than
    one way (unless `order` says which part comes first) or in none.
    """
    text = _TIME_OF_DAY.sub("", " ".join(text.split()))
    if text.casefold() == UNKNOWN:
        return ""
    date = _as_written(text, order)
    earliest, latest = bounds(date)
    first = earliest or latest
    if first and first.year < EARLIEST_YEAR:
        raise ValidationError(f"“{text}” is before {EARLIEST_YEAR}, when there was no North Korean mission.")
    return date


def _as_written(text: str, order: Order) -> str:
    if not _YEAR_AND_HYPHEN.match(text) and (date := _in_other_shapes(text, order)):
        return date
    try:
        bounds(text)
    except ValidationError as error:
        if "/" in text:
            raise
        raise ValidationError(f"“{text}” is not a date. {ACCEPTED}") from error
    return text


def _in_other_shapes(text: str, order: Order) -> str:
    """The EDTF date that `text` means in any shape but EDTF's own; empty for one that has none of them."""
    for shape in (_DAY_MONTH_YEAR, _MONTH_DAY_YEAR, _MONTH_YEAR):
        if (match := shape.fullmatch(text)) and (month := MONTHS.get(match["m"].casefold())):
            return _edtf(int(match["y"]), month, int(match.groupdict().get("d") or 0), text)
    for shape in (_KOREAN, _YEAR_FIRST):
        if match := shape.fullmatch(text):
            return _edtf(int(match["y"]), int(match["m"] or 0), int(match["d"] or 0), text)
    if match := _YEAR_LAST.fullmatch(text):
        return _day_or_month_first(int(match["a"]), int(match["b"]), int(match["y"]), order, text)
    if _TWO_DIGIT_YEAR.fullmatch(text):
        raise ValidationError(f"“{text}” has a year of two digits: write all four.")
    if _SERIAL.fullmatch(text):
        raise ValidationError(f"“{text}” is a spreadsheet's serial number: format the cell as a date. {ACCEPTED}")
    if match := _ABOUT.fullmatch(text):
        raise ValidationError(f"“{text}”: for “about”, write the date and a tilde, such as {match['rest']}~.")
    return ""


def _day_or_month_first(a: int, b: int, year: int, order: Order, text: str) -> str:
    if order == "day-first" or (not order and a > 12):
        return _edtf(year, b, a, text)
    if order == "month-first" or (not order and b > 12):
        return _edtf(year, a, b, text)
    if a == b:
        return _edtf(year, a, b, text)
    raise ValidationError(
        f"“{text}” can be read in two ways: say whether the day or the month comes first "
        f"(--day-first or --month-first; on the pages under “Read it otherwise”), "
        f"or write {year}-{b:02d}-{a:02d} or {year}-{a:02d}-{b:02d}."
    )


def _edtf(year: int, month: int, day: int, text: str) -> str:
    date = f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")
    try:
        bounds(date)
    except ValidationError as error:
        raise ValidationError(f"“{text}” is no day of the calendar.") from error
    return date
