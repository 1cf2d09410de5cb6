"""Keeps the list of changes that readers are told of in step with versions, inside the publishing transaction.

Its rows are derived: from the versions of a record and its parts follows what readers saw, and when.
They are stored so that the changes page, its feeds and its filters cost the same however long the past is.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from nkwatch.editorial.bulk_versions import chunks, history_of
from nkwatch.editorial.history.moments import Past, part_kinds, versions_of
from nkwatch.editorial.models import GONE, ChangeKind, Merge, PublicChange, Publishable, State, top_kinds
from nkwatch.editorial.public.versions import Step, act_key, steps_since

RECORDS_AT_ONCE = 500

Stored = dict[str, PublicChange]
"""The rows of one record by their keys, in the order in which they were stored."""

DERIVED = ("kind", "made", "version", "difference", "reason")


def derive_public_changes(changed: Sequence[Any]) -> None:
    """Store again what readers are told of the past of every record that `changed`, or parts of which did."""
    for model in top_kinds():
        owners = _owners(model, changed)
        for some in chunks(sorted(owners), RECORDS_AT_ONCE):
            _store(model, some)


def derive_all() -> None:
    """Store what readers are told of the past of every record that has one."""
    for model in top_kinds():
        published = history_of(model).objects.filter(state=State.PUBLISHED)
        for some in chunks(sorted(set(published.order_by().values_list("id", flat=True))), RECORDS_AT_ONCE):
            _store(model, some, from_the_beginning=True)
    for merge in Merge.objects.filter(state__in=[Merge.State.DONE, Merge.State.UNDONE]).order_by("made", "pk"):
        note_merge(merge)


def findings() -> Iterator[str]:
    """What readers are told of the past that does not follow from it, one line a record: for `check_record`."""
    with transaction.atomic():
        stored = _as_told()
        derive_all()
        derived = _as_told()
        transaction.set_rollback(True)
    off = {place[:2] for place in stored.keys() | derived.keys() if stored.get(place) != derived.get(place)}
    for record_type, pk in sorted(off):
        model: Any = ContentType.objects.get_for_id(record_type).model_class()
        record = model._base_manager.filter(pk=pk).first()
        name = getattr(record, "label", record or pk)
        yield f"{model._meta.verbose_name} {name}: the changes that readers are told do not follow from its versions"


def _as_told() -> dict[tuple[int, int, str], tuple[Any, ...]]:
    rows = PublicChange.objects.order_by().values_list("record_type", "record_id", "key", *DERIVED)
    return {row[:3]: row[3:] for row in rows.iterator()}


def note_merge(merge: Merge) -> None:
    """Say of what a merge did to the merged record that it was no other retraction; and of taking it back likewise.

    Its own is the last change of its kind by then.
    """
    _note(merge, merge.made, GONE, kind=ChangeKind.MERGE)
    if merge.undone:
        _note(merge, merge.undone, [ChangeKind.RESTORATION])


def _note(merge: Merge, by: datetime.datetime, kinds: Collection[str], **values: Any) -> None:
    changes = PublicChange.objects.filter(record_type=merge.record_type, record_id=merge.merged_id)
    latest = list(changes.filter(kind__in=kinds, made__lte=by).newest_first().values_list("pk", flat=True)[:1])
    # Derived, like the row itself: only what a reviewer writes for readers makes a version of it.
    PublicChange.objects.filter(pk__in=latest).update(merge=merge, **values)


def _owners(model: Any, changed: Iterable[Any]) -> set[int]:
    """The records of `model` among `changed`, and those that any of `changed` is or was a part of."""
    ids: dict[Any, set[Any]] = defaultdict(set)
    for record in changed:
        ids[type(record)].add(record.pk)
    for kind in reversed(list(part_kinds(model))):
        if ids[kind.model]:
            owned_by = kind.owned_by.attname
            versions = history_of(kind.model).objects.filter(id__in=ids[kind.model])
            ids[kind.owner].update(versions.order_by().values_list(owned_by, flat=True).distinct())
    return ids[model]


def _store(model: type[Publishable], pks: Collection[int], from_the_beginning: bool = False) -> None:
    record_type = ContentType.objects.get_for_model(model)
    stored: dict[int, Stored] = defaultdict(dict)
    for row in PublicChange.objects.filter(record_type=record_type, record_id__in=pks).order_by("pk"):
        stored[row.record_id][row.key] = row
    first, again = _published_once(model, [pk for pk in pks if pk not in stored])
    if from_the_beginning:
        first, again = {}, [*first, *again]
    found = {pk: {step.key: step for step in told} for pk, told in _told(model, [*stored, *again], stored)}
    new: list[PublicChange] = list(first.values())
    moved: list[PublicChange] = []
    gone: list[int] = []
    for pk, told in found.items():
        gone += [row.pk for key, row in stored[pk].items() if key not in told]
        for key, step in told.items():
            values = {name: getattr(step, name) for name in DERIVED}
            stands = stored[pk].get(key)
            if stands is None:
                new.append(PublicChange(record_type=record_type, record_id=pk, key=key, **values))
            elif _differs(stands, values):
                moved.append(stands)
    PublicChange.objects.filter(pk__in=gone).delete()
    PublicChange.objects.bulk_update(moved, DERIVED, batch_size=500)
    PublicChange.objects.bulk_create(new, batch_size=2_000)


def _differs(row: PublicChange, values: dict[str, Any]) -> bool:
    """Set `values` on a stored row, and say whether any was another; a merge stays what it was noted as."""
    if row.kind == ChangeKind.MERGE and values["kind"] == ChangeKind.RETRACTION:
        values["kind"] = ChangeKind.MERGE
    altered = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in altered.items():
        setattr(row, name, value)
    return bool(altered)


def _told(model: Any, pks: Collection[int], stored: Mapping[int, Stored]) -> Iterator[tuple[int, list[Step]]]:
    for pk, versions in (versions_of(model, pks) if pks else {}).items():
        told = {key: row.version for key, row in stored.get(pk, {}).items()}
        yield pk, steps_since(Past(model, pk, versions), told)


def _published_once(model: Any, pks: Collection[int]) -> tuple[dict[int, PublicChange], list[int]]:
    """The first row of each record that was published now for the first time: what most of an import is.

    It needs one query for all of them, since nothing can have changed of what nobody had seen. Besides,
    the records that have been public more than once; those that never were are left out.
    """
    record_type = ContentType.objects.get_for_model(model)
    found: dict[int, PublicChange] = {}
    again: set[int] = set()
    been = history_of(model).objects.filter(id__in=pks, state__in=[State.PUBLISHED, State.RETRACTED])
    versions = been.order_by().values_list("id", "history_id", "act", "history_date")
    for pk, version, act, made in versions if pks else ():
        if pk in found:
            again.add(pk)
        row = PublicChange(record_type=record_type, record_id=pk, key=act_key(act, version), made=made, version=1)
        row.kind = ChangeKind.ADDITION
        found[pk] = row
    return {pk: row for pk, row in found.items() if pk not in again}, sorted(again)
