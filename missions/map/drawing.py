"""A map of missions on one sheet: marks with labels, crowded places with numbers, arcs to what is served."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from missions.map.labels import Box, Label, around, candidates, first_free
from missions.map.outlines import countries
from missions.map.places import place_of
from missions.map.services import Service
from missions.map.view_box import Point, View
from missions.models import Status
from nkwatch.editorial.words import counted, listed, when

RADIUS = 8.0
"""Half of a status shape, in pixels."""

APART = 24.0
"""Marks nearer than this are one crowded place, so that each can be hit with a finger (WCAG 2.2, 2.5.8)."""

CORNER = Box(0, 0, 44, 44)
"""Where the script puts its first button."""

END_RADIUS = 3.0
"""Half of the point at which an arc ends where no mission is shown."""

MISSIONS = ngettext_lazy("%(words)s mission", "%(words)s missions", "number")

WIDEST_NUMBER = "00"

RISE = 0.2
"""How far an arc rises, in parts of its length."""

FIRST = (Status.CLOSING, Status.CLOSED, Status.SUSPENDED, Status.OPEN, Status.UNKNOWN)
"""Whose labels are placed first, where there is no room for all."""


@dataclass
class Mark:
    """One mission, or the missions of a crowded place, in their place on the sheet."""

    x: float
    y: float
    missions: list[Any]
    is_listed: bool = False
    number: int = 0
    label: Label | None = None

    @property
    def mission(self) -> Any:
        return self.missions[0]

    @property
    def is_crowded(self) -> bool:
        return len(self.missions) > 1

    @property
    def text(self) -> str:
        """What stands beside it: the place, or the number under which the place is listed."""
        return str(self.number) if self.is_listed else name_on_map(self.mission)

    @property
    def place(self) -> str:
        """The names of the places that its missions stand in."""
        return listed(list(dict.fromkeys(place_name(mission) for mission in self.missions)))

    @property
    def heading(self) -> str:
        """The host that all its missions stand in, where their names do not say that."""
        [host, *others] = {mission.host.name for mission in self.missions}
        return "" if others or all(name_on_map(mission) == host for mission in self.missions) else host

    @property
    def named(self) -> list[tuple[Any, str]]:
        """Each mission with its name in the list of places that have a number, under the heading if there is one."""
        in_host, heading = _("%(sending)s in %(host)s"), self.heading
        return [
            (
                each,
                name_on_map(each)
                if heading or each.is_abroad
                else in_host % {"sending": name_on_map(each), "host": each.host},
            )
            for each in self.missions
        ]

    @property
    def status(self) -> str:
        return self.mission.spans_on_day[0].status

    @property
    def words(self) -> str:
        """What it tells: the mission's status with its marks and date, or how many stand in a crowded place."""
        if self.is_crowded:
            words = {"place": self.place, "missions": counted(len(self.missions), MISSIONS)}
            return _("%(number)s: %(place)s, %(missions)s, listed below") % {"number": self.number, **words}
        span = self.mission.spans_on_day[0]
        since = [when(span.since)] if span.since else []
        return f"{self.mission}: {', '.join([' '.join([span.get_status_display(), *since]), *span.marks])}"

    @property
    def box(self) -> Box:
        return around(self.x, self.y, RADIUS + 1)


@dataclass(frozen=True)
class End:
    """Where an arc starts or ends at no mission that the map shows."""

    x: float
    y: float
    text: str
    label: Label | None


@dataclass(frozen=True)
class Arc:
    """An arc from a mission to what it serves besides its host, as the data of an SVG path."""

    path: str
    words: str


@dataclass
class Drawing:
    """What a template draws."""

    view: View
    hosts: list[str]
    marks: list[Mark]
    arcs: list[Arc] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)

    @property
    def listed(self) -> list[Mark]:
        """The places that have a number, in its order."""
        return sorted((mark for mark in self.marks if mark.is_listed), key=lambda mark: mark.number)


def place_name(mission: Any) -> str:
    return mission.city or mission.host.name


def name_on_map(mission: Any) -> str:
    """What a mission alone in its place is called: its place, or in Pyongyang whose it is."""
    return place_name(mission) if mission.is_abroad else mission.far_side.name


