"""What waits for a reviewer: records and parts handed in, and proposed changes, oldest first (pages.md, B2).

Knows no domain: what a row would change for readers is found by the app that derives it.
"""

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db.models import (
    Case,
    DateTimeField,
    F,
    IntegerField,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Least

from nkwatch.editorial import desk
from nkwatch.editorial.bulk_versions import history_of
from nkwatch.editorial.models import ProposedChange, Publishable, State, top_kinds

CHANGE = "change"
MINE, OTHERS = "mine", "others"
STATUS, IMPORTED = "status", "import"
NEVER = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)

Flag = Callable[[Any], Q]
"""Given a kind of record, the condition under which a record of it bears the flag."""


@dataclass(frozen=True)
class Choice:
    """Which of the waiting rows are asked for; empty: all."""

    whose: str = ""
    kind: str = ""
    flag: str = ""


@dataclass
class Row:
    """One thing to decide: a record with its parts in review, or a proposed change."""

    key: str
    since: datetime.datetime
    record: Any
    change: ProposedChange | None = None
    waiting: list[Any] = field(default_factory=list)
    """The record and those of its parts that are in review."""
    seen: str = ""
    """Which versions these are, so that nobody approves what they have not seen."""
    authors: list[str] = field(default_factory=list)
    """Who wrote it or handed it in."""

    @property
    def is_whole(self) -> bool:
        """Whether the record itself was handed in, not only parts of it."""
        return bool(self.waiting) and self.waiting[0] is self.record

    @property
    def parts(self) -> list[Any]:
        """The parts in review."""
        return self.waiting[1:] if self.is_whole else self.waiting


def part_paths(model: type[Publishable], prefix: str = "") -> list[tuple[type[Publishable], str]]:
    """The kinds of parts of `model`, and theirs, each with the way from the part to the record."""
    found: list[tuple[type[Publishable], str]] = []
    for name in model.parts:
        relation: Any = model._meta.get_field(name)
        way = f"{relation.field.name}{'__' if prefix else ''}{prefix}"
        found += [(relation.related_model, way), *part_paths(relation.related_model, way)]
    return found


def is_waiting(model: type[Publishable]) -> Q:
    """The condition that a record of `model`, or a part of it, is in review."""
    waiting = Q(state=State.IN_REVIEW)
    for part, way in part_paths(model):
        waiting |= Q(pk__in=part._base_manager.filter(state=State.IN_REVIEW).values(way))
    return waiting


def waits_since(model: type[Publishable]) -> Any:
    """When a record of `model` that waits was handed in; where only parts of it wait, the first of these."""
    since = Case(When(state=State.IN_REVIEW, then=_handed_in(model)), default=_oldest_part(part_paths(model)))
    return Coalesce(since, "created")


def owner_of(record: Any) -> Any:
    """The record that `record` is part of in the end; itself, where it is part of none."""
    for top in top_kinds():
        for part, way in part_paths(top):
            if type(record) is part:
                for name in way.split("__"):
                    record = getattr(record, name)
                return record
    return record


