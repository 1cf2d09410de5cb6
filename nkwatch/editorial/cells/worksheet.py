"""One sheet of an XLSX workbook, streamed.

No library gives all that an import must say (hidden rows and columns, merged cells, number formats,
formulas without a value) in the time it may take: openpyxl reads 20,000 rows of 20 cells in nine
seconds, this in two or three, and in memory that does not grow with the sheet.
"""

import re
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from nkwatch.editorial.cells.grid import MEMO_SIZE, Facts, Grid, UnreadableFileError, cell_name, cleaned
from nkwatch.editorial.cells.markup import parse, parser, unescaped
from nkwatch.editorial.cells.numbers import NUMBER, iso_text, number_text

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_LAST_ROW = 1_048_576
_MOST_NAMED = 10
_MOST_MERGES = 100_000


class Texts(Protocol):
    def __len__(self) -> int: ...
    def __getitem__(self, place: int) -> str: ...


@dataclass
class Context:
    """What the cells of a sheet refer to."""

    texts: Texts
    styles: list[str]
    from_1904: bool


@dataclass
class Trouble:
    """Cells whose value cannot be had, by name, and what they show."""

    errors: dict[str, str] = field(default_factory=dict)
    unstored: list[str] = field(default_factory=list)
    count: int = 0

    def add_error(self, cell: str, shown: str) -> None:
        self.count += 1
        if len(self.errors) < _MOST_NAMED:
            self.errors[cell] = shown[:40]

    def add_unstored(self, cell: str) -> None:
        self.count += 1
        if len(self.unstored) < _MOST_NAMED:
            self.unstored.append(cell)

    def refuse(self) -> None:
        """Raise UnreadableFileError, naming the cells, when there are any."""
        if self.errors:
            cells = ", ".join(f"{cell} ({shown})" for cell, shown in list(self.errors.items())[:_MOST_NAMED])
            raise UnreadableFileError(f"Cells hold an error instead of a value: {cells}{self._more()}. Mend them.")
        if self.unstored:
            cells = ", ".join(self.unstored[:_MOST_NAMED])
            raise UnreadableFileError(
                f"Cells hold a formula whose value was not stored: {cells}{self._more()}. "
                "Open the file in a spreadsheet program and save it, or paste the values."
            )

    def _more(self) -> str:
        more = self.count - _MOST_NAMED
        return f" and {more} more" if more > 0 else ""


def range_of(reference: str) -> tuple[int, int, int, int]:
    """First row, first column, last row and last column of "A1:B3". Raises UnreadableFileError."""
    corners = [_REFERENCE.fullmatch(corner) for corner in reference.replace("$", "").split(":")]
    if not 1 <= len(corners) <= 2 or not all(corners):
        raise UnreadableFileError(f"The workbook is damaged: “{reference[:40]}” is no range of cells.")
    places = [(int(corner[2]), column_number(corner[1])) for corner in corners if corner]
    return (*min(places), *max(places))


def note_merge(facts: Facts, merge: tuple[int, int, int, int]) -> None:
    """Take down merged cells. Raises UnreadableFileError where there are too many."""
    facts.merges.append(merge)
    if len(facts.merges) > _MOST_MERGES:
        raise UnreadableFileError(f"The sheet has more than {_MOST_MERGES:,} merged cells: unmerge them.")


