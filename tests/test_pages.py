"""The public pages: what they show of the records, and what they answer where there is none."""

import re

import pytest
from django.test import Client, RequestFactory
from django.views.defaults import server_error

from sources.models import Quote
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
    make_steps,
    publish,
)

pytestmark = pytest.mark.django_db


def page_of(client: Client, address: str) -> str:
    """The page as a reader sees it: tags gone, spaces single."""
    response = client.get(address)
    assert response.status_code == 200
    body = response.content.decode()
    text = re.sub(r"<[^>]+>", " ", body[body.index("<main") : body.index("</main>")])
    return re.sub(r"\s+([,.;:)])", r"\1", " ".join(text.replace("&#x27;", "'").split()))


def make_government(country: str, name: str, **overrides):
    return make_actor(name=name, capacity="government", country=country, **overrides)


def make_spain():
    """The embassy in Madrid: notified by its own note in two renderings, closed by one origin's word."""
    north, south = (
        make_government("KP", "Government of North Korea"),
        make_government("KR", "Government of South Korea"),
    )
    party = make_actor(name="PCPE", capacity="party", country="ES")
    note = make_source(title="", described_as="The embassy’s note", outlet=party, issued="2023-11-01")
    npr, explainer = (
        make_source(title=t, outlet=make_actor(name=n, capacity="broadcaster", country="US"))
        for t, n in (("Some missions close", "NPR"), ("Embassies shut", "Explainer"))
    )
    mission = make_mission(name_original="스페인 주재 북한 대사관")
    told = make_event(mission=mission, stage="notified", date="2023-11-01")
    closed = make_event(mission=mission, stage="closed", date="../2023-12-05")
    cite(
        told,
        npr,
        attributed_to_source=note,
        attributed_to_actor=north,
        wording="is closing",
        date_worded="On Wednesday",
    )
    cite(told, explainer, wording="would close, too")
    cite(closed, npr, attributed_to_actor=south, wording="had withdrawn", date="../2023-12-05")
    cite(mission, npr, fact="city", wording="in Madrid")
    quote = make_quote(text="Inability to develop relations.", speaker=party, said_on="2023-11-01")
    quote.reasons.add(reason := make_reason())
    cite(quote, npr, wording="inability to develop", rendering="fragment")
    cite(quote, explainer, wording="impossibility of being able to develop")
    told.quotes.add(quote)
    publish(reason, mission, quote, told, closed)
    return mission


@pytest.mark.parametrize(
    "address", ["/", "/missions/", "/events/", "/quotes/", "/sources/", "/actors/", "/figures/", "/reasons/"]
)
def test_an_empty_record_says_that_nothing_is_published_yet(client: Client, address: str):
    assert "Nothing published yet" in page_of(client, address)


def test_the_navigation_leads_only_to_pages_that_exist(client: Client):
    page = client.get("/").content.decode()
    links = {link for link in re.findall(r'href="(/[^"]*)"', page) if not link.startswith("/static/")}
    lists = {"/missions/", "/events/", "/quotes/", "/sources/", "/actors/", "/figures/", "/reasons/"}
    others = {"/changes/", "/data/", "/api/", "/about/", "/search/", "/suggest/"}
    feeds = {"/events.atom", "/corrections.atom", "/changes.json"}
    assert links == {"/", *lists, *others, *feeds}
    assert all(client.get(link).status_code == 200 for link in links)


def test_home_says_how_things_stand_with_directions_apart(client: Client):
    make_spain()
    text = page_of(client, "/")
    assert (
        "One North Korean mission abroad is recorded as closed; neither government has confirmed a completed closing."
        in text
    )
    assert "No foreign mission in Pyongyang is recorded yet." in text
    assert "Only missions recorded here are counted." in text
    assert "How this is counted Abroad In Pyongyang Named in a source, one by one 1 0" in text


def test_home_draws_one_mark_for_each_mission(client: Client):
    make_spain()
    publish(make_mission(host="IT", city="Rome"))
    page = client.get("/").content.decode()
    marks = re.search(r'<ol class="units".*?</ol>', page, re.S).group()
    assert re.findall(r'<li class="(\w+)">', marks) == ["closed", "unknown"]


def test_home_shows_the_latest_five_events(client: Client):
    mission = make_mission()
    publish(mission)
    for day in range(1, 8):
        event = make_event(mission=mission, stage="seen-open", date=f"2023-10-0{day}")
        cite(event, make_source(title=f"Source {day}"))
        publish(event)
    text = page_of(client, "/")
    assert all(f"{day} October 2023" in text for day in range(3, 8))
    assert "2 October 2023" not in text


