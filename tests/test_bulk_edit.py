"""Chosen fields of many records at once: looked at first, then written, with every guard (domain.md, rules 7 and 8)."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import models
from django.test import Client
from django.urls import reverse

from missions.models import Mission, StatusSpan
from nkwatch.editorial.admin.base import PublishableAdmin
from nkwatch.editorial.models import ProposedChange
from sources.models import Quote, Source
from tests.make import cite, make_actor, make_event, make_mission, make_quote, make_reason, make_source, publish

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

INLINE = re.compile(r"""<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:""", re.IGNORECASE)


class BulkEdit:
    """One editor's way through the pages of a bulk edit."""

    def __init__(self, client: Client, *records: models.Model) -> None:
        self.client, self.records = client, records
        meta = records[0]._meta
        self.page = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        self.data: dict[str, Any] = {"action": "bulk_edit", "_selected_action": [record.pk for record in records]}
        self.response = client.post(self.page, self.data)

    def preview(self, **values: Any) -> "BulkEdit":
        """Give values to fields, as `language="ko"`; a list's are given with how, as `reasons=("add", ids)`."""
        for name, value in values.items():
            how, value = value if isinstance(value, tuple) else ("", value)
            self.data |= {f"set_{name}": "on", f"value_{name}": value} | ({f"how_{name}": how} if how else {})
        return self.send(_preview="1")

    def send(self, **data: Any) -> "BulkEdit":
        self.response = self.client.post(self.page, self.data | data)
        assert self.response.status_code == 200
        assert not INLINE.search(self.text)
        return self

    def apply(self, reason: str = "filled in from the outlets", **data: Any) -> list[str]:
        """Confirm what the preview shows; the messages that people then read."""
        kept: dict[str, list[str]] = {}
        for name, value in self.response.context["kept"]:
            kept.setdefault(name, []).append(value)
        shown = {"_previewed": self.response.context["previewed"], "_apply": "1", "reason": reason}
        chosen = {name: self.data[name] for name in ("action", "_selected_action")}
        self.response = self.client.post(self.page, chosen | kept | shown | data, follow=True)
        return [str(message) for message in self.response.context["messages"]]

    def fates(self) -> list[str]:
        return [row.fate for row in self.response.context["rows"]]

    def whys(self) -> list[str]:
        return [row.why for row in self.response.context["rows"]]

    def lines(self) -> list[list[tuple[str, ...]]]:
        return [[tuple(line) for line in row.lines] for row in self.response.context["rows"]]

    @property
    def text(self) -> str:
        return self.response.content.decode()


def versions_of(*records: Any) -> list[int]:
    return [record.history.count() for record in records]


def test_every_publishable_model_offers_fields_to_set(administrator_client: Client) -> None:
    kinds = [kind for kind in admin.site._registry.values() if isinstance(kind, PublishableAdmin)]
    assert len(kinds) > 10
    request = administrator_client.get(reverse("admin:index")).wsgi_request
    offered = {kind.model.__name__: set(kind.get_bulk_fields(request)) for kind in kinds}
    assert all(offered.values())
    assert not {"text", "text_original", "wording", "slug"} & set().union(*offered.values())
    assert offered["EventCitation"] >= {"event", "source", "stance", "basis", "attributed_to_actor", "locator"}


def test_a_preview_says_what_each_record_becomes_and_writes_nothing(editor_client: Client) -> None:
    english, korean = make_source(title="One", language="en"), make_source(title="Two", language="ko")
    before = versions_of(english, korean)
    edit = BulkEdit(editor_client, english, korean).preview(language="ko")
    assert edit.fates() == ["changes", "stays as it is"]
    assert edit.lines() == [[("language", "en", "ko")], []]
    assert versions_of(english, korean) == before
    english.refresh_from_db()
    assert english.language == "en"


