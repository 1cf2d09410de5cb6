"""ODS: one table of an OpenDocument spreadsheet, streamed (OpenDocument 1.3, part 3, chapter 9).

A cell or row may say that it is repeated a million times: what is repeated is counted, never built.
"""

import re
from collections.abc import Callable

from nkwatch.editorial.cells.archive import Archive
from nkwatch.editorial.cells.grid import Facts, Grid, Request, UnreadableFileError, cell_name, cleaned
from nkwatch.editorial.cells.markup import elements, local, parse, parser
from nkwatch.editorial.cells.numbers import iso_text, number_text
from nkwatch.editorial.cells.workbook import chosen
from nkwatch.editorial.cells.worksheet import Trouble

CONTENT = "content.xml"
MANIFEST = "META-INF/manifest.xml"
KINDS = (
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.spreadsheet-template",
)
_CLOCK = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")


def read(archive: Archive, request: Request, grid: Grid) -> Facts:
    """Read one table of an OpenDocument spreadsheet into `grid`. Raises UnreadableFileError."""
    _refuse_encrypted(archive)
    names, hidden = _tables(archive)
    name = chosen(names, hidden, request)
    facts = Facts(name=name, sheets=names, hidden_sheets=hidden)
    reader = _Reader(names.index(name), grid, facts)
    with archive.open(CONTENT) as file:
        parse(file, reader.using)
    reader.trouble.refuse()
    if reader.formulas:
        facts.notes.append(
            f"Formula cells are read by their stored values: {reader.formulas}, the first in {reader.first_formula}."
        )
    return facts


def _refuse_encrypted(archive: Archive) -> None:
    if MANIFEST in archive.names and any(name == "encryption-data" for name, _ in elements(archive.open(MANIFEST))):
        raise UnreadableFileError("The workbook is encrypted: save it without a password.")


def _tables(archive: Archive) -> tuple[list[str], list[str]]:
    """The names of all tables, and of those that are hidden. Tables inside cells are no sheets."""
    names: list[str] = []
    hidden: list[str] = []
    unseen: set[str] = set()
    style = ""
    depth = 0
    using = parser()

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal style, depth
        name = local(name)
        if name == "style":
            style = attributes.get("style:name", "")
        elif name == "table-properties" and attributes.get("table:display") == "false":
            unseen.add(style)
        elif name == "table":
            depth += 1
            if depth == 1:
                names.append(attributes.get("table:name", ""))
                if attributes.get("table:style-name") in unseen:
                    hidden.append(names[-1])

    def end(name: str) -> None:
        nonlocal depth
        if name.endswith(":table"):
            depth -= 1

    using.StartElementHandler, using.EndElementHandler = start, end
    with archive.open(CONTENT) as file:
        parse(file, using)
    return names, hidden


