"""Nobody publishes alone (domain.md, rule 8), through the pages of the desk."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import models
from django.test import Client
from django.urls import reverse

from missions.models import ClosureEvent, EventCitation, Mission, StatusSpan
from nkwatch.editorial.models import ProposedChange, State
from nkwatch.editorial.versions import changing
from sources.models import Actor, ActorName, Reason, Source
from tests.make import cite, make_actor, make_event, make_mission, make_quote, make_reason, make_source, publish

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


def url(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def act(client: Client, action: str, *records: models.Model, **data: Any) -> list[str]:
    """Do `action` from the list of the records, and give the messages that people read."""
    page = url(records[0], "changelist")
    data = {"action": action, "_selected_action": [record.pk for record in records], **data}
    response = client.post(page, data, follow=True)
    assert response.status_code == 200
    return [str(message) for message in response.context["messages"]]


def form_of(client: Client, record: models.Model) -> dict[str, Any]:
    """What the change page of `record` would send if nothing were altered on it."""
    context = client.get(url(record, "change", record.pk)).context
    data: dict[str, Any] = {}
    formsets = [inline.formset for inline in context["inline_admin_formsets"]]
    forms = [context["adminform"].form, *(form for formset in formsets for form in formset.initial_forms)]
    for form in [*forms, *(formset.management_form for formset in formsets)]:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                data[bound.html_name] = value
    return data


def save(client: Client, record: models.Model, **changes: Any) -> list[str]:
    """Save the change page of `record`; where it asks why, it is told."""
    data = form_of(client, record) | {"change_reason": "checked"} | changes
    response = client.post(url(record, "change", record.pk), data, follow=True)
    assert response.redirect_chain, response.context["errors"]
    return [str(message) for message in response.context["messages"]]


def make_published_event(**overrides: Any) -> ClosureEvent:
    event = make_event(**overrides)
    cite(event, basis="own-reporting")
    publish(event, *(citation.source for citation in event.citations.all()))
    publish(*event.citations.all())
    event.refresh_from_db()
    return event


def states(*records: Any) -> list[str]:
    for record in records:
        record.refresh_from_db()
    return [record.state for record in records]


@pytest.fixture
def second_reviewer(reviewer: User, client_of: Callable[[User], Client]) -> Client:
    user = User.objects.create_user(username="second", is_staff=True)
    user.groups.set(reviewer.groups.all())
    return client_of(user)


def test_an_editor_submits_and_cannot_publish(editor_client: Client) -> None:
    source = make_source()
    offered = editor_client.get(url(Source, "changelist")).context["action_form"].fields["action"].choices
    downloads = {"download_csv", "download_xlsx", "download_json"}
    own = {"submit", "withdraw", "bulk_edit", "merge_two", "delete_selected"}
    assert {name for name, _ in offered if name} == own | downloads
    assert act(editor_client, "submit", source) == ["1 source submitted for review."]
    act(editor_client, "publish", source)
    assert states(source) == [State.IN_REVIEW]


def test_a_reviewer_publishes_what_an_editor_added_through_the_form(
    editor_client: Client, reviewer_client: Client
) -> None:
    data = {"kind": "person", "name": "Tae Yongho", "capacity": "former-official", "country": "KP"}
    rows = {"names-TOTAL_FORMS": 1, "names-INITIAL_FORMS": 0, "names-0-name": "Thae Yong-ho"}
    assert editor_client.post(url(Actor, "add"), data | rows, follow=True).redirect_chain
    actor, name = Actor.objects.get(), ActorName.objects.get()
    assert (actor.state, name.state) == (State.DRAFT, State.DRAFT)
    assert act(editor_client, "submit", actor) == ["1 actor submitted for review."]
    assert states(actor, name) == [State.IN_REVIEW, State.IN_REVIEW]
    assert act(reviewer_client, "publish", actor) == ["1 actor published."]
    assert states(actor, name) == [State.PUBLISHED, State.PUBLISHED]
    assert actor.label == "A-0001"
    version = actor.history.first()
    assert (version.history_user.username, version.door, version.history_change_reason) == (
        "reviewer",
        "admin",
        "published",
    )


def test_submitting_twice_is_refused_in_words(editor_client: Client) -> None:
    source = make_source()
    act(editor_client, "submit", source)
    assert act(editor_client, "submit", source) == [
        f"{source.label} “{source}” was not submitted: it is in review already."
    ]


def test_a_reviewer_returns_a_record_with_its_parts(editor_client: Client, reviewer_client: Client) -> None:
    quote = make_quote()
    citation = cite(quote)
    act(editor_client, "submit", quote)
    assert states(quote, citation) == [State.IN_REVIEW, State.IN_REVIEW]
    assert act(reviewer_client, "return_to_draft", quote, words="Which embassy?") == ["1 quote returned to draft."]
    assert states(quote, citation) == [State.DRAFT, State.DRAFT]
    refused = act(reviewer_client, "return_to_draft", quote, words="Which embassy?")
    assert refused == [f"{quote.label} “{quote}” was not returned: it is draft, and only records in review are."]


def test_an_event_without_a_source_is_refused_with_its_reason(reviewer_client: Client) -> None:
    event = make_event()
    publish(event.mission)
    messages = act(reviewer_client, "publish", event)
    assert messages == [f"{event.label} “{event}” was not published: no source supports it: cite one first."]
    assert states(event) == [State.DRAFT]


def test_an_event_whose_only_source_is_a_draft_stays_a_draft(reviewer_client: Client) -> None:
    event = make_event()
    publish(event.mission)
    citation = cite(event)
    messages = act(reviewer_client, "publish", event)
    assert any(f"rests on {citation.source}, which is not published yet" in message for message in messages)
    assert states(event, citation) == [State.DRAFT, State.DRAFT]
    assert event.number is None


def test_a_part_whose_source_is_a_draft_stays_behind_and_says_so(reviewer_client: Client) -> None:
    quote = make_quote()
    public, draft = cite(quote), cite(quote, make_source(title="Not yet read"))
    publish(public.source)
    messages = act(reviewer_client, "publish", quote)
    assert messages[-1] == "1 quote published."
    assert "Not yet read, which is not published yet" in messages[0]
    assert states(quote, public, draft) == [State.PUBLISHED, State.PUBLISHED, State.DRAFT]


def test_new_parts_of_a_public_record_are_published_alone(reviewer_client: Client) -> None:
    event = make_published_event()
    new = cite(event, make_source(title="Second report"), basis="own-reporting")
    publish(new.source)
    assert act(reviewer_client, "publish", event) == ["1 closure event published."]
    assert states(new) == [State.PUBLISHED]
    event.refresh_from_db()
    assert event.support_sources == 2
    assert "is published already" in act(reviewer_client, "publish", event)[0]


def test_records_that_wait_for_each_other_are_published_in_one_go(reviewer_client: Client) -> None:
    government = make_actor(name="Government of Japan", capacity="government")
    ministry = make_actor(name="Foreign Ministry", capacity="government", part_of=government)
    assert act(reviewer_client, "publish", ministry, government) == ["2 actors published."]


def test_one_refusal_holds_nobody_else_up(reviewer_client: Client) -> None:
    event, quote = make_event(date=""), make_quote()
    other = make_event(mission=event.mission, stage="closed")
    publish(event.mission, cite(event).source)
    messages = act(reviewer_client, "publish", other, event)
    assert "1 closure event published." in messages
    assert states(event, other, quote) == [State.PUBLISHED, State.DRAFT, State.DRAFT]


# Several at once: as in the review queue, only where no status changes (pages.md, B2).


def test_several_are_published_at_once_only_where_no_status_changes(reviewer_client: Client) -> None:
    closing = make_event()
    undated = make_event(mission=closing.mission, stage="announced", date="")
    publish(closing.mission, cite(closing).source, cite(undated, make_source(title="Another")).source)
    messages = act(reviewer_client, "publish", closing, undated)
    assert "1 closure event published." in messages
    [refused] = [message for message in messages if "was not published with the others" in message]
    assert "decided on alone (Spain: unknown → closing" in refused
    assert "Publish it alone, or approve it in the review queue." in refused
    assert states(closing, undated) == [State.DRAFT, State.PUBLISHED]
    assert act(reviewer_client, "publish", closing) == ["1 closure event published."]


def test_several_are_published_again_only_where_no_status_changes(reviewer_client: Client, settings: Any) -> None:
    settings.FOUR_EYES = False
    events = [make_published_event(), make_published_event(mission=make_mission(host="IT", city="Rome"))]
    for event in events:
        event.retract("By mistake.")
    assert all("not published with the others" in message for message in act(reviewer_client, "publish", *events))
    assert states(*events) == [State.RETRACTED, State.RETRACTED]


def test_several_are_retracted_at_once_only_where_no_status_changes(reviewer_client: Client, settings: Any) -> None:
    settings.FOUR_EYES = False
    closing = make_published_event()
    undated = make_published_event(mission=closing.mission, stage="announced", date="")
    messages = act(reviewer_client, "retract", closing, undated, words="It was about another mission.")
    assert any("was not retracted with the others" in m and "(Spain: closing → unknown" in m for m in messages)
    assert states(closing, undated) == [State.PUBLISHED, State.RETRACTED]
    act(reviewer_client, "retract", closing, words="It was about another mission.")
    assert states(closing) == [State.RETRACTED]


def test_several_are_handed_in_at_once_whatever_they_change(editor_client: Client) -> None:
    events = [make_event(), make_event(mission=make_mission(host="IT", city="Rome"))]
    assert act(editor_client, "submit", *events) == ["2 closure events submitted for review."]


def test_nobody_publishes_their_own_status_change(
    reviewer: User, reviewer_client: Client, second_reviewer: Client
) -> None:
    with changing(user=reviewer):
        event = make_event()
        citation = cite(event)
    publish(event.mission, citation.source)
    messages = act(reviewer_client, "publish", event)
    assert "you wrote it: another reviewer must publish it" in messages[0]
    assert states(event, citation) == [State.DRAFT, State.DRAFT]
    assert act(second_reviewer, "publish", event) == ["1 closure event published."]
    assert StatusSpan.objects.filter(mission=event.mission, status="closing").exists()


def test_whoever_returned_or_handed_in_a_draft_did_not_write_it(editor: User, reviewer_client: Client) -> None:
    with changing(user=editor):
        event = make_event()
        cite(event)
    publish(event.mission, event.citations.get().source)
    for action in ("submit", "return_to_draft", "submit"):
        act(reviewer_client, action, event, words="Once more.")
    assert act(reviewer_client, "publish", event) == ["1 closure event published."]


def test_with_four_eyes_off_one_person_publishes_alone(reviewer: User, reviewer_client: Client, settings: Any) -> None:
    settings.FOUR_EYES = False
    with changing(user=reviewer):
        event = make_event()
        cite(event)
    publish(event.mission, event.citations.get().source)
    assert act(reviewer_client, "publish", event) == ["1 closure event published."]


def test_an_event_is_not_left_public_when_its_citations_must_wait(reviewer: User, reviewer_client: Client) -> None:
    event = make_event()
    with changing(user=reviewer):
        citation = cite(event)
    publish(event.mission, citation.source)
    messages = act(reviewer_client, "publish", event)
    assert "no source that readers can see supports it" in messages[0]
    assert states(event, citation) == [State.DRAFT, State.DRAFT]
    assert event.number is None


def test_retracting_asks_for_a_reason_that_readers_are_told(reviewer_client: Client) -> None:
    source = make_source()
    publish(source)
    act(reviewer_client, "retract", source)
    act(reviewer_client, "retract", source, words="   ")
    assert states(source) == [State.PUBLISHED]
    act(reviewer_client, "retract", source, words="The item was withdrawn by its publisher.")
    assert states(source) == [State.RETRACTED]
    assert source.retraction_reason == "The item was withdrawn by its publisher."
    assert source.history.first().history_user.username == "reviewer"


def test_a_draft_cannot_be_retracted(reviewer_client: Client) -> None:
    source = make_source()
    messages = act(reviewer_client, "retract", source, words="Wrong.")
    assert "Only published records are retracted" in messages[0]


def test_retracting_what_decides_a_status_waits_for_a_second_reviewer(
    reviewer_client: Client, second_reviewer: Client
) -> None:
    event = make_published_event()
    messages = act(reviewer_client, "retract", event, words="The note was about another mission.")
    assert "waits for a reviewer" in messages[0]
    assert states(event) == [State.PUBLISHED]
    assert act(second_reviewer, "approve", ProposedChange.objects.get()) == ["1 change approved."]
    assert states(event) == [State.RETRACTED]
    assert event.retraction_reason == "The note was about another mission."
    assert not StatusSpan.objects.filter(mission=event.mission, status="closing").exists()


def test_an_editors_change_to_a_published_record_is_proposed(
    editor: User, editor_client: Client, reviewer_client: Client
) -> None:
    source = make_source(title="Before")
    publish(source)
    versions = source.history.count()
    messages = save(editor_client, source, title="After", issued="2023-10", change_reason="misprint")
    assert messages == [
        "Your change waits for a reviewer, and readers see no difference until it is approved: S-0001 “Before”."
    ]
    source.refresh_from_db()
    assert (source.title, source.issued, source.history.count()) == ("Before", "2023-11-01", versions)
    change = ProposedChange.objects.get()
    assert change.difference == {
        "title": {"old": "Before", "new": "After"},
        "issued": {"old": "2023-11-01", "new": "2023-10"},
    }
    assert (change.author, change.reason, change.base_version) == (editor, "misprint", source.history.first().pk)
    shown = reviewer_client.get(url(ProposedChange, "changelist")).content.decode()
    assert "<strong>title</strong>: <del>Before</del> → <ins>After</ins>" in shown

    assert act(reviewer_client, "approve", change) == ["1 change approved."]
    source.refresh_from_db()
    assert (source.title, str(source.issued_latest)) == ("After", "2023-10-31")
    version = source.history.first()
    assert (version.history_user, version.history_change_reason) == (editor, "approved by reviewer: misprint")
    assert source.history.count() == versions + 1
    change.refresh_from_db()
    assert (change.state, change.decided_by.username) == ("approved", "reviewer")
    assert "it is approved already" in act(reviewer_client, "approve", change)[0]


def test_a_reviewers_change_applies_at_once_where_no_status_depends_on_it(reviewer_client: Client) -> None:
    source = make_source(title="Before")
    publish(source)
    save(reviewer_client, source, title="After", change_reason="misprint")
    source.refresh_from_db()
    assert (source.title, source.state) == ("After", State.PUBLISHED)
    assert source.history.first().history_change_reason == "misprint"
    assert not ProposedChange.objects.exists()


def test_with_four_eyes_a_reviewers_status_change_waits_for_another(
    reviewer_client: Client, second_reviewer: Client
) -> None:
    event = make_published_event()
    save(reviewer_client, event, stage="closed")
    change = ProposedChange.objects.get()
    assert "you proposed it: another reviewer must approve it" in act(reviewer_client, "approve", change)[0]
    event.refresh_from_db()
    assert event.stage == "notified"
    assert act(second_reviewer, "approve", change) == ["1 change approved."]
    event.refresh_from_db()
    assert event.stage == "closed"
    assert StatusSpan.objects.filter(mission=event.mission, status="closed", because=event).exists()


def test_with_four_eyes_off_a_reviewers_status_change_applies_and_an_editors_does_not(
    reviewer_client: Client, editor_client: Client, settings: Any
) -> None:
    settings.FOUR_EYES = False
    event = make_published_event()
    save(editor_client, event, stage="suspended")
    event.refresh_from_db()
    assert event.stage == "notified"
    save(reviewer_client, event, stage="closed")
    event.refresh_from_db()
    assert event.stage == "closed"
    assert StatusSpan.objects.filter(mission=event.mission, status="closed").exists()


def test_an_editor_cannot_approve(editor_client: Client) -> None:
    source = make_source(title="Before")
    publish(source)
    save(editor_client, source, title="After")
    act(editor_client, "approve", ProposedChange.objects.get())
    source.refresh_from_db()
    assert source.title == "Before"


def test_several_changes_are_approved_at_once_only_where_no_status_changes(
    editor_client: Client, reviewer_client: Client
) -> None:
    event, source = make_published_event(), make_source(title="Before")
    told = make_published_event(mission=make_mission(host="IT", city="Rome"))
    publish(source)
    save(editor_client, event, stage="closed")
    save(editor_client, told, summary="Told in a note.")
    save(editor_client, source, title="After")
    messages = act(reviewer_client, "approve", *ProposedChange.objects.all())
    assert "was not approved with the others" in messages[0]
    assert "decided on alone (Spain: closing → closed). Approve it alone, here or in the review queue." in messages[0]
    assert messages[1:] == ["2 changes approved."]
    for record in (event, told, source):
        record.refresh_from_db()
    assert (event.stage, told.summary, source.title) == ("notified", "Told in a note.", "After")


def test_a_proposal_is_refused_once_the_record_has_changed(editor_client: Client, reviewer_client: Client) -> None:
    source = make_source(title="Before")
    publish(source)
    save(editor_client, source, title="After")
    save(reviewer_client, source, title="Meanwhile", language="es")
    messages = act(reviewer_client, "approve", ProposedChange.objects.get())
    assert "the record has changed since: " in messages[0]
    assert "language" in messages[0]
    assert "title" in messages[0]
    source.refresh_from_db()
    assert source.title == "Meanwhile"
    assert ProposedChange.objects.get().state == "waiting"


def test_a_proposal_that_the_record_refuses_changes_nothing(editor_client: Client, reviewer_client: Client) -> None:
    source = make_source(title="Before")
    publish(source)
    save(editor_client, source, source_url="https://example.org/1")
    make_source(title="Twin", source_url="https://example.org/1")
    messages = act(reviewer_client, "approve", ProposedChange.objects.get())
    assert "This address is known" in messages[0]
    source.refresh_from_db()
    assert source.source_url == ""
    assert ProposedChange.objects.get().state == "waiting"


def test_a_proposal_is_returned_with_a_note(editor_client: Client, reviewer_client: Client) -> None:
    source = make_source(title="Before")
    publish(source)
    save(editor_client, source, title="After")
    change = ProposedChange.objects.get()
    act(reviewer_client, "return_to_author", change)
    change.refresh_from_db()
    assert change.state == "waiting"
    act(reviewer_client, "return_to_author", change, words="The paper prints “Before”.")
    change.refresh_from_db()
    assert (change.state, change.note) == ("returned", "The paper prints “Before”.")
    source.refresh_from_db()
    assert source.title == "Before"


def test_lists_of_a_record_are_proposed_and_applied_as_one_version(
    editor_client: Client, reviewer_client: Client
) -> None:
    quote, sanctions = make_quote(), make_reason()
    quote.reasons.add(sanctions)
    costs = make_reason(slug="costs", label="Costs")
    publish(quote, sanctions, costs)
    save(editor_client, quote, reasons=[costs.pk], speaker_role="spokesman")
    assert list(quote.reasons.all()) == [sanctions]
    change = ProposedChange.objects.get()
    assert change.difference["reasons"] == {"old": [sanctions.pk], "new": [costs.pk]}
    shown = reviewer_client.get(url(ProposedChange, "change", change.pk)).content.decode()
    assert "<del>Sanctions</del> → <ins>Costs</ins>" in shown
    versions = quote.history.count()
    act(reviewer_client, "approve", change)
    assert list(quote.reasons.all()) == [costs]
    assert quote.history.count() == versions + 1
    assert [row.reason_id for row in quote.history.first().reasons.all()] == [costs.pk]


def test_published_rows_below_a_record_are_proposed_and_new_ones_are_drafts(editor_client: Client) -> None:
    event = make_published_event()
    citation = event.citations.get()
    second = make_source(title="Second report")
    data = {
        "citations-TOTAL_FORMS": 2,
        "citations-0-locator": "¶4",
        "citations-1-source": second.pk,
        "citations-1-stance": "disputes",
        "citations-1-fact": "date",
        "citations-1-basis": "not-given",
    }
    save(editor_client, event, **data)
    citation.refresh_from_db()
    assert citation.locator == ""
    change = ProposedChange.objects.get()
    assert (change.record, change.difference) == (citation, {"locator": {"old": "", "new": "¶4"}})
    added = EventCitation.objects.get(source=second)
    assert (added.state, added.fact) == (State.DRAFT, "date")


def test_saving_a_form_unaltered_leaves_no_version_and_no_proposal(
    editor_client: Client, reviewer_client: Client, settings: Any
) -> None:
    event = make_published_event()
    event.mission.latitude, event.mission.longitude = "40.41650", "-3.70256"
    event.mission.other_names = "Embassy\nChancery"
    event.mission.save()
    for record in (event, event.mission, make_quote()):
        versions = record.history.count()
        save(editor_client, record)
        save(reviewer_client, record)
        assert record.history.count() == versions
    assert not ProposedChange.objects.exists()


def test_what_has_been_public_is_not_deleted(reviewer_client: Client) -> None:
    source = make_source()
    publish(source)
    page = url(Source, "delete", source.pk)
    response = reviewer_client.post(page, {"post": "yes"}, follow=True)
    assert "has been public: retract it, with a reason, instead of deleting it" in response.content.decode()
    act(reviewer_client, "delete_selected", source, post="yes")
    assert Source.objects.count() == 1
    assert 'class="deletelink"' not in reviewer_client.get(url(Source, "change", source.pk)).content.decode()


def test_published_rows_below_a_record_are_not_deleted_with_the_form(reviewer_client: Client) -> None:
    actor = make_actor()
    public = ActorName.objects.create(actor=actor, name="Kyodo")
    publish(actor)
    draft = ActorName.objects.create(actor=actor, name="Kyodo Tsushin")
    deleting = {f"names-{n}-DELETE": "on" for n in range(2)}
    save(reviewer_client, actor, **deleting)
    assert list(actor.names.all()) == [public]
    assert not ActorName.objects.filter(pk=draft.pk).exists()


def test_a_draft_is_deleted_and_its_history_tells_who(editor_client: Client) -> None:
    mission = make_mission()
    editor_client.post(url(Mission, "delete", mission.pk), {"post": "yes"})
    assert not Mission.objects.exists()
    version = Mission.history.first()
    assert (version.history_type, version.history_user.username, version.door) == ("-", "editor", "admin")


def test_several_drafts_are_deleted_at_once(editor_client: Client) -> None:
    drafts = [make_reason(slug=slug, label=slug) for slug in ("costs", "labour")]
    act(editor_client, "delete_selected", *drafts, post="yes")
    assert not Reason.objects.exists()


def test_a_proposal_to_what_was_retracted_meanwhile_is_refused(editor_client: Client, reviewer_client: Client) -> None:
    source = make_source(title="Before")
    publish(source)
    save(editor_client, source, title="After")
    act(reviewer_client, "retract", source, words="Withdrawn by its publisher.")
    assert "the record has changed since: state" in act(reviewer_client, "approve", ProposedChange.objects.get())[0]
    source.refresh_from_db()
    assert (source.title, source.state) == ("Before", State.RETRACTED)


def test_history_shows_publication_itself(reviewer_client: Client) -> None:
    source = make_source()
    act(reviewer_client, "publish", source)
    shown = reviewer_client.get(url(Source, "history", source.pk)).content.decode()
    assert "<strong>State</strong>: <del>draft</del> → <ins>published</ins>" in shown
