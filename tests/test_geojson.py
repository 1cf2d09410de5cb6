"""Lists as GeoJSON: features that other programs read, under the API's names, public ones of the day asked for."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.make import cite, make_event, make_mission, publish
from tests.test_page_queries import Hub

pytestmark = pytest.mark.django_db


def collection(client: Client, address: str) -> dict:
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "application/geo+json")
    assert response["Content-Disposition"] == f'attachment; filename="{address.strip("/").partition("?")[0]}"'
    return json.loads(response.getvalue())


def closed_mission(**values):
    event = make_event(mission=make_mission(**values), stage="closed", date="2023-11-01")
    cite(event)
    publish(event)
    return event


def test_a_mission_is_a_point_with_longitude_first_and_the_apis_values(client: Client):
    mission = closed_mission(latitude="40.45", longitude="-3.75").mission

    found = collection(client, "/missions.geojson")

    assert found["type"] == "FeatureCollection"
    [feature] = found["features"]
    assert feature["type"] == "Feature"
    assert feature["id"] == mission.label
    assert feature["geometry"] == {"type": "Point", "coordinates": [-3.75, 40.45]}
    told = client.get(f"/api/v1/missions/{mission.label}/").json()
    shared = {name: value for name, value in feature["properties"].items() if name in told}
    assert shared == {name: told[name] for name in shared}
    assert set(feature["properties"]) - set(told) == {"placed_by"}
    assert feature["properties"]["placed_by"] == "coordinates"
    assert shared["status"] == "closed"


@pytest.mark.parametrize(("city", "placed_by"), [("Madrid", "city"), ("", "country")])
def test_a_place_that_is_not_the_buildings_says_so(client: Client, city: str, placed_by: str):
    publish(make_mission(city=city))
    [feature] = collection(client, "/missions.geojson")["features"]
    assert feature["properties"]["placed_by"] == placed_by
    longitude, latitude = feature["geometry"]["coordinates"]
    assert -10 < longitude < 4 and 36 < latitude < 44


def test_an_event_is_a_point_where_its_mission_is(client: Client):
    event = closed_mission()

    [feature] = collection(client, "/events.geojson")["features"]

    [mission] = collection(client, "/missions.geojson")["features"]
    assert feature["geometry"] == mission["geometry"]
    told = client.get(f"/api/v1/events/{event.label}/").json()
    properties = feature["properties"]
    assert properties.pop("placed_by") == "city"
    assert properties == {name: told[name] for name in properties}
    assert {"mission", "stage", "date", "support"} <= set(properties)


def test_filters_and_the_day_hold_and_nothing_unpublished_is_told(client: Client):
    closed_mission()
    publish(make_mission(host="PE", city="Lima"))
    make_mission(host="CU", city="Havana")

    def numbers(query: str) -> list[tuple[str, str]]:
        found = collection(client, f"/missions.geojson?{query}")["features"]
        return [(each["properties"]["city"], each["properties"]["status"]) for each in found]

    assert sorted(numbers("")) == [("Lima", "unknown"), ("Madrid", "closed")]
    assert numbers("host=PE") == [("Lima", "unknown")]
    assert numbers("host=ES&asof=2023-10-31") == [("Madrid", "open")]
    assert collection(client, "/missions.geojson?host=CU")["features"] == []
    assert client.get("/missions.geojson?asof=yesterday").status_code == 400


@pytest.mark.parametrize("name", ["sources", "quotes", "actors", "figures", "reasons"])
def test_lists_without_places_are_no_geojson(client: Client, name: str):
    assert client.get(f"/{name}.geojson").status_code == 404
    assert ".geojson" not in client.get(f"/{name}/").content.decode()


def test_geojson_costs_the_same_number_of_queries_at_10_and_at_200_records(client: Client):
    """Missions: their spans with the steps that decide, and what the list brings along; events: themselves."""

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(address).getvalue()
        return len(captured)

    hub = Hub()
    hub.grow(10)
    at_ten = {address: queries(address) for address in ("/missions.geojson", "/events.geojson")}
    hub.grow(200)
    assert {address: queries(address) for address in at_ten} == at_ten
    assert max(at_ten.values()) <= 6
