"""Which part of the world a map shows, and where its places lie on the sheet that it is drawn on."""

from collections.abc import Sequence
from dataclasses import dataclass

from missions.map.projection import WIDTH, on_map

Point = tuple[float, float]


@dataclass(frozen=True)
class Sheet:
    """What a map is drawn on: its size and that of its letters, in pixels at its natural size."""

    width: int
    height: int
    letters: int
    least: float
    """The smallest part of the world that is shown, as wide as so many units of the map."""


WIDE = Sheet(700, 430, letters=13, least=560)
NARROW = Sheet(340, 320, letters=12, least=420)
LOCATOR = Sheet(340, 210, letters=12, least=260)
WIDE_WORLD = Sheet(700, 325, letters=13, least=WIDTH)
NARROW_WORLD = Sheet(340, 180, letters=12, least=WIDTH)

NORTH, SOUTH = on_map(0, 84)[1], on_map(0, -57)[1]
"""Where land ends on a map without Antarctica."""

MARGIN = 0.09
"""How much of a sheet stays free on each side of the outermost places, for their labels."""


@dataclass(frozen=True)
class View:
    """A part of the world on a sheet: how large one unit of the map is, and what lies in the upper left corner."""

    sheet: Sheet
    scale: float
    left: float
    top: float

    def on_sheet(self, point: Point) -> Point:
        """Where a point of the map lies on the sheet, to a tenth of a pixel."""
        x, y = point
        return round((x - self.left) * self.scale, 1), round((y - self.top) * self.scale, 1)

    @property
    def transform(self) -> str:
        """What puts the outlines under the places."""
        x, y = -self.left * self.scale, -self.top * self.scale
        return f"translate({x:.1f} {y:.1f}) scale({self.scale:.4f})"


def whole_world(sheet: Sheet) -> View:
    return _around((0, NORTH, WIDTH, SOUTH), sheet, margin=0)


def fitted(points: Sequence[Point], sheet: Sheet) -> View:
    """The part of the world in which all `points` of the map lie, of which there is at least one."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return _around((min(xs), min(ys), max(xs), max(ys)), sheet, MARGIN)


def _around(box: tuple[float, float, float, float], sheet: Sheet, margin: float) -> View:
    left, top, right, bottom = box
    free = 1 - 2 * margin
    wanted = max((right - left) / free, (bottom - top) / free * sheet.width / sheet.height, sheet.least)
    shown = min(wanted, WIDTH)
    scale = sheet.width / shown
    height = sheet.height / scale
    return View(
        sheet, scale, _inside((left + right) / 2, shown, 0, WIDTH), _inside((top + bottom) / 2, height, NORTH, SOUTH)
    )


def _inside(middle: float, length: float, first: float, last: float) -> float:
    """Where a stretch around `middle` starts; moved so that it does not reach beyond the world, where it fits."""
    if length > last - first:
        return (first + last - length) / 2
    return min(max(middle - length / 2, first), last - length)
