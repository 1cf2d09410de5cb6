"""Writing through the API: by the desk's rules, in the owner's name, signed by the token (domain.md, rules 6 to 8)."""

from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.test import Client

from missions.models import ClosureEvent, EventCitation, Mission
from nkwatch.editorial.api.views import resources
from nkwatch.editorial.models import ApiToken, Merge, ProposedChange, ReviewNote, State
from nkwatch.wsgi import application
from sources.models import Actor, ActorName, Quote, Source
from tests.api_client import Program, ask, errors
from tests.in_process import through_wsgi
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

MADRID = {"sending": "KP", "host": "ES", "kind": "embassy", "city": "Madrid"}
NEW: dict[str, dict[str, Any]] = {
    "missions": MADRID | {"other_names": ["대사관", "Embajada"], "latitude": 40.42, "longitude": -3.7},
    "sources": {
        "title": "North Korea to close its embassy",
        "issued": "2023-11-01",
        "source_url": "https://a.example/1",
    },
    "quotes": {"text": "We are closing.", "said_on": "2023-11-03"},
    "actors": {"kind": "person", "name": "Tae Yongho", "capacity": "former-official", "country": "KP"},
    "figures": {"metric": "missions-abroad", "low": 53, "high": 53, "as_of": "2023-10"},
    "reasons": {"slug": "sanctions", "label": "Sanctions", "definition": "Sanctions cut the income."},
}


@pytest.fixture
def program(editor: User) -> Program:
    return Program(editor)


@pytest.fixture
def reviewing(reviewer: User) -> Program:
    return Program(reviewer, "publish", "review bot")


def test_degrees_are_rounded_to_about_a_metre(program: Program):
    told = ask(program.post("missions/", MADRID | {"latitude": 40.4231112222, "longitude": -1.2e-185}), 201)
    assert (told["latitude"], told["longitude"]) == (40.42311, 0)


@pytest.mark.parametrize("resource", NEW)
def test_a_new_record_is_a_draft_signed_by_the_token(program: Program, editor: User, client: Client, resource: str):
    answer = program.post(f"{resource}/", NEW[resource] | {"reason": "read today"})
    made = ask(answer, 201)
    assert {name: made[name] for name in NEW[resource]} == NEW[resource]
    assert (made["state"], made["waiting"]) == ("draft", [])
    place = f"{resource}/{made['number']}/"
    assert answer["Location"] == made["url"] == f"http://testserver/api/v1/desk/{place}"
    again = program.get(f"desk/{place}")
    assert (again.json(), again["ETag"], again["Cache-Control"]) == (made, answer["ETag"], "private, no-store")
    [version] = _model(resource).history.all()
    assert (version.door, version.history_user, version.batch_row) == ("api", editor, "token “monitor”")
    assert (version.history_type, version.history_change_reason) == ("+", "read today")
    assert client.get(f"/api/v1/{place}").status_code == 404
    assert client.get(f"/api/v1/{resource}/").json()["count"] == 0
    assert client.get(f"/api/v1/desk/{place}").status_code == 401


def _model(resource: str) -> Any:
    return next(model for model, view in resources.items() if view.resource == resource)


def test_the_whole_way_of_an_event(program: Program, reviewing: Program, client: Client):
    source = ask(program.post("sources/", NEW["sources"]), 201)["number"]
    mission = ask(program.post("missions/", MADRID), 201)["number"]
    quote = ask(program.post("quotes/", NEW["quotes"]), 201)["number"]
    citation = {"source": source, "basis": "own-reporting", "wording": "closed for good"}
    event = ask(
        program.post(
            "events/",
            {"mission": mission, "stage": "closed", "date": "2023-11-08", "quotes": [quote], "citations": [citation]},
        ),
        201,
    )
    assert (event["mission"], event["quotes"]) == (mission, [quote])
    assert event["citations"][0]["source"] == source
    for place in (f"sources/{source}/", f"missions/{mission}/", f"quotes/{quote}/", f"events/{event['number']}/"):
        assert ask(program.step(place, "submit"), 200)["state"] == "in-review"
        assert ask(reviewing.step(place, "approve"), 200)["state"] == "published"
    told = client.get("/api/v1/missions/M-0001/").json()
    assert (told["status"], told["events"][0]["number"]) == ("closed", "E-0001")
    assert client.get("/api/v1/events/E-0001/").json()["citations"][0]["wording"] == "closed for good"
    published = ClosureEvent.history.latest()
    assert (published.history_user.username, published.batch_row) == ("reviewer", "token “review bot”")


