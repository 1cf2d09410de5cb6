"""The day that a page is asked for: `?asof=YYYY-MM-DD`, today by default (pages.md, section 0)."""

import datetime
import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone

from nkwatch.editorial.edtf import day_in_words

PARAMETER = "asof"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class AsOf:
    """The day a page shows, and what was typed where that could not be read."""

    day: datetime.date
    today: datetime.date
    typed: str = ""
    error: str = ""

    @property
    def is_today(self) -> bool:
        return self.day == self.today

    @property
    def another_day(self) -> datetime.date | None:
        """The day, where it is not today: what is dated later, or not at all, is left out then."""
        return None if self.is_today else self.day

    @property
    def in_words(self) -> str:
        return day_in_words(self.day)

    @property
    def today_in_words(self) -> str:
        return day_in_words(self.today)

    @property
    def value(self) -> str:
        """What the field shows: the day, or what was typed in its place."""
        return self.typed if self.error else self.day.isoformat()

    def carry(self, **parameters: object) -> str:
        """The query string of a link that stays on this day; empty when there is nothing to say."""
        asked = {} if self.is_today else {PARAMETER: self.day.isoformat()}
        query = urlencode({**asked, **parameters})
        return f"?{query}" if query else ""


def read_asof(text: str) -> AsOf:
    """Read the day asked for; one that cannot be read leaves today, with a message for its field."""
    today, text = timezone.localdate(), text.strip()
    if not text:
        return AsOf(today, today)
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return AsOf(datetime.date.fromisoformat(text), today)
    except ValueError:
        error = f"“{text}” is not a day that can be read, so the page shows today. Write it like 2023-12-05."
        return AsOf(today, today, typed=text, error=error)


def asof(request: HttpRequest) -> AsOf:
    """The day that this request asks for, read once."""
    if not hasattr(request, "_asof"):
        request._asof = read_asof(request.GET.get(PARAMETER, ""))  # type: ignore[attr-defined]
    return request._asof  # type: ignore[attr-defined]
