"""Korean words for dates, put into the English ones that `dates` reads."""

import calendar
import re

_WEEKDAY = {
    "월": "monday",
    "화": "tuesday",
    "수": "wednesday",
    "목": "thursday",
    "금": "friday",
    "토": "saturday",
    "일": "sunday",
}
_WHICH = {"지난": "last", "저번": "last", "이번": "this", "다음": "next", "오는": "coming"}
_NEAR = {"오늘": "today", "어제": "yesterday", "그제": "the day before yesterday", "그저께": "the day before yesterday"}
_NEAR |= {"내일": "tomorrow", "전날": "yesterday"}
_UNITS = {
    "지난주": "last week", "저번 주": "last week", "이번 주": "this week", "금주": "this week", "다음 주": "next week",
    "지난달": "last month", "이달": "this month", "이번 달": "this month", "금월": "this month",
    "다음 달": "next month", "내달": "next month",
    "지난해": "last year", "작년": "last year", "올해": "this year", "금년": "this year", "내년": "next year",
}  # fmt: skip
_AGO = {"일": "days", "주": "weeks", "주일": "weeks", "달": "months", "개월": "months", "년": "years"}
_OF_THE_DAY = re.compile(r"(에|께|경|자)$")


def in_english(words: str) -> str:
    """The words in English where they are Korean words for a date; any others as they are."""
    plain = _OF_THE_DAY.sub("", " ".join(words.split()))
    by = "by " if plain.endswith("까지") else ""
    plain = plain.removesuffix("까지").strip()
    return by + said if (said := _said(plain)) else words


def _said(plain: str) -> str:
    if plain in _NEAR:
        return _NEAR[plain]
    if match := re.fullmatch(r"(?:(지난|저번|이번|다음|오는)\s*)?([월화수목금토일])요일", plain):
        return f"{_WHICH.get(match[1], '')} {_WEEKDAY[match[2]]}".strip()
    if match := re.fullmatch(r"(\d{1,2})\s*(일|주일|주|달|개월|년)\s*전", plain):
        return f"{match[1]} {_AGO[match[2]]} ago"
    if plain in ("연말", "올해 말", "올 연말"):
        return "end of this year"
    unit, rest = _unit(plain)
    if rest == "말" and unit:
        return f"end of {unit}"
    if unit and rest in ("", "초", "중순"):
        return unit
    if unit.endswith("month") and (match := re.fullmatch(r"(\d{1,2})\s*일", rest)):
        return f"{match[1]}th of {unit}"
    return _in_month(plain if not unit else rest, unit if unit.endswith("year") else "")


def _unit(plain: str) -> tuple[str, str]:
    """The week, month or year that the words begin with, and what follows."""
    for korean, english in _UNITS.items():
        pattern = korean.replace(" ", r"\s*")
        if match := re.match(rf"{pattern}(?=\s|$|[초말중\d])", plain):
            return english, plain[match.end() :].strip()
    return "", plain


def _in_month(plain: str, year: str) -> str:
    if match := re.fullmatch(r"(?:(지난|오는)\s*)?(\d{1,2})\s*월(?:\s*(\d{1,2})\s*일|\s*(초|중순|말|하순))?", plain):
        which, number, day, part = match.groups()
        if not 1 <= int(number) <= 12:
            return ""
        month = calendar.month_name[int(number)].casefold()
        before = f"{day} " if day else {"말": "end of ", "하순": "late ", "초": "early "}.get(part or "", "")
        last = "last " if which == "지난" and not day else ""
        return f"{before}{last}{month} {year}".strip()
    if match := re.fullmatch(r"(?:(지난|오는)\s*)?(\d{1,2})\s*일", plain):
        return f"{_WHICH.get(match[1], 'the')} {match[2]}th"
    return ""
