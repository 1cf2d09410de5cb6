"""The site for programs that speak HTTP, in the process of the tests: nothing goes over a network."""

import contextlib
import io
import urllib.request
from collections.abc import Iterator
from email.message import Message
from typing import Any
from urllib.response import addinfourl

import pytest
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client

SITE = "http://testserver"


class InProcess(urllib.request.HTTPHandler):
    """Answers what `urllib` is asked for, as pandas does, with the site itself."""

    def http_open(self, request: urllib.request.Request) -> Any:
        assert request.host == "testserver", "nothing is fetched from anywhere else"
        headers = {name: value for name, value in request.header_items() if name != "Host"}
        kind = headers.pop("Content-type", "application/octet-stream")
        response = Client().generic(
            request.get_method(), request.selector, request.data or b"", content_type=kind, headers=headers
        )
        told = Message()
        for name, value in response.items():
            told[name] = value
        answer = addinfourl(io.BytesIO(response.getvalue()), told, request.full_url, response.status_code)
        answer.msg = response.reason_phrase
        return answer


@contextlib.contextmanager
def through_wsgi() -> Iterator[None]:
    """Requests through the WSGI application leave the transaction of a test open.

    A request closes a connection that is not in autocommit, at its start and at its end; Django's own
    test client takes these two receivers away for the same reason, and puts them back after each request.
    """
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.fixture(scope="module")
def starter(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The starter data, for tests that only read; what `urllib` is asked for, the site answers."""
    opener = urllib.request._opener  # type: ignore[attr-defined]
    urllib.request.install_opener(urllib.request.build_opener(InProcess))
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_starter", verbosity=0)
        yield
        transaction.set_rollback(True)
    urllib.request.install_opener(opener)
