"""A site of its own for a browser: what quickstart serves, with the starter data."""

import contextlib
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

from tests.own_site import folders_of, own_database

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Site(NamedTuple):
    """Where the site is served, the password that quickstart printed, and the environment of its commands."""

    address: str
    password: str
    environment: dict[str, str]

    def run(self, code: str) -> None:
        """Run Python in a process of its own, with the site's models and database."""
        command = [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", code]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[Site]:
    """The site as quickstart prepares it, on a port and in a database of its own, of the kind that the tests run on."""
    with own_database(folder) as database, _served(folder, database) as site:
        yield site


@contextlib.contextmanager
def _served(folder: Path, database: str) -> Iterator[Site]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    environment = (
        kept
        | folders_of(folder)
        | {
            "DATABASE_URL": database,
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
