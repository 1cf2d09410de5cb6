"""Running a confirmed import, at once."""

from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from missions.import_files import content_of
from missions.imports import RefusedHeaderError, UnreadableFileError, import_sheet
from nkwatch.editorial.models import ImportBatch
from nkwatch.editorial.sheet_options import SheetOptions

Stage = ImportBatch.Stage


class Progress(NamedTuple):
    """How far an import has come: rows done of all, and how fast."""

    done: int
    of: int
    rows_per_second: float | None
    seconds_left: float | None
    note: str = ""


def confirm(batch: ImportBatch) -> None:
    """Write the import, once however often it is confirmed."""
    claimed = ImportBatch.objects.filter(pk=batch.pk, stage=Stage.UPLOADED).update(stage=Stage.RUNNING)
    if not claimed:
        return
    batch.refresh_from_db()
    with transaction.atomic():
        try:
            report = import_sheet(
                content_of(batch),
                batch.file,
                user=batch.user,
                door=batch.door,
                options=SheetOptions.from_json(batch.options),
                batch=batch,
            )
        except (UnreadableFileError, RefusedHeaderError) as error:
            batch.stage, batch.message = Stage.REFUSED, str(error)
        else:
            batch.refused = len({problem.row for problem in report.errors})
            if report.written:
                batch.stage = Stage.WRITTEN
            elif report.errors:
                batch.stage = Stage.REFUSED
                batch.message = "Rows are refused that were not at the preview: nothing was written."
            else:
                batch.stage = Stage.UNCHANGED
        batch.ended = timezone.now()
        batch.save()


def progress_of(batch: ImportBatch) -> Progress:
    """How far the import has come."""
    batch.refresh_from_db()
    return Progress(0, batch.rows_read, None, None)


def ask_to_cancel(batch: ImportBatch) -> None:
    """Stop an import that has not begun."""
    ImportBatch.objects.filter(pk=batch.pk, stage=Stage.QUEUED).update(stage=Stage.CANCELLED)
