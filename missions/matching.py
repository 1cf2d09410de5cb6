"""Same thing, once: which record stands already for a mission, event or figure (domain.md, rule 6)."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from missions.models import ClosureEvent, Coverage, Mission, MissionKind, ReportedFigure
from nkwatch.editorial.text import fold
from sources.matching import by_name, days_apart, only_one, with_days_in_common
from sources.models import Source


def mission_named(text: str) -> Mission | None:
    """The one mission that goes by `text`: its name, original name or another name of it."""
    return only_one(by_name(Mission.objects.all()).get(fold(text), ()), text)


def same_mission(candidate: Mission) -> Mission | None:
    """The mission that `candidate` is: same sender, host, kind and city; what is not known fits anything.

    Raises ValidationError where a mission of another kind stands at the same host and city: a
    report that calls a consulate general an embassy means that one, and an editor must say so.
    """
    return fitting_mission(candidate, list(Mission.objects.filter(sending=candidate.sending, host=candidate.host)))


def fitting_mission(candidate: Mission, there: Sequence[Mission]) -> Mission | None:
    """Of the missions `there` is from one sender in one host, the one that `candidate` is."""
    city = fold(candidate.city)
    exact = [m for m in there if m.kind == candidate.kind and fold(m.city) == city]
    if exact:
        return only_one(exact, candidate.composed_name)
    of_a_kind = [m for m in there if _fits(m.kind, candidate.kind, MissionKind.UNSPECIFIED)]
    if loose := [m for m in of_a_kind if _fits(fold(m.city), city, "")]:
        return only_one(loose, candidate.composed_name)
    if other := next((m for m in there if fold(m.city) == city), None):
        raise ValidationError(
            f"{other.label} “{other}” stands at the same place and is of kind {other.get_kind_display()}, "
            f"not {candidate.get_kind_display()}. If that one is meant, give its kind or number; "
            "if there are two, give the city of each."
        )
    return None


def _fits(one: str, other: str, unknown: str) -> bool:
    return one == other or unknown in (one, other)


EDTF_DATE: Any = ClosureEvent._meta.get_field("date")
EDTF_AS_OF: Any = ReportedFigure._meta.get_field("as_of")


def same_event(candidate: ClosureEvent, source: Source | None = None, given: str = "") -> ClosureEvent | None:
    """The event that `candidate` is: same mission and stage, a day in common; of several the narrowest.

    Where `source` is cited already for this mission and stage with the date `given`, that event wins:
    the same report read twice is about the same event.
    """
    EDTF_DATE.set_bounds(candidate)
    there = ClosureEvent.objects.filter(mission=candidate.mission, stage=candidate.stage)
    cited = there.filter(citations__source=source, citations__date=given).distinct() if source is not None else ()
    return fitting_event(candidate, there, cited)


def fitting_event(candidate: Any, there: Iterable[Any], cited: Iterable[Any] = ()) -> Any:
    """Of the events `there` are of one mission and stage, the one that `candidate` is; one `cited` already wins."""
    if cited and (known := only_one(cited, candidate)):
        return known
    found = with_days_in_common("date", there, candidate)
    if len(found) > 1:
        narrowest = min(days_apart("date", event) for event in found)
        found = [event for event in found if days_apart("date", event) == narrowest]
    return only_one(found, candidate)


def same_figure(candidate: ReportedFigure) -> ReportedFigure | None:
    """The figure that `candidate` is: same metric, numbers, day and speaker; without numbers, same words."""
    EDTF_AS_OF.set_bounds(candidate)
    found = ReportedFigure.objects.filter(
        Q(worded=candidate.worded) | Q(low__isnull=False) | Q(high__isnull=False),
        metric=candidate.metric,
        low=candidate.low,
        high=candidate.high,
        as_of=candidate.as_of,
        speaker=candidate.speaker,
    )
    return only_one(found, candidate)


def same_coverage(candidate: Coverage) -> Coverage | None:
    return Coverage.objects.filter(
        mission=candidate.mission, country=candidate.country, starts=candidate.starts
    ).first()
