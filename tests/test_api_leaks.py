"""Two databases that differ only in drafts give byte-identical answers, headers and all, at every API address.

Published and unpublished records are made by turns, so that keys of rows differ between the two, and
every parameter that the API's description names is asked, with values that hit and that miss.
"""

import datetime
import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client

from missions.models import ClosureEvent
from nkwatch.editorial.derivation import rederive
from nkwatch.editorial.models import PublicChange, Publishable, State
from sources.models import Reason
from tests.make import cite, make_event, make_mission, make_quote, make_source, publish
from tests.test_nothing_leaks import MARKER, make_published_world, make_unpublished_records

pytestmark = pytest.mark.django_db

WHOLE = ("fields", "expand", "asof", "since", "page", "page_size", "cursor")
"""Parameters that change what is told of a record, or how much."""
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
    same_time = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    for model in apps.get_models():
        if issubclass(model, Publishable):
            model.objects.public().update(updated=same_time)
    PublicChange.objects.update(made=same_time)
    rederive([*world.values(), *hidden])


def addresses(client: Client) -> Iterator[str]:
    """Every address of the API's description, with each of its parameters in turn."""
    paths = client.get("/api/v1/schema/").json()["paths"]
    yield from ("/api/v1/", "/api/v1/schema/", "/api/v1/docs/", "/api/v1/nothing/")
    for path, operations in paths.items():
        if "get" not in operations:
            continue
        parameters = operations["get"]["parameters"]
        keys = [p["name"] for p in parameters if p["in"] == "path"]
        places = _places(path, keys)
        yield from places
        yield from _asked(places[0], [p for p in parameters if p["in"] == "query"])


def _asked(place: str, parameters: list[dict[str, Any]]) -> Iterator[str]:
    """An address with each parameter: where records are chosen, their numbers show which; a whole list, with all."""
    values = {parameter["name"]: _values(parameter) for parameter in parameters}
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
        portions = (f"{path}?page_size=1&page=2", f"{path}?cursor=&page_size=1") if path.endswith("/") else ()
        return [path, *portions]
    [name] = keys
    resource = path.split("/")[3]
    prefix = {"missions": "M", "events": "E", "sources": "S", "quotes": "Q", "actors": "A", "figures": "F"}
    values = {
        "number": [f"{prefix.get(resource)}-{number:04d}" for number in range(1, 12)],
        "slug": ["sanctions", "hidden-1", "hidden-2"],
        "code": ["ES", "FR"],
        "key": ["draft-1"],
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
    }[name]


def answers(client: Client) -> dict[str, tuple[int, list[tuple[str, str]], bytes]]:
    found = {}
    for address in addresses(client):
        response = client.get(address)
        found[address] = (response.status_code, list(response.items()), response.getvalue())
    return found


class UndoneError(Exception):
    """Ends one world, as if it had never been."""


def test_databases_that_differ_only_in_drafts_answer_alike(client: Client):
    told: list[dict[str, Any]] = []
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
    assert len(without) > 300
    assert {status for address, (status, _, _) in without.items() if "/desk/" not in address} == {200, 404}
    assert {status for address, (status, _, _) in without.items() if "/desk/" in address} == {400, 401}
    assert {address for address in without if without[address] != having[address]} == set()
    assert not any(MARKER.encode() in body for _, _, body in having.values())
