"""Who gets what at every address of the desk and of the API, by every method (domain.md, rule 8).

The table is the specification: the first line whose pattern and method fit decides. An address
that no line fits fails the test, so that nobody adds one without saying whom it is for.
"""

import logging
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import RegexPattern, URLResolver

from missions.models import Mission
from nkwatch.editorial import proposals
from nkwatch.editorial.models import ApiToken, ImportBatch, ImportRow, PublicChange
from nkwatch.editorial.roles import ADMINISTRATOR, ROLES
from nkwatch.site.models import Suggestion
from sources.models import ActorName, Authorship, CapturedCopy, Country, Quote, Reference, Source
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

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

PEOPLE = ("anonymous", "nobody", *ROLES)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# Numbers are statuses; "login" leads to the login page. *Nobody* is staff without a role.
# An address goes by its name; one that has none, by its route.
TABLE = """
address                                 methods           anonymous  nobody  editor  reviewer  administrator

# The API is read by anybody, and written by tokens alone: to it, who is logged in is nobody.
api:desk-*                              GET               401        401     401     401       401
api:desk-*                              *                 405        405     405     405       405
api:countries-*                         POST,PATCH        405        405     405     405       405
api:*-list                              POST              401        401     401     401       401
api:*-detail                            PATCH             401        401     401     401       401
api:imports-cancel                      GET               405        405     405     405       405
api:imports-confirm                     GET               405        405     405     405       405
api:imports-undo                        GET               405        405     405     405       405
api:imports-*                           GET               401        401     401     401       401
api:imports-cancel                      POST              401        401     401     401       401
api:imports-confirm                     POST              401        401     401     401       401
api:imports-undo                        POST              401        401     401     401       401
api:imports-*                           *                 405        405     405     405       405
api:lookup                              GET               200        200     200     200       200
api:suggest                             GET               200        200     200     200       200
api:reports                             POST              401        401     401     401       401
api:*-submit                            POST              401        401     401     401       401
api:*-withdraw                          POST              401        401     401     401       401
api:*-approve                           POST              401        401     401     401       401
api:*-hand-back                         POST              401        401     401     401       401
api:*-retract                           POST              401        401     401     401       401
api:*-merge                             POST              401        401     401     401       401
api:*-submit                            *                 405        405     405     405       405
api:*-withdraw                          *                 405        405     405     405       405
api:*-approve                           *                 405        405     405     405       405
api:*-hand-back                         *                 405        405     405     405       405
api:*-retract                           *                 405        405     405     405       405
api:*-merge                             *                 405        405     405     405       405
api:index                               GET               200        200     200     200       200
api:docs                                GET               200        200     200     200       200
api:*-detail                            GET               200        200     200     200       200
api:*-list                              GET               200        200     200     200       200
api:*.ndjson                            GET               200        200     200     200       200
api:*.csv                               GET               200        200     200     200       200
api:*.geojson                           GET               200        200     200     200       200
api:api-root                            GET               200        200     200     200       200
api:schema                              GET               200        200     200     200       200
api/[\\s\\S]*/\\Z                       GET               404        404     404     404       404
api/[\\s\\S]*/\\Z                       *                 405        405     405     405       405
api:*                                   *                 405        405     405     405       405

# The desk shows pages and takes forms, after logging in.
admin*                                  PUT,PATCH,DELETE  405        405     405     405       405
admin:login                             GET               200        302     302     302       302
admin:login                             POST              200        200     200     200       200
admin:logout                            GET               302        405     405     405       405
admin:logout                            POST              302        200     200     200       200
admin:index                             *                 login      200     200     200       200
admin:password_change                   *                 login      200     200     200       200
admin:password_change_done              GET               login      200     200     200       200
admin:password_change_done              POST              login      405     405     405       405
admin:jsi18n                            GET               login      200     200     200       200
admin:jsi18n                            POST              login      405     405     405       405
admin:app_list                          *                 login      404     200     200       200
admin:autocomplete                      GET               login      403     200     200       200
admin:autocomplete                      POST              login      405     405     405       405
admin:view_on_site                      *                 login      302     302     302       302
admin/*/<path:object_id>/               *                 login      302     302     302       302
admin/(?P<url>.*)$                      *                 login      404     404     404       404

# Accounts are the administrators'; what a role holds is nobody's to change but a superuser's.
admin:auth_*_delete                     *                 login      403     403     403       403
admin:auth_group_add                    *                 login      403     403     403       403
admin:auth_group_change                 POST              login      403     403     403       403
admin:auth_*                            *                 login      403     403     403       200

# What readers are told of a change is put in words by those who publish; all else of it is derived.
admin:editorial_publicchange_change     POST              login      403     403     302       302

# Tokens are made by whoever has a part in the record; one is seen by its owner and by administrators.
admin:editorial_apitoken_add            *                 login      403     200     200       200
admin:editorial_apitoken_changelist     *                 login      403     200     200       200
admin:editorial_apitoken_history        *                 login      302     302     302       200
admin:editorial_apitoken_change         GET               login      403     302     302       200

# What rules, machines and proposals write is looked at, and edited nowhere.
admin:editorial_*_add                   *                 login      403     403     403       403
admin:editorial_*_change                POST              login      403     403     403       403
admin:editorial_*_delete                *                 login      403     403     403       403
admin:editorial_*                       *                 login      403     200     200       200
admin:django_tasks_database_*_history   *                 login      302     302     302       302
admin:django_tasks_database_*           *                 login      403     403     403       403

# Countries are reference data, which administrators mend.
admin:sources_country_add               *                 login      403     403     403       200
admin:sources_country_change            POST              login      403     403     403       200
admin:sources_country_delete            *                 login      403     403     403       200

# A sheet is imported by whoever writes records. Another's import is shown to reviewers, who are led to where
# it stands, and choose nothing in it.
admin:missions_import                   *                 login      403     200     200       200
admin:missions_import_template          *                 login      403     200     200       200
admin:missions_import_result            *                 login      403     404     200       200
admin:missions_import_progress_json     *                 login      403     404     200       200
admin:missions_import_reading           POST              login      403     404     403       403
admin:missions_import_columns           POST              login      403     404     403       403
admin:missions_import_names             POST              login      403     404     403       403
admin:missions_import_mend              POST              login      403     404     403       403
admin:missions_import_confirm           POST              login      403     404     403       403
admin:missions_import_again             POST              login      403     404     403       403
admin:missions_import_*                 *                 login      403     404     302       302

# What readers send is looked at and answered by every role, and deleted by administrators; nobody adds it here.
admin:site_suggestion_add               *                 login      403     403     403       403
admin:site_suggestion_delete            *                 login      403     403     403       200
admin:site_suggestion_revert            *                 login      403     403     403       403
admin:site_suggestion_*                 *                 login      403     200     200       200

# Going back asks to which version; countries and copies never go back, and only administrators delete a copy.
admin:sources_country_revert            *                 login      403     403     403       403
admin:sources_capturedcopy_revert       *                 login      403     403     403       403
admin:sources_capturedcopy_delete       *                 login      403     403     403       200
admin:*_revert                          *                 login      403     404     404       404

# A report is added by whoever adds sources and events; names are asked for by kind, and what came of it by source.
admin:missions_report_names             *                 login      404     404     404       404
admin:missions_report_added             *                 login      403     302     302       302
admin:missions_report_read              GET               login      405     405     405       405
admin:missions_report_guess             GET               login      405     405     405       405
admin:missions_report_effects           GET               login      405     405     405       405

# Records are written and their drafts deleted by every role.
admin:missions_*                        *                 login      403     200     200       200
admin:sources_*                         *                 login      403     200     200       200

# What waits is seen by every role, decided on by those who publish, and withdrawn by its author.
admin:review                            GET               login      403     200     200       200
admin:review                            POST              login      405     405     405       405
admin:review_preview                    GET               login      403     200     200       200
admin:review_preview                    POST              login      405     405     405       405
admin:review_*                          GET               login      405     405     405       405
admin:review_withdraw                   POST              login      403     302     302       302
admin:review_approve*                   POST              login      403     403     302       302
admin:review_return                     POST              login      403     403     200       200

# Records of one kind are merged by whoever may change them; what readers see waits for a reviewer.
admin:merge:merge                       *                 login      404     404     404       404
admin:merge:not_the_same                POST              login      403     404     404       404
admin:merge:*                           *                 login      403     200     200       200
"""


