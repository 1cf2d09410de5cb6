"""Copies of lists kept in step (`?since=`), and lists told whole: contract.md, API v1."""

import datetime
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from nkwatch.editorial.api.streaming import AT_A_TIME
from nkwatch.editorial.merging.merges import merge
from nkwatch.editorial.models import PublicChange
from sources.models import Source
from tests.make import cite, make_actor, make_event, make_mission, make_reason, make_source, publish
from tests.test_api_manners import problems
from tests.test_nothing_leaks import make_published_world
from tests.test_page_queries import make_rows

pytestmark = pytest.mark.django_db

LISTS = ("missions", "events", "sources", "quotes", "actors", "figures", "reasons", "countries")


def lines(client: Client, address: str) -> list[dict[str, Any]]:
    response = client.get(f"/api/v1/{address}")
    assert (response.status_code, response["Content-Type"]) == (200, "application/x-ndjson")
    return [json.loads(line) for line in response.getvalue().splitlines()]


def made_long_ago() -> str:
    """Everything so far was made long ago; what comes is newer than the moment that this gives."""
    PublicChange.objects.update(made=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    return "2020-01-02"


def changed(client: Client, resource: str, since: str) -> list[str]:
    return [record["number"] for record in client.get(f"/api/v1/{resource}/?since={since}").json()["results"]]


def test_what_readers_saw_change_since_a_moment_is_told(client: Client):
    kept, corrected, claimed = make_source(title="Kept"), make_source(title="Old"), make_event()
    cite(claimed)
    publish(kept, corrected, claimed)
    since = made_long_ago()
    for resource in ("sources", "events", "missions"):
        assert changed(client, resource, since) == []
    corrected.refresh_from_db()
    corrected.title = "New"
    corrected.save()
    make_source(title="A draft")
    assert changed(client, "sources", since) == [corrected.label]
    publish(cite(claimed, kept))
    assert changed(client, "events", since) == ["E-0001"]
    # The support of its status follows from the claim.
    assert changed(client, "missions", since) == ["M-0001"]
    assert sorted(changed(client, "sources", "2019-12-31T23:59:59Z")) == ["S-0001", "S-0002", "S-0003"]


def test_what_rests_on_a_source_or_a_body_that_changed_is_told(client: Client):
    agency = make_actor(kind="organisation", name="Agency")
    desk = make_actor(kind="organisation", name="Foreign desk", part_of=agency)
    wire = make_source(title="Wire", outlet=make_actor(kind="person", name="Correspondent", part_of=desk))
    reprint = make_source(title="Reprint", republication_of=make_source(title="Update", republication_of=wire))
    event, other, drafted = (make_event(mission=make_mission(host=host)) for host in ("ES", "FR", "IT"))
    cite(event, reprint)
    cite(other)
    publish(event, other, drafted.mission)
    cite(drafted, reprint)
    since = made_long_ago()
    assert changed(client, "events", since) == []
    agency.refresh_from_db()
    agency.name = "News Agency"
    agency.save()
    assert changed(client, "events", since) == [event.label]
    since = made_long_ago()
    wire.refresh_from_db()
    wire.retract("It was never sent.")
    for resource, number in (("events", event.label), ("missions", event.mission.label)):
        assert changed(client, resource, since) == changed(client, resource, f"{since}&cursor=") == [number]
        told = lines(client, f"{resource}.ndjson?since={since}")
        assert [record["number"] for record in told] == [number]


@pytest.mark.parametrize("resource", ["events", "missions"])
def test_where_much_changed_all_is_told_that_may_rest_on_it(
    client: Client, resource: str, monkeypatch: pytest.MonkeyPatch
):
    rests, other = make_event(), make_event(mission=make_mission(host="FR"))
    source = make_source(title="Report")
    cite(rests, source)
    cite(other)
    publish(rests, other)
    since = made_long_ago()
    publish(*(make_source(title=f"Report {number}", republication_of=source) for number in range(4)))
    assert changed(client, resource, since) == []
    monkeypatch.setattr("sources.querysets.MANY", 3)
    assert len(changed(client, resource, since)) == 2


def test_a_source_that_changed_often_hides_no_other(client: Client, monkeypatch: pytest.MonkeyPatch):
    often, once = make_source(title="Often"), make_source(title="Once")
    event, other = make_event(), make_event(mission=make_mission(host="FR"))
    cite(event, once)
    cite(other)
    publish(event, other, often)
    since = made_long_ago()
    for source, times in ((often, 5), (once, 1)):
        source.refresh_from_db()
        for number in range(times):
            source.title = f"Title {number}"
            source.save()
    monkeypatch.setattr("sources.querysets.MANY", 3)
    assert changed(client, "events", since) == [event.label]


def test_what_went_since_is_told_at_the_end_of_the_list(client: Client, administrator: User, settings: Any):
    settings.FOUR_EYES = False
    spain, france, twin = make_mission(), make_mission(host="FR", city="Paris"), make_mission(host="FR", city="Lyon")
    event = make_event(mission=spain)
    cite(event)
    publish(event, france, twin)
    since = made_long_ago()
    for record in (spain, france, twin):
        record.refresh_from_db()
    spain.retract("It was entered twice.")
    merge(france, twin, administrator, "The same")
    gone = {
        "M-0001": {"gone": "retracted", "merged_into": None, "reason": "It was entered twice."},
        "M-0003": {"gone": "merged", "merged_into": "M-0002"},
    }
    first = client.get(f"/api/v1/missions/?since={since}").json()
    assert {stone["number"]: stone.items() >= gone[stone["number"]].items() for stone in first["gone"]} == {
        "M-0001": True,
        "M-0003": True,
    }
    for stone in first["gone"]:
        assert client.get(stone["url"]).status_code in (301, 410)
    # Readers saw the event through its mission only.
    [with_it] = client.get(f"/api/v1/events/?since={since}").json()["gone"]
    assert (with_it["number"], with_it["gone"]) == ("E-0001", "retracted")
    assert lines(client, f"missions.ndjson?since={since}") == [*first["results"], *first["gone"]]
    tomorrow = datetime.date.today() + datetime.timedelta(days=2)
    later = client.get(f"/api/v1/missions/?since={tomorrow}").json()
    assert (later["results"], later["gone"], later["next_since"]) == ([], [], f"{tomorrow}T00:00:00Z")


def test_a_record_that_came_back_is_no_tombstone(client: Client):
    source = make_source()
    publish(source)
    since = made_long_ago()
    source.refresh_from_db()
    source.retract("By mistake.")
    source.publish()
    found = client.get(f"/api/v1/sources/?since={since}").json()
    assert [record["number"] for record in found["results"]] == ["S-0001"]
    assert found["gone"] == []


def test_the_next_time_is_asked_from_a_little_before_the_newest_change(client: Client):
    publish(make_source(), make_source(title="Other"))
    newest = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)
    PublicChange.objects.update(made=newest)
    found = client.get("/api/v1/sources/?since=2020-01-01&page_size=1").json()
    assert (found["next_since"], found["gone"], len(found["results"])) == ("2026-01-01T11:50:00Z", [], 1)
    assert "since=2020-01-01" in found["next"]
    assert client.get("/api/v1/sources.ndjson?since=2020-01-01")["Next-Since"] == "2026-01-01T11:50:00Z"
    assert "gone" not in client.get("/api/v1/sources/").json()


