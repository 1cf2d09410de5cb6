"""The Equal Earth projection, in which countries keep the size that they have to each other.

Bojan Šavrič, Tom Patterson and Bernhard Jenny, "The Equal Earth map projection", International
Journal of Geographical Information Science 33 (2019, online 2018), pp. 454-465. The polynomial and
its four coefficients are those of the paper, on a sphere.
"""

import math

A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
M = math.sqrt(3) / 2

CENTRE = 11.0
"""The meridian in the middle. The map's edges lie at 169° west, in the Bering Strait, so that
neither Russia nor Fiji is cut."""

WIDTH = 4000.0
"""The width of the equator in the units of the map: whole units are exact enough for its outlines."""


def equal_earth(longitude: float, latitude: float) -> tuple[float, float]:
    """Project degrees on a sphere of radius 1: x to the east, y to the north, (0, 0) in the middle.

    A longitude beyond 180 is taken as it is, so that what crosses the map's edge stays in one piece.
    """
    theta = math.asin(M * math.sin(math.radians(latitude)))
    squared = theta * theta
    sixth = squared * squared * squared
    along = 9 * A4 * sixth * squared + 7 * A3 * sixth + 3 * A2 * squared + A1
    x = math.radians(longitude) * math.cos(theta) / (M * along)
    return x, theta * (A4 * sixth * squared + A3 * sixth + A2 * squared + A1)


SCALE = WIDTH / 2 / equal_earth(180, 0)[0]
TOP = equal_earth(0, 90)[1]
HEIGHT = 2 * TOP * SCALE


def around(degrees: float) -> float:
    """The same angle, from -180 up to 180 degrees."""
    return (degrees + 180) % 360 - 180


def on_map(longitude: float, latitude: float) -> tuple[float, float]:
    """Where a place lies on the map: x to the right and y down from its upper left corner, in its units."""
    return unwrapped(around(longitude - CENTRE), latitude)


def unwrapped(from_centre: float, latitude: float) -> tuple[float, float]:
    """As `on_map`, for degrees east of the map's middle, which may run past its edge."""
    x, y = equal_earth(from_centre, latitude)
    return WIDTH / 2 + x * SCALE, (TOP - y) * SCALE
