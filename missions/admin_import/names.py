"""The wizard's third page: whom the cells mean. A choice holds for every cell of that text."""

import dataclasses
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from missions.admin_import.steps import WAITING, page, step, to
from missions.importing.files import choose, sheet_of
from missions.importing.imports import KINDS
from missions.importing.names import (
    SETTLED,
    Column,
    Finding,
    Naming,
    Text,
    cells_for,
    chosen_texts,
    look_up,
    open_texts,
    refuse_number,
)
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.models import ImportBatch
from nkwatch.editorial.reading import Sheet

HERE = "missions_import_names"
TEXTS_ON_A_PAGE = 25
TYPED = "typed"
AS_IT_IS = ""


@step(*WAITING, own=True)
def names_page(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """Show what each text was taken for, and take the importer's choices; passed over when nothing is open."""
    options = SheetOptions.from_json(batch.options)
    if not options.columns:
        return to("missions_import_columns", batch)
    sheet = dataclasses.replace(options, names={}).applied_to(sheet_of(batch))
    columns = look_up(KINDS[batch.kind], sheet)
    chosen = {
        column.naming.column: chosen_texts(column.naming, options.names.get(column.naming.column, {}))
        for column in columns
    }
    problems: dict[int, str] = {}
    if request.method == "POST":
        told, problems = _told(request, {column.naming.column: column.naming for column in columns}, sheet, options)
        if not problems:
            if told != options:
                choose(batch, told)
            if "next" in request.POST:
                return to(HERE, batch, _query(request, int(_page_number(request)) + 1))
            return to("missions_import_preview", batch)
    elif "show" not in request.GET and not open_texts(columns, {}):
        return to("missions_import_preview", batch)
    return _shown(request, batch, columns, chosen, options, problems)


def _page_number(request: HttpRequest) -> str:
    number = request.GET.get("page", "1")
    return number if number.isdecimal() and len(number) < 7 else "1"


def _query(request: HttpRequest, number: int) -> str:
    show = "all" if request.GET.get("show") == "all" else "open"
    return f"show={show}&page={number}"


def _told(
    request: HttpRequest, namings: dict[str, Naming], sheet: Sheet, options: SheetOptions
) -> tuple[SheetOptions, dict[int, str]]:
    """The choices with those of this page put in; what is wrong with a number, by its place on the page."""
    names = {
        column: chosen_texts(namings[column], cells) for column, cells in options.names.items() if column in namings
    }
    kept = {column: list(texts) for column, texts in options.kept.items() if column in namings}
    problems: dict[int, str] = {}
    for place in range(TEXTS_ON_A_PAGE):
        naming, text = namings.get(request.POST.get(f"column-{place}", "")), request.POST.get(f"text-{place}", "")
        if naming is None or not text:
            continue
        choice = request.POST.get(f"choice-{place}", AS_IT_IS)
        number = request.POST.get(f"number-{place}", "").strip() if choice == TYPED else choice
        if number and (problem := refuse_number(naming, number)):
            problems[place] = problem
        elif choice == TYPED and not number:
            problems[place] = "Write the number of the record that is meant."
        names.setdefault(naming.column, {}).pop(text, None)
        kept[naming.column] = [other for other in kept.get(naming.column, []) if other != text]
        if number:
            names[naming.column][text] = number
            if naming.may_keep(text) and f"keep-{place}" in request.POST:
                kept[naming.column].append(text)
    cells = {column: cells_for(namings[column], sheet, texts) for column, texts in names.items() if texts}
    told = dataclasses.replace(options, names=cells, kept={column: texts for column, texts in kept.items() if texts})
    return told, problems


def _shown(
    request: HttpRequest,
    batch: ImportBatch,
    columns: list[Column],
    chosen: dict[str, dict[str, str]],
    options: SheetOptions,
    problems: dict[int, str],
) -> HttpResponse:
    show_all = request.GET.get("show") == "all"
    listed = [(column, text) for column in columns for text in (column.texts if show_all else column.open)]
    shown = Paginator(listed, TEXTS_ON_A_PAGE).get_page(_page_number(request))
    rows = [
        _row(request, place, column, text, chosen[column.naming.column], options, problems)
        for place, (column, text) in enumerate(shown)
    ]
    return page(
        request,
        "names",
        "Whom the names mean",
        batch,
        HERE,
        columns=[_tally(column) for column in columns],
        rows=rows,
        pages={"number": shown.number, "last": shown.paginator.num_pages, "show": "all" if show_all else "open"},
        show_all=show_all,
        open_left=open_texts(columns, chosen),
        problems=problems,
    )


def _tally(column: Column) -> dict[str, Any]:
    findings = [text.finding for text in column.texts]
    return {
        "column": column.naming.column,
        "texts": len(findings),
        "blank": column.blank,
        "findings": [(finding, findings.count(finding)) for finding in Finding if finding in findings],
    }


def _row(
    request: HttpRequest,
    place: int,
    column: Column,
    text: Text,
    chosen: dict[str, str],
    options: SheetOptions,
    problems: dict[int, str],
) -> dict[str, Any]:
    """One text with what may be chosen for it; after a refusal, as it was sent."""
    naming = column.naming
    is_settled = text.finding in SETTLED
    candidates = [(fit.number, fit.called, fit.name, None) for fit in text.fits[:10]] if not is_settled else []
    if text.finding is not Finding.NOT_TRIED and not is_settled and not candidates:
        candidates = [tuple(candidate) for candidate in column.names.candidates(text.text)]  # type: ignore[misc]
    number = chosen.get(text.text, "")
    is_typed = bool(number) and number not in [candidate[0] for candidate in candidates]
    choice = TYPED if is_typed else number
    if problems:
        choice = request.POST.get(f"choice-{place}", choice)
        number = request.POST.get(f"number-{place}", number)
    return {
        "place": place,
        "naming": naming,
        "kind": naming.model._meta.verbose_name,
        "text": text,
        "is_settled": is_settled,
        "candidates": candidates,
        "choice": choice,
        "number": number if choice == TYPED else "",
        "keep": text.text in options.kept.get(naming.column, ()) or f"keep-{place}" in request.POST,
        "may_keep": naming.may_keep(text.text) and text.finding is Finding.NONE,
        "makes_new": naming.makes_new and text.finding is Finding.NONE,
        "problem": problems.get(place, ""),
    }
