"""What the API's description leads to is there, and stands as it says, step by step (contract.md, API v1).

The answers of each operation by itself are held against it in the modules beside this one, by who asks.
"""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import transaction

from tests.conformance import Programs, described_below, generated, headers_for, programs, refused_for_its_shape, schema
from tests.in_process import through_wsgi
from tests.test_import_page import GOOD

__all__ = ["programs"]

pytestmark = pytest.mark.django_db

REVIEWED = ("approve", "return", "retract")
WAYS = {
    "(desk/)?(actors|reasons)/": 15,
    r"(missions|countries)/({\w+}/)?$": 15,
    "(reports|desk/sources)/": 10,
    "imports/": 20,
}
"""Parts of the description by their addresses, and how many walks through each."""
MADE = {"kind": "organisation", "name": "Lima Institute"}
REPORT = {"source": {"title": "Envoys leave Madrid", "outlet": "new-1"}, "actors": [{"name": "Iberian Post"}]}
TOLD: list[tuple[tuple[str, Any], ...]] = [
    (("actors_create", MADE), ("actors_submit", {}), ("actors_approve", {})),
    (("actors_create", MADE), ("actors_update", {"name": "Lima"}), ("actors_submit", {})),
    (("actors_create", MADE), ("actors_submit", {}), ("actors_return", {"note": "Whose?"})),
    (("reports_create", REPORT), ("desk_sources_retrieve", None), ("sources_submit", {})),
    (
        ("imports_create", {"rows": GOOD}),
        ("imports_preview", None),
        ("imports_confirm", {"reason": "found"}),
        ("imports_undo", {"reason": "wrong file"}),
    ),
    (
        ("desk_events_list", None),
        ("desk_events_retrieve", None),
        ("events_update", {"summary": "Shut.", "reason": "Said so."}),
    ),
    (("missions_list", None), ("missions_retrieve", None), ("events_list", None)),
]
"""What people do one after the other: operations of the description, each with what is sent."""


@pytest.mark.parametrize("steps", TOLD, ids=lambda steps: steps[-1][0])
def test_each_link_brings_along_what_the_next_step_needs(steps: Any, programs: Programs):
    answer, name = None, ""
    for following, sent in steps:
        values = linked(name, answer, following) if name else {}
        operation = schema.find_operation_by_id(following)
        program = programs.reviewer if following.split("_")[1] in REVIEWED else programs.editor
        place = operation.path.format(**values)
        query = urlencode({k: v for k, v in values.items() if f"{{{k}}}" not in operation.path and k != "If-Match"})
        method = getattr(program.client, operation.method)
        headers = program.headers | ({"If-Match": values["If-Match"]} if "If-Match" in values else {})
        options = {"data": sent, "content_type": "application/json"} if sent is not None else {}
        answer = method(f"{place}?{query}" if query else place, headers=headers, **options)
        assert answer.status_code in (200, 201, 202), (following, answer.content)
        name = following


def linked(name: str, answer: Any, following: str) -> dict[str, Any]:
    """The parameters that the link from one operation to the next finds in an answer."""
    responses = schema.find_operation_by_id(name).definition.raw["responses"]
    link = responses[str(answer.status_code)]["links"][following]
    found = {}
    for parameter, place in link["parameters"].items():
        if place.startswith("$response.body#"):
            value = answer.json()
            for key in place.partition("#/")[2].split("/"):
                value = value[int(key) if key.isdecimal() else key]
            found[parameter] = value
        elif place.startswith("$request.path"):
            found[parameter] = answer.wsgi_request.resolver_match.kwargs[parameter]
        else:
            found[parameter] = answer[place.rpartition(".")[2]]
    return found


@pytest.mark.parametrize("way", WAYS)
def test_what_an_answer_leads_to_stands_as_described(way: str, programs: Programs):
    """From lists to records, from drafts through their review, from uploads to their undoing, at random."""

    class Walk(described_below(f"/api/v1/{way}").as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            self.since = transaction.savepoint()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.since)

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            is_reviewed = case.path.split("/")[-2] in REVIEWED
            return {"headers": headers_for(case, programs.reviewer if is_reviewed else programs.editor)}

        def step(self, input: Any) -> Any:
            with through_wsgi():
                return super().step(input)

        def validate_response(self, response: Any, case: Any, **options: Any) -> None:
            case.validate_response(
                response,
                additional_checks=[refused_for_its_shape],
                headers=options["headers"],
                transport_kwargs=options,
                recorder=self.recorder,
            )

    Walk.run(settings=generated(WAYS[way], stateful_step_count=8))


def test_the_description_has_no_warning(capsys: pytest.CaptureFixture[str]):
    call_command("spectacular", "--validate", "--fail-on-warn")
    assert "openapi: 3.1" in capsys.readouterr().out
