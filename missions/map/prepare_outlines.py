"""Write world.svg, the outlines of countries that all maps are drawn on.

Run by hand, from the root of the repository, with the map data of the npm package world-atlas 2.0.2
(Natural Earth 1:50m, public domain; the package is under the ISC licence):

    npm install --prefix SCRATCH world-atlas@2.0.2
    python -m missions.map.prepare_outlines SCRATCH/node_modules/world-atlas/countries-50m.json

The same data gives the same file. Countries go by their two-letter codes; those that the data gives
no number are found by name. Somaliland, Northern Cyprus and the Siachen Glacier, which have no code,
are land without one, and without a border, which would say what nkwatch does not; Antarctica is left
out. Borders are simplified before countries are put together from them, so that neighbours
keep one line between them.
"""

import argparse
import heapq
import itertools
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from babel.core import get_global

from missions.map.outlines import OUTLINES
from missions.map.projection import CENTRE, HEIGHT, WIDTH, around, unwrapped

Point = tuple[float, float]
Ring = list[Point]

LEFT_OUT = {"Antarctica"}
BY_NAME = {"Kosovo": "XK", "Indian Ocean Ter.": "CX"}
WITHOUT_A_CODE = "none"
SMALLEST_BEND = 8.0
"""A corner is dropped where the triangle with its neighbours is smaller than this, in square units: so small that
the file stays below 25 kB compressed, since the first view of a page is to stay below 150."""
SMALLEST_ISLAND = 10.0
"""Islands smaller than this, in square units, are dropped, but never the largest of a country."""


def codes_by_number() -> dict[str, str]:
    """ISO 3166-1 numbers to two-letter codes, as the CLDR has them."""
    aliases = get_global("territory_aliases")
    return {alias: codes[0] for alias, codes in aliases.items() if alias.isdigit() and len(codes) == 1}


def code_of(shape: dict[str, Any], codes: dict[str, str]) -> str:
    number, name = shape.get("id"), shape["properties"]["name"]
    return codes[number] if number else BY_NAME.get(name, WITHOUT_A_CODE)


def decoded(topology: dict[str, Any]) -> list[Ring]:
    """The lines of a topology in degrees, from whole numbers that each give the step from the one before."""
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    lines = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            line.append((x * kx + dx, y * ky + dy))
        lines.append(line)
    return lines


def placed(line: Ring) -> Ring:
    """A line on the map. The 180th meridian does not cut it, nor does the map's edge: it runs on past that."""
    degrees = [around(line[0][0] - CENTRE)]
    for (before, _), (after, _) in itertools.pairwise(line):
        degrees.append(degrees[-1] + around(after - before))
    return [unwrapped(longitude, latitude) for longitude, (_, latitude) in zip(degrees, line, strict=True)]


def area(ring: Sequence[Point]) -> float:
    ends = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in ends) / 2


def simplified(line: Ring) -> Ring:
    """Drop the corners that bend a line least, smallest first (Visvalingam and Whyatt, 1993).

    The ends stay, and of a closed line two corners between them.
    """
    before, after = list(range(-1, len(line) - 1)), list(range(1, len(line) + 1))
    kept = [True] * len(line)
    fewest = 4 if line[0] == line[-1] else 2

    def bend(place: int) -> float:
        return abs(area([line[before[place]], line[place], line[after[place]]]))

    bends = {place: bend(place) for place in range(1, len(line) - 1)}
    heap = [(size, place) for place, size in bends.items()]
    heapq.heapify(heap)
    left = len(line)
    while heap and left > fewest and heap[0][0] < SMALLEST_BEND:
        size, place = heapq.heappop(heap)
        if not kept[place] or size != bends[place]:
            continue
        kept[place] = False
        left -= 1
        after[before[place]], before[after[place]] = after[place], before[place]
        for neighbour in (before[place], after[place]):
            if 0 < neighbour < len(line) - 1:
                bends[neighbour] = max(bend(neighbour), size)
                heapq.heappush(heap, (bends[neighbour], neighbour))
    return [point for place, point in enumerate(line) if kept[place]]


def rounded(line: Iterable[Point]) -> Ring:
    """Whole units, without repetitions."""
    found: Ring = []
    for x, y in line:
        if not found or found[-1] != (round(x), round(y)):
            found.append((round(x), round(y)))
    return found


