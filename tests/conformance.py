"""The API's description, tried by schemathesis on a world that has records in every state (contract.md, API v1).

Calls are made from the description alone, half of them good, half of them not. Numbers at random hit nothing, so
that good calls are led to records that are there, and carry the tag of the version that they change.
"""

import copy
import dataclasses
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation

from nkwatch.editorial.api.serializers import key_of
from nkwatch.editorial.api.views import resources
from nkwatch.editorial.api.writes import WritableViewSet
from nkwatch.editorial.models import State
from nkwatch.editorial.roles import EDITOR, REVIEWER
from tests.api_client import Program, ask
from tests.in_process import through_wsgi
from tests.make import make_member
from tests.test_import_page import GOOD
from tests.test_nothing_leaks import make_published_world, make_unpublished_records

# A good call may be about what is not there (404), was retracted (410), is not for the caller (401, 403), or cannot
# be done to it as it stands (409).
EXPECTED = ["2xx", "3xx", "401", "403", "404", "409", "410"]


def accepting(*more: str) -> SchemathesisConfig:
    """With every check that there is; good calls that write may be refused with `more`.

    No description can say which records there are, or which days go together: what rules refuse (400) is no fault
    of what is sent. `refused_for_its_shape` looks into each such answer instead.
    """
    writes = {"positive_data_acceptance": {"expected-statuses": [*EXPECTED, "400", *more]}}
    return SchemathesisConfig.from_dict(
        {
            "checks": {"positive_data_acceptance": {"expected-statuses": EXPECTED}},
            "operations": [{"include-method": ["POST", "PATCH"], "checks": writes}],
        }
    )


# In this process, through the WSGI application: nothing goes over a network. The description itself
# asks nothing of the database, so that it can be read before there is one.
schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application(), config=accepting())

BOUNDED: dict[str, Any] = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
}
SHAPE = {
    *("required", "null", "invalid_choice", "not_a_list", "not_a_dict", "empty", "parse_error"),
    *("min_value", "max_value", "min_length", "max_length"),
    *("max_string_length", "max_digits", "max_decimal_places", "max_whole_digits"),
}
"""Codes of errors of which the description has to tell: what has to be there, of which type, how long.

Not of "blank": no pattern tells what is left of a text once Python has stripped it.
"""


def generated(examples: int, **options: Any) -> settings:
    """So many calls of each operation, the same in every run."""
    return settings(max_examples=examples, phases=[Phase.generate], **BOUNDED, **options)


@dataclasses.dataclass
class World:
    """What there is to be asked for: by resource, the keys of records, each with the tag of its version."""

    tags: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)

    def at(self, path: str) -> dict[str, str]:
        """What is served below the address `path` of an operation."""
        names = path.removeprefix("/api/v1/desk/").removeprefix("/api/v1/").split("/")
        return self.tags.get(names[0], {}) if "{" in path else {}


world = World()


class Programs(NamedTuple):
    """A program of anybody, of an editor and of a reviewer."""

    anonymous: Program
    editor: Program
    reviewer: Program


