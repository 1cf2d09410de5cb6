"""The wizard's second page: how the file was read, and what its columns are."""

import dataclasses
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict

from missions.admin_import.steps import WAITING, address, page, step, to
from missions.importing.columns import (
    REASONS_COLUMN,
    UNDECIDED,
    UNREAD,
    columns_of,
    guesses,
    problems_of,
    remember,
    remembered,
)
from missions.importing.files import choose, content_of
from missions.importing.imports import KINDS, UnreadableFileError, read
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.importing.sheets import OWN_COLUMNS
from nkwatch.editorial.models import ImportBatch
from nkwatch.editorial.reading import DELIMITERS, TEXT_ENCODINGS, Sheet
from nkwatch.editorial.text import fold

HERE = "missions_import_columns"
SAMPLES = 3
ROWS_SHOWN = 5


class ReadingForm(forms.Form):
    """How to read the file, where what was detected is not right."""

    sheet = forms.CharField(label="Sheet of the workbook", required=False, help_text="Empty: the first visible one.")
    encoding = forms.ChoiceField(
        required=False, choices=[("", "detect it"), *((name, name) for name in TEXT_ENCODINGS)]
    )
    delimiter = forms.ChoiceField(
        label="Cells are separated by",
        required=False,
        choices=[("", "detect it"), *((name, name) for name in DELIMITERS.values())],
    )
    header_row = forms.IntegerField(
        label="Row of the header", required=False, min_value=1, max_value=1000, help_text="Empty: detect it."
    )
    order = forms.ChoiceField(
        label="Dates such as 03/04/2023",
        required=False,
        choices=[("", "refuse them"), ("day-first", "day first"), ("month-first", "month first")],
    )

    def clean_header_row(self) -> int:
        return self.cleaned_data["header_row"] or 0


@step(*WAITING, own=True, post_only=True)
def reading_page(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """Read the file as its importer says; columns are chosen anew where the header turns out another."""
    options = SheetOptions.from_json(batch.options)
    content = content_of(batch)
    before = read(content, options)
    form = ReadingForm(request.POST)
    if form.is_valid():
        told = dataclasses.replace(options, **form.cleaned_data)
        try:
            sheet = read(content, told)
        except UnreadableFileError as error:
            form.add_error(_field_of(told, options), str(error))
        else:
            if sheet.headers != before.headers:
                told = dataclasses.replace(told, columns=(), clear=(), names={}, kept={}, mended={})
            elif sheet.rows != before.rows:
                told = dataclasses.replace(told, mended={})
            choose(batch, told)
            return to(HERE, batch)
    return _shown(request, batch, before, options, reading=form)


def _field_of(told: SheetOptions, before: SheetOptions) -> str:
    """The field that was changed, for a message to stand beside."""
    changed = (name for name in ReadingForm.base_fields if getattr(told, name) != getattr(before, name))
    return next(changed, "sheet")


@step(*WAITING, own=True)
def columns_page(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """Choose what each column is; what was chosen is remembered for sheets with the same headers."""
    options = SheetOptions.from_json(batch.options)
    sheet = read(content_of(batch), options)
    if request.method != "POST":
        return _shown(request, batch, sheet, options)
    chosen = _chosen(request.POST, batch.kind, sheet, options)
    by_place, by_column = problems_of(batch.kind, sheet.headers, chosen.columns, chosen.constants)
    if by_place or by_column:
        return _shown(request, batch, sheet, chosen, by_place=by_place, by_column=by_column)
    remember(batch.kind, sheet.headers, chosen.columns, chosen.constants, request.user)
    if chosen != options:
        choose(batch, chosen)
    return to("missions_import_names", batch)


def _chosen(sent: QueryDict, kind: str, sheet: Sheet, options: SheetOptions) -> SheetOptions:
    columns = tuple(sent.get(f"column-{place}", UNDECIDED) for place in range(len(sheet.headers)))
    constants = {column: text for column in columns_of(kind) if (text := sent.get(f"constant-{column}", "").strip())}
    clear = tuple(
        column for place, column in enumerate(columns) if column in columns_of(kind) and f"clear-{place}" in sent
    )
    told = dataclasses.replace(options, columns=columns, constants=constants, clear=clear)
    if columns == options.columns and constants == options.constants:
        return told
    return dataclasses.replace(told, names={}, kept={}, mended={})


def _shown(
    request: HttpRequest,
    batch: ImportBatch,
    sheet: Sheet,
    options: SheetOptions,
    reading: ReadingForm | None = None,
    by_place: dict[int, str] | None = None,
    by_column: dict[str, str] | None = None,
) -> HttpResponse:
    by_place, by_column = by_place or {}, by_column or {}
    guessed = guesses(batch.kind, sheet.headers)
    columns = options.columns or tuple(guess.column for guess in guessed)
    constants = options.constants
    if not options.columns and (shape := remembered(batch.kind, sheet.headers)):
        constants = {**shape.constants, **options.constants}
    headers = [
        {
            "place": place,
            "header": header,
            "samples": _samples(sheet, place),
            "column": columns[place],
            "how": guessed[place].how if columns[place] == guessed[place].column else "chosen",
            "own": columns[place] if columns[place] in OWN_COLUMNS else "",
            "clear": columns[place] in options.clear,
            "problem": by_place.get(place, ""),
        }
        for place, header in enumerate(sheet.headers)
    ]
    return page(
        request,
        "columns",
        "What the columns are",
        batch,
        HERE,
        sheet=sheet,
        first_rows=sheet.rows[:ROWS_SHOWN],
        reading=reading or ReadingForm(initial={**options.as_json(), "header_row": options.header_row or None}),
        reading_url=address("missions_import_reading", batch),
        headers=headers,
        choices=columns_of(batch.kind),
        unread=[header["header"] for header in headers if header["column"] == UNREAD],
        reasons_column=REASONS_COLUMN if REASONS_COLUMN in map(fold, sheet.headers) else "",
        constants=_constants(batch.kind, columns, constants, by_column),
        problems=len(by_place) + len(by_column),
    )


def _samples(sheet: Sheet, place: int) -> list[str]:
    """The first different texts of a column."""
    found: dict[str, None] = {}
    for row in sheet.rows:
        if row[place]:
            found[row[place]] = None
        if len(found) == SAMPLES:
            break
    return list(found)


def _constants(
    kind: str, columns: tuple[str, ...], constants: Any, problems: dict[str, str]
) -> dict[str, list[dict[str, Any]]]:
    """The columns that the sheet lacks: those that are needed or filled, and the others."""
    lacking = [
        {
            "column": column,
            "text": constants.get(column, ""),
            "needed": column in KINDS[kind].required,
            "problem": problems.get(column, ""),
        }
        for column in columns_of(kind)
        if column not in columns or column in problems or column in constants
    ]
    first = [one for one in lacking if one["needed"] or one["text"] or one["problem"]]
    return {"first": first, "others": [one for one in lacking if one not in first and one["column"] != "key"]}