class Queue:
    """What waits for `user` to see, as chosen; to be paged, each page with a fixed number of queries a kind."""

    def __init__(self, user: User, choice: Choice, flags: Mapping[str, Flag]) -> None:
        self.user, self.choice, self.flags = user, choice, flags
        self.kinds = [
            model
            for model in top_kinds()
            if user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
            and choice.kind in ("", model._meta.model_name)
        ]

    def keys(self) -> QuerySet[Any]:
        """(number of the kind, id, since when) of each row, oldest first: one query, to be counted and sliced."""
        wanted = [self._records(model) for model in self.kinds]
        if changes := self._changes():
            wanted.append(changes)
        first, *others = wanted or [self._none()]
        return first.union(*others, all=True).order_by("waits_since", "kind_place", "pk")

    def rows(self, keys: Sequence[tuple[int, int, datetime.datetime]]) -> list[Row]:
        """The rows of one page."""
        ids: dict[int, list[int]] = defaultdict(list)
        for place, pk, _ in keys:
            ids[place].append(pk)
        records = {place: _loaded(top_kinds()[place], found) for place, found in ids.items() if place >= 0}
        changes = _changes_by_id(ids.get(-1, []))
        rows = []
        for place, pk, since in keys:
            if place < 0 and pk in changes:
                rows.append(Row(f"{CHANGE}-{pk}", since, changes[pk].record, change=changes[pk]))
            elif place >= 0 and pk in records[place]:
                record = records[place][pk]
                key = f"{record._meta.model_name}-{pk}"
                rows.append(Row(key, since, record, waiting=desk.in_review(record)))
        _note_versions(rows)
        _note_authors(rows)
        return rows

    def _none(self) -> QuerySet[Any]:
        nothing = ProposedChange.objects.none().order_by()
        return _as_keys(nothing.annotate(kind_place=Value(-1, IntegerField()), waits_since=F("made")))

    def _records(self, model: Any) -> QuerySet[Any]:
        chosen = model._base_manager.filter(is_waiting(model), *self._conditions(model)).order_by()
        place = Value(top_kinds().index(model), IntegerField())
        return _as_keys(chosen.annotate(kind_place=place, waits_since=waits_since(model)))

    def _conditions(self, model: Any) -> Iterator[Q]:
        if self.choice.whose:
            own = self._in_review(model, lambda kind: Q(pk__in=_versions_by(kind, self.user)))
            yield own if self.choice.whose == MINE else ~own
        if flag := self._flag():
            yield self._in_review(model, flag)

    def _flag(self) -> Flag | None:
        if self.choice.flag == STATUS:
            return lambda kind: Q() if kind.decides_status else Q(pk__in=[])
        if self.choice.flag == IMPORTED:
            return lambda kind: Q(pk__in=history_of(kind).objects.order_by().filter(batch__isnull=False).values("id"))
        return self.flags.get(self.choice.flag)

    def _in_review(self, model: Any, flag: Flag) -> Q:
        """The condition that the record, or a part of it, is in review and bears the flag."""
        found = Q(state=State.IN_REVIEW) & flag(model)
        for part, way in part_paths(model):
            found |= Q(pk__in=part._base_manager.filter(Q(state=State.IN_REVIEW) & flag(part)).values(way))
        return found

    def _changes(self) -> QuerySet[Any] | None:
        chosen = ProposedChange.objects.filter(state=ProposedChange.Decision.WAITING).order_by()
        kinds = [(kind, top) for top in top_kinds() for kind in (top, *(part for part, _ in part_paths(top)))]
        wanted = [
            kind
            for kind, top in kinds
            if self.choice.kind in ("", CHANGE, top._meta.model_name)
            and self.user.has_perm(f"{kind._meta.app_label}.view_{kind._meta.model_name}")
        ]
        if self.choice.whose:
            own = Q(author=self.user)
            chosen = chosen.filter(own if self.choice.whose == MINE else ~own)
        if self.choice.flag == IMPORTED:
            chosen = chosen.filter(batch__isnull=False)
        elif flag := self._flag():
            wanted = [kind for kind in wanted if flag(kind) != Q(pk__in=[])]
        if not wanted:
            return None
        about = Q(pk__in=[])
        for kind, kind_type in ContentType.objects.get_for_models(*wanted).items():
            condition = Q(record_type=kind_type)
            if self.choice.flag not in ("", IMPORTED) and (flag := self._flag()) and (bears := flag(kind)):
                condition &= Q(record_id__in=kind._base_manager.filter(bears).values("pk"))
            about |= condition
        return _as_keys(chosen.filter(about).annotate(kind_place=Value(-1, IntegerField()), waits_since=F("made")))


def find(key: str, user: User) -> Row | None:
    """The row that goes by `key`, while it waits and `user` may see it; else None."""
    kind, _, number = key.partition("-")
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        return None
    place = next((at for at, model in enumerate(top_kinds()) if model._meta.model_name == kind), -1)
    if place < 0 and kind != CHANGE:
        return None
    queue = Queue(user, Choice(), {})
    keys = (place, int(number), NEVER)
    if place >= 0 and top_kinds()[place] not in queue.kinds:
        return None
    row = next(iter(queue.rows([keys])), None)
    if row is not None and row.change and row.record is not None and type(owner_of(row.record)) not in queue.kinds:
        return None
    if row is None or not (row.waiting or (row.change and row.change.state == ProposedChange.Decision.WAITING)):
        return None
    return row


