"""Stores support and status, derived by `support` and `status`, when public records change."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from missions.models import ClosureEvent, EventCitation, Mission, Stage, StatusSpan
from missions.status import Established, Span, Step, spans
from missions.support import Support, support
from sources.origins import public_citations, records_affected_by

FLOOR = 2
"""Support and status rest on origins, and nothing that `missions` reads rests on more."""


def derive_events_and_status(changed: Sequence[Any]) -> None:
    """Derive again the support of the events, and the spans of the missions, that `changed` affects."""
    events = records_affected_by(changed, EventCitation)
    missions = {record.pk for record in changed if isinstance(record, Mission)}
    missions |= set(ClosureEvent.objects.filter(pk__in=events).values_list("mission_id", flat=True))
    # An event that was moved is missing from the mission it left, which its versions name.
    missions |= set(ClosureEvent.history.filter(id__in=events).values_list("mission_id", flat=True))
    if missions:
        store_support_and_spans(missions)


def store_support_and_spans(missions: Iterable[int]) -> None:
    """Derive and store the support of every public event, and every span, of `missions`."""
    found = Mission.objects.public().filter(pk__in=missions).select_related("host")
    events = defaultdict(list)
    for event in ClosureEvent.objects.public().filter(mission__in=found).order_by("pk"):
        events[event.mission_id].append(event)
    citations = public_citations(EventCitation, [event.pk for listed in events.values() for event in listed])
    stored = defaultdict(list)
    for span in StatusSpan.objects.filter(mission__in=missions).prefetch_related("because").order_by("pk"):
        stored[span.mission_id].append(span)

    moved: list[ClosureEvent] = []
    shown = set()
    for mission in found:
        shown.add(mission.pk)
        for event in events[mission.pk]:
            if _set_support(event, support(citations[event.pk], mission)):
                moved.append(event)
        _store_spans(mission, events[mission.pk], citations, stored[mission.pk])
    ClosureEvent.objects.bulk_update(moved, ClosureEvent.derived_fields, batch_size=500)
    StatusSpan.objects.filter(mission__in=set(missions) - shown).delete()


def _set_support(event: ClosureEvent, judged: Support) -> bool:
    values = {
        "support_level": str(judged.level),
        "support_contested": judged.contested,
        "support_origins": judged.origins,
        "support_sources": judged.sources,
        "support_one_country_id": judged.one_country,
        "support_reasoning": judged.reasoning,
    }
    if all(getattr(event, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(event, name, value)
    return True


def _store_spans(
    mission: Mission, events: Sequence[ClosureEvent], citations: dict[int, list[Any]], stored: Sequence[StatusSpan]
) -> None:
    derived = [_as_row(span, mission, citations) for span in mission_spans(mission, events)]
    if [_comparable(row, because) for row, because in derived] == [
        _comparable(row, [event.pk for event in row.because.all()]) for row in stored
    ]:
        return
    StatusSpan.objects.filter(mission=mission).delete()
    StatusSpan.objects.bulk_create([row for row, _ in derived])
    through = StatusSpan.because.through
    through.objects.bulk_create(
        [through(statusspan_id=row.pk, closureevent_id=event) for row, because in derived for event in because]
    )


def mission_spans(mission: Mission, events: Iterable[ClosureEvent]) -> list[Span]:
    """The spans of `mission`, from its public events."""
    steps = [Step(event.pk, Stage(event.stage), event.date, event.date_earliest, event.date_latest) for event in events]
    established = Established(mission.established, mission.established_earliest, mission.established_latest)
    return spans(steps, established)


def _as_row(span: Span, mission: Mission, citations: dict[int, list[Any]]) -> tuple[StatusSpan, list[int]]:
    values = dataclasses.asdict(span.standing)
    because = list(values.pop("because"))
    row = StatusSpan(mission=mission, starts=span.starts, ends=span.ends, **values)
    if because and not span.standing.presumed_open:
        judged = support([citation for event in because for citation in citations[event]], mission)
        row.support_level = judged.level
        row.support_origins = judged.origins
        row.support_one_country_id = judged.one_country
        row.support_reasoning = judged.reasoning
    return row, because


def _comparable(row: StatusSpan, because: Sequence[int]) -> tuple[Any, ...]:
    values = tuple(getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key)
    return (*values, sorted(because))
