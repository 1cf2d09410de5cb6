"""A site with a database and files of its own, for what only processes can show: kills, and the same moment."""

import contextlib
import itertools
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import environ
import psycopg

ROOT = Path(__file__).resolve().parent.parent
_names = itertools.count()

# Runs what it is told, one piece of Python at a time, and answers with what that printed.
DESK = """
import contextlib, io, json, sys
import django
django.setup()
for told in sys.stdin:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(json.loads(told), {})
    print(json.dumps(printed.getvalue()), flush=True)
"""
# Forks a worker for each line, tells its process id, and then that it ended, and how.
WORKERS = """
import os, sys
import django
django.setup()
from django.core.management import call_command
from django_tasks_db.management.commands import db_worker
for _ in sys.stdin:
    if not (worker := os.fork()):
        call_command("db_worker", batch=True, startup_delay=False, interval=0, reload=False, verbosity=0)
        os._exit(0)
    print(worker, flush=True)
    print(os.waitpid(worker, 0)[1], flush=True)
"""


class Process:
    """A process that is told lines and answers with lines."""

    def __init__(self, code: str, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )

    def tell(self, line: str = "") -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n".encode())

    def answer(self) -> str:
        assert self.process.stdout
        answered = self.process.stdout.readline().decode()
        assert answered, "the process ended: what it complained of stands above"
        return answered.strip()

    def answers_within(self, seconds: float) -> bool:
        return bool(select.select([self.process.stdout], [], [], seconds)[0])

    def end(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            pipe.close()
        self.process.wait(timeout=30)


class Desk(Process):
    """A process that does what it is told in Python."""

    def begin(self, code: str) -> None:
        self.tell(json.dumps(code))

    def end_of(self) -> str:
        return str(json.loads(self.answer())).strip()

    def do(self, code: str) -> str:
        """What `code` prints."""
        self.begin(code)
        return self.end_of()


def folders_of(site: Path) -> dict[str, str]:
    """Where such a site keeps files, as its environment says: nothing that a test does stays in the checkout."""
    return {name: str(site / name.lower()) for name in ("MEDIA_ROOT", "PRIVATE_ROOT", "STATIC_ROOT")}


class OwnSite:
    """Processes that share one database, uploads, and cache of progress."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "nkwatch.settings",
            "SECRET_KEY": "only-for-this-test-0123456789-0123456789-0123456789",
            "DATABASE_URL": database_url,
            "TASKS": "worker",
            "CACHE_URL": "",
            **folders_of(folder),
        }

    @contextlib.contextmanager
    def desk(self) -> Iterator[Desk]:
        desk = Desk(DESK, self.environment)
        try:
            yield desk
        finally:
            desk.end()

    @contextlib.contextmanager
    def workers(self) -> Iterator[Process]:
        workers = Process(WORKERS, self.environment)
        try:
            yield workers
        finally:
            workers.end()


@contextlib.contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """The address of an empty database, of the kind that the tests run on; it ends with the block."""
    server = environ.Env().str("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield f"sqlite:///{folder}/record.sqlite3"
        return
    name = f"nkwatch_own_{os.getpid()}_{next(_names)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            yield f"{server.rsplit('/', 1)[0]}/{name}"
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@contextlib.contextmanager
def own_site(folder: Path) -> Iterator[OwnSite]:
    """A site with all tables and no records."""
    with own_database(folder) as address:
        site = OwnSite(folder, address)
        with site.desk() as desk:
            desk.do("from django.core.management import call_command; call_command('migrate', verbosity=0)")
        yield site
