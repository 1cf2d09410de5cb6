"""Running a confirmed import: at once or by a worker, once, wholly or not at all (event-sheet.md, points 4 to 6).

The stage of a batch only ever moves by an UPDATE that names the stage it leaves, so that of two
confirmations, workers or cancellations at the same moment one counts. How far a running import is,
and the wish to stop it, live in the cache `progress`: while the import's transaction is open,
nobody else sees what it writes, and on SQLite nobody else may write.
"""

import datetime
import logging
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks.backends.immediate import ImmediateBackend
from django_tasks.exceptions import TaskResultDoesNotExist

from missions.importing.imports import ImportReport, RefusedHeaderError, UnreadableFileError, import_sheet
from missions.importing.preview import is_kept, reports
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.importing.row_reports import ChangedSincePreviewError
from nkwatch.editorial.locks import is_busy, transaction_in_turn
from nkwatch.editorial.models import ImportBatch
from nkwatch.editorial.models.imports import ImportStage as Stage
from nkwatch.editorial.words import listed

logger = logging.getLogger(__name__)

KEPT_SECONDS = 24 * 60 * 60
WORKER_STOPPED = "The worker stopped; nothing was written."
CANCELLED = "It was cancelled; nothing was written."
FAULT = "The import failed by a fault in nkwatch, which is in its log; nothing was written."
CHANGED = "The record has changed since the preview; nothing was written. Look at a new preview:"
GONE = "The uploaded file is no longer kept: upload it again. Nothing was written."
NOT_CONFIRMED = "It was not confirmed in time, and its file was removed: upload it again."
NO_WORKER = "No worker has taken it yet. Is one running (`manage.py db_worker`)?"
WAITS = "It waits for another import to end."
_NOTHING: dict[str, Any] = {"done": 0, "of": 0, "began": 0.0, "at": 0.0}


class Progress(NamedTuple):
    """How far an import is: rows done, rows in all, rows a second, seconds left (None: not known yet).

    `note` says in words what holds it up.
    """

    done: int
    of: int
    rows_per_second: float | None
    seconds_left: float | None
    note: str = ""


class CancelledError(Exception):
    """The importer asked for the import to stop."""


def confirm(batch: ImportBatch) -> None:
    """Run an uploaded import: a small one at once, a larger one by the worker; `batch` then has its stage.

    Confirmed a second time, it does nothing. Raises ValidationError when the database is busy with
    another import for so long that this one could not even be noted: nothing has happened then.
    """
    try:
        if is_run_at_once(batch):
            if _move(batch.pk, Stage.UPLOADED, Stage.RUNNING):
                _forget_earlier_tries(batch.pk)
                _run(batch.pk)
        else:
            _enqueue(batch.pk)
    except OperationalError as error:
        if not is_busy(error):
            raise
        raise ValidationError("Another import is being written: confirm this one again in a minute.") from error
    batch.refresh_from_db()


def is_run_at_once(batch: ImportBatch) -> bool:
    """Whether the import is run while its importer waits, and not by a worker."""
    return batch.rows_read <= settings.IMPORT_INLINE_ROWS or isinstance(run_batch.get_backend(), ImmediateBackend)


def _enqueue(pk: int) -> None:
    with transaction.atomic():
        if _move(pk, Stage.UPLOADED, Stage.QUEUED):
            _forget_earlier_tries(pk)
            _hand_to_worker(pk)


def _forget_earlier_tries(pk: int) -> None:
    """An import that was cancelled may be taken up again: the wish to stop it was for the last time."""
    caches["progress"].delete_many([_wish(pk), _key(pk)])


def _hand_to_worker(pk: int) -> None:
    caches["progress"].set(_place(pk), [time.time(), run_batch.enqueue(pk).id], KEPT_SECONDS)


@task()
def run_batch(pk: int) -> None:
    """What a worker does with a queued import."""
    remove_old_uploads()
    with transaction_in_turn():
        is_mine = _move(pk, Stage.QUEUED, Stage.RUNNING)
    if is_mine:
        _run(pk)


