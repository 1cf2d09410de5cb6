"""How the API behaves whatever is read: strict parameters, paging, errors in one form, conditional reads."""

import datetime
import gzip
from collections.abc import Callable

import brotli
import pytest
from backports import zstd
from django.test import Client
from django.urls import reverse

from nkwatch.editorial.models import Publishable
from sources.models import Source
from tests.make import cite, make_actor, make_event, make_mission, make_reason, make_source, publish

pytestmark = pytest.mark.django_db

LISTS = ("missions", "events", "sources", "quotes", "actors", "figures", "reasons", "countries")


def problems(response) -> dict[str, str]:
    assert response.status_code == 400
    assert response["Content-Type"] == "application/json"
    found = response.json()
    assert found["type"] == "validation_error"
    return {error["attr"]: error["detail"] for error in found["errors"]}


@pytest.mark.parametrize("resource", LISTS)
def test_an_unknown_parameter_is_named_beside_what_is_accepted(client: Client, resource: str):
    found = problems(client.get(f"/api/v1/{resource}/?colour=red&page_size=10&format=api"))
    assert set(found) == {"colour", "format"}
    assert "accepted here:" in found["colour"]
    assert "ordering" in found["colour"]


@pytest.mark.parametrize(
    ("address", "attr", "words"),
    [
        ("missions/?asof=yesterday", "asof", "Write it like 2023-12-05"),
        ("missions/?asof=2023-02-30", "asof", "not a day"),
        ("missions/?asof=20231205", "asof", "Write it like 2023-12-05"),
        ("missions/?status=shut", "status", "shut"),
        ("missions/?status=open&status=shut", "status", "shut"),
        ("missions/?host=XX", "host", "XX"),
        ("missions/?direction=abroad&direction=in-pyongyang", "direction", "more than once"),
        ("missions/?ordering=secret", "ordering", "secret"),
        ("missions/?ordering=", "ordering", "without a value"),
        ("missions/?page_size=201", "page_size", "from 1 to 200"),
        ("missions/?page_size=0", "page_size", "from 1 to 200"),
        ("missions/?page=one", "page", "whole number"),
        ("missions/?page=one&cursor=", "page", "whole number"),
        ("missions/?cursor=abc", "cursor", "Leave it empty to start"),
        ("missions/?closed_year=0000", "closed_year", "Write it like 2023"),
        ("events/?mission=17", "mission", "Write it like M-0017"),
        ("events/?mission=M-0001%00", "mission", "Write it like M-0017"),
        ("events/?contested=maybe", "contested", "maybe"),
        ("sources/?language=a", "language", "Write it like en"),
        ("quotes/?reason=%00", "reason", "Write it like sanctions"),
        ("countries/?asof=2023-12-05", "asof", "Unknown parameter"),
        ("countries/ES/?page=1", "page", "accepted here: expand, fields."),
        ("missions/M-0001/?page=1", "page", "accepted here: asof, expand, fields."),
        ("missions/M-0001/?asof=x", "asof", "not a day"),
        ("?colour=red", "colour", "none is accepted here"),
        ("schema/?colour=red", "colour", "none is accepted here"),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_accepted(client: Client, address: str, attr: str, words: str):
    found = problems(client.get(f"/api/v1/{address}"))
    assert list(found) == [attr]
    assert words in found[attr]


def walk(client: Client, address: str) -> tuple[list[str], list[dict]]:
    """Follow `next` to the end: the numbers met, and each answer."""
    numbers, answers = [], []
    while address:
        answer = client.get(address).json()
        answers.append(answer)
        numbers += [record["number"] for record in answer["results"]]
        address = answer["next"]
    return numbers, answers


def make_sources() -> None:
    for title, issued in (("A", "2023"), ("B", ""), ("C", "2022"), ("D", "2023"), ("E", ""), ("F", "2021")):
        publish(make_source(title=title, issued=issued))


def test_a_list_is_paged_with_a_count(client: Client):
    make_sources()
    numbers, answers = walk(client, "/api/v1/sources/?page_size=4")
    assert numbers == ["S-0004", "S-0001", "S-0003", "S-0006", "S-0005", "S-0002"]
    assert [(set(answer), answer["count"]) for answer in answers] == [({"count", "next", "previous", "results"}, 6)] * 2
    assert answers[1]["previous"] == "http://testserver/api/v1/sources/?page_size=4"
    assert client.get("/api/v1/sources/?page=3").status_code == 404


@pytest.mark.parametrize("order", ["", "number", "-number", "issued", "-issued", "updated"])
def test_a_cursor_meets_every_record_once_both_ways(client: Client, order: str):
    make_sources()
    query = f"&ordering={order}" if order else ""
    in_one, _ = walk(client, f"/api/v1/sources/?{query[1:]}")
    numbers, answers = walk(client, f"/api/v1/sources/?cursor=&page_size=2{query}")
    assert numbers == in_one
    assert [set(answer) for answer in answers] == [{"next", "previous", "results"}] * 3
    assert answers[0]["previous"] is None
    back, address = [], answers[2]["previous"]
    while address:
        answer = client.get(address).json()
        back = [record["number"] for record in answer["results"]] + back
        address = answer["previous"]
    assert back == numbers[:4]


def test_a_cursor_neither_repeats_nor_leaves_out_when_records_come_in_between(client: Client):
    make_sources()
    first = client.get("/api/v1/sources/?cursor=&page_size=3").json()
    publish(make_source(title="New", issued="2024"))
    rest, _ = walk(client, first["next"])
    assert [record["number"] for record in first["results"]] + rest == [
        *("S-0004", "S-0001", "S-0003", "S-0006", "S-0005", "S-0002")
    ]


def test_countries_and_reasons_are_paged_by_their_own_keys(client: Client):
    publish(make_reason(), make_reason(slug="costs", label="Costs"))
    assert walk(client, "/api/v1/reasons/?cursor=&page_size=1")[0] == ["costs", "sanctions"]
    codes, _ = walk(client, "/api/v1/countries/?cursor=&page_size=100&ordering=code")
    assert len(codes) == 250
    assert codes == sorted(codes)


def test_what_is_not_public_is_not_found(client: Client):
    draft = make_mission()
    for address in ("missions/M-0001/", f"missions/{draft.label}/", f"missions/{draft.pk}/", "missions/S-0001/"):
        response = client.get(f"/api/v1/{address}")
        assert response.status_code == 404
        assert response.json()["errors"][0]["code"] == "not_found"
    for address in ("countries/XX/", "countries/es/", "reasons/no/", "reasons/%00/", "nothing/", "no%0Ahting/"):
        assert client.get(f"/api/v1/{address}").status_code == 404


def test_what_was_retracted_is_gone_with_the_reason(client: Client):
    event, reason = make_event(), make_reason()
    cite(event)
    publish(event, reason)
    event.mission.refresh_from_db()
    event.mission.retract("It was entered twice.")
    reason.refresh_from_db()
    reason.retract("It says what another says.")
    for address, words in (
        ("missions/M-0001/", "It was entered twice."),
        ("events/E-0001/", "It was entered twice."),
        ("reasons/sanctions/", "It says what another says."),
    ):
        response = client.get(f"/api/v1/{address}")
        assert response.status_code == 410
        assert response.json() == {
            "type": "client_error",
            "errors": [{"code": "gone", "detail": words, "attr": None}],
        }
        assert client.get(f"/api/v1/{address.partition('/')[0]}/").json()["count"] == 0


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
@pytest.mark.parametrize("address", ["", "countries/", "countries/ES/", "schema/", "desk/missions/"])
def test_what_is_only_read_takes_nothing(client: Client, method: str, address: str):
    response = getattr(client, method)(f"/api/v1/{address}?ordering=name")
    assert response.status_code == 405
    assert response["Content-Type"] == "application/json"
    assert response["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("address", "methods"),
    [
        ("", "GET, HEAD, OPTIONS"),
        ("missions/", "GET, HEAD, OPTIONS, POST"),
        ("missions.ndjson", "GET, HEAD, OPTIONS"),
        ("missions.csv", "GET, HEAD, OPTIONS"),
        ("countries/ES/", "GET, HEAD, OPTIONS"),
        ("schema/", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_caller_is_told_which_methods_there_are(client: Client, address: str, methods: str):
    response = client.options(f"/api/v1/{address}")
    assert (response.status_code, response.content, response["Allow"]) == (204, b"", methods)
    head, get = client.head(f"/api/v1/{address}"), client.get(f"/api/v1/{address}")
    assert (head.status_code, head.getvalue(), head["Content-Type"]) == (200, b"", get["Content-Type"])


@pytest.mark.parametrize("address", ["/api/v1/missions/", "/api/v1/missions.csv", "/api/v1/missions/M-0009/"])
def test_pages_of_other_sites_may_read_and_do_nothing_else(client: Client, address: str):
    elsewhere = {"origin": "https://elsewhere.example"}
    answer = client.get(address, headers=elsewhere)
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    exposed = answer["Access-Control-Expose-Headers"]
    assert all(name in exposed for name in ("ETag", "Next-Since", "RateLimit-Remaining", "Retry-After"))
    asked = {**elsewhere, "access-control-request-method": "GET"}
    before = client.options(address, headers={**asked, "access-control-request-headers": "if-none-match"})
    assert before.status_code == 200
    assert before["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "authorization" not in before["Access-Control-Allow-Headers"]
    assert "if-none-match" in before["Access-Control-Allow-Headers"]


def test_pages_of_other_sites_read_the_api_only(client: Client):
    for address in ("/", "/missions/", "/admin/login/"):
        assert "Access-Control-Allow-Origin" not in client.get(address, headers={"origin": "https://elsewhere.example"})


@pytest.mark.parametrize("address", ["missions/", "missions.ndjson", "missions.csv"])
@pytest.mark.parametrize(
    ("preferred", "coding", "unpack"),
    [
        ("gzip", "gzip", gzip.decompress),
        ("gzip;q=0.5, br", "br", brotli.decompress),
        ("zstd, br;q=0", "zstd", zstd.decompress),
    ],
)
def test_answers_are_compressed_for_those_who_take_that(
    client: Client, address: str, preferred: str, coding: str, unpack: Callable[[bytes], bytes]
):
    for city in ("Madrid", "Barcelona", "Bilbao"):
        publish(make_mission(city=city, kind="consulate"))
    address = f"/api/v1/{address}"
    plain, packed = client.get(address), client.get(address, headers={"accept-encoding": preferred})
    assert packed["Content-Encoding"] == coding
    content, expected = packed.getvalue(), plain.getvalue()
    assert len(content) < len(expected)
    assert unpack(content) == expected
    assert "accept-encoding" in packed["Vary"].lower()
    again = client.get(address, headers={"accept-encoding": preferred, "if-none-match": packed["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*"])
def test_the_answer_is_json_whatever_is_preferred(client: Client, accept: str):
    response = client.get("/api/v1/missions/", headers={"accept": accept})
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("resource", LISTS)
def test_a_caller_who_has_the_answer_is_told_that_nothing_changed(client: Client, resource: str):
    publish(make_mission())
    address = f"/api/v1/{resource}/"
    first = client.get(address)
    for name, value in (("if-none-match", first["ETag"]), ("if-modified-since", first["Last-Modified"])):
        again = client.get(address, headers={name: value})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert client.get(address, headers={"if-none-match": '"other"'}).status_code == 200
    assert client.head(address)["ETag"] == first["ETag"]


def aged(*records: Publishable, days: int) -> None:
    for record in records:
        then = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)
        type(record).objects.filter(pk=record.pk).update(updated=then)


def test_a_retraction_is_a_change_to_those_who_have_the_answer(client: Client):
    kept, gone = make_source(title="Kept"), make_source(title="Gone")
    publish(kept, gone)
    aged(kept, gone, days=3)
    first = client.get("/api/v1/sources/")
    gone.refresh_from_db()
    gone.retract("It was entered twice.")
    for name, value in (("if-none-match", first["ETag"]), ("if-modified-since", first["Last-Modified"])):
        assert client.get("/api/v1/sources/", headers={name: value}).status_code == 200


def test_a_draft_is_no_change_to_anybody(client: Client):
    kept = make_source(title="Kept")
    publish(kept)
    aged(kept, days=3)
    first = client.get("/api/v1/sources/")
    make_source(title="Draft", outlet=make_actor())
    again = client.get("/api/v1/sources/")
    assert (again.content, list(again.items())) == (first.content, list(first.items()))
    assert Source.objects.count() == 2


def test_what_holds_today_changes_at_midnight(client: Client):
    mission = make_mission()
    publish(mission)
    aged(mission, days=3)
    modified = client.get("/api/v1/missions/")["Last-Modified"]
    today = datetime.datetime.now(datetime.UTC)
    assert modified == today.strftime("%a, %d %b %Y 00:00:00 GMT")


def test_the_documentation_needs_nothing_inline_and_nothing_from_elsewhere(client: Client):
    assert 'href="/api/v1/docs/"' in client.get("/api/").content.decode()
    page = client.get(reverse("api:docs"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "'unsafe-inline'" not in page["Content-Security-Policy"]
    assert "<style" not in text
    assert " style=" not in text
    assert text.count("<script") == text.count("<script src=") == 4
    assert "http://" not in text.replace("http://testserver", "")
    assert "https://" not in text
    script = client.get(f"{reverse('api:docs')}?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert reverse("api:schema") in script.content.decode()


def test_the_index_lists_what_there_is(client: Client):
    assert client.get("/api/v1/").json() == {name: f"http://testserver/api/v1/{name}/" for name in LISTS}
    assert client.get("/api/v1/missions").headers["Location"] == "/api/v1/missions/"
