"""Readers see published records, reached through published records only, on every address there is.

Unpublished records stand everywhere around published ones, each text of theirs with a marker word.
No page may carry the word, nor change by a letter or a count because they are there.
"""

import contextlib
import io
import itertools
import re
import sqlite3
import zipfile
from collections import deque
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.admin.sites import site as admin_site
from django.core.files.base import ContentFile
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from missions.models import ClosureEvent, Mission
from nkwatch.editorial.derivation import rederive
from nkwatch.editorial.models import NumberedRecord, Publishable, State
from nkwatch.site.models import Suggestion
from sources.models import Actor, ActorName, Authorship, CapturedCopy, Citation, Quote, Reason, Reference, Source
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

MARKER = "Xylophon"
UNPUBLISHED = (State.DRAFT, State.IN_REVIEW, State.RETRACTED)
DAYS = ("", "?asof=2023-11-15")
LEADS_ON = (301, 302)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
"""What a form has that differs each time it is asked for."""


def make_published_world() -> dict[str, Publishable]:
    """One published record of each kind, tied to the others in every way."""
    government = make_actor(name="Government", capacity="government", country="KR")
    actor = make_actor(name="Ministry", capacity="government", country="KR", part_of=government)
    outlet = make_actor(name="Outlet")
    actor.names.create(name="Variant")
    original = make_source(title="Original", outlet=outlet)
    source = make_source(title="Source", outlet=outlet, republication_of=original)
    source.authorships.create(author=make_actor(name="Author", kind="person"))
    source.references.create(cited_source=make_source(title="Endnote"), label="n1")
    reason = make_reason()
    quote = make_quote(speaker=actor, on_behalf_of=government)
    quote.reasons.add(reason)
    rome, mission = make_mission(host="IT", city="Rome"), make_mission()
    event = make_event(mission=mission, duties_to=rome, date="2023-11-01")
    event.quotes.add(quote)
    figure = make_figure(speaker=actor)
    coverage = make_coverage(mission=rome)
    for record in (quote, event, mission, figure, coverage):
        cite(record, source, attributed_to_source=original, attributed_to_actor=actor, wording="As printed.")
    publish(reason, government, actor, source, quote, rome, mission, event, figure, coverage)
    # For the desk only, however public its source is.
    copy = ContentFile(f"%PDF-1.7 {MARKER}".encode(), f"{MARKER}.pdf")
    CapturedCopy.objects.create(source=source, file=copy, text=MARKER)
    return {
        "actor": actor,
        "source": source,
        "original": original,
        "reason": reason,
        "quote": quote,
        "mission": mission,
        "rome": rome,
        "event": event,
        "figure": figure,
        "coverage": coverage,
    }


def _marked(model: type[models.Model], number: int) -> dict[str, str]:
    """The marker in every text that a record of `model` has."""
    texts = {}
    for field in model._meta.concrete_fields:
        is_text = isinstance(field, models.CharField | models.TextField)
        if (
            not is_text
            or field.choices
            or not field.editable
            or hasattr(field, "set_bounds")
            or field.name in ("language", "fact")
        ):
            continue
        if field.name.endswith("url") or field.name == "homepage":
            texts[field.name] = f"https://{MARKER}.example/{number}".lower()
        elif isinstance(field, models.SlugField):
            # A page may repeat the address that it was asked for: no marker in that.
            texts[field.name] = f"hidden-{number}"
        else:
            texts[field.name] = f"{MARKER} {number}"[: field.max_length]
    return texts


