"""What the front page calls unsettled: composed from the records, conflicts first, and never more than three."""

import re

import pytest
from django.test import Client

from tests.make import cite, make_event, make_figure, make_source, make_steps, publish

pytestmark = pytest.mark.django_db


def unsettled(client: Client, day: str = "2024-06-01") -> list[tuple[str, str]]:
    """The titles and sentences of the section."""
    page = client.get(f"/?asof={day}").content.decode()
    found = re.search(r'<div class="open3">.*?</section>', page, re.DOTALL)
    if not found:
        return []
    told = re.findall(r"<h3><a[^>]*>(.*?)</a></h3>\s*<p>(.*?)</p>", found.group(), re.DOTALL)
    return [(title, sentence) for title, sentence in told]


def test_nothing_is_unsettled_where_nothing_is(client: Client):
    make_steps(("opened", "2020-01-01"), ("closed", "2023-12-05"))
    assert unsettled(client) == []


def test_a_contested_event_is_told_with_what_is_disputed(client: Client):
    mission = make_steps(("opened", "2020-01-01"))
    event = make_event(mission=mission, stage="closed", date="2023-12-05")
    cite(event, make_source(title="It did"))
    cite(event, make_source(title="It did not"), stance="disputes")
    publish(event)
    assert unsettled(client) == [
        (
            "Spain: closed",
            "The embassy of North Korea in Spain closed on 5 December 2023. Sources dispute: that it happened.",
        )
    ]


def test_a_mission_seen_open_after_it_closed_is_in_conflict(client: Client):
    make_steps(("closed", "2023-12-05"), ("seen-open", "2024-01-10"))
    assert unsettled(client) == [
        (
            "Spain: closed, and seen open",
            "Embassy of North Korea in Spain is recorded as closed on 5 December 2023, "
            "and was last seen open on 10 January 2024. The two conflict.",
        )
    ]


def test_a_figure_that_differs_stands_beside_the_number_recorded(client: Client):
    make_steps(("opened", "2020-01-01"), ("closed", "2023-12-05"))
    publish(make_figure(metric="closures-planned", low=24, high=None, worded="dozens", as_of="2023-12-31"))
    assert unsettled(client) == [
        ("“dozens”, or 1", "31 December 2023: “dozens” as closures planned. This record had 1 then.")
    ]


def test_a_closing_is_unsettled_sixty_days_after_it_was_last_reported(client: Client):
    make_steps(("opened", "2020-01-01"), ("announced", "2023-11-01"))
    assert unsettled(client, "2023-12-30") == []
    assert unsettled(client, "2023-12-31") == [
        (
            "Whether Spain closed",
            "The embassy of North Korea in Spain is closing, last reported 1 November 2023. "
            "Nothing recorded here says that it has closed, or that it stayed.",
        )
    ]


def test_closings_that_no_source_dates_to_a_day_are_told_together_by_direction(client: Client):
    for host in ("AO", "BD", "ES", "GN", "NP"):
        make_steps(("closed", "../2023-12-05"), host=host)
    make_steps(("closed", "2021/2023"), sending="RO", host="KP")
    assert unsettled(client) == [
        (
            "On which day they closed",
            "Five North Korean missions abroad closed on a day that no source gives: "
            "Angola, Bangladesh, Guinea, Nepal and one more.",
        ),
        (
            "On which day Romania closed",
            "One foreign mission in Pyongyang closed on a day that no source gives: Romania.",
        ),
    ]
    assert unsettled(client, "2023-12-04") == []


def test_three_are_told_one_of_each_kind_before_the_second_of_any(client: Client):
    make_steps(("closed", "../2023-12-05"))
    for host in ("IT", "CD", "LY"):
        make_steps(("announced", "2023-11-01"), host=host)
    titles = [title for title, _ in unsettled(client)]
    assert len(titles) == 3
    assert titles[1] == "On which day Spain closed"
    assert {titles[0], titles[2]} < {"Whether Italy closed", "Whether DR Congo closed", "Whether Libya closed"}
