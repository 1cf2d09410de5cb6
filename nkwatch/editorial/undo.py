"""Taking an import back as a whole (event-sheet.md, point 7)."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from nkwatch.editorial.desk import retract
from nkwatch.editorial.models import ImportBatch, ImportRow, State
from nkwatch.editorial.versions import changing


@dataclass
class Undone:
    """What taking an import back does, or did: the records, and why each that stays was left alone."""

    removed: list[Any] = field(default_factory=list)
    retracted: list[Any] = field(default_factory=list)
    restored: list[Any] = field(default_factory=list)
    left_alone: list[tuple[Any, str]] = field(default_factory=list)
    withdrawn: list[Any] = field(default_factory=list)


def plan_of_undo(batch: ImportBatch) -> Undone:
    """What `undo` would do now; writes nothing. Raises ValidationError where it would refuse."""
    if batch.stage != ImportBatch.Stage.WRITTEN:
        raise ValidationError(f"The import is {batch.get_stage_display()}: there is nothing to undo.")
    plan = Undone()
    for row in batch.rows.order_by("-pk"):
        record: Any = row.record
        if record is None:
            continue
        if row.outcome == ImportRow.Outcome.CHANGED:
            plan.left_alone.append((record, "it was changed"))
        elif record.state == State.PUBLISHED:
            plan.retracted.append(record)
        else:
            plan.removed.append(record)
    return plan


def undo(batch: ImportBatch, user: Any = None, reason: str = "") -> Undone:
    """Take back what `batch` made, and say what became of each record."""
    plan = plan_of_undo(batch)
    with transaction.atomic(), changing(user=user, reason=reason):
        for record in plan.retracted:
            retract(record, reason)
        for record in plan.removed:
            record.delete()
        batch.stage, batch.undone_by = ImportBatch.Stage.UNDONE, user
        batch.save()
    return plan
