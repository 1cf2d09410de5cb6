"""The reader's door: a source or a correction sent without an account, and answered (pages.md, Changes)."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from nkwatch.site.models import Suggestion
from nkwatch.site.suggesting.answers import answered_suggestions
from nkwatch.site.suggesting.throttle import MOST, SECONDS
from tests.make import make_mission, make_source, publish

pytestmark = pytest.mark.django_db

SUGGEST = "/suggest/"
SENT = {
    "about": "M-0001",
    "url": "https://example.org/report",
    "text": "It closed on 3 November,\r\nnot in December.",
    "name": "Ann Reader",
    "may_be_named": "on",
    "email": "ann@example.org",
}


@pytest.fixture(autouse=True)
def nobody_sent_anything_lately() -> None:
    """How much was sent from an address outlives a test."""
    cache.clear()


@pytest.fixture
def mission(db: None) -> Any:
    mission = make_mission()
    publish(mission)
    return mission


def send(client: Client, **more: str) -> Any:
    return client.post(SUGGEST, {**SENT, **more})


def refused(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    assert not Suggestion.objects.exists()
    return response.context["form"].errors


def test_every_record_leads_to_the_form_which_says_what_it_is_about(client: Client, mission: Any) -> None:
    page = client.get(mission.get_absolute_url(), {"asof": "2023-11-15"}).content.decode()
    link = f"{SUGGEST}?asof=2023-11-15&amp;about=M-0001"
    assert link in page

    form = client.get(f"{SUGGEST}?about=m1&url=https://example.org/x")
    assert form.context["form"].initial == {"about": "M-0001", "url": "https://example.org/x"}
    text = form.content.decode()
    assert escape(mission.name) in text
    assert "Unnamed people stay unnamed" in text
    assert "it can be retracted at once, with a reason" in text
    assert "It is never shown." in text


def test_what_is_sent_waits_on_the_desk_with_a_version_and_without_an_account(client: Client, mission: Any) -> None:
    answer = send(client)
    assert answer.headers["Location"] == "/suggest/thanks/"
    assert client.get(answer.headers["Location"]).status_code == 200
    suggestion = Suggestion.objects.get()
    assert (suggestion.about, suggestion.url, suggestion.status) == ("M-0001", SENT["url"], "open")
    assert suggestion.text == "It closed on 3 November,\nnot in December."
    version = suggestion.history.get()
    assert (version.history_type, version.door, version.history_user) == ("+", "reader", None)
    assert not hasattr(version, "email")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"url": "", "text": "  "}, "text"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "ftp://example.org/"}, "url"),
        ({"url": "http://192.168.0.1/x"}, "url"),
        ({"url": "https://example.org/" + "x" * 2_000}, "url"),
        ({"text": "x" * 5_001}, "text"),
        ({"text": "turned \u202e round"}, "text"),
        ({"text": "nul \x00"}, "text"),
        ({"name": "x" * 101}, "name"),
        ({"email": "nobody"}, "email"),
        ({"about": "M-0099"}, "about"),
        ({"about": "the embassy"}, "about"),
    ],
)
def test_what_cannot_be_used_is_told_beside_its_field_and_nothing_typed_is_lost(
    client: Client, mission: Any, typed: dict[str, str], field: str
) -> None:
    response = send(client, **typed)
    assert list(refused(response)) == [field]
    page = response.content.decode()
    assert f'href="#suggest-{field}"' in page
    assert f'id="suggest-{field}-error"' in page
    assert 'aria-invalid="true"' in page
    assert "ann@example.org" in page or field == "email"


def test_a_draft_is_no_record_that_the_form_knows(client: Client) -> None:
    draft = make_mission()
    page = client.get(f"{SUGGEST}?about=draft-{draft.pk}")
    assert page.context["form"].initial["about"] == ""
    assert list(refused(send(client, about=f"draft-{draft.pk}"))) == ["about"]


def test_a_machine_that_fills_in_everything_is_thanked_and_nothing_is_kept(client: Client, mission: Any) -> None:
    assert send(client, website="https://spam.example/").status_code == 302
    assert not Suggestion.objects.exists()


def test_one_sender_cannot_bury_the_others_and_is_told_when_to_try_again(client: Client, mission: Any) -> None:
    for _ in range(MOST):
        assert send(client).status_code == 302
    answer = send(client, text="One more, which must not be lost.")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= SECONDS
    page = answer.content.decode()
    assert re.search(r"send it again after <time[^>]*>\d\d:\d\d UTC</time>", page)
    assert "One more, which must not be lost." in page
    assert Suggestion.objects.count() == MOST
    assert Client(REMOTE_ADDR="203.0.113.9").post(SUGGEST, SENT).status_code == 302


def test_who_sends_is_told_by_a_trusted_server_in_front_only(client: Client, mission: Any, settings: Any) -> None:
    for number in range(MOST + 1):
        answer = client.post(SUGGEST, SENT, headers={"x-forwarded-for": f"203.0.113.{number}"})
    assert answer.status_code == 429
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for number in range(MOST + 1):
        answer = client.post(SUGGEST, SENT, headers={"x-forwarded-for": f"10.0.0.1, 203.0.113.{number}"})
        assert answer.status_code == 302


def test_the_form_is_taken_from_our_own_page_only(mission: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(SUGGEST, SENT).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', strict.get(SUGGEST).content.decode())
    assert token
    assert strict.post(SUGGEST, {**SENT, "csrfmiddlewaretoken": token[1]}).status_code == 302


@pytest.mark.ignore_template_errors
def test_an_editor_finds_it_on_the_first_page_and_answers_it(
    client: Client, mission: Any, editor: Any, editor_client: Client
) -> None:
    send(client)
    suggestion = Suggestion.objects.get()
    index = editor_client.get(reverse("admin:index")).content.decode()
    listed = f"{reverse('admin:site_suggestion_changelist')}?worklist=suggestions"
    assert listed in index
    assert list(editor_client.get(listed).context["cl"].result_list) == [suggestion]

    address = reverse("admin:site_suggestion_change", args=[suggestion.pk])
    page = editor_client.get(address).content.decode()
    assert reverse("admin:missions_mission_change", args=[mission.pk]) in page
    report = f"{reverse('admin:missions_report_add')}?url=https%3A%2F%2Fexample.org%2Freport"
    assert report in page
    assert 'value="https://example.org/report"' in editor_client.get(report).content.decode()

    assert answered_suggestions() == []
    answer = {"status": "taken-up", "answer": "The day is now 3 November.", "text": "not the reader's words"}
    assert editor_client.post(address, answer).status_code == 302
    suggestion.refresh_from_db()
    assert suggestion.text.startswith("It closed on 3 November")
    assert suggestion.answered
    assert suggestion.history.first().history_user == editor
    assert list(editor_client.get(listed).context["cl"].result_list) == []


def test_only_what_was_taken_up_with_an_answer_is_told_and_only_the_answer(client: Client, mission: Any) -> None:
    gone = make_source()
    publish(gone)
    for status, answer, about, named in (
        ("open", "No.", "", True),
        ("declined", "No.", "", True),
        ("taken-up", "", "", True),
        ("taken-up", "Mended.", "M-0001", True),
        ("taken-up", "Thanks.", "S-0001", False),
    ):
        Suggestion.objects.create(
            text="Secret",
            email="ann@example.org",
            name="Ann",
            may_be_named=named,
            status=status,
            answer=answer,
            about=about,
        )
    gone.retract("It was a hoax.")
    told = [(row.label, row.record, row.answer, row.told_by) for row in answered_suggestions()]
    assert told == [("S-0001", None, "Thanks.", "a reader"), ("M-0001", mission, "Mended.", "Ann")]
    assert "Secret" not in str(answered_suggestions()) and "ann@" not in str(answered_suggestions())