def make_unpublished_records(world: dict[str, Publishable], state: str, number: int) -> list[Publishable]:
    """One record of each kind in `state`, tied to published ones; every text of theirs is marked."""

    def marked(model, **values):
        return model.objects.create(**{**_marked(model, number), **values})

    actor = marked(Actor, kind="organisation", capacity="government", country_id="KR", part_of=world["actor"])
    source = marked(Source, outlet=world["actor"], republication_of=world["source"], issued="2023-11-01")
    relied_on = marked(Source, outlet=world["actor"], issued="2023-11-01", source_url="")
    quote = marked(Quote, speaker=world["actor"], on_behalf_of=world["actor"], said_on="2023-11-01")
    reason = marked(Reason)
    quote.reasons.add(reason, world["reason"])
    mission = marked(Mission, sending_id="KP", host_id="ES", kind="consulate")
    event = marked(ClosureEvent, mission=world["mission"], stage="closed", date="2023-11-0" + str(number))
    event.quotes.add(world["quote"], quote)
    figure = marked(type(world["figure"]), metric="closures-planned", low=number, as_of="2023-11")
    coverage = marked(type(world["coverage"]), mission=world["mission"], country_id="MT", starts=f"200{number}")
    records = [actor, source, relied_on, quote, reason, mission, event, figure, coverage]
    records += [
        marked(ActorName, actor=world["actor"]),
        marked(Authorship, source=world["source"], author=actor),
        marked(Reference, source=world["source"], cited_source=source),
        marked(Reference, source=source, cited_source=world["source"]),
        marked(ClosureEvent, mission=mission, stage="announced", date="2023-11", duties_to=world["mission"]),
    ]
    for kind in Citation.kinds():
        about = next(r for r in world.values() if type(r) is kind._meta.get_field(kind.record_field).related_model)
        records.append(marked(kind, source=source, **{kind.record_field: about}))
        records.append(
            marked(
                kind,
                source=world["source"],
                basis="attributed",
                attributed_to_source=relied_on,
                **{kind.record_field: about},
            )
        )
    for record in records:
        values = {"state": state}
        if state == State.RETRACTED:
            values["retraction_reason"] = "It was entered twice."
            if isinstance(record, NumberedRecord):
                values["number"] = 900 + record.pk
        type(record).objects.filter(pk=record.pk).update(**values)
    for record in records:
        record.refresh_from_db()
    return records


def _routes(resolver: URLResolver, prefix: str = "", namespaces: tuple = ()) -> Iterator[tuple[str, tuple, dict]]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _routes(entry, route, (*namespaces, entry.namespace))
        elif isinstance(entry, URLPattern):
            yield route, namespaces, entry.pattern.converters


def _labels() -> dict[str, list[str]]:
    """The numbers of all records, published or not, by where the site keeps records of their kind ("missions")."""
    found: dict[str, list[str]] = {}
    for model in apps.get_models():
        if issubclass(model, NumberedRecord):
            for record in model.objects.all():
                found.setdefault(record.get_absolute_url().split("/")[1], []).append(record.label)
    return found


def _asked_at(route: str, labels: dict[str, list[str]]) -> list[str]:
    """Every number of the kind that a route serves, and one of each other kind, which is not to be found there."""
    return [label for place, listed in labels.items() for label in (listed if f"{place}/" in route else listed[:1])]


def public_addresses() -> Iterator[str]:
    """Every address of the resolver outside the admin, for every record there is, published or not."""
    labels = _labels()
    slugs = list(Reason.objects.values_list("slug", flat=True))
    for route, namespaces, _converters in _routes(get_resolver()):
        if "admin" in namespaces:
            continue
        # Pages are tried with every number and on two days; what lies below the address of a record, and feeds,
        # show no status: they are tried once for each record of their kind.
        is_below = route.endswith(("versions/", "versions/<int:version>/", "<citation:ending>", ".atom", ".xml"))
        own = labels.get(route.partition("/")[0], []) if is_below else _asked_at(route, labels)
        values = {
            "label": own,
            "words": ["any"] if is_below else ["", "any"],
            "slug": [*slugs, "ES", "MT"],
            "str": [*own, *slugs],
            "int": ["1", "2"],
            "citation": ["ris", "csl.json"],
        }
        named = re.findall(r"<(\w+):(\w+)>", route)
        assert {converter for converter, _ in named} <= set(values), f"teach this test what {route} takes"
        for filling in itertools.product(*(values[converter] for converter, _ in named)):
            address = route
            for (converter, name), value in zip(named, filling, strict=True):
                address = address.replace(f"<{converter}:{name}>", value)
            for day in DAYS[:1] if is_below else DAYS:
                yield f"/{address}{day}"