def published_event() -> ClosureEvent:
    event = make_event(stage="closed", date="2023-11-08")
    cite(event)
    publish(event)
    return event


def test_a_change_of_what_readers_see_waits_and_is_approved(
    program: Program, reviewing: Program, editor: User, client: Client
):
    published_event()
    before = client.get("/api/v1/events/E-0001/").json()
    refused = program.change("events/E-0001/", date="2023-11-09")
    assert (refused.status_code, list(errors(refused))) == (400, ["reason"])
    waits = ask(program.change("events/E-0001/", date="2023-11-09", reason="misread"), 202)
    assert waits["date"] == "2023-11-08"
    [change] = waits["waiting"]
    assert change["difference"] == {"date": {"old": "2023-11-08", "new": "2023-11-09"}}
    assert (change["by"], change["reason"]) == ("editor", "misread")
    assert client.get("/api/v1/events/E-0001/").json() == before
    assert program.step("events/E-0001/", "approve").status_code == 403
    approved = ask(reviewing.step("events/E-0001/", "approve", {"change": change["id"]}), 200)
    assert (approved["date"], approved["waiting"]) == ("2023-11-09", [])
    version = ClosureEvent.history.latest()
    assert (version.history_user, version.batch_row) == (editor, "token “monitor”")
    assert version.history_change_reason == "approved by reviewer with token “review bot”: misread"


def test_even_a_reviewers_token_changes_nothing_public_at_once(reviewing: Program, settings):
    settings.FOUR_EYES = False
    publish(make_source(title="As read"))
    waits = ask(reviewing.change("sources/S-0001/", title="As printed", reason="misread"), 202)
    assert waits["title"] == "As read"
    assert ask(reviewing.decide("sources/S-0001/", "approve"), 200)["title"] == "As printed"


def test_a_change_says_which_version_it_is_made_for(program: Program, editor: User):
    draft = make_source(title="One", issued="2023-11")
    place = f"sources/{draft.label}/"
    asked = program.patch(place, {"title": "Two"})
    assert (asked.status_code, asked.json()["errors"][0]["code"]) == (428, "precondition_required")
    assert program.post(f"{place}submit/").status_code == 428
    seen = program.etag(place)
    changed = program.patch(place, {"title": "Two"}, seen)
    assert (changed.status_code, changed.json()["title"]) == (200, "Two")
    stale = program.patch(place, {"title": "Three", "issued": "2023-12"}, seen)
    assert (stale.status_code, stale["ETag"]) == (412, changed["ETag"])
    told = {error["attr"]: (error["code"], error["detail"]) for error in stale.json()["errors"]}
    assert told["title"] == ("changed", "One → Two")
    assert "read it again" in told[""][1]
    assert program.patch(place, {"title": "Three"}, f"W/{stale['ETag']}").status_code == 200
    for nonsense in ('"x"', '"9' + "9" * 30 + '"', '"1.2.3"', "*"):
        assert program.patch(place, {"title": "Four"}, nonsense).status_code in (412, 428)
    assert Source.objects.get().title == "Three"


