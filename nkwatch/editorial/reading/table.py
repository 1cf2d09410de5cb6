"""From rows of cells to a table: which row is the header, what merged and hidden cells mean."""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from itertools import islice

from nkwatch.editorial.cells.grid import Facts, UnreadableFileError, cell_name, letters, listed, refuse_too_many_cells
from nkwatch.editorial.reading.process import Rows
from nkwatch.editorial.reading.sheet import Sheet
from nkwatch.editorial.text import fold

Range = tuple[int, int, int, int]

_LOOKED_AT = 30


def table(rows: Rows, facts: Facts, header_row: int, known_headers: Collection[str], limits: dict[str, int]) -> Sheet:
    """The sheet that rows of cells make, with notes on what an importer should know. Raises UnreadableFileError."""
    numbers, cells = rows
    if not cells:
        raise UnreadableFileError("The sheet is empty.")
    by_number = _Places(numbers)
    filled = _fill_down(by_number, cells, facts.merges)
    header = _header(numbers, cells, header_row, known_headers)
    body, used = cells[header + 1 :], max(map(len, cells))
    # Each row is made anew below: it is not to be held twice.
    del cells[header + 1 :]
    if not body:
        raise UnreadableFileError("The sheet has a header and no rows.")
    if len(body) > limits["rows"]:
        raise UnreadableFileError(f"The sheet has more than {limits['rows']:,} rows: split it.")
    sheet = Sheet(
        cells[header],
        body,
        facts.encoding,
        facts.delimiter,
        facts.name,
        numbers[header],
        numbers=_compact(numbers[header + 1 :]),
        sheets=facts.sheets,
        hidden_sheets=facts.hidden_sheets,
    )
    sheet.notes = [
        *_on_sheets(facts),
        *_on_titles(numbers, cells, header),
        *_on_hidden(facts, by_number, used),
        *_on_merges(facts.merges, filled, sheet.header_row, used, numbers[-1]),
        *facts.notes,
    ]
    _refuse_merged_header(facts.merges, sheet)
    _square(sheet, limits)
    return sheet