def joined(indexes: Sequence[int], lines: Sequence[Ring]) -> Ring:
    """A ring from the lines that it is made of; ~n is line n, backwards."""
    ring: Ring = []
    for index in indexes:
        line = lines[index] if index >= 0 else lines[~index][::-1]
        ring += line[1:] if ring else line
    return rounded(ring)


def polygons(shape: dict[str, Any]) -> list[list[list[int]]]:
    """The polygons of a country, each a list of rings, each a list of lines."""
    return {"Polygon": [shape["arcs"]], "MultiPolygon": shape["arcs"]}[shape["type"]]


def large_enough(rings: list[list[Ring]]) -> list[Ring]:
    """The rings of a country's polygons without its small islands and lakes."""
    largest = max(rings, key=lambda polygon: abs(area(polygon[0])))
    kept = [polygon for polygon in rings if polygon is largest or abs(area(polygon[0])) >= SMALLEST_ISLAND]
    lakes = [ring for polygon in kept for ring in polygon[1:] if abs(area(ring)) >= SMALLEST_ISLAND]
    return [*(polygon[0] for polygon in kept), *lakes]


def path(lines: Iterable[Ring], closed: bool) -> str:
    """The lines as the data of an SVG path, each corner given by its step from the one before."""
    drawn = []
    here = (0.0, 0.0)
    for line in lines:
        corners = line[:-1] if closed else line
        if len(corners) < 2:
            continue
        places = zip([here, *corners], corners, strict=False)
        first, *steps = [(x - from_x, y - from_y) for (from_x, from_y), (x, y) in places]
        drawn.append(f"m{_written([first])}l{_written(steps)}{'z' if closed else ''}")
        here = corners[0] if closed else corners[-1]
    return "".join(drawn)


def _written(steps: Iterable[Point]) -> str:
    """Pairs of whole numbers; a minus parts them as well as a space does."""
    numbers = " ".join(f"{x:.0f} {y:.0f}" for x, y in steps)
    return numbers.replace(" -", "-")


def borders(shapes: Sequence[tuple[str, dict[str, Any]]], lines: Sequence[Ring]) -> list[Ring]:
    """The lines between two countries, each once."""
    owners: dict[int, set[str]] = {}
    for code, shape in shapes:
        for indexes in (ring for polygon in polygons(shape) for ring in polygon):
            for index in indexes:
                owners.setdefault(max(index, ~index), set()).add(code)
    return [rounded(lines[index]) for index, codes in sorted(owners.items()) if len(codes - {WITHOUT_A_CODE}) > 1]


def drawn(topology: dict[str, Any]) -> str:
    """The outlines as an SVG document of parts to be used: `land` with each country in it, and `borders`."""
    codes = codes_by_number()
    found = [
        (code_of(shape, codes), shape)
        for shape in topology["objects"]["countries"]["geometries"]
        if shape["properties"]["name"] not in LEFT_OUT
    ]
    lines = [simplified(placed(line)) for line in decoded(topology)]
    rings: dict[str, list[list[Ring]]] = {}
    for code, shape in found:
        whole = [[joined(indexes, lines) for indexes in polygon] for polygon in polygons(shape)]
        rings.setdefault(code, []).extend(whole)
    countries = "\n".join(
        f'<path id="{code}" d="{path(large_enough(rings[code]), closed=True)}"/>' for code in sorted(rings)
    )
    between = path(borders(found, lines), closed=False)
    return DOCUMENT.format(width=WIDTH, height=HEIGHT, countries=countries, borders=between)


DOCUMENT = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}">
<!-- Natural Earth 1:50m, public domain, by way of world-atlas (ISC, see ISC-world-atlas.txt); Equal Earth projection.
     Written by missions/map/prepare_outlines.py -->
<g id="land">
{countries}
</g>
<path id="borders" vector-effect="non-scaling-stroke" d="{borders}"/>
</svg>
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("map", type=Path, help="countries-50m.json of world-atlas")
    topology = json.loads(parser.parse_args().map.read_text(encoding="utf-8"))
    OUTLINES.write_text(drawn(topology), encoding="utf-8")
    print(f"{OUTLINES.stat().st_size} bytes written to {OUTLINES.name}")


if __name__ == "__main__":
    main()
