"""What the columns of a sheet are taken for: guesses, what was chosen before, and what is off (pages.md, B3)."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from missions.importing.imports import EVENTS, KINDS
from nkwatch.editorial.importing.sheets import OWN_COLUMNS
from nkwatch.editorial.models import SheetShape
from nkwatch.editorial.text import fold, split_list

REASONS_COLUMN = "error"
"""The column that nkwatch adds to rows it hands back; set aside when they come again."""

NEED_ONE_OF = {EVENTS: ("source_url", "source_title")}
"""Columns of which every sheet of the kind has one at least (event-sheet.md)."""

UNREAD = ""
UNDECIDED = "?"


class Guess(NamedTuple):
    """The column that a header is taken for, and why: *by name*, *by alias*, *remembered*, or what else."""

    column: str
    how: str


def columns_of(kind: str) -> list[str]:
    """The columns that a sheet of this kind has, the row's own key last."""
    return [*KINDS[kind].for_export().columns(), "key"]


def guesses(kind: str, headers: Sequence[str]) -> list[Guess]:
    """What each header most likely is; a column is guessed once, and an unknown header not at all."""
    shape = remembered(kind, headers)
    known = iter(shape.columns) if shape else None
    found: list[Guess] = []
    for header in headers:
        if fold(header) == REASONS_COLUMN:
            guess = Guess(UNREAD, "added by nkwatch to rows with errors")
        elif known is not None:
            guess = Guess(next(known), "remembered")
        else:
            guess = _by_words(kind, header)
        if guess.column not in (UNREAD, UNDECIDED) and guess.column in (earlier.column for earlier in found):
            guess = Guess(UNDECIDED, f"{guess.column} is taken by another header")
        found.append(guess)
    return found


def _by_words(kind: str, header: str) -> Guess:
    key = fold(header)
    names = (*columns_of(kind), *sorted(OWN_COLUMNS))
    for column in names:
        if key and key == fold(column):
            return Guess(column, "nkwatch’s own, skipped" if column in OWN_COLUMNS else "by name")
    for column in names:
        if key and key in map(fold, split_list(KINDS[kind].aliases.get(column, ""))):
            return Guess(column, "by alias")
    return Guess(UNDECIDED, "not known")


def problems_of(
    kind: str, headers: Sequence[str], columns: Sequence[str], constants: Mapping[str, str]
) -> tuple[dict[int, str], dict[str, str]]:
    """What is wrong with a choice of columns: by the place of the header, and by the column that is missing."""
    known = {*columns_of(kind), *OWN_COLUMNS}
    taken = Counter(column for column in columns if column)
    by_place: dict[int, str] = {}
    for place, column in enumerate(columns):
        if column == UNDECIDED:
            by_place[place] = "Choose what this column is, or leave it unread."
        elif column and column not in known:
            by_place[place] = f"“{column}” is not a column of this sheet."
        elif taken[column] > 1:
            others = ", ".join(headers[other] or f"column {other + 1}" for other in _others(columns, place))
            by_place[place] = f"{column} is chosen for {others} as well: choose it once."
    by_column = {
        column: f"Every row needs {column}: choose the header that holds it, or give one text for all rows."
        for column in KINDS[kind].required
        if not taken[column] and not constants.get(column)
    }
    either = NEED_ONE_OF.get(kind, ())
    if either and not any(taken[column] or constants.get(column) for column in either):
        by_column[either[0]] = f"Every row needs {' or '.join(either)}: choose the header that holds it."
    for column in constants:
        if taken[column]:
            by_column[column] = f"{column} has a column in the sheet: leave one of the two."
    return by_place, by_column


def _others(columns: Sequence[str], place: int) -> list[int]:
    return [other for other, column in enumerate(columns) if column == columns[place] and other != place]


def remembered(kind: str, headers: Sequence[str]) -> SheetShape | None:
    """What sheets with these headers were last taken for, as long as its columns are still there."""
    shape = SheetShape.objects.filter(kind=kind, digest=_digest(headers)).first()
    if shape is None or not {*shape.columns} <= {*columns_of(kind), *OWN_COLUMNS, UNREAD}:
        return None
    return shape


def remember(
    kind: str, headers: Sequence[str], columns: Sequence[str], constants: Mapping[str, str], user: Any
) -> None:
    """Keep a choice for the next sheet with these headers, whoever uploads it."""
    own = [column for header, column in zip(headers, columns, strict=True) if fold(header) != REASONS_COLUMN]
    chosen = {"columns": own, "constants": dict(constants), "user": user}
    SheetShape.objects.update_or_create(kind=kind, digest=_digest(headers), defaults=chosen)


def _digest(headers: Sequence[str]) -> str:
    """A sheet handed back with its errors has the shape of the sheet that it comes from."""
    folded = [fold(header) for header in headers if fold(header) != REASONS_COLUMN]
    return hashlib.sha256(json.dumps(folded, ensure_ascii=False).encode()).hexdigest()
