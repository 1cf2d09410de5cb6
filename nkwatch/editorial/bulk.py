"""New records of an import, held back and stored together, each validated and with its version.

Each value is validated as its field validates it, each record gets its version (domain.md, rule 7),
and what the database refuses is put in the editor's words: what `save()` does, without a query a row.
"""

import contextlib
import dataclasses
import datetime
import functools
import gc
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, models, transaction
from django.db.models import CharField, TextField
from django.utils import timezone

from nkwatch.editorial.edtf import EDTFField, bounds
from nkwatch.editorial.fields import HTTPField
from nkwatch.editorial.importing.insertion import copy_links, copy_versions, insert, insert_values, reserved_ids
from nkwatch.editorial.versions import current_change

IDS_AT_ONCE = 1_000

# Addresses that Django's validator, which needs fifty times as long, takes as they are; most of a sheet's.
PLAIN_ADDRESS = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?\.){1,5}[a-z]{2,30}(?:/[!-~]{0,1000})?", re.ASCII
)

Model = type[models.Model]


class RefusedRecordError(Exception):
    """The database refused a new record; `row` is the number of the row that wanted it."""

    def __init__(self, row: int, error: ValidationError) -> None:
        super().__init__(str(error))
        self.row, self.error = row, error


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Leave Python's cycle collector off for the block, which makes many objects and no cycles among them.

    It would look through all of them again and again: half of the time of a large import.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if not gc.get_freeze_count():
                # What came into being meanwhile counts as old, and is not looked through at once on the way out.
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def clean_all(model: Model, values: dict[str, Any]) -> None:
    """Clean each text in `values`, which are for a new record of `model`; ids are given as `<name>_id`.

    Raises ValidationError by field. Left to the caller, who has the cells and the other records at
    hand: invisible characters, and what the model's own `clean()` asks.
    """
    errors: dict[str, Any] = {}
    cleaners = _texts(model)
    for name, value in values.items():
        if value and name in cleaners:
            try:
                values[name] = cleaners[name](value)
            except ValidationError as error:
                errors[name] = error
    if errors:
        raise ValidationError(errors)


@functools.cache
def _texts(model: Model) -> dict[str, Callable[[str], str]]:
    """How each text of `model` is cleaned: as its field does, once for each text that comes up again."""
    return {
        field.name: cleaner(field) for field in model._meta.concrete_fields if isinstance(field, CharField | TextField)
    }


def cleaner(field: Any) -> Callable[[str], str]:
    """What cleans a text for `field`; it raises ValidationError."""
    if isinstance(field, HTTPField):
        return lambda text: text if PLAIN_ADDRESS.fullmatch(text) else field.clean(text, None)
    if isinstance(field, EDTFField):
        return _cleaned_date
    most = field.max_length or 0
    has_rules = field.choices or type(field).clean is not models.Field.clean
    if has_rules or any(not isinstance(validator, MaxLengthValidator) for validator in field.validators):
        return functools.lru_cache(maxsize=50_000)(lambda text: field.clean(text, None))
    return lambda text: field.clean(text, None) if 0 < most < len(text) else text


def _cleaned_date(text: str) -> str:
    # What has bounds is as short as a date is, and has no blanks around it: nothing else is asked of it.
    bounds(text)
    return text


@functools.cache
def row_of(model: Model) -> type[Any]:
    """What a new record of `model` will be in its table: values by attribute name, and `from_row`, whence it comes.

    A sheet of a hundred thousand rows makes some two hundred thousand of these.
    """
    columns = [(column.attname, Any, _default_of(column)) for column in model._meta.concrete_fields]
    columns.append(("from_row", Any, dataclasses.field(default=0)))
    return dataclasses.make_dataclass(f"{model.__name__}Row", columns, slots=True, eq=False)


def _default_of(column: Any) -> Any:
    # Django marks a column without a default by a class, which is callable as well.
    if column.has_default() and callable(column.default):
        return dataclasses.field(default_factory=column.get_default)
    return dataclasses.field(default=column.get_default())


