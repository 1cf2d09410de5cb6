"""The wizard's fifth page: how far an import has come, with and without script, and the way to stop it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse

from missions.admin_import.steps import ENDED, UNDER_WAY, WAITING, address, page, step, to
from missions.importing.jobs import ask_to_cancel, progress_of
from nkwatch.editorial.models import ImportBatch

HERE = "missions_import_progress"


@step(*UNDER_WAY)
def progress_page(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """The bar while the import waits or runs; once it has ended, its result is shown in place of this page."""
    told = _told(batch)
    if batch.stage not in UNDER_WAY:
        return to("missions_import_batch", batch)
    json_address = address("missions_import_progress_json", batch)
    return page(request, "progress", "Importing", batch, HERE, progress=told, address=json_address)


def _told(batch: ImportBatch) -> dict[str, Any]:
    """How far it is, in numbers and words; `batch` is brought up to date with it."""
    progress = progress_of(batch)
    percent = 100 * progress.done // progress.of if progress.of else 0
    words = f"{progress.done:,} of {progress.of:,} rows, {percent} %"
    if progress.rows_per_second:
        words += f"; {progress.rows_per_second:,.0f} rows a second"
    if progress.seconds_left is not None:
        words += f"; {_duration(progress.seconds_left)} left"
    if progress.note:
        words += f". {progress.note}"
    return {"stage": batch.get_stage_display(), "done": progress.done, "of": progress.of or 1, "words": words}


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@step(*WAITING, *UNDER_WAY, *ENDED)
def progress_json(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """The same for the page's script: the bar and its words, and where to go once the import has ended."""
    told = _told(batch)
    ended = {} if batch.stage in UNDER_WAY else {"ended": address("missions_import_batch", batch)}
    return JsonResponse(told | ended)


@step(*UNDER_WAY, post_only=True)
def cancel(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """Ask the import to stop; what it has written by then is taken back with it, for it is one transaction."""
    ask_to_cancel(batch)
    messages.info(request, "The import was asked to stop.")
    return to("missions_import_batch", batch)
