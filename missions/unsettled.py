"""Matters that the records leave open or in conflict, composed for the front page (pages.md, A, Home: Unsettled)."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from missions.figures import Compared, Comparison
from missions.models import ReportedFigure, Status
from missions.querysets import CONFIRMED_WITHIN
from missions.sentences import (
    ORIGINS,
    SOURCES,
    event_sentence,
    is_day,
    last_reported,
    missions_in_words,
    with_article,
)
from nkwatch.editorial.edtf import in_words
from nkwatch.editorial.words import capital, counted, listed, when

NAMED_AT_MOST = 4

MORE = ngettext_lazy("%(words)s more", "%(words)s more", "number")


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
            _("%(sentence)s. Sources dispute: %(facts)s.")
            % {"sentence": event_sentence(event), "facts": event.support_contested},
            _("%(sources)s, %(origins)s")
            % {
                "sources": capital(counted(event.support_sources, SOURCES)),
                "origins": counted(event.support_origins, ORIGINS),
            },
            event,
        )


def _seen_open_after_closing(missions: Iterable[Any]) -> Iterator[Matter]:
    for mission in missions:
        if mission.span.seen_open_after_closing:
            sentence = _(
                "%(mission)s is recorded as closed %(closed)s, and was last seen open %(seen)s. The two conflict."
            )
            days = {"closed": when(mission.span.since), "seen": when(mission.span.last_seen_open.isoformat())}
            yield Matter(
                _("%(place)s: closed, and seen open") % {"place": mission.far_side.name},
                sentence % {"mission": mission, **days},
                _("Which is right is not recorded"),
                mission,
            )


def _differing(compared: Iterable[tuple[ReportedFigure, Compared]]) -> Iterator[Matter]:
    for figure, result in compared:
        if result.comparison == Comparison.DIFFERS:
            told_by = ", ".join(filter(None, [str(figure.speaker or ""), in_words(figure.as_of)]))
            sentence = _("“%(number)s” as %(what)s. This record had %(recorded)s then.")
            if told_by:
                sentence = _("%(told_by)s: “%(number)s” as %(what)s. This record had %(recorded)s then.")
            words = {"number": figure.as_said, "recorded": result.recorded}
            yield Matter(
                _("“%(number)s”, or %(recorded)s") % words,
                sentence % {"told_by": capital(told_by), "what": figure.get_metric_display(), **words},
                _("%(result)s; never averaged") % {"result": capital(str(result.comparison.label))},
                figure,
            )


def _unconfirmed(missions: Iterable[Any], day: datetime.date) -> Iterator[Matter]:
    waiting = [m for m in missions if m.span.status == Status.CLOSING and m.span.last_reported]
    for mission in sorted(waiting, key=lambda mission: mission.span.last_reported):
        if mission.span.last_reported <= day - CONFIRMED_WITHIN:
            sentence = _(
                "%(mission)s is closing, last reported %(date)s. "
                "Nothing recorded here says that it has closed, or that it stayed."
            )
            days = (day - mission.span.last_reported).days
            silence = ngettext("%(number)s day without a report", "%(number)s days without a report", days)
            yield Matter(
                _("Whether %(place)s closed") % {"place": mission.far_side.name},
                sentence % {"mission": capital(with_article(str(mission))), "date": last_reported(mission.span)},
                silence % {"number": f"{days:,}"},
                mission,
            )


def _without_a_day(missions: Iterable[Any]) -> Iterator[Matter]:
    """Closings of one direction that no source dates to a day, told together."""
    inexact = [m for m in missions if m.span.status == Status.CLOSED and not is_day(m.span.since)]
    for abroad in (True, False):
        if found := [mission for mission in inexact if mission.is_abroad == abroad]:
            names = [mission.far_side.name for mission in found]
            more = len(names) - NAMED_AT_MOST
            told = [*names[:NAMED_AT_MOST], counted(more, MORE)] if more > 0 else names
            few = _("On which day %(places)s closed") % {"places": listed(names)}
            sentence = _("%(missions)s closed on a day that no source gives: %(places)s.")
            yield Matter(
                few if len(names) < 3 else _("On which day they closed"),
                sentence % {"missions": capital(missions_in_words(len(found), abroad)), "places": listed(told)},
                _("Known by a latest day only"),
                "missions",
                "abroad" if abroad else "in-pyongyang",
            )