def test_the_tag_of_a_public_record_read_by_token_is_the_one_that_changes_need(program: Program, client: Client):
    publish(make_source(title="As read"))
    read = program.get("sources/S-0001/")
    assert (read.json(), read["Cache-Control"]) == (client.get("/api/v1/sources/S-0001/").json(), "private, no-store")
    assert program.patch("sources/S-0001/", {"title": "Other", "reason": "misread"}, read["ETag"]).status_code == 202


def test_a_new_part_makes_the_tag_of_the_whole_stale(program: Program):
    event = make_event()
    seen = program.etag(f"events/{event.label}/")
    cite(event)
    stale = program.patch(f"events/{event.label}/", {"summary": "Closed."}, seen)
    assert stale.status_code == 412
    assert "other parts" in errors(stale)[""]


def test_parts_are_added_changed_and_taken_out_with_their_record(program: Program):
    event, other = make_event(), make_source(title="Other")
    place = f"events/{event.label}/"
    kept, gone = cite(event), cite(event, make_source(title="Gone"))
    rows = [
        {"id": kept.pk, "wording": "Read again."},
        {"id": gone.pk, "remove": True},
        {"source": other.label, "basis": "own-reporting"},
    ]
    answer = ask(program.change(place, citations=rows, summary="Closed."), 200)
    assert [(row["source"], row["wording"]) for row in answer["citations"]] == [
        (kept.source.label, "Read again."),
        (other.label, ""),
    ]
    assert ask(program.change(place, citations=[]), 200)["citations"] == answer["citations"]


def test_parts_of_parts_are_written_too(program: Program):
    mission, source = make_mission(), make_source()
    rows = [{"country": "PT", "from": "2019", "citations": [{"source": source.label}]}]
    [coverage] = ask(program.change(f"missions/{mission.label}/", covers=rows), 200)["covers"]
    assert coverage["citations"][0]["source"] == source.label
    again = [{"id": coverage["id"], "citations": [{"id": coverage["citations"][0]["id"], "locator": "p. 3"}]}]
    [changed] = ask(program.change(f"missions/{mission.label}/", covers=again), 200)["covers"]
    assert changed["citations"][0]["locator"] == "p. 3"


def test_the_desk_has_the_names_that_readers_know(program: Program, client: Client):
    mission, source, actor = make_mission(other_names="Embajada"), make_source(), make_actor(kind="person")
    coverage = make_coverage(mission=mission, country="PT", starts="2019")
    cite(coverage, source)
    publish(mission, source, actor)
    told = ask(program.get("desk/missions/M-0001/"), 200)
    read = client.get("/api/v1/missions/M-0001/").json()
    assert told["other_names"] == read["other_names"] == ["Embajada"]
    [serves], [seen] = told["covers"], read["covers"]
    assert (serves["country"], serves["from"], serves["to"]) == (seen["country"]["code"], seen["from"]["edtf"], "")
    rows = [{"id": coverage.pk, "from": "2020"}]
    [waits] = ask(program.change("missions/M-0001/", covers=rows, reason="misread"), 202)["waiting"]
    assert waits["difference"] == {"from": {"old": "2019", "new": "2020"}}
    parts = {"authors": [{"author": "A-0001"}], "references": [{"source": "S-0001", "label": "n1"}]}
    other = ask(program.post("sources/", {"title": "Other"} | parts), 201)
    assert [row["author"] for row in other["authors"]] == ["A-0001"]
    assert [(row["source"], row["label"]) for row in other["references"]] == [("S-0001", "n1")]


def test_a_part_that_readers_see_waits_alone(program: Program, reviewing: Program):
    event = published_event()
    citation = event.citations.get()
    waits = ask(
        program.change("events/E-0001/", citations=[{"id": citation.pk, "fact": "date"}], reason="checked"), 202
    )
    assert waits["waiting"][0]["difference"] == {"fact": {"old": "", "new": "date"}}
    ask(reviewing.decide("events/E-0001/", "approve"), 200)
    citation.refresh_from_db()
    assert citation.fact == "date"
    removed = program.change("events/E-0001/", citations=[{"id": citation.pk, "remove": True}], reason="wrong")
    assert "retract it" in errors(removed)["citations.0.non_field_errors"]