def draw(missions: Iterable[Any], services: Sequence[Service], view: View) -> Drawing:
    """Put missions (each with its host and its `spans_on_day`) and the services among them on a sheet."""
    shown = sorted(missions, key=lambda each: (FIRST.index(each.spans_on_day[0].status), each.name, each.pk))
    marks = _gathered(Mark(*view.on_sheet(place_of(mission).on_map), [mission]) for mission in shown)
    marks = _labelled(marks, view)
    drawing = Drawing(view, sorted({mission.host_id for mission in shown} & countries()), marks)
    _add_arcs(drawing, services)
    return drawing


def _gathered(marks: Iterable[Mark]) -> list[Mark]:
    """Join marks that lie too near to each other; the first of them gives the place."""
    apart: list[Mark] = []
    for mark in marks:
        near = min(apart, key=lambda other: _distance(mark, other), default=None)
        if near and _distance(mark, near) < APART:
            near.missions += mark.missions
        else:
            apart.append(mark)
    return apart


def _distance(mark: Mark, other: Mark) -> float:
    return math.dist((mark.x, mark.y), (other.x, other.y))


def _labelled(marks: list[Mark], view: View) -> list[Mark]:
    """Give each mark a label that lies over nothing else: its name, else a number.

    A mark that has no room for either joins the one next to it, and all begin anew.
    """
    while (crammed := _without_room(marks, view)) and len(marks) > 1:
        marks = [mark for mark in marks if mark is not crammed]
        min(marks, key=lambda mark: _distance(mark, crammed)).missions += crammed.missions
    listed = [mark for mark in marks if mark.is_listed]
    for number, mark in enumerate(sorted(listed, key=lambda mark: (mark.x, mark.y)), 1):
        mark.number = number
    return marks


def _without_room(marks: list[Mark], view: View) -> Mark | None:
    """Label all marks, or give back the first that has no room."""
    taken = [CORNER, *(mark.box for mark in marks)]
    for mark in marks:
        if mark.is_crowded:
            mark.is_listed, mark.label = True, None
            continue
        name = _free_label(mark.x, mark.y, name_on_map(mark.mission), taken, view)
        mark.is_listed = name is None
        mark.label = name or _free_label(mark.x, mark.y, WIDEST_NUMBER, taken, view)
        if mark.label is None:
            return mark
        taken.append(mark.label.box)
    return None


def _free_label(x: float, y: float, text: str, taken: Sequence[Box], view: View) -> Label | None:
    sheet = Box(0, 0, view.sheet.width, view.sheet.height)
    return first_free(candidates(x, y, RADIUS, text, view.sheet.letters), taken, sheet)


def _add_arcs(drawing: Drawing, services: Sequence[Service]) -> None:
    """Draw each service from its mission to what it serves; an end without a mark gets a point and a name."""
    marks = {mission.pk: mark for mark in drawing.marks for mission in mark.missions}
    taken = [box for mark in drawing.marks for box in (mark.box, mark.label and mark.label.box) if box]
    for service in services:
        places = (
            (service.mission, place_of(service.mission), name_on_map(service.mission)),
            (service.instead_of, service.place, service.country.name),
        )
        ends: list[Mark | End] = []
        for mission, place, name in places:
            mark = marks.get(mission.pk) if mission else None
            ends.append(mark or _end(drawing, drawing.view.on_sheet(place.on_map), name, taken))
        drawing.arcs.append(Arc(_bent(ends[0], ends[1]), str(service)))


def _end(drawing: Drawing, point: Point, name: str, taken: list[Box]) -> End:
    for end in drawing.ends:
        if (end.x, end.y) == point:
            return end
    label = _free_label(*point, name, taken, drawing.view)
    taken += [around(*point, END_RADIUS), *([label.box] if label else [])]
    drawing.ends.append(End(*point, name, label))
    return drawing.ends[-1]


def _bent(start: Mark | End, end: Mark | End) -> str:
    """A line from one place to another that rises by a fifth of its length, so that arcs there and back part."""
    dx, dy = end.x - start.x, end.y - start.y
    rise = RISE if dx >= 0 else -RISE
    x, y = (start.x + end.x) / 2 + dy * rise, (start.y + end.y) / 2 - dx * rise
    return f"M{start.x} {start.y}Q{x:.1f} {y:.1f} {end.x} {end.y}"
