"""The row engine: rows of a sheet become records, with an editor's validation (event-sheet.md).

Built on django-import-export. What differs from its stock resource, and why: a misspelt header is
refused instead of ignored; a row finds its record by the *same thing, once* rules instead of an id;
a blank cell keeps what stands; one bad row leaves nothing of the file behind; every version says
which sheet and row it came from.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple, Self

import tablib
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Prefetch
from import_export import fields, resources, results, widgets
from import_export.instance_loaders import BaseInstanceLoader

from nkwatch.editorial import proposals
from nkwatch.editorial.desk import BEEN_PUBLIC
from nkwatch.editorial.models import ImportBatch, ImportRow, NumberedRecord, Publishable, numbered
from nkwatch.editorial.reading import Sheet
from nkwatch.editorial.text import as_cell, fold, join_list, split_list
from nkwatch.editorial.versions import changing, current_change

HEADER_ROWS = 1

Progress = Callable[[int, int], None]
"""Told now and then how many rows are done, and of how many; what it raises stops the import."""

# What a spreadsheet would run as a formula, whatever apostrophes stand before it already.
# East Asian programs take the wide signs too, and some skip blanks.
FORMULA = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])")

# Columns that nkwatch exports and derives itself: skipped, never honoured (event-sheet.md).
OWN_COLUMNS = frozenset({"number", "state", "page", "updated"})


def guard(text: str) -> str:
    """Mark text that a spreadsheet would run as a formula: an apostrophe goes before it (event-sheet.md)."""
    return f"'{text}" if FORMULA.match(text) else text


def unguard(value: Any) -> Any:
    """Take off the mark that `guard` set; any other value stays."""
    return value[1:] if isinstance(value, str) and value[:1] == "'" and FORMULA.match(value) else value


@dataclass
class Handles:
    """Names that the rows of one set of sheets have for each other: the `key` column.

    A sheet may call a row by a key of its own, and the other sheets of the set may refer to it by
    that key. Keys are remembered with the import, so that a sheet loaded again finds its records
    even where their names were corrected meanwhile.
    """

    records: dict[type[models.Model], dict[str, models.Model]] = field(default_factory=lambda: defaultdict(dict))

    def remember(self, key: str, record: models.Model) -> None:
        if key:
            self.records[type(record)][key] = record

    def find(self, model: type[models.Model], key: str) -> Any:
        return self.records[model].get(key)


@dataclass(frozen=True)
class RowProblem:
    """Why a row cannot be taken: the sheet, its row (the header is row 1), the column, the value, what is wrong."""

    sheet: str
    row: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        cell = f", {self.column} “{self.value}”" if self.column else ""
        return f"{self.sheet}, row {self.row}{cell}: {self.message}"


class Change(NamedTuple):
    """What a row does to one field of a record: its name, and its value before and after, in words."""

    field: str
    old: str
    new: str


class RowReport(NamedTuple):
    """What becomes of one row: its number, *new*, *cited*, *changed* or *unchanged*, and the record it is about.

    `since` says when the record that it changes or adds to was last stored, so that an importer who
    confirms later does not overrule somebody else.
    """

    row: int
    outcome: str
    record: str
    changes: tuple[Change, ...] = ()
    since: str = ""


class SheetError(Exception):
    """A sheet was refused, whole: nothing of it was written. `problems` says why, row by row."""

    def __init__(self, problems: Iterable[RowProblem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ChangedSincePreviewError(Exception):
    """Rows would do something else now than their importer has seen; `rows` has each as seen and as it is now."""

    def __init__(self, rows: Iterable[tuple[int, RowReport | None, RowReport | None]]) -> None:
        self.rows = list(rows)
        super().__init__("\n".join(f"Row {row}: {_seen_and_now(seen, now)}." for row, seen, now in self.rows))

    @classmethod
    def check(cls, seen: Iterable[RowReport], now: Iterable[RowReport]) -> None:
        """Raise it when rows differ from those seen."""
        before, after = ({line.row: line for line in lines} for lines in (seen, now))
        rows = [(number, before.get(number), after.get(number)) for number in sorted({*before, *after})]
        if differing := [row for row in rows if row[1] != row[2]]:
            raise cls(differing)


class RecordWidget(widgets.Widget):
    """A cell that names another record, by key, number, or whatever `named` understands."""

    def __init__(self, model: type[models.Model], named: Callable[[str], Any]) -> None:
        super().__init__()
        self.model, self.named = model, named

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        found = kwargs["handles"].find(self.model, text) or numbered(self.model, text) or self.named(text)
        if found is None:
            raise ValueError(
                f"“{text}” is not a known {self.model._meta.verbose_name}: give its number, its name, or another "
                "sheet's key for it."
            )
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Its number; a reason's slug, a country's code."""
        if value is None:
            return ""
        return value.label if isinstance(value, NumberedRecord) else str(getattr(value, "slug", value.pk))