def _run(pk: int) -> None:
    """Import the sheet of a batch that was just moved to *running*, and store what became of it."""
    tell = _teller(pk)
    try:
        tell(0, 0)
        _write(pk, tell)
    except CancelledError:
        _end(pk, Stage.CANCELLED, CANCELLED)
    except (UnreadableFileError, RefusedHeaderError) as refused:
        _end(pk, Stage.REFUSED, f"{refused} Nothing was written.")
    except FileNotFoundError:
        _end(pk, Stage.REFUSED, GONE)
    except ChangedSincePreviewError as refused:
        _end(pk, Stage.REFUSED, f"{CHANGED}\n{refused}")
    except ValidationError as refused:
        _end(pk, Stage.REFUSED, f"{' '.join(refused.messages)} Nothing was written.")
    except Exception:
        logger.exception("Import %s failed.", pk)
        _end(pk, Stage.FAILED, FAULT)


def _write(pk: int, tell: Callable[[int, int], None]) -> None:
    """Write the records and, in the same transaction, that they are written: a kill leaves both or neither."""
    batch = ImportBatch.objects.get(pk=pk)
    with default_storage.open(batch.upload) as file:
        content = file.read()
    with transaction_in_turn(while_waiting=lambda: tell(0, 0)):
        # The lock is also the proof, while it is held, that this import is alive (see `_find_stopped`).
        batch = ImportBatch.objects.select_for_update().get(pk=pk)
        if batch.stage != Stage.RUNNING:
            return
        report = import_sheet(
            content,
            batch.file,
            user=batch.user,
            door=batch.door,
            options=SheetOptions.from_json(batch.options),
            batch=batch,
            progress=tell,
            expected=reports(batch.preview) if is_kept(batch) else None,
        )
        _end(pk, _stage_of(report), _in_words(report), **_counts(report))


def _teller(pk: int) -> Callable[[int, int], None]:
    """What an import calls as it goes: tells how far it is, and stops it when its importer asked for that."""

    def tell(done: int, of: int) -> None:
        if caches["progress"].get(_wish(pk)):
            raise CancelledError
        _told(pk, done, of)

    return tell


def _stage_of(report: ImportReport) -> Stage:
    if report.written:
        return Stage.WRITTEN
    return Stage.REFUSED if report.errors else Stage.UNCHANGED


def _counts(report: ImportReport) -> dict[str, int]:
    counted = {name: report.counts[name] if report.written else 0 for name in ("new", "cited", "changed")}
    return {
        **counted,
        "unchanged": report.counts["unchanged"],
        "rows_read": report.rows,
        "refused": len({problem.row for problem in report.errors}),
    }


def _in_words(report: ImportReport) -> str:
    refused = len({problem.row for problem in report.errors})
    wrong = f"{refused:,} row{' has' if refused == 1 else 's have'} errors" if refused else ""
    if not report.written:
        return f"{wrong}; nothing was written." if wrong else "Every row stands already; nothing was written."
    words = {"new": "new", "cited": "adding a citation", "changed": "changing a record", "unchanged": "unchanged"}
    told = [f"{report.counts[outcome]:,} {word}" for outcome, word in words.items() if report.counts[outcome]]
    more = [
        f"{wrong} and were left out" if wrong else "",
        f"{report.proposed:,} changes of published records wait for review" if report.proposed else "",
        f"{report.published:,} records were published" if report.published else "",
    ]
    return "; ".join([f"{report.rows:,} rows: {listed(told)}", *filter(None, more)]) + "."


def progress_of(batch: ImportBatch) -> Progress:
    """How far the import is, by its last sign; `batch` is brought up to date first.

    One whose worker died is found out here, and stored as failed.
    """
    batch.refresh_from_db()
    if batch.stage == Stage.QUEUED:
        return Progress(0, batch.rows_read, None, None, _why_it_waits(batch))
    told = caches["progress"].get(_key(batch.pk)) or _NOTHING | {"at": batch.started.timestamp()}
    if batch.stage == Stage.RUNNING and time.time() - told["at"] > settings.IMPORT_SILENT_SECONDS:
        _find_stopped(batch)
    if batch.stage not in (Stage.RUNNING, Stage.UPLOADED):
        return Progress(batch.rows_read, batch.rows_read, None, 0)
    done, of = told["done"], told["of"] or batch.rows_read
    took = told["at"] - told["began"]
    if not done or took <= 0:
        return Progress(done, of, None, None)
    return Progress(done, of, done / took, max(of - done, 0) * took / done)


