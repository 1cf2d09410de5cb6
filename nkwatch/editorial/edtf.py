"""Dates as EDTF (ISO 8601-2, levels 0 and 1): domain.md, rule 1."""

import calendar
import datetime
import functools
import re
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException

ACCEPTED = (
    "Write 2023, 2023-10, 2023-10-27, 2023-10~ (about), 2023? (uncertain), "
    "2023-11-01/2023-12-05 (between), or ../2023-12-05 (by that day)."
)
# Levels 0 and 1 as nkwatch takes them. Checked before parsing: the parser also reads times, sets,
# long years and level 2, and answers some malformed dates with errors of its own making.
# Seasons go to 24 (winter), X stands for whole last parts only, and never inside an interval: the
# rest of either is level 2.
_DATE = r"\d{4}(?:-(?:[01]\d(?:-\d{2})?|2[1-4]))?"
_UNSPECIFIED = r"\d{3}X|\d{2}XX|\d{4}-XX(?:-XX)?|\d{4}-[01]\d-XX"
_SIDE = rf"(?:{_DATE}[~?%]?|\.\.)"
SHAPE = re.compile(rf"(?:{_DATE}|{_UNSPECIFIED})[~?%]?|{_SIDE}/{_SIDE}", re.ASCII)
PLAIN = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(\d{2}))?)?[~?%]?", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MONTH = re.compile(r"\d{4}-\d{2}")
SEASONS = {"21": "spring", "22": "summer", "23": "autumn", "24": "winter"}


class Bounds(NamedTuple):
    """The first and last day that an EDTF date allows; None where the side is open."""

    earliest: datetime.date | None
    latest: datetime.date | None


@functools.lru_cache(maxsize=100_000)
def bounds(text: str) -> Bounds:
    """Read one EDTF date and return its strict bounds.

    Raises ValidationError, saying what would be accepted, for anything outside levels 0 and 1,
    for a side left empty (`/2023-12-05` means *unknown start* in the standard, and the parser
    reads it as ten years; "by" is written `..`), and for an interval that runs backwards.
    """
    if text.startswith("/") or text.endswith("/"):
        raise ValidationError(
            "“%(date)s” leaves one side empty. Write .. for an open side: ../2023-12-05 for “by 5 December 2023”.",
            code="edtf_empty_side",
            params={"date": text},
        )
    try:
        if not SHAPE.fullmatch(text):
            raise ValueError
        earliest, latest = _plain_bounds(text) or _parsed_bounds(text)
    except (EDTFParseException, ValueError) as error:
        raise ValidationError(
            "“%(date)s” is not a date that can be read. %(accepted)s",
            code="edtf_unreadable",
            params={"date": text, "accepted": ACCEPTED},
        ) from error
    if earliest is None and latest is None:
        raise ValidationError(
            "“%(date)s” says nothing: leave the field empty.", code="edtf_open", params={"date": text}
        )
    if earliest and latest and earliest > latest:
        raise ValidationError(
            "“%(date)s” ends before it begins: put the earlier date first.",
            code="edtf_backwards",
            params={"date": text},
        )
    return Bounds(earliest, latest)


def _parsed_bounds(text: str) -> Bounds:
    date = parse_edtf(text)
    return Bounds(_as_day(date.lower_strict()), _as_day(date.upper_strict()))


def _plain_bounds(text: str) -> Bounds | None:
    """The strict bounds of years, months and days, and of intervals of these; None for anything else.

    The parser says the same, and takes ten milliseconds to say it, which a sheet of dates has not.
    """
    if DAY.fullmatch(text):
        return Bounds(only := datetime.date.fromisoformat(text), only)
    start, slash, end = text.partition("/")
    sides = [_plain_side(side) for side in ((start, end) if slash else (start,))]
    if None in sides:
        return None
    return Bounds(sides[0][0], sides[-1][1])  # type: ignore[index]