class _Reader:
    """Expat calls this for each element; one row is all that is kept."""

    def __init__(self, table: int, grid: Grid, facts: Facts) -> None:
        self.table, self.grid, self.facts = table, grid, facts
        self.using = parser()
        self.using.StartElementHandler, self.using.EndElementHandler = self.start, self.end
        self.trouble = Trouble()
        self.formulas = 0
        self.first_formula = ""
        self.seen = -1
        self.depth = self.notes = self.width = 0
        self.number, self.repeats = 1, 1
        self.row: list[str] = []
        self.column = 1
        self.cell: dict[str, str] = {}
        self.pieces: list[str] = []
        self.paragraphs = 0
        self.starts: dict[str, Callable[[dict[str, str]], None]] = {
            "table:table-row": self.begin_row,
            "table:table-cell": self.begin_cell,
            "table:covered-table-cell": self.begin_cell,
            "table:table-column": self.begin_column,
            "text:p": self.begin_paragraph,
            "text:s": lambda attributes: self.pieces.append(" " * min(_count(attributes, "text:c"), 1_000)),
            "text:tab": lambda attributes: self.pieces.append("\t"),
            "text:line-break": lambda attributes: self.pieces.append("\n"),
        }

    @property
    def here(self) -> bool:
        """Whether the reader is in the wanted table, and in no table or note inside one of its cells."""
        return self.depth == 1 and self.seen == self.table and not self.notes

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self.depth += 1
            self.seen += self.depth == 1
        elif name == "office:annotation":
            self.notes += 1
        elif name in self.starts and self.here:
            self.starts[name](attributes)

    def end(self, name: str) -> None:
        if name == "table:table":
            self.depth -= 1
        elif name == "office:annotation":
            self.notes -= 1
        elif not self.here:
            return
        elif name == "text:p":
            self.using.CharacterDataHandler = None
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self.end_cell()
        elif name == "table:table-row":
            self.end_row()

    def begin_column(self, attributes: dict[str, str]) -> None:
        count = _count(attributes, "table:number-columns-repeated")
        if attributes.get("table:visibility", "visible") != "visible":
            last = min(self.width + count, self.grid.limits["columns"])
            self.facts.hidden_columns.extend(range(self.width + 1, last + 1))
        self.width += count

    def begin_row(self, attributes: dict[str, str]) -> None:
        self.repeats = _count(attributes, "table:number-rows-repeated")
        self.row, self.column = [], 1
        if attributes.get("table:visibility", "visible") != "visible":
            last = min(self.number + self.repeats, self.grid.limits["rows"])
            self.facts.hidden_rows.extend(range(self.number, last))

    def end_row(self) -> None:
        if any(self.row):
            for number in range(self.number, self.number + self.repeats):
                self.grid.add(number, self.row)
        self.number += self.repeats

    def begin_cell(self, attributes: dict[str, str]) -> None:
        self.cell = attributes
        self.paragraphs = 0
        self.pieces.clear()

    def begin_paragraph(self, attributes: dict[str, str]) -> None:
        if self.paragraphs:
            self.pieces.append("\n")
        self.paragraphs += 1
        self.using.CharacterDataHandler = self.pieces.append

    def end_cell(self) -> None:
        count = _count(self.cell, "table:number-columns-repeated")
        text = cleaned(self.text("".join(self.pieces)))
        self.note_merge()
        if text:
            last = self.column + count - 1
            if last > self.grid.limits["columns"]:
                raise UnreadableFileError(
                    f"The sheet has more than {self.grid.limits['columns']} columns: there is a cell "
                    f"{cell_name(self.number, min(last, 16_384))}."
                )
            self.row.extend([""] * (self.column - len(self.row) - 1))
            self.row.extend([text] * count)
        self.column += count
        self.pieces.clear()

    def note_merge(self) -> None:
        rows, columns = (
            _count(self.cell, "table:number-rows-spanned"),
            _count(self.cell, "table:number-columns-spanned"),
        )
        if rows > 1 or columns > 1:
            self.facts.merges.append((self.number, self.column, self.number + rows - 1, self.column + columns - 1))

    def text(self, shown: str) -> str:
        """A cell's value; what it shows decides on leading zeros, and on whether a time is part of it."""
        cell = self.cell
        kind = cell.get("office:value-type", cell.get("calcext:value-type", ""))
        if cell.get("table:formula"):
            self.formulas += 1
            self.first_formula = self.first_formula or cell_name(self.number, self.column)
            if not kind and not shown:
                self.trouble.add_unstored(cell_name(self.number, self.column))
        if cell.get("calcext:value-type") == "error":
            self.trouble.add_error(cell_name(self.number, self.column), shown)
            return shown
        if kind in ("float", "percentage", "currency"):
            value = number_text(cell.get("office:value", shown))
            same_number = kind == "float" and shown.isdecimal() and shown.isascii() and shown.lstrip("0") == value
            return shown if same_number else value
        if kind == "date":
            return iso_text(cell.get("office:date-value", shown), shows_time=":" in shown)
        if kind == "time":
            clock = _CLOCK.fullmatch(cell.get("office:time-value", ""))
            return f"{int(clock[1]):02d}:{clock[2]:0>2}:{clock[3]:0>2}" if clock else shown
        if kind == "boolean":
            return cell.get("office:boolean-value", shown).upper()
        return cell.get("office:string-value", shown)


def _count(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 10):
        raise UnreadableFileError(f"The workbook is damaged: “{text[:40]}” stands where a number belongs.")
    return max(int(text), 1)
