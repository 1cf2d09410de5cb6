"""Write cities.csv, the places of capitals and other cities in which missions stand.

Run by hand, from the root of the repository, with Natural Earth's 1:110m populated places (public
domain) as the npm package globe.gl 2.46.2 ships them:

    npm install --prefix SCRATCH --ignore-scripts globe.gl@2.46.2
    python -m missions.map.prepare_cities \\
        SCRATCH/node_modules/globe.gl/example/datasets/ne_110m_populated_places_simple.geojson

The same data gives the same file. A city goes by its names, several parted by semicolons. Cities with
consulates that the data lacks stand in MORE, placed by hand to a hundredth of a degree.
"""

import argparse
import csv
import json
from pathlib import Path
from typing import Any

from missions.map.places import CITIES, COLUMNS
from nkwatch.editorial.text import fold, join_list

BY_NAME = {"Pristina": "XK"}
"""Cities of countries that the data gives no code."""

ALSO = {
    ("GT", "Guatemala"): "Guatemala City",
    ("IL", "Tel Aviv-Yafo"): "Tel Aviv",
    ("IN", "Bangalore"): "Bengaluru",
    ("KW", "Kuwait"): "Kuwait City",
    ("MM", "Rangoon"): "Yangon",
    ("UA", "Kiev"): "Kyiv",
    ("US", "Washington, D.C."): "Washington",
    ("VA", "Vatican City"): "Holy See",
}
MORE = [
    ("CN", "Dandong", 40.13, 124.39),
    ("CN", "Guangzhou", 23.13, 113.26),
    ("CN", "Hunchun", 42.86, 130.37),
    ("CN", "Shenyang", 41.80, 123.43),
    ("CN", "Yanji", 42.89, 129.51),
    ("DE", "Bonn", 50.73, 7.10),
    ("KP", "Chongjin", 41.80, 129.78),
    ("KP", "Kaesong", 37.97, 126.55),
    ("KP", "Rason", 42.25, 130.30),
    ("KP", "Sinuiju", 40.10, 124.40),
    ("MO", "Macau", 22.20, 113.55),
    ("RU", "Khabarovsk", 48.48, 135.07),
    ("RU", "Nakhodka", 42.82, 132.88),
    ("RU", "Saint Petersburg; St Petersburg", 59.94, 30.31),
    ("RU", "Vladivostok", 43.12, 131.89),
    ("TR", "Izmir", 38.42, 27.14),
]


def rows(places: dict[str, Any]) -> list[tuple[str, str, float, float]]:
    found = list(MORE)
    for place in places["features"]:
        told, (longitude, latitude) = place["properties"], place["geometry"]["coordinates"]
        name = told["name"]
        country = BY_NAME.get(name) or told["iso_a2"]
        if len(country) == 2 and country.isalpha():
            names = {fold(each): each for each in (name, told["namepar"], ALSO.get((country, name))) if each}
            found.append((country, join_list(names.values()), round(latitude, 2), round(longitude, 2)))
    return sorted(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("places", type=Path, help="ne_110m_populated_places_simple.geojson")
    found = rows(json.loads(parser.parse_args().places.read_text(encoding="utf-8")))
    with CITIES.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *found])
    print(f"{len(found)} cities written to {CITIES.name}")


if __name__ == "__main__":
    main()