def _lasting(response) -> Iterator[tuple[str, str]]:
    """The headers, less the API's day of the newest change: a retraction is public, and moves it (test_api_leaks)."""
    return ((name, value) for name, value in response.items() if name != "Last-Modified")


def answers(client: Client) -> dict[str, tuple[int, str]]:
    """What each address answers, and each to which one leads: its status, and headers and body as one text."""
    found: dict[str, tuple[int, str]] = {}
    asked = deque(public_addresses())
    while asked:
        if (address := asked.popleft()) in found:
            continue
        response = client.get(address)
        headers = "\n".join(f"{name}: {value}" for name, value in _lasting(response))
        found[address] = (response.status_code, f"{headers}\n{TOKEN.sub('', _text(response.getvalue()))}")
        if response.status_code in LEADS_ON:
            asked.append(response["Location"])
    return found


def _text(content: bytes) -> str:
    """What an answer says: of a workbook, each file in it; of a database, each row."""
    if content.startswith(b"SQLite format 3"):
        with contextlib.closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(content)
            return "\n".join(database.iterdump())
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "\n".join(f"{name}\n{book.read(name).decode()}" for name in book.namelist())


def assert_unmarked(found: dict[str, tuple[int, str]]) -> None:
    assert {address for address, (_, text) in found.items() if MARKER.lower() in text.lower()} == set()


def test_unpublished_records_change_no_page_by_a_letter_or_a_count(client: Client):
    world = make_published_world()
    before = answers(client)
    shown = {address for address, (status, _) in before.items() if status in (200, *LEADS_ON)}
    assert sum(status == 200 for status, _ in before.values()) >= 2 * (8 + 12)
    records = [
        record
        for number, state in enumerate(UNPUBLISHED, start=1)
        for record in make_unpublished_records(world, state, number)
    ]
    rederive([*world.values(), *records])
    after = answers(client)
    assert_unmarked(after)
    assert {address for address in shown if after[address] != before[address]} == set()
    new = {address: status for address, (status, _) in after.items() if address not in before}
    # The API refuses ?asof= (400) before it looks for a record, where no status is shown; its desk asks who calls
    # (401), and steps are not there to be read (405), whatever the number.
    assert set(new.values()) - {*LEADS_ON} == {400, 401, 404, 405, 410}
    assert all("/api/v1/" in address for address, status in new.items() if status in (400, 401, 405))


@pytest.mark.parametrize("state", UNPUBLISHED)
def test_no_relation_of_a_published_record_shows_an_unpublished_one(client: Client, state: str):
    """The publishing guard keeps most of these from arising; a retraction makes some; the gate must hold in all."""
    world = make_published_world()
    records = make_unpublished_records(world, state, 1)
    hidden = {}
    for record in records:
        hidden.setdefault(type(record), record)
    bodies = list(Actor.objects.public())
    for model in {type(record) for record in (*world.values(), *bodies)} | set(Citation.kinds()):
        for record in model.objects.public():
            relations = [
                field
                for field in model._meta.concrete_fields
                if isinstance(field, models.ForeignKey) and field.null and field.related_model in hidden
            ]
            changes = {field.name: hidden[field.related_model] for field in relations}
            if changes and record != world["original"]:
                model.objects.filter(pk=record.pk).update(**changes)
    shown = {"state": State.PUBLISHED, "source": world["original"]}
    Authorship.objects.bulk_create([Authorship(author=hidden[Actor], **shown)])
    Reference.objects.bulk_create([Reference(cited_source=hidden[Source], **shown)])
    world["quote"].reasons.add(hidden[Reason])
    world["event"].quotes.add(hidden[Quote])
    assert_unmarked(answers(client))
    fresh = [record for model in hidden for record in model.objects.all()]
    rederive(fresh)
    assert ClosureEvent.objects.public().exists()
    assert_unmarked(answers(client))


