"""Where a mission is drawn: at its own coordinates, else in its city, else in its host country."""

import csv
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from missions.map.projection import on_map
from nkwatch.editorial.text import fold, split_list

CITIES = Path(__file__).with_name("cities.csv")
COLUMNS = ("country", "names", "latitude", "longitude")


class PlacedBy(models.TextChoices):
    """What the place of a mission on a map is known from."""

    COORDINATES = "coordinates", _("by its own coordinates")
    CITY = "city", _("by its city")
    COUNTRY = "country", _("in the middle of its host country")


@dataclass(frozen=True)
class Place:
    """A point in degrees, and what it is known from."""

    latitude: float
    longitude: float
    by: PlacedBy

    @property
    def on_map(self) -> tuple[float, float]:
        return on_map(self.longitude, self.latitude)


@functools.cache
def cities() -> dict[tuple[str, str], tuple[float, float]]:
    """Latitude and longitude of cities, by country and folded name."""
    with CITIES.open(encoding="utf-8", newline="") as file:
        return {
            (row["country"], fold(name)): (float(row["latitude"]), float(row["longitude"]))
            for row in csv.DictReader(file)
            for name in split_list(row["names"])
        }


def place_of(mission: Any) -> Place:
    """Where `mission` (with its host) is drawn. The place of a city or country is not that of a building."""
    if mission.latitude is not None:
        return Place(float(mission.latitude), float(mission.longitude), PlacedBy.COORDINATES)
    if known := cities().get((mission.host_id, fold(mission.city))):
        return Place(*known, PlacedBy.CITY)
    return place_in(mission.host)


def place_in(country: Any) -> Place:
    """A point inside a country for what stands or applies somewhere in it."""
    return Place(float(country.latitude), float(country.longitude), PlacedBy.COUNTRY)