@pytest.mark.parametrize(
    "since", ["yesterday", "2023-02-30", "2023-12-05T25:00:00Z", "0001-01-01T00:00:00+14:00", "%00"]
)
@pytest.mark.parametrize("address", ["missions/", "reasons.ndjson"])
def test_a_moment_that_cannot_be_read_is_refused(client: Client, address: str, since: str):
    found = problems(client.get(f"/api/v1/{address}?since={since.replace('+', '%2B')}"))
    assert "write 2023-12-05 or" in found["since"]


def test_reference_data_has_no_past_to_be_asked_for(client: Client):
    assert "Unknown parameter" in problems(client.get("/api/v1/countries/?since=2023-12-05"))["since"]


@pytest.mark.parametrize("resource", LISTS)
def test_a_stream_tells_what_the_list_tells_a_record_a_line(client: Client, resource: str):
    make_published_world()
    listed = client.get(f"/api/v1/{resource}/?page_size=200").json()
    told = lines(client, f"{resource}.ndjson")
    assert told[:200] == listed["results"]
    assert len(told) == listed["count"]
    query = "ordering=-updated&fields=number" if resource not in ("reasons", "countries") else "fields=number"
    assert (
        lines(client, f"{resource}.ndjson?{query}")[:200]
        == (client.get(f"/api/v1/{resource}/?{query}&page_size=200").json()["results"])
    )
    assert "Unknown parameter" in problems(client.get(f"/api/v1/{resource}.ndjson?page=1"))["page"]
    assert client.get(f"/api/v1/{resource}.ndjson?ordering=nothing").status_code == 400


def test_a_stream_reads_a_portion_at_a_time_however_many_there_are(client: Client):
    make_rows(Source, range(1, 2 * AT_A_TIME + 2), number=int, title=str, issued="2023")
    with CaptureQueriesContext(connection) as captured:
        response = client.get("/api/v1/sources.ndjson?fields=number,outlet&expand=outlet&ordering=-issued")
        told = iter(response.streaming_content)
        first = next(told)
        at_first = len(captured)
        rest = b"".join(told)
    assert (first.count(b"\n"), rest.count(b"\n")) == (AT_A_TIME, AT_A_TIME + 1)
    # The newest change; then a portion. Two more portions, and one that looks for what has no date.
    assert (at_first, len(captured)) == (2, 5)


def test_files_are_those_that_the_site_has(client: Client):
    make_published_world()
    for name, query in (
        ("missions.csv", "ordering=number&host=ES"),
        ("missions.geojson", "ordering=number&asof=2023-11-15"),
        ("events.csv", "stage=notified"),
        ("events.geojson", ""),
        *((f"{resource}.csv", "ordering=number") for resource in ("sources", "quotes", "actors", "figures")),
        ("reasons.csv", ""),
    ):
        here, there = client.get(f"/api/v1/{name}?{query}"), client.get(f"/{name}?{query}")
        assert (here.status_code, here.getvalue()) == (200, there.getvalue()), name
        for header in ("Content-Type", "Content-Disposition"):
            assert here[header] == there[header]
        assert "Unknown parameter" in problems(client.get(f"/api/v1/{name}?fields=number"))["fields"]


@pytest.mark.parametrize("name", ["missions.ndjson", "missions.csv", "missions.geojson", "countries.ndjson"])
def test_whole_lists_are_told_once(client: Client, name: str):
    publish(make_mission(), make_reason(), make_actor())
    address = f"/api/v1/{name}"
    first = client.get(address)
    for header, value in (("if-none-match", first["ETag"]), ("if-modified-since", first["Last-Modified"])):
        again = client.get(address, headers={header: value})
        assert (again.status_code, again["ETag"]) == (304, first["ETag"])
    head = client.head(address)
    assert (head.status_code, head["ETag"], head.getvalue()) == (200, first["ETag"], b"")
    assert (
        client.get(f"{address}?ordering=-updated" if "countries" not in name else f"{address}?region=Asia")["ETag"]
        != first["ETag"]
    )
    make_source(title="A draft")
    assert client.get(address)["ETag"] == first["ETag"]
    publish(make_source(title="Published"))
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 200