@pytest.mark.parametrize("kind", [Actor, Source, Quote, Reason, Mission])
def test_a_record_retracted_under_others_is_shown_nowhere(client: Client, kind: type[Publishable]):
    make_published_world()
    for record in kind.objects.public():
        texts = {name: value for name, value in _marked(kind, record.pk).items() if getattr(record, name)}
        kind.objects.filter(pk=record.pk).update(**texts)
        record.refresh_from_db()
        record.retract("It was entered twice.")
    assert_unmarked(answers(client))


def test_admin_addresses_answer_a_visitor_with_the_login_only(client: Client):
    world = make_published_world()
    login = reverse("admin:login")
    addresses = {reverse("admin:index"), reverse("admin:password_change"), reverse("admin:jsi18n")}
    for model in admin_site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        record = next((r for r in world.values() if type(r) is model), None)
        pk = record.pk if record else 1
        addresses |= {reverse(f"admin:{name}_changelist"), reverse(f"admin:{name}_add")}
        addresses |= {reverse(f"admin:{name}_{page}", args=[pk]) for page in ("change", "delete", "history")}
    assert len(addresses) > 20
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith(login)


def test_drafts_take_no_number_that_a_visitor_could_miss(client: Client):
    make_mission(host="FR", city="Paris")
    published = make_mission()
    publish(published)
    assert published.label == "M-0001"


def test_what_a_reviewer_retracts_is_gone_at_that_moment_from_every_address_with_all_its_words(
    client: Client, reviewer_client: Client
):
    """Unnamed people stay unnamed: one step with a reason, by one reviewer, where no status follows from it."""
    world = make_published_world()
    retracted = [world["actor"], world["quote"], world["source"]]
    for record in retracted:
        # Said twice, so that earlier versions and the list of changes have the words too.
        for times in ("once", "again"):
            for name, value in _marked(type(record), record.pk).items():
                if getattr(record, name) and not name.endswith("url"):
                    setattr(record, name, f"{value} {times}")
            record.save()
    citation = world["quote"].citations.get()
    citation.wording = f"{MARKER} as printed"
    citation.save()
    Suggestion.objects.create(text=MARKER, answer=MARKER, status="taken-up", about=world["quote"].label)
    asked = ["/search/?q=again", "/search/?q=Xylophom", "/sitemap-quotes.xml", "/sitemap-sources.xml"]
    seen = ["/changes/", "/changes.json", "/changes.atom", "/data/", "/data/nkwatch.sqlite3", "/quotes.csv", asked[0]]
    for record in retracted:
        address = record.get_absolute_url()
        seen += [address, f"{address}versions/", f"{address}versions/2/"]
    for address in seen:
        assert MARKER.lower() in _text(client.get(address).getvalue()).lower(), address

    reason = "It could lead to somebody who was promised not to be named."
    for record in retracted:
        listed = reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_changelist")
        asks = {"action": "retract", "_selected_action": [record.pk], "words": reason}
        assert reviewer_client.post(listed, asks).status_code == 302
        record.refresh_from_db()
        assert record.state == State.RETRACTED
    found = answers(client) | {address: (0, _text(client.get(address).getvalue())) for address in [*seen, *asked]}
    assert_unmarked(found)
    for record in retracted:
        gone = client.get(f"/{record.get_absolute_url().split('/')[1]}/{record.label}/")
        assert gone.status_code == 410
        assert record.label in gone.content.decode() and reason in gone.content.decode()
        tombstone = [row for row in client.get("/changes.json").json()["changes"] if row["number"] == record.label]
        assert [row["reason"] for row in tombstone if row["kind"] == "retraction"] == [reason]
        assert all(row["gone"] and row["changed"] == [] and row["name"] is None for row in tombstone)
