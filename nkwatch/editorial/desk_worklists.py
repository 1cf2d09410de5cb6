"""The worklists that every kind of record has: what I began, what came back to me, what waits for a reviewer."""

import datetime
from functools import partial
from typing import Any

from django.apps import apps
from django.db.models import F, OuterRef, Subquery

from nkwatch.editorial.models import ProposedChange, Publishable, ReviewNote
from nkwatch.editorial.review import queue as review
from nkwatch.editorial.worklists import Section, Worklist, register

RETURNED: dict[str, Any] = {
    "name": "my-returned",
    "label": "my returned items",
    "todo": "Read the reviewer’s note, mend the record, and submit it again.",
    "since": "it came back",
    "section": Section.DESK,
}
DRAFTS: dict[str, Any] = {
    "name": "my-drafts",
    "label": "my drafts",
    "todo": "Finish and submit what you began, or delete it.",
    "since": "it was begun",
    "section": Section.DESK,
}
WAITING: dict[str, Any] = {
    "name": "waiting",
    "label": "waiting for review",
    "todo": "A reviewer publishes it, or returns it with a note.",
    "since": "it was handed in",
    "section": Section.DESK,
}


def register_desk_worklists() -> None:
    """Offer these lists for every publishable model, and for changes proposed to what is public.

    What waits for review is listed as the queue lists it: a record with its parts.
    """
    kinds = [model for model in apps.get_models() if issubclass(model, Publishable)]
    register(
        *(
            Worklist(
                kind,
                **RETURNED,
                select=lambda records, user, day: records.returned_to(user),
                oldest=partial(_came_back, kind),
            )
            for kind in kinds
        ),
        Worklist(
            ProposedChange,
            **RETURNED,
            select=lambda changes, user, day: changes.returned_to(user, day),
            oldest=lambda user, day: F("decided"),
        ),
        *(Worklist(kind, **DRAFTS, select=lambda records, user, day: records.drafts_of(user)) for kind in kinds),
        *(
            Worklist(kind, **WAITING, select=partial(_waiting, kind), oldest=partial(_handed_in, kind))
            for kind in review.top_kinds()
        ),
        Worklist(
            ProposedChange,
            **WAITING,
            select=lambda changes, user, day: changes.waiting(),
            oldest=lambda user, day: F("made"),
        ),
    )


def _waiting(kind: type[Publishable], records: Any, user: Any, day: datetime.date) -> Any:
    return records.filter(review.is_waiting(kind))


def _handed_in(kind: type[Publishable], user: Any, day: datetime.date) -> Any:
    return review.waits_since(kind)


def _came_back(kind: type[Publishable], user: Any, day: datetime.date) -> Subquery:
    notes = ReviewNote.objects.open().filter(authors=user, record_id=OuterRef("pk")).on_any(kind)
    return Subquery(notes.order_by("made").values("made")[:1])
