"""ODS: one table of an OpenDocument spreadsheet, streamed (OpenDocument 1.3, part 3, chapter 9).

A cell or row may say that it is repeated a million times: what is repeated is counted, never built.
"""

import re
from collections.abc import Callable

from nkwatch.editorial.cells.archive import Archive
from nkwatch.editorial.cells.grid import Facts, Grid, Request, UnreadableFileError, cell_name, cleaned
from nkwatch.editorial.cells.markup import elements, parse, parser
from nkwatch.editorial.cells.numbers import iso_text, number_text
from nkwatch.editorial.cells.workbook import chosen
from nkwatch.editorial.cells.worksheet import Trouble, note_merge

CONTENT = "content.xml"
MANIFEST = "META-INF/manifest.xml"
KINDS = (
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.spreadsheet-template",
)
LAST_COLUMN = 16_384
_CLOCK = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")


def read(archive: Archive, request: Request, grid: Grid) -> Facts:
    """Read one table of an OpenDocument spreadsheet into `grid`. Raises UnreadableFileError."""
    _refuse_encrypted(archive)
    facts = Facts()
    reader = _Reader(request.sheet, grid, facts)
    with archive.open(CONTENT) as file:
        parse(file, reader.using)
    facts.name = chosen(facts.sheets, facts.hidden_sheets, request)
    reader.trouble.refuse()
    if reader.formulas:
        facts.notes.append(
            f"Formula cells are read by their stored values: {reader.formulas}, the first in {reader.first_formula}."
        )
    return facts


def _refuse_encrypted(archive: Archive) -> None:
    if MANIFEST in archive.names and any(name == "encryption-data" for name, _ in elements(archive.open(MANIFEST))):
        raise UnreadableFileError("The workbook is encrypted: save it without a password.")


class _Reader:
    """Expat calls this for each element; one row is all that is kept.

    Styles stand before the tables, so that the first visible table is known when it begins.
    """

    def __init__(self, wanted: str, grid: Grid, facts: Facts) -> None:
        self.wanted, self.grid, self.facts = wanted, grid, facts
        self.using = parser()
        self.using.StartElementHandler, self.using.EndElementHandler = self.start, self.end
        self.trouble = Trouble()
        self.formulas = 0
        self.first_formula = self.style = ""
        self.unseen: set[str] = set()
        self.found = self.inside = self.active = False
        self.depth = self.notes = self.width = 0
        self.number, self.repeats = 1, 1
        self.row: list[str] = []
        self.column = 1
        self.cell: dict[str, str] = {}
        self.pieces: list[str] = []
        self.paragraphs = 0
        self.anywhere: dict[str, Callable[[dict[str, str]], None]] = {
            "style:style": self.begin_style,
            "style:table-properties": self.see_properties,
            "table:table": self.begin_table,
            "office:annotation": self.begin_note,
        }
        self.in_table: dict[str, Callable[[dict[str, str]], None]] = {
            "table:table-cell": self.begin_cell,
            "table:covered-table-cell": self.begin_cell,
            "text:p": self.begin_paragraph,
            "table:table-row": self.begin_row,
            "table:table-column": self.begin_column,
            "text:s": lambda attributes: self.pieces.append(" " * min(_count(attributes, "text:c"), 1_000)),
            "text:tab": lambda attributes: self.pieces.append("\t"),
            "text:line-break": lambda attributes: self.pieces.append("\n"),
        }

    def start(self, name: str, attributes: dict[str, str]) -> None:
        begin = self.in_table.get(name) if self.active else None
        if begin := begin or self.anywhere.get(name):
            begin(attributes)

    def end(self, name: str) -> None:
        if name == "table:table":
            self.depth -= 1
            self.inside = self.inside and self.depth > 0
            self.look_where()
        elif name == "office:annotation":
            self.notes -= 1
            self.look_where()
        elif not self.active:
            return
        elif name == "text:p":
            self.using.CharacterDataHandler = None
        elif name == "table:table-cell" or name == "table:covered-table-cell":
            self.end_cell()
        elif name == "table:table-row":
            self.end_row()

    def look_where(self) -> None:
        """Only the wanted table is read, and no table or note inside one of its cells."""
        self.active = self.inside and self.depth == 1 and not self.notes
        self.using.CharacterDataHandler = None

    def begin_style(self, attributes: dict[str, str]) -> None:
        self.style = attributes.get("style:name", "")

    def see_properties(self, attributes: dict[str, str]) -> None:
        if attributes.get("table:display") == "false":
            self.unseen.add(self.style)

    def begin_note(self, attributes: dict[str, str]) -> None:
        self.notes += 1
        self.look_where()

    def begin_table(self, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth == 1:
            name = attributes.get("table:name", "")
            hidden = attributes.get("table:style-name") in self.unseen
            self.facts.sheets.append(name)
            if hidden:
                self.facts.hidden_sheets.append(name)
            if not self.found and (name == self.wanted if self.wanted else not hidden):
                self.found = self.inside = True
        self.look_where()

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
        cell, pieces = self.cell, self.pieces
        count = _count(cell, "table:number-columns-repeated")
        if len(cell) or pieces:
            text = cleaned(self.text("".join(pieces)))
            self.note_merge()
            if text:
                self.keep(text, count)
            pieces.clear()
        self.column += count

    def keep(self, text: str, count: int) -> None:
        """Put a cell's text in its places in the row."""
        last = self.column + count - 1
        if last > self.grid.limits["columns"]:
            raise UnreadableFileError(
                f"The sheet has more than {self.grid.limits['columns']} columns: there is a cell "
                f"{cell_name(self.number, min(last, LAST_COLUMN))}."
            )
        self.row.extend([""] * (self.column - len(self.row) - 1))
        self.row.extend([text] * count)

    def note_merge(self) -> None:
        if "table:number-rows-spanned" in self.cell or "table:number-columns-spanned" in self.cell:
            rows = _count(self.cell, "table:number-rows-spanned")
            columns = _count(self.cell, "table:number-columns-spanned")
            if rows > 1 or columns > 1:
                last = self.number + rows - 1, self.column + columns - 1
                note_merge(self.facts, (self.number, self.column, *last))

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
    text = attributes.get(name)
    if text is None:
        return 1
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 10):
        raise UnreadableFileError(f"The workbook is damaged: “{text[:40]}” stands where a number belongs.")
    return max(int(text), 1)
