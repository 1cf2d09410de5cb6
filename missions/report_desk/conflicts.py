"""Which sources say otherwise than a card does: that the mission is still there, or another day (domain.md, rule 2)."""

from collections.abc import Iterable

from missions.models import ClosureEvent, EventCitation, Stage
from nkwatch.editorial.edtf import in_words
from nkwatch.editorial.models import State
from sources.models import Citation

STILL_THERE = (Stage.UNDER_WAY.value, Stage.SEEN_OPEN.value, Stage.PLAN_REVERSED.value)
"""What cannot be said of a mission on a day after it closed, unless it opened again."""
OPENS = (Stage.OPENED.value, Stage.REOPENED.value)
CLOSED = Stage.CLOSED.value
SHOWN_AT_MOST = 3


def conflicts(event: ClosureEvent, citation: EventCitation) -> tuple[str, ...]:
    """What stands against the card's claim, each as "S-0004: closed / withdrawal under way"."""
    others = EventCitation.objects.filter(event__mission=event.mission_id).exclude(state=State.RETRACTED)
    others = others.exclude(event__state=State.RETRACTED).exclude(source=citation.source_id)
    claims = [c for c in others.select_related("event", "source") if c.fact in ("", "date")]
    found = [*_of_state(event, claims), *_of_date(event, citation, claims), *_of_stance(event, citation, claims)]
    return tuple(dict.fromkeys(found))[:SHOWN_AT_MOST]


def _of_state(event: ClosureEvent, claims: Iterable[EventCitation]) -> list[str]:
    supported = [claim for claim in claims if claim.stance == Citation.Stance.SUPPORTS and claim.event_id != event.pk]
    opened = [claim.event for claim in supported if claim.event.stage in OPENS]
    return [
        f"{claim.source.label}: {_step(event, claim.event)} / {_step(claim.event, event)}"
        for claim in supported
        if _excludes(event, claim.event, opened) or _excludes(claim.event, event, opened)
    ]


def _excludes(closed: ClosureEvent, other: ClosureEvent, opened: Iterable[ClosureEvent]) -> bool:
    """Whether `closed` closes the mission, and `other` says afterwards that it is there or closes only then."""
    if closed.stage != CLOSED or not closed.date_latest or not other.date_latest:
        return False
    first, last = closed.date_latest, other.date_latest
    between = any(step.date_latest and first <= step.date_latest <= last for step in opened)
    if other.stage == CLOSED:
        return bool(other.date_earliest and other.date_earliest > first and not between)
    return other.stage in STILL_THERE and last > first and not between


def _step(event: ClosureEvent, other: ClosureEvent) -> str:
    """The stage in words; with its date where that is all that differs."""
    words = str(event.get_stage_display())
    return f"{words}, {in_words(event.date)}" if event.stage == other.stage else words


def _of_date(event: ClosureEvent, citation: EventCitation, claims: Iterable[EventCitation]) -> list[str]:
    return [
        f"{claim.source.label}: {in_words(citation.date)} / {in_words(claim.date)}"
        for claim in claims
        if claim.event_id == event.pk
        and claim.stance == citation.stance == Citation.Stance.SUPPORTS
        and (_before(citation, claim) or _before(claim, citation))
    ]


def _before(one: EventCitation, other: EventCitation) -> bool:
    return bool(one.date_latest and other.date_earliest and one.date_latest < other.date_earliest)


def _of_stance(event: ClosureEvent, citation: EventCitation, claims: Iterable[EventCitation]) -> list[str]:
    opposite = {
        Citation.Stance.SUPPORTS.value: Citation.Stance.DISPUTES.value,
        Citation.Stance.DISPUTES.value: Citation.Stance.SUPPORTS.value,
    }.get(citation.stance)
    return [
        f"{claim.source.label}: {citation.get_stance_display()} / {claim.get_stance_display()}"
        for claim in claims
        if claim.event_id == event.pk and claim.stance == opposite
    ]
