"""POST /api/v1/reports/: one report in one call, by the rules of the report desk (domain.md, rules 6 to 8)."""

import copy
from typing import Any

import pytest
from django.contrib.auth.models import User

from missions.models import ClosureEvent, EventCitation, Mission
from nkwatch.editorial.models import KeptAnswer, ProposedChange
from sources.models import Actor, CapturedCopy, Quote, Reference, Source
from tests.api_client import Program, ask, errors
from tests.make import cite, make_event, make_mission, make_reason, make_source, publish
from tests.reports import ADDRESS, TEXT

pytestmark = pytest.mark.django_db

REPORT: dict[str, Any] = {
    "source": {
        "title": "Envoys leave Madrid",
        "outlet": "new-1",
        "authors": ["new-2"],
        "issued": "2023-11-08",
        "language": "en",
        "source_url": ADDRESS,
    },
    "pasted": TEXT,
    "actors": [
        {"name": "Iberian Post", "kind": "organisation", "capacity": "newspaper", "country": "ES"},
        {"name": "Ana Ruiz", "part_of": "new-1"},
        {"name": "Pak Chol", "name_variants": ["박철"], "capacity": "witness", "country": "KP"},
    ],
    "missions": [{"host": "PE", "kind": "embassy", "city": "Lima"}],
    "relies": [{"described_as": "note to a small friendly party", "issued": "2023-10", "label": "n1"}],
    "events": [
        {
            "mission": "Spain",
            "stage": "closed",
            "date": "2023-11-08",
            "date_worded": "on Wednesday",
            "excerpt": "came down on Wednesday, and the gates were locked for good",
            "basis": "own-reporting",
        },
        {
            "mission": "new-1",
            "stage": "notified",
            "date": "2023-10",
            "excerpt": "the mission in Peru would go as well",
            "attributed_to_source": "relies-1",
        },
    ],
    "quotes": [
        {
            "excerpt": "There was no money left for the heating, let alone for a party",
            "speaker": "new-3",
            "said_on": "2023-11-08",
            "reasons": ["sanctions"],
            "explains": ["event-1", "event-2"],
            "attributed_to_actor": "new-3",
        }
    ],
    "figures": [{"metric": "missions-abroad", "worded": "about forty-five", "as_of": "2023-11"}],
}


@pytest.fixture
def program(editor: User) -> Program:
    return Program(editor)


@pytest.fixture
def spain(db: None) -> Mission:
    mission = make_mission(established="2013")
    publish(mission, make_reason())
    return mission


def changed(**cards: Any) -> dict[str, Any]:
    return copy.deepcopy(REPORT) | cards


def parts(told: dict[str, Any]) -> dict[str, str]:
    return {part["part"]: part["outcome"] for part in told["parts"]}


def standing() -> tuple[int, ...]:
    kinds = (Source, Actor, Mission, ClosureEvent, EventCitation, Quote, Reference, CapturedCopy, ProposedChange)
    return tuple(kind._base_manager.count() for kind in kinds)


EVERY_PART = {
    "source", "actors.0", "actors.1", "actors.2", "missions.0", "relies.0", "events.0", "events.1", "quotes.0",
    "figures.0",
}  # fmt: skip


def test_a_report_is_written_whole_and_told_part_by_part(program: Program, editor: User, spain: Mission):
    told = ask(program.post("reports/", REPORT), 201)
    assert set(parts(told)) == EVERY_PART
    assert set(parts(told).values()) == {"new"}
    assert (told["dry_run"], told["written"], told["submitted"]) == (False, True, False)
    by_part = {part["part"]: part for part in told["parts"]}
    source = Source.objects.get(title="Envoys leave Madrid")
    assert by_part["source"]["record"] == {
        "number": source.label,
        "name": "Envoys leave Madrid",
        "state": "draft",
        "url": f"http://testserver/api/v1/desk/sources/{source.label}/",
    }
    assert (
        "Spain: open, presumed → closed" in by_part["events.0"]["effect"] or "closed" in by_part["events.0"]["effect"]
    )
    assert by_part["events.0"]["origin"] == "1st origin for Spain, closed"
    event = ClosureEvent.objects.get(mission=spain)
    assert event.quotes.get().reasons.get().slug == "sanctions"
    assert event.citations.get().locator == "¶4"
    assert Actor.objects.get(name="Pak Chol").names.get().name == "박철"
    assert source.captured_copies.count() == 1
    version = event.history.first()
    assert (version.door, version.history_user, version.batch_row) == ("api", editor, "token “monitor”")


