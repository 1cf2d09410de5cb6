"""What sources and statements can lack, as lists on the desk (pages.md, B6)."""

from typing import Any

from nkwatch.editorial.worklists import Worklist, register
from sources.models import Quote, Source

INEXACT: dict[str, Any] = {
    "name": "inexact-dates",
    "label": "inexact dates",
    "todo": "Look for a source that gives the day; leave the date as it is when none does.",
    "select": lambda records, user, day: records.inexact(),
}
"""What lists of inexact dates share, whatever is dated."""


def register_source_worklists() -> None:
    """Offer the lists of sources and of quotes."""
    register(
        Worklist(
            Quote,
            "quotes-without-speaker-or-reason",
            "quotes without speaker or reason",
            "Name who said it, and choose the reasons that the words give; leave them out when they give none.",
            lambda quotes, user, day: quotes.without_speaker_or_reason(),
        ),
        Worklist(
            Source,
            "sources-without-copy",
            "sources without a copy",
            "Give the address of an archived copy, or attach a captured one.",
            lambda sources, user, day: sources.without_copy(),
        ),
        Worklist(
            Source,
            "only-cited",
            "only cited, never read",
            "Find and read it, and cite it for what it says.",
            lambda sources, user, day: sources.only_cited(),
        ),
        *(Worklist(model, **INEXACT) for model in (Source, Quote)),
    )
