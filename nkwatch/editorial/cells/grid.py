"""What every format is read into: numbered rows of text, and what was found out on the way."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

# Spaces that look like one, and spaces that do not show: people paste them without knowing.
_WIDE_SPACES = re.compile("[\u00a0\u2007\u202f]")
_NO_SPACES = re.compile("[\u200b\u2060\ufeff]")

MOST_NAMED = 10

MEMO_SIZE = 50_000
"""How many texts are kept to be found again: sheets repeat themselves, but not all of them."""


class UnreadableFileError(Exception):
    """The file cannot be read as a sheet; the message says why and what would be."""


@dataclass(frozen=True)
class Request:
    """How to read a file: what an importer said, and the limits of settings.SHEET_LIMITS."""

    limits: dict[str, int]
    encoding: str = ""
    sheet: str = ""
    delimiter: str = ""


@dataclass
class Facts:
    """What was found out about a file beside its cells. Ranges are (first row, first column, last row, last column)."""

    encoding: str = ""
    delimiter: str = ""
    name: str = ""
    sheets: list[str] = field(default_factory=list)
    hidden_sheets: list[str] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def letters(column: int) -> str:
    """A column's letters, as a spreadsheet program shows them: 28 is AB."""
    name = ""
    while column:
        column, place = divmod(column - 1, 26)
        name = chr(ord("A") + place) + name
    return name


def cell_name(row: int, column: int) -> str:
    """A cell's name, as a spreadsheet program shows it: B3."""
    return f"{letters(column)}{row}"


def listed(names: list[str]) -> str:
    """Names in a sentence; after ten, how many more there are."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def cleaned(text: str) -> str:
    """Fold spaces that do not show or do not break, and line ends; whatever else is there stays, to be judged later."""
    if not text.isascii():
        text = _NO_SPACES.sub("", _WIDE_SPACES.sub(" ", text))
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip(" \t\n")


class Grid:
    """Takes rows as they are read, keeps the limits, and hands on the rows that hold something."""

    def __init__(self, limits: dict[str, int], emit: Callable[[int, list[str]], None]) -> None:
        self.limits, self.emit = limits, emit
        self.rows = self.cells = self.characters = self.last = 0

    def add(self, number: int, texts: list[str]) -> None:
        """Take the row with that number, of cleaned texts. Raises UnreadableFileError beyond a limit."""
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            self._keep_limits(number, texts)
            self.emit(number, texts)

    def _keep_limits(self, number: int, texts: list[str]) -> None:
        limits, characters = self.limits, sum(map(len, texts))
        if number <= self.last:
            raise UnreadableFileError(f"The file is damaged: row {number} comes after row {self.last}.")
        self.last = number
        self.rows += 1
        self.cells += len(texts)
        self.characters += characters
        # Title rows and the header stand above the rows that are counted; `table` counts those.
        if self.rows > limits["rows"] + HEADROOM:
            raise UnreadableFileError(f"The sheet has more than {limits['rows']:,} rows: split it.")
        if number > limits["rows"] + HEADROOM:
            raise UnreadableFileError(
                f"The sheet has a cell in row {number:,}; rows are read up to {limits['rows']:,}: "
                "delete what stands below the rows, or split the sheet."
            )
        if len(texts) > limits["columns"]:
            raise UnreadableFileError(
                f"The sheet has more than {limits['columns']} columns: row {number} has a cell in column "
                f"{letters(len(texts))}."
            )
        if characters > limits["cell"] and max(map(len, texts)) > limits["cell"]:
            place = cell_name(number, texts.index(max(texts, key=len)) + 1)
            raise UnreadableFileError(
                f"Row {number}, cell {place}: a cell holds at most {limits['cell']:,} characters."
            )
        refuse_too_many_cells(self.cells, limits)
        if self.characters > limits["characters"]:
            raise UnreadableFileError(f"The sheet has more than {limits['characters']:,} characters: split it.")


HEADROOM = 100
"""How many rows may stand above the rows that count: titles, and the header."""


def refuse_too_many_cells(count: int, limits: dict[str, int]) -> None:
    """Rows times columns decide how much memory a sheet takes: neither limit alone bounds it."""
    if count > limits["cells"]:
        raise UnreadableFileError(f"The sheet has more than {limits['cells']:,} cells: split it.")
