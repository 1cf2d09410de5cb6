"""Merges that wait for a second person, as the review queue shows them (pages.md, B2 and B4)."""

from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction

from missions.review.effect import do_not_wait_long
from missions.review.queue_effect import BUSY
from nkwatch.editorial.locks import is_busy
from nkwatch.editorial.merging.merges import ONE_IS_GONE, plan_of_merge, waiting_for
from nkwatch.editorial.merging.undo import plan_of_undo
from nkwatch.editorial.models import Merge

MOST_TOLD = 10
"""Of so many it is found out what they change for readers, each by doing it and taking it back."""


class WaitingMerge(NamedTuple):
    """One merge to decide on its own page, and what it changes for readers, or why it is refused."""

    merge: Merge
    effect: list[str]


def waiting_merges(user: Any) -> list[WaitingMerge]:
    """The merges that wait to be done or to be taken back, of kinds that `user` may merge; oldest first."""
    waiting = list(waiting_for(user))
    if not waiting:
        return []
    told: dict[int, list[str]] = {}
    try:
        with transaction.atomic():
            do_not_wait_long()
            for merge in waiting[:MOST_TOLD]:
                told[merge.pk] = _effect(merge, user)
    except OperationalError as error:
        if not is_busy(error):
            raise
        told = {merge.pk: [BUSY] for merge in waiting[:MOST_TOLD]}
    return [WaitingMerge(merge, told.get(merge.pk, [])) for merge in waiting]


def _effect(merge: Merge, user: Any) -> list[str]:
    try:
        if merge.is_asked_back:
            return plan_of_undo(merge, user).effect
        kept, merged = merge.kept, merge.merged
        if kept is None or merged is None:
            return [ONE_IS_GONE]
        plan = plan_of_merge(kept, merged, merge.choices)
        return [*plan.problems, *plan.effect]
    except ValidationError as refused:
        return refused.messages
