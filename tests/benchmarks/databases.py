"""New databases to measure on: SQLite files, and a PostgreSQL cluster that lives as long as the benchmark."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

NewDatabase = Callable[[str], str]
"""Makes an empty database of a name and answers with its DATABASE_URL."""

NO_POSTGRESQL = "PostgreSQL is skipped: its programs are not in /usr/lib/postgresql (apt install postgresql)."


@contextmanager
def sqlite() -> Iterator[NewDatabase]:
    with tempfile.TemporaryDirectory() as folder:
        yield lambda name: f"sqlite:///{folder}/{name}.sqlite3"


@contextmanager
def postgresql() -> Iterator[NewDatabase | None]:
    """A throw-away cluster in its own folder with the server's default durability; None without PostgreSQL."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), default=None)
    if programs is None:
        yield None
        return
    # PostgreSQL refuses to run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp())
    cluster, port = folder / "cluster", _free_port()

    def run(program: str, *arguments: str) -> None:
        command = [*as_user, str(programs / program), *arguments]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)

    try:
        folder.chmod(0o755)
        cluster.mkdir()
        if as_user:
            shutil.chown(cluster, "postgres")
        run("initdb", "-D", str(cluster), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        options = f"-k '' -h 127.0.0.1 -p {port}"
        run("pg_ctl", "-D", str(cluster), "-w", "-l", str(cluster / "log"), "-o", options, "start")
        server = f"postgres://postgres@127.0.0.1:{port}"

        def new(name: str) -> str:
            with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
            return f"{server}/{name}"

        yield new
    finally:
        if (cluster / "postmaster.pid").exists():
            run("pg_ctl", "-D", str(cluster), "-m", "immediate", "stop")
        shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


KINDS = {"sqlite": sqlite, "postgresql": postgresql}