class Address(NamedTuple):
    """An address as the resolver has it, and the part of the route that is a regular expression."""

    name: str
    route: str
    is_regex: bool

    @property
    def called(self) -> str:
        return self.name if not self.name.endswith(":") and self.name else self.route


class Line(NamedTuple):
    pattern: str
    methods: str
    expected: dict[str, str]


def lines() -> list[Line]:
    found = []
    for text in TABLE.strip().splitlines()[1:]:
        if text and not text.startswith("#"):
            pattern, methods, *expected = text.split()
            found.append(Line(pattern, methods, dict(zip(PEOPLE, expected, strict=True))))
    return found


def line_for(address: Address, method: str, table: list[Line]) -> Line | None:
    for line in table:
        fits = line.pattern == address.called or fnmatchcase(address.called, line.pattern)
        if fits and (line.methods == "*" or method in line.methods.split(",")):
            return line
    return None


def addresses(resolver: Any = None, before: str = "", namespace: str = "") -> Iterator[Address]:
    """Every address of the desk and of the API."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inside = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern, route, inside)
        elif route.startswith(("admin/", "api/")):
            yield Address(namespace + (pattern.name or ""), route, isinstance(pattern.pattern, RegexPattern))


class WithoutRendering:
    """Middleware of this test: decisions are made before a page is rendered, which other tests look at."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        if isinstance(response, TemplateResponse):
            response.content = b""
        return response


