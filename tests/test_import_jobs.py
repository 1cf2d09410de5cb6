"""Running imports in the background: once, wholly or not at all, with progress (event-sheet.md, points 4 to 6)."""

import datetime
from collections.abc import Iterator

import pytest
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from missions.importing import jobs as import_jobs
from missions.importing.jobs import ask_to_cancel, confirm, progress_of, remove_old_uploads
from missions.models import ClosureEvent
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.models import ImportBatch
from sources.models import Source

HEADER = "host_country,event,date,source_url,source_title"
ROWS = [
    "Peru,closed,2017-03,https://example.org/lima,Embassy in Lima closes",
    "Kuwait,farewell visit,27 Oct 2017,https://example.org/kuwait,Ambassador leaves Kuwait",
    "Italy,withdrawn,2017.10.01,https://example.org/rome,Rome expels ambassador",
]
BY_WORKER = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
at_once_and_by_worker = pytest.mark.parametrize("door", ["at once", "by worker"])


@pytest.fixture(autouse=True)
def no_earlier_signs() -> Iterator[None]:
    """Tests share numbers of batches, since each one's are rolled back."""
    yield
    caches["progress"].clear()


def uploaded(*rows: str, header: str = HEADER, **options) -> ImportBatch:
    """A sheet that waits for its importer to confirm it, as the upload page leaves it."""
    name = default_storage.save("uploads/sheet", ContentFile("\n".join([header, *rows]).encode()))
    return ImportBatch.objects.create(
        file="events.csv",
        digest="0" * 64,
        door="import",
        stage="uploaded",
        upload=name,
        rows_read=len(rows),
        options=SheetOptions(**options).as_json(),
    )


def work() -> None:
    """What `manage.py db_worker` does, without its loop: that closes the connection a test is on."""
    worker = Worker(
        queue_names=["default"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="a worker",
        excluded_queue_names=[],
    )
    while waiting := DBTaskResult.objects.ready().get_locked():
        waiting.claim(worker.worker_id)
        worker.run_task(waiting)


@pytest.fixture
def by_worker(settings) -> None:
    settings.TASKS = BY_WORKER
    settings.IMPORT_INLINE_ROWS = 0


def run(batch: ImportBatch) -> ImportBatch:
    confirm(batch)
    if batch.stage == "queued":
        work()
        batch.refresh_from_db()
    return batch


@pytest.mark.django_db
def test_a_small_sheet_is_run_at_once_whatever_the_tasks(settings):
    settings.TASKS = BY_WORKER
    batch = run(uploaded(*ROWS))

    assert (batch.stage, batch.new, batch.rows_read) == ("written", 3, 3)
    assert batch.message == "3 rows: 3 new."
    assert batch.ended is not None
    assert not DBTaskResult.objects.exists()
    assert ClosureEvent.objects.count() == 3


@pytest.mark.django_db
def test_a_large_sheet_waits_for_a_worker(by_worker):
    batch = uploaded(*ROWS)
    confirm(batch)

    assert batch.stage == "queued"
    assert not ClosureEvent.objects.exists()

    work()
    progress = progress_of(batch)
    assert (batch.stage, progress.done, progress.of, progress.seconds_left) == ("written", 3, 3, 0)
    assert {version.batch for version in ClosureEvent.history.all()} == {batch.pk}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rows", "options", "stage", "words"),
    [
        (["Atlantis,closed,2017,https://example.org/a,A", ROWS[0]], {}, "refused", "1 row has errors; nothing was"),
        (
            ["Atlantis,closed,2017,https://example.org/a,A", ROWS[0]],
            {"good_rows": True},
            "written",
            "2 rows: 1 new; 1 row has errors and were left out.",
        ),
        (["Peru,closed,2017,https://example.org/a,A"], {"sheet": "Notes"}, "written", "1 rows: 1 new."),
        (ROWS[:1], {"columns": ("", "event", "date", "source_url", "source_title")}, "refused", "missing column host"),
    ],
)
def test_the_batch_says_what_happened(rows, options, stage, words):
    batch = run(uploaded(*rows, **options))

    assert batch.stage == stage
    assert words in batch.message
    assert ClosureEvent.objects.exists() == (stage == "written")


@pytest.mark.django_db
def test_a_sheet_that_stands_already_ends_unchanged():
    run(uploaded(*ROWS))
    batch = run(uploaded(*reversed(ROWS)))

    assert (batch.stage, batch.new, batch.unchanged) == ("unchanged", 0, 3)
    assert ClosureEvent.objects.count() == 3


@pytest.mark.django_db
def test_a_file_that_is_gone_is_said():
    batch = uploaded(*ROWS)
    default_storage.delete(batch.upload)

    run(batch)

    assert (batch.stage, "upload it again" in batch.message) == ("refused", True)


@pytest.mark.django_db
def test_a_fault_leaves_nothing_and_a_sentence(caplog):
    # Options that no version of nkwatch has written: what a fault of ours looks like from here.
    batch = uploaded(*ROWS)
    batch.options = {"invented": True}
    batch.save()

    run(batch)

    assert (batch.stage, batch.message) == ("failed", import_jobs.FAULT)
    assert "Traceback" in caplog.text
    assert not Source.objects.exists()


