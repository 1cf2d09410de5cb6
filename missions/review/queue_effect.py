"""What each row of the review queue changes for readers, in words (pages.md, B2).

Each row is published, for good measure with what it names, or its proposed change applied; what the rules
derive from that is read, and all of it is rolled back (see `missions.review.effect`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.utils.translation import ngettext_lazy

from missions.derivation import FLOOR as STATUS
from missions.models import ClosureEvent, EventCitation, Mission
from missions.review.effect import Shown, changes_status, do_not_wait_long, in_words, make_public, shown
from missions.sentences import event_sentence
from nkwatch.editorial import desk, proposals
from nkwatch.editorial.derivation import deriving_up_to, rederive
from nkwatch.editorial.locks import is_busy
from nkwatch.editorial.models import ProposedChange, Publishable, State
from nkwatch.editorial.review.effects import NO_EFFECT, Effect
from nkwatch.editorial.review.queue import Row
from nkwatch.editorial.words import counted
from sources.models import Actor, Source
from sources.origins import records_affected_by

EVENTS = ngettext_lazy("%(words)s event", "%(words)s events", "number")
NEW_CAN_TELL = (Mission, ClosureEvent, EventCitation)
"""Kinds whose first publication can change a status or its support: nothing public rests on a draft of another."""

CHANGED_CAN_TELL = (*NEW_CAN_TELL, Source, Actor)
"""Kinds of which a change can: origins follow outlets, reprints and bodies."""

BUSY = "not known while an import is being written: load the page again"
TOO_MANY = "not shown: it bears on {}"
WITH_OTHERS = "{} (once what it names is public)"
PARTS_NAMED = 3


class _Tried(NamedTuple):
    missions: set[int]
    events: set[int]
    after: Shown
    with_others: bool


def effects(rows: Sequence[Row]) -> dict[str, Effect]:
    """For each row by its key, what readers would see change once it is approved. Leaves no trace.

    What a row names may wait too, as a new source does with its report: then that is taken for public.

    It takes a number of queries for each row that can change anything of a status or its support, so it
    is asked for one page. A change on which more than `IMPORT_EFFECT_ROWS` events rest is not tried.
    """
    found = dict.fromkeys((row.key for row in rows), NO_EFFECT)
    wanted = [row for row in rows if _can_tell(row)]
    if not wanted:
        return found
    try:
        with transaction.atomic(), deriving_up_to(STATUS):
            do_not_wait_long()
            tried, left_out = _tried(wanted)
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
        return _stopped(f"Added to {_called(record)}: {_listed(row.parts)}")
    told = _stopped(event_sentence(record) if isinstance(record, ClosureEvent) else f"New: {_called(record)}")
    return _stopped(f"{told} With it: {_listed(row.parts)}") if row.parts else told


def _stopped(words: str) -> str:
    """A sentence with its full stop, unless it ends with quoted words that have one."""
    return words if words.endswith((".”", "?”", "!”")) else f"{words}."


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


def _tried(rows: Iterable[Row]) -> tuple[dict[str, _Tried], dict[str, Effect]]:
    tried: dict[str, _Tried] = {}
    left_out: dict[str, Effect] = {}
    for row in rows:
        resting = records_affected_by([row.record], EventCitation) if isinstance(row.record, Source | Actor) else ()
        if len(resting) > settings.IMPORT_EFFECT_ROWS:
            left_out[row.key] = Effect([TOO_MANY.format(counted(len(resting), EVENTS))], changes_status=True)
            continue
        try:
            with transaction.atomic():
                tried[row.key] = _tried_alone(row)
                transaction.set_rollback(True)
        except ValidationError as refused:
            left_out[row.key] = Effect([f"It would be refused: {' '.join(refused.messages)}"], changes_status=False)
    return tried, left_out


def _tried_alone(row: Row) -> _Tried:
    beside: list[Publishable] = []
    if row.change:
        changed = [row.record]
        events = _events_of(changed)
        missions = _missions_of(changed, events)
        told = row.change
        # Of a copy, so that the row goes on showing the record as it is.
        proposals.apply(
            ProposedChange(record_type_id=told.record_type_id, record_id=told.record_id, difference=told.difference)
        )
        changed = [type(row.record)._base_manager.get(pk=row.record.pk)]
    else:
        events, missions = set(), set()
        beside = _waiting_before(row)
        make_public(beside)
        with _as_published(row, beside) as changed:
            rederive(make_public(changed))
    events |= _events_of(changed)
    missions |= _missions_of(changed, events)
    if published := [record.pk for record in changed if isinstance(record, Mission)]:
        events |= set(ClosureEvent.objects.public().filter(mission__in=published).values_list("pk", flat=True))
    return _Tried(missions, events, shown(missions, events), with_others=bool(beside))


def _waiting_before(row: Row) -> list[Publishable]:
    """What the records of a row name that waits itself, and what that names; each as often as it is in memory."""
    passed = {(type(record), record.pk) for record in row.waiting}
    own = frozenset(passed)
    found: list[Publishable] = []
    asked: list[Publishable] = list(row.waiting)
    while asked:
        for named in desk.named_by(asked.pop()):
            key = type(named), named.pk
            if named.state in desk.WAITING and key not in own:
                found.append(named)
                if key not in passed:
                    passed.add(key)
                    asked.append(named)
    return found


@contextmanager
def _as_published(row: Row, beside: Iterable[Publishable]) -> Iterator[list[Any]]:
    """A row and what it names, in memory as if published: a part asks whether its record is public."""
    before = [(record, record.state) for record in (*beside, *row.waiting)]
    for record in beside:
        record.state = State.PUBLISHED
    taken = []
    try:
        for record in row.waiting:
            if not record.refuse_publishing(None):
                record.state = State.PUBLISHED
                taken.append(record)
            elif record is row.record:
                break
        yield [*beside, *taken]
    finally:
        for record, state in before:
            record.state = state


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
        words = [WITH_OTHERS.format(words) if one.with_others else words for words in told if words]
        found[key] = Effect(words, changes_status(seen, one.after))
    return found
