"""New records of an import, stored together: a statement for a thousand of them, and a version of each.

Django's own bulk writes leave out what `save()` does. Here each value is validated as its field
validates it, each record gets its version (domain.md, rule 7), and what the database refuses is put
in the editor's words.
"""

import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from nkwatch.editorial.text import validate_visible_text
from nkwatch.editorial.versions import current_change

ROWS_A_STATEMENT = 1_000

Record = TypeVar("Record", bound=models.Model)


class RefusedRecordError(Exception):
    """The database refused a new record; `row` is the number of the row that wanted it."""

    def __init__(self, row: int, error: ValidationError) -> None:
        super().__init__(str(error))
        self.row, self.error = row, error


@functools.lru_cache(maxsize=100_000)
def cleaned(field: models.Field, value: Any) -> Any:
    """`value` as `field` cleans it. Raises ValidationError; what is right is remembered, since cells repeat."""
    value = field.clean(value, None)
    if isinstance(value, str):
        validate_visible_text(value)
    return value


def all_cleaned(model: type[models.Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` for a new record of `model`, each text in them cleaned; ids are given as `<name>_id`.

    Raises ValidationError by field. What the model's own `clean()` asks of other records is left to
    the caller, who has them at hand.
    """
    errors: dict[str, Any] = {}
    found = dict(values)
    for name, value in values.items():
        if value and isinstance(value, str) and not name.endswith("_id"):
            try:
                found[name] = cleaned(_field(model, name), value)
            except ValidationError as error:
                errors[name] = error
    if errors:
        raise ValidationError(errors)
    return found


@functools.cache
def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


@functools.cache
def _defaults(model: type[models.Model]) -> dict[str, Any]:
    return {field.attname: field.get_default() for field in model._meta.concrete_fields}


class NewRecords:
    """What a sheet adds, held back until there is enough of it for one statement.

    With `writes` off (a preview) nothing is stored and ids are negative, so that rows can refer to
    each other's records all the same.
    """

    def __init__(self, sheet: str, writes: bool) -> None:
        self.sheet, self.writes = sheet, writes
        self._ids: dict[type[models.Model], Iterator[int]] = {}
        self._waiting: dict[type[models.Model], dict[int, tuple[models.Model, int]]] = defaultdict(dict)
        self._lists: dict[models.ManyToManyField, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))

    def make(self, model: type[models.Model], **values: Any) -> Any:
        """A new record of `model` with the id under which it will be stored.

        In a preview, where nothing is, it is no model but only what a record has: values and defaults.
        Raises ValidationError by field, as `all_cleaned`.
        """
        values = all_cleaned(model, values)
        pk = self._next_id(model)
        return model(pk=pk, **values) if self.writes else SimpleNamespace(**{**_defaults(model), **values, "pk": pk})

    def number(self, record: Record) -> Record:
        """Give a record that is made already the id under which it will be stored."""
        record.pk = self._next_id(type(record))
        return record

    def _next_id(self, model: type[models.Model]) -> int:
        if model not in self._ids:
            self._ids[model] = _reserved_ids(model) if self.writes else iter(range(-1, -(10**9), -1))
        return next(self._ids[model])

    def add(self, record: models.Model, row: int) -> None:
        """Hold `record`, which has its id, for the next `store`; `row` is where it comes from."""
        if self.writes:
            self._waiting[type(record)][record.pk] = (record, row)

    def link(self, record: type[models.Model], name: str, pk: int, other: int) -> None:
        """Note that the many-valued field `name` of the held record `pk` has `other` in it."""
        if self.writes:
            field: Any = record._meta.get_field(name)
            self._lists[field][pk].append(other)

    @property
    def weight(self) -> int:
        """How many records are held."""
        return sum(map(len, self._waiting.values()))

    def held(self, model: type[Record], pk: int) -> Record | None:
        """The record, while it is not stored yet."""
        found = self._waiting[model].get(pk)
        return found[0] if found else None  # type: ignore[return-value]

    def store(self) -> None:
        """Store what is held, with a version of each. Raises RefusedRecordError."""
        waiting, lists = dict(self._waiting), dict(self._lists)
        self._waiting.clear()
        self._lists.clear()
        try:
            with transaction.atomic():
                for model, found in waiting.items():
                    records = [record for record, _ in found.values()]
                    model._base_manager.bulk_create(records, batch_size=ROWS_A_STATEMENT)
        except IntegrityError:
            for found in waiting.values():
                _say_what_was_refused(found.values())
            raise
        for field, links in lists.items():
            through = _through(field)
            owner, other = field.m2m_column_name(), field.m2m_reverse_name()
            rows = [through(**{owner: pk, other: one}) for pk, others in links.items() for one in others]
            through._base_manager.bulk_create(rows, batch_size=ROWS_A_STATEMENT)
        for model, found in waiting.items():
            if hasattr(model, "history"):
                of_model = {field: links for field, links in lists.items() if field.model is model}
                self._store_versions(model, list(found.values()), of_model)

    def _store_versions(
        self,
        model: Any,
        records: Sequence[tuple[models.Model, int]],
        lists: Mapping[models.ManyToManyField, Mapping[int, list[int]]],
    ) -> None:
        version = model.history.model
        change = current_change()
        tracked = {field.attname for field in version.tracked_fields}
        names = [field.attname for field in version._meta.concrete_fields if field.attname in tracked]
        values_of = attrgetter(*names)
        signed = {
            "history_date": timezone.now(),
            "history_type": "+",
            "history_user_id": getattr(change.user, "pk", None),
            "history_change_reason": change.reason[:100] or None,
            "door": change.door,
            "batch": change.batch,
        }
        versions = [
            version(**dict(zip(names, values_of(record), strict=True)), **signed, batch_row=f"{self.sheet}, row {row}")
            for record, row in records
        ]
        version._base_manager.bulk_create(versions, batch_size=ROWS_A_STATEMENT)
        for field, links in lists.items():
            self._store_lists_of_versions(version, field, links, versions)

    def _store_lists_of_versions(
        self, version: Any, field: models.ManyToManyField, links: Mapping[int, list[int]], versions: Iterable[Any]
    ) -> None:
        """As django-simple-history keeps them: a copy of each row of the field, tied to the version."""
        kept = getattr(version, field.name).model
        owner, other = field.m2m_column_name(), field.m2m_reverse_name()
        through = _through(field)
        found = through._base_manager.filter(**{f"{owner}__in": list(links)}).values_list("pk", owner, other)
        by_owner: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for pk, of, one in found:
            by_owner[of].append((pk, one))
        kept._base_manager.bulk_create(
            [
                kept(history_id=row.history_id, id=pk, **{owner: row.id, other: one})
                for row in versions
                for pk, one in by_owner.get(row.id, ())
            ],
            batch_size=ROWS_A_STATEMENT,
        )


def _through(field: models.ManyToManyField) -> Any:
    return field.remote_field.through


def _reserved_ids(model: type[models.Model]) -> Iterator[int]:
    """Ids that nobody else will use, asked of the database a thousand at a time.

    SQLite has one writer, and `AUTOINCREMENT` goes on after the highest id ever stored.
    """
    table = model._meta.db_table
    if connection.vendor == "sqlite":
        last = _asked("SELECT seq FROM sqlite_sequence WHERE name = %s", table)
        yield from range((last[0] if last else 0) + 1, 2**63)
    while True:
        next_ids = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        yield from _asked(next_ids, table, ROWS_A_STATEMENT)


def _asked(sql: str, *values: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def _say_what_was_refused(records: Iterable[tuple[models.Model, int]]) -> None:
    for record, row in records:
        try:
            record.validate_constraints()
        except ValidationError as error:
            raise RefusedRecordError(row, error) from error
