"""Programs of other people work with the API: pandas, a generated client, and what its own pages show."""

import html
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

import httpx
import jsonschema
import pandas as pd
import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client

from tests.in_process import SITE, starter, through_wsgi

__all__ = ["starter"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]

STANDING = ("open", "closing", "suspended")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json.load(urlopen(f"{SITE}/api/v1/schema/"))


def examples(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Each request that the description shows: alone, and with each of its parameters."""
    for path, operations in schema["paths"].items():
        operation = operations["get"]
        for parameter in operation["parameters"]:
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
        yield path, operation, ""
        for parameter in operation["parameters"]:
            if parameter["in"] == "query":
                value = parameter["example"]
                value = ",".join(value) if parameter.get("explode") is False else value
                yield f"{path}?{urlencode({parameter['name']: value}, doseq=True)}", operation, parameter["name"]


def test_every_example_of_the_description_is_answered_as_described(schema: dict[str, Any]):
    client, sent = Client(), 0
    for address, operation, name in examples(schema):
        response = client.get(address)
        assert response.status_code == 200, address
        [(media_type, described)] = operation["responses"]["200"]["content"].items()
        assert response["Content-Type"].partition(";")[0] == media_type
        body, sent = response.getvalue(), sent + 1
        if media_type == "application/geo+json":
            assert json.loads(body)["features"], address
            continue
        answers = [json.loads(line) for line in body.splitlines()] if "json" in media_type else []
        for answer in answers:
            validator = jsonschema.Draft202012Validator({**described["schema"], "components": schema["components"]})
            validator.validate(answer)
        if name:
            # An example that finds nothing shows nothing.
            assert body.count(b"\n") > 1 if media_type == "text/csv" else answers, address
            assert answers[0]["results"] if "results" in (answers or [{}])[0] else True, address
    assert sent > 250


def shown(language: str) -> list[str]:
    """The pieces of code in a language that the page on the API shows."""
    page = urlopen(f"{SITE}/api/").read().decode()
    return [html.unescape(code) for code in re.findall(rf'<code class="{language}">(.*?)</code>', page, re.DOTALL)]


def test_what_the_page_shows_in_python_runs():
    [code] = shown("python")
    found: dict[str, Any] = {}
    exec(code, found)
    assert len(found["missions"]) == 18
    assert list(found["events"].columns) == ["number", "stage", "date"]
    assert len(found["steps"]) == len(found["events"]) == 31
    assert set(found["steps"]["mission.status"]) <= {*STANDING, "closed", "unknown"}
    assert found["standing"].iloc[-1] > 0


@pytest.mark.parametrize("language", ["sh", "r", "sheet"])
def test_every_address_that_the_page_shows_answers_with_something(language: str):
    addresses = re.findall(r'"(http[^"]+)"', "\n".join(shown(language)))
    assert addresses
    for address in addresses:
        response = Client().get(f"{urlsplit(address).path}?{urlsplit(address).query}")
        assert response.status_code == 200, address
        assert len(response.getvalue()) > 500, address


def test_a_notebook_draws_the_missions_that_stood_as_the_site_does():
    """From the API alone: on each day, the statuses of all missions abroad; then held against the site's series."""
    series = pd.read_csv(f"{SITE}/figures/missions-open.csv", parse_dates=["day"], index_col="day")
    abroad = pd.read_csv(f"{SITE}/api/v1/missions.csv?direction=abroad")
    drawn = {}
    for day in series.index:
        address = f"{SITE}/api/v1/missions/?cursor=&direction=abroad&page_size=10&asof={day:%Y-%m-%d}"
        address += "&fields=status,presumed_open,may_have_closed"
        rows: list[dict[str, Any]] = []
        while address:
            portion = json.load(urlopen(address))
            rows += portion["results"]
            address = portion["next"]
        missions = pd.DataFrame(rows)
        assert len(missions) == len(abroad)
        standing = missions[missions["status"].isin(STANDING)]
        surely = standing[~(standing["presumed_open"] | standing["may_have_closed"])]
        drawn[day] = {"low": len(surely), "recorded": len(standing)}
    assert len(drawn) > 5
    pd.testing.assert_frame_equal(
        pd.DataFrame.from_dict(drawn, orient="index"), series[["low", "recorded"]], check_names=False, check_freq=False
    )


def test_a_client_that_another_program_generates_from_the_description_works(
    schema: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    described, settings = tmp_path / "schema.json", tmp_path / "settings.yml"
    described.write_text(json.dumps(schema))
    settings.write_text("post_hooks: []\n")
    generate = ["generate", "--path", described, "--output-path", tmp_path / "reader", "--meta", "none"]
    command = [sys.executable, "-m", "openapi_python_client", *generate, "--config", settings]
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    monkeypatch.syspath_prepend(tmp_path)
    reader = importlib.import_module("reader")
    missions_list, missions_retrieve, events_list = (
        importlib.import_module(f"reader.api.{name}")
        for name in ("missions.missions_list", "missions.missions_retrieve", "events.events_list")
    )
    status = importlib.import_module("reader.models.missions_list_status_item").MissionsListStatusItem
    transport = httpx.WSGITransport(app=get_wsgi_application())
    told = {"base_url": SITE, "httpx_args": {"transport": transport}, "raise_on_unexpected_status": True}
    with through_wsgi(), reader.Client(**told) as client:
        closed = missions_list.sync(client=client, status=[status.CLOSED], page_size=5)
        assert closed.count > len(closed.results) == 5
        mission = missions_retrieve.sync(closed.results[0].number, client=client)
        assert (mission.status.value, mission.host.code) == ("closed", closed.results[0].host.code)
        steps = events_list.sync(client=client, mission=[mission.number])
        assert {step.mission.number for step in steps.results} == {mission.number}
        assert {step.number for step in steps.results} == {step.number for step in mission.events}
        refused = missions_list.sync(client=client, page=999)
        assert refused.errors[0].code == "not_found"