def test_confirming_writes_one_version_a_record_with_the_reason(editor_client: Client) -> None:
    sources = [make_source(title=f"Report {n}", language="en") for n in range(3)]
    kyodo = make_actor()
    before = versions_of(*sources)
    edit = BulkEdit(editor_client, *sources).preview(language="ko", outlet=kyodo.pk)
    assert edit.lines()[0] == [("language", "en", "ko"), ("outlet", "(empty)", "Kyodo News")]
    assert edit.apply() == ["Of 3 selected: 3 changed."]
    assert set(Source.objects.values_list("language", "outlet")) == {("ko", kyodo.pk)}
    assert versions_of(*sources) == [count + 1 for count in before]
    version = sources[0].history.first()
    assert (version.history_user.username, version.door) == ("editor", "admin")
    assert version.history_change_reason == "filled in from the outlets"


def test_a_reason_is_asked_for(editor_client: Client) -> None:
    source = make_source(language="en")
    edit = BulkEdit(editor_client, source).preview(language="ko")
    edit.apply(reason="")
    assert edit.response.context["confirm"].errors["reason"]
    assert edit.apply() == ["Of 1 selected: 1 changed."]


@pytest.mark.parametrize(
    ("how", "given", "left"),
    [("add", ["costs"], ["costs", "sanctions"]), ("remove", ["sanctions"], []), ("replace", ["costs"], ["costs"])],
)
def test_lists_are_added_to_taken_from_and_replaced(
    editor_client: Client, how: str, given: list[str], left: list[str]
) -> None:
    reasons = {slug: make_reason(slug=slug, label=slug) for slug in ("costs", "sanctions")}
    quote = make_quote()
    quote.reasons.add(reasons["sanctions"])
    before = versions_of(quote)
    edit = BulkEdit(editor_client, quote).preview(reasons=(how, [reasons[slug].pk for slug in given]))
    assert edit.fates() == ["changes"]
    assert list(quote.reasons.values_list("slug", flat=True)) == ["sanctions"]
    edit.apply()
    assert sorted(quote.reasons.values_list("slug", flat=True)) == left
    assert versions_of(quote) == [before[0] + 1]
    kept = {row.reason.slug for row in quote.history.first().reasons.all()}
    assert kept == set(left)


def test_published_records_become_proposals_of_an_editor(editor_client: Client) -> None:
    public, draft = make_source(title="Public", language="en"), make_source(title="Draft", language="en")
    publish(public)
    edit = BulkEdit(editor_client, public, draft).preview(language="ko")
    assert edit.fates() == ["waits for a reviewer", "changes"]
    assert not ProposedChange.objects.exists()
    assert edit.apply() == ["Of 2 selected: 1 changed; 1 wait for a reviewer."]
    proposed = ProposedChange.objects.get()
    assert (proposed.record, proposed.reason) == (public, "filled in from the outlets")
    assert proposed.difference == {"language": {"old": "en", "new": "ko"}}
    again = BulkEdit(editor_client, public).preview(language="ko")
    assert again.whys() == ["the same change waits for a reviewer already"]


def test_with_four_eyes_nobody_sets_a_published_stage_alone(reviewer_client: Client, settings: Any) -> None:
    event = make_event(stage="notified")
    cite(event, basis="own-reporting")
    publish(event)
    edit = BulkEdit(reviewer_client, event).preview(stage="closed")
    assert edit.fates() == ["waits for a reviewer"]
    settings.FOUR_EYES = False
    edit = BulkEdit(reviewer_client, event).preview(stage="closed")
    assert edit.fates() == ["changes"]
    assert not StatusSpan.objects.filter(status="closed").exists()
    edit.apply()
    assert StatusSpan.objects.filter(mission=event.mission, status="closed").exists()


def test_what_the_rules_refuse_is_left_out_and_said(editor_client: Client) -> None:
    madrid, rome = make_mission(), make_mission(host="IT", city="Rome")
    edit = BulkEdit(editor_client, madrid, rome).preview(city="Madrid", host="ES")
    assert edit.fates() == ["stays as it is", "refused"]
    assert "This mission stands already" in edit.whys()[1]
    undated = BulkEdit(editor_client, madrid).preview(established="last week")
    assert "is not a date that can be read" in undated.whys()[0]
    both = [make_mission(host=code, city="") for code in ("PE", "CL")]
    twins = BulkEdit(editor_client, *both).preview(host="AR", city="Buenos Aires")
    assert twins.fates() == ["changes", "refused"]
    messages = twins.apply()
    assert any("was left out" in message and "stands already" in message for message in messages)
    assert Mission.objects.filter(host="AR").count() == 1


