"""What an import left behind, as versions tell it: the records it made and changed, and who uses them now."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Case, Max, Min, When, prefetch_related_objects

from nkwatch.editorial.bulk_versions import chunks, history_of, listed_now, listed_then, lists_of
from nkwatch.editorial.models import NumberedRecord, Publishable

Key = tuple[Any, int]

# What handing in, publishing and retracting set: no change of what a record says.
HANDLING = frozenset({"state", "retraction_reason", "number", "created", "updated"})


@dataclass
class Changed:
    """A record that the import changed, and its version from before."""

    record: Any
    before: Any

    def values_before(self) -> dict[str, Any]:
        """What the record said before the import, by column."""
        return {name: getattr(self.before, name) for name in content(type(self.record))}


@dataclass
class Traces:
    """The records of one import that are still there.

    `edited` are those that somebody changed after it. For each record that was made, `users` are
    the records that name it, except its parts made with it, and `parts` are all its parts.
    """

    made: dict[Key, Any] = field(default_factory=dict)
    changed: dict[Key, Changed] = field(default_factory=dict)
    edited: set[Key] = field(default_factory=set)
    users: dict[Key, list[Key]] = field(default_factory=lambda: defaultdict(list))
    parts: dict[Key, list[Key]] = field(default_factory=lambda: defaultdict(list))
    owners: dict[Key, Key] = field(default_factory=dict)
    labels: dict[Key, str] = field(default_factory=dict)

    def record(self, key: Key) -> Any:
        """A record that the import made or changed."""
        return self.made[key] if key in self.made else self.changed[key].record

    def called(self, key: Key) -> str:
        """What kind of record it is, and its number: mission M-0017, source draft-12."""
        model, pk = key
        return f"{model._meta.verbose_name} {self.labels.get(key, pk)}"


def kinds() -> list[Any]:
    """The models whose records an import may make."""
    return [model for model in apps.get_models() if issubclass(model, Publishable)]


def content(model: Any) -> list[str]:
    """The columns that hold what a record says, as versions keep them."""
    return [
        column.attname
        for column in history_of(model).tracked_fields
        if column.name not in HANDLING and not column.primary_key
    ]


def traces_of(batch: int, lock: bool = False) -> Traces:
    """What the import with this number left behind; the number of queries grows by the thousand records only.

    With `lock` nobody else changes these records, or comes to name one, until the transaction ends.
    """
    traces = Traces()
    for model in kinds():
        _collect(model, batch, traces, lock)
    _link(traces)
    for model in kinds():
        if made := [pk for kind, pk in traces.made if kind is model]:
            _find_users(model, made, traces)
    _label(traces)
    return traces


def made_by(batch: int | None, model: Any) -> list[Any]:
    """The records of `model` that the import with this number made."""
    made = history_of(model).objects.order_by().filter(batch=batch, history_type="+")
    return list(model._base_manager.filter(pk__in=made.values("id")).order_by("pk")) if batch else []


def _collect(model: Any, batch: int, traces: Traces, lock: bool) -> None:
    history = history_of(model).objects.order_by()
    own = history.filter(batch=batch)
    spans = {
        row["id"]: row
        for row in own.values("id").annotate(
            first=Min("history_id"),
            last=Max("history_id"),
            made=Max(Case(When(history_type="+", then=1), default=0)),
        )
    }
    if not spans:
        return
    standing = model._base_manager.select_for_update() if lock else model._base_manager
    records = {record.pk: record for ids in chunks(spans) for record in standing.filter(pk__in=ids)}
    changed = [pk for pk in records if not spans[pk]["made"]]
    earlier = _versions_before(history, {pk: spans[pk]["first"] for pk in changed})
    for pk, record in records.items():
        if spans[pk]["made"]:
            traces.made[model, pk] = record
        else:
            traces.changed[model, pk] = Changed(record, earlier.get(pk))
    others = history.exclude(batch=batch).filter(id__in=own.values("id"))
    latest = dict(others.values_list("id").annotate(Max("history_id")))
    since = {pk: spans[pk]["last"] for pk in records if latest.get(pk, 0) > spans[pk]["last"]}
    traces.edited |= {(model, pk) for pk in _edited(model, records, since)}


def _versions_before(history: Any, first: dict[int, int]) -> dict[int, Any]:
    """The last version of each record that is older than the one given."""
    latest: dict[int, int] = {}
    for ids in chunks(first):
        for pk, version in history.filter(id__in=ids).values_list("id", "history_id"):
            if latest.get(pk, 0) < version < first[pk]:
                latest[pk] = version
    found = (version for ids in chunks(latest.values()) for version in history.filter(pk__in=ids))
    return {version.id: version for version in found}


def _edited(model: Any, records: dict[int, Any], since: dict[int, int]) -> Iterator[int]:
    """Of records that have versions since the one given, those that say something else now than it does."""
    history = history_of(model).objects.order_by()
    columns = content(model)
    for ids in chunks(since):
        kept = {version.id: version for version in history.filter(pk__in=[since[pk] for pk in ids])}
        lists = [
            (listed_now(model, many, ids), listed_then(model, many, [since[pk] for pk in ids]))
            for many in lists_of(model)
        ]
        for pk in ids:
            if any(getattr(records[pk], name) != getattr(kept[pk], name) for name in columns) or any(
                now.get(pk, set()) != then.get(since[pk], set()) for now, then in lists
            ):
                yield pk


def _link(traces: Traces) -> None:
    """Let records name each other from memory, so that they can be called by their names once they are gone."""
    by_model: dict[Any, list[Any]] = defaultdict(list)
    for (model, _), record in traces.made.items():
        by_model[model].append(record)
    for model, records in by_model.items():
        for relation in relations_of(model):
            unknown = []
            for record in records:
                pk = getattr(record, relation.attname)
                if known := traces.made.get((relation.related_model, pk)):
                    setattr(record, relation.name, known)
                elif pk is not None:
                    unknown.append(record)
            prefetch_related_objects(unknown, relation.name)


def holders() -> list[Any]:
    """The models that may name a record: those of records, and what is kept beside them (a captured copy).

    What rules derive is none of them, whatever words a reviewer adds to it.
    """
    kept = [model for model in apps.get_models() if hasattr(model._meta, "simple_history_manager_attribute")]
    return [model for model in kept if not getattr(model, "is_derived", False)]


def relations_of(model: Any) -> Iterator[Any]:
    """The relations by which a record names other records; derived ones name nobody."""
    derived = getattr(model, "derived_fields", ())
    for column in model._meta.concrete_fields:
        if column.many_to_one and column.name not in derived and column.related_model in kinds():
            yield column


def lists_naming(model: Any) -> Iterator[tuple[Any, str]]:
    """The tables of many-valued fields that a record of `model` can stand in, and the column that names it there."""
    for holder in kinds():
        for many in holder._meta.many_to_many:
            through: Any = many.remote_field.through
            if through._meta.auto_created and holder is model:
                yield through, f"{many.m2m_field_name()}_id"
            if through._meta.auto_created and many.related_model is model:
                yield through, f"{many.m2m_reverse_field_name()}_id"


def _find_users(model: Any, made: list[int], traces: Traces) -> None:
    """Note who names the records that the import made, by foreign key or in a many-valued field."""
    parts = {model._meta.get_field(name).field for name in model.parts}
    for kind in holders():
        for relation in relations_of(kind):
            if relation.related_model is not model:
                continue
            for user, named in _pairs(kind._base_manager, "pk", relation.attname, made):
                traces.users[model, named].append((kind, user))
                if relation in parts:
                    traces.parts[model, named].append((kind, user))
                    traces.owners[kind, user] = (model, named)
        for many in kind._meta.many_to_many:
            through: Any = many.remote_field.through
            if many.related_model is model and through._meta.auto_created:
                own, other = f"{many.m2m_field_name()}_id", f"{many.m2m_reverse_field_name()}_id"
                for user, named in _pairs(through._base_manager, own, other, made):
                    traces.users[model, named].append((kind, user))


def _label(traces: Traces) -> None:
    users: dict[Any, set[int]] = defaultdict(set)
    for model, pk in [*traces.owners.values(), *(user for listed in traces.users.values() for user in listed)]:
        if issubclass(model, NumberedRecord):
            users[model].add(pk)
    for model, named in users.items():
        for ids in chunks(named):
            for record in model._base_manager.only("number").filter(pk__in=ids):
                traces.labels[model, record.pk] = record.label


def _pairs(rows: Any, user: str, named: str, ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    for chunk in chunks(ids):
        yield from rows.filter(**{f"{named}__in": chunk}).values_list(user, named)