def test_a_list_is_as_long_as_its_values_are_many(program: Program):
    names = [f"House number {n} of the embassy" for n in range(50)]
    assert ask(program.post("missions/", MADRID | {"other_names": names}), 201)["other_names"] == names


@pytest.mark.parametrize(
    ("resource", "data", "attr", "words"),
    [
        ("missions", MADRID | {"colour": "red"}, "colour", "Unknown field; accepted here: address"),
        ("missions", MADRID | {"host": "Spain"}, "host", "not a known country"),
        ("missions", MADRID | {"host": 7}, "host", "as text"),
        ("missions", MADRID | {"host": "KP"}, "non_field_errors", "another country"),
        ("missions", MADRID | {"kind": "castle"}, "kind", "castle"),
        ("missions", MADRID | {"latitude": 40}, "non_field_errors", "together"),
        ("missions", MADRID | {"latitude": "NaN", "longitude": 1}, "latitude", "number"),
        ("missions", MADRID | {"latitude": "1e9999999", "longitude": 1}, "latitude", "digits"),
        ("missions", MADRID | {"latitude": 1e300, "longitude": 1}, "latitude", "digits"),
        ("missions", MADRID | {"latitude": 1, "longitude": 180.5}, "longitude", "180"),
        ("missions", MADRID | {"established": "/2023"}, "established", "leaves one side empty"),
        ("missions", MADRID | {"covers": [{"country": "PT"}, {}]}, "covers.1.country", "required"),
        ("missions", MADRID | {"covers": [{"country": "PT", "id": 5}]}, "covers.0.id", "leave id"),
        ("missions", MADRID | {"covers": [{"country": "PT", "from": "/2"}]}, "covers.0.from", "leaves one side empty"),
        ("missions", MADRID | {"coverages": []}, "coverages", "Unknown field"),
        ("missions", MADRID | {"other_names": "대사관"}, "other_names", "list"),
        ("missions", MADRID | {"other_names": ["Villa", 7]}, "other_names.1", "Not a valid string"),
        ("missions", MADRID | {"other_names": ["Villa"] * 201}, "other_names", "no more than 200"),
        ("missions", MADRID | {"city": 7}, "city", "Not a valid string"),
        ("missions", MADRID | {"reason": 0}, "reason", "Not a valid string"),
        ("missions", MADRID | {"covers": [{"country": "PT", "remove": 0}]}, "covers.0.remove", "valid boolean"),
        ("quotes", {"text": "We leave.", "reasons": {}}, "reasons", "list"),
        ("missions", MADRID | {"citations": {"a": 1}}, "citations.non_field_errors", "list"),
        ("missions", {}, "sending", "required"),
        ("missions", [], "non_field_errors", "dictionary"),
        ("sources", {}, "non_field_errors", "Give the source a title"),
        ("sources", {"title": "A", "source_url": "ftp://a.example/"}, "source_url", "http"),
        ("sources", {"title": "A", "outlet": "A-0099"}, "outlet", "A-0099"),
        ("sources", {"title": "A", "outlet": "https://testserver/api/v1/actors/A-0099/"}, "outlet", "not a known"),
        ("sources", {"title": "A\u202e"}, "title", "invisible"),
        ("sources", {"title": "A\x00"}, "title", "Null"),
        ("sources", {"title": "A" * 1001}, "title", "1000"),
        ("figures", {"metric": "missions-abroad", "low": 10**30}, "low", "less than or equal"),
        ("figures", {"metric": "missions-abroad", "low": 5, "high": 4}, "non_field_errors", "cannot be more"),
        ("quotes", {"text": "A", "reasons": ["no\x00"]}, "reasons", "not a known reason"),
        ("quotes", {"text": "A", "reasons": "sanctions"}, "reasons", "list"),
        ("actors", {"kind": "person", "name": "A", "name_variants": [{"name": ""}]}, "name_variants.0.name", "blank"),
        ("reasons", {"slug": "a b", "label": "A", "definition": "B"}, "slug", "slug"),
    ],
)
def test_what_is_wrong_is_said_by_field(program: Program, resource: str, data: Any, attr: str, words: str):
    found = errors(program.post(f"{resource}/", data))
    assert words in found[attr], found
    assert not _model(resource).objects.exists()


