"""One import at a time: the same sheet twice, even at the same moment, writes once (event-sheet.md, point 6)."""

import contextlib
from collections.abc import Callable, Iterator

from django.db import OperationalError, connection, transaction

# Any number will do, so long as nothing else in this database locks by it.
IMPORTS = 0x6E6B7761
SQLITE_TURNS = 15


def one_import_at_a_time() -> None:
    """Wait until no other import is being written, and keep others waiting until this transaction ends.

    The second of two imports then finds what the first wrote standing. On SQLite every transaction
    has the database to itself already (`transaction_mode` IMMEDIATE).
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORTS])


@contextlib.contextmanager
def transaction_in_turn(while_waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """A transaction that waits for its turn, however long the one before it takes.

    SQLite lets a writer wait for `timeout` seconds only, less than a large import may hold it: so it
    is asked again, a few minutes in all, and `while_waiting` is called in between.
    Raises OperationalError after that.
    """
    with contextlib.ExitStack() as stack:
        for turn in range(SQLITE_TURNS):
            try:
                stack.enter_context(transaction.atomic())
                break
            except OperationalError as error:
                if not is_busy(error) or turn == SQLITE_TURNS - 1:
                    raise
                while_waiting()
        yield


@contextlib.contextmanager
def without_waiting() -> Iterator[None]:
    """What is written inside is refused at once where somebody else holds the database, which SQLite waits for."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    [[waits]] = connection.connection.execute("PRAGMA busy_timeout")
    connection.connection.execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        connection.connection.execute(f"PRAGMA busy_timeout = {waits}")


def is_busy(error: OperationalError) -> bool:
    """Whether the database refused only because somebody else holds it."""
    return "is locked" in str(error) or "lock timeout" in str(error)
