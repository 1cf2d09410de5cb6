"""What the API answers: contract.md, API v1, on real records."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from nkwatch.editorial.models import Publishable
from sources.models import Country
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

COMMON = {"number", "url", "page", "updated"}
SPAIN = {"code": "ES", "name": "Spain", "name_ko": "스페인"}


@pytest.fixture
def read(client: Client) -> Callable[..., Any]:
    """Read one address of the API, which must answer."""

    def answer(address: str, **parameters: Any) -> Any:
        response = client.get(f"/api/v1/{address}", parameters)
        assert response.status_code == 200, response.content
        assert response["Content-Type"] == "application/json"
        return response.json()

    return answer


def numbers(found: dict[str, Any]) -> list[str]:
    return [record["number"] for record in found["results"]]


def summary(record: Any, resource: str) -> dict[str, str]:
    return {
        "number": record.label,
        "name": str(record),
        "url": f"http://testserver/api/v1/{resource}/{record.label}/",
    }


def published(record: Publishable) -> Any:
    publish(record)
    record.refresh_from_db()
    return record


def test_a_mission_has_the_fields_of_the_contract(read):
    mission = make_mission(
        name="Embassy in Madrid", other_names="Embajada; 대사관", established="2014", latitude="40.4", longitude="-3.7"
    )
    rome = make_mission(host="IT", city="Rome")
    source, outlet = make_source(), make_actor(capacity="government", country="ES", name="Spain’s government")
    event = make_event(mission=mission, stage="announced", date="2023-11-01", duties_to=rome)
    cite(event, source, attributed_to_actor=outlet)
    cite(mission, source, fact="city", locator="¶2", wording="in Madrid")
    publish(rome, mission, event)
    found = read("missions/M-0002/", asof="2023-12-01")
    assert set(found) == COMMON | {
        *("sending", "host", "kind", "city", "name", "name_original", "other_names", "address"),
        *("latitude", "longitude", "established", "status", "status_since", "may_be_closing", "may_have_closed"),
        *("presumed_open", "last_reported", "status_support", "last_seen_open", "covered_by", "covers"),
        *("events", "citations"),
    }
    mission.refresh_from_db()
    assert found["url"] == "http://testserver/api/v1/missions/M-0002/"
    assert found["page"] == "http://testserver/missions/M-0002-spain/"
    assert datetime.datetime.fromisoformat(found["updated"]) == mission.updated
    assert found["host"] == SPAIN
    assert found["other_names"] == ["Embajada", "대사관"]
    assert (found["latitude"], found["longitude"]) == (40.4, -3.7)
    assert found["established"] == {"edtf": "2014", "earliest": "2014-01-01", "latest": "2014-12-31"}
    assert found["status"] == "closing"
    assert found["status_since"] == {"edtf": "2023-11-01", "earliest": "2023-11-01", "latest": "2023-11-01"}
    assert found["last_reported"] == "2023-11-01"
    assert found["status_support"] == {
        "level": "confirmed",
        "contested": "",
        "origins": 1,
        "sources": 1,
        "one_country": SPAIN,
        "reasoning": "1 source, 1 origin: Spain’s government. Confirmed, since Spain’s government says so itself.",
    }
    [service] = found["covered_by"]
    rome.refresh_from_db()
    assert service["mission"] == summary(rome, "missions")
    assert service["country"]["code"] == "IT"
    assert (service["from"]["edtf"], service["to"]) == ("2023-11-01", None)
    event.refresh_from_db()
    source.refresh_from_db()
    assert found["events"] == [summary(event, "events")]
    assert found["citations"] == [
        {
            "source": summary(source, "sources"),
            "stance": "supports",
            "fact": "city",
            "basis": "not-given",
            "attributed_to_source": None,
            "attributed_to_actor": None,
            "origin": None,
            "locator": "¶2",
            "wording": "in Madrid",
            "date": None,
            "date_worded": "",
        }
    ]


def test_a_mission_covers_what_it_was_given_and_what_is_recorded_apart(read):
    rome, madrid = make_mission(host="IT", city="Rome"), make_mission()
    event = make_event(mission=madrid, duties_to=rome, date="2023-11-01")
    cite(event)
    coverage = make_coverage(mission=rome, country="MT", starts="2004", ends="2020")
    other = make_mission(host="MT", city="Valletta")
    publish(rome, madrid, event, coverage, other)
    covers = read("missions/M-0001/")["covers"]
    assert [(s["country"]["code"], s["from"]["edtf"], s["to"] and s["to"]["edtf"]) for s in covers] == [
        ("ES", "2023-11-01", None),
        ("MT", "2004", "2020"),
    ]
    [service] = read("missions/M-0003/")["covered_by"]
    assert (service["mission"]["number"], service["country"]["code"]) == ("M-0001", "IT")


def test_a_mission_that_no_step_decides_has_no_support_of_its_status(read):
    published(make_mission())
    found = read("missions/M-0001/")
    assert (found["status"], found["status_since"], found["status_support"]) == ("unknown", None, None)


def test_an_event_has_the_fields_of_the_contract(read):
    ministry = make_actor(name="Ministry", capacity="government", country="KP")
    original, source, quote = make_source(title="Original"), make_source(title="Carrier"), make_quote(speaker=ministry)
    event = make_event(stage="closed", date="2023-10", date_note="Read so.", summary="It closed.")
    event.quotes.add(quote)
    cite(quote, source)
    cite(event, source, attributed_to_source=original, attributed_to_actor=ministry, date="2023-10", date_worded="Oct")
    publish(quote, event)
    found = read("events/E-0001/")
    fields = {"mission", "stage", "date", "date_note", "summary", "duties_to", "support", "quotes", "citations"}
    assert set(found) == COMMON | fields
    assert (found["stage"], found["date"]["earliest"], found["duties_to"]) == ("closed", "2023-10-01", None)
    assert set(found["support"]) == {"level", "contested", "origins", "sources", "one_country", "reasoning"}
    assert (found["support"]["level"], found["support"]["one_country"]["code"]) == ("confirmed", "KP")
    quote.refresh_from_db()
    assert found["quotes"] == [summary(quote, "quotes")]
    [citation] = found["citations"]
    for record in (ministry, original):
        record.refresh_from_db()
    assert citation["attributed_to_source"] == summary(original, "sources")
    assert citation["attributed_to_actor"] == citation["origin"] == summary(ministry, "actors")
    assert citation["date"] == {"edtf": "2023-10", "earliest": "2023-10-01", "latest": "2023-10-31"}


def test_a_source_tells_what_it_names_what_it_relies_on_and_what_it_supports(read):
    outlet, author = make_actor(), make_actor(kind="person", name="Author")
    carrier, relied = (
        make_source(title="Carrier", outlet=outlet, translated_by="nkwatch"),
        make_source(title="Relied on"),
    )
    endnote = make_source(title="Endnote", read="only-cited")
    again = make_source(title="Again", republication_of=carrier)
    carrier.authorships.create(author=author)
    carrier.references.create(cited_source=endnote, label="n1")
    coverage, event, figure = make_coverage(), make_event(mission=make_mission(host="FR")), make_figure()
    quote = make_quote()
    for record in (coverage, event, figure, quote):
        cite(record, carrier, attributed_to_source=relied)
    cite(event.mission, carrier, stance="mentions")
    publish(coverage, event.mission, event, figure, quote, again)
    by_title = {source["title"]: source for source in read("sources/")["results"]}
    found = by_title["Carrier"]
    assert set(found) == COMMON | {
        *("kind", "title", "title_original", "described_as", "language", "outlet", "authors", "issued", "issued_note"),
        *("translated_by", "accessed_on", "summary", "source_url", "archive_url", "read", "republication_of"),
        *("republished_as", "references", "referenced_by", "relies_on", "relied_on_by", "supports"),
    }
    names = {title: source["number"] for title, source in by_title.items()}
    assert found["outlet"]["name"] == "Kyodo News"
    assert [a["name"] for a in found["authors"]] == ["Author"]
    assert found["translated_by"] == "nkwatch"
    assert by_title["Again"]["translated_by"] is None
    assert [s["number"] for s in found["republished_as"]] == [names["Again"]]
    assert by_title["Again"]["republication_of"]["number"] == names["Carrier"]
    [reference] = found["references"]
    assert (reference["label"], reference["source"]["number"]) == ("n1", names["Endnote"])
    [back] = by_title["Endnote"]["referenced_by"]
    assert (back["label"], back["source"]["number"]) == ("n1", names["Carrier"])
    assert [s["number"] for s in found["relies_on"]] == [names["Relied on"]]
    assert [s["number"] for s in by_title["Relied on"]["relied_on_by"]] == [names["Carrier"]]
    coverage.mission.refresh_from_db()
    assert sorted(record["number"] for record in found["supports"]) == sorted(
        ["Q-0001", "F-0001", "E-0001", coverage.mission.label]
    )


def test_a_quote_has_the_fields_of_the_contract(read):
    speaker, source, reason = make_actor(kind="person", name="Speaker"), make_source(), make_reason()
    quote = make_quote(speaker=speaker, on_behalf_of=make_actor(name="Ministry"), speaker_role="spokesman")
    quote.reasons.add(reason)
    cite(quote, source, rendering="fragment", wording="to withdraw")
    event = make_event()
    event.quotes.add(quote)
    cite(event, source)
    publish(reason, quote, event)
    found = read("quotes/Q-0001/")
    assert set(found) == COMMON | {
        *("text", "text_original", "language", "translated_by", "speaker", "speaker_role", "on_behalf_of"),
        *("said_on", "reasons", "events", "citations"),
    }
    assert (found["speaker"]["name"], found["on_behalf_of"]["name"]) == ("Speaker", "Ministry")
    assert found["reasons"] == [
        {"number": "sanctions", "name": "Sanctions", "url": "http://testserver/api/v1/reasons/sanctions/"}
    ]
    assert [event["number"] for event in found["events"]] == ["E-0001"]
    [citation] = found["citations"]
    assert (citation["rendering"], citation["wording"]) == ("fragment", "to withdraw")
    [reason_found] = read("reasons/")["results"]
    assert set(reason_found) == COMMON | {"slug", "label", "definition", "quotes"}
    assert (reason_found["number"], reason_found["slug"], reason_found["quotes"]) == ("sanctions", "sanctions", 1)


def test_an_actor_tells_its_body_and_how_much_it_said_and_published(read):
    ministry = make_actor(name="Ministry", capacity="government", country="ES", homepage="https://example.org/")
    ministry.names.create(name="Ministerio")
    official = make_actor(kind="person", name="Official", capacity="government", country="ES", part_of=ministry)
    somebody = make_actor(kind="unnamed", name="A diplomat", capacity="witness", country="ES")
    publish(ministry, official, somebody, make_quote(speaker=official), make_source(outlet=ministry))
    make_quote(speaker=official, text="A draft.")
    found = {actor["name"]: actor for actor in read("actors/")["results"]}
    fields = {
        "kind",
        "name",
        "name_variants",
        "part_of",
        "body",
        "capacity",
        "country",
        "homepage",
        "quotes",
        "sources",
    }
    assert set(found["Official"]) == COMMON | fields
    assert found["Ministry"]["name_variants"] == ["Ministerio"]
    assert found["Official"]["part_of"]["name"] == found["Official"]["body"]["name"] == "Ministry"
    assert found["Ministry"]["body"]["name"] == "Ministry"
    assert found["A diplomat"]["body"] is None
    assert (found["Official"]["quotes"], found["Official"]["sources"]) == (1, 0)
    assert (found["Ministry"]["quotes"], found["Ministry"]["sources"]) == (0, 1)


def test_a_figure_is_held_against_the_record(read):
    event = make_event(stage="closed", date="2023-10-01")
    cite(event)
    publish(event, make_figure(metric="closures-planned", low=1, high=1, as_of="2023-12", worded="one"))
    found = read("figures/F-0001/")
    assert set(found) == COMMON | {
        *("metric", "low", "high", "worded", "since", "as_of", "speaker", "note", "recorded", "comparison"),
        "citations",
    }
    assert (found["recorded"], found["comparison"], found["since"]) == (1, "agrees", None)


def test_a_country_has_the_fields_of_the_contract(read):
    assert read("countries/HK/") == {
        "number": "HK",
        "url": "http://testserver/api/v1/countries/HK/",
        "page": None,
        "updated": None,
        "code": "HK",
        "name": "Hong Kong",
        "name_ko": "홍콩",
        "region": "Asia",
        "subregion": "Eastern Asia",
        "governed_by": {"code": "CN", "name": "China", "name_ko": "중국"},
    }
    assert read("countries/")["count"] == Country.objects.count()


def test_a_mission_stands_as_it_did_on_the_day_asked_for(read):
    mission = make_mission()
    steps = [
        make_event(mission=mission, stage=stage, date=date)
        for stage, date in (("announced", "2023-10-26"), ("closed", "2023-12-05"))
    ]
    for step in steps:
        cite(step)
    publish(mission, *steps)
    days = {"2023-10-25": ("open", 0), "2023-11-01": ("closing", 1), "2023-12-05": ("closed", 2)}
    for day, (status, known) in days.items():
        found = read("missions/M-0001/", asof=day)
        assert (found["status"], len(found["events"])) == (status, known)
        assert numbers(read("missions/", asof=day, status=status)) == ["M-0001"]
    assert read("missions/M-0001/") == read("missions/M-0001/", asof=timezone.localdate().isoformat())
    assert numbers(read("missions/", status="closing")) == []
    assert numbers(read("events/", asof="2023-11-01")) == ["E-0001"]
    assert numbers(read("missions/", closed_year="2023")) == ["M-0001"]
    assert numbers(read("missions/", closed_year="2023", asof="2023-12-04")) == []
    assert numbers(read("missions/", closed_year="2022")) == []


def test_missions_are_filtered(read):
    spain, france = make_mission(), make_mission(host="FR", kind="consulate", city="Lyon")
    romania, uganda = make_mission(sending="RO", host="KP"), make_mission(host="UG")
    event = make_event(mission=uganda, stage="closed", date="2023")
    cite(event, make_source(outlet=make_actor()), basis="own-reporting")
    publish(spain, france, romania, uganda, event)
    for expected, parameters in (
        (["M-0001", "M-0002", "M-0004"], {"direction": "abroad"}),
        (["M-0003"], {"direction": "in-pyongyang"}),
        (["M-0001", "M-0002"], {"host": ["ES", "FR"]}),
        (["M-0002"], {"host": ["ES", "FR"], "kind": "consulate"}),
        (["M-0003"], {"sending": "RO"}),
        (["M-0004"], {"region": "Africa"}),
        (["M-0001", "M-0002", "M-0004"], {"region": ["Africa", "Europe"]}),
        (["M-0004"], {"origins": "1"}),
        (["M-0001", "M-0002", "M-0003"], {"origins": ["0", "2+"]}),
        (["M-0004", "M-0003", "M-0002", "M-0001"], {"ordering": "-number"}),
        (["M-0002", "M-0003", "M-0001", "M-0004"], {"ordering": "host"}),
    ):
        assert numbers(read("missions/", **parameters)) == expected, parameters


def test_events_are_filtered(read):
    spain, uganda = make_mission(), make_mission(host="UG")
    first = make_event(mission=spain, stage="closed", date="2023-10-01")
    second = make_event(mission=uganda, stage="announced", date="2023-11")
    undated = make_event(mission=uganda, stage="reported", date="")
    for event in (first, second, undated):
        cite(event, basis="not-given")
    cite(second, make_source(title="Disputes it"), stance="disputes")
    publish(spain, uganda, first, second, undated)
    for expected, parameters in (
        (["E-0002", "E-0001", "E-0003"], {}),
        (["E-0001"], {"stage": "closed"}),
        (["E-0002", "E-0003"], {"mission": "M-0002"}),
        ([], {"mission": "S-0002"}),
        (["E-0001"], {"host": "ES"}),
        (["E-0002", "E-0003"], {"region": "Africa"}),
        (["E-0002"], {"date_from": "2023-11-30"}),
        ([], {"date_from": "2023-12-01"}),
        (["E-0001"], {"date_to": "2023-10-31"}),
        (["E-0002", "E-0001", "E-0003"], {"support": "origin-not-given"}),
        ([], {"support": "confirmed"}),
        (["E-0002"], {"contested": "true"}),
        (["E-0001", "E-0003"], {"contested": "false"}),
        (["E-0001", "E-0002", "E-0003"], {"ordering": "date"}),
    ):
        assert numbers(read("events/", **parameters)) == expected, parameters


def test_the_other_lists_are_filtered(read):
    kyodo, ministry = make_actor(), make_actor(name="Ministry", capacity="government", country="KP")
    reason = make_reason()
    news = make_source(outlet=kyodo, archive_url="https://archive.example/1")
    book = make_source(kind="book", title="A book", language="ko", issued="2020", read="in-part")
    said, other = make_quote(speaker=ministry, language="ko"), make_quote(text="Other words.", said_on="2020")
    said.reasons.add(reason)
    event = make_event()
    event.quotes.add(said)
    cite(event, news)
    figure = make_figure(speaker=kyodo)
    publish(kyodo, ministry, reason, news, book, said, other, event, figure)
    for address, expected, parameters in (
        ("sources/", ["S-0001", "S-0002"], {}),
        ("sources/", ["S-0002"], {"kind": "book"}),
        ("sources/", ["S-0001"], {"outlet": "A-0001"}),
        ("sources/", [], {"outlet": "A-0002"}),
        ("sources/", ["S-0002"], {"language": "ko"}),
        ("sources/", ["S-0002"], {"year": "2020"}),
        ("sources/", ["S-0001", "S-0002"], {"year": ["2020", "2023"]}),
        ("sources/", ["S-0002"], {"read": "in-part"}),
        ("sources/", ["S-0001"], {"archived": "true"}),
        ("sources/", ["S-0002"], {"archived": "false"}),
        ("sources/", ["S-0002"], {"asof": "2021-01-01"}),
        ("quotes/", ["Q-0001"], {"speaker": "A-0002"}),
        ("quotes/", ["Q-0001"], {"capacity": "government"}),
        ("quotes/", ["Q-0001"], {"reason": "sanctions"}),
        ("quotes/", [], {"reason": "unheard-of"}),
        ("quotes/", ["Q-0001"], {"mission": "M-0001"}),
        ("quotes/", ["Q-0001"], {"language": "ko"}),
        ("quotes/", ["Q-0002", "Q-0001"], {"ordering": "said_on"}),
        ("actors/", ["A-0001"], {"capacity": "news-agency"}),
        ("actors/", ["A-0002"], {"country": "KP"}),
        ("actors/", [], {"kind": "person"}),
        ("figures/", ["F-0001"], {"metric": "missions-abroad"}),
        ("figures/", [], {"metric": "closures-planned"}),
        ("figures/", ["F-0001"], {"speaker": "A-0001"}),
    ):
        assert numbers(read(address, **parameters)) == expected, (address, parameters)
    assert {country["region"] for country in read("countries/", region="Oceania")["results"]} == {"Oceania"}


def test_filters_by_a_retracted_record_find_nothing(read):
    outlet = make_actor()
    source = make_source(outlet=outlet)
    quote = make_quote(speaker=outlet)
    publish(source, quote)
    outlet.refresh_from_db()
    outlet.retract("It was entered twice.")
    assert numbers(read("sources/", outlet=outlet.label)) == []
    assert numbers(read("quotes/", speaker=outlet.label)) == []
    assert numbers(read("quotes/", capacity="news-agency")) == []
    assert read("sources/S-0001/")["outlet"] is None