def test_a_dry_run_tells_the_same_and_leaves_no_trace(program: Program, spain: Mission):
    before = standing()
    dry = ask(program.post("reports/?dry_run=1", REPORT), 200)
    assert standing() == before
    assert (dry["dry_run"], dry["written"]) == (True, False)
    wet = ask(program.post("reports/", REPORT), 201)
    without = [{name: value for name, value in part.items() if name != "record"} for part in wet["parts"]]
    assert [{n: v for n, v in part.items() if n != "record"} for part in dry["parts"]] == without


def test_what_is_sent_twice_is_written_once(program: Program, spain: Mission):
    ask(program.post("reports/", REPORT), 201)
    after = standing()
    again = ask(program.post("reports/", REPORT), 200)
    assert standing() == after
    assert again["written"] is False
    assert set(parts(again).values()) == {"matched"}


def test_a_second_report_adds_a_citation_and_another_origin(program: Program, spain: Mission):
    event = make_event(mission=spain, stage="closed", date="2023-11-08")
    cite(event, make_source(title="First"), basis="own-reporting")
    publish(event)
    told = ask(program.post("reports/", REPORT | {"submit": True}), 201)
    by_part = {part["part"]: part for part in told["parts"]}
    assert (by_part["events.0"]["outcome"], by_part["events.0"]["stands"]) == ("citation-added", "E-0001")
    assert told["submitted"] is True
    assert Source.objects.get(title="Envoys leave Madrid").state == "in-review"
    assert told["proposed"] == ProposedChange.objects.filter(token="monitor").count() > 0


def test_what_others_say_against_it_is_told(program: Program, spain: Mission):
    event = make_event(mission=spain, stage="seen-open", date="2023-12-01")
    cite(event, make_source(title="Still there"), date="2023-12-01")
    publish(event)
    told = ask(program.post("reports/?dry_run=1", REPORT), 200)
    [conflict] = next(part for part in told["parts"] if part["part"] == "events.0")["conflicts"]
    assert "S-0001" in conflict


def test_a_key_gives_the_same_answer_again(program: Program, reviewer: User, spain: Mission):
    first = program.post("reports/", REPORT, **{"idempotency-key": "run 7"})
    again = program.post("reports/", REPORT, **{"idempotency-key": "run 7"})
    assert (again.status_code, again.json(), again["Idempotent-Replayed"]) == (201, first.json(), "true")
    other = program.post("reports/", changed(quotes=[]), **{"idempotency-key": "run 7"})
    assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "key_used_before")
    assert KeptAnswer.objects.count() == 1
    for address in ("reports/", "reports/?dry_run=1"):
        assert program.post(address, REPORT, **{"idempotency-key": "x" * 201}).status_code == 400
    assert program.post("reports/?dry_run=1", changed(quotes=[]), **{"idempotency-key": "run 7"}).status_code == 200
    assert Program(reviewer).post("reports/", REPORT, **{"idempotency-key": "run 7"}).status_code == 200


def test_records_are_named_by_number_address_or_natural_key(program: Program, spain: Mission):
    publish(make_source(title="Known", source_url="https://known.example/a"))
    cards = [
        {"mission": mission, "stage": "under-way", "date": "2023-11-05", "attributed_to_source": source}
        for mission, source in (
            ("M-0001", "https://known.example/a"),
            ("http://testserver/api/v1/missions/M-0001/", "Known"),
            ("http://testserver/missions/M-0001-spain/", "http://testserver/api/v1/sources/S-0001/"),
        )
    ]
    for card in cards:
        told = ask(program.post("reports/?dry_run=1", {"source": {"title": "Words"}, "events": [card]}), 200)
        assert set(parts(told)) == {"source", "events.0"}


