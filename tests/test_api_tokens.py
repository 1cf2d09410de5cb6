"""Tokens of the API: made once, kept as a hash, good for what their owner and scope allow."""

import datetime
import hashlib
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from nkwatch.editorial.models import ApiToken

pytestmark = pytest.mark.django_db

ADD, LIST = "/admin/editorial/apitoken/add/", "/admin/editorial/apitoken/"


def create(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("create_token", *arguments)
    return capsys.readouterr().out.strip()


def read(client: Client, secret: str, address: str = "missions/", scheme: str = "Token"):
    return client.get(f"/api/v1/{address}", headers={"authorization": f"{scheme} {secret}"})


def test_the_command_prints_a_secret_of_which_only_the_hash_is_kept(
    editor: User, capsys: pytest.CaptureFixture[str], client: Client
):
    secret = create(capsys, "editor", "--scope", "read", "--days", "3")
    token = ApiToken.objects.get()
    assert (token.user, token.scope, token.last_used) == (editor, "read", None)
    assert token.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert abs(token.expires - timezone.now() - datetime.timedelta(days=3)) < datetime.timedelta(minutes=1)
    assert not any(secret in str(value) for value in ApiToken.objects.values_list().get())
    assert read(client, secret).status_code == 200
    token.refresh_from_db()
    assert token.last_used is not None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody"], "no open account"),
        (["editor", "--days", "0"], "1 to 366 days"),
        (["editor", "--days", "367"], "1 to 366 days"),
        (["editor", "--scope", "all"], "invalid choice"),
        (["editor", "--name", "monitor"], "stands already"),
    ],
)
def test_the_command_says_what_it_does_not_take(editor: User, arguments: list[str], words: str):
    ApiToken.make(editor, "monitor")
    with pytest.raises(CommandError, match=words):
        call_command("create_token", *arguments)
    assert ApiToken.objects.count() == 1


def expire(token: ApiToken) -> None:
    ApiToken.objects.update(expires=timezone.now())


def close_account(token: ApiToken) -> None:
    User.objects.update(is_active=False)


@pytest.mark.parametrize("spoil", [expire, close_account, ApiToken.revoke, ApiToken.delete])
def test_a_token_that_no_longer_holds_opens_nothing(editor: User, client: Client, spoil: Callable):
    token, secret = ApiToken.make(editor, "monitor")
    assert read(client, secret).status_code == 200
    spoil(token)
    refused = read(client, secret)
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"] == 'Token realm="nkwatch"'
    [error] = refused.json()["errors"]
    assert (error["code"], error["attr"]) == ("authentication_failed", None)
    assert error["detail"].startswith("This token opens nothing")


@pytest.mark.parametrize("secret", ["", "x", "nkw_" + "a" * 5000, "caf\xe9", "a b", "\x7f"])
def test_what_is_no_token_is_refused_and_never_an_error(client: Client, db: None, secret: str):
    assert read(client, secret).status_code == 401


def test_another_scheme_reads_as_anybody(client: Client):
    assert read(client, "YTpi", scheme="Basic").status_code == 200


def test_each_scope_may_what_those_before_it_may(editor: User):
    token = ApiToken(user=editor, scope="draft")
    assert [token.allows(scope) for scope in ("read", "draft", "publish")] == [True, True, False]


def test_the_desk_shows_a_new_secret_once(editor: User, editor_client: Client, client: Client):
    asked = editor_client.get(ADD).content.decode()
    assert ("_save" in asked, "_addanother" in asked, "_continue" in asked) == (True, False, False)
    answer = editor_client.post(ADD, {"name": "monitor", "scope": "draft", "days": "30"})
    token = ApiToken.objects.get()
    secret = answer.context["secret"]
    assert (token.user, token.name, answer.status_code) == (editor, "monitor", 200)
    assert "no-store" in answer["Cache-Control"]
    assert secret in answer.content.decode()
    assert read(client, secret).status_code == 200
    assert secret not in editor_client.get(LIST).content.decode()
    assert secret not in editor_client.get(f"{LIST}{token.pk}/change/").content.decode()


@pytest.mark.parametrize(
    ("data", "field"),
    [({"name": "monitor"}, "name"), ({"days": "400"}, "days"), ({"scope": "all"}, "scope"), ({"name": ""}, "name")],
)
def test_the_desk_says_what_it_does_not_take(editor: User, editor_client: Client, data: dict[str, str], field: str):
    ApiToken.make(editor, "monitor")
    answer = editor_client.post(ADD, {"name": "other", "scope": "draft", "days": "30"} | data)
    assert list(answer.context["adminform"].form.errors) == [field]


def test_everybody_revokes_their_own_and_administrators_any(
    editor: User, reviewer: User, editor_client: Client, administrator_client: Client
):
    own, others = ApiToken.make(editor, "own")[0], ApiToken.make(reviewer, "others")[0]

    def revoke(client: Client) -> list[bool]:
        client.post(LIST, {"action": "revoke", "_selected_action": [own.pk, others.pk]})
        return [ApiToken.objects.get(pk=token.pk).is_valid for token in (own, others)]

    assert revoke(editor_client) == [False, True]
    assert editor_client.get(f"{LIST}{others.pk}/change/").status_code == 302
    assert revoke(administrator_client) == [False, False]


@pytest.fixture
def limits(settings):
    cache.clear()
    settings.API_LIMITS = {"address": 4, "token": 2}
    yield settings.API_LIMITS
    cache.clear()


LIMIT_HEADERS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


def test_a_reader_is_told_what_is_left_once_half_is_used_and_then_to_wait(client: Client, limits):
    answers = [client.get("/api/v1/countries/ES/") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert [answer.headers.get("RateLimit-Remaining") for answer in answers] == [None, None, "1", "0", "0"]
    assert {answer["RateLimit-Limit"] for answer in answers} == {"4"}
    assert 0 < int(answers[4]["Retry-After"]) <= 60
    assert answers[4].json()["errors"][0]["code"] == "throttled"
    assert client.get("/api/v1/countries/ES/", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_a_token_is_told_what_is_left_from_the_start(client: Client, editor: User, limits):
    _, secret = ApiToken.make(editor, "monitor")
    answers = [read(client, secret, "countries/ES/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [[answer[name] for name in LIMIT_HEADERS[:2]] for answer in answers] == [["2", "1"], ["2", "0"], ["2", "0"]]
    assert all(0 < int(answer["RateLimit-Reset"]) <= 60 for answer in answers)


def test_trying_tokens_is_limited_as_well(client: Client, db: None, limits):
    assert [read(client, f"guess-{number}").status_code for number in range(6)] == [401] * 4 + [429] * 2


def test_no_limit_is_no_header(client: Client, settings):
    settings.API_LIMITS = {"address": 0, "token": 0}
    assert "RateLimit-Limit" not in client.get("/api/v1/countries/ES/").headers
