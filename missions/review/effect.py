"""What readers see of missions and events, read before and after a change that is tried and taken back.

Used by the cards of a report (pages.md, B1), the review queue (B2) and the preview of imports (B3). Nothing is
reckoned here: what the rules derive is read, and put into words.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, prefetch_related_objects

from missions.derivation import FLOOR as STATUS
from missions.models import ClosureEvent, Mission, Status, StatusSpan, SupportLevel
from nkwatch.editorial.derivation import deriving_up_to, rederive
from nkwatch.editorial.edtf import in_words as date_in_words
from nkwatch.editorial.importing.traces import relations_of
from nkwatch.editorial.models import NumberedRecord, State

BEYOND_NUMBERS = 1_000_000_000
NO_MISSION = "not on the pages"
SUPPORT_OF_NONE = (0, str(SupportLevel.UNSOURCED.label), "")

Span = tuple[datetime.date | None, datetime.date | None, str]


class Shown(NamedTuple):
    """What readers see: the status of each mission on any day, with its marks; origins, support and contested
    fact of each event."""

    status: dict[int, list[Span]]
    support: dict[int, tuple[int, str, str]]


def shown(missions: Collection[int], events: Collection[int]) -> Shown:
    """What readers see now of `missions` and `events`, in two queries."""
    status: dict[int, list[Span]] = defaultdict(list)
    for span in StatusSpan.objects.filter(mission__in=missions):
        words = ", ".join([str(Status(span.status).label), *span.marks])
        status[span.mission_id].append((span.starts, span.ends, words))
    public = ClosureEvent.objects.public().filter(pk__in=events).order_by()
    return Shown(
        status=dict(status),
        support={
            pk: (origins, str(SupportLevel(level).label), contested)
            for pk, origins, level, contested in public.values_list(
                "pk", "support_origins", "support_level", "support_contested"
            )
        },
    )


def make_public(records: Sequence[Any]) -> Sequence[Any]:
    """Let readers see `records`, inside a transaction that is to be taken back; what follows is not derived yet.

    Of what the desk does besides, versions and permanent numbers, nobody who looks sees anything.
    Gives the records back.
    """
    by_model: dict[type[Any], list[int]] = defaultdict(list)
    for record in records:
        by_model[type(record)].append(record.pk)
    for model, ids in by_model.items():
        number = {"number": F("pk") + BEYOND_NUMBERS} if issubclass(model, NumberedRecord) else {}
        model._base_manager.filter(pk__in=ids).update(state=State.PUBLISHED, **number)
    return records


def publish_as_if(groups: Iterable[Sequence[Any]]) -> None:
    """Let readers see records as far as a reviewer could publish them, and derive what follows.

    Each group is of one model, and names only what the groups before it have. For a transaction that is to be
    taken back, as `make_public`.
    """
    published: list[Any] = []
    for made in filter(None, groups):
        relations = [(each.name, each.related_model.public_through) for each in relations_of(type(made[0]))]
        prefetch_related_objects(made, *(f"{name}__{way}" for name, ways in relations for way in ways))
        prefetch_related_objects(made, *(name for name, _ in relations))
        published += make_public([record for record in made if not record.refuse_publishing(None)])
    if published:
        with deriving_up_to(STATUS):
            rederive(published)


def do_not_wait_long() -> None:
    """A preview does not wait for an import to end; on SQLite the connection's time-out sees to that."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '3s'")


def changes_status(before: Shown, after: Shown) -> bool:
    """Whether the status of any mission differs on any day."""
    return any(
        before.status.get(mission, []) != after.status.get(mission, []) for mission in {*before.status, *after.status}
    )


def in_words(mission: Mission, events: Iterable[ClosureEvent], before: Shown, after: Shown) -> str:
    """What changes for readers of `mission` and of `events` of it; "" for nothing.

    "Spain: closing → closed; origins 1 → 2; single origin → corroborated".
    """
    told = [_status_in_words(before.status.get(mission.pk, []), after.status.get(mission.pk, []))]
    changed = [
        (event, words)
        for event in events
        if (words := _support_in_words(_support(before, event), _support(after, event)))
    ]
    for event, words in changed:
        told.append(words if len(changed) == 1 else f"{event.get_stage_display()}: {words}")
    return f"{mission.far_side}: {'; '.join(filter(None, told))}" if any(told) else ""


def _support(seen: Shown, event: ClosureEvent) -> tuple[int, str, str]:
    return seen.support.get(event.pk, SUPPORT_OF_NONE)


def _support_in_words(before: tuple[int, str, str], after: tuple[int, str, str]) -> str:
    (origins, level, contested), (more_origins, new_level, new_contested) = before, after
    told = [f"origins {origins} → {more_origins}"] if origins != more_origins else []
    told += [f"{level} → {new_level}"] if level != new_level else []
    if contested != new_contested:
        told.append(f"contested: {new_contested}" if new_contested else "no longer contested")
    return "; ".join(told)


def _status_in_words(before: list[Span], after: list[Span]) -> str:
    """How the status of today changes; where it does not, how that of the first other days does."""
    today = datetime.date.today()
    old, new = _on(before, today), _on(after, today)
    if old != new:
        return f"{old} → {new}"
    borders = sorted({day for span in (*before, *after) for day in span[:2] if day})
    days = [borders[0] - datetime.timedelta(1), *borders] if borders else []
    differing = [day for day in days if _on(before, day) != _on(after, day)]
    if not differing:
        return ""
    first = differing[0]
    when = f"from {date_in_words(first.isoformat())} on" if first in borders else "at first"
    return f"{when}: {_on(before, first)} → {_on(after, first)} (as today: {old})"


def _on(spans: list[Span], day: datetime.date) -> str:
    for starts, ends, words in spans:
        if (starts is None or starts <= day) and (ends is None or day < ends):
            return words
    return NO_MISSION
