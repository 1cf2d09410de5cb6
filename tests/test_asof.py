"""The day that a page is asked for: it holds everywhere, and a bad one is said beside its field."""

import datetime
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.test import Client
from django.utils import timezone

from nkwatch.editorial.asof import read_asof
from tests.make import (
    cite,
    make_actor,
    make_coverage,
    make_event,
    make_figure,
    make_mission,
    make_quote,
    make_reason,
    make_source,
    publish,
)

pytestmark = pytest.mark.django_db

LISTS = ["/", "/missions/", "/events/", "/quotes/", "/sources/", "/actors/", "/figures/", "/reasons/"]


def make_closed_mission():
    mission = make_mission()
    told = make_event(mission=mission, stage="notified", date="2023-11-01")
    closed = make_event(mission=mission, stage="closed", date="../2023-12-05")
    for event in (told, closed):
        cite(event, make_source(title=f"Source of {event.stage}"))
    publish(mission, told, closed)
    return mission


def test_a_page_shows_today_when_no_day_is_asked_for(client: Client):
    page = client.get("/").content.decode()
    assert f'value="{timezone.localdate():%Y-%m-%d}"' in page
    assert "Back to today" not in page


def test_today_asked_for_by_its_date_is_the_same_page(client: Client):
    assert client.get("/missions/").content == client.get(f"/missions/?asof={timezone.localdate()}").content


@pytest.fixture
def world() -> dict[str, Any]:
    """A record of each kind, all named on one another's pages."""
    mission = make_closed_mission()
    actor, reason = make_actor(), make_reason()
    quote, figure = make_quote(speaker=actor), make_figure(speaker=actor)
    quote.reasons.add(reason)
    source = make_source(title="Carrier", outlet=actor)
    event = mission.events.get(stage="notified")
    event.quotes.add(quote)
    for record in (quote, figure):
        cite(record, source)
    publish(actor, reason, quote, figure, source)
    return {record._meta.model_name: record for record in (mission, event, actor, reason, quote, figure, source)}


RECORDS = ["mission", "closureevent", "actor", "reason", "quote", "reportedfigure", "source"]
PAGES = [
    *LISTS,
    "/missions/?view=map",
    "/missions/?status=closed&ordering=name",
    "/events/?view=timeline",
    "/search/",
    "/search/?q=Madrid",
    "/search/?q=Madrid&in=missions",
    "/changes/",
    "/changes/?kind=addition&of=events",
    "/data/",
    "/about/",
    "/suggest/",
    "/suggest/?about=M-0001",
    *RECORDS,
    "mission versions/",
]
OF_ANOTHER_CLOCK = re.compile(
    r"\.(atom|ris|bib|csl\.json)$|^/(changes|data/datapackage)\.json|sqlite3$|/versions/|/sitemap|^/api/"
)
"""What the record held at a time, or holds now as a whole, and feeds: no day is asked for there."""


def address_of(page: str, world: dict[str, Any]) -> str:
    name, _, below = page.partition(" ")
    return world[name].get_absolute_url() + below if name in world else page


def on(address: str, day: str) -> str:
    path, _, query = address.partition("?")
    return f"{path}?{query}&asof={day}" if query else f"{path}?asof={day}"


def attributes(element: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', element)}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_names_the_day_leads_back_and_keeps_it_in_links_and_forms(
    client: Client, world: dict[str, Any], page: str
) -> None:
    address = address_of(page, world)
    response = client.get(on(address, "2023-12-06"))
    assert response.status_code == 200
    text = response.content.decode()
    assert "This page shows <b>6 December 2023</b>, not today." in text
    back = re.search(r'<a href="([^"]*)">Back to today', text)
    assert back and sorted(unescape(back[1]).partition("?")[2].split("&")) == sorted(
        address.partition("?")[2].split("&")
    )
    text = text.replace(back[0], "")
    links = {unescape(link) for link in re.findall(r'<a\b[^>]*href="([/?][^"]*)"', text)}
    led = {link for link in links if not OF_ANOTHER_CLOCK.search(link.partition("?")[0])}
    assert len(led) > 7
    assert {link for link in led if "asof=2023-12-06" not in link} == set()
    for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL):
        fields = {f.get("name"): f.get("value") for f in map(attributes, re.findall(r"<input\b[^>]*>", form))}
        assert fields.get("asof") == "2023-12-06" or 'method="post"' in form