def test_a_mission_says_what_its_status_rests_on_and_the_limits(client: Client):
    text = page_of(client, make_spain().get_absolute_url())
    assert "Embassy of North Korea in Spain, Madrid" in text
    assert (
        "Closed by 5 December 2023. That it closed rests on one origin, from South Korea; "
        "neither government has confirmed it." in text
    )
    assert "Still missing The day it closed When it opened A second origin" in text


def test_a_closing_was_first_reported_by_its_first_step_and_last_by_its_last(client: Client):
    mission = make_steps(("reported", "2023-10-27"), ("announced", "../2023-11-12"))
    text = page_of(client, mission.get_absolute_url())
    assert "Closing, first reported on 27 October 2023; last reported by 12 November 2023." in text


def test_a_missions_korean_name_is_marked_as_korean(client: Client):
    page = client.get(make_spain().get_absolute_url()).content.decode()
    assert '<p class="ko" lang="ko">스페인 주재 북한 대사관</p>' in page


def test_claims_stand_under_their_origin_and_those_without_one_apart(client: Client):
    text = page_of(client, make_spain().get_absolute_url())
    north = text.index("Origin: Government of North Korea")
    south = text.index("Origin: Government of South Korea")
    nobody = text.index("No origin given (not counted as corroboration)")
    assert north < text.index("“is closing”") < south < text.index("“had withdrawn”") < nobody
    assert nobody < text.index("“would close, too”")
    assert "attributed to Government of North Korea, as printed by PCPE, The embassy’s note" in text
    assert "“On Wednesday”" in text


def test_state_media_and_government_of_one_country_stand_under_one_origin(client: Client):
    agency = make_actor(name="KCNA", capacity="state-media", country="KP")
    event = make_event()
    cite(event, make_source(title="One"), attributed_to_actor=make_government("KP", "Government of North Korea"))
    cite(event, make_source(title="Two"), attributed_to_actor=agency)
    publish(event)
    text = page_of(client, event.get_absolute_url())
    assert text.count("Origin: ") == 1
    assert "Origin: Government of North Korea and KCNA" in text


def test_a_work_that_was_only_cited_is_marked_and_does_not_corroborate(client: Client):
    unread = make_source(title="Unread", read="only-cited", outlet=make_actor(name="Yonhap", country="KR"))
    event = make_event()
    cite(event, make_source(title="Read"), attributed_to_source=unread)
    publish(event)
    text = page_of(client, event.get_absolute_url())
    assert "Origin: Yonhap (South Korea) (only cited, never read: does not corroborate)" in text


def test_renderings_of_one_statement_stand_side_by_side(client: Client):
    text = page_of(client, make_spain().get_absolute_url())
    assert "The statement in two renderings" in text
    assert "“inability to develop” As given by NPR [1]: fragment" in text
    assert "“impossibility of being able to develop” As given by Explainer [2]: verbatim" in text
    assert "Reason given: Sanctions." in text


def test_facts_carry_the_numbers_of_their_sources(client: Client):
    mission = make_spain()
    page = client.get(mission.get_absolute_url()).content.decode()
    assert re.search(r"<dt>City</dt>\s*<dd>Madrid<sup class=\"c\"><a href=\"#s1\"", page)
    text = page_of(client, mission.get_absolute_url())
    assert "Only source for: closed, city." in text


def test_a_mission_shows_who_takes_over_and_whom_it_serves_both_ways(client: Client):
    rome = make_mission(host="IT", city="Rome")
    spain = make_mission()
    event = make_event(mission=spain, stage="duties-transferred", date="2023-11-01", duties_to=rome)
    cite(event)
    malta = make_coverage(mission=rome, country="MT", starts="2004")
    serves_spain = make_coverage(mission=rome, country="ES", starts="2024")
    for coverage in (malta, serves_spain):
        cite(coverage, make_source(title=f"On {coverage.country_id}"))
    publish(event, malta, serves_spain)
    cite(event, make_source(title="On the handover"), fact="duties_to")
    publish(*event.citations.all())
    page = client.get(spain.get_absolute_url()).content.decode()
    handover = page[page.index("<dt>Covered by</dt>") :]
    assert re.findall(r"\[(\d)\]", handover[: handover.index("</dd>")]) == ["2"]
    of_spain, of_rome = page_of(client, spain.get_absolute_url()), page_of(client, rome.get_absolute_url())
    assert "Covered by Embassy of North Korea in Italy, Rome [2] on 1 November 2023" in of_spain
    assert "Spain served by Embassy of North Korea in Italy, Rome from 2024" in of_spain
    assert "Takes over Embassy of North Korea in Spain, Madrid on 1 November 2023" in of_rome
    assert "Also serves Malta" in of_rome


