"""Two editors, one record: what has changed since a page was shown (pages.md, B; domain.md, rule 7).

A page carries the versions of what it shows. Whoever acts on it later is compared with the newest
versions, and nothing is written over what somebody else has changed in between.
"""

import dataclasses
import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from django.db import connection, models
from django.utils import timezone
from django.utils.timesince import timesince

from nkwatch.editorial.bulk_versions import REMOVED, chunks, history_of, listed_then, lists_of
from nkwatch.editorial.models import Publishable
from nkwatch.editorial.proposals import TIME_STAMPS, stored_value

# Any number will do, so long as nothing else in this database locks by it.
DESK = 0x6E6B7762
RECENT = datetime.timedelta(minutes=15)


def one_save_at_a_time() -> None:
    """Let nobody else save on the desk between the look at the newest versions and the end of this transaction.

    On SQLite every transaction has the database to itself already (`transaction_mode` IMMEDIATE).
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DESK])


def newest_ids(model: type[models.Model], ids: Collection[Any]) -> dict[Any, int]:
    """The id of the newest version of each of these records; one without any version is left out."""
    found: dict[Any, int] = {}
    for chunk in chunks(ids):
        found |= dict(
            history_of(model)
            .objects.filter(**{f"{model._meta.pk.attname}__in": chunk})
            .order_by()
            .values_list(model._meta.pk.attname)
            .annotate(newest=models.Max("history_id"))
        )
    return found


def newest_ids_below(model: type[models.Model], path: str, pk: Any) -> dict[Any, int]:
    """The id of the newest version of each row that belongs, along `path`, to the record with this key."""
    rows = (
        history_of(model).objects.filter(**{path: pk}).order_by()
        if pk is not None
        else history_of(model).objects.none()
    )
    return dict(rows.values_list(model._meta.pk.attname).annotate(newest=models.Max("history_id")))


def versions_since(record: models.Model, seen: int) -> list[Any]:
    """The versions of `record` made after the one with the id `seen`, newest first."""
    kept = history_of(record).objects.filter(**{record._meta.pk.attname: record.pk}, history_id__gt=seen)
    return list(kept.select_related("history_user").order_by("-history_id"))


def removal_of(model: type[models.Model], pk: Any) -> Any:
    """The version that tells of the deletion of a record which is no longer there; None when none does."""
    kept = history_of(model).objects.filter(**{model._meta.pk.attname: pk}, history_type=REMOVED)
    return kept.select_related("history_user").order_by("-history_id").first()


def version(model: type[models.Model], pk: Any, history_id: int) -> Any:
    """One version of one record; None when that record has no such version."""
    return history_of(model).objects.filter(**{model._meta.pk.attname: pk}, history_id=history_id).first()


def changed_between(older: Any, newer: Any) -> dict[str, tuple[Any, Any]]:
    """What two versions of a record differ in: {field: (old, new)} in stored values, state and lists included."""
    model = older.instance_type
    changes = {}
    for field in history_of(model).tracked_fields:
        if field.name in TIME_STAMPS:
            continue
        values = tuple(stored_value(field, getattr(kept, field.attname)) for kept in (older, newer))
        if values[0] != values[1]:
            changes[field.name] = values
    for field in lists_of(model):
        listed = listed_then(model, field, [older.pk, newer.pk])
        values = sorted(listed.get(older.pk, ())), sorted(listed.get(newer.pk, ()))
        if values[0] != values[1]:
            changes[field.name] = values
    return changes


def said_by(kept: Any, reader: Any = None) -> str:
    """Who made a version and when, and why: “reviewer on 3 November 2023 at 14:05 (misprint)”."""
    who = str(kept.history_user or "nobody logged in")
    if reader is not None and kept.history_user_id == reader.pk:
        who = "you, in another window,"
    if kept.batch:
        who += f", by import {kept.batch},"
    when = timezone.localtime(kept.history_date)
    why = f" ({kept.history_change_reason})" if kept.history_change_reason else ""
    return f"{who} on {when.day} {when:%B %Y at %H:%M}{why}"


def recent_change(record: models.Model, reader: Any) -> str:
    """Say who else changed the record in the last minutes, as a warning to whoever opens it now; else nothing."""
    newest = record.history.select_related("history_user").order_by("-history_id").first()  # type: ignore[attr-defined]
    if newest is None or newest.history_user is None or newest.history_user_id == reader.pk:
        return ""
    if timezone.now() - newest.history_date > RECENT:
        return ""
    ago = timesince(newest.history_date)
    return (
        f"{newest.history_user} saved this record {'a moment' if ago.startswith('0') else ago} ago"
        " and may still be at work on it."
    )


class Outcome(StrEnum):
    """What becomes of a field that somebody else has changed."""

    TAKEN_OVER = "taken over"
    BOTH = "changed by both"
    SAME = "changed alike"


def outcome(base: Sequence[str], theirs: Sequence[str], mine: Sequence[str]) -> Outcome | None:
    """Compare three values of a field as a form sends them; None when the others left the field alone."""
    before, other, own = (_plain(values) for values in (base, theirs, mine))
    if before == other:
        return None
    if own == other:
        return Outcome.SAME
    return Outcome.TAKEN_OVER if own == before else Outcome.BOTH


def same(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether a form would send the same, whatever line ends and order of a list it uses."""
    return _plain(some) == _plain(others)


