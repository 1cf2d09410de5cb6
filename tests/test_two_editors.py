"""Two editors, one record: the second save shows what the first one changed, and loses nothing (pages.md, B)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import models
from django.test import Client
from django.urls import reverse

from missions.models import ClosureEvent, EventCitation
from nkwatch.editorial.history.meanwhile import Meanwhile, Section
from nkwatch.editorial.models import ProposedChange, State
from nkwatch.editorial.versions import changing
from sources.models import Actor, ActorName, Source
from tests.make import cite, make_actor, make_event, make_quote, make_reason, make_source, publish

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


def url(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def sent_by(response: Any) -> dict[str, Any]:
    """What a form's page would send if nothing were altered on it, its choices included."""
    context = response.context
    data: dict[str, Any] = {}
    formsets = [inline.formset for inline in context["inline_admin_formsets"]]
    forms = [context["adminform"].form, *(form for formset in formsets for form in formset.forms)]
    for form in [*forms, *(formset.management_form for formset in formsets)]:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                data[bound.html_name] = value
    return data


class Desk:
    """One editor with a record's form open."""

    def __init__(self, client: Client, record: models.Model) -> None:
        self.client, self.page = client, url(record, "change", record.pk)
        self.response: Any = client.get(self.page)
        self.data = sent_by(self.response)

    def save(self, **typed: Any) -> "Desk":
        self.response = self.client.post(self.page, self.data | typed, follow=True)
        if not self.was_saved:
            self.data = sent_by(self.response)
        return self

    @property
    def was_saved(self) -> bool:
        return bool(self.response.redirect_chain)

    @property
    def meanwhile(self) -> Meanwhile:
        return self.response.context["meanwhile"]

    @property
    def section(self) -> Section:
        (section,) = self.meanwhile.sections
        return section

    def outcomes(self) -> dict[str, str]:
        return {line.label: line.outcome for section in self.meanwhile.sections for line in section.lines}

    @property
    def text(self) -> str:
        return self.response.content.decode()


@pytest.fixture
def two(
    editor: User, reviewer: User, client_of: Callable[[User], Client]
) -> Callable[[models.Model], tuple[Desk, Desk]]:
    """Open the form of a record in the browsers of two people: the first to save, and the second."""

    def opened(record: models.Model) -> tuple[Desk, Desk]:
        return Desk(client_of(reviewer), record), Desk(client_of(editor), record)

    return opened


def everything(record: Any) -> dict[str, Any]:
    record.refresh_from_db()
    lists = {f.name: sorted(row.pk for row in getattr(record, f.name).all()) for f in record._meta.many_to_many}
    return {f.attname: getattr(record, f.attname) for f in record._meta.concrete_fields} | lists


CASES = [
    # (field, what stood there, what the first saves, what the second types, what becomes of it, what the form holds)
    ("title", "Before", "Theirs", "Before", "taken over", "Theirs"),
    ("title", "Before", "Theirs", "Mine", "changed by both", "Mine"),
    ("title", "Before", "Same", "Same", "", None),
    ("summary", "One.\nTwo.", "One.\nThree.", "One.\r\nTwo.", "taken over", "One.\nThree."),
    ("issued", "2023-11", "2023-11-01", "not a date", "changed by both", "not a date"),
    ("accessed_on", "2023-11-01", "2023-11-02", "2023-11-01", "taken over", "02/11/2023"),
    ("language", "en", "", "ko", "changed by both", "ko"),
    ("read", "in-full", "in-part", "in-full", "taken over", "in-part"),
]


@pytest.mark.parametrize(("field", "before", "theirs", "mine", "outcome", "shown"), CASES)
def test_each_field_is_compared(
    two: Any, field: str, before: Any, theirs: Any, mine: Any, outcome: str, shown: Any
) -> None:
    source = make_source(**({"issued_note": "dateline"} | {field: before}))
    first, second = two(source)
    assert first.save(**{field: theirs}).was_saved
    stored = everything(source)
    versions = source.history.count()
    second.save(**{field: mine, "issued_note": "seen in print"})

    if not outcome:
        assert second.was_saved
        assert everything(source)["issued_note"] == "seen in print"
        return
    assert not second.was_saved
    assert (everything(source), source.history.count()) == (stored, versions)
    assert list(second.outcomes().values()) == [outcome]
    assert second.data[field] == shown
    assert second.data["issued_note"] == "seen in print"
    assert "Nothing was saved, and nothing that you typed is lost" in second.text


