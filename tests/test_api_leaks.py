"""Two databases that differ only in drafts give byte-identical answers, headers and all, at every API address.

Published and unpublished records are made by turns, so that keys of rows differ between the two, and
every parameter that the API's description names is asked, with values that hit and that miss.
"""

import datetime
import itertools
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client, override_settings

from missions.models import ClosureEvent
from nkwatch.editorial.derivation import rederive
from nkwatch.editorial.models import PublicChange, Publishable, State
from sources.models import Reason
from tests.make import cite, make_event, make_mission, make_quote, make_source, publish
from tests.test_nothing_leaks import MARKER, make_published_world, make_unpublished_records

pytestmark = pytest.mark.django_db

WHOLE = ("fields", "expand", "asof", "since", "page", "page_size", "cursor")
"""Parameters that change what is told of a record, or how much."""
FOR_TOKENS = ("/api/v1/desk/", "/api/v1/imports/")
LOOKED_FOR = ("/api/v1/lookup/", "/api/v1/suggest/")
MORE = (("FR", "Paris"), ("UG", "Kampala"), ("AO", "Luanda"))


def make_world(drafts: bool) -> None:
    """The same published records either way; with `drafts`, unpublished ones before, between and around them."""
    turn = itertools.count(1)
    world: dict[str, Any] = make_published_world()
    hidden: list[Publishable] = []

    def hide() -> None:
        if drafts:
            number = next(turn)
            for offset, state in enumerate((State.DRAFT, State.IN_REVIEW)):
                if number == 1:
                    hidden.extend(make_unpublished_records(world, state, number + offset))
                else:
                    hidden.append(make_mission(host="DE", city=f"{MARKER} {number} {offset}"))
                    hidden.append(make_source(title=f"{MARKER} {number} {offset}", outlet=world["actor"]))
                    hidden.append(make_quote(text=f"{MARKER} {number} {offset}", speaker=world["actor"]))
                    hidden.append(make_event(mission=world["mission"], stage="suspended", date=f"2023-12-0{number}"))
                    cite(hidden[-1], world["source"], fact="date")

    hide()
    for host, city in MORE:
        source = make_source(title=f"News from {city}", outlet=world["actor"])
        event = make_event(mission=make_mission(host=host, city=city), stage="closed", date="2023-11")
        hide()
        cite(event, source, basis="own-reporting")
        publish(source, event.mission)
        hide()
        publish(event)
    rederive([*world.values(), *hidden])
    same_time = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    for model in apps.get_models():
        if issubclass(model, Publishable):
            model.objects.public().update(updated=same_time)
    PublicChange.objects.update(made=same_time)


def calls(client: Client) -> Iterator[tuple[str, str]]:
    """Every operation of the API's description, at each address, with each of its parameters in turn."""
    paths = client.get("/api/v1/schema/").json()["paths"]
    for address in ("/api/v1/", "/api/v1/schema/", "/api/v1/docs/", "/api/v1/nothing/"):
        yield "get", address
    for path, operations in paths.items():
        for method in operations.keys() & {"get", "post", "patch"}:
            parameters = operations[method].get("parameters", [])
            places = _places(path, [p["name"] for p in parameters if p["in"] == "path"])
            yield from ((method, place) for place in places)
            asked = [p for p in parameters if p["in"] == "query"]
            yield from ((method, address) for address in _asked(places[0], asked))


def _asked(place: str, parameters: list[dict[str, Any]]) -> Iterator[str]:
    """An address with each parameter: where records are chosen, their numbers show which; a whole list, with all."""
    values = {parameter["name"]: _values(parameter) for parameter in parameters}
    needed = [p["name"] for p in parameters if p.get("required")]
    if needed:
        for filling in itertools.product(*(values[name] for name in needed)):
            yield f"{place}?{urlencode(dict(zip(needed, filling, strict=True)))}"
        return
    if not place.endswith("/"):
        several = {
            p["name"] for p in parameters if p["schema"].get("type") == "array" and p.get("explode") is not False
        }
        yield f"{place}?{urlencode({n: v if n in several else v[-1] for n, v in values.items()}, doseq=True)}"
        return
    for name, found in values.items():
        short = {} if name in WHOLE or place.count("/") > 4 else {"fields": "number"}
        yield from (f"{place}?{urlencode({name: value, **short})}" for value in found)