@pytest.fixture
def examples(db: None) -> dict[type[models.Model], models.Model]:
    """A draft of every kind, with what else has a page on the desk; and of what the API shows, a public one."""
    colleague = User.objects.create_user("colleague", is_staff=True)
    country = Country.objects.get(pk="VA")
    country.save()
    actor, source, quote, event = make_actor(), make_source(), make_quote(), make_event()
    coverage, figure = make_coverage(), make_figure()
    made: list[Any] = [
        colleague,
        Group.objects.get(name="editor"),
        country,
        actor,
        ActorName.objects.create(actor=actor, name="共同通信"),
        source,
        Authorship.objects.create(source=source, author=actor),
        Reference.objects.create(source=source, cited_source=make_source(title="Cited")),
        make_reason(),
        quote,
        event,
        event.mission,
        coverage,
        figure,
        *(cite(record, source) for record in (quote, event, event.mission, coverage, figure)),
    ]
    quote.submit()
    public = [
        make_mission(host="PE", city="Lima"),
        make_source(title="Public"),
        make_actor(name="Yonhap"),
        make_quote(text="Public words."),
        make_figure(low=44, high=44),
        make_reason(slug="costs", label="Costs"),
    ]
    publish(*public)
    step = make_event(mission=public[0], stage="closed")
    cite(step, public[1])  # type: ignore[arg-type]
    publish(step)
    batch = ImportBatch.objects.create(
        file="events.csv", digest="0" * 64, door="import", user=colleague, stage="refused", kind="event_reports"
    )
    row = ImportRow.objects.create(batch=batch, sheet="events.csv", row=2, outcome="new", record=event)
    change = proposals.propose(public[1], {"title": "Better"}, colleague)  # type: ignore[arg-type]
    copy = CapturedCopy.objects.create(
        source=public[1], file=SimpleUploadedFile("page.html", b"<html><p>Seen</p></html>")
    )
    token, _ = ApiToken.make(colleague, "monitor")
    suggestion = Suggestion.objects.create(about="M-0001", text="It closed in November.")
    told = PublicChange.objects.newest_first().first()
    return {type(record): record for record in (*made, batch, row, change, copy, told, suggestion, token) if record}