@pytest.mark.django_db
@at_once_and_by_worker
def test_confirming_twice_runs_it_once(request, door):
    if door == "by worker":
        request.getfixturevalue("by_worker")
    batch = uploaded(*ROWS)
    again = ImportBatch.objects.get(pk=batch.pk)

    run(batch)
    ended = batch.ended
    run(again)

    assert (again.stage, again.ended) == ("written", ended)
    assert DBTaskResult.objects.count() == (door == "by worker")


@pytest.mark.django_db
def test_a_task_handed_over_twice_runs_it_once(by_worker):
    batch = uploaded(*ROWS)
    confirm(batch)
    import_jobs.run_batch.enqueue(batch.pk)

    work()

    assert DBTaskResult.objects.successful().count() == 2
    assert ClosureEvent.history.filter(history_type="+").count() == 3


@pytest.mark.django_db
def test_cancelling_one_that_waits_is_immediate(by_worker):
    batch = uploaded(*ROWS)
    confirm(batch)

    ask_to_cancel(batch)
    assert (batch.stage, batch.message) == ("cancelled", import_jobs.CANCELLED)

    work()
    batch.refresh_from_db()
    assert batch.stage == "cancelled"
    assert not ClosureEvent.objects.exists()


@pytest.mark.django_db
def test_cancelling_one_that_runs_stops_it_at_its_next_sign_and_leaves_nothing():
    batch = uploaded(*ROWS)
    ImportBatch.objects.filter(pk=batch.pk).update(stage="running")
    ask_to_cancel(batch)
    assert batch.stage == "running"

    import_jobs._run(batch.pk)
    batch.refresh_from_db()

    assert (batch.stage, batch.message) == ("cancelled", import_jobs.CANCELLED)
    assert not ClosureEvent.objects.exists()


@pytest.mark.django_db
def test_cancelling_one_that_is_written_comes_too_late():
    batch = run(uploaded(*ROWS))
    ask_to_cancel(batch)

    assert (batch.stage, batch.new) == ("written", 3)


@pytest.mark.django_db
def test_progress_tells_rate_and_time_left():
    batch = uploaded(*ROWS)
    ImportBatch.objects.filter(pk=batch.pk).update(stage="running")
    tell = import_jobs._teller(batch.pk)
    assert progress_of(batch)[:4] == (0, 3, None, None)

    tell(0, 1000)
    tell(250, 1000)
    progress = progress_of(batch)

    assert (progress.done, progress.of) == (250, 1000)
    assert progress.rows_per_second and progress.rows_per_second > 0
    assert progress.seconds_left == pytest.approx(750 / progress.rows_per_second)


@pytest.mark.django_db
def test_one_that_gave_no_sign_is_stored_as_failed(settings):
    batch = uploaded(*ROWS)
    ImportBatch.objects.filter(pk=batch.pk).update(stage="running", started=timezone.now())
    progress_of(batch)
    assert batch.stage == "running"

    settings.IMPORT_SILENT_SECONDS = 0
    progress_of(batch)

    assert (batch.stage, batch.message) == ("failed", import_jobs.WORKER_STOPPED)


@pytest.mark.django_db
def test_one_that_no_worker_takes_says_so_and_is_handed_over_again_when_its_task_was_lost(by_worker, settings):
    batch = uploaded(*ROWS)
    confirm(batch)
    assert progress_of(batch).note == ""

    settings.IMPORT_SILENT_SECONDS = 0
    assert progress_of(batch).note == import_jobs.NO_WORKER
    assert DBTaskResult.objects.count() == 1

    # A worker that was killed just after it took the task leaves it so.
    DBTaskResult.objects.update(status="RUNNING")
    progress_of(batch)
    assert DBTaskResult.objects.ready().count() == 1

    work()
    batch.refresh_from_db()
    assert batch.stage == "written"


@pytest.mark.django_db
def test_one_that_waits_for_another_says_so(by_worker):
    first, second = uploaded(*ROWS), uploaded(*ROWS)
    confirm(second)
    ImportBatch.objects.filter(pk=first.pk).update(stage="running")

    assert progress_of(second).note == import_jobs.WAITS


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stage", "hours", "is_kept"),
    [
        ("uploaded", 23, True),
        ("uploaded", 25, False),
        ("refused", 25, False),
        ("unchanged", 25, False),
        ("queued", 2000, True),
        ("running", 2000, True),
        ("written", 25, True),
        ("written", 719, True),
        ("written", 721, False),
    ],
)
def test_uploads_and_previews_are_removed_after_their_time(stage, hours, is_kept):
    batch = uploaded(*ROWS)
    batch.stage, batch.started = stage, timezone.now() - datetime.timedelta(hours=hours)
    batch.preview = preview = default_storage.save("uploads/preview", ContentFile(b"{}"))
    batch.save()
    upload = batch.upload

    remove_old_uploads()

    batch.refresh_from_db()
    assert [default_storage.exists(name) for name in (upload, preview)] == [is_kept, is_kept]
    assert (bool(batch.upload), bool(batch.preview)) == (is_kept, is_kept)
    assert batch.stage == ("cancelled" if stage == "uploaded" and not is_kept else stage)