def _places(path: str, keys: list[str]) -> list[str]:
    if not keys:
        is_list = path.count("/") == 4 and path.endswith("/")
        return [path, *((f"{path}?page_size=1&page=2", f"{path}?cursor=&page_size=1") if is_list else ())]
    [name] = keys
    resource = path.split("/")[3]
    prefix = {"missions": "M", "events": "E", "sources": "S", "quotes": "Q", "actors": "A", "figures": "F"}
    values = {
        "number": [f"{prefix.get(resource)}-{number:04d}" for number in range(1, 12)] + ["draft-1"],
        "slug": ["sanctions", "hidden-1", "hidden-2"],
        "code": ["ES", "FR"],
        "key": ["draft-1", "hidden-1"],
        "id": ["1"],
    }[name]
    return [path.replace(f"{{{name}}}", value) for value in values]


def _values(parameter: dict[str, Any]) -> list[Any]:
    schema = parameter["schema"]
    schema = schema.get("items", schema)
    name = parameter["name"]
    if name in ("fields", "expand"):
        return [",".join(schema["enum"]), schema["enum"][-1]]
    if "enum" in schema:
        return [value for value in schema["enum"] if len(schema["enum"]) < 60 or value in ("ES", "DE", "MT", "KR")]
    if schema.get("format") == "date":
        return ["2023-11-15", "2023-12-03"]
    return {
        "mission": ["M-0001", "M-0002", "M-0006"],
        "outlet": ["A-0001", "A-0002", "A-0009"],
        "speaker": ["A-0001", "A-0002", "A-0009"],
        "reason": ["sanctions", "hidden-1"],
        "language": ["en", "ko"],
        "year": [2023],
        "closed_year": [2023],
        "page": [1, 2],
        "page_size": [1, 200],
        "since": ["2030-01-01", "2020-01-01"],
        "cursor": ["", "after:M-0002", "before:S-0003"],
        "q": ["Spain", "Source", "Outlet", "Variant", "sanctions", MARKER, f"{MARKER} 1", "hidden-1"],
        "url": ["https://example.org/news/1", f"https://{MARKER}.example/1".lower(), f"http://www.{MARKER}.example/2"],
    }[name]


Answer = tuple[int, list[tuple[str, str]], bytes]


def answers(client: Client) -> dict[tuple[str, str], Answer]:
    asked = list(calls(client))
    reads = _answers(client, (call for call in asked if call[0] == "get"))
    # A caller who writes is told how many calls are left in this minute: of that caller, and not of the record.
    with override_settings(API_LIMITS={"address": 0, "token": 0}):
        return reads | _answers(client, (call for call in asked if call[0] != "get"))


def _answers(client: Client, asked: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Answer]:
    found: dict[tuple[str, str], Answer] = {}
    for method, address in asked:
        sent = {} if method == "get" else {"data": {}, "content_type": "application/json"}
        response = getattr(client, method)(address, **sent)
        found[method, address] = (response.status_code, list(response.items()), response.getvalue())
    return found


class UndoneError(Exception):
    """Ends one world, as if it had never been."""


def test_databases_that_differ_only_in_drafts_answer_alike(client: Client):
    told: list[dict[tuple[str, str], Answer]] = []
    for drafts in (False, True):
        try:
            with transaction.atomic():
                make_world(drafts)
                told.append(answers(client))
                assert drafts == ClosureEvent.objects.exclude(state=State.PUBLISHED).exists()
                raise UndoneError
        except UndoneError:
            assert not Reason.objects.exists()
    without, having = told
    assert set(without) == set(having)
    assert len(without) > 500
    assert {call for call in without if without[call] != having[call]} == set()
    assert not any(MARKER.encode() in body for _, _, body in having.values() if b'"canonical"' not in body)
    for_tokens = {call for call in without if call[0] != "get" or call[1].startswith(FOR_TOKENS)}
    # Only what has to be told what is looked for refuses to answer without it.
    public = {call: answer for call, answer in without.items() if call not in for_tokens}
    assert {status for status, _, _ in public.values()} == {200, 400, 404}
    assert all(call[1].startswith(LOOKED_FOR) for call, (status, _, _) in public.items() if status == 400)
    assert {without[call][0] for call in for_tokens} == {400, 401}