def test_a_closing_is_always_shown_with_the_day_it_was_last_reported(client: Client):
    mission = make_mission(host="CD", city="Kinshasa")
    for stage, date in (("reported", "2023-11"), ("under-way", "2023-12")):
        event = make_event(mission=mission, stage=stage, date=date)
        cite(event, make_source(title=stage))
        publish(event)
    assert "one (DR Congo) as closing" not in page_of(client, "/")
    assert "is recorded as closing, last reported December 2023" in page_of(client, "/")
    for address in ("/missions/", mission.get_absolute_url()):
        assert "last reported December 2023" in page_of(client, address)


def test_an_event_shows_its_sentence_its_window_and_where_sources_differ(client: Client):
    event = make_event(stage="closed", date="2023-11-01/2023-12-05", date_note="“early December”, read against MBC")
    cite(event, make_source(title="One"), date="2023-11-01", basis="own-reporting")
    cite(event, make_source(title="Two"), date="2023-12-05", date_worded="early December")
    cite(event, make_source(title="Three"), stance="disputes", wording="It is still open")
    publish(event)
    text = page_of(client, event.get_absolute_url())
    assert "The embassy of North Korea in Spain, Madrid closed between 1 November and 5 December 2023" in text
    assert "Earliest day 1 November 2023 Latest day 5 December 2023" in text
    assert "“early December”, read against MBC" in text
    assert "contested: that it happened, date" in text
    differ = text[text.index("Where the sources differ") :]
    assert "1 November 2023" in differ
    assert "Disputes that it happened “It is still open”" in differ


def test_a_source_shows_what_it_supports_and_how_it_is_tied_to_others(client: Client):
    mission = make_spain()
    note = next(
        c for e in mission.events.all() for c in e.citations.all() if c.attributed_to_source
    ).attributed_to_source
    npr = next(c for c in mission.citations.all()).source
    relying, relied_on = page_of(client, npr.get_absolute_url()), page_of(client, note.get_absolute_url())
    assert "Relies on claim by claim PCPE, The embassy’s note Embassy of North Korea in Spain, Madrid:" in relying
    assert "Is relied on by claim by claim NPR, “Some missions close”" in relied_on
    for kind in ("Missions", "Closure events", "Quotes"):
        assert kind in relying


def test_a_source_marks_what_it_alone_supports(client: Client):
    event = make_event(stage="closed", date="2023-12-05")
    alone, other = make_source(title="Alone"), make_source(title="Other")
    cite(event, alone)
    cite(event, other)
    cite(event, alone, fact="date", date="2023-12-05")
    cite(event.mission, alone, fact="city", stance="disputes")
    hidden = make_source(title="Hidden")
    publish(event)
    cite(event, hidden, fact="date")
    for source in (alone, other):
        source.refresh_from_db()
    assert page_of(client, alone.get_absolute_url()).count("only source for this") == 1
    assert "Supports only source for this" in page_of(client, alone.get_absolute_url())
    assert "only source for this" not in page_of(client, other.get_absolute_url())


def test_a_source_shows_republications_and_references_both_ways(client: Client):
    original, copy, later = make_source(title="Original"), make_source(title="Copy"), make_source(title="Later paper")
    copy.republication_of = original
    copy.save()
    reference = later.references.create(cited_source=original, label="n19", note="for the list")
    publish(original, copy, later)
    assert reference.__class__.objects.public().count() == 1
    of_original = page_of(client, original.get_absolute_url())
    assert "Printed again as “Copy”" in of_original
    assert "Is referred to by “Later paper”, n19 for the list" in of_original
    assert "Same text as “Original”" in page_of(client, copy.get_absolute_url())
    assert "Refers to n19 “Original” for the list" in page_of(client, later.get_absolute_url())


def test_a_quote_shows_each_carriers_rendering_and_what_it_speaks_of(client: Client):
    make_spain()
    text = page_of(client, Quote.objects.get().get_absolute_url())
    assert "“inability to develop” As given by NPR [1]: fragment" in text
    assert "Closure events it speaks of Embassy of North Korea in Spain, Madrid: closing notified" in text


def test_an_actor_shows_variants_body_statements_and_what_rests_on_it(client: Client):
    government = make_government("KR", "Government of South Korea")
    ministry = make_government("KR", "Ministry of Unification", part_of=government)
    ministry.names.create(name="통일부")
    quote = make_quote(text="They appear to be withdrawing.", speaker=ministry)
    event = make_event()
    cite(event, attributed_to_actor=ministry)
    publish(ministry, quote, event)
    text = page_of(client, ministry.get_absolute_url())
    assert "Also 통일부" in text
    assert "Part of Government of South Korea Speaks for Government of South Korea" in text
    assert "“They appear to be withdrawing.”" in text
    assert "Claims that rest on it Closure events Embassy of North Korea in Spain, Madrid: closing notified" in text
    assert "Claims that rest on it" in page_of(client, government.get_absolute_url())