def _find_stopped(batch: ImportBatch) -> None:
    """Store a silent import as failed, unless its process is alive: then it still holds its transaction."""
    try:
        with transaction.atomic():
            if ImportBatch.objects.select_for_update(skip_locked=True).filter(pk=batch.pk, stage=Stage.RUNNING):
                _end(batch.pk, Stage.FAILED, WORKER_STOPPED)
    except OperationalError as error:
        if not is_busy(error):
            raise
    batch.refresh_from_db()


def _why_it_waits(batch: ImportBatch) -> str:
    """Why a queued import has not begun; one whose worker died as it took it is handed over again."""
    since, handed = caches["progress"].get(_place(batch.pk)) or (batch.started.timestamp(), "")
    if ImportBatch.objects.filter(stage=Stage.RUNNING).exists():
        return WAITS
    if time.time() - since < settings.IMPORT_SILENT_SECONDS:
        return ""
    if not _is_waiting(handed):
        _hand_to_worker(batch.pk)
    return NO_WORKER


def _is_waiting(handed: str) -> bool:
    try:
        return run_batch.get_result(handed).status == TaskResultStatus.READY
    except TaskResultDoesNotExist:
        return False


def ask_to_cancel(batch: ImportBatch) -> None:
    """Stop an import: one that waits at once, one that runs at its next sign; what is written stays.

    `batch` then has its stage.
    """
    caches["progress"].set(_wish(batch.pk), True, KEPT_SECONDS)
    try:
        _end(batch.pk, Stage.CANCELLED, CANCELLED, leaving=(Stage.UPLOADED, Stage.QUEUED))
    except OperationalError as error:
        # On SQLite another import may hold the database; whoever takes this one will find the wish.
        if not is_busy(error):
            raise
    batch.refresh_from_db()


def remove_old_uploads() -> None:
    """Remove the files of imports that are over, or were never confirmed, once their time has come.

    `UPLOADS_KEPT_HOURS` says when; the batch stays, with its counts (event-sheet.md, "Decisions").
    """
    now = timezone.now()
    kept = {name: now - datetime.timedelta(hours=hours) for name, hours in settings.UPLOADS_KEPT_HOURS.items()}
    batches = ImportBatch.objects.exclude(upload="", preview="").exclude(stage__in=[Stage.QUEUED, Stage.RUNNING])
    due = Q(stage=Stage.WRITTEN, started__lt=kept["written"]) | (
        ~Q(stage=Stage.WRITTEN) & Q(started__lt=kept["unwritten"])
    )
    for batch in batches.filter(due):
        _end(batch.pk, Stage.CANCELLED, NOT_CONFIRMED, leaving=[Stage.UPLOADED])
        for name in filter(None, (batch.upload, batch.preview)):
            default_storage.delete(name)
        ImportBatch.objects.filter(pk=batch.pk).update(upload="", preview="")


def _move(pk: int, leaving: str, to: str) -> bool:
    """Move a batch from one stage to the next; False when somebody else moved it first."""
    return bool(ImportBatch.objects.filter(pk=pk, stage=leaving).update(stage=to, started=timezone.now()))


def _end(pk: int, stage: Stage, message: str, leaving: Any = (Stage.RUNNING,), **counts: int) -> None:
    ImportBatch.objects.filter(pk=pk, stage__in=leaving).update(
        stage=stage, message=message, ended=timezone.now(), **counts
    )


def _told(pk: int, done: int, of: int) -> None:
    """Give a sign of life, and say how far it is; rates count from the first row on."""
    now = time.time()
    before = caches["progress"].get(_key(pk)) if done else None
    began = before["began"] if before else now
    caches["progress"].set(_key(pk), {"done": done, "of": of, "began": began, "at": now}, KEPT_SECONDS)


def _key(pk: int) -> str:
    return f"import-{pk}"


def _wish(pk: int) -> str:
    return f"import-{pk}-stop"


def _place(pk: int) -> str:
    return f"import-{pk}-queued"