def test_a_record_changed_since_the_preview_is_left_out_and_said(editor_client: Client) -> None:
    seen, changed = make_source(title="As seen", language="en"), make_source(title="Before", language="en")
    edit = BulkEdit(editor_client, seen, changed).preview(language="ko")
    changed.title = "After"
    changed.save()
    messages = edit.apply()
    assert any("“After” was left out: it has changed since this page was shown" in message for message in messages)
    assert "Of 2 selected: 1 changed." in messages
    assert set(Source.objects.values_list("title", "language")) == {("As seen", "ko"), ("After", "en")}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "Tick at least one field to set."),
        ({"value_language": "ko"}, "Tick “Language” to set it, or take out what is given here."),
        ({"set_accessed_on": "on", "value_accessed_on": "last week"}, "Enter a valid date."),
        ({"set_outlet": "on", "number_outlet": "A-9999"}, "No actor “A-9999” is on record: give its number or code."),
        ({"set_kind": "on", "value_kind": ""}, "“Kind” is never empty: give a value."),
    ],
)
def test_what_cannot_be_set_comes_back_on_the_form(editor_client: Client, data: dict[str, Any], message: str) -> None:
    edit = BulkEdit(editor_client, make_source()).send(_preview="1", **data)
    form = edit.response.context["form"]
    assert message in " ".join(error for errors in form.errors.values() for error in errors)


def test_going_back_keeps_what_was_given(editor_client: Client) -> None:
    edit = BulkEdit(editor_client, make_source(language="en")).preview(language="ko")
    edit.send(_back="1")
    assert edit.response.context["form"]["value_language"].value() == "ko"


def test_without_script_relations_are_given_by_number_or_code(editor_client: Client) -> None:
    kyodo, quote, event = make_actor(), make_quote(), make_event()
    source = make_source()
    publish(kyodo)
    edit = BulkEdit(editor_client, source).send(_preview="1", set_outlet="on", number_outlet=kyodo.label)
    assert edit.lines() == [[("outlet", "(empty)", "Kyodo News")]]
    edit.apply()
    source.refresh_from_db()
    assert source.outlet == kyodo
    lists = BulkEdit(editor_client, event).send(
        _preview="1", set_quotes="on", how_quotes="add", number_quotes=quote.label
    )
    lists.apply()
    assert list(event.quotes.all()) == [quote]
    country = BulkEdit(editor_client, event.mission).send(_preview="1", set_host="on", number_host="pt")
    assert country.fates() == ["changes"]


def test_whoever_may_not_change_records_cannot_edit_them(client_of: Any) -> None:
    guest = User.objects.create_user(username="guest", is_staff=True)
    guest.user_permissions.add(Permission.objects.get(codename="view_source"))
    source = make_source(language="en")
    client = client_of(guest)
    data = {"action": "bulk_edit", "_selected_action": source.pk, "set_language": "on", "value_language": "ko"}
    client.post(reverse("admin:sources_source_changelist"), data | {"_apply": "1", "reason": "why"})
    source.refresh_from_db()
    assert source.language == "en"


def test_more_than_can_be_looked_at_are_not_taken(editor_client: Client) -> None:
    Quote.objects.bulk_create(Quote(text=f"Words {n}") for n in range(501))
    page = reverse("admin:sources_quote_changelist")
    data = {"action": "bulk_edit", "_selected_action": Quote.objects.first().pk, "select_across": 1}
    response = editor_client.post(page, data, follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "501 records are selected: choose at most 500 to edit at once."
    ]


def test_what_is_retracted_is_proposed_too(editor_client: Client) -> None:
    source = make_source(language="en")
    publish(source)
    source.retract("A hoax.")
    assert BulkEdit(editor_client, source).preview(language="ko").fates() == ["waits for a reviewer"]