def test_saving_again_merges_what_both_changed(two: Any) -> None:
    source = make_source(title="Before", language="en")
    first, second = two(source)
    first.save(title="Theirs", language="es")
    second.save(summary="My own words.", language="ko")
    (who,) = second.section.who
    assert who.startswith("reviewer on ")
    assert second.text.count("Taken over from reviewer.") == 1
    assert second.save().was_saved
    source.refresh_from_db()
    assert (source.title, source.summary, source.language) == ("Theirs", "My own words.", "ko")


def test_the_other_value_can_be_chosen(two: Any) -> None:
    source = make_source(title="Before")
    first, second = two(source)
    first.save(title="Theirs")
    second.save(title="Mine", summary="Kept.")
    (line,) = second.section.lines
    assert (line.old, line.theirs, line.mine, line.choice) == ("Before", "Theirs", "Mine", "_choice-title")
    assert 'name="_choice-title" value="theirs"' in second.text
    assert second.save(**{"_choice-title": "theirs"}).was_saved
    source.refresh_from_db()
    assert (source.title, source.summary) == ("Theirs", "Kept.")


def test_a_third_change_is_shown_before_the_second_is_merged(two: Any) -> None:
    source = make_source(title="Before")
    first, second = two(source)
    first.save(title="Theirs")
    second.save(title="Mine")
    Desk(first.client, source).save(title="Theirs again")
    second.save()
    (line,) = second.section.lines
    assert (line.old, line.theirs, line.mine) == ("Theirs", "Theirs again", "Mine")
    assert second.save().was_saved
    assert everything(source)["title"] == "Mine"


def test_relations_are_compared_in_words(two: Any) -> None:
    kyodo, yonhap, afp = (make_actor(name=name) for name in ("Kyodo", "Yonhap", "AFP"))
    source = make_source(outlet=kyodo)
    first, second = two(source)
    first.save(outlet=yonhap.pk)
    second.save(outlet=afp.pk)
    (line,) = second.section.lines
    assert (line.old, line.theirs, line.mine) == ("Kyodo", "Yonhap", "AFP")


def test_lists_count_as_the_record_does(two: Any) -> None:
    quote, sanctions, costs = make_quote(), make_reason(), make_reason(slug="costs", label="Costs")
    first, second = two(quote)
    first.save(reasons=[sanctions.pk])
    second.save(reasons=[costs.pk])
    (line,) = second.section.lines
    assert (line.old, line.theirs, line.mine, line.outcome) == ("(empty)", "Sanctions", "Costs", "changed by both")
    third = Desk(second.client, quote)
    Desk(first.client, quote).save(reasons=[sanctions.pk, costs.pk])
    assert third.save(speaker_role="spokesman").outcomes() == {"reasons": "taken over"}
    assert third.save().was_saved
    assert everything(quote)["reasons"] == sorted([sanctions.pk, costs.pk])
    assert quote.speaker_role == "spokesman"


def test_one_editor_in_two_windows_is_told_so(editor_client: Client) -> None:
    source = make_source(title="Before")
    left, right = Desk(editor_client, source), Desk(editor_client, source)
    left.save(title="Left")
    assert right.save(title="Right").section.who[0].startswith("you, in another window, on ")


def test_an_unaltered_second_save_takes_nothing_back(two: Any) -> None:
    source = make_source(title="Before")
    first, second = two(source)
    first.save(title="Theirs")
    assert not second.save().was_saved
    assert second.save().was_saved
    assert everything(source)["title"] == "Theirs"


def test_a_change_taken_back_meanwhile_is_none(two: Any) -> None:
    source = make_source(title="Before")
    first, second = two(source)
    first.save(title="Theirs")
    Desk(first.client, source).save(title="Before")
    assert second.save(title="Mine").was_saved


def test_a_record_published_meanwhile_is_said_and_then_proposed(two: Any) -> None:
    source = make_source(title="Before")
    _, second = two(source)
    publish(source)
    second.save(title="Mine")
    assert second.outcomes()["state"] == ""
    assert "Readers see this record" in second.text
    assert source.history.first().title == "Before"
    assert second.save(title="Mine", change_reason="Misread").was_saved
    assert everything(source)["title"] == "Before"
    assert ProposedChange.objects.get().difference == {"title": {"old": "Before", "new": "Mine"}}


