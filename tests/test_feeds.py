"""Feeds are Atom (RFC 4287) as programs read it, and carry public records only."""

import feedparser
import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from lxml import etree

from nkwatch.editorial.merging.merges import merge
from nkwatch.editorial.versions import changing
from tests.make import cite, make_event, make_mission, make_source
from tests.make import publish as publish_plainly

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def publish(*records) -> None:
    with changing(reason="published"):
        publish_plainly(*records)


def make_event_of(host: str, city: str, **values):
    event = make_event(mission=make_mission(host=host, city=city), **values)
    cite(event, make_source(title=f"Embassy in {city} closes"))
    publish(event)
    return event


def entries(client: Client, address: str) -> list:
    """The entries of a feed, once it holds as RFC 4287 asks."""
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/atom+xml")
    root = etree.fromstring(response.content)
    assert root.tag == f"{ATOM}feed"
    for element in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
    [own] = [link for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert own.get("href") == f"http://testserver{address}"
    ids = [entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    assert root.find(f"{ATOM}author") is not None or all(e.find(f"{ATOM}author") is not None for e in root)
    parsed = feedparser.parse(response.content)
    assert not parsed.bozo
    return parsed.entries


def test_the_feed_of_events_has_those_published_last_first(client: Client):
    first, second = make_event_of("ES", "Madrid"), make_event_of("NP", "Kathmandu")
    make_event(mission=make_mission(host="UG", city="Kampala"))
    found = entries(client, "/events.atom")
    assert [entry.title for entry in found] == [str(second), str(first)]
    assert found[0].link == f"http://testserver{second.get_absolute_url()}"


def test_the_feed_of_corrections_has_corrections_and_retractions_only(client: Client):
    event = make_event_of("ES", "Madrid")
    event.date = "2023-11-01"
    event.save()
    [correction] = entries(client, "/corrections.atom")
    assert correction.title == f"Correction: {event} ({event.label})"
    assert "“26 October 2023”, now “1 November 2023”" in correction.summary
    assert correction.link == f"http://testserver{event.get_absolute_url()}versions/2/"
    event.retract("It was entered twice.")
    [retraction] = entries(client, "/corrections.atom")
    assert "It was entered twice." in retraction.summary
    assert retraction.title == f"Retraction: Closure event {event.label}"
    assert len(entries(client, "/changes.atom")) > 2


def test_a_mission_and_a_country_have_feeds_of_their_own(client: Client):
    madrid, kathmandu = make_event_of("ES", "Madrid"), make_event_of("NP", "Kathmandu")
    for address in (f"/missions/{madrid.mission.label}.atom", "/countries/ES.atom"):
        assert {entry.title.split("(")[1] for entry in entries(client, address)} == {
            f"{madrid.label})",
            f"{madrid.mission.label})",
        }
    assert len(entries(client, "/countries/KP.atom")) == 4
    for nobody in ("XX", "%00"):
        assert client.get(f"/countries/{nobody}.atom").status_code == 404
    draft = make_mission(host="UG", city="Kampala")
    assert client.get(f"/missions/{draft.label}.atom").status_code == 404
    assert client.get("/missions/M-0099.atom").status_code == 404
    kathmandu.mission.retract("It was entered twice.")
    assert client.get(f"/missions/{kathmandu.mission.label}.atom").status_code == 410


def test_the_feed_of_a_merged_mission_leads_to_that_of_the_one_that_stays(client: Client, reviewer: User, settings):
    settings.FOUR_EYES = False
    kept, merged = make_mission(city="Madrid"), make_mission(city="")
    publish(kept, merged)
    merge(kept, merged, by=reviewer, reason="One embassy.")
    answer = client.get(f"/missions/{merged.label}.atom")
    assert (answer.status_code, answer["Location"]) == (301, f"/missions/{kept.label}.atom")


@pytest.mark.parametrize("character", ["\ufffe", "\uffff"])
def test_what_no_feed_may_hold_is_in_no_record(character: str):
    with pytest.raises(ValidationError, match=f"U\\+{ord(character):04X}"):
        make_source(title=f"Embassy{character} closes").full_clean()
