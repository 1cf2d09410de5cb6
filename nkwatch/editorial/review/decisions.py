"""What is decided in the review queue: approve, return, withdraw (pages.md, B2; domain.md, rule 8)."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from nkwatch.editorial import desk, proposals
from nkwatch.editorial.models import State
from nkwatch.editorial.review import effects
from nkwatch.editorial.review.queue import Row, find


class NotWaitingError(ValidationError):
    """What was to be decided is decided already, or nothing of that name ever waited."""

    def __init__(self) -> None:
        super().__init__("This no longer waits: somebody decided on it, or its author withdrew it.")


def refuse(row: Row, by: User) -> str:
    """Say why `by` may not approve the row now, or return an empty string."""
    if row.change:
        return proposals.refuse_approving(row.change, by)
    if not desk.may_publish(by, row.record):
        return f"reviewers publish {row.record._meta.verbose_name_plural}, and you are none"
    if not row.is_whole and row.record.state != State.PUBLISHED:
        return f"it belongs to {desk.named(row.record)}, which is {row.record.get_state_display()}"
    return desk.refuse_with_parts(row.record, by, (State.IN_REVIEW,))


def approve(
    key: str, by: User, seen: str, missing: Callable[[Any], str], with_others: bool = False
) -> tuple[str, list[str]]:
    """Publish what waits under `key`, or apply the change; give its name, and why each part that stays does so.

    `seen` says which versions were looked at (`Row.seen`); `missing` what a record still lacks
    once it is public; `with_others` that several are approved at once. Raises NotWaitingError, and
    ValidationError for what may not be approved, by this reviewer or as it has become meanwhile.
    """
    with transaction.atomic():
        row = _locked(key, by)
        called = _called(row)
        if row.seen != seen:
            raise ValidationError(f"{called} was not approved: it has changed since you looked. Look at it again.")
        if problem := refuse(row, by) or (with_others and effects.refuse_with_others(row)):
            raise ValidationError(f"{called} was not approved: {problem}.")
        if row.change:
            proposals.approve(row.change, by)
            return called, []
        left = desk.publish_with_parts(row.record, by, missing, waiting=(State.IN_REVIEW,))
        return (desk.named(row.record) if row.is_whole else called), left


def hand_back(key: str, by: User, note: str) -> str:
    """Return what waits under `key` to its authors with a note, and give its name.

    Raises NotWaitingError, and ValidationError without a note or for whom it is not to return.
    """
    with transaction.atomic():
        row = _locked(key, by)
        if row.change:
            proposals.return_(row.change, by, note)
        else:
            if not desk.may_publish(by, row.record):
                raise ValidationError(f"{_called(row)} was not returned: reviewers return records.")
            desk.return_with_parts(row.record, by, note)
        return _called(row)


def withdraw(key: str, by: User) -> str:
    """Take back what `by` handed in or proposed under `key`, and give its name.

    Raises NotWaitingError, and ValidationError for what is not theirs.
    """
    with transaction.atomic():
        row = _locked(key, by)
        if row.change:
            proposals.withdraw(row.change, by)
        else:
            desk.withdraw_with_parts(row.record, by)
        return _called(row)


def _locked(key: str, user: User) -> Row:
    """The row, which nobody else decides on until the transaction ends. Raises NotWaitingError."""
    row = find(key, user)
    if row is not None and row.record is not None:
        type(row.record)._base_manager.select_for_update().filter(pk=row.record.pk).first()
        row = find(key, user)
    if row is None:
        raise NotWaitingError
    return row


def _called(row: Row) -> str:
    if row.change:
        return f"The change to {desk.named(row.record)}" if row.record else f"Change {row.change.pk}"
    return desk.named(row.record) if row.is_whole else f"What was added to {desk.named(row.record)}"
