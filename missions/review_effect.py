"""What each row of the review queue changes for readers, in words (pages.md, B2).

Each row is published, or its proposed change applied, as far as the reviewer could; what the rules
derive from that is read, and all of it is rolled back (see `missions.effect`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction

from missions.derivation import FLOOR as STATUS
from missions.effect import Shown, changes_status, do_not_wait_long, in_words, make_public, shown
from missions.models import ClosureEvent, EventCitation, Mission
from missions.sentences import event_sentence
from nkwatch.editorial import proposals
from nkwatch.editorial.derivation import deriving_up_to, rederive
from nkwatch.editorial.locks import is_busy
from nkwatch.editorial.models import ProposedChange, Publishable, State
from nkwatch.editorial.review import Row
from nkwatch.editorial.words import counted
from sources.models import Actor, Source
from sources.origins import records_affected_by

NEW_CAN_TELL = (Mission, ClosureEvent, EventCitation)
"""Kinds whose first publication can change a status or its support: nothing public rests on a draft of another."""

CHANGED_CAN_TELL = (*NEW_CAN_TELL, Source, Actor)
"""Kinds of which a change can: origins follow outlets, reprints and bodies."""

BUSY = "not known while an import is being written: load the page again"
TOO_MANY = "not shown: it bears on {}"
PARTS_NAMED = 3


class Effect(NamedTuple):
    """What a row changes for readers, and whether a mission's status is part of that, as far as is known."""

    words: list[str]
    changes_status: bool


NONE = Effect([], changes_status=False)


class _Tried(NamedTuple):
    missions: set[int]
    events: set[int]
    after: Shown


def effects(rows: Sequence[Row], user: Any) -> dict[str, Effect]:
    """For each row by its key, what readers would see change if `user` approved it now. Leaves no trace.

    Takes a number of queries for each row that can change anything of a status or its support, so it
    is asked for one page. A change on which more than `IMPORT_EFFECT_ROWS` events rest is not tried.
    """
    found = dict.fromkeys((row.key for row in rows), NONE)
    wanted = [row for row in rows if _can_tell(row)]
    if not wanted:
        return found
    try:
        with transaction.atomic(), deriving_up_to(STATUS):
            do_not_wait_long()
            tried, left_out = _tried(wanted, user)
            transaction.set_rollback(True)
    except OperationalError as error:
        if not is_busy(error):
            raise
        return found | {row.key: Effect([BUSY], changes_status=True) for row in wanted}
    return found | left_out | _in_words(tried)


def sentence(row: Row) -> str:
    """What a row is, in one sentence; the fields of a proposed change are told apart from it."""
    record = row.record
    if row.change:
        return f"Change proposed to {_called(record)}" if record else "Change proposed to what is no longer there"
    if not row.is_whole:
        return f"Added to {_called(record)}: {_listed(row.parts)}."
    told = f"{event_sentence(record)}." if isinstance(record, ClosureEvent) else f"New: {_called(record)}."
    return f"{told} With it: {_listed(row.parts)}." if row.parts else told


def _called(record: Any) -> str:
    return f"{record._meta.verbose_name} “{record}”"


def _listed(parts: Sequence[Publishable]) -> str:
    """The first parts in words, those cited by their source alone since the record stands beside them."""
    named = [f"{part._meta.verbose_name} “{getattr(part, 'source', part)}”" for part in parts[:PARTS_NAMED]]
    left = len(parts) - len(named)
    return "; ".join(named) + (f"; and {left} more" if left else "")


def _can_tell(row: Row) -> bool:
    if row.change:
        return isinstance(row.record, CHANGED_CAN_TELL)
    return any(isinstance(record, NEW_CAN_TELL) for record in row.waiting)


def _tried(rows: Iterable[Row], user: Any) -> tuple[dict[str, _Tried], dict[str, Effect]]:
    tried: dict[str, _Tried] = {}
    left_out: dict[str, Effect] = {}
    for row in rows:
        resting = records_affected_by([row.record], EventCitation) if isinstance(row.record, Source | Actor) else ()
        if len(resting) > settings.IMPORT_EFFECT_ROWS:
            left_out[row.key] = Effect([TOO_MANY.format(counted(len(resting), "event"))], changes_status=True)
            continue
        try:
            with transaction.atomic():
                tried[row.key] = _tried_alone(row, user)
                transaction.set_rollback(True)
        except ValidationError as refused:
            left_out[row.key] = Effect([f"It would be refused: {' '.join(refused.messages)}"], changes_status=True)
    return tried, left_out


def _tried_alone(row: Row, user: Any) -> _Tried:
    if row.change:
        changed = [row.record]
        events = _events_of(changed)
        missions = _missions_of(changed, events)
        proposals.apply(ProposedChange.objects.get(pk=row.change.pk))
        changed = [type(row.record)._base_manager.get(pk=row.record.pk)]
    else:
        events, missions = set(), set()
        with _as_published(row, user) as changed:
            rederive(make_public(changed))
    events |= _events_of(changed)
    missions |= _missions_of(changed, events)
    if published := [record.pk for record in changed if isinstance(record, Mission)]:
        events |= set(ClosureEvent.objects.public().filter(mission__in=published).values_list("pk", flat=True))
    return _Tried(missions, events, shown(missions, events))


@contextmanager
def _as_published(row: Row, user: Any) -> Iterator[list[Any]]:
    """What of a row could be published, in memory as if it were: a part asks whether its record is public."""
    taken = []
    blocked = not row.is_whole and row.record.state != State.PUBLISHED
    for record in row.waiting:
        if not blocked and not record.refuse_publishing(user):
            record.state = State.PUBLISHED
            taken.append(record)
        elif record is row.record:
            blocked = True
    try:
        yield taken
    finally:
        for record in taken:
            record.state = State.IN_REVIEW


def _events_of(changed: Sequence[Any]) -> set[int]:
    return records_affected_by(changed, EventCitation)


def _missions_of(changed: Sequence[Any], events: set[int]) -> set[int]:
    missions = {record.pk for record in changed if isinstance(record, Mission)}
    return missions | set(ClosureEvent.objects.filter(pk__in=events).values_list("mission_id", flat=True))


def _in_words(tried: dict[str, _Tried]) -> dict[str, Effect]:
    """Compare with what readers see now, which is read once for the whole page."""
    event_ids = {event for one in tried.values() for event in one.events}
    mission_ids = {mission for one in tried.values() for mission in one.missions}
    before = shown(mission_ids, event_ids)
    missions = Mission.objects.select_related("sending", "host").in_bulk(mission_ids)
    events = ClosureEvent.objects.order_by("pk").in_bulk(event_ids)
    found = {}
    for key, one in tried.items():
        of_mission: dict[int, list[ClosureEvent]] = defaultdict(list)
        for pk in sorted(one.events):
            if pk in events:
                of_mission[events[pk].mission_id].append(events[pk])
        seen = Shown(
            {pk: spans for pk, spans in before.status.items() if pk in one.missions},
            {pk: support for pk, support in before.support.items() if pk in one.events},
        )
        told = [in_words(missions[pk], of_mission[pk], seen, one.after) for pk in sorted(one.missions)]
        found[key] = Effect([words for words in told if words], changes_status(seen, one.after))
    return found