@pytest.fixture(scope="module")
def programs(django_db_setup: None, django_db_blocker: Any) -> Iterator[Programs]:
    """Programs in a world that lasts for a module of tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        editor, reviewer = make_member(EDITOR), make_member(REVIEWER)
        make_world(editor)
        yield Programs(Program(), Program(editor, "draft", "drafting"), Program(reviewer, "publish", "reviewing"))
        transaction.set_rollback(True)


def make_world(editor: Any) -> None:
    """Records of each kind, published, in review, draft and retracted; imports before and after they were looked at."""
    published = make_published_world()
    for number, state in enumerate((State.DRAFT, State.IN_REVIEW, State.RETRACTED), start=1):
        make_unpublished_records(published, state, number)
    program = Program(editor)
    for model, view in resources.items():
        keys = [key_of(record) for record in model._base_manager.order_by("pk")[:40]]
        is_desk = issubclass(view, WritableViewSet)
        world.tags[view.resource] = {k: program.etag(f"{view.resource}/{k}/") if is_desk else "" for k in keys}
    uploads = [ask(program.post("imports/", {"rows": GOOD}), 201)["id"] for _ in range(2)]
    ask(program.get(f"imports/{uploads[1]}/preview/"), 200)
    world.tags["imports"] = dict.fromkeys(map(str, uploads), "")


TOLD = {"/api/v1/imports/": {"rows": GOOD}, "/api/v1/reports/": {"source": {"title": "Envoys leave Madrid"}}}
"""What random text never is: by its address, what a good call says in place of it."""


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:
    """Blanks around a text are taken off before it is measured: one that is too long by them alone is no bad call."""
    return _is_good(case, ParameterLocation.BODY) or all(text == text.strip() for text in _texts(case.body))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


@schemathesis.hook
def flatmap_case(context: Any, case: Any) -> Any:
    """Lead a call with a good address to something that is there, as it stands; let good uploads be sheets."""
    if _is_good(case, ParameterLocation.BODY) and case.operation.path in TOLD:
        case.body = {**case.body, **TOLD[case.operation.path]} if isinstance(case.body, dict) else case.body
    there_is = world.at(case.operation.path)
    if not there_is or not _is_good(case, ParameterLocation.PATH):
        return st.just(case)
    return st.sampled_from(sorted(there_is)).map(lambda key: _led_to(case, key, there_is[key]))


def _is_good(case: Any, part: ParameterLocation) -> bool:
    return part not in case.meta.components or case.meta.components[part].mode.is_positive


def _led_to(case: Any, key: str, tag: str) -> Any:
    [name] = case.path_parameters
    case.path_parameters = {name: key}
    if "If-Match" in case.headers and _is_good(case, ParameterLocation.HEADER):
        case.headers["If-Match"] = tag
    return case


def answer_as_described(case: Any, program: Program) -> None:
    """Make the call, and hold the answer against everything that the description says; nothing of it stays."""
    with transaction.atomic(), through_wsgi():
        case.call_and_validate(headers=headers_for(case, program), additional_checks=[refused_for_its_shape])
        transaction.set_rollback(True)


def described_below(places: str) -> Any:
    """The part of the description whose addresses the regular expression `places` finds, with the links among them."""
    told = copy.deepcopy(schema.raw_schema)
    told["paths"] = {path: operations for path, operations in told["paths"].items() if re.match(places, path)}
    operations = [
        operation for methods in told["paths"].values() for name, operation in methods.items() if name != "parameters"
    ]
    names = {operation["operationId"] for operation in operations}
    for operation in operations:
        for answer in operation["responses"].values():
            links = answer.get("links", {})
            answer["links"] = {name: link for name, link in links.items() if link["operationId"] in names}
    # On a way, a record may have changed since it was answered with the tag that is sent.
    part = schemathesis.openapi.from_dict(told, config=accepting("412"))
    part.app = schema.app
    return part


def headers_for(case: Any, program: Program) -> dict[str, str]:
    """What a program sends, but for its token where a call without a good one is tried.

    Schemathesis asks for packed answers, which it then does not unpack.
    """
    is_about_token = any(found.parameter == "Authorization" for found in getattr(case.meta.phase.data, "mutations", ()))
    told = {} if is_about_token else {name.title(): value for name, value in program.headers.items()}
    return {"Accept-Encoding": "identity", **told}


def refused_for_its_shape(context: Any, response: Any, case: Any) -> None:
    """A good call may be refused by the rules of the record, but not for what its description has to tell."""
    if case.meta and case.meta.generation.mode.is_positive and response.status_code == 400:
        told = [error for error in response.json()["errors"] if error["code"] in SHAPE]
        assert not told, f"What was sent is as described, and was refused for its shape: {told}"