def test_a_record_retracted_meanwhile_is_said(two: Any) -> None:
    source = make_source(title="Before")
    publish(source)
    _, second = two(source)
    with changing(reason="retracted: a hoax"):
        source.retract("A hoax.")
    second.save(title="Mine")
    lines = {line.label: line.theirs for line in second.section.lines}
    assert lines["state"] == "retracted"
    assert lines["retraction reason"] == "A hoax."
    assert not ProposedChange.objects.exists()


def test_a_record_deleted_meanwhile_comes_back_as_a_new_one(two: Any, reviewer_client: Client) -> None:
    actor = make_actor(name="Kyodo News")
    ActorName.objects.create(actor=actor, name="Kyodo")
    _, second = two(actor)
    reviewer_client.post(url(Actor, "delete", actor.pk), {"post": "yes"})
    assert not Actor.objects.exists()
    second.save(**{"name": "Kyodo News Agency", "names-0-name": "Kyodo Tsushin"})
    assert not second.was_saved
    assert "was deleted by reviewer on " in second.text
    assert f'action="{url(Actor, "add")}"' in second.text
    added = second.client.post(url(Actor, "add"), second.data, follow=True)
    assert added.redirect_chain
    assert Actor.objects.get().name == "Kyodo News Agency"
    assert ActorName.objects.get().name == "Kyodo Tsushin"


# A form that does not say what it shows


@pytest.mark.parametrize("seen", ["", "0", "999999999", "x", "9" * 30, "another's"])
def test_a_form_that_does_not_say_which_version_it_shows_is_shown_against_the_record(two: Any, seen: str) -> None:
    source = make_source(title="Before", summary="Stays.")
    first, second = two(source)
    first.save(title="Theirs")
    if seen == "another's":
        seen = str(make_source(title="Another").history.first().history_id)
    versions = source.history.count()

    second.save(title="Mine", seen_version=seen)

    assert not second.was_saved
    assert (everything(source)["title"], source.history.count()) == ("Theirs", versions)
    (line,) = second.section.lines
    assert (line.label, line.theirs, line.mine, second.data["title"]) == ("title", "Theirs", "Mine", "Mine")
    assert "did not say which version it shows" in second.text
    assert second.save(**{"_choice-title": "theirs", "summary": "Added."}).was_saved
    assert (everything(source)["title"], source.summary) == ("Theirs", "Added.")


def test_a_form_without_a_version_that_alters_nothing_is_saved(two: Any) -> None:
    source = make_source(title="Before")
    _, second = two(source)
    assert second.save(seen_version="").was_saved


@pytest.mark.parametrize("is_there", [True, False])
def test_a_row_that_does_not_say_which_version_it_shows_is_compared_too(two: Any, cited: Any, is_there: bool) -> None:
    event, citation = cited
    first, second = two(event)
    first.save(**{"citations-0-locator": "¶2"} if is_there else {"citations-0-DELETE": "on"})
    second.save(**{"citations-0-seen_version": "", "citations-0-locator": "¶9", "summary": "Mine."})
    assert not second.was_saved
    assert everything(event)["summary"] == ""
    if is_there:
        assert [(line.theirs, line.mine) for line in second.section.lines] == [("¶2", "¶9")]
        assert everything(citation)["locator"] == "¶2"
    assert second.save().was_saved
    assert list(event.citations.values_list("locator", flat=True)) == ["¶9"]


# Rows below a record


@pytest.fixture
def cited() -> tuple[ClosureEvent, EventCitation]:
    event = make_event()
    return event, cite(event, make_source(), locator="¶1", note="First note.")


def test_a_row_changed_by_the_other_is_merged(two: Any, cited: Any) -> None:
    event, citation = cited
    first, second = two(event)
    first.save(**{"citations-0-locator": "¶2", "citations-0-note": "Their note."})
    second.save(**{"citations-0-wording": "“to close”", "citations-0-note": "My note.", "summary": "Mine."})
    assert not second.was_saved
    assert everything(citation)["wording"] == ""
    assert everything(event)["summary"] == ""
    assert second.outcomes() == {"locator": "taken over", "note": "changed by both"}
    assert second.save(**{"_choice-citations-0-note": "theirs"}).was_saved
    citation.refresh_from_db()
    assert (citation.locator, citation.wording, citation.note) == ("¶2", "“to close”", "Their note.")
    assert everything(event)["summary"] == "Mine."


