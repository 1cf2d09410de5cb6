"""The day that a page is asked for: it holds everywhere, and a bad one is said beside its field."""

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone

from nkwatch.editorial.asof import read_asof
from tests.make import cite, make_event, make_figure, make_mission, make_quote, make_source, publish

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


@pytest.mark.parametrize("address", LISTS)
def test_another_day_is_named_on_every_page_with_a_way_back(client: Client, address: str):
    page = client.get(f"{address}?asof=2023-11-15").content.decode()
    assert "This page shows <b>15 November 2023</b>, not today." in page
    assert f'<a href="{address}">Back to today' in page


def test_every_internal_link_stays_on_the_day(client: Client):
    mission = make_closed_mission()
    for address in [*LISTS, mission.get_absolute_url()]:
        page = client.get(f"{address}?asof=2023-12-06").content.decode()
        links = {link for link in re.findall(r'href="(/[^"]*)"', page) if not link.startswith("/static/")}
        back = {address}
        assert len(links) > 7
        assert {link for link in links - back if "?asof=2023-12-06" not in link} == set()


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
