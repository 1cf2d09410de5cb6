"""Every page of the desk opens, keeps to the content security policy, and asks a fixed number of queries."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from missions.models import ClosureEvent, EventCitation, Mission, ReportedFigure
from nkwatch.editorial import proposals
from nkwatch.editorial.models import ApiToken, ImportBatch, ImportRow, ProposedChange, PublicChange, Publishable
from sources.models import Actor, ActorName, Authorship, CapturedCopy, Country, Quote, Reference, Source
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

INLINE = re.compile(r"""<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:""", re.IGNORECASE)
OURS = ("missions", "sources", "editorial")


def our_models() -> list[type[models.Model]]:
    return [model for model in admin.site._registry if model._meta.app_label in OURS]


def url(model: type[models.Model] | models.Model, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def make_one_of_each(user: User) -> None:
    """A published record of every kind, with its parts, a proposal to one of them, and an import of it."""
    speaker = make_actor(name="Tae Yongho", kind="person", capacity="former-official", country="KP")
    ActorName.objects.create(actor=speaker, name="태영호")
    source = make_source(outlet=make_actor())
    Authorship.objects.create(source=source, author=speaker)
    Reference.objects.create(source=source, cited_source=make_source(title="Embassy closures"), label="n19")
    quote = make_quote(speaker=speaker)
    quote.reasons.add(make_reason())
    event = make_event()
    event.quotes.add(quote)
    coverage, figure = make_coverage(), make_figure(speaker=speaker)
    for record in (quote, event, event.mission, coverage, figure):
        cite(record, source, basis="own-reporting")
    publish(*quote.reasons.all(), source, *(r.cited_source for r in source.references.all()))
    publish(speaker, quote, event, coverage, figure)
    proposals.propose(event, {"stage": "announced", "duties_to": coverage.mission, "quotes": []}, user, "why")
    CapturedCopy.objects.create(source=source, file=ContentFile(b"%PDF-1.7 as printed", "report.pdf"))
    batch = ImportBatch.objects.create(file="events.csv", digest="0" * 64, door="import")
    for row, record in enumerate((event, event.citations.get()), start=2):
        ImportRow.objects.create(batch=batch, sheet="events.csv", row=row, outcome="new", record=record)
    ApiToken.make(user, "monitor")


def every_page(of_each: int) -> Iterator[str]:
    """Every page of the desk, with those of so many records of each kind."""
    yield reverse("admin:index")
    for label in OURS:
        yield reverse("admin:app_list", args=[label])
    for model in our_models():
        yield url(model, "changelist")
        if model not in (ProposedChange, ImportBatch, ImportRow, PublicChange):
            yield url(model, "add")
        for record in model._base_manager.order_by("pk")[:of_each]:
            yield url(model, "change", record.pk)
            yield url(model, "history", record.pk)
            for version in record.history.all() if hasattr(record, "history") else ():
                yield url(model, "simple_history", record.pk, version.history_id)


def test_every_model_of_the_record_stands_on_the_desk() -> None:
    recorded = set(Publishable.__subclasses__())
    kinds = {kind for model in recorded for kind in (model.__subclasses__() or [model])}
    assert kinds <= set(admin.site._registry)


def test_every_page_opens_and_has_nothing_inline(administrator: User, administrator_client: Client) -> None:
    make_one_of_each(administrator)
    assert all(model._base_manager.exists() for model in our_models())
    for page in every_page(of_each=3):
        response = administrator_client.get(page)
        assert response.status_code == 200, page
        assert not INLINE.search(response.content.decode()), (page, INLINE.search(response.content.decode()))
        assert "unsafe" not in response["Content-Security-Policy"]


def test_pages_between_an_action_and_its_effect_have_nothing_inline(administrator_client: Client) -> None:
    source = make_source()
    publish(source)
    draft = make_source(title="Draft")
    cite(make_quote(), draft)
    for action, record in (("retract", source), ("delete_selected", draft), ("delete_selected", source)):
        data = {"action": action, "_selected_action": record.pk}
        response = administrator_client.post(url(Source, "changelist"), data)
        assert response.status_code == 200
        assert not INLINE.search(response.content.decode())


@pytest.mark.parametrize("role", ["editor", "reviewer"])
def test_editors_and_reviewers_may_open_every_page_but_a_new_country(
    role: str, request: pytest.FixtureRequest, client_of: Callable[[User], Client]
) -> None:
    user = request.getfixturevalue(role)
    make_one_of_each(user)
    client = client_of(user)
    answers = {page: client.get(page).status_code for page in every_page(of_each=1)}
    assert {page for page, status in answers.items() if status != 200} == {url(Country, "add")}


def test_countries_are_mended_by_administrators_only(editor_client: Client, administrator_client: Client) -> None:
    page = url(Country, "change", "ES")
    spain = Country.objects.get(pk="ES")
    data = {field.name: getattr(spain, field.attname) or "" for field in spain._meta.concrete_fields}
    assert editor_client.post(page, data | {"variants": "España"}).status_code == 403
    assert administrator_client.post(page, data | {"variants": "España"}).status_code == 302
    spain.refresh_from_db()
    assert spain.variants == "España"


def make_many(count: int) -> None:
    """`count` rows of each of the lists that grow, quickly and with relations of their own."""
    spain = Country.objects.get(pk="ES")
    actors = Actor.objects.bulk_create(
        Actor(name=f"Agency {n}", name_key=f"agency{n}", kind="organisation", country=spain) for n in range(count)
    )
    sources = Source.objects.bulk_create(
        Source(title=f"Report {n}", title_key=f"report{n}", outlet=actor, issued="2023", issued_latest="2023-12-31")
        for n, actor in enumerate(actors)
    )
    missions = Mission.objects.bulk_create(
        Mission(sending_id="KP", host=spain, kind="embassy", city=f"City {n}", name=f"Embassy {n}")
        for n in range(count)
    )
    events = ClosureEvent.objects.bulk_create(
        ClosureEvent(mission=mission, stage="closed", date="2023", date_latest="2023-12-31") for mission in missions
    )
    EventCitation.objects.bulk_create(
        EventCitation(event=event, source=source, origin_body=source.outlet)
        for event, source in zip(events, sources, strict=True)
    )
    Quote.objects.bulk_create(Quote(text=f"Words {n}", speaker=actor) for n, actor in enumerate(actors))
    ReportedFigure.objects.bulk_create(
        ReportedFigure(metric="missions-abroad", low=n, speaker=actor) for n, actor in enumerate(actors)
    )
    author = User.objects.get(username="administrator")
    for event in events:
        ProposedChange(
            record=event,
            base_version=0,
            difference={"mission": {"old": event.mission_id, "new": missions[0].pk}},
            author=author,
        ).save()
    batch = ImportBatch.objects.create(file="events.csv", digest="0" * 64, door="import")
    citations = EventCitation.objects.order_by("pk")
    for row, (event, citation) in enumerate(zip(events, citations, strict=True), start=2):
        for record in (event, citation):
            ImportRow(batch=batch, sheet="events.csv", row=row, outcome="new", record=record).save()


def queries_of(client: Client, page: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(page).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def test_lists_ask_as_many_queries_for_300_rows_as_for_10(administrator_client: Client) -> None:
    # 300 rows are more than a page shows: whatever comes after them is counted, never fetched.
    # Each list asks for: session, user, permissions, the filters' choices, the date hierarchy's
    # bounds and days, one count, the rows with their relations, and one query a prefetched kind.
    lists = [url(model, "changelist") for model in our_models()]
    make_many(10)
    for page in lists:
        administrator_client.get(page)  # so that what Django keeps in memory (content types) is not counted
    few = {page: queries_of(administrator_client, page) for page in lists}
    for model in (EventCitation, ClosureEvent, Mission, Source, Quote, ReportedFigure, Actor, ImportBatch):
        model._base_manager.all().delete()
    ProposedChange.objects.all().delete()
    make_many(300)
    for page in lists:
        many = queries_of(administrator_client, page)
        assert len(many) == len(few[page]), (page, many)
        assert len(many) <= 30, page


def test_lists_of_published_missions_show_status_and_support_today(editor_client: Client) -> None:
    host = make_actor(name="Ministry of Foreign Affairs", capacity="government", country="ES")
    event = make_event(stage="closed")
    cite(event, attributed_to_actor=host)
    publish(host, event.citations.get().source, event)
    row = editor_client.get(url(Mission, "changelist")).content.decode()
    assert re.search(r'field-status_today">closed<.*field-support_today">confirmed<', row)
    events = editor_client.get(url(ClosureEvent, "changelist")).content.decode()
    assert 'field-support_level">confirmed<' in events
    assert "E-0001" in events


@pytest.mark.parametrize("term", ["M-0001", "m-1", "1", "스페인", "Madrid"])
def test_missions_are_found_by_number_and_by_name(term: str, editor_client: Client) -> None:
    madrid = make_mission()
    publish(madrid)
    make_mission(host="IT", city="Rome")
    found = editor_client.get(url(Mission, "changelist"), {"q": term}).context["cl"].result_list
    assert [mission.pk for mission in found] == [madrid.pk]


def test_a_draft_is_found_by_its_provisional_number(editor_client: Client) -> None:
    mission = make_mission()
    make_mission(host="IT", city="Rome")
    found = editor_client.get(url(Mission, "changelist"), {"q": mission.label}).context["cl"].result_list
    assert [found.pk for found in found] == [mission.pk]


@pytest.mark.parametrize("term", ["Thae Yong-ho", "TAE YONGHO", "태영호", "A-0001"])
def test_an_actor_is_found_under_every_spelling(term: str, editor_client: Client) -> None:
    actor = make_actor(name="Tae Yongho", kind="person")
    for name in ("Thae Yong-ho", "태영호"):
        ActorName.objects.create(actor=actor, name=name)
    publish(actor)
    make_actor(name="Kim Song")
    data = {"app_label": "sources", "model_name": "quote", "field_name": "speaker", "term": term}
    found = editor_client.get(reverse("admin:autocomplete"), data).json()["results"]
    assert [result["id"] for result in found] == [str(actor.pk)]


def test_only_published_records_are_viewed_on_the_site(editor_client: Client) -> None:
    mission = make_mission()
    page = url(Mission, "change", mission.pk)
    assert "viewsitelink" not in editor_client.get(page).content.decode()
    publish(mission)
    assert f'href="{mission.get_absolute_url()}" class="viewsitelink"' in editor_client.get(page).content.decode()


def test_history_shows_who_when_why_through_which_door_and_what(reviewer: User, reviewer_client: Client) -> None:
    source = make_source(title="Before")
    publish(source)
    data = {"kind": "article", "title": "After", "read": "in-full", "change_reason": "the title was misprinted"}
    data["seen_version"] = source.history.first().history_id
    reviewer_client.post(url(Source, "change", source.pk), data | empty_formsets("authorships", "references"))
    shown = reviewer_client.get(url(Source, "history", source.pk)).content.decode()
    newest = re.sub(r"\s+", " ", shown.split("<tbody>")[1].split("</tr>")[0])
    assert "reviewer" in newest
    assert "admin" in newest
    assert "the title was misprinted" in newest
    assert "<strong>Title</strong>: <del>Before</del> → <ins>After</ins>" in newest
    assert "Updated" not in newest


def empty_formsets(*prefixes: str) -> dict[str, Any]:
    return {f"{prefix}-{name}": 0 for prefix in prefixes for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