def _plain_side(text: str) -> tuple[datetime.date | None, datetime.date | None] | None:
    if text == "..":
        return None, None
    if not (match := PLAIN.fullmatch(text)):
        return None
    year, month, day = (int(part) if part else 0 for part in match.groups())
    if day:
        return (only := datetime.date(year, month, day)), only
    if month:
        return datetime.date(year, month, 1), datetime.date(year, month, calendar.monthrange(year, month)[1])
    return datetime.date(year, 1, 1), datetime.date(year, 12, 31)


def _as_day(value: Any) -> datetime.date | None:
    return None if isinstance(value, float) else datetime.date(*tuple(value)[:3])


def day_in_words(day: datetime.date) -> str:
    """Write one day as nkwatch's pages do: 27 October 2023."""
    # Translators: how a day is written, in the letters of Django's date filter: 27 October 2023.
    return date_format(day, _("j F Y"))


def _one_side_in_words(text: str) -> str:
    mark = text[-1] if text[-1:] in "~?%" else ""
    plain = text.rstrip("~?%").replace("-XX", "")
    if DAY.fullmatch(plain):
        words = day_in_words(datetime.date.fromisoformat(plain))
    elif MONTH.fullmatch(plain) and plain[5:] in SEASONS:
        words = f"{SEASONS[plain[5:]]} {plain[:4]}"
    elif MONTH.fullmatch(plain):
        words = f"{datetime.date.fromisoformat(plain + '-01'):%B %Y}"
    elif plain.endswith("XX"):
        words = f"the years {plain[:2]}00 to {plain[:2]}99"
    elif plain.endswith("X"):
        words = f"the {plain[:3]}0s"
    else:
        words = plain
    return {"~": f"about {words}", "?": f"{words} (uncertain)", "%": f"about {words} (uncertain)"}.get(mark, words)


def in_words(text: str) -> str:
    """Write an EDTF date for a reader: "October 2023", "by 5 December 2023", "between … and …"."""
    if not text:
        return ""
    start, slash, end = text.partition("/")
    if not slash:
        return _one_side_in_words(text)
    if start == "..":
        return f"by {_one_side_in_words(end)}"
    if end == "..":
        return f"from {_one_side_in_words(start)} on"
    return f"between {_without_what_is_shared(start, end)} and {_one_side_in_words(end)}"


def _without_what_is_shared(start: str, end: str) -> str:
    """The start of a window in words, less the month and year that its end names too: 29 October."""
    words = _one_side_in_words(start)
    if not (DAY.fullmatch(start) and DAY.fullmatch(end)) or start[:4] != end[:4]:
        return words
    return words.split()[0] if start[:7] == end[:7] else words.rsplit(" ", 1)[0]


class EDTFField(models.CharField):
    """An EDTF date, kept as written, with its bounds beside it in two date columns.

    A model declares the pair as ``<name>_earliest`` and ``<name>_latest`` (see `bound`); saving
    and cleaning fill them, so that queries can compare days while the record keeps "October 2023".
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def set_bounds(self, instance: models.Model) -> None:
        text = getattr(instance, self.attname) or ""
        earliest, latest = bounds(text) if text else (None, None)
        setattr(instance, f"{self.name}_earliest", earliest)
        setattr(instance, f"{self.name}_latest", latest)

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        text = super().clean((value or "").strip(), model_instance)
        if text:
            bounds(text)
        return text

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        try:
            self.set_bounds(model_instance)
        except ValidationError as error:
            raise ValidationError({self.name: error.messages}) from error
        return super().pre_save(model_instance, add)


def bound() -> "models.DateField[Any, Any]":
    """One of the two columns that stand beside an EDTFField."""
    return models.DateField(null=True, blank=True, editable=False)


def bounds_constraint(name: str, field: str) -> models.CheckConstraint:
    """Let the database refuse bounds that run backwards, or a date without any."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}_latest__gte": F(f"{field}_earliest")})
        | Q(**{f"{field}_earliest__isnull": True})
        | Q(**{f"{field}_latest__isnull": True}),
        name=name,
        violation_error_message="A date cannot end before it begins.",
    )
