"""What a new card can begin with: the date that the selected words name, and the mission of the country in them."""

import re
from collections.abc import Iterator

from django.core.exceptions import ValidationError

from missions.models import Mission
from missions.models.missions import NORTH_KOREA
from missions.report_desk.dates import needs_day_of_report, readings
from missions.report_desk.naming import record_meant
from nkwatch.editorial.importing.dates import read_date
from sources.models import Country

NUMBER = re.compile(
    r"(?:\b(?P<before>more than|over|at least|up to|as many as|about|around|some|nearly|almost|fewer than|under) )?"
    r"\b(?P<digits>\d{1,3})\b",
    re.IGNORECASE,
)
SHORTEST = 3
LONGEST_DATE, MOST_WORDS = 6, 80
DATED = re.compile(
    r"day\b|tonight|tomorrow|week|month|year|spring|summer|autumn|winter|ago\b|[12]\d{3}"
    r"|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|일|월|년|주|어제|오늘|내일|그제",
    re.IGNORECASE,
)
"""What words have of which some name a date; whether they do is for `readings` to say."""

DATED_BY_WORDS = {"events": "date", "figures": "as_of"}
"""The field that takes the day named in the words themselves; a quote's words tell of other days than its own."""


def guesses(kind: str, words: str, paragraph: str, issued: str) -> dict[str, str]:
    """Values for fields of a card of `kind`, made from `words` selected in `paragraph` of a report of that day.

    Guesses are shown for an editor to confirm: of a date the likeliest reading, with the others beside it
    (`telling`); of missions none where several can be meant.
    """
    found: dict[str, str] = {}
    if field := DATED_BY_WORDS.get(kind):
        found |= _date(field, words, _as_edtf(issued))
    if kind == "events" and (mission := _mission(words) or _mission(paragraph)):
        found["mission"] = f"{mission.label} {mission}"
    if kind == "figures" and len(numbers := list(NUMBER.finditer(words))) == 1:
        found |= _bounds(numbers[0])
    return found


def _bounds(number: re.Match[str]) -> dict[str, str]:
    """The number in its words, and its bounds where the words have one meaning only: “over 50” is at least 51."""
    before, digits = (number["before"] or "").lower(), number["digits"]
    bounds = {
        "": {"low": digits, "high": digits},
        "more than": {"low": str(int(digits) + 1)},
        "over": {"low": str(int(digits) + 1)},
        "at least": {"low": digits},
        "up to": {"high": digits},
        "as many as": {"high": digits},
    }
    return {"worded": number[0], **bounds.get(before, {})}


def _as_edtf(issued: str) -> str:
    try:
        return read_date(issued) if issued else ""
    except ValidationError:
        return ""


def _date(field: str, words: str, against: str) -> dict[str, str]:
    for phrase in _phrases(words):
        if found := readings(phrase, against):
            return {field: found[0].date, "date_worded": phrase, "date_note": found[0].note}
        if not against and needs_day_of_report(phrase):
            return {"date_worded": phrase}
    return {}


def _phrases(words: str) -> Iterator[str]:
    """The runs of words that may be a date, the longest first."""
    split = [word.strip('.,;:()“”"') for word in words.split()[:MOST_WORDS]]
    for length in range(LONGEST_DATE, 0, -1):
        for start in range(len(split) - length + 1):
            phrase = " ".join(split[start : start + length])
            if DATED.search(phrase):
                yield phrase


def _mission(words: str) -> Mission | None:
    """North Korea's one mission in the one other country, or city, that the words name."""
    abroad = Country.objects.exclude(pk=NORTH_KOREA)
    named = [country for country in abroad if any(_stands(name, words) for name in country.names)]
    if len(named) > 1:
        return None
    if not named:
        there = [m for m in Mission.objects.filter(sending=NORTH_KOREA).exclude(city="") if _stands(m.city, words)]
        return there[0] if len(there) == 1 else None
    try:
        return record_meant(Mission, named[0].name)
    except ValidationError:
        return None


def _stands(name: str, words: str) -> bool:
    """Whether a name stands among the words; codes do not count, since “US” and “DR” are words as well."""
    is_code = len(name) <= SHORTEST and name.isascii()
    return not is_code and bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words))