@pytest.mark.parametrize("page", PAGES)
def test_on_every_page_a_bad_day_is_said_beside_its_field_and_what_else_was_asked_for_is_kept(
    client: Client, world: dict[str, Any], page: str
) -> None:
    address = address_of(page, world)
    response = client.get(on(address, "soon"))
    assert response.status_code == 400
    text = response.content.decode()
    form = text[text.index('<div class="asof') :].partition("</form>")[0]
    fields = [attributes(element) for element in re.findall(r"<input\b[^>]*>", form)]
    assert {"value": "soon", "aria-invalid": "true", "aria-describedby": "asof-error"}.items() <= fields[0].items()
    assert 'id="asof-error"' in text
    asked = parse_qsl(address.partition("?")[2])
    assert sorted((f["name"], f["value"]) for f in fields[1:]) == sorted(asked)
    assert "asof=soon" not in text


def test_a_mission_is_covered_from_the_day_on_that_its_duties_went_to_another(client: Client) -> None:
    mission, rome = make_mission(), make_mission(host="IT", city="Rome")
    paris = make_mission(host="FR", city="Paris")
    handover = make_event(mission=mission, stage="duties-transferred", date="2023-11-10", duties_to=rome)
    cite(handover)
    served = make_coverage(mission=paris, country="ES", starts="2024-02")
    cite(served)
    publish(mission, rome, paris, handover, served)
    address = mission.get_absolute_url()
    for day, has_gone, is_served in (
        ("2023-11-09", False, False),
        ("2023-11-10", True, False),
        ("2024-03-01", True, True),
    ):
        page = client.get(f"{address}?asof={day}").content.decode()
        row = client.get(f"/missions/?asof={day}").content.decode()
        row = row[row.rindex(f'href="{address}?') :].partition("</tr>")[0]
        assert ("Italy" in row) == ("Covered by" in page) == has_gone
        assert ("Spain served by" in page) == is_served
        assert ("Also serves" in client.get(f"{paris.get_absolute_url()}?asof={day}").content.decode()) == is_served
        told = client.get(f"/api/v1/missions/{mission.label}/?asof={day}").json()["covered_by"]
        assert len(told) == has_gone + is_served
        assert len(client.get(f"/api/v1/missions/{paris.label}/?asof={day}").json()["covers"]) == is_served
    assert "Spain served by" in client.get(address).content.decode()


def test_pages_of_what_is_dated_later_say_so_and_an_actor_has_said_nothing_yet(
    client: Client, world: dict[str, Any]
) -> None:
    for name in ("quote", "reportedfigure", "source"):
        address = world[name].get_absolute_url()
        assert "is dated later than 1 June 2023." in client.get(f"{address}?asof=2023-06-01").content.decode()
        assert "is dated later than" not in client.get(address).content.decode()
    address = world["actor"].get_absolute_url()
    assert "Carrier" in client.get(address).content.decode()
    page = client.get(f"{address}?asof=2023-06-01").content.decode()
    assert "Carrier" not in page and "Statements" not in page


@pytest.mark.parametrize(
    ("day", "status", "mark"),
    [
        ("2023-10-31", "open", "presumed open"),
        ("2023-11-15", "closing", "may have closed"),
        ("2023-12-05", "closed", ""),
    ],
)
def test_the_list_and_the_page_of_a_mission_show_its_status_on_the_day(
    client: Client, day: str, status: str, mark: str
):
    mission = make_closed_mission()
    for address in ("/missions/", mission.get_absolute_url()):
        page = client.get(f"{address}?asof={day}").content.decode()
        main = page[page.index("<main") :]
        assert f'<span class="st {status}">' in main
        assert mark in main


