"""The desk's people, and browsers in which they are logged in."""

import os
from collections import Counter
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.cache import caches
from django.test import Client
from schemathesis.pytest.plugin import SchemathesisFunction

from nkwatch.editorial.roles import ADMINISTRATOR, EDITOR, REVIEWER
from tests.make import make_member


@pytest.fixture
def editor(db: None) -> User:
    return make_member(EDITOR)


@pytest.fixture
def reviewer(db: None) -> User:
    return make_member(REVIEWER)


@pytest.fixture
def administrator(db: None) -> User:
    return make_member(ADMINISTRATOR)


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """Give a browser in which that user is logged in."""

    def logged_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return logged_in


@pytest.fixture
def editor_client(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


@pytest.fixture
def reviewer_client(reviewer: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(reviewer)


@pytest.fixture
def administrator_client(administrator: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(administrator)


@pytest.fixture(autouse=True)
def no_progress_of_other_tests() -> None:
    """Imports of two tests may have one number, and what is said of their progress outlives a test."""
    caches["progress"].clear()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Name each test of the API's description by its operation.

    schemathesis says the operation in the test's name only, and from pytest 9.2 on that is no part of what tells one
    test from another.
    """
    if isinstance(item, SchemathesisFunction) and item.parent:
        item._id = item.parent.id.child(item.originalname).with_params(item.operation_label)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of two tests of one name pytest-xdist runs one, and says nothing."""
    shared = [name for name, count in Counter(item.nodeid for item in items).items() if count > 1]
    if shared:
        raise pytest.UsageError(f"More than one test is named {shared[0]}: each needs a name of its own.")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything that tests need is installed (NO_SKIPS is set, as in .ci/run), a skip is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("NO_SKIPS") and reporter and reporter.stats.get("skipped"):
        reporter.write_line("Skipped, though NO_SKIPS is set: a skip is a failure here.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