def test_figures_stand_as_said_beside_our_count_and_the_result(client: Client):
    make_spain()
    figure = make_figure(metric="closures-so-far", low=1, high=1, worded="one so far", as_of="2023-12-05")
    cite(figure, make_source(title="A count"))
    other = make_figure(metric="countries-with-relations", low=160, high=160, worded="", as_of="2023-11")
    publish(figure, other)
    text = page_of(client, "/figures/")
    assert "one so far Closures so far Not stated in “A count” 5 December 2023 1 Agrees" in text
    assert "160 Countries with relations Not stated November 2023 – Not comparable" in text
    assert "Agrees. This record had one then, too." in page_of(client, figure.get_absolute_url())


def test_reasons_are_defined_and_counted_by_the_capacity_of_who_gave_them(client: Client):
    make_spain()
    text = page_of(client, "/reasons/")
    assert "Reason given Party Sanctions 1" in text
    assert "Sanctions one statement International sanctions cut the income" in text
    assert "Party One statement PCPE" in page_of(client, "/reasons/sanctions/")


@pytest.mark.parametrize("slug", ["", "/", "-", "-elsewhere/"])
def test_a_wrong_or_missing_slug_leads_to_the_lasting_address(client: Client, slug: str):
    mission = make_spain()
    response = client.get(f"/missions/{mission.label}{slug}", follow=True)
    assert response.redirect_chain[-1] == ("/missions/M-0001-spain/", 301)
    assert response.status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/missions/M-9999-spain/",
        "/missions/E-0001-spain/",
        "/missions/M-1-spain/",
        "/missions/draft-1-spain/",
        "/missions/M-999999999/",
        "/missions/?page=2",
        "/missions/?page=x",
        "/reasons/none/",
        "/nowhere/",
    ],
)
def test_an_address_without_a_record_is_not_found(client: Client, address: str):
    response = client.get(address)
    assert response.status_code == 404
    assert "There is no page at this address" in response.content.decode()


def test_a_draft_is_not_found_under_any_address(client: Client):
    mission = make_mission()
    for address in (mission.get_absolute_url(), f"/missions/draft-{mission.pk}/", f"/missions/M-{mission.pk:04d}/"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "make",
    [make_mission, make_source, make_quote, make_actor, make_figure, make_reason],
    ids=lambda make: make.__name__,
)
def test_a_retracted_record_answers_gone_with_its_reason(client: Client, make):
    record = make()
    publish(record)
    address = record.get_absolute_url()
    record.retract("It was entered twice.")
    response = client.get(address)
    assert response.status_code == 410
    assert "It was entered twice." in response.content.decode()


def test_an_event_of_a_retracted_mission_is_gone_with_it(client: Client):
    event = make_event()
    cite(event)
    publish(event)
    address = event.get_absolute_url()
    event.mission.retract("There is no such embassy.")
    response = client.get(address)
    assert response.status_code == 410
    assert "There is no such embassy." in response.content.decode()


def test_lists_show_fifty_a_page(client: Client):
    for number in range(51):
        publish(make_source(title=f"Source {number:02}", issued=""))
    first, second = client.get("/sources/").content.decode(), client.get("/sources/?page=2").content.decode()
    assert len(re.findall(r'href="/sources/S-', first)) == 50
    assert len(re.findall(r'href="/sources/S-', second)) == 1
    assert 'rel="next" href="/sources/?page=2"' in first
    assert "51 sources, latest first" in page_of(client, "/sources/")


def test_an_actor_named_in_korean_only_has_an_address(client: Client):
    actor = make_actor(name="통일부")
    publish(actor)
    assert "통일부" in page_of(client, actor.get_absolute_url())


def test_what_editors_write_is_escaped(client: Client):
    source = make_source(title="<script>alert(1)</script>", summary="<b>bold</b>")
    publish(source)
    page = client.get(source.get_absolute_url()).content.decode()
    assert "<script>" not in page
    assert "<b>bold</b>" not in page


def test_pages_carry_nothing_inline(client: Client):
    mission = make_spain()
    for address in ("/", "/missions/", mission.get_absolute_url(), "/nowhere/"):
        page = client.get(address).content.decode()
        assert not re.search(
            r"<style|\sstyle=|<script(?![^>]*\s(?:src=|type=.application/ld.json))|\son\w+=|javascript:", page
        )


def test_the_server_error_page_stands_alone():
    response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Something went wrong here" in response.content.decode()