def _plain(values: Iterable[str]) -> list[str]:
    """What is sent, without what browsers and forms change: line ends, blanks at either end, order, emptiness."""
    texts = (value.replace("\r\n", "\n").strip() for value in values)
    return sorted(text for text in texts if text)


# Versions seen, for pages that show many records


def fingerprints(records: Sequence[models.Model], with_parts: bool = True) -> dict[Any, str]:
    """A short word for the newest version of each record, all of one model, and of each kind of its parts.

    Only publishable records have any. It changes whenever a version is added to any of them, the last
    version of a deleted part included.
    """
    if not records or not isinstance(records[0], Publishable):
        return {}
    model = type(records[0])
    ids = [record.pk for record in records]
    own = newest_ids(model, ids)
    columns = [own, *(_newest_of_parts(kind, path, ids) for kind, path in part_paths(model) if with_parts)]
    return {pk: ".".join(str(column.get(pk, 0)) for column in columns) for pk in ids}


def part_paths(model: type[Publishable]) -> list[tuple[Any, str]]:
    """The kinds of a record's parts, and of theirs, each with the path that leads from the part to the record."""
    found: list[tuple[Any, str]] = []
    for name in model.parts:
        relation: Any = model._meta.get_field(name)
        found.append((relation.related_model, relation.field.name))
        found += [(kind, f"{path}__{relation.field.name}") for kind, path in part_paths(relation.related_model)]
    return found


def _newest_of_parts(kind: type[models.Model], path: str, ids: Collection[Any]) -> Mapping[Any, int]:
    found: dict[Any, int] = {}
    for chunk in chunks(ids):
        rows = history_of(kind).objects.filter(**{f"{path}__in": chunk}).order_by()
        found |= dict(rows.values_list(path).annotate(newest=models.Max("history_id")))
    return found


@dataclasses.dataclass(frozen=True)
class Seen:
    """The versions that a page showed, as its form carries them: “17:345.0”."""

    shown: Mapping[str, str]
    with_parts: bool = True

    @classmethod
    def read(cls, words: Iterable[str], with_parts: bool = True) -> "Seen":
        """What a form sent; a record that it says nothing of was not shown, and is not compared."""
        return cls(dict(word.split(":", 1) for word in words if ":" in word), with_parts)

    def changed(self, records: Sequence[Publishable]) -> dict[Any, str]:
        """Of the records shown, those with newer versions, and why each is left out."""
        shown = [record for record in records if str(record.pk) in self.shown]
        now = fingerprints(shown, self.with_parts)
        return {record.pk: self._why(record) for record in shown if now[record.pk] != self.shown[str(record.pk)]}

    def _why(self, record: Publishable) -> str:
        newer = versions_since(record, _first(self.shown[str(record.pk)]))
        if not newer:
            return "its citations or other parts have changed since this page was shown: look at it again"
        return f"it has changed since this page was shown, by {said_by(newer[0])}: look at it again"


def _first(shown: str) -> int:
    number = shown.partition(".")[0]
    return int(number) if number.isdecimal() else 0


def carried(records: Sequence[models.Model], with_parts: bool = True) -> list[str]:
    """What a page carries of the records that it shows, for `Seen.read`."""
    return [f"{pk}:{shown}" for pk, shown in fingerprints(records, with_parts).items()]
