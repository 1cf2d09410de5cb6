"""What readers would see change if something were decided; and what may therefore be decided along with others.

Knows no domain: the app that derives what readers see tells it (`tells_effects`).
"""

import datetime
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from nkwatch.editorial import desk
from nkwatch.editorial.models import ProposedChange, Publishable, State
from nkwatch.editorial.review.queue import Row


class Effect(NamedTuple):
    """What a decision changes for readers, and whether a mission's status is part of that, as far as is known."""

    words: list[str]
    changes_status: bool


NO_EFFECT = Effect([], changes_status=False)

Tell = Callable[[Sequence[Row]], dict[str, Effect]]
"""Given rows of the review queue, the effect of approving each, by its key; leaves no trace."""

_tellers: list[Tell] = []


def tells_effects(tell: Tell) -> Tell:
    """Register what tells the effects of rows."""
    _tellers.append(tell)
    return tell


def effect_of(row: Row) -> Effect:
    """What readers would see change once the row is approved."""
    told = [tell([row])[row.key] for tell in _tellers]
    return Effect([words for effect in told for words in effect.words], any(effect.changes_status for effect in told))


def refuse_with_others(row: Row) -> str:
    """Say why the row may not be approved along with others, or return an empty string.

    Several are approved at once only where no status changes (pages.md, B2): each change of one is
    looked at alone, whichever page it is approved from.
    """
    effect = effect_of(row)
    if not effect.changes_status:
        return ""
    return f"what changes a mission’s status is decided on alone ({'; '.join(effect.words)})"


def refuse_publishing_with_others(record: Publishable) -> str:
    """As `refuse_with_others`, of a record that is published from its list, as a draft perhaps."""
    waiting = [row for row in (record, *desk.all_parts(record)) if row.state in desk.WAITING]
    if record.state == State.RETRACTED:
        waiting.insert(0, record)
    return refuse_with_others(_row(record, waiting=waiting))


def refuse_retracting_with_others(record: Publishable) -> str:
    """As `refuse_with_others`, of a record that is retracted from its list."""
    difference = {
        "state": {"old": record.state, "new": State.RETRACTED},
        "retraction_reason": {"old": record.retraction_reason, "new": "To be given."},
    }
    return refuse_with_others(_row(record, change=ProposedChange(record=record, difference=difference)))


def _row(record: Publishable, **how: Any) -> Row:
    """A row as the queue would show it, of what does not wait there."""
    return Row(f"{record._meta.model_name}-{record.pk}", datetime.datetime.now(datetime.UTC), record, **how)
