"""Storing many rows at once: for an import, whose twenty thousand rows Django's `bulk_create` would take minutes over.

Measured on 20,000 rows of an event sheet, `bulk_create` of the records and of their versions took
four fifths of the import: Django prepares each value of each column by itself. Here values that a
database takes as they are go to it as they are, and versions are copied where the records stand.
"""

import functools
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count, islice
from operator import attrgetter
from typing import Any

from django.db import connection, models

ROWS_AT_ONCE = 5_000

TAKEN_AS_IT_IS = frozenset(
    {
        "BigAutoField",
        "BooleanField",
        "CharField",
        "ForeignKey",
        "PositiveBigIntegerField",
        "PositiveIntegerField",
        "PositiveSmallIntegerField",
        "SlugField",
        "TextField",
    }
)
"""The types of fields whose Python values the drivers of both databases store themselves."""

DAYS_AND_TIMES = frozenset({"DateField", "DateTimeField"})
"""Those that only SQLite, which has no type for them, wants as text."""


def insert(model: type[models.Model], rows: Collection[Any]) -> None:
    """Store `rows`, each with an attribute for every column, in the table of `model`.

    Nothing is validated but by the database. Raises IntegrityError.
    """
    fields = model._meta.concrete_fields
    values = zip(*(_values(field, rows) for field in fields), strict=True)
    insert_values(model, [str(field.column) for field in fields], values)


def insert_values(model: type[models.Model], columns: Sequence[str], values: Iterable[Sequence[Any]]) -> None:
    """Store rows in the table of `model`: for each the values of `columns`, as the database takes them."""
    table, listed = _quoted(model._meta.db_table), ", ".join(map(_quoted, columns))
    values = iter(values)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
                for value in values:
                    copy.write_row(value)
        else:
            marks = ", ".join(["%s"] * len(columns))
            while some := list(islice(values, ROWS_AT_ONCE)):
                cursor.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", some)


def copy_versions(model: Any, rows_of: Mapping[int, int], signed: Mapping[str, Any], batch_row: str) -> None:
    """Store the first version of each record in `rows_of`, as it stands in its table.

    `rows_of` maps a record's id to the number of the row it is from, which goes behind `batch_row`;
    `signed` is what all versions have in common (who, when, why, which door).
    """
    version = model.history.model
    tracked = [field.column for field in version.tracked_fields]
    common = [version._meta.get_field(name) for name in signed]
    into = [*tracked, *(field.column for field in common), "batch_row"]
    taken = [*(f"t.{_quoted(column)}" for column in tracked), *["%s"] * len(common), "%s || r.value"]
    # One statement for all portions: SQLite keeps the last 128 that differ, with all they name.
    each = "json_each_text(%s::json)" if connection.vendor == "postgresql" else "json_each(%s)"
    sql = (
        f"INSERT INTO {_quoted(version._meta.db_table)} ({', '.join(map(_quoted, into))}) "
        f"SELECT {', '.join(taken)} FROM {each} r "
        f"JOIN {_quoted(model._meta.db_table)} t ON t.{_quoted(model._meta.pk.column)} = CAST(r.key AS bigint)"
    )
    values = [field.get_db_prep_save(value, connection) for field, value in zip(common, signed.values(), strict=True)]
    for some in _portions(list(rows_of)):
        numbers = json.dumps({pk: rows_of[pk] for pk in some})
        with connection.cursor() as cursor:
            cursor.execute(sql, [*values, batch_row, numbers])


def copy_links(field: Any, owners: Iterable[int]) -> None:
    """Store what the many-valued `field` of new records has in it with their only version.

    As django-simple-history keeps it: a copy of each row of the field, tied to the version.
    """
    version, through = field.model.history.model, field.remote_field.through
    kept = getattr(version, field.name).model
    owner, other = _quoted(field.m2m_column_name()), _quoted(field.m2m_reverse_name())
    for some in _portions(sorted(owners)):
        sql = (
            f"INSERT INTO {_quoted(kept._meta.db_table)} (history_id, id, {owner}, {other}) "
            f"SELECT v.history_id, t.id, t.{owner}, t.{other} FROM {_quoted(through._meta.db_table)} t "
            f"JOIN {_quoted(version._meta.db_table)} v ON v.id = t.{owner} "
            f"WHERE t.{owner} IN ({', '.join(str(int(pk)) for pk in some)})"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql)


def reserved_ids(model: type[models.Model], some: int) -> Iterator[int]:
    """Ids for new rows of `model` that nobody else will be given; asked of PostgreSQL `some` at a time.

    SQLite has one writer, whose transaction is open, and goes on after the highest id ever stored.
    """
    table = model._meta.db_table
    if connection.vendor == "sqlite":
        last = _asked("SELECT seq FROM sqlite_sequence WHERE name = %s", table)
        return count((last[0] if last else 0) + 1)
    sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    return chain.from_iterable(_asked(sql, table, some) for _ in count())


def _values(field: Any, rows: Collection[Any]) -> Iterator[Any]:
    """The values of one column, row by row, as the database takes them."""
    taken = TAKEN_AS_IT_IS | (DAYS_AND_TIMES if connection.vendor == "postgresql" else set())
    values = map(attrgetter(field.attname), rows)
    return values if field.get_internal_type() in taken else map(_Prepared(field).__getitem__, values)


class _Prepared(dict):
    """Values of one field, each made ready for the database once."""

    def __init__(self, field: Any) -> None:
        super().__init__({None: None})
        # A day needs no more than the last step of what its field does with it, and a sheet has many.
        is_day = field.get_internal_type() == "DateField"
        adapt = connection.ops.adapt_datefield_value
        self.prepare = adapt if is_day else functools.partial(field.get_db_prep_save, connection=connection)

    def __missing__(self, value: Any) -> Any:
        self[value] = found = self.prepare(value)
        return found


def _portions(rows: Sequence[Any], size: int = ROWS_AT_ONCE) -> Iterable[Sequence[Any]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _asked(sql: str, *values: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
