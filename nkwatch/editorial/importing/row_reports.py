"""What becomes of the rows of a sheet, and why one cannot be taken (event-sheet.md, point 3)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

Progress = Callable[[int, int], None]
"""Told now and then how many rows are done, and of how many; what it raises stops the import."""


@dataclass(frozen=True)
class RowProblem:
    """Why a row cannot be taken: the sheet, its row (the header is row 1), the column, the value, what is wrong."""

    sheet: str
    row: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        cell = f", {self.column} “{self.value}”" if self.column else ""
        return f"{self.sheet}, row {self.row}{cell}: {self.message}"


class Change(NamedTuple):
    """What a row does to one field of a record: its name, and its value before and after, in words."""

    field: str
    old: str
    new: str


class RowReport(NamedTuple):
    """What becomes of one row: its number, *new*, *cited*, *changed* or *unchanged*, and the record it is about.

    `since` says when the record that it changes or adds to was last stored, so that an importer who
    confirms later does not overrule somebody else.
    """

    row: int
    outcome: str
    record: str
    changes: tuple[Change, ...] = ()
    since: str = ""


class SheetError(Exception):
    """A sheet was refused, whole: nothing of it was written. `problems` says why, row by row."""

    def __init__(self, problems: Iterable[RowProblem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ChangedSincePreviewError(Exception):
    """Rows would do something else now than their importer has seen; `rows` has each as seen and as it is now."""

    def __init__(self, rows: Iterable[tuple[int, RowReport | None, RowReport | None]]) -> None:
        self.rows = list(rows)
        super().__init__("\n".join(f"Row {row}: {_seen_and_now(seen, now)}." for row, seen, now in self.rows))

    @classmethod
    def check(cls, seen: Iterable[RowReport], now: Iterable[RowReport]) -> None:
        """Raise it when rows differ from those seen."""
        before, after = ({line.row: line for line in lines} for lines in (seen, now))
        rows = [(number, before.get(number), after.get(number)) for number in sorted({*before, *after})]
        if differing := [row for row in rows if row[1] != row[2]]:
            raise cls(differing)


def _seen_and_now(seen: RowReport | None, now: RowReport | None) -> str:
    """What differs between a row as it was previewed and as it would be taken now, in words."""
    if seen is None or now is None:
        return (
            f"was {seen.outcome if seen else 'refused'} in the preview, and is {now.outcome if now else 'refused'} now"
        )
    if seen.outcome != now.outcome:
        return f"“{now.record}” was {seen.outcome} in the preview, and is {now.outcome} now"
    if told := [f"{change.field} is “{change.old}” now" for change in now.changes if change not in seen.changes]:
        return f"“{now.record}” has changed since the preview: {'; '.join(told)}"
    return f"“{now.record}” was changed by somebody else since the preview"