class NewRecords:
    """What a sheet adds, held until there is enough of it to be stored at once.

    A held record is no model but what `row_of` makes. With `writes` off (a preview) nothing is stored and ids are
    negative, so that rows can refer to each other's records all the same.
    """

    def __init__(self, sheet: str, writes: bool) -> None:
        self.sheet, self.writes = sheet, writes
        self.now = timezone.now()
        self._ids: dict[Model, Iterator[int]] = {}
        self._held: dict[Model, dict[int, Any]] = defaultdict(dict)
        self._links: dict[Any, list[tuple[int, int]]] = defaultdict(list)

    def make(self, model: Model, values: dict[str, Any]) -> Any:
        """A new record of `model` with the id under which it will be stored; its `values` are cleaned in place.

        Raises ValidationError by field, as `clean_all`.
        """
        clean_all(model, values)
        return row_of(model)(id=self.new_id(model), **values)

    def new_id(self, model: Model) -> int:
        """An id that no other record of `model` has or will have."""
        if model not in self._ids:
            self._ids[model] = reserved_ids(model, IDS_AT_ONCE) if self.writes else count(-1, -1)
        return next(self._ids[model])

    def add(self, model: Model, record: Any, row: int) -> None:
        """Hold `record` for the next `store`; `row` is where it comes from."""
        if self.writes:
            record.from_row = row
            self._held[model][record.id] = record

    def link(self, model: Model, name: str, pk: int, other: int) -> None:
        """Note that the many-valued field `name` of the held record `pk` has `other` in it."""
        if self.writes:
            self._links[model._meta.get_field(name)].append((pk, other))

    def held(self, model: Model, pk: int) -> Any:
        """The record, while it is not stored yet; else None."""
        return self._held[model].get(pk)

    def store(self) -> None:
        """Store what is held, with a version of each. Raises RefusedRecordError."""
        for model, found in self._held.items():
            _stamp(model, found.values(), self.now)
        held, links = dict(self._held), dict(self._links)
        self._held.clear()
        self._links.clear()
        try:
            with transaction.atomic():
                for model, found in held.items():
                    insert(model, found.values())
        except IntegrityError:
            for model, found in held.items():
                _say_what_was_refused(model, found.values())
            raise
        for field, pairs in links.items():
            _store_links(field, pairs)
        for model, found in held.items():
            if hasattr(model, "history"):
                self._store_versions(model, {pk: record.from_row for pk, record in found.items()})
        for field, pairs in links.items():
            copy_links(field, {pk for pk, _ in pairs})

    def _store_versions(self, model: Model, rows_of: Mapping[int, int]) -> None:
        change = current_change()
        signed = {
            "history_date": self.now,
            "history_type": "+",
            "history_user": getattr(change.user, "pk", None),
            "history_change_reason": change.reason or None,
            "act": change.act,
            "door": change.door,
            "batch": change.batch,
        }
        copy_versions(model, rows_of, signed, f"{self.sheet}, row ")


def _stamp(model: Model, records: Iterable[Any], now: datetime.datetime) -> None:
    """Give `records` the times that Django's own `save()` would."""
    names = [
        field.attname
        for field in model._meta.concrete_fields
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    ]
    for record in records:
        for name in names:
            setattr(record, name, now)


def _store_links(field: Any, pairs: Iterable[tuple[int, int]]) -> None:
    insert_values(field.remote_field.through, [field.m2m_column_name(), field.m2m_reverse_name()], pairs)


def _say_what_was_refused(model: Model, records: Iterable[Any]) -> None:
    for record in records:
        values = {field.attname: getattr(record, field.attname) for field in model._meta.concrete_fields}
        try:
            model(**values).validate_constraints()
        except ValidationError as error:
            raise RefusedRecordError(record.from_row, error) from error
