"""Is this address known, and whom may a name mean: for anybody of what is public, for tokens of drafts too."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from sources.models import ActorName
from tests.api_client import Program, ask, errors
from tests.make import make_actor, make_mission, make_reason, make_source, publish

pytestmark = pytest.mark.django_db

KNOWN = "https://news.example/a/1"


def lookup(program: Program, url: str) -> dict:
    answer = program.client.get("/api/v1/lookup/", {"url": url}, headers=program.headers)
    return ask(answer, 200)


@pytest.mark.parametrize(
    "url",
    [
        KNOWN,
        "http://news.example/a/1",
        f"{KNOWN}?utm_source=x#top",
        f"https://web.archive.org/web/20231101000000/{KNOWN}",
    ],
)
def test_an_address_is_known_however_it_is_spelt(db: None, url: str):
    publish(make_source(source_url=KNOWN))
    found = lookup(Program(), url)
    assert found["known"] is True
    assert [source["number"] for source in found["sources"]] == ["S-0001"]
    assert found["sources"][0]["url"] == "http://testserver/api/v1/sources/S-0001/"


def test_a_draft_is_known_to_tokens_alone(editor: User):
    draft = make_source(source_url=KNOWN)
    assert lookup(Program(), KNOWN) == {"canonical": KNOWN, "known": False, "sources": []}
    [found] = lookup(Program(editor, "read"), KNOWN)["sources"]
    assert (found["number"], found["state"]) == (draft.label, "draft")
    assert found["url"] == f"http://testserver/api/v1/desk/sources/{draft.label}/"
    assert lookup(Program(User.objects.create_user("outsider"), "read"), KNOWN)["known"] is False


@pytest.mark.parametrize("url", ["[", "http://[oops", "x" * 2000, "https://пример.example/ü", "javascript:alert(1)"])
def test_what_is_no_address_is_not_known(db: None, url: str):
    assert lookup(Program(), url)["known"] is False


def test_what_cannot_be_asked_is_said(client: Client, db: None):
    for query in ("", "url=", "url=%00", "url=" + "x" * 2001, "url=a&url=b", "url=a&colour=red"):
        assert client.get(f"/api/v1/lookup/?{query}").status_code == 400
    for query in ("", "q=a", "q=a&kind=ghost", "q=&kind=actor", "q=%00&kind=actor", f"q={'x' * 201}&kind=actor"):
        assert client.get(f"/api/v1/suggest/?{query}").status_code == 400
    assert errors(client.get("/api/v1/suggest/?q=a"))["kind"] == "This field is required."


def suggest(program: Program, kind: str, words: str) -> list[str]:
    answer = program.client.get("/api/v1/suggest/", {"q": words, "kind": kind}, headers=program.headers)
    return [found["number"] for found in ask(answer, 200)["results"]]


def test_a_name_in_any_spelling_offers_whom_it_may_mean(db: None):
    tae = make_actor(kind="person", name="Tae Yongho", capacity="former-official", country="KP")
    ActorName.objects.create(actor=tae, name="태영호")
    publish(tae, make_actor(), make_mission(), make_source(), make_reason())
    for kind, words, number in (
        ("actor", "TAE Yong-ho", "A-0001"),
        ("actor", "태영호", "A-0001"),
        ("mission", "Madrid", "M-0001"),
        ("mission", "스페인", "M-0001"),
        ("source", "close its embassy", "S-0001"),
        ("country", "한국", "KR"),
        ("reason", "sanct", "sanctions"),
    ):
        assert suggest(Program(), kind, words)[0] == number, (kind, words)
    assert suggest(Program(), "actor", "?!") == []


def test_drafts_and_their_spellings_are_offered_to_tokens_alone(editor: User):
    actor = make_actor()
    publish(actor)
    ActorName.objects.create(actor=actor, name="교도통신")
    draft = make_actor(name="Kyodo Tsushin")
    assert suggest(Program(), "actor", "교도통신") == []
    assert suggest(Program(), "actor", "kyodo") == ["A-0001"]
    program = Program(editor, "read")
    assert suggest(program, "actor", "교도통신") == ["A-0001"]
    assert sorted(suggest(program, "actor", "kyodo")) == ["A-0001", draft.label]


def test_nobody_is_told_of_what_was_retracted_under_what_is_found(editor: User):
    outlet = make_actor(name="Iberian Post")
    publish(make_source(title="Envoys leave", source_url=KNOWN, outlet=outlet, issued="2023-11-01"))
    assert lookup(Program(), KNOWN)["sources"][0]["hint"] == "Iberian Post, 1 November 2023"
    outlet.refresh_from_db()
    outlet.retract("It was entered twice.")
    assert lookup(Program(), KNOWN)["sources"][0]["hint"] == "1 November 2023"
    told = ask(Program().get("suggest/?kind=source&q=Envoys"), 200)["results"]
    assert [found["hint"] for found in told] == ["1 November 2023"]


def test_what_waits_at_the_desk_shows_in_no_tag_for_those_who_may_not_see_it():
    source = make_source(source_url=KNOWN)
    publish(source)
    stranger = Program(User.objects.create_user("stranger", is_staff=True), "read")
    before = stranger.get("sources/S-0001/")
    source.authorships.create(author=make_actor(kind="person", name="Kim"))
    after = stranger.get("sources/S-0001/")
    assert (before["ETag"], before.content) == (after["ETag"], after.content)
    assert stranger.get("sources/draft-1/").status_code == stranger.get("sources/draft-9999/").status_code == 403
