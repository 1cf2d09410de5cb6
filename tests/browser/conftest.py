"""A real browser against a real server: what quickstart serves, with the starter data."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.served import CHROMIUM, QUIET, Site, served


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    missing = pytest.mark.skip(reason="No browser: `apt-get install chromium` (or the like) lets these tests run.")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(missing)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site as quickstart prepares it, for all tests of a run."""
    with served(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="session")
def editor(site: Site) -> str:
    """The name of an editor of the site, whose password is the administrator's."""
    made = (
        "from django.contrib.auth.models import Group, User\n"
        f"user = User.objects.create_user('eunji', password='{site.password}', is_staff=True)\n"
        "user.groups.add(Group.objects.get(name='editor'))"
    )
    site.run(made)
    return "eunji"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a module: while it runs its event loop, Django refuses the database to other tests here."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh page; anything the browser complains of, or asks for elsewhere, fails the test."""
    context = chromium.new_context()
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if re.match(r"(http://127\.0\.0\.1:|data:|blob:)", request.url)
            else complaints.append(f"asked for {request.url}")
        ),
    )
    yield page
    context.close()
    assert complaints == []
