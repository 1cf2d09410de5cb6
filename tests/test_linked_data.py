"""What pages tell programs in their heads: JSON-LD that no browser runs, and where the same is had as data."""

import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import etree, html

from nkwatch.editorial.templatetags.editorial import json_ld
from nkwatch.editorial.versions import changing
from tests.make import cite, make_actor, make_event, make_figure, make_mission, make_quote, make_reason, make_source
from tests.make import publish as publish_plainly

pytestmark = pytest.mark.django_db

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
CLOSING = "</script><script>alert(1)</script><!--"


def publish(*records) -> None:
    with changing(reason="published"):
        publish_plainly(*records)


def linked_data(client: Client, address: str) -> dict:
    response = client.get(address)
    assert response.status_code == 200
    [block] = html.document_fromstring(response.content.decode()).xpath("//script[@type='application/ld+json']")
    return json.loads(block.text)


def make_closed_event(date: str = "2023-11-01"):
    event = make_event(mission=make_mission(established="2013"), stage="closed", date=date)
    speaker = make_actor(name="Tae Yongho", kind="person")
    quote = make_quote(speaker=speaker)
    event.quotes.add(quote)
    source = make_source(outlet=make_actor(), source_url="https://example.org/close")
    cite(event, source)
    cite(quote, source)
    publish(source, quote, event)
    return event


def test_a_closed_mission_is_an_office_with_the_day_it_was_dissolved(client: Client):
    mission = make_closed_event().mission
    told = linked_data(client, mission.get_absolute_url())
    assert told["@type"] == "GovernmentOffice"
    assert told["@id"] == f"http://testserver{mission.get_absolute_url()}"
    assert (told["foundingDate"], told["dissolutionDate"]) == ("2013", "2023-11-01")
    assert told["address"]["addressCountry"] == "ES"


def test_no_day_is_made_of_a_date_that_is_none_and_an_open_mission_was_not_dissolved(client: Client):
    mission = make_closed_event("../2023-12-05").mission
    assert linked_data(client, mission.get_absolute_url())["dissolutionDate"] == "../2023-12-05"
    assert "dissolutionDate" not in linked_data(client, f"{mission.get_absolute_url()}?asof=2023-01-01")


def test_each_kind_of_record_is_told_as_what_it_is(client: Client):
    event = make_closed_event()
    [quote] = event.quotes.all()
    figure, reason = make_figure(), make_reason()
    publish(figure, reason)
    source = event.citations.get().source
    kinds = {
        "Event": event,
        "NewsArticle": source,
        "Quotation": quote,
        "Person": quote.speaker,
        "Organization": source.outlet,
        "Observation": figure,
        "DefinedTerm": reason,
    }
    for kind, record in kinds.items():
        told = linked_data(client, record.get_absolute_url())
        assert (told["@context"], told["@type"], told["name"]) == ("https://schema.org", kind, str(record))
    assert linked_data(client, source.get_absolute_url())["publisher"]["name"] == "Kyodo News"
    assert linked_data(client, quote.get_absolute_url())["creator"]["@type"] == "Person"


def test_lists_are_item_lists_and_the_record_is_a_dataset(client: Client):
    mission = make_closed_event().mission
    [item] = linked_data(client, "/missions/")["itemListElement"]
    assert (item["position"], item["url"]) == (1, f"http://testserver{mission.get_absolute_url()}")
    for address in ("/", "/data/"):
        dataset = linked_data(client, address)
        assert dataset["@type"] == "Dataset"
        for file in dataset["distribution"]:
            answer = client.get(file["contentUrl"])
            assert answer.status_code == 200
            answer.close()


def test_nothing_in_a_record_can_end_the_block(client: Client):
    mission = make_mission(city=CLOSING)
    publish(mission)
    assert linked_data(client, mission.get_absolute_url())["address"]["addressLocality"] == CLOSING
    assert "alert(1)</script>" not in client.get(mission.get_absolute_url()).content.decode()
    assert re.fullmatch(r'<script type="application/ld\+json">[^<>&]*</script>', json_ld({"a": "<b>&</b>"}))


def test_what_readers_do_not_see_is_in_no_block(client: Client):
    event = make_closed_event()
    quote = event.quotes.get()
    quote.speaker.retract("Must not be named.")
    assert "Tae Yongho" not in json.dumps(linked_data(client, quote.get_absolute_url()))


def test_every_alternate_that_a_page_names_answers_as_what_it_says(client: Client):
    event = make_closed_event()
    for address in ("/", "/events/", "/missions/", "/changes/", "/data/", event.mission.get_absolute_url()):
        page = html.document_fromstring(client.get(address).content.decode())
        links = page.xpath("//head/link[@rel='alternate']")
        assert links
        for link in links:
            answer = client.get(link.get("href"))
            assert answer.status_code == 200
            assert answer["Content-Type"].startswith(link.get("type"))


def test_the_sitemap_has_every_public_page_and_no_other(client: Client):
    event = make_closed_event()
    draft = make_source(title="A draft")
    index = etree.fromstring(client.get("/sitemap.xml").content)
    found = {}
    for place in index.iter(f"{SITEMAP}loc"):
        for entry in etree.fromstring(client.get(place.text).content):
            found[entry.findtext(f"{SITEMAP}loc")] = entry.findtext(f"{SITEMAP}lastmod")
    assert f"http://testserver{event.get_absolute_url()}" in found
    assert found[f"http://testserver{event.get_absolute_url()}"] == event.updated.date().isoformat()
    assert not [address for address in found if draft.label in address]
    for address in found:
        assert client.get(address).status_code == 200
    robots = client.get("/robots.txt").content.decode()
    assert "Sitemap: http://testserver/sitemap.xml" in robots
    assert "Disallow: /admin/" in robots


def test_the_index_of_the_sitemap_reads_no_record_to_say_when_the_last_changed(client: Client):
    event = make_closed_event()
    make_event(mission=event.mission, date="2024-01-01")
    with CaptureQueriesContext(connection) as asked:
        index = etree.fromstring(client.get("/sitemap.xml").content)
    assert not [query for query in asked if '"summary"' in query["sql"]]
    [of_events] = [entry for entry in index if entry.findtext(f"{SITEMAP}loc").endswith("sitemap-events.xml")]
    assert of_events.findtext(f"{SITEMAP}lastmod") == event.updated.isoformat()
