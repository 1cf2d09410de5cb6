"""Maps as files: an SVG drawing that carries everything it needs, with what it was drawn from."""

import textwrap
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from missions.map.drawing import Mark
from missions.map.labels import LETTER
from missions.map.missions_map import MissionsMap, locator, locator_address, missions_map
from missions.map.outlines import parts
from missions.models import Mission, Status
from missions.views import MissionList
from nkwatch.editorial.public.exports import attached
from nkwatch.editorial.public.pages import RecordDetail

SVG = "image/svg+xml"

COLOURS: dict[str, str] = {
    Status.OPEN: "#1b5fa6",
    Status.CLOSING: "#ad4f00",
    Status.SUSPENDED: "#ad4f00",
    Status.CLOSED: "#23282b",
    Status.UNKNOWN: "#4c5b56",
}
"""The colours that the style sheet has for paper, which a file of its own cannot ask."""

KEY_STEP, FIRST_LINE, LINE = 110, 68, 18
"""Pixels: between the statuses of the key, from a map down to its first line of text, from line to line."""


def as_svg_file(request: HttpRequest, name: str, drawn: MissionsMap) -> HttpResponse:
    """Answer with a map as a file of its own, as wide windows show it."""
    drawing, lines = drawn.wide, _lines(drawn, request.build_absolute_uri())
    context = {
        "map": drawn,
        "drawing": drawing,
        "parts": parts(),
        "marks": [(mark, COLOURS[mark.status]) for mark in drawing.marks],
        "key": [(status, count, COLOURS[status], 8 + KEY_STEP * n) for n, (status, count) in enumerate(drawn.statuses)],
        "lines": [(line, FIRST_LINE + LINE * n) for n, line in enumerate(lines)],
        "height": drawing.view.sheet.height + FIRST_LINE + LINE * len(lines),
    }
    answer = render(request, "missions/map/file.svg", context, content_type=SVG)
    attached(answer, f"{name}.svg")
    return answer


def _lines(drawn: MissionsMap, address: str) -> list[str]:
    """What stands under a map, in lines as long as it is wide: numbered places, how it is drawn, and from where."""
    sheet = drawn.wide.view.sheet
    places = [f"{mark.number}: {_named(mark)}" for mark in drawn.wide.listed]
    told = [*places, drawn.placing, _("Outlines: Natural Earth. Projection: Equal Earth."), f"nkwatch, {address}"]
    letters = int((sheet.width - 16) / (sheet.letters * LETTER))
    return [line for sentence in told for line in textwrap.wrap(sentence, letters, break_on_hyphens=False)]


def _named(mark: Mark) -> str:
    """The missions of a numbered place, with their statuses."""
    told = [f"{name} {mission.spans_on_day[0].get_status_display()}" for mission, name in mark.named]
    return f"{mark.heading}: {', '.join(told)}" if mark.heading else ", ".join(told)


class MissionsMapFile(MissionList):
    """The map of the list of missions, with its filters, on its day."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        drawn = missions_map(self.all_shown(), self.asof, self.is_world)
        return self.refusal() or as_svg_file(request, "missions", drawn)


class MissionMapFile(RecordDetail):
    """The small map of a mission's page."""

    model = Mission

    def get_queryset(self) -> Any:
        return Mission.objects.public().named().as_of(self.asof.day)

    def address_of(self, record: Any) -> str:
        return locator_address(record)

    def answer(self, record: Any) -> HttpResponse:
        return as_svg_file(self.request, record.label, locator(record, self.asof))