class _Places:
    """Where in the list of rows a row of the file is; nowhere, when it holds nothing."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.numbers = numbers

    @cached_property
    def _places(self) -> dict[int, int]:
        return {number: place for place, number in enumerate(self.numbers)}

    def within(self, first: int, last: int) -> Iterable[int]:
        """The places of the rows from `first` to `last` that hold something."""
        for number in range(first, min(last, self.numbers[-1]) + 1):
            if (place := self._places.get(number)) is not None:
                yield place

    def __contains__(self, number: int) -> bool:
        return number in self._places


def _fill_down(places: _Places, cells: list[list[str]], merges: list[Range]) -> set[Range]:
    """Give the value of cells merged over several rows to each of these rows; return the ranges that had one."""
    filled = set[Range]()
    until: dict[int, int] = {}
    for merge in sorted(merges):
        top, column, bottom, _ = merge
        if top <= until.get(column, 0):
            raise UnreadableFileError(f"The workbook is damaged: cells merged twice at {cell_name(top, column)}.")
        until[column] = bottom
        above = next(iter(places.within(top, top)), None)
        if bottom == top or above is None or len(cells[above]) < column or not cells[above][column - 1]:
            continue
        filled.add(merge)
        value = cells[above][column - 1]
        for place in places.within(top + 1, bottom):
            row = cells[place] + [""] * (column - len(cells[place]))
            row[column - 1] = value
            cells[place] = row
    return filled


def _header(numbers: Sequence[int], cells: list[list[str]], wanted: int, known: Collection[str]) -> int:
    """The place of the header: the row that was named, that has most known names, or that looks like one."""
    if wanted:
        if wanted not in numbers:
            raise UnreadableFileError(f"Row {wanted} is empty: name the row that has the header.")
        return numbers.index(wanted)
    # Below a header there are rows: the last row is none, unless it is the only one.
    first = list(islice(cells, min(_LOOKED_AT, max(len(cells) - 1, 1))))
    folded = set(map(fold, known)) - {""}
    matches = [sum(fold(cell) in folded for cell in row) if folded else 0 for row in first]
    if max(matches):
        return matches.index(max(matches))
    # A title fills a cell or two; a header is about as wide as what stands below it.
    widths = [sum(map(bool, row)) for row in first]
    enough = min(2, max(widths)) if max(widths) < 4 else max(widths) / 2
    return next(place for place, width in enumerate(widths) if width >= enough)


def _compact(numbers: Sequence[int]) -> Sequence[int]:
    if len(numbers) == numbers[-1] - numbers[0] + 1:
        return range(numbers[0], numbers[-1] + 1)
    return numbers


def _square(sheet: Sheet, limits: dict[str, int]) -> None:
    """Make every row as wide as the header, without the columns that have neither header nor cells."""
    headers = sheet.headers
    width = len(headers)
    refuse_too_many_cells(width * len(sheet.rows), limits)
    blank = [column for column, header in enumerate(headers) if not header]
    kept = [column for column, header in enumerate(headers) if header]
    for place, (number, row) in enumerate(zip(sheet.numbers, sheet.rows, strict=True)):
        if len(row) > width:
            raise UnreadableFileError(
                f"Row {number} has more cells than the header has columns: “{_short(row[-1])}” in column "
                f"{letters(len(row))}."
            )
        # A new list takes no more than it needs; one that grew keeps room to grow further.
        sheet.rows[place] = row = row + [""] * (width - len(row))
        if blank:
            _refuse_unnamed(number, row, blank)
            sheet.rows[place] = [row[column] for column in kept]
    sheet.headers = [headers[column] for column in kept]


def _refuse_unnamed(number: int, row: list[str], blank: list[int]) -> None:
    for column in blank:
        if row[column]:
            raise UnreadableFileError(
                f"Column {letters(column + 1)} has no header, but row {number} has “{_short(row[column])}” there: "
                "name the column, or empty it."
            )


def _refuse_merged_header(merges: list[Range], sheet: Sheet) -> None:
    for top, left, bottom, right in merges:
        if top <= sheet.header_row <= bottom and left < right:
            covered = range(left, min(right, max(map(len, sheet.rows))))
            if any(len(row) > column and row[column] for row in sheet.rows for column in covered):
                raise UnreadableFileError(
                    f"The header cell {cell_name(top, left)} is merged over {_range((top, left, bottom, right))}: "
                    "give each column a header of its own."
                )


def _on_sheets(facts: Facts) -> Iterable[str]:
    others = [name for name in facts.sheets if name != facts.name]
    shown = [f"{name} (hidden)" if name in facts.hidden_sheets else name for name in others]
    if shown:
        yield f"Only the sheet “{facts.name}” is read, not {', '.join(shown)}."
    if facts.name in facts.hidden_sheets:
        yield f"The sheet “{facts.name}” is hidden, and is read since it was named."


def _on_titles(numbers: Sequence[int], cells: list[list[str]], header: int) -> Iterable[str]:
    if header:
        words = "; ".join(_short(" ".join(filter(None, row))) for row in cells[: min(header, 3)])
        above = _runs(numbers[:header], str)
        yield f"The header is in row {numbers[header]}. Above it, not read: row{'s' * (header > 1)} {above}: “{words}”."


def _on_hidden(facts: Facts, places: _Places, width: int) -> Iterable[str]:
    rows = [number for number in facts.hidden_rows if number in places]
    columns = sorted({column for column in facts.hidden_columns if column <= width})
    for what, numbers, name in (("row", rows, str), ("column", columns, letters)):
        if numbers:
            plural = len(numbers) > 1
            yield f"Hidden {what}{'s' * plural} {_runs(numbers, name)} {'are' if plural else 'is'} read."


def _on_merges(
    merges: list[Range], filled: set[Range], header_row: int, last_column: int, last_row: int
) -> Iterable[str]:
    below = [merge for merge in sorted(merges) if merge[2] > header_row and merge[0] <= last_row]
    down = [_range(merge) for merge in below if merge in filled]
    across = [_range(merge) for merge in below if merge[1] < merge[3] and merge[1] <= last_column]
    if down:
        yield f"Merged cells {listed(down)}: their value counts for each of their rows."
    if across:
        yield f"Merged cells {listed(across)}: their value counts for the first of their columns."


def _range(merge: Range) -> str:
    return f"{cell_name(*merge[:2])}:{cell_name(*merge[2:])}"


def _runs(numbers: Iterable[int], name: Callable[[int], str]) -> str:
    """Numbers with those that follow each other drawn together: 4 to 6, 9."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return listed([_named(first, last, name) for first, last in runs])


def _named(first: int, last: int, name: Callable[[int], str]) -> str:
    return name(first) if first == last else f"{name(first)} to {name(last)}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:59]}…"