def path_of(address: Address, examples: dict[type[models.Model], models.Model]) -> str:
    """The address with a record in it."""
    special = {
        "admin:app_list": "admin/missions/",
        "admin:autocomplete": "admin/autocomplete/?app_label=missions&model_name=closureevent&field_name=mission",
        "admin/(?P<url>.*)$": "admin/nothing/",
        "api/[\\s\\S]*/\\Z": "api/v9/",
        "api:lookup": "api/v1/lookup/?url=https://a.example/",
        "api:suggest": "api/v1/suggest/?q=a&kind=actor",
    }
    if address.called in special:
        return f"/{special[address.called]}"
    label, _, model_name = address.route.removeprefix("admin/").partition("/")
    is_record = (label, model_name.split("/")[0]) in {
        (kind._meta.app_label, kind._meta.model_name) for kind in examples
    }
    record: Any = examples[apps.get_model(label, model_name.split("/")[0])] if is_record else None
    values = {
        "id": 1 if address.route.startswith("api/") else getattr(record, "pk", "none"),
        "object_id": getattr(record, "pk", "none"),
        "pk": getattr(record, "pk", "none"),
        "batch": examples[ImportBatch].pk,
        "ending": "csv",
        "kind": "source",
        "one": examples[Source].pk,
        "other": examples[Reference].cited_source_id,  # type: ignore[attr-defined]
        "source": examples[Source].pk,
        "key": "draft-1" if address.route.startswith("api/") else f"quote-{examples[Quote].pk}",
        "number": _number(address.route),
        "code": "ES",
        "content_type_id": ContentType.objects.get_for_model(Mission).pk,
    }
    values["slug"] = "costs" if address.route.startswith("api/") else "event-reports"
    if address.name == "admin:view_on_site":
        values["object_id"] = examples[Mission].pk
    route = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values[match[1]]), address.route)
    if address.is_regex:
        version = record.history.latest().history_id
        route = route.replace("^([^/]+)", str(record.pk)).replace("([^/]+)/$", f"{version}/")
    return f"/{route}"


def _number(route: str) -> str:
    """The number of the first public record of the kind that an address of the API is about."""
    prefixes = {"missions": "M", "events": "E", "sources": "S", "quotes": "Q", "actors": "A", "figures": "F"}
    return f"{prefixes.get(route.removeprefix('api/v1/').partition('/')[0])}-0001"


def answer_to(client: Client, method: str, path: str) -> str:
    answer = client.generic(method, path)
    is_login = answer.status_code == 302 and answer["Location"].startswith("/admin/login/")
    return "login" if is_login else str(answer.status_code)


def test_every_address_has_its_line_and_every_line_an_address() -> None:
    table, found = lines(), list(addresses())
    used = {id(line_for(address, method, table)) for address in found for method in METHODS}

    assert [a.called for a in found if not all(line_for(a, method, table) for method in METHODS)] == []
    assert [line for line in table if id(line) not in used] == []


@pytest.mark.parametrize("person", [*PEOPLE, "closed account"])
def test_everybody_gets_what_the_table_says(
    person: str, examples: dict[type[models.Model], models.Model], settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="django.request")
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.WithoutRendering"]
    client, table = Client(), lines()
    if person != "anonymous":
        user = User.objects.create_user(person, is_staff=True)
        user.groups.set(Group.objects.filter(name=person))
        client.force_login(user)
    if person == "closed account":
        # One who was an administrator, and is logged in still: nobody to us.
        user.groups.set(Group.objects.filter(name=ADMINISTRATOR))
        User.objects.update(is_active=False)
        person = "anonymous"
    expected, found = {}, {}
    for address in addresses():
        path = path_of(address, examples)
        for method in METHODS:
            line = line_for(address, method, table)
            expected[method, path] = line.expected[person] if line else "no line"
            found[method, path] = answer_to(client, method, path)
            if person != "anonymous" and address.name in ("admin:logout", "admin:login"):
                client.force_login(user)

    assert {key: (status, expected[key]) for key, status in found.items() if status != expected[key]} == {}
