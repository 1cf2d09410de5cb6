"""The changes page and its JSON tell what readers could see change, corrections first, and nothing else."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from missions.models import Mission
from nkwatch.editorial import proposals
from nkwatch.editorial.merging.merges import merge
from nkwatch.editorial.models import PublicChange
from nkwatch.editorial.public.changes import derive_all
from nkwatch.editorial.versions import changing
from tests.make import cite, make_actor, make_event, make_figure, make_mission, make_quote, make_reason, make_source
from tests.make import publish as publish_plainly

pytestmark = pytest.mark.django_db

MARKER = "Xylophon"


def publish(*records) -> None:
    with changing(reason="published"):
        publish_plainly(*records)


def text(client: Client, address: str = "/changes/", status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return re.sub(r"\s+", " ", response.content.decode())


def data(client: Client, query: str = "") -> list[dict]:
    return client.get(f"/changes.json{query}").json()["changes"]


@pytest.fixture
def mission() -> Mission:
    """A published mission whose city was corrected."""
    mission = make_mission(city="Madrit")
    publish(mission)
    mission.city = "Madrid"
    mission.save()
    return mission


def test_a_site_without_records_says_that_nothing_changed(client: Client):
    page = text(client)
    assert "No correction yet" in page
    assert "Nothing published yet" in page
    assert data(client) == []


def test_corrections_stand_first_with_what_was_wrong_since_when_and_what_is_right(client: Client, mission: Mission):
    publish(make_reason())
    page = text(client)
    assert page.index("Correction.") < page.index("Addition.")
    correction = page[page.index("Correction.") : page.index("Additions, merges and retractions")]
    assert "<mark>Madrit</mark>" in correction
    assert "<mark>Madrid</mark>" in correction
    assert "shown since" in correction
    assert f"{mission.get_absolute_url()}versions/2/" in correction
    change = PublicChange.objects.get(kind="correction")
    change.why, change.told_by = "The embassy writes it so.", "A reader in Madrid"
    change.save()
    assert "The embassy writes it so." in text(client)
    assert "told by A reader in Madrid" in text(client)
    assert "Told by A reader in Madrid." in text(client, "/changes.atom")


def test_those_who_publish_write_for_readers_why_and_nobody_else_does(
    client: Client, mission: Mission, editor_client: Client, reviewer_client: Client, reviewer: User
):
    change = PublicChange.objects.get(kind="correction")
    address = reverse("admin:editorial_publicchange_change", args=[change.pk])
    words = {"why": "The embassy writes it so.", "told_by": ""}
    assert editor_client.post(address, words).status_code == 403
    assert "why" not in editor_client.get(address).context["adminform"].form.fields
    assert reviewer_client.post(address, {"why": "Turned \u202e round", "told_by": ""}).status_code == 200
    assert reviewer_client.post(address, words | {"kind": "addition", "version": "9"}).status_code == 302
    assert "The embassy writes it so." in text(client)
    change.refresh_from_db()
    assert (change.kind, change.version) == ("correction", 2)
    [version] = change.history.all()
    assert (version.history_user, version.why) == (reviewer, "The embassy writes it so.")
    derive_all()
    assert "The embassy writes it so." in text(client)


def test_changes_are_chosen_by_what_they_are_and_what_they_are_about(client: Client, mission: Mission):
    publish(make_source(title="Four embassies close"))
    chosen = {
        "?kind=correction": {"correction M-0001"},
        "?of=sources": {"addition S-0001"},
        "?record=M-0001": {"addition M-0001", "correction M-0001"},
        "?record=m-0001&kind=addition": {"addition M-0001"},
        "?record=M-0099": set(),
    }
    for query, expected in chosen.items():
        assert {f"{change['kind']} {change['number']}" for change in data(client, query)} == expected
        assert text(client, f"/changes/{query}").count('id="change-') == len(expected)


@pytest.mark.parametrize(
    "query",
    [
        "kind=x",
        "of=x",
        "record=????",
        "before=x",
        "before=20231301T000000.000000Z-1",
        "before=20230101T000000.000000Z-²",
    ],
)
def test_a_filter_that_cannot_be_read_is_said_so_and_all_changes_are_shown(
    client: Client, mission: Mission, query: str
):
    page = text(client, f"/changes/?{query}", 400)
    assert "Not all filters could be read" in page
    assert "Madrid" in page


@pytest.mark.parametrize(
    "query",
    [
        "since=yesterday",
        "since=2023-13-45",
        "since=0001-01-01T00:00:00%2B23:59",
        "since=9999-12-31T23:59:59-23:59",
        "kind=x",
        "after=x",
    ],
)
def test_json_refuses_what_it_cannot_read(client: Client, query: str):
    response = client.get(f"/changes.json?{query}")
    assert response.status_code == 400
    [messages] = response.json()["errors"].values()
    assert messages


def test_all_changes_are_reached_page_by_page_each_once(client: Client):
    publish(*(make_reason(slug=f"r{number}") for number in range(120)))
    seen: list[str] = []
    address = "/changes/"
    for _page in range(3):
        page = text(client, address)
        seen += re.findall(r'id="(change-\d+)"', page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = f"/changes/{older[1]}".replace("&amp;", "&") if older else ""
    assert not address
    assert len(seen) == len(set(seen)) == 120


def test_json_since_a_moment_lists_what_changed_from_then_on_oldest_first(client: Client, mission: Mission):
    first, second = data(client)
    assert (first["kind"], second["kind"]) == ("addition", "correction")
    assert data(client, f"?since={second['made']}") == [second]
    assert data(client, f"?since={second['made'].replace('Z', '+00:00')}") == [second]
    assert data(client, "?since=2999-01-01") == []
    [field] = [field for field in second["changed"][0]["fields"] if field["field"] == "city"]
    assert (field["old"], field["new"], field["shown_since"]) == ("Madrit", "Madrid", first["made"])
    assert second["version_page"] == f"http://testserver{mission.get_absolute_url()}versions/2/"


def test_json_leads_on_to_the_rest_and_then_says_from_when_to_ask(client: Client):
    kind = PublicChange.objects.model.record_type.get_queryset().get(app_label="sources", model="reason")
    reason = make_reason()
    publish(reason)
    made = PublicChange.objects.get().made
    PublicChange.objects.bulk_create(
        PublicChange(record_type=kind, record_id=reason.pk, key=str(n), kind="addition", made=made, version=n)
        for n in range(2, 601)
    )
    answer = client.get("/changes.json?since=2020-01-01").json()
    assert (len(answer["changes"]), answer["next_since"]) == (500, None)
    rest = client.get(answer["next"]).json()
    assert (len(rest["changes"]), rest["next"]) == (100, None)
    assert len({change["id"] for change in (*answer["changes"], *rest["changes"])}) == 600
    assert rest["next_since"].endswith("Z")


def test_a_retraction_leaves_a_tombstone_and_nothing_else(client: Client):
    mission = make_mission(city=MARKER, other_names=MARKER)
    event = make_event(mission=mission, summary=MARKER)
    cite(event)
    publish(event)
    mission.city = f"{MARKER} two"
    mission.save()
    mission.retract("It was entered twice.")
    [tombstone] = data(client, "?record=M-0001")
    assert tombstone["gone"]
    assert (tombstone["kind"], tombstone["reason"]) == ("retraction", "It was entered twice.")
    assert tombstone["gone_with_it"] == [event.label]
    assert data(client, f"?record={event.label}") == []
    page = text(client)
    assert "The reason given: It was entered twice." in page
    assert "With it went E-0001." in page
    for address in ("/changes/", "/changes.json", "/changes.atom", "/corrections.atom"):
        assert MARKER not in text(client, address)


def test_a_merge_leaves_a_tombstone_that_leads_to_the_record_that_stays(client: Client, reviewer: User):
    kept = make_actor(name="Tae Yongho", kind="person")
    merged = make_actor(name=f"{MARKER} Yong-ho", kind="person", homepage=f"https://{MARKER}.example")
    publish(kept, merged)
    reviewer.username = f"{MARKER}-reviewer"
    reviewer.save()
    merge(kept, merged, by=reviewer, reason=f"{MARKER} reason")
    [tombstone] = data(client, f"?record={merged.label}")
    assert (tombstone["kind"], tombstone["merged_into"], tombstone["gone"]) == ("merge", kept.label, True)
    assert f"Merged into Tae Yongho ({kept.label})." in text(client)
    assert f"{MARKER}-reviewer" not in text(client)
    assert f"{MARKER} reason" not in text(client)


def test_drafts_proposals_and_who_made_a_change_are_told_nowhere(client: Client, editor: User, reviewer: User):
    for user in (editor, reviewer):
        user.username = f"{MARKER}-{user.username}"
        user.save()
    with changing(user=editor, reason=f"{MARKER} reason"):
        source = make_source(title=f"{MARKER} before it was published")
        source.title = "Four embassies close"
        source.save()
        publish(source)
        make_source(title=f"{MARKER} draft")
    proposals.propose(source, {"title": f"{MARKER} proposed"}, editor, reason=MARKER)
    proposed = proposals.propose(source, {"summary": "As told."}, editor, reason=f"{MARKER} reason")
    proposals.approve(proposed, reviewer)
    found = data(client)
    assert [change["kind"] for change in found] == ["addition", "addition"]
    for address in ("/changes/", "/changes.json", "/changes.atom", "/corrections.atom"):
        assert MARKER not in text(client, address)


def test_a_change_names_other_records_only_while_readers_see_them(client: Client):
    speaker = make_actor(name=f"{MARKER} person", kind="person")
    quote = make_quote(speaker=speaker)
    citation = cite(quote, make_source(title=f"{MARKER} source"), wording=f"{MARKER} wording")
    publish(quote)
    citation.refresh_from_db()
    citation.source.refresh_from_db()
    speaker.refresh_from_db()
    quote.speaker = None
    quote.save()
    citation.locator = f"{MARKER} page"
    citation.save()
    assert MARKER in text(client)
    speaker.retract("Must not be named.")
    citation.source.retract("Must not be named.")
    for address in ("/changes/", "/changes.json", "/changes.atom"):
        assert MARKER not in text(client, address)


def test_changes_of_many_records_cost_the_queries_of_few(client: Client, django_assert_max_num_queries):
    """Two lists; for each of seven kinds its records, their numbers, and the records that values name; parts."""
    for number in range(12):
        event = make_event(mission=make_mission(host="FR", city=f"City {number}"), date="2023")
        cite(event, make_source(title=f"Source {number}"))
        quote, figure = make_quote(text=f"Words {number}"), make_figure(low=number, high=number)
        publish(event, quote, figure, make_reason(slug=f"r{number}"), make_actor(name=f"Actor {number}"))
        event.date = "2024"
        event.save()
        citation = event.citations.get()
        citation.locator = "¶4"
        citation.save()
        citation.locator = "¶5"
        citation.save()
    with django_assert_max_num_queries(22):
        text(client)
    with django_assert_max_num_queries(22):
        data(client)