def _as_keys(found: QuerySet[Any]) -> QuerySet[Any]:
    return found.values_list("kind_place", "pk", "waits_since")


def _handed_in(model: Any) -> Any:
    """When a record was first handed in."""
    versions = history_of(model).objects.filter(id=OuterRef("pk"), state=State.IN_REVIEW).order_by("history_date")
    return Subquery(versions.values("history_date")[:1], output_field=DateTimeField())


def _oldest_part(paths: Sequence[tuple[Any, str]]) -> Any:
    never = Value(NEVER, DateTimeField())
    oldest = []
    for part, way in paths:
        found = part._base_manager.filter(state=State.IN_REVIEW, **{way: OuterRef("pk")})
        found = found.annotate(handed_in=Coalesce(_handed_in(part), "created")).order_by("handed_in")
        oldest.append(Coalesce(Subquery(found.values("handed_in")[:1], output_field=DateTimeField()), never))
    if not oldest:
        return never
    return Least(*oldest) if len(oldest) > 1 else oldest[0]


def _versions_by(model: Any, user: User) -> Any:
    """Records that `user` wrote or handed in; handing back is a reviewer's."""
    by_user = history_of(model).objects.order_by().filter(history_user=user)
    return by_user.filter(Q(history_change_reason=None) | ~Q(history_change_reason=desk.RETURNED)).values("id")


def _loaded(model: Any, ids: Iterable[int]) -> dict[int, Any]:
    """Records with their parts, and what the names of all of them are made of."""
    return model._base_manager.select_related().prefetch_related(*_parts_of(model)).in_bulk(list(ids))


def _parts_of(model: Any, prefix: str = "") -> Iterator[Prefetch]:
    for name in model.parts:
        relation = model._meta.get_field(name)
        part = relation.related_model
        # What the part belongs to is the record at hand, not a copy: it asks that whether it is public.
        left_out = {relation.field.name, *part.derived_fields}
        named = [column.name for column in part._meta.concrete_fields if column.related_model]
        named = [column for column in named if column not in left_out]
        yield Prefetch(f"{prefix}{name}", part._base_manager.select_related(*named))
        yield from _parts_of(part, f"{prefix}{name}__")


def _changes_by_id(ids: Sequence[int]) -> dict[int, ProposedChange]:
    if not ids:
        return {}
    kinds = [model for model in apps.get_models() if issubclass(model, Publishable)]
    record = GenericPrefetch("record", [kind._base_manager.select_related() for kind in kinds])
    return ProposedChange.objects.select_related("author").prefetch_related(record).in_bulk(ids)


def _note_versions(rows: Iterable[Row]) -> None:
    """Write into each row which versions of the record and of its parts it shows."""
    wanted: dict[Any, set[int]] = defaultdict(set)
    for row in rows:
        for record in (row.record, *row.waiting) if row.waiting else ():
            wanted[type(record)].add(record.pk)
    latest = {
        (model, pk): version
        for model, ids in wanted.items()
        for pk, version in history_of(model)
        .objects.order_by()
        .filter(id__in=ids)
        .values_list("id")
        .annotate(Max("history_id"))
    }
    for row in rows:
        shown = [(type(record).__name__, record.pk, latest.get((type(record), record.pk))) for record in row.waiting]
        told = [(type(row.record).__name__, latest.get((type(row.record), getattr(row.record, "pk", None)))), *shown]
        row.seen = hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _note_authors(rows: Iterable[Row]) -> None:
    """Write into each row the names of those who wrote it or handed it in."""
    wanted: dict[Any, set[int]] = defaultdict(set)
    for row in rows:
        for record in row.waiting:
            wanted[type(record)].add(record.pk)
    named: dict[tuple[Any, int], set[str]] = defaultdict(set)
    for model, ids in wanted.items():
        versions = history_of(model).objects.order_by().filter(id__in=ids, history_user__isnull=False)
        versions = versions.filter(Q(history_change_reason=None) | ~Q(history_change_reason=desk.RETURNED))
        for pk, name in versions.values_list("id", "history_user__username").distinct():
            named[model, pk].add(name)
    for row in rows:
        if row.change:
            row.authors = [row.change.author.get_username()]
        else:
            row.authors = sorted(set().union(*(named[type(record), record.pk] for record in row.waiting)))