def test_a_row_changed_on_its_own_page_counts_too(two: Any, cited: Any, reviewer_client: Client) -> None:
    event, citation = cited
    _, second = two(event)
    assert Desk(reviewer_client, citation).save(locator="¶2").was_saved
    assert second.save(summary="Mine.").outcomes() == {"locator": "taken over"}
    assert second.save().was_saved
    assert everything(citation)["locator"] == "¶2"


def test_a_row_that_the_other_added_appears_and_stays(two: Any, cited: Any) -> None:
    event, _ = cited
    first, second = two(event)
    report = make_source(title="Second report")
    row = {"source": report.pk, "stance": "supports", "basis": "not-given", "locator": "p. 2"}
    third = make_source(title="Third report")
    first.save(**{"citations-TOTAL_FORMS": 2}, **{f"citations-1-{name}": value for name, value in row.items()})
    mine = row | {"source": third.pk, "locator": "p. 3"}
    second.save(**{"citations-TOTAL_FORMS": 2}, **{f"citations-1-{name}": value for name, value in mine.items()})
    assert second.section.what == "was added, and stands below."
    assert [second.data[f"citations-{n}-locator"] for n in range(3)] == ["¶1", "p. 2", "p. 3"]
    assert second.data["citations-INITIAL_FORMS"] in (2, "2")
    assert second.save().was_saved
    assert sorted(event.citations.values_list("locator", flat=True)) == ["p. 2", "p. 3", "¶1"]


@pytest.mark.parametrize(("choice", "left"), [("mine", ["¶9"]), ("theirs", [])])
def test_a_row_that_the_other_deleted_while_it_was_changed_is_said(
    two: Any, cited: Any, choice: str, left: Any
) -> None:
    event, _ = cited
    first, second = two(event)
    first.save(**{"citations-0-DELETE": "on"})
    second.save(**{"citations-0-locator": "¶9", "summary": "Mine."})
    assert "was deleted while you changed it" in second.section.what
    assert second.section.who[0].startswith("reviewer on ")
    assert everything(event)["summary"] == ""
    assert second.save(**{second.section.choice: choice}).was_saved
    assert list(event.citations.values_list("locator", flat=True)) == left
    assert everything(event)["summary"] == "Mine."


def test_a_row_that_the_other_deleted_and_nobody_changed_is_said_and_goes(two: Any, cited: Any) -> None:
    event, _ = cited
    first, second = two(event)
    first.save(**{"citations-0-DELETE": "on"})
    second.save(summary="Mine.")
    assert second.section.what == "was deleted."
    assert second.save().was_saved
    assert not event.citations.exists()


def test_a_row_changed_by_the_other_is_not_deleted_unseen(two: Any, cited: Any) -> None:
    event, citation = cited
    first, second = two(event)
    first.save(**{"citations-0-locator": "¶2"})
    second.save(**{"citations-0-DELETE": "on"})
    assert second.outcomes() == {"locator": "taken over"}
    assert everything(citation)["locator"] == "¶2"
    assert second.save().was_saved
    assert not event.citations.exists()


# Actions


def act(desk: Client, page: Any, action: str, **data: Any) -> list[str]:
    """Do `action` on what a list shows in `page`, as its form would send it."""
    shown = {record.pk: record for record in page.context["cl"].result_list}
    data = {"action": action, "_selected_action": list(shown), "_seen": seen_on(page)} | data
    response = desk.post(page.request["PATH_INFO"], data, follow=True)
    return [str(message) for message in response.context["messages"]]


def seen_on(page: Any) -> list[str]:
    return [part.split('"')[0] for part in page.content.decode().split('name="_seen" value="')[1:]]


