"""The tables of the public record, for whoever takes it as data: their columns, and their rows as readers see them.

What a column is follows from the sheet that takes it in and the field behind it; it is said nowhere twice.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.text import capfirst

from missions.exports import EventReports
from missions.importing.imports import EVENTS
from missions.models import Coverage, Mission, StatusSpan
from missions.resources import SHEETS as MISSION_SHEETS
from missions.sheet_words import words_for
from nkwatch.editorial.edtf import EDTFField
from nkwatch.editorial.fields import HTTPField
from nkwatch.editorial.importing.columns import NumberWidget, RecordsWidget
from nkwatch.editorial.importing.templates import meaning_of, model_field
from nkwatch.editorial.models import NumberedRecord, Publishable
from nkwatch.editorial.public.exports import Cell, SheetExport
from nkwatch.editorial.words import name_of
from sources.models import Country
from sources.resources import SHEETS as SOURCE_SHEETS

LISTS = ("missions", "events", "sources", "quotes", "actors", "figures", "reasons")
"""The tables that are also lists of the site, with an address for each format."""

EDTF = "a date as EDTF (ISO 8601-2): 2023, 2023-10, 2023-10-27~, 2023-11-01/2023-12-05, ../2023-12-05"


@dataclass(frozen=True)
class Column:
    """One column: `type` as a data package has it, `values` what it may hold."""

    name: str
    type: str
    meaning: str
    values: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table: its columns, and its rows, each with a cell for every column."""

    name: str
    model: Any
    columns: tuple[Column, ...]

    @property
    def title(self) -> str:
        """What its rows are called on a page."""
        return name_of(self.name)

    def records(self) -> Any:
        """The records that readers see, in an order that stays."""
        rows = self.model.objects.public() if issubclass(self.model, Publishable) else self.model.objects.all()
        if self.model is StatusSpan:
            rows = rows.filter(mission__in=Mission.objects.public())
            return rows.order_by("mission__number", "starts").select_related("mission")
        return rows.order_by("number" if issubclass(self.model, NumberedRecord) else "pk")

    def rows(self) -> Iterator[list[Cell]]:
        """The rows, a part of them in memory at a time."""
        if self.name not in ALL_SHEETS:
            for record in self.records().iterator(chunk_size=2_000):
                yield [_cell(record, column.name) for column in self.columns]
            return
        export = SheetExport(ALL_SHEETS[self.name])
        kept = [export.columns.index(column.name) for column in self.columns]
        coverages = _coverages() if self.name == "coverage_citations" else {}
        for record, row in zip(self.records().iterator(chunk_size=2_000), export.rows(self.records()), strict=True):
            cells = [row[place] for place in kept]
            if coverages:
                cells[_place(self, "coverage")] = coverages.get(record.coverage_id, "")
            yield cells


ALL_SHEETS: Mapping[str, Any] = {**MISSION_SHEETS, **SOURCE_SHEETS}


@functools.cache
def tables() -> tuple[Table, ...]:
    """Every table of the public record, those that are lists first."""
    sheets = [_of_sheet(name, sheet) for name, sheet in ALL_SHEETS.items()]
    spans = _of_model("status_spans", StatusSpan, ("mission", "starts", "ends", "status", *MARKS))
    countries = _of_model("countries", Country, ("code", "name", "name_ko", "region", "subregion", "governed_by"))
    order = {name: place for place, name in enumerate(LISTS)}
    return tuple(sorted((*sheets, spans, countries), key=lambda table: order.get(table.name, len(order))))


@functools.cache
def columns_of_list(table: Table) -> tuple[Column, ...]:
    """The columns of a list's files: those of its table, but for events, of which each report is a row."""
    if table.name != "events":
        return table.columns
    words = words_for(EVENTS)
    kept = {column.name: column for column in table.columns}
    return tuple(
        kept[name]
        if name not in words and name in kept
        else Column(name, "string", words[name].meaning if name in words else "", "text")
        for name in EventReports.columns
    )


MARKS = (
    "presumed_open",
    "may_be_closing",
    "may_have_closed",
    "seen_open_after_closing",
    "since",
    "last_reported",
    "last_seen_open",
    "support_level",
    "support_origins",
)


def _of_sheet(name: str, sheet: Any) -> Table:
    model = sheet._meta.model
    fields = {field.column_name: field for field in sheet.for_export().get_import_fields()}
    words = words_for(name)
    columns = []
    for column in SheetExport(sheet).columns:
        field = fields.get(column)
        if column == "number" and field is None:
            columns.append(Column(column, "string", "The record’s permanent number.", f"{model.prefix}-0001 and on"))
            continue
        behind = model_field(sheet, field)
        if behind is not None and behind.name in model.for_the_desk:
            continue
        own = words.get(column)
        meaning = (own.meaning if own else "") or meaning_of(column, behind)
        columns.append(_column(column, behind, meaning, getattr(field, "widget", None)))
    return Table(name, model, tuple(columns))


def _of_model(name: str, model: Any, names: tuple[str, ...]) -> Table:
    fields = [(name, model._meta.get_field(name)) for name in names]
    return Table(name, model, tuple(_column(name, field, meaning_of(name, field)) for name, field in fields))


def _column(name: str, field: Any, meaning: str, widget: Any = None) -> Column:
    values, kind = "text", "string"
    choices: tuple[str, ...] = ()
    if isinstance(widget, RecordsWidget):
        values = f"{_key_of(widget.model)}; several are separated by semicolons"
    elif field is not None and field.related_model:
        values = _key_of(field.related_model)
    elif isinstance(widget, NumberWidget) or isinstance(field, models.IntegerField):
        kind = "integer" if isinstance(field, models.IntegerField) else "number"
        values = "a whole number" if kind == "integer" else "a number"
    elif isinstance(field, models.BooleanField):
        kind, values = "boolean", "true or false"
    elif field is not None and field.choices:
        choices = tuple(str(value) for value, _ in field.flatchoices if value)
        values = "one of: " + ", ".join(choices)
    elif isinstance(field, EDTFField):
        values = EDTF
    elif isinstance(field, models.DateField):
        kind, values = "date", "a day, as 2023-11-01"
    elif isinstance(field, HTTPField):
        values = "a web address"
    return Column(name, kind, capfirst(meaning), values, choices)


def _key_of(model: Any) -> str:
    if model is Coverage:
        return "the mission’s number and the country’s code"
    name = model._meta.verbose_name
    if issubclass(model, NumberedRecord):
        return f"the number of a record: {model.prefix}-0001 ({name})"
    return f"the code of a {name}" if model is Country else f"the slug of a {name}"


def _cell(record: Any, name: str) -> Cell:
    field = record._meta.get_field(name)
    if field.related_model:
        return record.mission.label if name == "mission" else getattr(record, field.attname)
    value = getattr(record, name)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is None or isinstance(value, int | str) else value.isoformat()


def _coverages() -> dict[int, str]:
    rows = Coverage.objects.public().select_related("mission")
    return {coverage.pk: f"{coverage.mission.label} {coverage.country_id}" for coverage in rows}


def _place(table: Table, name: str) -> int:
    return next(place for place, column in enumerate(table.columns) if column.name == name)
