"""What a merge writes, row by row: stored with one signed version each, and noted so that it can be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models

from nkwatch.editorial.bulk_versions import REMOVED, lists_of, store_versions
from nkwatch.editorial.desk import BEEN_PUBLIC
from nkwatch.editorial.importing.traces import lists_naming
from nkwatch.editorial.models import Publishable
from nkwatch.editorial.proposals import store_in_one_version, stored_value

Entry = dict[str, Any]

SET_BY_THE_DESK = ("state", "retraction_reason")


class Line(NamedTuple):
    """One row that a merge writes, for people: what becomes of it (`moves`, `folds`, `changes`, `gains`), and why."""

    what: str
    row: Any
    words: str


@dataclass
class Ledger:
    """The writes of one merge, in order (`entries`), and what people and guards are told of them.

    `joined` are the pairs of records of which one took over what named the other; `folded` those
    among them that only became the same by moving. `was_public` are the rows that readers had
    seen before.
    """

    entries: list[Entry] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    notes: list[tuple[str, Any, Any]] = field(default_factory=list)
    joined: list[tuple[Any, Any]] = field(default_factory=list)
    folded: list[tuple[Any, Any]] = field(default_factory=list)
    was_public: list[Any] = field(default_factory=list)
    held: dict[tuple[Any, int], Any] = field(default_factory=dict)

    def hold(self, row: Any) -> None:
        """Remember a row as it stands, since its values are about to be set free for another to take."""
        self.held[type(row), row.pk] = type(row)._base_manager.get(pk=row.pk)

    def _as_it_stood(self, row: Any) -> Any:
        return self.held.pop((type(row), row.pk), None) or type(row)._base_manager.get(pk=row.pk)

    def listed(self, row: Any, many: Any) -> list[int]:
        """The ids in a many-valued field."""
        return sorted(getattr(row, many.name).values_list("pk", flat=True))

    def change(self, row: Any, lists: Mapping[str, list[int]] | None = None, what: str = "moves") -> None:
        """Store `row` and its lists as one version, and note what differs from what stood.

        Raises ValidationError where the row's own rules refuse it.
        """
        model = type(row)
        stored = self._as_it_stood(row)
        fields = {}
        for column in _kept_columns(model):
            old, new = getattr(stored, column.attname), getattr(row, column.attname)
            if old != new:
                fields[column.attname] = [stored_value(column, old), stored_value(column, new)]
        changed = {}
        for name, ids in (lists or {}).items():
            old_ids = self.listed(stored, model._meta.get_field(name))
            if old_ids != ids:
                changed[name] = [old_ids, ids]
        self._see(stored)
        if isinstance(row, Publishable):
            store_in_one_version(row, {name: new for name, (_, new) in changed.items()})
        else:
            row.save()
        self.entries.append({"model": model._meta.label, "pk": row.pk, "fields": fields, "lists": changed})
        self.lines.append(Line(what, row, _in_words(model, [*fields, *changed])))

    def change_if_different(self, row: Any, lists: Any = (), what: str = "changes") -> None:
        """As `change`; nothing, and no version, where all stands as it is."""
        stored = self.held.get((type(row), row.pk)) or type(row)._base_manager.get(pk=row.pk)
        lists = {name: ids for name, ids in dict(lists).items() if ids != self.listed(row, row._meta.get_field(name))}
        if lists or any(getattr(stored, c.attname) != getattr(row, c.attname) for c in _kept_columns(type(row))):
            self.change(row, lists, what)

    def remove(self, row: Any, words: str = "it is a draft, and is taken out") -> None:
        """Take a row that readers never saw out of its table; its versions stay, and its values here."""
        model = type(row)
        stored = self._as_it_stood(row)
        lists = {many.name: self.listed(stored, many) for many in lists_of(model)}
        values = {
            column.attname: stored_value(column, getattr(stored, column.attname))
            for column in model._meta.concrete_fields
        }
        self.entries.append({"model": model._meta.label, "pk": row.pk, "removed": values, "lists": lists})
        self.lines.append(Line("folds", row, words))
        remove(stored)

    def make(self, row: Any, words: str) -> None:
        """Store a new row."""
        row.save()
        made = {
            column.attname: stored_value(column, getattr(row, column.attname)) for column in _kept_columns(type(row))
        }
        self.entries.append({"model": row._meta.label, "pk": row.pk, "made": made})
        self.lines.append(Line("gains", row, words))
        if row.state in BEEN_PUBLIC:
            self.was_public.append(row)

    def _see(self, stored: Any) -> None:
        if isinstance(stored, Publishable) and stored.state in BEEN_PUBLIC:
            self.was_public.append(stored)


def remove(stored: Any) -> None:
    """Take a row out of its table without Django's collector, which would take along what names it."""
    model = type(stored)
    store_versions([stored], REMOVED)
    for through, column in lists_naming(model):
        through._base_manager.filter(**{column: stored.pk}).delete()
    row = model._base_manager.filter(pk=stored.pk)
    row._raw_delete(row.db)


def _kept_columns(model: type[models.Model]) -> list[Any]:
    """The columns that hold what a row says, and where it stands; what saving fills follows from them."""
    return [
        column
        for column in model._meta.concrete_fields
        if not column.primary_key and (column.editable or column.name in SET_BY_THE_DESK)
    ]


def _in_words(model: type[models.Model], names: list[str]) -> str:
    by_column = {column.attname: column for column in model._meta.concrete_fields}
    fields = [by_column.get(name) or model._meta.get_field(name) for name in names]
    return ", ".join(str(getattr(found, "verbose_name", found.name)) for found in fields)


def model_of(entry: Entry) -> Any:
    return apps.get_model(entry["model"])
