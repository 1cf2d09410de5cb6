"""Templates of sheets to fill in: the columns, example rows, and a data dictionary (issue 4, point 2).

What a column takes is derived from the sheet and its model; a few words of the sheet's own fill what they do not say.
"""

import csv
import datetime
import io
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from xlsxwriter import Workbook

from nkwatch.editorial.edtf import ACCEPTED as EDTF_ACCEPTED
from nkwatch.editorial.edtf import EDTFField
from nkwatch.editorial.fields import HTTPField
from nkwatch.editorial.importing.columns import NumberWidget, RecordsWidget, RecordWidget, guard
from nkwatch.editorial.importing.sheets import SheetResource
from nkwatch.editorial.public.exports import NO_CLOCK
from nkwatch.editorial.text import as_cell

DICTIONARY = "Data dictionary"
ENDINGS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8; header=present",
}
WIDTHS = (24, 12, 60, 60, 36, 40)

Row = Mapping[str, str]


class ColumnWords(NamedTuple):
    """What a sheet says of a column itself; what is empty is derived."""

    meaning: str = ""
    accepted: str = ""
    needed: str = ""
    example: str = ""


class ColumnEntry(NamedTuple):
    """One row of a data dictionary."""

    column: str
    needed: str
    meaning: str
    accepted: str
    other_headers: str
    example: str


def data_dictionary(
    kind: type[SheetResource], examples: Iterable[Row] = (), words: Mapping[str, ColumnWords] | None = None
) -> list[ColumnEntry]:
    """What each column of a kind of sheet means and takes, in the order of the columns."""
    sheet, rows = kind.for_export(), list(examples)
    fields = {field.column_name: field for field in sheet.get_import_fields()}
    entries = []
    for column in sheet.columns():
        own = (words or {}).get(column, ColumnWords())
        field = fields.get(column)
        example = next((row[column] for row in rows if row.get(column)), "")
        entries.append(
            ColumnEntry(
                column,
                own.needed or ("yes" if column in kind.required else "no"),
                own.meaning or meaning_of(column, model_field(kind, field)),
                own.accepted or _accepted(field, model_field(kind, field)),
                kind.aliases.get(column, ""),
                own.example or example,
            )
        )
    return entries


def template(
    name: str, ending: str, kind: type[SheetResource], examples: list[Row], words: Mapping[str, ColumnWords]
) -> bytes:
    """A sheet with a header and example rows; as a workbook with the data dictionary on a second sheet."""
    columns = kind.for_export().columns()
    lines = [columns, *([guard(as_cell(row.get(column, ""))) for column in columns] for row in examples)]
    if ending == "csv":
        text = io.StringIO()
        csv.writer(text).writerows(lines)
        # The mark tells spreadsheet programs that the Korean in it is UTF-8.
        return text.getvalue().encode("utf-8-sig")
    return _workbook(name, lines, data_dictionary(kind, examples, words))


def _workbook(name: str, lines: list[list[str]], dictionary: list[ColumnEntry]) -> bytes:
    written = io.BytesIO()
    book = Workbook(written, {"in_memory": True})
    book.set_properties({"created": NO_CLOCK})
    head, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    rows, explained = book.add_worksheet(name), book.add_worksheet(DICTIONARY)
    for sheet, content, format_ in (
        (rows, lines, None),
        (explained, [[name.replace("_", " ") for name in ColumnEntry._fields], *dictionary], wrapped),
    ):
        for number, line in enumerate(content):
            for place, cell in enumerate(line):
                if cell:
                    sheet.write_string(number, place, cell, head if number == 0 else format_)
        sheet.freeze_panes(1, 0)
    rows.set_column(0, len(lines[0]) - 1, WIDTHS[0])
    for place, width in enumerate(WIDTHS):
        explained.set_column(place, place, width)
    book.close()
    return written.getvalue()


def model_field(kind: type[SheetResource], field: Any) -> Any:
    """The field of the model that a column fills; None for one that fills parts of the record."""
    if field is None or not field.attribute:
        return None
    try:
        return kind._meta.model._meta.get_field(field.attribute)
    except FieldDoesNotExist:
        return None


def meaning_of(column: str, field: Any) -> str:
    """What a column holds, in the words of the field of the model behind it; empty without one."""
    if field is None:
        return ""
    name = str(field.verbose_name)
    named = "" if name == column.replace("_", " ") else f"{name[:1].upper()}{name[1:]}. "
    return f"{named}{field.help_text}".strip() or f"The {name} of the {field.model._meta.verbose_name}."


def _accepted(column: Any, field: Any) -> str:
    widget = getattr(column, "widget", None)
    if isinstance(widget, RecordsWidget):
        return f"{_named(widget.model)}; several are separated by semicolons"
    if isinstance(widget, RecordWidget):
        return _named(widget.model)
    if isinstance(widget, NumberWidget):
        return "a whole number" if widget.kind is int else "a number"
    if field is None:
        return "text"
    return _accepted_by(field)


def _accepted_by(field: Any) -> str:
    if field.choices:
        return "one of: " + ", ".join(str(value) for value, _ in field.flatchoices if value)
    if isinstance(field, EDTFField):
        return EDTF_ACCEPTED
    if isinstance(field, HTTPField):
        return "a web address that begins with http:// or https://"
    if isinstance(field, models.DateField):
        return f"a day, such as {datetime.date(2023, 11, 1).isoformat()}"
    return f"text of at most {field.max_length} characters" if field.max_length else "text"


def _named(model: type[models.Model]) -> str:
    name = str(model._meta.verbose_name)
    a_record = f"an {name}" if name[0] in "aeiou" else f"a {name}"
    if hasattr(model, "prefix"):
        return f"the number ({model.prefix}-0001) or name of {a_record}, or its key in a sheet loaded with this one"
    if model._meta.pk.name == "code":
        return f"the code or name of {a_record}, in English or Korean"
    return f"{a_record}, by its slug or label"
