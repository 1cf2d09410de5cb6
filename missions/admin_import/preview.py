"""The wizard's fourth page: row by row what would happen, errors mended in place, and the confirmation."""

import dataclasses

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse

from missions.admin_import.steps import ENDED, WAITING, page, step, to
from missions.importing import jobs as import_jobs
from missions.importing import preview as import_preview
from missions.importing.effect import effect_of
from missions.importing.files import choose, content_of
from missions.importing.imports import UnreadableFileError
from missions.importing.preview import ALL, ERROR, LONGEST_REASON, TABS, Line
from missions.importing.refused import CONTENT_TYPES, refused_rows
from missions.models import ClosureEvent
from nkwatch.editorial.desk import may_publish
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.models import ImportBatch

HERE = "missions_import_preview"


@step(*WAITING)
def preview_page(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """One page of what would happen; nothing is written to the record."""
    return _shown(request, batch)


def _shown(request: HttpRequest, batch: ImportBatch, problem: str = "") -> HttpResponse:
    options = SheetOptions.from_json(batch.options)
    if not options.columns:
        return to("missions_import_columns", batch)
    kept = import_preview.prepare(batch)
    summary = import_preview.summary(kept)
    tab = _tab(request)
    shown = import_preview.page(kept, tab, _number(request.GET.get("page", "")))
    mendable = _mendable(options)
    effects = _effects(request, batch, options, [line.row for line in shown.lines if line.report])
    return page(
        request,
        "preview",
        "What would happen",
        batch,
        HERE,
        summary=summary,
        tabs=[(name, label, summary.counts[name]) for name, label in TABS.items() if summary.counts[name]],
        tab=tab,
        pages={"number": shown.number, "last": shown.last, "show": tab},
        rows=[
            (line, [(told, told.column in mendable) for told in line.problems], (effects or {}).get(line.row, ""))
            for line in shown.lines
        ],
        can_show_effects=effects is None,
        can_mend=tab == ERROR or any(line.errors for line in shown.lines),
        mended=sum(map(len, options.mended.values())),
        options=options,
        seen=kept,
        may_publish=may_publish(request.user, ClosureEvent),
        errors=summary.counts[ERROR],
        longest_reason=LONGEST_REASON,
        reason=request.POST.get("reason", batch.reason),
        problem=problem,
        something_to_do=bool(summary.will_be_written or summary.proposed or options.kept),
    )


def _effects(request: HttpRequest, batch: ImportBatch, options: SheetOptions, rows: list[int]) -> dict[int, str] | None:
    """What readers would see change, of the rows shown; None for a large sheet, until it is asked for."""
    if batch.rows_read > settings.IMPORT_INLINE_ROWS and "effects" not in request.GET:
        return None
    return effect_of(content_of(batch), options, batch.user, rows, batch.file)


def _tab(request: HttpRequest) -> str:
    tab = request.GET.get("show", ALL)
    return tab if tab in TABS else ALL


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 1


def _mendable(options: SheetOptions) -> set[str]:
    """The columns whose cells can be mended: those that the sheet has, as it is read now."""
    return {column for column in (*options.columns, *options.constants) if column}


@step(*WAITING, own=True, post_only=True)
def mend(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """Put the cells of one page right, and preview anew."""
    options = SheetOptions.from_json(batch.options)
    tab, number = _tab(request), _number(request.GET.get("page", ""))
    mended = {row: dict(cells) for row, cells in options.mended.items()}
    for line in import_preview.page(import_preview.prepare(batch), tab, number).lines:
        for column, text in _sent(request, line, _mendable(options)).items():
            mended.setdefault(str(line.row), {})[column] = text
    if mended == options.mended:
        messages.info(request, "No cell was changed.")
    else:
        choose(batch, dataclasses.replace(options, mended=mended))
    return to(HERE, batch, f"show={tab}&page={number}")


def _sent(request: HttpRequest, line: Line, mendable: set[str]) -> dict[str, str]:
    """The cells of a row that were sent with another text than they had."""
    found = {}
    for problem in line.errors:
        text = request.POST.get(f"cell-{line.row}-{problem.column}")
        if problem.column in mendable and text is not None and text.strip() != problem.value:
            found[problem.column] = text.strip()
    return found


@step(*WAITING, *ENDED)
def refused_file(request: HttpRequest, batch: ImportBatch, ending: str) -> HttpResponse:
    """The rows with errors as a sheet with the reasons, to be mended and uploaded again."""
    if ending not in CONTENT_TYPES:
        raise Http404
    if not import_preview.is_kept(batch):
        raise UnreadableFileError(f"The preview of {batch.file} is no longer kept: upload the sheet again.")
    answer = HttpResponse(refused_rows(batch, ending), content_type=CONTENT_TYPES[ending])
    answer["Content-Disposition"] = f'attachment; filename="import-{batch.pk}-errors.{ending}"'
    return answer


@step(*WAITING, own=True, post_only=True)
def confirm(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """Write what was previewed, or hand it to a worker; a preview that others' choices made old is shown anew."""
    publish = "publish" in request.POST
    if publish and not may_publish(request.user, ClosureEvent):
        raise PermissionDenied
    good_rows, reason = "good_rows" in request.POST, request.POST.get("reason", "").strip()
    with transaction.atomic():
        locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if locked.stage not in WAITING:
            return to("missions_import_batch", batch)
        if not import_preview.is_kept(locked) or request.POST.get("seen") != locked.preview:
            messages.warning(request, "The choices were changed since this preview was made: this is the new one.")
            return to(HERE, batch)
        if problem := import_preview.refuse_confirming(locked, good_rows, reason):
            return _shown(request, locked, problem)
        told = dataclasses.replace(
            SheetOptions.from_json(locked.options), good_rows=good_rows, publish=publish, reason=reason
        )
        locked.options, locked.reason = told.as_json(), reason
        locked.save(update_fields=["options", "reason"])
    try:
        import_jobs.confirm(locked)
    except ValidationError as error:
        return _shown(request, locked, " ".join(error.messages))
    return to("missions_import_progress", batch)
