"""Matters that the records leave open or in conflict, composed for the front page (pages.md, A, Home: Unsettled)."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from typing import Any, NamedTuple

from missions.figures import Compared, Comparison
from missions.models import ReportedFigure, Status
from missions.querysets import CONFIRMED_WITHIN
from missions.sentences import event_sentence, is_day, last_reported, missions_in_words, with_article
from nkwatch.editorial.edtf import in_words
from nkwatch.editorial.words import capital, counted, listed, number_in_words, when

NAMED_AT_MOST = 4


class Matter(NamedTuple):
    """What is unsettled, in a sentence; the record or the list that shows it."""

    title: str
    sentence: str
    note: str
    target: Any
    direction: str = ""
    """The direction whose closed missions it is about, where that is a list."""


def unsettled(
    missions: Sequence[Any],
    contested: Iterable[Any],
    compared: Iterable[tuple[ReportedFigure, Compared]],
    day: datetime.date,
    most: int = 3,
) -> list[Matter]:
    """The first matter of each kind, then the second of each, up to `most`; conflicts before gaps.

    `missions` bring their span on `day`, `contested` are events of which sources dispute a fact.
    """
    kinds = (
        _contested(contested),
        _seen_open_after_closing(missions),
        _differing(compared),
        _unconfirmed(missions, day),
        _without_a_day(missions),
    )
    in_turn = chain.from_iterable(zip_longest(*kinds))
    return list(islice((matter for matter in in_turn if matter), most))


def _contested(events: Iterable[Any]) -> Iterator[Matter]:
    for event in events:
        yield Matter(
            f"{event.mission.far_side.name}: {event.get_stage_display()}",
            f"{event_sentence(event)}. Sources dispute: {event.support_contested}.",
            f"{capital(counted(event.support_sources, 'source'))}, {counted(event.support_origins, 'origin')}",
            event,
        )


def _seen_open_after_closing(missions: Iterable[Any]) -> Iterator[Matter]:
    for mission in missions:
        if mission.span.seen_open_after_closing:
            closed = f"recorded as closed {when(mission.span.since)}"
            seen = when(mission.span.last_seen_open.isoformat())
            yield Matter(
                f"{mission.far_side.name}: closed, and seen open",
                f"{mission} is {closed}, and was last seen open {seen}. The two conflict.",
                "Which is right is not recorded",
                mission,
            )


def _differing(compared: Iterable[tuple[ReportedFigure, Compared]]) -> Iterator[Matter]:
    for figure, result in compared:
        if result.comparison == Comparison.DIFFERS:
            told_by = ", ".join(filter(None, [str(figure.speaker or ""), in_words(figure.as_of)]))
            yield Matter(
                f"“{figure.as_said}”, or {result.recorded}",
                f"{f'{capital(told_by)}: ' if told_by else ''}“{figure.as_said}” as {figure.get_metric_display()}. "
                f"This record had {result.recorded} then.",
                f"{capital(str(result.comparison.label))}; never averaged",
                figure,
            )


def _unconfirmed(missions: Iterable[Any], day: datetime.date) -> Iterator[Matter]:
    waiting = [m for m in missions if m.span.status == Status.CLOSING and m.span.last_reported]
    for mission in sorted(waiting, key=lambda mission: mission.span.last_reported):
        if mission.span.last_reported <= day - CONFIRMED_WITHIN:
            yield Matter(
                f"Whether {mission.far_side.name} closed",
                f"{capital(with_article(str(mission)))} is closing, last reported {last_reported(mission.span)}. "
                "Nothing recorded here says that it has closed, or that it stayed.",
                f"{(day - mission.span.last_reported).days:,} days without a report",
                mission,
            )


def _without_a_day(missions: Iterable[Any]) -> Iterator[Matter]:
    """Closings of one direction that no source dates to a day, told together."""
    inexact = [m for m in missions if m.span.status == Status.CLOSED and not is_day(m.span.since)]
    for abroad in (True, False):
        if found := [mission for mission in inexact if mission.is_abroad == abroad]:
            names = [mission.far_side.name for mission in found]
            more = len(names) - NAMED_AT_MOST
            told = [*names[:NAMED_AT_MOST], f"{number_in_words(more)} more"] if more > 0 else names
            closed = f"{capital(missions_in_words(len(found), abroad))} closed on a day that no source gives"
            yield Matter(
                f"On which day {listed(names)} closed" if len(names) < 3 else "On which day they closed",
                f"{closed}: {listed(told)}.",
                "Known by a latest day only",
                "missions",
                "abroad" if abroad else "in-pyongyang",
            )
