"""The row engine: rows of a sheet become records, with an editor's validation (event-sheet.md).

Built on django-import-export. What differs from its stock resource, and why: a misspelt header is
refused instead of ignored; a row finds its record by the *same thing, once* rules instead of an id;
a blank cell keeps what stands; one bad row leaves nothing of the file behind; every version says
which sheet and row it came from.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

import tablib
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Prefetch
from import_export import fields, resources, results
from import_export.instance_loaders import BaseInstanceLoader

from nkwatch.editorial import proposals
from nkwatch.editorial.desk import BEEN_PUBLIC
from nkwatch.editorial.importing.columns import Handles, RecordsWidget, RecordWidget, unguard
from nkwatch.editorial.importing.row_reports import Change, Progress, RowProblem, RowReport, SheetError
from nkwatch.editorial.models import ImportBatch, ImportRow, Publishable
from nkwatch.editorial.reading import Sheet
from nkwatch.editorial.text import as_cell, fold, join_list, split_list
from nkwatch.editorial.versions import changing, current_change

HEADER_ROWS = 1

OUTCOMES = {
    results.RowResult.IMPORT_TYPE_NEW: "new",
    results.RowResult.IMPORT_TYPE_UPDATE: "changed",
    results.RowResult.IMPORT_TYPE_SKIP: "unchanged",
}
"""What django-import-export calls what became of a row, in the words of event-sheet.md."""

# Columns that nkwatch exports and derives itself: skipped, never honoured (event-sheet.md).
OWN_COLUMNS = frozenset({"number", "state", "page", "updated"})


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
        """Call the columns by their names here, and refuse a header that is off."""
        dataset.headers = self.named_headers(dataset.headers or [])

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

    def _row_number(self, place: int) -> int:
        """The number in the file of the row at `place`, counted from 1."""
        return self.numbers[place - 1] if self.numbers else self.first_row + place - 1

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
        outcome = OUTCOMES[row_result.import_type]
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


def _in_words(value: Any) -> str:
    if isinstance(value, models.Manager):
        value = list(value.all())
    if isinstance(value, list):
        return join_list(sorted(map(str, value)))
    return "" if value is None else str(value)


def _as_cell(value: Any) -> Any:
    """A value to compare with that of a cell."""
    return as_cell(value) if isinstance(value, str) else value
