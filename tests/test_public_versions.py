"""Each public version of a record has a lasting address, which shows what readers saw then and no more."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from missions.models import Mission
from nkwatch.editorial import proposals
from nkwatch.editorial.merging.merges import merge
from nkwatch.editorial.versions import changing
from tests.make import cite, make_actor, make_event, make_figure, make_mission, make_quote, make_reason, make_source
from tests.make import publish as publish_plainly

pytestmark = pytest.mark.django_db

MARKER = "Xylophon"


def publish(*records) -> None:
    with changing(reason=f"published {MARKER}"):
        publish_plainly(*records)


@pytest.fixture
def mission() -> Mission:
    """A mission that readers saw in three versions."""
    mission = make_mission(city="Madrid", address="Calle de Darío Aparicio")
    cite(mission, make_source(title="Four embassies close"), wording="the embassy in Madrid")
    publish(mission)
    mission.address = "Calle Darío Aparicio 43"
    mission.save()
    mission.established = "2013"
    mission.save()
    return mission


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def test_a_version_keeps_saying_what_it_said(client: Client, mission: Mission):
    first = page(client, f"{mission.get_absolute_url()}versions/1/")
    assert "Version <b>1 of 3</b>" in first
    assert "Calle de Darío Aparicio" in first
    assert "43" not in first
    assert "the embassy in Madrid" in first
    assert "Four embassies close (S-0001)" in first
    third = page(client, f"{mission.get_absolute_url()}versions/3/")
    assert "It is the current one." in third
    assert "Calle Darío Aparicio 43" in third


def test_two_versions_are_compared_in_words(client: Client, mission: Mission):
    compared = page(client, f"{mission.get_absolute_url()}versions/3/?against=1")
    assert "What differs from version 1" in compared
    assert "Calle <mark>de </mark>Darío Aparicio" in compared
    assert "43</mark>" in compared
    assert "<ins><mark>2013</mark></ins>" in compared
    backwards = page(client, f"{mission.get_absolute_url()}versions/1/?against=3")
    assert "<del><mark>2013</mark></del>" in backwards


@pytest.mark.parametrize("number", ["0", "4", "99999999999999999999"])
def test_a_version_that_never_was_is_not_found(client: Client, mission: Mission, number: str):
    page(client, f"{mission.get_absolute_url()}versions/{number}/", 404)
    page(client, f"{mission.get_absolute_url().rstrip('/')}.ris?version={number}", 404)


@pytest.mark.parametrize("against", ["3", "99", "99999999999999999999", "x", "²"])
def test_a_comparison_that_makes_no_sense_leaves_the_version(client: Client, mission: Mission, against: str):
    assert "The first version" in page(client, f"{mission.get_absolute_url()}versions/3/?against={against}")


def test_the_address_is_mended_and_leads_where_the_record_went(client: Client, mission: Mission, reviewer: User):
    answer = client.get(f"/missions/{mission.label}-wrong/versions/2/")
    assert (answer.status_code, answer["Location"]) == (301, f"{mission.get_absolute_url()}versions/2/")
    kept, merged = make_actor(name="Tae Yongho", kind="person"), make_actor(name="Thae Yong-ho", kind="person")
    publish(kept, merged)
    gone = f"{merged.get_absolute_url()}versions/1/"
    merge(kept, merged, by=reviewer, reason=MARKER)
    answer = client.get(gone)
    assert (answer.status_code, answer["Location"]) == (301, kept.get_absolute_url())
    mission.retract("It was entered twice.")
    assert "It was entered twice." in page(client, f"{mission.get_absolute_url()}versions/2/", 410)


def test_drafts_proposals_and_who_wrote_them_are_in_no_version(client: Client, editor: User, reviewer: User):
    editor.username = f"{MARKER}-editor"
    editor.save()
    with changing(user=editor, reason=f"{MARKER} reason"):
        mission = make_mission(address=f"{MARKER} draft")
        citation = cite(mission, wording="as printed")
        mission.address = "Calle Darío Aparicio"
        mission.save()
        citation.note = f"{MARKER} note"
        citation.save()
    publish(mission)
    citation.refresh_from_db()
    proposals.propose(mission, {"address": f"{MARKER} proposed"}, editor, reason=MARKER)
    cite(mission, make_source(title=f"{MARKER} draft source"), wording=MARKER)
    proposed = proposals.propose(citation.source, {"summary": "As told."}, editor, reason=f"{MARKER} reason")
    proposals.approve(proposed, reviewer)
    for address in (mission.get_absolute_url(), citation.source.get_absolute_url()):
        for below in ("", "versions/", "versions/1/"):
            assert MARKER not in page(client, f"{address}{below}")
    assert "Version <b>1 of 1</b>" in page(client, f"{mission.get_absolute_url()}versions/1/")


def test_what_was_withdrawn_since_is_shown_in_no_version(client: Client, mission: Mission):
    citation = cite(mission, make_source(title=f"{MARKER} source"), wording=f"{MARKER} wording")
    publish(citation.source, citation)
    below = f"{mission.get_absolute_url()}versions/"
    assert MARKER in page(client, f"{below}4/")
    citation.source.retract("Somebody is named in it who must not be.")
    for number in range(1, 5):
        assert MARKER not in page(client, f"{below}{number}/?against=1")
    assert "withdrawn since" in page(client, f"{below}4/")


def test_a_record_that_a_version_names_is_named_only_while_readers_see_it(client: Client):
    speaker = make_actor(name=f"{MARKER} person", kind="person")
    quote = make_quote(speaker=speaker)
    publish(quote)
    quote.speaker = None
    quote.save()
    first = f"{quote.get_absolute_url()}versions/1/"
    assert MARKER in page(client, first)
    speaker.retract("Somebody is named in it who must not be.")
    assert MARKER not in page(client, first)
    assert "a record that is not shown" in page(client, first)
    assert MARKER not in page(client, f"{quote.get_absolute_url()}versions/2/")


def test_every_kind_of_record_has_its_versions_and_says_so_on_its_page(client: Client):
    event = make_event()
    cite(event)
    quote, figure, reason = make_quote(), make_figure(), make_reason()
    publish(event, quote, figure, reason, make_actor(name="Somebody"))
    for record in (event, event.mission, quote, figure, reason, event.citations.get().source):
        address = record.get_absolute_url()
        assert f'href="{address}versions/1/"' in page(client, address)
        assert "Version <b>1 of 1</b>" in page(client, f"{address}versions/1/")
        assert f'href="{address}versions/1/"' in page(client, f"{address}versions/")


def test_a_version_costs_the_same_number_of_queries_however_many_there_are(
    client: Client, mission: Mission, django_assert_max_num_queries
):
    """The record; five histories of it and its parts, with what each lists; the parts shown; names; how it is cited."""
    for number in range(20):
        mission.address = f"Calle Darío Aparicio {number}"
        mission.save()
    with django_assert_max_num_queries(16):
        page(client, f"{mission.get_absolute_url()}versions/12/?against=2")


def test_what_was_retracted_and_came_back_otherwise_tells_no_more_what_it_said(client: Client):
    actor = make_actor(name=f"{MARKER} Kim", kind="person")
    with changing(reason="reported"):
        publish_plainly(actor)
    actor.homepage = "https://kim.example/"
    actor.save()
    assert MARKER in page(client, f"{actor.get_absolute_url()}versions/1/")
    actor.retract("It named somebody who is not to be named.")
    actor.name = "A diplomat"
    with changing(reason="unnamed"):
        actor.publish()
    below = f"{actor.get_absolute_url()}versions/"
    for number in (1, 2):
        assert "This version is no longer shown" in page(client, f"{below}{number}/", 410)
    assert "Version <b>3 of 3</b>" in page(client, f"{below}3/?against=1")
    pages = (below, f"{below}3/", actor.get_absolute_url(), "/changes/", "/changes.json", "/changes.atom")
    for address in pages:
        assert MARKER not in page(client, address)


def test_a_part_that_came_back_otherwise_is_told_in_no_version_as_it_was(client: Client):
    mission = make_mission(city="Madrid")
    citation = cite(mission, make_source(title="Four embassies close"), wording=f"{MARKER} said so")
    with changing(reason="reported"):
        publish_plainly(mission)
    citation.refresh_from_db()
    assert MARKER in page(client, f"{mission.get_absolute_url()}versions/1/")
    citation.retract("It named somebody who is not to be named.")
    citation.wording = "a diplomat said so"
    with changing(reason="unnamed"):
        citation.publish()
    below = f"{mission.get_absolute_url()}versions/"
    assert "a diplomat said so" in page(client, f"{below}3/")
    for address in (below, f"{below}1/", f"{below}2/", f"{below}3/?against=1", "/changes/", "/changes.json"):
        assert MARKER not in page(client, address)