def test_a_record_changed_since_the_list_was_shown_is_not_published(
    reviewer_client: Client, editor_client: Client
) -> None:
    seen, changed = make_source(title="As seen"), make_source(title="Before")
    page = reviewer_client.get(url(Source, "changelist"))
    assert Desk(editor_client, changed).save(title="After").was_saved
    messages = act(reviewer_client, page, "publish")
    assert "1 source published." in messages
    assert [
        message
        for message in messages
        if "was left out: it has changed since this page was shown, by editor" in message
    ]
    assert (everything(seen)["state"], everything(changed)["state"]) == (State.PUBLISHED, State.DRAFT)
    page = reviewer_client.get(url(Source, "changelist"))
    act(reviewer_client, page, "publish", _selected_action=[changed.pk])
    assert everything(changed)["state"] == State.PUBLISHED


def test_a_citation_changed_since_the_list_was_shown_holds_its_event_back(
    reviewer_client: Client, editor_client: Client, cited: Any
) -> None:
    event, citation = cited
    page = reviewer_client.get(url(ClosureEvent, "changelist"))
    Desk(editor_client, citation).save(locator="¶7")
    messages = act(reviewer_client, page, "submit")
    assert "its citations or other parts have changed since this page was shown" in messages[0]
    assert everything(event)["state"] == State.DRAFT


def test_a_record_changed_while_the_reason_was_written_is_not_retracted(
    reviewer_client: Client, editor_client: Client
) -> None:
    seen, changed = make_source(title="As seen"), make_source(title="Before")
    publish(seen, changed)
    chosen = {"action": "retract", "_selected_action": [seen.pk, changed.pk]}
    asked = reviewer_client.post(url(Source, "changelist"), chosen)
    changed.title = "After"
    changed.save()
    data = chosen | {"_seen": seen_on(asked), "words": "A hoax."}
    response = reviewer_client.post(url(Source, "changelist"), data, follow=True)
    messages = [str(message) for message in response.context["messages"]]
    assert any("“After” was left out: it has changed since" in message for message in messages)
    assert (everything(seen)["state"], everything(changed)["state"]) == (State.RETRACTED, State.PUBLISHED)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_draft_changed_while_its_deletion_was_confirmed_stays(editor_client: Client, at_once: bool) -> None:
    source = make_source(title="Before")
    page = url(Source, "changelist") if at_once else url(Source, "delete", source.pk)
    chosen = {"action": "delete_selected", "_selected_action": source.pk} if at_once else {}
    asked = editor_client.post(page, chosen) if at_once else editor_client.get(page)
    source.title = "After"
    source.save()
    confirmed = chosen | {"_seen": seen_on(asked), "post": "yes"}
    response = editor_client.post(page, confirmed, follow=True)
    assert "it has changed since this page was shown" in str(next(iter(response.context["messages"])))
    assert Source.objects.get().title == "After"
    asked = editor_client.post(page, chosen) if at_once else editor_client.get(page)
    editor_client.post(page, chosen | {"_seen": seen_on(asked), "post": "yes"})
    assert not Source.objects.exists()


def test_whoever_opens_a_form_is_warned_of_a_change_a_moment_ago(two: Any, editor_client: Client) -> None:
    source = make_source(title="Before")
    first, _ = two(source)
    assert "may still be at work on it" not in Desk(editor_client, source).text
    first.save(title="Theirs")
    assert "reviewer saved this record a moment ago and may still be at work on it." in Desk(editor_client, source).text
    assert "may still be at work on it" not in Desk(first.client, source).text


def test_saving_goes_on_to_the_next_of_the_list_it_was_opened_from(editor_client: Client) -> None:
    for issued, title in (("2023-01", "Third"), ("2023-03", "First"), ("2023-02", "Second")):
        make_source(title=title, issued=issued, language="en")
    make_source(title="Of another list", issued="2023-02-20", language="ko")
    first, second, third = Source.objects.filter(language="en")
    assert [first.title, third.title] == ["First", "Third"]
    filters = "?_changelist_filters=language__exact%3Den"
    pages = []
    for record in (first, second, third):
        desk = Desk(editor_client, record)
        pages.append(desk.client.post(desk.page + filters, desk.data | {"_next": "1"}).headers["Location"])
    assert pages[0] == url(Source, "change", second.pk) + filters
    assert pages[1] == url(Source, "change", third.pk) + filters
    assert pages[2] == url(Source, "changelist") + "?language__exact=en"
