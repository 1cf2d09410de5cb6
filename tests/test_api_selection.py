"""Sparse answers (`?fields=`) and related records told in full (`?expand=`): contract.md, API v1."""

from typing import Any

import pytest
from django.test import Client

from nkwatch.editorial.api.views import resources
from tests.make import cite, make_event, make_mission, make_source, publish
from tests.test_api_manners import problems
from tests.test_nothing_leaks import MARKER, make_published_world, make_unpublished_records
from tests.test_page_queries import queries

pytestmark = pytest.mark.django_db

# The records of make_published_world that have the most to tell.
ADDRESSES = {
    "missions": "M-0002",
    "events": "E-0001",
    "sources": "S-0002",
    "quotes": "Q-0001",
    "actors": "A-0002",
    "figures": "F-0001",
    "reasons": "sanctions",
    "countries": "ES",
}


def read(client: Client, address: str) -> Any:
    response = client.get(f"/api/v1/{address}")
    assert response.status_code == 200, response.content
    return response.json()


def test_each_field_and_each_related_record_can_be_asked_for_alone(client: Client):
    """With unpublished records all around: what is not read for other fields must not be read past the gate."""
    world = make_published_world()
    for number, state in enumerate(("draft", "retracted"), start=1):
        make_unpublished_records(world, state, number)
    world["mission"].refresh_from_db()
    for viewset in resources.values():
        address = f"{viewset.resource}/{ADDRESSES[viewset.resource]}/"
        whole = read(client, address)
        assert list(whole) == list(viewset.every_field())
        few = ",".join(list(whole)[:3])
        assert {tuple(record) for record in read(client, f"{viewset.resource}/?fields={few}")["results"]} == {
            tuple(whole)[:3]
        }
        for name in viewset.every_field():
            assert read(client, f"{address}?fields={name}") == {name: whole[name]}
        for path in viewset.expandable():
            found = client.get(f"/api/v1/{address}?expand={path}&fields=url")
            assert MARKER not in found.content.decode()
            name = path.partition(".")[0]
            assert set(found.json()) == {"url", name}
            for summary, full in zip(_at(whole, path), _at(found.json(), path), strict=True):
                there = read(client, (full.get("url") or f"/api/v1/countries/{full['code']}/").partition("/v1/")[2])
                assert full == {**summary, **there}


def _at(value: Any, path: str) -> list[Any]:
    """The records that an answer names at a path."""
    values = [value]
    for name in filter(None, path.split(".")):
        values = [item for found in values for item in (found if isinstance(found, list) else [found])]
        values = [found[name] for found in values if found is not None]
    return [one for found in values for one in (found if isinstance(found, list) else [found]) if one is not None]


def test_names_are_given_between_commas_or_by_repeating(client: Client):
    make_published_world()
    once = read(client, "missions/M-0002/?fields=number,host&expand=host,citations.source")
    assert once == read(
        client, "missions/M-0002/?fields=number&fields=host&expand=host&expand=citations.source&fields=citations"
    )
    assert set(once) == {"number", "host", "citations"}
    assert once["host"]["region"] == "Europe"
    assert once["citations"][0]["source"]["outlet"]["name"] == "Outlet"


@pytest.mark.parametrize(
    ("address", "parameter", "words"),
    [
        ("missions/?fields=number,colour", "fields", "“colour” is not accepted here: give any of number, url, page"),
        ("missions/?fields=number,", "fields", "“” is not accepted here"),
        ("missions/M-0001/?fields=citations.source", "fields", "give any of number, url"),
        ("events/?expand=mission.host", "expand", "give any of mission, duties_to, support.one_country, quotes"),
        ("events/E-0001/?expand=citations", "expand", "citations.source, citations.attributed_to_source"),
        ("reasons/?expand=quotes", "expand", "accepted here: cursor, fields, ordering"),
    ],
)
def test_an_unknown_name_is_refused_with_those_there_are(client: Client, address: str, parameter: str, words: str):
    found = problems(client.get(f"/api/v1/{address}"))
    assert list(found) == [parameter]
    assert words in found[parameter]


def test_an_expanded_mission_stands_as_it_did_on_the_day_asked_for(client: Client):
    mission = make_mission()
    for stage, date in (("announced", "2023-10-26"), ("closed", "2023-12-05")):
        event = make_event(mission=mission, stage=stage, date=date)
        cite(event)
        publish(mission, event) if not mission.is_public else publish(event)
    for day, statuses in (("2023-11-01", {"closing"}), ("2023-12-06", {"closed"})):
        found = read(client, f"events/?asof={day}&expand=mission")["results"]
        assert {event["mission"]["status"] for event in found} == statuses
    assert read(client, "events/E-0001/?expand=mission")["mission"] == read(client, "missions/M-0001/")


def test_what_holds_today_is_dated_today_wherever_it_is_told(client: Client):
    make_published_world()
    plain, expanded = (client.get(f"/api/v1/events/{query}") for query in ("", "?expand=mission"))
    assert expanded["Last-Modified"] >= plain["Last-Modified"]


def test_few_fields_cost_few_queries_and_expansion_the_same_however_many_are_told(client: Client):
    """One query for the records, one for the newest change, one for each relation that is told.

    A country costs none: it comes with its mission. Sources in full cost what their own list costs.
    """
    expected = {
        # Missions, their spans and the steps that these rest on.
        "missions/?cursor=&fields=number,name,status,host": 4,
        # Those with a date, then, since they do not fill the portion, those without.
        "events/?cursor=&fields=number,date,mission": 3,
        "sources/?cursor=&fields=number,title,source_url": 3,
        "quotes/?cursor=&fields=number,text": 3,
        # With the countries.
        "missions/?cursor=&fields=number&expand=host": 5,
    }
    make_published_world()
    addresses = [f"/api/v1/{address}" for address in expected]
    dear = "/api/v1/events/?cursor=&expand=mission,citations.source,quotes"
    found = queries(client, [*addresses, dear])
    assert found == {**dict(zip(addresses, expected.values(), strict=True)), dear: found[dear]}
    for city in ("Lyon", "Nice"):
        event = make_event(mission=make_mission(host="FR", city=city), stage="closed", date="2023")
        cite(event, make_source(title=city))
        publish(event)
    assert queries(client, [*addresses, dear]) == found
