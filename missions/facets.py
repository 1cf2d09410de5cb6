"""What lists of missions, events and figures are counted by, beside their filters."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q

from missions.models import ClosureEvent, Mission, Status, StatusSpan
from missions.models.missions import NORTH_KOREA
from missions.querysets import on_day
from nkwatch.editorial.public.facets import Counts, by, by_condition, by_record, number_of
from sources import facets as sources
from sources.models import Actor


def _spans(missions: Any, day: Any) -> Any:
    """The status of each of `missions` on the day."""
    return StatusSpan.objects.order_by().filter(on_day(day), mission__in=missions.order_by().values("pk"))


def by_status(missions: Any, day: Any) -> Iterable[tuple[Any, str, int]]:
    rows = _spans(missions, day).values_list("status").annotate(n=Count("mission"))
    return [(status, "", n) for status, n in rows]


def by_origins(missions: Any, day: Any) -> Iterable[tuple[Any, str, int]]:
    found: Counter[str] = Counter()
    for origins, n in _spans(missions, day).values_list("support_origins").annotate(n=Count("mission")):
        found[str(origins) if origins < 2 else "2+"] += n
    return [(origins, "", n) for origins, n in found.items()]


def by_year_of_closing(missions: Any, day: Any) -> Iterable[tuple[Any, str, int]]:
    closed = _spans(missions, day).filter(status=Status.CLOSED)
    rows = closed.values_list("because__date_latest__year").annotate(n=Count("mission", distinct=True))
    return [(year, "", n) for year, n in rows]


def by_mission_spoken_of(quotes: Any, day: Any) -> Iterable[tuple[Any, str, int]]:
    """Statements by the missions whose events name them."""
    named = quotes.order_by().filter(ClosureEvent.public_condition("events__"))
    rows = named.values_list("events__mission__number", "events__mission__name")
    counted = rows.annotate(n=Count("pk", distinct=True))
    return [(number_of(Mission, number), name, n) for number, name, n in counted]


MISSIONS: dict[str, Counts] = {
    "direction": by_condition(Q(sending=NORTH_KOREA), "abroad", "in-pyongyang"),
    "status": by_status,
    "host": by("host"),
    "sending": by("sending"),
    "kind": by("kind"),
    "region": by("host__region"),
    "closed_year": by_year_of_closing,
    "origins": by_origins,
}
EVENTS: dict[str, Counts] = {
    "stage": by("stage"),
    "mission": by_record("mission", Mission),
    "host": by("mission__host"),
    "region": by("mission__host__region"),
    "support": by("support_level"),
    "contested": by_condition(~Q(support_contested="")),
}
FIGURES: dict[str, Counts] = {"metric": by("metric"), "speaker": by_record("speaker", Actor)}
QUOTES: dict[str, Counts] = {**sources.QUOTES, "mission": by_mission_spoken_of}
