"""How outlines are made from map data: neighbours keep one border, and no line runs across the map."""

import itertools

import pytest

from missions.map.prepare_outlines import borders, drawn, joined, path, placed, simplified
from missions.map.projection import WIDTH


def topology(arcs: list[list[tuple[int, int]]], shapes: list[tuple[str | None, str, list]]) -> dict:
    """Map data of whole degrees; each shape with its number, name and the lines of its one ring."""
    steps = []
    for arc in arcs:
        pairs = itertools.pairwise([(0, 0), *arc])
        steps.append([[x1 - x0, y1 - y0] for (x0, y0), (x1, y1) in pairs])
    geometries = [
        {"type": "Polygon", "arcs": [ring], "properties": {"name": name}, **({"id": number} if number else {})}
        for number, name, ring in shapes
    ]
    return {
        "arcs": steps,
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "objects": {"countries": {"geometries": geometries}},
    }


SHARED = [(0, 0), (1, 5), (0, 10)]
WEST = [(0, 10), (-10, 10), (-10, 0), (0, 0)]
EAST = [(0, 0), (10, 0), (10, 10), (0, 10)]


def test_countries_go_by_code_or_name_and_antarctica_is_left_out():
    data = topology(
        [SHARED, WEST, EAST, [(0, -80), (9, -80), (9, -70), (0, -80)]],
        [("724", "Spain", [0, 1]), (None, "Kosovo", [~0, 2]), ("010", "Antarctica", [3])],
    )
    document = drawn(data)
    assert [code for code in ("ES", "XK", "AQ") if f'id="{code}"' in document] == ["ES", "XK"]
    assert drawn(data) == document


@pytest.mark.parametrize(("name", "lines"), [("Kosovo", 1), ("Somaliland", 0)])
def test_a_border_is_drawn_once_and_not_towards_what_has_no_code(name: str, lines: int):
    data = topology([SHARED, WEST, EAST], [("724", "Spain", [0, 1]), (None, name, [~0, 2])])
    shapes = data["objects"]["countries"]["geometries"]
    codes = {"Spain": "ES", "Kosovo": "XK", "Somaliland": "none"}
    found = borders([(codes[shape["properties"]["name"]], shape) for shape in shapes], [SHARED, WEST, EAST])
    assert found == [SHARED][:lines]


def test_a_ring_is_put_together_from_lines_either_way_round():
    assert joined([~0, ~1], [SHARED, WEST]) == [(0, 10), (1, 5), (0, 0), (-10, 0), (-10, 10), (0, 10)]


@pytest.mark.parametrize("meridian", [180, -169])
def test_a_line_over_the_180th_meridian_or_the_maps_edge_stays_in_one_piece(meridian: int):
    over = [((meridian + step + 180) % 360 - 180, 60.0) for step in (-2, -1, 1, 2)]
    xs = [x for x, _ in placed(over)]
    assert xs == sorted(xs)
    assert xs[-1] - xs[0] < WIDTH / 50


def test_the_corners_that_bend_least_are_dropped_and_the_ends_stay():
    bump, spike = (50.0, 0.1), (150.0, 40.0)
    line = [(0.0, 0.0), bump, (100.0, 0.0), spike, (200.0, 0.0)]
    assert simplified(line) == [(0.0, 0.0), (100.0, 0.0), spike, (200.0, 0.0)]
    tiny = [(0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5), (0.0, 0.0)]
    assert len(simplified(tiny)) == 4


def test_a_path_gives_each_corner_by_its_step_from_the_one_before():
    square = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 0.0)]
    assert path([square], closed=True) == "m0 0l4 0 0 4z"
    assert path([[(7.0, 7.0)], [(1.0, 2.0), (3.0, 1.0)], [(5.0, 5.0), (4.0, 4.0)]], closed=False) == "m1 2l2-1m2 4l-1-1"
