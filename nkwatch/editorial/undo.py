"""Taking an import back as a whole (event-sheet.md, point 7)."""

from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction

from nkwatch.editorial.desk import named, retract
from nkwatch.editorial.models import ImportBatch, ImportRow, State
from nkwatch.editorial.versions import current_change


class Undone(NamedTuple):
    """What became of the records of an import: their names."""

    removed: list[str]
    retracted: list[str]
    restored: list[str]
    left_alone: list[str]


def undo(batch: ImportBatch, user: Any) -> Undone:
    """Take back what `batch` made; what cannot be is listed."""
    if batch.stage != ImportBatch.Stage.WRITTEN:
        raise ValidationError(f"The import is {batch.get_stage_display()}: there is nothing to undo.")
    undone = Undone([], [], [], [])
    with transaction.atomic():
        for row in batch.rows.order_by("-pk"):
            record: Any = row.record
            if record is None:
                continue
            name = named(record)
            if row.outcome == ImportRow.Outcome.CHANGED:
                undone.left_alone.append(name)
            elif record.state == State.PUBLISHED:
                retract(record, current_change().reason)
                undone.retracted.append(name)
            else:
                record.delete()
                undone.removed.append(name)
        batch.stage, batch.undone_by = ImportBatch.Stage.UNDONE, user
        batch.save()
    return undone
