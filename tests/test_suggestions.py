"""The reader's door: a source or a correction sent without an account, and answered (pages.md, Changes)."""

import datetime
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from nkwatch.editorial.merging.merges import merge
from nkwatch.site.models import Suggestion
from nkwatch.site.suggesting.answers import answered_suggestions
from nkwatch.site.suggesting.throttle import SECONDS, most
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
    for _ in range(most()):
        assert send(client).status_code == 302
    answer = send(client, text="One more, which must not be lost.")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= SECONDS
    page = answer.content.decode()
    assert re.search(r"send it again after <time[^>]*>\d\d:\d\d UTC</time>", page)
    assert "One more, which must not be lost." in page
    assert Suggestion.objects.count() == most()
    assert Client(REMOTE_ADDR="203.0.113.9").post(SUGGEST, SENT).status_code == 302


def test_who_sends_is_told_by_a_trusted_server_in_front_only(client: Client, mission: Any, settings: Any) -> None:
    for number in range(most() + 1):
        answer = client.post(SUGGEST, SENT, headers={"x-forwarded-for": f"203.0.113.{number}"})
    assert answer.status_code == 429
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for number in range(most() + 1):
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
    line = index[index.index(listed) :].partition("</tr>")[0]
    assert ">1 suggestion<" in line
    Suggestion.objects.update(made=timezone.now() - datetime.timedelta(days=12))
    assert "12 days" in editor_client.get(reverse("admin:index")).content.decode()
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
        ("taken-up", "Good.", "", False),
    ):
        Suggestion.objects.create(
            text="Secret",
            email="ann@example.org",
            name="Ann" if named else "Anon",
            may_be_named=named,
            status=status,
            answer=answer,
            about=about,
        )
    gone.retract("It was a hoax.")
    told = [(row.label, row.record, row.answer, row.told_by) for row in answered_suggestions()]
    assert told == [("", None, "Good.", "a reader"), ("M-0001", mission, "Mended.", "Ann")]
    for address in ("/changes/", "/changes.json", "/changes.atom", "/changes/?record=M-0001"):
        page = client.get(address).content.decode()
        assert not [word for word in ("Secret", "ann@", "Thanks.", "S-0001 ", "Anon", "No.") if word in page]
    page = client.get("/changes/").content.decode()
    assert "told by Ann" in page and "told by a reader" in page
    assert f'<a href="{mission.get_absolute_url()}">{escape(str(mission))} (M-0001)</a>' in page
    assert page.index("Good.") < page.index("Mended.")
    assert "Mended." in client.get("/changes/?record=M-0001").content.decode()
    assert "Good." not in client.get("/changes/?record=M-0001").content.decode()
    data = client.get("/changes.json").json()["suggestions_taken_up"]
    assert [(row["number"], row["answer"], row["told_by"]) for row in data] == [
        (None, "Good.", "a reader"),
        ("M-0001", "Mended.", "Ann"),
    ]
    assert client.get("/changes.json?since=2200-01-01").json()["suggestions_taken_up"] == []
    assert client.get("/changes.json?since=2000-01-01").json()["suggestions_taken_up"] == data


def test_answers_lead_to_the_record_that_a_merged_one_became_and_cost_one_query_a_kind(
    mission: Any, administrator: Any, django_assert_num_queries: Any, settings: Any
) -> None:
    settings.FOUR_EYES = False
    other = make_mission(city="")
    publish(other)
    for number in range(12):
        Suggestion.objects.create(text="x", status="taken-up", answer=f"Done {number}.", about=f"M-000{number % 2 + 1}")
    with django_assert_num_queries(2):
        assert len(answered_suggestions(most=10)) == 10
    merge(mission, other, by=administrator, reason="They are one.")
    assert not other.__class__.objects.get(pk=other.pk).is_public
    assert {row.label for row in answered_suggestions()} == {"M-0001"}


def test_all_addresses_of_one_line_are_one_sender(client: Client, mission: Any) -> None:
    for number in range(most()):
        assert client.post(SUGGEST, SENT, REMOTE_ADDR=f"2001:db8::{number + 1}").status_code == 302
    assert client.post(SUGGEST, SENT, REMOTE_ADDR="2001:db8::ffff:1").status_code == 429
    assert client.post(SUGGEST, SENT, REMOTE_ADDR="2001:db8:0:1::1").status_code == 302