def test_a_source_that_may_be_known_must_be_told_apart(program: Program):
    publish(make_source(title="North Korea to close its embassy in Spain", issued="2023-11-01"))
    likely = {"title": "North Korea to close its embassy in Spain", "issued": "2023-11-02", "source_url": ADDRESS}
    refused = program.post("reports/", {"source": likely})
    assert "say what it is to this one" in errors(refused)["source.answers.S-0001"]
    told = ask(program.post("reports/", {"source": likely | {"answers": {"S-0001": "republication"}}}), 201)
    assert parts(told) == {"source": "new"}
    assert Source.objects.get(source_url=ADDRESS).republication_of.label == "S-0001"


@pytest.mark.parametrize(
    ("cards", "attr", "words"),
    [
        ({"source": {}}, "source.title", "Give the report a title"),
        ({"events": [{"mission": "Spain"}]}, "events.0.stage", "required"),
        ({"events": [{"mission": "Spain", "stage": "closed"}]}, "events.0.date", "unknown"),
        ({"events": [{"mission": "Atlantis", "stage": "closed", "date": "2023"}]}, "events.0.mission", "not a known"),
        ({"events": [{"mission": "M-0001", "stage": "shut", "date": "2023"}]}, "events.0.stage", "shut"),
        ({"figures": [{"metric": "missions-abroad"}]}, "figures.0.worded", "Give a number"),
        ({"figures": [{"metric": "missions-abroad", "low": 10**9}]}, "figures.0.low", "less than or equal"),
        ({"relies": [{"actor": "Nobody At All"}]}, "relies.0.actor", "not a known actor"),
        ({"relies": [{}]}, None, ""),
        ({"actors": [{"name": "K."}]}, None, ""),
        ({"actors": [{"name": "Ana", "kind": "ghost"}]}, "actors.0.kind", "ghost"),
        ({"missions": [{"host": "Nowhere"}]}, "missions.0.host", "Nowhere"),
        ({"colour": "red"}, "colour", "Unknown field"),
        ({"source": {"title": "A", "colour": 1}}, "source.colour", "Unknown field"),
        ({"source": {"title": "A", "answers": {"S-0099": "same"}}}, "source.answers.S-0099", "not a known source"),
        ({"source": {"title": "A", "answers": {"S-0099": "maybe"}}}, "source.answers.S-0099", "maybe"),
        ({"source": "A"}, "source.non_field_errors", "dictionary"),
        ({"events": "A"}, "events.non_field_errors", "list"),
        ({"events": [None]}, "events.0", ""),
        ({"pasted": "\x00"}, "pasted", "Null"),
        ({"pasted": "<div>" * 300}, "pasted", "deep"),
        ({"quotes": [{"excerpt": "Words that stand nowhere."}], "pasted": TEXT}, "quotes.0.excerpt", "do not stand"),
        ({"quotes": [{"text": "A", "reasons": ["no"]}]}, "quotes.0.reasons", "no"),
        ({"quotes": [{"text": "A", "explains": ["event-9"]}]}, "quotes.0.explains", "event-9"),
        ({"events": [{"mission": "new-5", "stage": "closed", "date": "2023"}]}, "events.0.mission", "new-5"),
    ],
)
def test_what_is_wrong_is_said_by_its_place(
    program: Program, spain: Mission, cards: dict, attr: str | None, words: str
):
    before = standing()
    answer = program.post("reports/?dry_run=1", {"source": {"title": "A report"}} | cards)
    if attr is None:
        assert answer.status_code in (200, 400)
    else:
        found = errors(answer)
        assert answer.status_code == 400
        assert words in found[attr], found
    assert standing() == before


def test_a_report_takes_a_token_that_writes(editor: User, spain: Mission):
    assert Program().post("reports/", REPORT).status_code == 401
    assert Program(editor, "read").post("reports/", REPORT).status_code == 403
    outsider = Program(User.objects.create_user("outsider", is_staff=True))
    assert outsider.post("reports/", REPORT).status_code == 403
    assert Program(editor, name="b").post("reports/?dry_run=yes", REPORT).status_code == 400
    assert Program(editor, name="c").post("reports/?colour=red", REPORT).status_code == 400
    assert not ClosureEvent.objects.exists()
