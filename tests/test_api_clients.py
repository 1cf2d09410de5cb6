"""Programs of other people work with the API: pandas, a generated client, and what its own pages show."""

import argparse
import html
import importlib
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import httpx
import jsonschema
import pandas as pd
import pytest
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.test import Client

from nkwatch.editorial.models import ApiToken
from tests.api_client import Program, ask
from tests.in_process import SITE, starter, through_wsgi

__all__ = ["starter"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]

STANDING = ("open", "closing", "suspended")


@pytest.fixture(scope="module")
def schema(starter: None) -> dict[str, Any]:
    return json.load(urlopen(f"{SITE}/api/v1/schema/"))


def examples(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Each request that the description shows of what anybody reads: alone, and with each of its parameters."""
    for path, operations in schema["paths"].items():
        operation = operations.get("get", {"security": []})
        if {} not in operation["security"]:
            continue
        told = {parameter["name"]: parameter for parameter in operation["parameters"]}
        address = path.format(**{name: parameter["example"] for name, parameter in told.items()})
        required = {name: parameter["example"] for name, parameter in told.items() if parameter.get("required")}
        required = {name: value for name, value in required.items() if told[name]["in"] == "query"}
        yield f"{address}?{urlencode(required)}" if required else address, operation, ", ".join(required)
        for name, parameter in told.items():
            if parameter["in"] == "query" and name not in required:
                value = parameter["example"]
                value = ",".join(value) if parameter.get("explode") is False else value
                yield f"{address}?{urlencode({name: value}, doseq=True)}", operation, name


def validate(schema: dict[str, Any], described: dict[str, Any], body: Any) -> None:
    """Hold what is sent or answered against what is described of it."""
    jsonschema.Draft202012Validator({**described, "components": schema["components"]}).validate(body)


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
            validate(schema, described["schema"], answer)
        if name:
            # An example that finds nothing shows nothing.
            assert body.count(b"\n") > 1 if media_type == "text/csv" else answers, address
            for found in answers[:1]:
                assert found.get("results", found.get("known", True)), address
    assert sent > 250


class Desk:
    """Sends what the description shows to those who have a token, after what each example needs before it."""

    NEEDED: ClassVar[dict[str, str]] = {
        "submit": "draft",
        "withdraw": "handed in",
        "approve": "handed in",
        "return": "handed in",
        "merge": "draft",
    }
    REVIEWERS = ("approve", "return", "retract")

    def __init__(self, schema: dict[str, Any], editor: User, reviewer: User) -> None:
        self.schema = schema
        self.editor, self.reviewer = Program(editor, "draft"), Program(reviewer, "publish", "review bot")

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Each operation that needs a token: its method, its path below the API, what is told of it."""
        for path, operations in self.schema["paths"].items():
            for method, operation in operations.items():
                if {} not in operation["security"]:
                    yield method, path.removeprefix("/api/v1/"), operation

    def send(self, method: str, path: str, query: str, operation: dict[str, Any]) -> Any:
        """The answer to one example, of a record that is as far as it has to be."""
        step = path.split("/")[-2]
        program = self.reviewer if step in self.REVIEWERS else self.editor
        told = {parameter["name"]: parameter for parameter in operation.get("parameters", ())}
        keys = {name: parameter["example"] for name, parameter in told.items() if parameter["in"] == "path"}
        place = f"{path.partition('{')[0]}{next(iter(keys.values()))}/" if keys else path
        if path.startswith("imports/{"):
            place = self.uploaded(step)
        elif step in self.NEEDED:
            place = self.draft(path.partition("/")[0], handed_in=self.NEEDED[step] == "handed in")
        address = place + path.partition("}/")[2]
        if method == "get":
            return program.get(f"{address}{query}")
        headers = {"if-match": program.etag(place)} if "If-Match" in told else {}
        if "Idempotency-Key" in told:
            headers["idempotency-key"] = next(iter(told["Idempotency-Key"]["examples"].values()))["value"]
        body = self.body(operation)
        if "into_version" in body:
            body = body | {"into_version": program.etag(f"{place.partition('/')[0]}/{body['into']}/")}
        return program.send(method, f"{address}{query}", body, headers)

    def body(self, operation: dict[str, Any]) -> Any:
        """What the description shows to be sent, as it says that this may be."""
        if "requestBody" not in operation:
            return {}
        told = operation["requestBody"]["content"]["application/json"]
        [example] = told["examples"].values()
        validate(self.schema, told["schema"], example["value"])
        return example["value"]

    def draft(self, resource: str, handed_in: bool) -> str:
        """A new record, as the description shows how to make one."""
        shown = self.body(self.schema["paths"][f"/api/v1/{resource}/"]["post"])
        made = ask(self.editor.post(f"{resource}/", shown), 201)
        place = f"{resource}/{made.get('slug') or made['number']}/"
        if handed_in:
            ask(self.editor.step(place, "submit"), 200)
        return place

    def uploaded(self, step: str) -> str:
        """An import that waits; looked at where it is to be confirmed, written where it is to be taken back."""
        paths = self.schema["paths"]
        place = f"imports/{ask(self.editor.post('imports/', self.body(paths['/api/v1/imports/']['post'])), 201)['id']}/"
        if step in ("confirm", "undo"):
            ask(self.editor.get(f"{place}preview/"), 200)
        if step == "undo":
            ask(self.editor.post(f"{place}confirm/", self.body(paths["/api/v1/imports/{id}/confirm/"]["post"])), 200)
        return place


def test_every_example_for_tokens_is_answered_as_described(schema: dict[str, Any], editor: User, reviewer: User):
    desk, sent = Desk(schema, editor, reviewer), []
    for method, path, operation in desk.operations():
        asked = [parameter for parameter in operation.get("parameters", ()) if parameter["in"] == "query"]
        for query in ["", *(f"?{urlencode({one['name']: one['example']})}" for one in asked)]:
            with transaction.atomic():
                response = desk.send(method, path, query, operation)
                transaction.set_rollback(True)
            assert response.status_code in (200, 201, 202), (method, path, query, response.content)
            described = operation["responses"][str(response.status_code)]["content"]["application/json"]["schema"]
            validate(schema, described, response.json())
            sent.append(f"{method} {path}{query}")
    assert len(sent) > 90


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


def test_what_the_page_shows_of_writing_in_python_runs(
    editor: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("NKWATCH_TOKEN", ApiToken.make(editor, "notebook")[1])
    [code] = shown("python-writing")
    found: dict[str, Any] = {}
    exec(code, found)
    assert "events.0 citation-added E-0011" in capsys.readouterr().out
    assert (found["draft"]["state"], found["draft"]["language"]) == ("in-review", "en")


def test_what_the_page_shows_of_writing_in_a_shell_is_taken(editor: User):
    [code] = shown("curl")
    secret = ApiToken.make(editor, "shell")[1]
    words = shlex.split(code.replace("\\\n", " ").replace("$NKWATCH_TOKEN", secret))
    told = argparse.ArgumentParser()
    told.add_argument("url")
    told.add_argument("-H", action="append", dest="headers")
    told.add_argument("-d", dest="data")
    sent = told.parse_args(words[1:])
    headers = dict(header.split(": ", 1) for header in sent.headers)
    answer = json.load(urlopen(Request(sent.url, sent.data.encode(), headers)))
    assert answer["dry_run"] is True
    assert [part["part"] for part in answer["parts"]] == ["source", "events.0"]
    assert answer["parts"][1]["stands"] == "E-0011"


@pytest.mark.parametrize("language", ["sh", "r", "sheet"])
def test_every_address_that_the_page_shows_answers_with_something(language: str):
    addresses = re.findall(r'"(http[^"]+)"', "\n".join(shown(language)))
    assert addresses
    for address in addresses:
        response = Client().get(f"{urlsplit(address).path}?{urlsplit(address).query}")
        assert response.status_code == 200, address
        assert len(response.getvalue()) > 150, address


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


@pytest.fixture(scope="module")
def generated(schema: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A client that another program made of the description alone, to be imported as `reader`."""
    made = tmp_path_factory.mktemp("generated")
    described, settings = made / "schema.json", made / "settings.yml"
    described.write_text(json.dumps(schema))
    settings.write_text("post_hooks: []\n")
    generate = ["generate", "--path", described, "--output-path", made / "reader", "--meta", "none"]
    command = [sys.executable, "-m", "openapi_python_client", *generate, "--config", settings]
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    sys.path.insert(0, str(made))
    with through_wsgi():
        yield
    sys.path.remove(str(made))


class Generated:
    """The generated client in the name of `user`, or as anybody: each operation by its tag and name."""

    def __init__(self, user: User | None = None, scope: str = "draft") -> None:
        reader = importlib.import_module("reader")
        told = {"base_url": SITE, "raise_on_unexpected_status": True}
        told["httpx_args"] = {"transport": httpx.WSGITransport(app=get_wsgi_application())}
        secret = ApiToken.make(user, "generated", scope)[1] if user else ""
        self.client = (
            reader.AuthenticatedClient(token=secret, prefix="Token", **told) if user else reader.Client(**told)
        )

    def __call__(self, operation: str, *keys: str, **told: Any) -> Any:
        """What an operation such as `missions.missions_list` answers, as the client has read it, and its headers."""
        response = importlib.import_module(f"reader.api.{operation}").sync_detailed(*keys, client=self.client, **told)
        return response.parsed, response.headers


def model(name: str) -> Any:
    """A type of the generated client."""
    return getattr(importlib.import_module("reader.models"), name)


@pytest.mark.usefixtures("generated")
def test_a_client_that_another_program_generates_from_the_description_reads():
    anybody = Generated()
    closed, _ = anybody("missions.missions_list", status=[model("MissionsListStatusItem").CLOSED], page_size=5)
    assert closed.count > len(closed.results) == 5
    mission, _ = anybody("missions.missions_retrieve", closed.results[0].number)
    assert (mission.status.value, mission.host.code) == ("closed", closed.results[0].host.code)
    steps, _ = anybody("events.events_list", mission=[mission.number])
    assert {step.mission.number for step in steps.results} == {mission.number}
    assert {step.number for step in steps.results} == {step.number for step in mission.events}
    refused, _ = anybody("missions.missions_list", page=999)
    assert isinstance(refused, model("Errors"))
    assert refused.errors[0].code == "not_found"


@pytest.mark.usefixtures("generated")
def test_a_generated_client_brings_a_report_to_readers(schema: dict[str, Any], editor: User, reviewer: User):
    anybody, program, reviewing = Generated(), Generated(editor), Generated(reviewer, "publish")
    shown = Desk(schema, editor, reviewer).body(schema["paths"]["/api/v1/reports/"]["post"])
    source = shown["source"] | {"outlet": "A-0039", "authors": []}
    report = model("ReportRequest").from_dict(shown | {"source": source, "actors": [], "submit": False})
    asked = {"url_query": source["source_url"]}
    assert anybody("find.lookup", **asked)[0].known is False
    dry, _ = program("reports.reports_create", body=report, dry_run=model("ReportsCreateDryRun")("1"))
    assert (dry.dry_run, dry.written, dry.parts[0].outcome.value) == (True, False, "new")
    key = {"idempotency_key": "once"}
    told, _ = program("reports.reports_create", body=report, **key)
    assert told.written
    assert [part.effect for part in told.parts] == [part.effect for part in dry.parts]
    again, headers = program("reports.reports_create", body=report, **key)
    assert (again, headers["Idempotent-Replayed"]) == (told, "true")

    [found] = program("find.lookup", **asked)[0].sources
    number = told.parts[0].record.number
    assert (found.number, found.state.value, anybody("find.lookup", **asked)[0].known) == (number, "draft", False)
    draft, headers = program("desk.desk_sources_retrieve", number)
    change = model("PatchedDeskSourceRequest")(summary="The gates were locked.")
    changed, newer = program("sources.sources_update", number, body=change, if_match=headers["ETag"])
    assert (draft.summary, changed.summary, changed.state.value) == ("", "The gates were locked.", "draft")
    stale, _ = program("sources.sources_update", number, body=change, if_match=headers["ETag"])
    assert isinstance(stale, model("Errors"))
    assert {error.code for error in stale.errors} == {"stale", "changed"}

    handed_in, newest = program("sources.sources_submit", number, if_match=newer["ETag"])
    assert handed_in.state.value == "in-review"
    decision = model("DecisionRequest")()
    for less, code in ((anybody, "not_authenticated"), (program, "permission_denied")):
        refused, _ = less("sources.sources_approve", number, body=decision, if_match=newest["ETag"])
        assert [error.code for error in refused.errors] == [code]
    published, _ = reviewing("sources.sources_approve", number, body=decision, if_match=newest["ETag"])
    assert published.state.value == "published"
    read, _ = anybody("sources.sources_retrieve", published.number)
    assert (read.title, read.summary) == (source["title"], "The gates were locked.")
    assert anybody("find.lookup", **asked)[0].known is True
