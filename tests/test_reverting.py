"""A record, or one field of it, goes back to how it stood: as a new version, parts included (pages.md, B5)."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import models
from django.test import Client
from django.urls import reverse

from missions.models import ClosureEvent, EventCitation, StatusSpan
from nkwatch.editorial.history.moments import Past
from nkwatch.editorial.merging.merges import merge
from nkwatch.editorial.models import ProposedChange, State
from nkwatch.editorial.versions import changing
from sources.models import ActorName, Authorship, Quote, Source
from tests.make import cite, make_actor, make_coverage, make_event, make_quote, make_reason, make_source, publish
from tests.test_admin_publishing import act, make_published_event, save, states

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

WHY = "The first wording was right."


def url(record: models.Model, page: str) -> str:
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_{page}", args=[record.pk])


def now(record: Any) -> str:
    """The moment of the record's past that is the last one so far."""
    latest = Past(type(record), record.pk).latest
    assert latest is not None
    return latest.key


def asked(client: Client, record: Any, moment: str, *fields: str) -> Any:
    """The page that says what going back would do: the first of two clicks."""
    response = client.get(url(record, "revert"), {"to": moment, "field": fields})
    assert response.status_code == 200
    return response


def go_back(client: Client, record: Any, moment: str, *fields: str, why: str = WHY) -> list[str]:
    """Both clicks; gives the messages that people read."""
    page = asked(client, record, moment, *fields).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(to|latest)" value="([^"]*)"', page))
    data = {**hidden, "field": fields, "change_reason": why}
    response = client.post(url(record, "revert"), data, follow=True)
    assert response.redirect_chain, response.context["form"].errors
    return [str(message) for message in response.context["messages"]]


def refused(client: Client, record: Any, moment: str, why: str = WHY, latest: str = "") -> str:
    """What the page says when going back is refused; and that it kept the reason."""
    data = {"to": moment, "latest": latest or now(record), "change_reason": why}
    response = client.post(url(record, "revert"), data)
    assert response.status_code == 200
    assert response.context["form"]["change_reason"].value() == why
    return " ".join(m for messages in response.context["form"].errors.values() for m in messages)


@pytest.fixture
def second_reviewer(reviewer: User, client_of: Callable[[User], Client]) -> Client:
    user = User.objects.create_user(username="second", is_staff=True)
    user.groups.set(reviewer.groups.all())
    return client_of(user)


# The whole record.


def test_a_draft_goes_back_as_a_new_version_in_two_clicks(editor: User, editor_client: Client) -> None:
    source = make_source(title="First", language="en")
    first = now(source)
    save(editor_client, source, title="Second", language="ko")
    kept = list(source.history.values_list("history_id", "title"))

    history = editor_client.get(url(source, "history")).content.decode()
    assert f"{url(source, 'revert')}?to={first}" in history
    messages = go_back(editor_client, source, first, why="")

    source.refresh_from_db()
    assert (source.title, source.language) == ("First", "en")
    assert len(messages) == 1
    assert "was put back to how it stood on" in messages[0]
    newest, *older = source.history.all()
    assert [(version.pk, version.title) for version in older] == kept
    assert (newest.history_user, newest.door) == (editor, "admin")
    assert re.fullmatch(r"reverted to the version of \d{4}-\d\d-\d\d \d\d:\d\d", newest.history_change_reason)


def test_the_page_says_what_will_happen_and_changes_nothing(editor_client: Client) -> None:
    source = make_source(title="The first title")
    first = now(source)
    save(editor_client, source, title="The second title")
    versions = source.history.count()

    page = asked(editor_client, source, first).content.decode()

    assert "Nothing has been changed yet" in page
    assert "<del>second </del>" in page
    assert "<ins>first </ins>" in page
    source.refresh_from_db()
    assert (source.title, source.history.count()) == ("The second title", versions)


def test_many_valued_fields_go_back_with_the_rest_in_one_version(editor_client: Client) -> None:
    sanctions, costs = make_reason(), make_reason(slug="costs", label="Costs")
    quote = make_quote(text="First.")
    quote.reasons.add(sanctions)
    before = now(quote)
    save(editor_client, quote, text="Second.", reasons=[costs.pk])
    versions = quote.history.count()

    go_back(editor_client, quote, before)

    quote.refresh_from_db()
    assert (quote.text, list(quote.reasons.all())) == ("First.", [sanctions])
    assert quote.history.count() == versions + 1
    assert [row.reason_id for row in quote.history.first().reasons.all()] == [sanctions.pk]


def test_parts_go_back_too(editor: User, editor_client: Client) -> None:
    event = make_event(summary="First.")
    changed = cite(event, make_source(title="Changed"), wording="Will close.")
    deleted = cite(event, make_source(title="Deleted"), wording="As printed.", locator="¶4")
    before = now(event)
    changed.wording = "May close."
    changed.save()
    pk = deleted.pk
    deleted.delete()
    added = cite(event, make_source(title="Added"))

    page = asked(editor_client, event, before).content.decode()
    assert "Made since: deleted" in page
    assert "it comes back as a draft" in page
    go_back(editor_client, event, before)

    changed.refresh_from_db()
    again = EventCitation.objects.get(pk=pk)
    assert changed.wording == "Will close."
    assert (again.wording, again.locator, again.state) == ("As printed.", "¶4", State.DRAFT)
    assert [version.history_type for version in again.history.all()] == ["+", "-", "+"]
    assert not EventCitation.objects.filter(pk=added.pk).exists()
    last = EventCitation.history.filter(id=added.pk).first()
    assert (last.history_type, last.history_user) == ("-", editor)
    assert event.history.count() == 1, "the event itself says the same, so it has no new version"


def test_going_back_can_itself_be_taken_back(editor_client: Client) -> None:
    event = make_event()
    before = now(event)
    citation = cite(event, wording="Entered later.")
    with_citation = now(event)

    go_back(editor_client, event, before)
    assert not event.citations.exists()
    go_back(editor_client, event, with_citation)

    assert event.citations.get(pk=citation.pk).wording == "Entered later."


def test_parts_of_parts_come_back_with_them(editor_client: Client) -> None:
    coverage = make_coverage()
    citation = cite(coverage, wording="Also serves Spain.")
    mission = coverage.mission
    before = now(mission)
    with changing(reason="mistake"):
        coverage.delete()
    assert not mission.coverages.exists()

    go_back(editor_client, mission, before)

    again = mission.coverages.get()
    assert (again.pk is not None, again.country_id, str(again.starts_earliest)) == (True, "ES", "2023-10-01")
    assert again.citations.get().wording == citation.wording


def test_a_part_that_moved_away_is_left_where_it_is(editor_client: Client) -> None:
    actor, other = make_actor(), make_actor(name="Yonhap", country="KR")
    name = ActorName.objects.create(actor=actor, name="Kyodo")
    before = now(actor)
    name.actor = other
    name.save()

    page = asked(editor_client, actor, before).content.decode()

    assert "moved to another record since, and stays there" in page
    assert "there is nothing to put back" in page


def test_what_a_part_named_and_is_gone_is_left_out_and_told(editor_client: Client) -> None:
    source, author = make_source(title="First"), make_actor(name="Author", kind="person")
    Authorship.objects.create(source=source, author=author)
    before = now(source)
    source.authorships.all().delete()
    author.delete()
    save(editor_client, source, title="Second")

    page = asked(editor_client, source, before).content.decode()
    assert "deleted since, and what it named is no longer there: author" in page
    go_back(editor_client, source, before)

    source.refresh_from_db()
    assert (source.title, source.authorships.count()) == ("First", 0)


def test_a_value_that_named_what_is_gone_is_left_out_and_told(editor_client: Client) -> None:
    kim = make_actor(name="Kim Song", kind="person")
    quote = make_quote(text="First.", speaker=kim)
    before = now(quote)
    save(editor_client, quote, text="Second.", speaker="")
    kim.delete()

    assert "speaker: what it named then is no longer there" in asked(editor_client, quote, before).content.decode()
    go_back(editor_client, quote, before)

    quote.refresh_from_db()
    assert (quote.text, quote.speaker) == ("First.", None)


# One field.


def test_one_field_goes_back_in_two_clicks_and_the_rest_stays(editor_client: Client) -> None:
    event = make_event(stage="notified", summary="First.")
    citation = cite(event)
    before = now(event)
    save(editor_client, event, stage="announced", summary="Second.", **{"citations-0-wording": "New."})

    compared = editor_client.get(url(event, "compare"), {"from": before, "to": "now"}).content.decode()
    link = f"{url(event, 'revert')}?to={before}&amp;field=stage"
    assert link in compared
    go_back(editor_client, event, before, "stage")

    event.refresh_from_db()
    citation.refresh_from_db()
    assert (event.stage, event.summary, citation.wording) == ("notified", "Second.", "New.")


@pytest.mark.parametrize("field", ["state", "number", "retraction_reason"])
def test_what_the_desk_decides_never_comes_from_an_old_version(reviewer_client: Client, field: str) -> None:
    source = make_source()
    before = now(source)
    publish(source)
    source.retract("Recorded twice.")
    source.publish()

    assert "nothing to put back" in asked(reviewer_client, source, before, field).content.decode()
    reviewer_client.post(
        url(source, "revert"), {"to": before, "latest": now(source), "field": [field], "change_reason": WHY}
    )

    assert states(source) == [State.PUBLISHED]
    assert source.label == "S-0001"


# What readers see.


def test_a_published_record_goes_back_at_once_for_a_reviewer_and_stays_public(
    reviewer: User, reviewer_client: Client
) -> None:
    quote = make_quote(text="First.")
    before = now(quote)
    quote.reasons.add(make_reason())
    publish(quote)
    save(reviewer_client, quote, text="Second.")

    go_back(reviewer_client, quote, before)

    quote.refresh_from_db()
    assert (quote.text, quote.state, quote.label, quote.reasons.count()) == ("First.", State.PUBLISHED, "Q-0001", 0)
    newest = quote.history.first()
    assert newest.history_user == reviewer
    assert re.fullmatch(rf"reverted to the version of [-\d]+ [\d:]+: {re.escape(WHY)}", newest.history_change_reason)


def test_an_editors_way_back_of_a_published_record_waits_for_approval(
    editor: User, editor_client: Client, reviewer_client: Client
) -> None:
    quote, costs = make_quote(text="First."), make_reason(slug="costs", label="Costs")
    before = now(quote)
    quote.reasons.add(costs)
    publish(quote, costs)
    save(reviewer_client, quote, text="Second.")

    page = asked(editor_client, quote, before).content.decode()
    assert "the change waits until another reviewer approves it" in page
    messages = go_back(editor_client, quote, before)
    assert "waits for a reviewer" in messages[0]
    assert Quote.objects.get().text == "Second."
    change = ProposedChange.objects.get()
    assert change.difference == {
        "text": {"old": "Second.", "new": "First."},
        "reasons": {"old": [costs.pk], "new": []},
    }
    assert (change.author, change.reason.endswith(WHY)) == (editor, True)
    act(reviewer_client, "approve", change)

    quote.refresh_from_db()
    assert (quote.text, quote.reasons.count()) == ("First.", 0)
    version = quote.history.first()
    assert version.history_user == editor
    assert version.history_change_reason == f"approved by reviewer: {change.reason}"


def test_with_four_eyes_what_decides_a_status_goes_back_by_two_people(
    reviewer_client: Client, second_reviewer: Client
) -> None:
    event = make_published_event()
    before = now(event)
    save(reviewer_client, event, stage="closed")
    act(second_reviewer, "approve", ProposedChange.objects.get())
    assert StatusSpan.objects.filter(mission=event.mission, status="closed").exists()

    go_back(reviewer_client, event, before)
    waiting = ProposedChange.objects.get(state="waiting")
    assert "you proposed it" in act(reviewer_client, "approve", waiting)[0]
    act(second_reviewer, "approve", waiting)

    event.refresh_from_db()
    assert event.stage == "notified"
    assert not StatusSpan.objects.filter(mission=event.mission, status="closed").exists()


def test_parts_made_since_that_readers_have_seen_are_retracted_with_the_reason(reviewer_client: Client) -> None:
    quote = make_quote()
    cite(quote, make_source(title="First"))
    publish(quote)
    before = now(quote)
    later = cite(quote, make_source(title="Later"))
    publish(later)

    page = asked(reviewer_client, quote, before).content.decode()
    assert "Made since: retracted" in page
    go_back(reviewer_client, quote, before, why="It does not carry these words.")

    assert states(later) == [State.RETRACTED]
    assert later.retraction_reason == "It does not carry these words."
    assert states(quote) == [State.PUBLISHED]


def test_parts_made_since_that_readers_have_seen_wait_where_one_may_not_retract_them(
    editor_client: Client, reviewer_client: Client, second_reviewer: Client
) -> None:
    event = make_published_event()
    before = now(event)
    later = cite(event, make_source(title="Later"))
    publish(later)

    go_back(editor_client, event, before)

    assert states(later) == [State.PUBLISHED]
    change = ProposedChange.objects.get()
    assert (change.record, change.difference["state"]["new"]) == (later, State.RETRACTED)
    act(second_reviewer, "approve", change)
    assert states(later) == [State.RETRACTED]


def test_a_part_retracted_since_stays_retracted(reviewer_client: Client) -> None:
    quote = make_quote(text="First.")
    citation = cite(quote, wording="As printed.")
    publish(quote)
    before = now(quote)
    citation.refresh_from_db()
    citation.retract("Not there.")
    save(reviewer_client, quote, text="Second.")

    assert "retracted since, and stays so" in asked(reviewer_client, quote, before).content.decode()
    go_back(reviewer_client, quote, before)

    assert states(citation) == [State.RETRACTED]


def test_a_reason_is_required_where_readers_see_the_change(reviewer_client: Client, editor_client: Client) -> None:
    source = make_source(title="First")
    before = now(source)
    publish(source)
    save(reviewer_client, source, title="Second")

    for client in (reviewer_client, editor_client):
        assert "say why in a few words" in refused(client, source, before, why="")
    source.refresh_from_db()
    assert source.title == "Second"
    assert not ProposedChange.objects.exists()


# Refusals.


def test_what_cannot_stand_any_more_is_refused_as_a_whole_and_the_reason_is_kept(editor_client: Client) -> None:
    source = make_source(title="First", source_url="https://example.org/1")
    Authorship.objects.create(source=source, author=make_actor(kind="person", name="Author"))
    before = now(source)
    source.authorships.all().delete()
    save(editor_client, source, title="Second", source_url="")
    twin = make_source(title="Twin", source_url="https://example.org/1")

    said = refused(editor_client, source, before)

    assert "cannot be put back" in said
    assert f"This address is known: it is {twin.label}, “Twin”." in said
    source.refresh_from_db()
    assert (source.title, source.source_url, source.authorships.count()) == ("Second", "", 0)


def test_a_change_made_while_the_page_was_open_is_shown_first(editor_client: Client) -> None:
    source = make_source(title="First")
    before = now(source)
    save(editor_client, source, title="Second")
    seen = now(source)
    source.refresh_from_db()
    source.language = "ko"
    source.save()

    assert "Somebody changed the record while this page was open" in refused(editor_client, source, before, latest=seen)
    source.refresh_from_db()
    assert (source.title, source.language) == ("Second", "ko")
    go_back(editor_client, source, before)
    source.refresh_from_db()
    assert (source.title, source.language) == ("First", "en")


def test_only_those_who_may_change_a_record_put_it_back(client: Client, client_of: Any) -> None:
    source = make_source(title="First")
    before = now(source)
    source.title = "Second"
    source.save()
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_source"))
    data = {"to": before, "latest": now(source), "change_reason": WHY}

    assert "Go back to this" not in client_of(reader).get(url(source, "history")).content.decode()
    for browser, status in ((client_of(reader), 403), (client, 302)):
        assert browser.get(url(source, "revert"), {"to": before}).status_code == status
        assert browser.post(url(source, "revert"), data).status_code == status
    source.refresh_from_db()
    assert source.title == "Second"


def test_a_get_changes_nothing_and_an_unknown_version_is_not_found(editor_client: Client) -> None:
    event = make_event(summary="First.")
    before = now(event)
    save(editor_client, event, summary="Second.")

    editor_client.get(url(event, "revert"), {"to": before, "latest": now(event), "change_reason": WHY})

    assert ClosureEvent.objects.get(pk=event.pk).summary == "Second."
    assert editor_client.get(url(event, "revert"), {"to": "987654"}).status_code == 404
    assert Source.objects.count() == 0


# Why, on the forms themselves.


def test_a_change_that_readers_see_asks_why_and_loses_nothing_typed(
    editor_client: Client, reviewer_client: Client
) -> None:
    source = make_source(title="Before")
    publish(source)

    for client in (editor_client, reviewer_client):
        data = {"kind": "article", "title": "Typed anew", "read": "in-full", "change_reason": "  "}
        data["seen_version"] = source.history.first().history_id
        rows = {f"{p}-{n}": 0 for p in ("authorships", "references") for n in ("TOTAL_FORMS", "INITIAL_FORMS")}
        response = client.post(url(source, "change"), data | rows)
        assert response.status_code == 200
        assert response.context["adminform"].form.errors == {
            "change_reason": ["Readers see what you changed: say why in a few words."]
        }
        assert 'value="Typed anew"' in response.content.decode()

    source.refresh_from_db()
    assert source.title == "Before"
    assert not ProposedChange.objects.exists()


def test_a_changed_row_that_readers_see_asks_why_and_loses_nothing_typed(reviewer_client: Client) -> None:
    actor = make_actor()
    name = ActorName.objects.create(actor=actor, name="Kyodo")
    publish(actor)
    data = {
        "kind": "organisation",
        "name": "Kyodo News",
        "capacity": "news-agency",
        "country": "JP",
        "names-TOTAL_FORMS": 1,
        "names-INITIAL_FORMS": 1,
        "names-0-id": name.pk,
        "names-0-actor": actor.pk,
        "names-0-name": "共同通信",
        "seen_version": actor.history.first().history_id,
        "names-0-seen_version": name.history.first().history_id,
    }

    response = reviewer_client.post(url(actor, "change"), data)
    assert response.status_code == 200
    assert "Readers see what you changed: say why in a few words." in response.content.decode()
    assert 'value="共同通信"' in response.content.decode()
    assert ActorName.objects.get().name == "Kyodo"

    assert reviewer_client.post(url(actor, "change"), data | {"change_reason": "native name"}).status_code == 302
    version = name.history.first()
    assert (version.name, version.history_change_reason) == ("共同通信", "native name")


def test_no_reason_is_asked_for_drafts_new_rows_and_nothing_changed(editor_client: Client) -> None:
    draft, source = make_source(title="Draft"), make_source(title="Seen", summary="One\ntwo")
    publish(source)
    save(editor_client, draft, title="Draft again", change_reason="")

    # A browser sends line ends of its own; that is no change.
    save(editor_client, source, summary="One\r\ntwo", change_reason="")
    rows = {"references-TOTAL_FORMS": 1, "references-0-cited_source": draft.pk}
    save(editor_client, source, change_reason="", **rows)

    assert source.references.get().state == State.DRAFT
    assert not ProposedChange.objects.exists()
    assert source.history.count() == 2


def test_a_long_reason_is_kept_whole_through_approval(editor_client: Client, reviewer_client: Client) -> None:
    source = make_source(title="Before")
    publish(source)
    why = ("The embassy's own note, seen today, gives another title; " * 8).strip()
    assert 400 < len(why) <= 500
    save(editor_client, source, title="After", change_reason=why)

    act(reviewer_client, "approve", ProposedChange.objects.get())
    act(reviewer_client, "retract", source, words=why * 3)

    assert [version.history_change_reason for version in source.history.all()[:2]] == [
        f"retracted: {why * 3}",
        f"approved by reviewer: {why}",
    ]


# What was merged since.


def test_parts_that_came_by_a_merge_stay_and_the_merge_is_pointed_out(reviewer: User, reviewer_client: Client) -> None:
    kept, other = make_source(title="Kept"), make_source(title="Other")
    authorship = other.authorships.create(author=make_actor())
    publish(kept, other)
    before = now(kept)
    done = merge(kept, other, reviewer, "The same", ["title"])

    # The past of the record itself: not what was done to the authorship while it was the other's.
    listed = reviewer_client.get(url(kept, "history")).context["rows"]
    assert [row[0].signature.history_type for row in listed] == ["~", "~", "+"]
    page = asked(reviewer_client, kept, before).content.decode()
    assert "it came from another record since, and stays here" in page
    assert reverse("admin:merge:merge", args=[done.pk]) in page
    go_back(reviewer_client, kept, before)

    authorship.refresh_from_db()
    kept.refresh_from_db()
    assert (authorship.source, authorship.state, kept.title) == (kept, State.PUBLISHED, "Kept")


def test_a_version_that_names_what_was_merged_since_names_the_record_that_stays(
    editor: User, editor_client: Client
) -> None:
    kept, other = make_actor(name="Kept"), make_actor(name="Other")
    quote = make_quote(text="First.", speaker=other)
    before = now(quote)
    save(editor_client, quote, text="Second.", speaker="")
    merge(kept, other, editor, "The same")

    go_back(editor_client, quote, before)

    quote.refresh_from_db()
    assert (quote.text, quote.speaker) == ("First.", kept)


def test_a_citation_that_a_merge_folded_is_not_made_twice(editor: User, editor_client: Client) -> None:
    event, kept, other = make_event(summary="First."), make_source(), make_source(title="Other")
    stays = cite(event, kept)
    cite(event, other)
    before = now(event)
    save(editor_client, event, summary="Second.")
    merge(kept, other, editor, "The same")

    assert "deleted since, and not made twice" in asked(editor_client, event, before).content.decode()
    go_back(editor_client, event, before)

    event.refresh_from_db()
    assert (event.summary, list(event.citations.all())) == ("First.", [stays])
