"""The wizard's last pages: what became of an import, and taking it back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from missions.admin_import.steps import ENDED, Stage, page, step, to
from missions.importing import preview as import_preview
from missions.importing.preview import ERROR
from nkwatch.editorial.admin.registered import edit_link, records_of_any_kind
from nkwatch.editorial.desk import named
from nkwatch.editorial.importing.undo import Undone, plan_of_undo, undo
from nkwatch.editorial.models import ImportBatch, ProposedChange
from nkwatch.editorial.versions import Door, changing

HERE = "missions_import_result"
ROWS_ON_A_PAGE = 50
PROPOSALS_SHOWN = 50
RECORDS_NAMED = 100
GIVEN_UP = (Stage.REFUSED, Stage.CANCELLED, Stage.FAILED)


@step(*ENDED)
def result_page(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """What became of the import: counts, the records it touched, what it refused and proposed."""
    rows = batch.rows.prefetch_related(records_of_any_kind())
    shown = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    return page(
        request,
        "result",
        f"Import of {batch.file}",
        batch,
        HERE,
        pages={"number": shown.number, "last": shown.paginator.num_pages, "show": "all"},
        rows=[(row, edit_link(row.record)) for row in shown],
        counts=[
            ("new", batch.new),
            ("adds a citation", batch.cited),
            ("changed", batch.changed),
            ("unchanged", batch.unchanged),
            ("refused", batch.refused),
        ],
        refused=import_preview.page(batch.preview, ERROR) if batch.refused and import_preview.is_kept(batch) else None,
        proposals=_proposals(batch)[:PROPOSALS_SHOWN],
        may_undo=batch.stage == Stage.WRITTEN,
        may_try_again=batch.stage in GIVEN_UP and bool(batch.upload) and default_storage.exists(batch.upload),
    )


def _proposals(batch: ImportBatch) -> Any:
    """Changes to published records that this import proposed."""
    return ProposedChange.objects.filter(batch=batch.pk).prefetch_related(records_of_any_kind())


@step(*GIVEN_UP, own=True, post_only=True)
def again(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """Take up an import that was refused or stopped: the same file, the same choices, a new preview.

    Asked twice at the same moment, it is taken up once: by then it may have been confirmed and run.
    """
    if not (batch.upload and default_storage.exists(batch.upload)):
        messages.error(request, f"The file {batch.file} is no longer kept: upload it again.")
        return to(HERE, batch)
    given_up = ImportBatch.objects.filter(pk=batch.pk, stage__in=GIVEN_UP, preview=batch.preview)
    if given_up.update(stage=Stage.UPLOADED, preview="", message="", ended=None) and batch.preview:
        default_storage.delete(batch.preview)
    return to("missions_import_preview", batch)


class ReasonForm(forms.Form):
    """Why an import is taken back; kept with every version that this makes."""

    reason = forms.CharField(max_length=80, help_text="Readers are told it where a record was public.")


@step(Stage.WRITTEN)
def undo_page(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """What taking the import back would do; with a reason, do it, and say what was done."""
    form = ReasonForm(request.POST or None)
    done: Undone | None = None
    try:
        outcome = plan_of_undo(batch)
        # Named before they are gone.
        removed = [named(record) for record in outcome.removed[:RECORDS_NAMED]]
        if request.method == "POST" and form.is_valid():
            outcome = done = _undo(batch, request.user, form.cleaned_data["reason"])
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
        return to(HERE, batch)
    title = "The import was taken back" if done else "Take the import back"
    return page(request, "undo", title, batch, HERE, form=form, outcome=_listed(outcome, removed), done=bool(done))


def _undo(batch: ImportBatch, user: Any, reason: str) -> Undone:
    with changing(door=Door.ADMIN):
        return undo(batch, user, reason)


def _listed(outcome: Undone, removed: list[str]) -> list[tuple[str, int, list[str]]]:
    """Each kind of outcome: what it is called, how many records it has, and the first of them by name."""
    told = (
        ("retracted, since readers have seen them", outcome.retracted),
        ("put back as they were", outcome.restored),
    )
    changes = [str(change) for change in outcome.withdrawn[:RECORDS_NAMED]]
    left_alone = [f"{named(record)}: {why}" for record, why in outcome.left_alone[:RECORDS_NAMED]]
    return [
        ("removed", len(outcome.removed), removed),
        *((label, len(records), [named(record) for record in records[:RECORDS_NAMED]]) for label, records in told),
        ("withdrawn, since nobody has decided them", len(outcome.withdrawn), changes),
        ("left alone", len(outcome.left_alone), left_alone),
    ]
