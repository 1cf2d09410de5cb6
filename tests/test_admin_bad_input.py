"""Bad input on the desk: a clear message beside the field, and nothing written."""

from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from missions.models import ClosureEvent, EventCitation, Mission
from sources.models import Actor, Quote, Reference, Source
from tests.make import cite, make_actor, make_event, make_mission, make_quote, make_reason, make_source, publish

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

NO_ROWS = {
    f"{prefix}-{name}": 0
    for prefix in ("names", "authorships", "references", "citations", "coverages")
    for name in ("TOTAL_FORMS", "INITIAL_FORMS")
}


def url(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def everything_stored() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the record and of its history, to compare before and after."""
    labels = ("missions", "sources", "editorial")
    models = (model for label in labels for model in apps.get_app_config(label).get_models())
    return {model._meta.label: sorted(model._base_manager.values_list(), key=repr) for model in models}


def refused(client: Client, page: str, data: dict[str, Any]) -> str:
    """Send a form that must be refused; give the errors as they stand on its page."""
    before = everything_stored()
    response = client.post(page, NO_ROWS | data)
    assert response.status_code == 200
    assert everything_stored() == before
    return "\n".join(str(error) for errors in response.context["errors"] for error in [errors])


SOURCE = {"kind": "article", "title": "North Korea to close its embassy in Spain", "read": "in-full"}
MISSION = {"sending": "KP", "host": "ES", "kind": "embassy", "city": "Madrid"}


@pytest.mark.parametrize(
    ("date", "message"),
    [
        ("/2023-12-05", "Write .. for an open side: ../2023-12-05"),
        ("2023-13", "is not a date that can be read. Write 2023, 2023-10"),
        ("2023-02-30", "is not a date that can be read"),
        ("last Wednesday", "is not a date that can be read"),
        ("05.12.2023", "is not a date that can be read"),
        ("2023-12-05/2023-11-01", "ends before it begins"),
        ("../..", "leave the field empty"),
    ],
)
def test_dates_that_say_nothing_certain_are_refused(date: str, message: str, editor_client: Client) -> None:
    event = {"mission": make_mission().pk, "stage": "closed", "date": date}
    assert message in refused(editor_client, url(ClosureEvent, "add"), event)
    assert message in refused(editor_client, url(Source, "add"), SOURCE | {"issued": date})


def test_a_date_of_a_citation_below_is_refused_beside_its_field(editor_client: Client) -> None:
    event = make_event()
    row = {"citations-TOTAL_FORMS": 1, "citations-0-source": make_source().pk, "citations-0-date": "/2023"}
    row |= {"citations-0-stance": "supports", "citations-0-basis": "not-given"}
    data = {"mission": event.mission.pk, "stage": "closed", "date": "2023-11"}
    assert "leaves one side empty" in refused(editor_client, url(ClosureEvent, "change", event.pk), data | row)


def test_an_unknown_country_is_refused_by_its_code(editor_client: Client) -> None:
    message = refused(editor_client, url(Mission, "add"), MISSION | {"host": "QQ"})
    assert "No country “QQ” is on record" in message


def test_a_mission_in_its_own_country_is_refused(editor_client: Client) -> None:
    message = refused(editor_client, url(Mission, "add"), MISSION | {"host": "KP"})
    assert "A mission stands in another country than the one that sends it." in message


def test_a_mission_of_two_other_countries_is_refused(editor_client: Client) -> None:
    message = refused(editor_client, url(Mission, "add"), MISSION | {"sending": "FR"})
    assert "North Korea must be the sending or the host country." in message


def test_a_mission_that_stands_already_is_refused(editor_client: Client) -> None:
    make_mission()
    message = refused(editor_client, url(Mission, "add"), MISSION | {"city": "MADRID"})
    assert "This mission stands already" in message


@pytest.mark.parametrize(
    "twin",
    [
        "https://example.org/news/1",
        "http://EXAMPLE.org/news/1#top",
        "https://example.org/news/1?utm_source=feed",
        "https://example.org:443/news/1",
    ],
)
def test_a_known_address_is_refused_under_every_spelling(twin: str, editor_client: Client) -> None:
    source = make_source(source_url="https://example.org/news/1")
    message = refused(editor_client, url(Source, "add"), SOURCE | {"source_url": twin})
    assert f"This address is known: it is {source.label}" in message


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "ftp://example.org/", "//example.org"])
@pytest.mark.parametrize("field", ["source_url", "archive_url"])
def test_addresses_that_are_not_of_the_web_are_refused(field: str, address: str, editor_client: Client) -> None:
    message = refused(editor_client, url(Source, "add"), SOURCE | {field: address})
    assert "Only web addresses that begin with http:// or https:// are kept." in message


def test_a_homepage_that_is_script_is_refused(editor_client: Client) -> None:
    data = {"kind": "organisation", "name": "Kyodo", "capacity": "news-agency", "homepage": "javascript:alert(1)"}
    assert "Only web addresses" in refused(editor_client, url(Actor, "add"), data)


def test_a_source_without_any_name_is_refused(editor_client: Client) -> None:
    assert "Give the source a title" in refused(editor_client, url(Source, "add"), SOURCE | {"title": ""})


def test_a_source_is_no_republication_of_itself(editor_client: Client) -> None:
    source = make_source()
    data = SOURCE | {"republication_of": source.pk}
    assert "is itself a republication of this source" in refused(editor_client, url(Source, "change", source.pk), data)


def test_republications_that_run_in_a_circle_are_refused(editor_client: Client) -> None:
    first = make_source(title="First")
    second = make_source(title="Second", republication_of=first)
    data = SOURCE | {"republication_of": second.pk}
    assert "one must go" in refused(editor_client, url(Source, "change", first.pk), data)


def test_a_reference_to_itself_is_refused(editor_client: Client) -> None:
    source = make_source()
    data = {"source": source.pk, "cited_source": source.pk}
    assert "A source cannot refer to itself." in refused(editor_client, url(Reference, "add"), data)


def test_an_actor_that_is_part_of_its_own_part_is_refused(editor_client: Client) -> None:
    government = make_actor(name="Government of Japan", capacity="government")
    ministry = make_actor(name="Foreign Ministry", capacity="government", part_of=government)
    data = {"kind": "organisation", "name": "Government", "capacity": "government", "part_of": ministry.pk}
    message = refused(editor_client, url(Actor, "change", government.pk), data)
    assert "one of the two must go" in message


def citation_rows(*rows: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {"citations-TOTAL_FORMS": len(rows)}
    for n, row in enumerate(rows):
        row = {"stance": "supports", "basis": "attributed"} | row
        data |= {f"citations-{n}-{name}": value for name, value in row.items()}
    return data


def event_form(event: ClosureEvent) -> dict[str, Any]:
    return {"mission": event.mission.pk, "stage": event.stage, "date": event.date}


def test_an_attribution_back_to_a_stored_citation_is_refused(editor_client: Client) -> None:
    event, first, second = make_event(), make_source(title="First"), make_source(title="Second")
    cite(event, first, attributed_to_source=second)
    data = {"event": event.pk, "source": second.pk, "attributed_to_source": first.pk}
    message = refused(editor_client, url(EventCitation, "add"), data | {"stance": "supports", "basis": "attributed"})
    assert "the attribution runs in a circle" in message


def test_two_new_rows_that_rely_on_each_other_are_refused_together(editor_client: Client) -> None:
    event, first, second = make_event(), make_source(title="First"), make_source(title="Second")
    rows = citation_rows(
        {"source": first.pk, "attributed_to_source": second.pk}, {"source": second.pk, "attributed_to_source": first.pk}
    )
    message = refused(editor_client, url(ClosureEvent, "change", event.pk), event_form(event) | rows)
    assert "the attribution runs in a circle" in message


def test_the_same_citation_twice_in_one_form_is_refused(editor_client: Client) -> None:
    event, source = make_event(), make_source()
    rows = citation_rows({"source": source.pk, "basis": "not-given"}, {"source": source.pk, "basis": "not-given"})
    message = refused(editor_client, url(ClosureEvent, "change", event.pk), event_form(event) | rows)
    assert "This source is cited for this already" in message


def test_a_new_event_with_contradicting_rows_leaves_neither_event_nor_rows(editor_client: Client) -> None:
    event, source = make_event(), make_source()
    rows = citation_rows({"source": source.pk, "basis": "not-given"}, {"source": source.pk, "basis": "not-given"})
    message = refused(editor_client, url(ClosureEvent, "add"), event_form(event) | rows)
    assert "This source is cited for this already" in message


def test_a_source_attributed_to_itself_is_refused(editor_client: Client) -> None:
    event, source = make_event(), make_source()
    rows = citation_rows({"source": source.pk, "attributed_to_source": source.pk})
    message = refused(editor_client, url(ClosureEvent, "change", event.pk), event_form(event) | rows)
    assert "circle" in message or "cannot be its own origin" in message


@pytest.mark.parametrize("row", [{"basis": "attributed"}, {"basis": "own-reporting", "attributed_to_actor": True}])
def test_an_attribution_and_its_basis_must_agree(row: dict[str, Any], editor_client: Client) -> None:
    event, source = make_event(), make_source()
    row = {name: make_actor().pk if value is True else value for name, value in row.items()}
    rows = citation_rows({"source": source.pk} | row)
    message = refused(editor_client, url(ClosureEvent, "change", event.pk), event_form(event) | rows)
    assert "An attributed claim names the source or the actor that said it" in message


def test_a_source_that_nobody_read_carries_no_claims(editor_client: Client) -> None:
    event, source = make_event(), make_source(read="only-cited")
    rows = citation_rows({"source": source.pk, "basis": "not-given"})
    message = refused(editor_client, url(ClosureEvent, "change", event.pk), event_form(event) | rows)
    assert "was only cited, never read" in message


def test_invisible_characters_are_refused(editor_client: Client) -> None:
    message = refused(editor_client, url(Source, "add"), SOURCE | {"title": "Embassy \u202eniapS ni"})
    assert "U+202E at position 9" in message


def test_a_form_without_its_rows_is_no_server_error(editor_client: Client) -> None:
    before = everything_stored()
    assert editor_client.post(url(Source, "add"), SOURCE).status_code == 200
    assert everything_stored() == before


def test_deleting_a_cited_source_lists_what_cites_it(editor_client: Client) -> None:
    source, event = make_source(), make_event()
    citation = cite(event, source)
    referring = Reference.objects.create(source=make_source(title="Fifth report"), cited_source=source)
    cited_by = [str(citation), str(referring)]
    before = everything_stored()
    single = editor_client.post(url(Source, "delete", source.pk), {"post": "yes"})
    data = {"action": "delete_selected", "_selected_action": source.pk, "post": "yes"}
    several = editor_client.post(url(Source, "changelist"), data)
    for response in (single, several):
        assert response.status_code == 200
        assert all(name in response.content.decode() for name in cited_by)
        assert url(EventCitation, "change", citation.pk) in response.content.decode()
    assert everything_stored() == before


def test_deleting_a_published_source_says_to_retract_it_and_what_cites_it(reviewer_client: Client) -> None:
    event = make_event()
    citation = cite(event, basis="own-reporting")
    publish(event)
    data = {"action": "delete_selected", "_selected_action": citation.source.pk, "post": "yes"}
    before = everything_stored()
    shown = reviewer_client.post(url(Source, "changelist"), data).content.decode()
    assert str(citation) in shown
    assert "has been public: retract it" in shown
    assert everything_stored() == before


def test_deleting_a_speaker_lists_the_quotes(editor_client: Client) -> None:
    quote = make_quote(speaker=make_actor())
    response = editor_client.post(url(Actor, "delete", quote.speaker.pk), {"post": "yes"})
    assert url(Quote, "change", quote.pk) in response.content.decode()
    assert Actor.objects.count() == 1


def test_deleting_what_stands_in_a_list_of_another_record_names_that_record(editor_client: Client) -> None:
    reason, quote, event = make_reason(), make_quote(), make_event()
    quote.reasons.add(reason)
    event.quotes.add(quote)
    before = everything_stored()
    for record, user in ((reason, quote), (quote, event)):
        response = editor_client.post(url(record, "delete", record.pk), {"post": "yes"})
        assert user.label in response.content.decode()
    assert everything_stored() == before


@pytest.mark.parametrize("term", ["M-99999999999999999999", "\x00", "'; --", "draft-", "%", "M-0"])
def test_odd_searches_find_nothing_and_break_nothing(term: str, editor_client: Client) -> None:
    make_mission()
    assert editor_client.get(url(Mission, "changelist"), {"q": term}).status_code in (200, 302)