def test_steps_that_come_later_are_left_out_of_a_missions_page_and_counted(client: Client):
    mission = make_closed_mission()
    page = client.get(f"{mission.get_absolute_url()}?asof=2023-11-15").content.decode()
    assert "Source of notified" in page
    assert "Source of closed" not in page
    assert "One step dated after 15 November 2023, or not dated, left out." in page


def test_lists_leave_out_what_is_dated_later_or_not_at_all_and_say_so(client: Client):
    early, late, undated = (
        make_source(title=t, issued=d) for t, d in (("Early", "2023-10"), ("Late", "2024"), ("Undated", ""))
    )
    publish(early, late, undated)
    page = client.get("/sources/?asof=2023-11-01").content.decode()
    assert "Only what is dated by 1 November 2023 is listed" in page
    assert "Early" in page
    assert "Late" not in page
    assert "Undated" not in page
    today = client.get("/sources/").content.decode()
    assert all(title in today for title in ("Early", "Late", "Undated"))


def test_events_quotes_and_figures_are_listed_by_the_day_too(client: Client):
    event = make_event(date="2023-11-01")
    cite(event)
    quote, figure = make_quote(said_on="2023-11-03"), make_figure(as_of="2023-11-12")
    publish(event, quote, figure)
    for address, record in (("/events/", event), ("/quotes/", quote), ("/figures/", figure)):
        assert record.get_absolute_url() in client.get(f"{address}?asof=2023-11-30").content.decode()
        assert record.get_absolute_url() not in client.get(f"{address}?asof=2023-10-31").content.decode()


def test_a_step_dated_later_than_the_day_says_so_on_its_own_page(client: Client):
    event = make_event(date="2023-11-01")
    cite(event)
    publish(event)
    later = "This step is dated later than"
    assert later in client.get(f"{event.get_absolute_url()}?asof=2023-10-31").content.decode()
    assert later not in client.get(f"{event.get_absolute_url()}?asof=2023-11-01").content.decode()


@pytest.mark.parametrize(
    "typed", ["2023-13-45", "yesterday", "2023-1-5", "20231105", "٢٠٢٣-١١-٠٥", "0000-01-01", "' or 1=1"]
)
def test_a_day_that_cannot_be_read_is_said_beside_its_field_and_kept_in_it(client: Client, typed: str):
    response = client.get("/missions/", {"asof": typed})
    assert response.status_code == 400
    page = response.content.decode()
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="asof-error"' in page
    assert 'id="asof-error"' in page
    assert read_asof(typed).value == typed
    assert "is not a day that can be read, so the page shows today. Write it like 2023-12-05." in page
    assert "<h1>Missions and how they stand</h1>" in page


def test_a_day_that_cannot_be_read_is_not_carried_by_links(client: Client):
    page = client.get("/missions/?asof=tomorrow").content.decode()
    assert 'href="/events/"' in page
    assert "asof=tomorrow" not in page


def test_what_is_typed_as_a_day_is_escaped(client: Client):
    page = client.get("/missions/", {"asof": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>" not in page


def test_an_address_that_is_put_right_keeps_the_day(client: Client):
    mission = make_closed_mission()
    response = client.get(f"/missions/{mission.label}/?asof=2023-11-15")
    assert response["Location"] == f"{mission.get_absolute_url()}?asof=2023-11-15"


def test_links_carry_the_day_beside_other_parameters():
    asked = read_asof("2023-12-05")
    assert asked.day == datetime.date(2023, 12, 5)
    assert asked.carry(page=2) == "?asof=2023-12-05&page=2"
    assert read_asof("").carry() == ""