def test_what_stands_is_named_and_not_made_twice(program: Program):
    publish(make_mission(), make_source(), make_quote(speaker=make_actor()), make_actor(name="Yonhap", country="KR"))
    ActorName.objects.create(actor=Actor.objects.get(name="Yonhap"), name="연합뉴스")
    for resource, data, label in (
        ("missions", MADRID | {"kind": "unspecified", "city": ""}, "M-0001"),
        ("sources", {"title": "North Korea to Close its Embassy in Spain!", "issued": "2023-11-01"}, "S-0001"),
        ("actors", {"kind": "organisation", "name": "연합뉴스", "country": "KR"}, "A-0002"),
    ):
        answer = program.post(f"{resource}/", data)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "stands_already"), answer.content
        assert label in errors(answer)[None]


def test_a_place_is_kept_to_a_metre(program: Program):
    place = {"latitude": 40.416775000000001, "longitude": -1e-185}
    made = ask(program.post("missions/", MADRID | place), 201)
    assert (made["latitude"], made["longitude"]) == (40.41678, 0)


def test_a_record_may_be_named_by_its_address(program: Program):
    publish(make_actor())
    outlet = "http://testserver/api/v1/actors/A-0001/"
    assert ask(program.post("sources/", {"title": "A", "outlet": outlet}), 201)["outlet"] == "A-0001"


@pytest.mark.parametrize(("scope", "expected"), [("read", 403), ("draft", 201), ("publish", 201)])
def test_a_token_does_no_more_than_its_scope(editor: User, scope: str, expected: int):
    program = Program(editor, scope)
    assert program.post("missions/", MADRID).status_code == expected
    assert program.get("desk/missions/").status_code == 200


def test_a_token_does_no_more_than_its_owner(editor: User, administrator: User):
    draft = make_source()
    place, program = f"sources/{draft.label}/", Program(editor, "publish")
    ask(program.step(place, "submit"), 200)
    assert program.step(place, "approve").status_code == 403
    assert program.step(place, "return", {"note": "Why?"}).status_code == 403
    User.objects.update(is_staff=False)
    assert program.post("missions/", MADRID).status_code == 403
    outsider = Program(User.objects.create_user("outsider", is_staff=True), "publish")
    assert outsider.post("missions/", MADRID).status_code == 403
    assert outsider.get("desk/missions/").status_code == 403
    assert Program().post("missions/", MADRID).status_code == 401


def test_nobody_approves_their_own_change_of_a_status(reviewing: Program):
    source = make_source()
    publish(source, make_mission())
    event = {"mission": "M-0001", "stage": "closed", "date": "2023-11", "citations": [{"source": "S-0001"}]}
    place = f"events/{ask(reviewing.post('events/', event), 201)['number']}/"
    ask(reviewing.step(place, "submit"), 200)
    refused = reviewing.step(place, "approve")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "refused")
    assert "another reviewer must publish it" in errors(refused)[None]


def test_what_is_returned_tells_why_and_one_withdraws_ones_own(program: Program, reviewing: Program):
    place = f"sources/{ask(program.post('sources/', NEW['sources']), 201)['number']}/"
    ask(program.step(place, "submit"), 200)
    assert errors(reviewing.step(place, "return")) == {"note": "This field is required."}
    assert ask(reviewing.step(place, "return", {"note": "Whose paper?"}), 200)["state"] == "draft"
    assert ReviewNote.objects.get().note == "Whose paper?"
    ask(program.step(place, "submit"), 200)
    assert reviewing.step(place, "withdraw").status_code == 409
    assert ask(program.step(place, "withdraw"), 200)["state"] == "draft"
    assert program.step(place, "withdraw").status_code == 409
    assert errors(program.step(place, "submit", {"now": True})) == {"now": "Unknown field; none is accepted here."}


