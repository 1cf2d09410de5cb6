"""A real browser against a real server: what quickstart serves, with the starter data."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.own_site import folders_of

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    missing = pytest.mark.skip(reason="No browser: `apt-get install chromium` (or the like) lets these tests run.")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(missing)


class Site(NamedTuple):
    """Where the site is served, the password that quickstart printed, and the environment of its commands."""

    address: str
    password: str
    environment: dict[str, str]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site as quickstart prepares it, on a port and in a database of its own."""
    folder = tmp_path_factory.mktemp("site")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    environment = (
        kept
        | folders_of(folder)
        | {
            "DATABASE_URL": f"sqlite:///{folder}/record.sqlite3",
            "SECRET_KEY": "only-for-these-tests-0123456789-0123456789-0123456789",
            "ALLOWED_HOSTS": "127.0.0.1",
            "HTTPS": "off",
            "FOUR_EYES": "off",
            "PYTHONUNBUFFERED": "1",
        }
    )
    log = folder / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "quickstart", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address, server, log)
        password = re.search(r"password (\S+)", log.read_text())
        assert password, log.read_text()
        yield Site(address, password[1], environment)
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="session")
def editor(site: Site) -> str:
    """The name of an editor of the site, whose password is the administrator's."""
    made = (
        "from django.contrib.auth.models import Group, User\n"
        f"user = User.objects.create_user('eunji', password='{site.password}', is_staff=True)\n"
        "user.groups.add(Group.objects.get(name='editor'))"
    )
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", made]
    subprocess.run(command, cwd=ROOT, env=site.environment, check=True, stdout=subprocess.DEVNULL)
    return "eunji"


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Ask until the server answers; a server that ended, or two minutes, end the wait."""
    until = time.monotonic() + 120
    while time.monotonic() < until and server.poll() is None:
        try:
            urlopen(address, timeout=5).close()
            return
        except (URLError, ConnectionError, TimeoutError):
            server_has_time = 0.2
            time.sleep(server_has_time)
    raise AssertionError(f"the server did not answer:\n{log.read_text()}")


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