class RecordsWidget(widgets.ManyToManyWidget):
    """A cell that names several records, separated by semicolons."""

    def __init__(self, model: type[models.Model], named: Callable[[str], Any]) -> None:
        super().__init__(model, separator=";")
        self.one = RecordWidget(model, named)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[Any]:
        return [self.one.clean(part, row=row, **kwargs) for part in split_list(str(value or ""))]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else join_list(self.one.render(record) for record in value.all())


class TextWidget(widgets.CharWidget):
    """Text without the blanks that spreadsheets leave around it."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return str(value if value is not None else "").strip()


class NumberWidget(widgets.Widget):
    """A whole or decimal number; text that is none is an error, not a blank."""

    def __init__(self, kind: Callable[[str], Any]) -> None:
        super().__init__()
        self.kind = kind

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = str(value if value is not None else "").strip()
        if not text:
            return None
        try:
            return self.kind(text)
        except (ValueError, ArithmeticError) as error:
            raise ValueError(f"“{text}” is not a number.") from error

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> int | float | None:
        """The number itself, for formats that tell numbers from text."""
        return float(value) if isinstance(value, Decimal) else value


def text(column: str, attribute: str | None = None) -> fields.Field:
    """A column of text."""
    return fields.Field(column_name=column, attribute=attribute or column, widget=TextWidget())


def number(column: str, kind: Callable[[str], Any] = int) -> fields.Field:
    """A column of numbers."""
    return fields.Field(column_name=column, attribute=column, widget=NumberWidget(kind))


def record(column: str, model: type[models.Model], named: Callable[[str], Any], attribute: str = "") -> fields.Field:
    """A column that names one other record."""
    return fields.Field(column_name=column, attribute=attribute or column, widget=RecordWidget(model, named))


def records(column: str, model: type[models.Model], named: Callable[[str], Any]) -> fields.Field:
    """A column that names several other records."""
    return fields.Field(column_name=column, attribute=column, widget=RecordsWidget(model, named))


class SheetResource(resources.Resource):
    """One kind of sheet. Subclasses declare its columns, and say which record a row is about."""

    plans: ClassVar[bool] = False
    """Whether a preview is planned without writing; else it is written and taken back."""

    required: ClassVar[tuple[str, ...]] = ()
    aliases: ClassVar[Mapping[str, str]] = {}
    """Other headers for a column, separated by semicolons; compared after folding, as all headers are."""

    class Meta:
        skip_unchanged = True
        report_skipped = True
        skip_html_diff = True
        store_instance = True
        import_id_fields: ClassVar[list[str]] = []
        instance_loader_class = BaseInstanceLoader

    def __init__(
        self,
        sheet: str,
        batch: ImportBatch,
        handles: Handles | None = None,
        set_aside: Iterable[str] = (),
        clear: Iterable[str] = (),
        first_row: int = HEADER_ROWS + 1,
        trusted: bool = False,
    ) -> None:
        """`first_row` is the number, in the file, of the first row below the header; `trusted` sheets
        change published records at once (the starter data), others propose (domain.md, rule 8)."""
        super().__init__()
        self.sheet, self.batch, self.handles = sheet, batch, handles or Handles()
        self.set_aside = {fold(column) for column in set_aside}
        self.clear = frozenset(clear)
        self.first_row, self.trusted = first_row, trusted
        self.headers: list[str] = []
        self.rows_by_number: dict[int, int] = {}
        self.made: list[models.Model] = []
        self.warnings: list[RowProblem] = []
        self.lines: dict[int, RowReport] = {}
        self.changes: dict[int, tuple[Change, ...]] = {}
        self.proposed = 0
        self.wrote = False
        self.numbers: Sequence[int] = ()

    def same(self, candidate: Any, row: dict[str, Any]) -> models.Model | None:
        """The record that stands already for what the row describes (domain.md, rule 6); None when new."""
        raise NotImplementedError

    def init_instance(self, row: Any = None) -> Any:
        return self._meta.model()

    def get_diff_headers(self) -> list[str]:
        return self.columns()

    def columns(self) -> list[str]:
        """The columns that this kind of sheet has."""
        return [column.column_name for column in self.get_import_fields()]

    @classmethod
    def known_headers(cls) -> list[str]:
        """Every header that the columns of this kind of sheet may have."""
        columns = cls.for_export().columns()
        return [
            *columns,
            "key",
            *OWN_COLUMNS,
            *(name for column in columns for name in split_list(cls.aliases.get(column, ""))),
        ]

    @classmethod
    def for_export(cls) -> Self:
        """The sheet to write records out by: it belongs to no import."""
        return cls("", ImportBatch(), Handles())

    def with_columns(self, records: Any, public: bool = True) -> Any:
        """Bring along what the columns name, each kind through its own public gate unless `public` is off.

        Whatever `records` brought along is left out: a relation can be brought along once.
        """
        records = records.prefetch_related(None)
        for column in self.get_import_fields():
            if isinstance(column.widget, RecordWidget | RecordsWidget):
                model: Any = column.widget.model
                if issubclass(model, Publishable):
                    named = model.objects.public() if public else model.objects.all()
                    records = records.prefetch_related(Prefetch(column.attribute, named))
                else:
                    records = records.select_related(column.attribute)
        return records

    def cells(self, record: Any) -> list[Any]:
        """The cells of a record's row, as this sheet would read them."""
        return [self.export_field(column, record) for column in self.get_import_fields()]

    def import_row(self, row: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Take off the guard of exported text first, so that it comes back as it went out."""
        for column, value in row.items():
            row[column] = unguard(value)
        return super().import_row(row, *args, **kwargs)

    def take(
        self, sheet: Sheet, good_rows: bool = False, writes: bool = True, progress: Progress | None = None
    ) -> list[RowProblem]:
        """As `load`, for a sheet as read; without `writes` the caller's transaction is rolled back."""
        if progress:
            progress(0, len(sheet.rows))
        self.numbers = sheet.numbers
        problems = self.load(sheet.dataset(), good_rows)
        if progress:
            progress(len(sheet.rows), len(sheet.rows))
        return problems

    def load(self, dataset: tablib.Dataset, good_rows: bool = False) -> list[RowProblem]:
        """Write every row of `dataset`, or raise SheetError and write none.

        With `good_rows` the rows that can be taken are written, and the problems of the others
        returned; a header that is off refuses the sheet all the same. New records arrive as drafts
        and stand in `made`; `lines` says by row what became of it, and counts go to the batch.
        """
        with transaction.atomic():
            result = self.import_data(dataset, use_transactions=good_rows, raise_errors=False, handles=self.handles)
            problems = sorted(self._problems(result), key=lambda problem: problem.row)
            if result.base_errors or (problems and not good_rows):
                raise SheetError(problems)
            self.batch.save()
        return problems

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        """Call the columns by their names here, refuse a header that is off, and put the rows in order."""
        dataset.headers = self.headers = self.named_headers(dataset.headers or [])
        self._put_in_order(dataset)

    def named_headers(self, headers: Sequence[str]) -> list[str]:
        """The columns that `headers` mean. Raises ValidationError for an unknown, missing or doubled one."""
        named = [self._column(header) for header in headers]
        known = {*self.columns(), "key", *OWN_COLUMNS}
        unknown = [header for header in named if header not in known and fold(header) not in self.set_aside]
        missing = [column for column in self.required if column not in named]
        doubled = sorted({header for header in named if named.count(header) > 1})
        for found, words in ((unknown, "unknown"), (missing, "missing"), (doubled, "doubled")):
            if found:
                raise ValidationError(
                    f"{words} column{'s' if len(found) > 1 else ''} {', '.join(found)}; "
                    f"this sheet has {', '.join(self.columns())}"
                )
        return named

    def checked_headers(self, headers: Sequence[str]) -> list[str]:
        """As `named_headers`. Raises SheetError."""
        try:
            return self.named_headers(headers)
        except ValidationError as error:
            raise SheetError([RowProblem(self.sheet, HEADER_ROWS, "", "", "; ".join(error.messages))]) from error

    def _column(self, header: Any) -> str:
        """The column that a header means: by its name or an alias, whatever its case, spaces and hyphens."""
        key = fold(str(header or ""))
        for column in (*self.columns(), "key", *OWN_COLUMNS):
            if key in map(fold, [column, *split_list(self.aliases.get(column, ""))]):
                return column
        return str(header or "").strip()

    def in_order(self, row: Mapping[str, str]) -> Any:
        """What rows are sorted by before they are matched; sheets whose rows depend on each other say."""

    def _put_in_order(self, dataset: tablib.Dataset) -> None:
        rows = list(
            zip(self.numbers or range(self.first_row, self.first_row + len(dataset)), dataset.dict, strict=True)
        )
        if rows and self.in_order(rows[0][1]) is not None:
            rows.sort(key=lambda numbered: self.in_order(numbered[1]))
            headers = dataset.headers
            dataset.wipe()
            dataset.headers = headers
            for _, row in rows:
                dataset.append([row[header] for header in headers])
        self.rows_by_number = {place: number for place, (number, _) in enumerate(rows, 1)}

    def _row_number(self, place: int) -> int:
        """The number in the file of the row at `place` in the order of work."""
        return self.rows_by_number.get(place, place + HEADER_ROWS)

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> models.Model | None:
        """The record that this row made when it was last loaded, or the one that rule 6 says it is."""
        if (key := row.get("key", "")) and (known := self._loaded_before(key)):
            return known
        candidate = self.init_instance(row)
        self.import_instance(candidate, row, handles=self.handles)
        return self.same(candidate, row)

    def _loaded_before(self, key: str) -> models.Model | None:
        earlier = ImportRow.objects.filter(
            sheet=self.sheet, key=key, record_type=ContentType.objects.get_for_model(self._meta.model)
        )
        last = earlier.order_by("-pk").first()
        return self._meta.model._default_manager.filter(pk=last.record_id).first() if last else None

    def import_field(self, field: fields.Field, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        """A blank cell keeps what stands, unless its column is to be cleared; a missing column always does."""
        if self._says(field.column_name, row):
            super().import_field(field, instance, row, is_m2m, **{**kwargs, "handles": self.handles})

    def _says(self, column: str, row: Mapping[str, Any]) -> bool:
        return bool(str(row.get(column) or "").strip()) or (column in self.clear and column in row)

    def skip_row(
        self, instance: Any, original: Any, row: dict[str, Any], import_validation_errors: dict[str, Any] | None = None
    ) -> bool:
        """Whether the row would change nothing. Blank cells are no change, so only filled ones are compared."""
        if import_validation_errors or original.pk is None:
            return False
        for column in self.get_import_fields():
            if not self._says(column.column_name, row):
                continue
            if isinstance(column.widget, RecordsWidget):
                named = {record.pk for record in column.clean(row, handles=self.handles)}
                if named != set(column.get_value(original).values_list("pk", flat=True)):
                    return False
            elif _as_cell(column.get_value(instance)) != _as_cell(column.get_value(original)):
                return False
        return not self.changes_parts(original, row)

    def changes_parts(self, instance: Any, row: dict[str, Any]) -> bool:
        """Whether the row says something of the record's parts (name variants, authors) that is not there."""
        return False

    def save_parts(self, instance: Any, row: dict[str, Any]) -> None:
        """Store the parts that the row names and that are not there yet."""

    def save_instance(self, instance: Any, is_create: bool, row: dict[str, Any], **kwargs: Any) -> None:
        with self._signed(kwargs["row_number"]):
            if is_create:
                instance.save()
                return
            stored = type(instance)._base_manager.get(pk=instance.pk)
            names = [f.name for f in instance._meta.concrete_fields if f.editable and not f.primary_key]
            changes = {name: getattr(instance, name) for name in names} | self._lists_of(row)
            self._tell_changes(kwargs["row_number"], stored, changes)
            if self.trusted or instance.state not in BEEN_PUBLIC:
                instance.save()
            else:
                self.propose(stored, changes)

    def _lists_of(self, row: dict[str, Any]) -> dict[str, list[Any]]:
        """The records that a row lists in each many-valued field that it says something of."""
        return {
            column.attribute: column.clean(row, handles=self.handles)
            for column in self.get_import_fields()
            if isinstance(column.widget, RecordsWidget) and self._says(column.column_name, row)
        }

    def _tell_changes(self, place: int, stored: Any, changes: Mapping[str, Any]) -> None:
        """Note, for the preview, what a row changes in a record: field, old and new.

        Other records by their names: the id of one that the sheet adds is another in the import than in its preview.
        """
        self.changes[self._row_number(place)] = tuple(
            Change(
                str(stored._meta.get_field(name).verbose_name),
                _in_words(getattr(stored, name)),
                _in_words(changes[name]),
            )
            for name in proposals.difference(stored, changes)
        )

    def change(self, record: Any, changes: Mapping[str, Any]) -> None:
        """Change a record that a row touches besides its own: at once, or as a proposal once it was public."""
        if record.state in BEEN_PUBLIC and not self.trusted:
            self.propose(record, changes)
            return
        many = {field.name for field in record._meta.many_to_many}
        for name, value in changes.items():
            if name in many:
                getattr(record, name).set(value)
            else:
                setattr(record, name, value)
        record.save()

    def propose(self, record: Publishable, changes: Mapping[str, Any]) -> None:
        """Note a change to a published record for a reviewer, once however often the sheet is read."""
        user: Any = current_change().user
        if user is None:
            raise ValidationError(f"This would change {record}, which is published: say who proposes it.")
        if proposals.propose_once(record, changes, user, reason=current_change().reason):
            self.proposed += 1

    def save_m2m(self, instance: Any, row: dict[str, Any], **kwargs: Any) -> None:
        """Store what the row lists; in a record that was public it was proposed already (domain.md, rule 8)."""
        with self._signed(kwargs["row_number"]):
            if self.trusted or instance.state not in BEEN_PUBLIC:
                super().save_m2m(instance, row, **kwargs)
            self.save_parts(instance, row)

    def _signed(self, row_number: int) -> Any:
        return changing(batch=self.batch.pk, row=f"{self.sheet}, row {self._row_number(row_number)}")

    def add_part(self, part: Any) -> None:
        """Store one part of a record and note it as made by this sheet."""
        part.save()
        self.made.append(part)

    def after_import_row(self, row: dict[str, Any], row_result: Any, **kwargs: Any) -> None:
        record, key = row_result.instance, row.get("key", "") or ""
        self.handles.remember(key, record)
        number = self._row_number(kwargs["row_number"])
        outcome = self.outcome(record, row_result.import_type)
        self.lines[number] = RowReport(number, outcome, str(record), self.changes.get(number, ()))
        if row_result.import_type == results.RowResult.IMPORT_TYPE_SKIP:
            self.batch.unchanged += 1
            return
        is_new = row_result.import_type == results.RowResult.IMPORT_TYPE_NEW
        if is_new:
            self.batch.new += 1
            self.made.append(record)
        else:
            self.batch.changed += 1
        self.wrote = True
        ImportRow.objects.create(
            batch=self.batch,
            sheet=self.sheet,
            row=number,
            key=key,
            outcome=ImportRow.Outcome.NEW if is_new else ImportRow.Outcome.CHANGED,
            record=record,
        )

    def outcome(self, record: Any, import_type: str) -> str:
        """What became of a row: new, changed or unchanged."""
        if import_type == results.RowResult.IMPORT_TYPE_SKIP:
            return "unchanged"
        return "new" if import_type == results.RowResult.IMPORT_TYPE_NEW else "changed"

    def warn(self, number: int, column: str, value: str, message: str) -> None:
        """Note something that an importer should look at, and that does not stop the row."""
        self.warnings.append(RowProblem(self.sheet, number, column, value, message))

    def _problems(self, result: results.Result) -> Iterator[RowProblem]:
        for error in result.base_errors:
            message = "; ".join(getattr(error.error, "messages", [str(error.error)]))
            yield RowProblem(self.sheet, HEADER_ROWS, "", "", message)
        for invalid in result.invalid_rows:
            values = dict(zip(result.diff_headers, invalid.values, strict=True))
            yield from self._cell_problems(invalid.error, self._row_number(invalid.number), values)
        for number_, failed in result.row_errors():
            for error in failed:
                yield from self._cell_problems(error.error, self._row_number(number_), dict(error.row))

    def _cell_problems(self, error: Exception, row: int, values: dict[str, Any]) -> Iterator[RowProblem]:
        by_field = error.message_dict if isinstance(error, ValidationError) and hasattr(error, "error_dict") else None
        if by_field is None:
            message = "; ".join(getattr(error, "messages", [str(error)]))
            yield RowProblem(self.sheet, row, "", "", message)
            return
        names = {column.attribute: column.column_name for column in self.get_import_fields()}
        for attribute, messages in by_field.items():
            column = names.get(attribute, attribute if attribute in {*values, *self.columns()} else "")
            yield RowProblem(self.sheet, row, column, str(values.get(column, "")), " ".join(messages))


def _seen_and_now(seen: RowReport | None, now: RowReport | None) -> str:
    """What differs between a row as it was previewed and as it would be taken now, in words."""
    if seen is None or now is None:
        return (
            f"was {seen.outcome if seen else 'refused'} in the preview, and is {now.outcome if now else 'refused'} now"
        )
    if seen.outcome != now.outcome:
        return f"“{now.record}” was {seen.outcome} in the preview, and is {now.outcome} now"
    if told := [f"{change.field} is “{change.old}” now" for change in now.changes if change not in seen.changes]:
        return f"“{now.record}” has changed since the preview: {'; '.join(told)}"
    return f"“{now.record}” was changed by somebody else since the preview"


def _in_words(value: Any) -> str:
    if isinstance(value, models.Manager):
        value = list(value.all())
    if isinstance(value, list):
        return join_list(sorted(map(str, value)))
    return "" if value is None else str(value)


def _as_cell(value: Any) -> Any:
    """A value to compare with that of a cell."""
    return as_cell(value) if isinstance(value, str) else value
