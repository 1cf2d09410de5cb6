"""What readers are told of suggestions that were taken up, for the page of changes."""

import datetime
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from nkwatch.site.models import Suggestion
from nkwatch.site.records import records_shown


class Answered(NamedTuple):
    """A suggestion that was taken up: `label` is the number of the record it is about, `record` that record.

    Both are empty where the sender named none. `told_by` is the sender's name where they allowed that;
    what they sent is not told.
    """

    answered: datetime.datetime
    label: str
    record: Any
    answer: str
    told_by: str


AT_ONCE = 100


def answered_suggestions(
    most: int = AT_ONCE, about: str = "", since: datetime.datetime | None = None
) -> list[Answered]:
    """The latest suggestions that were taken up with an answer, the latest first; safe for everybody to see.

    One about a record that readers do not see is left out. `about` asks for those about one record, by
    its number; `since` for those answered from that moment on.
    """
    suggestions = Suggestion.objects.answered_in_public()
    if about:
        suggestions = suggestions.filter(about=about)
    if since:
        suggestions = suggestions.filter(answered__gte=since)
    return list(islice(_told(suggestions.iterator(AT_ONCE)), most))


def _told(suggestions: Iterator[Suggestion]) -> Iterator[Answered]:
    while some := list(islice(suggestions, AT_ONCE)):
        shown = records_shown({suggestion.about for suggestion in some} - {""})
        for suggestion in some:
            record = shown.get(suggestion.about)
            if record is None and suggestion.about:
                continue
            yield Answered(
                answered=suggestion.answered or suggestion.made,
                label=record.label if record is not None else "",
                record=record,
                answer=suggestion.answer,
                told_by=suggestion.name if suggestion.may_be_named and suggestion.name else _("a reader"),
            )
