"""Maps as pages show them: of a list of missions, and of one mission with what it serves and is served by."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from missions.map.drawing import MISSIONS, Drawing, draw
from missions.map.places import PlacedBy, place_of
from missions.map.services import Service, services
from missions.map.view_box import LOCATOR, NARROW, NARROW_WORLD, WIDE, WIDE_WORLD, Point, Sheet, fitted, whole_world
from missions.models import Mission, Status
from missions.sentences import with_article
from nkwatch.editorial.asof import AsOf
from nkwatch.editorial.words import counted, listed

HOW_PLACED = {
    PlacedBy.COORDINATES: gettext_lazy("where its coordinates are recorded"),
    PlacedBy.CITY: gettext_lazy("by its city"),
    PlacedBy.COUNTRY: gettext_lazy(
        "in the middle of the host country, where no city is recorded or its place is not known"
    ),
}


@dataclass(frozen=True)
class MissionsMap:
    """A map of missions on a day: for wide windows and for phones, where they differ, and what it is called."""

    wide: Drawing
    narrow: Drawing
    title: str
    statuses: list[tuple[Status, int]]
    placing: str
    also: str
    """What on the page says the same in words."""
    is_world: bool = False

    @property
    def drawings(self) -> list[tuple[str, Drawing]]:
        """Each drawing with the class by which the style sheet shows it."""
        if self.wide is self.narrow:
            return [("both", self.wide)]
        return [("wide", self.wide), ("narrow", self.narrow)]

    @property
    def description(self) -> str:
        """How many missions of each status are drawn, and from what their places are known."""
        counts = listed([f"{number} {status.label}" for status, number in self.statuses])
        return f"{counts}. {self.placing}" if counts else self.placing

    @property
    def has_arcs(self) -> bool:
        return bool(self.wide.arcs)


def missions_map(missions: Sequence[Any], asof: AsOf, world: bool = False) -> MissionsMap:
    """A map of `missions`, each with its host and its `spans_on_day`.

    It opens on the part of the world in which they lie, or on all of it.
    """
    served = services(missions, asof)
    points = _points(missions, served)
    world = world or not points
    wide, narrow = (WIDE_WORLD, NARROW_WORLD) if world else (WIDE, NARROW)
    return MissionsMap(
        wide=_drawn(missions, served, points, wide, world),
        narrow=_drawn(missions, served, points, narrow, world),
        title=_("Map of %(missions)s by status on %(day)s")
        % {"missions": counted(len(missions), MISSIONS), "day": asof.in_words},
        statuses=_statuses(missions),
        placing=_placing(missions),
        also=_("The table of missions holds the same facts."),
        is_world=world,
    )


def locator(mission: Any, asof: AsOf) -> MissionsMap:
    """A small map of one mission, with those beside it that serve its host or that it stands in for."""
    served = services([mission], asof)
    named = {other.pk for service in served for other in (service.mission, service.instead_of) if other}
    beside = Mission.objects.public().named().as_of(asof.day).filter(pk__in=named - {mission.pk})
    missions = [mission, *beside]
    drawing = _drawn(missions, served, _points(missions, served), LOCATOR, world=False)
    return MissionsMap(
        wide=drawing,
        narrow=drawing,
        title=_("Map of the place of %(mission)s, on %(day)s")
        % {"mission": with_article(str(mission)), "day": asof.in_words},
        statuses=_statuses(missions),
        placing=_placing([mission]),
        also=_("The facts on this page say the same."),
    )


def locator_address(mission: Any) -> str:
    """Where the small map of a mission is kept as a file."""
    return f"{mission.get_absolute_url()}map.svg"


def _drawn(
    missions: Sequence[Any], served: Sequence[Service], points: Sequence[Point], sheet: Sheet, world: bool
) -> Drawing:
    return draw(missions, served, whole_world(sheet) if world else fitted(points, sheet))


def _points(missions: Sequence[Any], served: Sequence[Service]) -> list[Point]:
    ends = [place for service in served for place in (place_of(service.mission), service.place)]
    return [place.on_map for place in [*map(place_of, missions), *ends]]


def _statuses(missions: Sequence[Any]) -> list[tuple[Status, int]]:
    found = Counter(mission.spans_on_day[0].status for mission in missions)
    return [(status, found[status]) for status in Status if found[status]]


def _placing(missions: Sequence[Any]) -> str:
    """What the places are known from, and that they are not those of buildings."""
    if not missions:
        return _("No mission fits.")
    found = Counter(place_of(mission).by for mission in missions)
    told = [f"{found[by]} {how}" if len(missions) > 1 else str(how) for by, how in HOW_PLACED.items() if found[by]]
    sentence = _("Placed %(how)s.") % {"how": "; ".join(told)}
    if set(found) == {PlacedBy.COORDINATES}:
        return sentence
    return " ".join([sentence, _("The place of a city or country is not that of the building.")])