def column_number(name: str) -> int:
    """A column's number by its letters: AB is 28."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


class _Reader:
    """Expat calls this for each element; what is between two rows is all that is kept.

    Called millions of times, it asks first for what comes most often, and keeps what it made of a
    stored value for the next cell that has the same.
    """

    def __init__(self, context: Context, grid: Grid, facts: Facts) -> None:
        self.context, self.grid, self.facts = context, grid, facts
        self.most_columns = grid.limits["columns"]
        self.pieces: list[str] = []
        self.using = parser()
        self.using.StartElementHandler, self.using.EndElementHandler = self.first, self.end
        self.using.CharacterDataHandler = self.pieces.append
        self.trouble = Trouble()
        self.formulas = 0
        self.first_formula = ""
        self.columns: dict[str, int] = {}
        self.made: dict[str, dict[str, str]] = {}
        self.number = self.column = self.phonetic = 0
        self.row: list[str] = []
        self.kind = self.style = self.value = ""
        self.formula = self.valued = False

    def first(self, name: str, attributes: dict[str, str]) -> None:
        """The root element says which prefix this program writes, if any."""
        prefix = name[: -len("worksheet")]
        if not name.endswith("worksheet") or (prefix and not prefix.endswith(":")):
            raise UnreadableFileError("The workbook is damaged: one of its sheets is something else.")
        self.cell_name, self.value_name, self.text_name = prefix + "c", prefix + "v", prefix + "t"
        self.row_name, self.formula_name, self.phonetic_name = prefix + "row", prefix + "f", prefix + "rPh"
        self.column_name, self.merge_name = prefix + "col", prefix + "mergeCell"
        self.using.StartElementHandler = self.start

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self.cell_name:
            self.begin_cell(attributes)
        elif name == self.value_name or name == self.text_name:
            self.pieces.clear()
        elif name == self.row_name:
            self.begin_row(attributes)
        elif name == self.formula_name:
            self.formula = True
        elif name == self.phonetic_name:
            self.phonetic += 1
        elif name == self.column_name:
            self.begin_column(attributes)
        elif name == self.merge_name:
            note_merge(self.facts, range_of(attributes.get("ref", "")))

    def end(self, name: str) -> None:
        if name == self.cell_name:
            if self.formula:
                self.note_formula()
            if self.kind == "e":
                self.trouble.add_error(cell_name(self.number, self.column), self.value)
            elif self.value:
                self.keep(self.value)
        elif name == self.value_name:
            self.value = self.pieces[0] if len(self.pieces) == 1 else "".join(self.pieces)
            self.valued = True
        elif name == self.text_name:
            if not self.phonetic:
                self.value += "".join(self.pieces)
        elif name == self.row_name:
            self.grid.add(self.number, self.row)
            self.row = []
        elif name == self.phonetic_name:
            self.phonetic -= 1

    def begin_column(self, attributes: dict[str, str]) -> None:
        hides = attributes.get("hidden") in ("1", "true")
        if hides and len(self.facts.hidden_columns) < self.most_columns:
            first, last = _whole(attributes.get("min", "")), _whole(attributes.get("max", ""))
            self.facts.hidden_columns.extend(range(first, min(last, self.most_columns) + 1))

    def begin_row(self, attributes: dict[str, str]) -> None:
        self.number = _whole(attributes["r"]) if "r" in attributes else self.number + 1
        if not 1 <= self.number <= _LAST_ROW:
            raise UnreadableFileError(f"The workbook is damaged: there is no row {self.number:,}.")
        self.column = 0
        self.pieces.clear()
        # Where there are more hidden rows than a sheet may have, the rows themselves are refused.
        if attributes.get("hidden") in ("1", "true") and len(self.facts.hidden_rows) < self.grid.limits["rows"]:
            self.facts.hidden_rows.append(self.number)

    def begin_cell(self, attributes: dict[str, str]) -> None:
        self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "")
        self.formula = self.valued = False
        self.value = ""
        reference = attributes.get("r")
        if reference is None:
            self.column += 1
            return
        name = reference.rstrip("0123456789")
        try:
            self.column = self.columns[name]
        except KeyError:
            self.column = self.columns[name] = range_of(f"{name}1")[1]

    def keep(self, raw: str) -> None:
        """Put a cell's text in its place in the row."""
        made = self.made.get(self.style if self.kind == "n" else self.kind)
        if made is None:
            made = self.made[self.style if self.kind == "n" else self.kind] = {}
        text = made.get(raw)
        if text is None:
            text = cleaned(self.text(raw))
            if len(made) < MEMO_SIZE:
                made[raw] = text
        row, column = self.row, self.column
        if column != len(row) + 1:
            if column <= len(row):
                raise UnreadableFileError(
                    f"The workbook is damaged: cell {cell_name(self.number, column)} stands out of order."
                )
            row.extend([""] * (min(column, self.most_columns + 1) - len(row) - 1))
        if column > self.most_columns:
            raise UnreadableFileError(
                f"The sheet has more than {self.most_columns} columns: there is a cell "
                f"{cell_name(self.number, column)}."
            )
        row.append(text)

    def note_formula(self) -> None:
        self.formulas += 1
        self.first_formula = self.first_formula or cell_name(self.number, self.column)
        # A formula that makes an empty text stores just that: a text, of no characters.
        if not self.value and not (self.kind == "str" and self.valued):
            self.trouble.add_unstored(cell_name(self.number, self.column))

    def text(self, raw: str) -> str:
        """What a stored value stands for."""
        kind = self.kind
        if kind == "s":
            return self.shared(raw)
        if kind == "n":
            return number_text(raw.strip(), self.shown_as(), self.context.from_1904)
        if kind == "b":
            return "TRUE" if raw.strip() == "1" else "FALSE"
        if kind == "d":
            return iso_text(raw)
        return unescaped(raw)

    def shown_as(self) -> str:
        place = _whole(self.style) if self.style else 0
        return self.context.styles[place] if place < len(self.context.styles) else NUMBER

    def shared(self, raw: str) -> str:
        place = _whole(raw)
        if place >= len(self.context.texts):
            raise UnreadableFileError(
                f"The workbook is damaged: the text of cell {cell_name(self.number, self.column)} is missing. "
                "Save it again."
            )
        return self.context.texts[place]


def _whole(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise UnreadableFileError(f"The workbook is damaged: “{text[:40]}” stands where a number belongs.")
    return int(text)


def read(file: BinaryIO, context: Context, grid: Grid, facts: Facts) -> None:
    """Read a sheet's cells into `grid`, and what else it says into `facts`. Raises UnreadableFileError."""
    reader = _Reader(context, grid, facts)
    with file:
        parse(file, reader.using)
    reader.trouble.refuse()
    if reader.formulas:
        facts.notes.append(
            f"Formula cells are read by their stored values: {reader.formulas}, the first in {reader.first_formula}."
        )