def test_a_proposed_change_is_returned(program: Program, reviewing: Program):
    publish(make_source(title="As read"))
    ask(program.change("sources/S-0001/", title="Other", reason="misread"), 202)
    assert ask(reviewing.decide("sources/S-0001/", "return", note="It is printed so."), 200)["waiting"] == []
    change = ProposedChange.objects.get()
    assert (change.state, change.note, change.token) == ("returned", "It is printed so.", "monitor")


def test_one_withdraws_the_change_or_merge_that_one_proposed(program: Program, reviewing: Program):
    publish(make_source(title="As read"), make_actor(name="Kyodo"), make_actor(name="Kyodo News Agency"))
    ask(program.change("sources/S-0001/", title="Other", reason="misread"), 202)
    ask(program.merge("actors/A-0002/", "A-0001"), 202)
    for place in ("sources/S-0001/", "actors/A-0002/"):
        assert program.step(place, "withdraw").status_code == 409
        assert "somebody else proposed it" in errors(reviewing.decide(place, "withdraw"))[None]
        assert ask(program.decide(place, "withdraw"), 200)["waiting"] == []
    for withdrawn in (ProposedChange.objects.get(), Merge.objects.get()):
        assert (withdrawn.state, withdrawn.note) == ("returned", "withdrawn by its author")


def test_a_retraction_is_proposed_and_approved_by_another(reviewing: Program, administrator: User, client: Client):
    published_event()
    assert errors(reviewing.step("events/E-0001/", "retract")) == {"reason": "This field is required."}
    ask(reviewing.step("events/E-0001/", "retract", {"reason": "It was another mission."}), 202)
    assert client.get("/api/v1/events/E-0001/").status_code == 200
    assert reviewing.decide("events/E-0001/", "approve").status_code == 409
    other = Program(administrator, "publish", "second")
    assert ask(other.decide("events/E-0001/", "approve"), 200)["state"] == "retracted"
    assert client.get("/api/v1/events/E-0001/").status_code == 410
    assert other.step("events/E-0001/", "retract", {"reason": "Again."}).status_code == 409


def test_drafts_are_merged_at_once_and_what_readers_see_by_a_reviewer(program: Program, reviewing: Program):
    one, other = make_actor(name="Kyodo"), make_actor(name="Kyodo News Agency")
    ask(program.merge(f"actors/{other.label}/", one.label), 200)
    assert not Actor.objects.filter(pk=other.pk).exists()
    third = make_actor(name="Kyodo Tsushin")
    publish(one, third)
    waits = ask(program.merge("actors/A-0002/", "A-0001"), 202)
    assert [row["kind"] for row in waits["waiting"]] == ["merge"]
    other_version = reviewing.etag("actors/A-0002/")
    ask(reviewing.decide("actors/A-0001/", "approve", other_version=other_version), 200)
    assert Merge.objects.latest("pk").state == "done"
    assert reviewing.client.get("/api/v1/actors/A-0002/").status_code == 301


@pytest.mark.parametrize(
    ("data", "attr"),
    [
        ({"into": "A-0077"}, "into"),
        ({"into": 5.5}, "into"),
        ({"into": "S-0001"}, "into"),
        ({"into": None}, "into"),
        ({"into_version": None}, "into_version"),
        ({"reason": ""}, "reason"),
        ({"take": ["state"]}, "take"),
        ({"into": "A-0002"}, None),
    ],
)
def test_what_cannot_be_merged_is_said(program: Program, data: dict[str, Any], attr: str | None):
    publish(make_actor(name="Kyodo"), make_actor(name="Kyodo News Agency"))
    refused = program.merge("actors/A-0002/", "A-0001", **data)
    assert refused.status_code in (400, 409, 412)
    assert list(errors(refused)) == [attr]


