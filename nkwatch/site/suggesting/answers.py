"""What readers are told of suggestions that were taken up, for the page of changes."""

import datetime
from typing import Any, NamedTuple

from nkwatch.site.models import Suggestion
from nkwatch.site.records import record_seen

A_READER = "a reader"


class Answered(NamedTuple):
    """A suggestion that was taken up: the record it is about where that is public, else its number alone.

    `told_by` is the sender's name where they allowed that; what they sent is not told.
    """

    answered: datetime.datetime
    label: str
    record: Any
    answer: str
    told_by: str


def answered_suggestions(most: int = 100) -> list[Answered]:
    """The latest suggestions that were taken up with an answer, the latest first; safe for everybody to see."""
    found = []
    for suggestion in Suggestion.objects.answered_in_public()[:most]:
        record = record_seen(suggestion.about)
        found.append(
            Answered(
                answered=suggestion.answered or suggestion.made,
                label=suggestion.about,
                record=record if record is not None and record.is_public else None,
                answer=suggestion.answer,
                told_by=suggestion.name if suggestion.may_be_named and suggestion.name else A_READER,
            )
        )
    return found
