"""Versions of many records at once, signed as those of one are; and what versions and records hold.

django-simple-history keeps a version for each record that is saved or deleted. Its bulk helpers know
neither deletions nor many-valued fields nor the signature that nkwatch adds, so these do.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import models
from django.utils import timezone

from nkwatch.editorial.versions import sign_version

MADE, CHANGED, REMOVED = "+", "~", "-"
CHUNK = 2_000


def chunks(items: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """`items` in lists of at most `size`."""
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk


def store_versions(records: Sequence[Any], kind: str) -> None:
    """Keep one version of each of `records`, all of one model, as they stand: *changed*, or *removed*."""
    if not records:
        return
    history = history_of(type(records[0]))
    now = timezone.now()
    for chunk in chunks(records):
        versions = []
        for record in chunk:
            values = {field.attname: getattr(record, field.attname) for field in history.tracked_fields}
            version = history(history_date=now, history_type=kind, **values)
            sign_version(sender=history, history_instance=version)
            versions.append(version)
        stored = history.objects.bulk_create(versions)
        if kind != REMOVED:
            _store_lists(chunk, stored)


def _store_lists(records: Sequence[Any], versions: Sequence[Any]) -> None:
    version_of = {record.pk: version.pk for record, version in zip(records, versions, strict=True)}
    for field in lists_of(type(records[0])):
        through = field.remote_field.through
        own = f"{field.m2m_field_name()}_id"
        rows = through._base_manager.filter(**{f"{own}__in": version_of}).values()
        kept = _versions_of_list(type(records[0]), field)
        kept.objects.bulk_create([kept(history_id=version_of[row[own]], **row) for row in rows])


def history_of(model: Any) -> Any:
    """The model that keeps the versions of `model`."""
    return model.history.model


def lists_of(model: Any) -> list[Any]:
    """The many-valued fields of which versions are kept (an event's quotes, a quote's reasons)."""
    kept = {field.name for field in history_of(model)._history_m2m_fields}
    return [field for field in model._meta.many_to_many if field.name in kept]


def _versions_of_list(model: Any, field: Any) -> Any:
    return getattr(history_of(model), field.name).model


def listed_now(model: Any, field: Any, ids: Collection[int]) -> Mapping[int, set[int]]:
    """What each of the records lists in `field`, as ids."""
    return _by_owner(
        field.remote_field.through._base_manager,
        f"{field.m2m_field_name()}_id",
        f"{field.m2m_reverse_field_name()}_id",
        ids,
    )


def listed_then(model: Any, field: Any, versions: Collection[int]) -> Mapping[int, set[int]]:
    """What each of the versions lists in `field`, as ids."""
    kept = _versions_of_list(model, field)
    return _by_owner(kept.objects, "history_id", f"{field.m2m_reverse_field_name()}_id", versions)


def _by_owner(rows: models.Manager, owner: str, listed: str, ids: Collection[int]) -> Mapping[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for chunk in chunks(ids):
        for key, value in rows.filter(**{f"{owner}__in": chunk}).values_list(owner, listed):
            found[key].add(value)
    return found