def test_neither_record_of_a_merge_may_have_changed_since_it_was_read(program: Program, reviewing: Program):
    kept, merged = make_mission(), make_mission(city="", kind="unspecified")
    seen = program.etag(f"missions/{kept.label}/")
    ask(program.change(f"missions/{kept.label}/", established="1980"), 200)
    refused = program.merge(f"missions/{merged.label}/", kept.label, into_version=seen)
    assert (refused.status_code, refused["ETag"]) == (412, program.etag(f"missions/{kept.label}/"))
    publish(kept)
    ask(program.merge(f"missions/{merged.label}/", "M-0001"), 202)
    place = f"missions/{merged.label}/"
    assert "ETag of" in errors(reviewing.decide(place, "approve"))["other_version"]
    assert reviewing.decide(place, "approve", other_version=seen).status_code == 412
    told = ask(reviewing.decide(place, "approve", other_version=reviewing.etag("missions/M-0001/")), 200)
    assert (told["number"], Mission.objects.count()) == ("M-0001", 1)
    assert ", approved by reviewer with token “review bot”: " in Mission.history.latest().history_change_reason


def test_nothing_is_decided_on_that_was_not_named(program: Program, reviewing: Program):
    """Somebody may have proposed something else since the record was read: its version does not tell."""
    publish(make_source(title="As read"))
    ask(program.change("sources/S-0001/", title="Other", reason="misread"), 202)
    for step in ("approve", "return"):
        assert (
            "Name what you mean"
            in errors(reviewing.step("sources/S-0001/", step, {"note": "No."} if step == "return" else {}))[None]
        )
    assert ProposedChange.objects.get().state == "waiting"


def test_an_address_names_a_record_of_its_own_kind_alone(program: Program):
    mission = make_mission()
    quote = make_quote(id=mission.pk)
    assert quote.label == mission.label
    data = {"mission": f"http://testserver/api/v1/desk/quotes/{quote.label}/", "stage": "closed", "date": "2023"}
    assert "not a known mission" in errors(program.post("events/", data))["mission"]
    data["mission"] = f"http://testserver/api/v1/desk/missions/{mission.label}/"
    assert ask(program.post("events/", data), 201)["mission"] == mission.label


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"\\ud800": 1}', "surrogate"),
        (b'{"a\\u0000": 1}', "NUL"),
        (b'{"source": {"answers": {"\\ud800": "same"}}}', "surrogate"),
        (b'{"constants": {"\\ud800": "x"}}', "surrogate"),
        (b'{"summary": ' + b"[" * 30 + b"]" * 30 + b"}", "more than 20"),
        (b"[" * 200_000, "more than 20"),
    ],
)
@pytest.mark.parametrize("address", ["missions/", "reports/", "imports/"])
def test_what_cannot_be_kept_or_told_again_is_refused_as_it_is_read(
    program: Program, address: str, body: bytes, words: str
):
    answer = program.client.post(f"/api/v1/{address}", body, content_type="application/json", headers=program.headers)
    assert answer.status_code == 400
    assert words in errors(answer)[None]


