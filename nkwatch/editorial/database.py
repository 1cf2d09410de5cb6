"""What nkwatch asks of a database connection."""

import sqlite3
from typing import Any


def let_sqlite_take_long_statements(connection: Any, **kwargs: Any) -> None:
    """Ask SQLite how many parameters a statement may have; Django 5.2 assumes the 999 of versions before 2020.

    A thousand records then go in with one statement, not with forty.
    """
    if connection.vendor == "sqlite":
        connection.features.max_query_params = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
