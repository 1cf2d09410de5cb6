"""Lists by cursor (contract.md, API v1): stable while the record changes, and the same cost at any depth."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from missions.models import ClosureEvent, Mission
from sources.models import Source
from tests.make import make_source, publish
from tests.test_api_manners import make_sources, walk
from tests.test_page_queries import make_rows

pytestmark = pytest.mark.django_db

MANY = 3_000
INSTRUCTIONS = 10
"""After so many instructions SQLite is asked to say that it is at work."""


def test_a_list_goes_on_from_the_place_of_a_record_that_was_retracted_meanwhile(client: Client):
    make_sources()
    first = client.get("/api/v1/sources/?cursor=&page_size=3").json()
    assert first["results"][-1]["number"] == "S-0003"
    source = Source.objects.get(number=3)
    source.retract("It was entered twice.")
    assert walk(client, first["next"])[0] == ["S-0006", "S-0005", "S-0002"]


def test_a_list_grown_before_and_behind_the_place_shows_what_is_behind(client: Client):
    make_sources()
    first = client.get("/api/v1/sources/?cursor=&page_size=2").json()
    publish(make_source(title="Before", issued="2024"), make_source(title="Behind", issued="2020"))
    publish(make_source(title="Behind all", issued=""))
    numbers, _ = walk(client, first["next"])
    assert numbers == ["S-0003", "S-0006", "S-0008", "S-0009", "S-0005", "S-0002"]
    back = client.get(client.get(first["next"]).json()["previous"]).json()
    assert [record["number"] for record in back["results"]] == ["S-0004", "S-0001"]


@pytest.fixture
def many_events() -> None:
    """Three thousand events, one in ten without a date; by no rules, for size."""
    embassy = {"sending_id": "KP", "host_id": "ES", "kind": "embassy", "name": "Embassy"}
    missions = make_rows(Mission, range(1, 61), number=int, city=str, **embassy)
    numbers = range(1, MANY + 1)
    reported = {"mission": lambda number: missions[number % 60], "stage": "reported", "date": "2023"}
    events = make_rows(ClosureEvent, numbers, number=int, **reported)
    for event in events:
        day = f"{1990 + event.number % 30}-01-{1 + event.number % 28:02d}"
        event.date = event.date_earliest = event.date_latest = day if event.number % 10 else None
        event.date = event.date or ""
    ClosureEvent.objects.bulk_update(events, ["date", "date_earliest", "date_latest"], batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.fixture
def work(client: Client) -> Callable[[str], int]:
    """How much the database does to answer an address: SQLite in instructions, PostgreSQL in rows read."""

    def of_sqlite(address: str) -> int:
        asked = []

        def measured(execute: Any, sql: str, *told: Any) -> Any:
            at_work = (lambda: asked.append(1)) if _is_portion(sql) else None
            connection.connection.set_progress_handler(at_work, INSTRUCTIONS)
            return execute(sql, *told)

        with connection.execute_wrapper(measured):
            assert client.get(address).status_code == 200
        connection.connection.set_progress_handler(None, INSTRUCTIONS)
        return len(asked)

    def of_postgresql(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return sum(_rows_read(query["sql"]) for query in captured if _is_portion(query["sql"]))

    return of_sqlite if connection.vendor == "sqlite" else of_postgresql


def _is_portion(sql: str) -> bool:
    """Whether it asks for the events of one answer; every answer asks besides when anything was changed last."""
    return 'FROM "missions_closureevent"' in sql and "LIMIT 2" in sql


def _rows_read(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        [[plan]] = cursor.fetchall()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return sum(
        node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
        for node in _nodes(plan[0]["Plan"])
        if "Relation Name" in node
    )


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", []):
        yield from _nodes(below)


def test_a_portion_by_cursor_costs_the_same_at_any_depth(client: Client, work: Callable[[str], int], many_events: None):
    """The page by its number, far down the list, passes over all that stands before it."""
    for order, side in (("number", "after"), ("-number", "before"), ("date", "after"), ("-date", "before")):
        address = f"/api/v1/events/?fields=number&page_size=20&ordering={order}"
        far = MANY * 8 // 10 // 20
        early, deep = (client.get(f"{address}&page={page}").json()["results"][0]["number"] for page in (3, far))
        at_the_start, at_depth = (work(f"{address}&cursor={side}:{number}") for number in (early, deep))
        assert at_depth < 2 * at_the_start, order
        assert at_depth < work(f"{address}&page={far}") / 5, order