def test_a_request_that_is_too_large_is_told_so(program: Program, settings: Any):
    rows = {"rows": "a" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE}
    answer = program.post("imports/", rows)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "too_large")
    fields = {f"field{number}": "" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    assert program.client.post("/api/v1/imports/", fields, headers=program.headers).status_code == 400


def test_what_the_desk_does_not_merge_the_api_does_not_either(reviewing: Program):
    publish(make_figure(), make_figure(low=54, high=54), make_reason())
    assert reviewing.post("figures/F-0002/merge/", {"into": "F-0001", "reason": "one"}, '"1"').status_code == 405
    assert reviewing.post("reasons/sanctions/merge/", {"into": "sanctions", "reason": "one"}, '"1"').status_code == 405


def test_the_desk_lists_every_state_and_ones_own(program: Program, reviewing: Program, reviewer: User):
    publish(make_source(title="Public"))
    make_source(title="Hers")
    mine = ask(program.post("sources/", NEW["sources"]), 201)["number"]
    assert program.get("desk/sources/").json()["count"] == 3
    assert program.get("desk/sources/?state=published").json()["results"][0]["number"] == "S-0001"
    assert [row["number"] for row in program.get("desk/sources/?mine=true&page_size=1").json()["results"]] == [mine]
    for query in ("state=shut", "mine=no", "colour=red", "cursor=", "page=0"):
        assert program.get(f"desk/sources/?{query}").status_code == 400
    assert program.get("desk/sources/S-0099/").status_code == 404
    led = program.client.get(f"/api/v1/sources/{mine}/", headers=program.headers)
    assert (led.status_code, led["Location"]) == (302, f"http://testserver/api/v1/desk/sources/{mine}/")


BODIES = [None, 1, "a", [], [1], {"a": {}}, {"citations": [None]}, {"citations": [[]]}, {"id": "x"}, {"quotes": [[]]}]
STEPS = ("", "submit/", "withdraw/", "approve/", "return/", "retract/", "merge/")


def test_no_body_is_an_error_of_ours(reviewing: Program, editor: User):
    publish(make_reason())
    records = [make_mission(), make_event(mission=make_mission(host="PE")), make_source(), make_quote(), make_actor()]
    for record in records:
        resource = {Mission: "missions", ClosureEvent: "events", Source: "sources", Quote: "quotes", Actor: "actors"}[
            type(record)
        ]
        etag = reviewing.etag(f"{resource}/{record.label}/")
        for body in BODIES:
            for step in STEPS[1:]:
                answer = reviewing.post(f"{resource}/{record.label}/{step}", body, etag)
                assert answer.status_code in (200, 202, 400, 409, 412), (step, body, answer.content)
            etag = reviewing.etag(f"{resource}/{record.label}/")
            assert reviewing.patch(f"{resource}/{record.label}/", body, etag).status_code in (200, 400)
            assert reviewing.post(f"{resource}/", body).status_code == 400
    for content in (b"{", b"\xff"):
        answer = reviewing.client.post(
            "/api/v1/missions/", content, content_type="application/json", headers=reviewing.headers
        )
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")


@pytest.mark.parametrize(
    ("address", "kinds"),
    [
        ("missions/", "application/json"),
        ("reports/", "application/json"),
        ("imports/", "application/json or multipart"),
    ],
)
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_is_no_json_is_not_read_as_such(program: Program, address: str, kinds: str, kind: str):
    refused = program.client.post(f"/api/v1/{address}", b"{}", content_type=kind, headers=program.headers)
    assert refused.status_code == 415
    assert f"send {kinds}" in errors(refused)[None]


def test_a_content_type_that_nobody_can_read_is_none(program: Program):
    headers = program.headers | {"content-type": "application/json; x*=nope''%41"}
    with through_wsgi(), httpx.Client(transport=httpx.WSGITransport(application)) as caller:
        refused = caller.post("http://testserver/api/v1/missions/", content=b"{}", headers=headers)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (415, "unsupported_media_type")


def test_versions_of_the_desk_say_by_which_token(program: Program, editor_client: Client):
    made = ask(program.post("sources/", NEW["sources"]), 201)
    source = Source.objects.get()
    page = editor_client.get(f"/admin/sources/source/{source.pk}/history/").content.decode()
    assert "token “monitor”" in page
    assert made["number"] == source.label
    assert ApiToken.objects.get().last_used is not None
    assert EventCitation.objects.count() == 0
    assert source.state == State.DRAFT
