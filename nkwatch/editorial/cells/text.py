"""CSV and TSV: rows of a text, whatever its encoding, delimiter and line ends (event-sheet.md, point 1)."""

import csv
import io
from collections import Counter
from itertools import islice
from typing import BinaryIO

from nkwatch.editorial.cells.encodings import CODECS, encoding_of
from nkwatch.editorial.cells.grid import Facts, Grid, Request, UnreadableFileError, cleaned

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
"""The delimiters that are told apart, and what an importer calls them."""

_MARKS = {name: mark for mark, name in DELIMITERS.items()}
_LOOKED_AT = 50
_SAMPLE = 1 << 16


def read(file: BinaryIO, request: Request, grid: Grid) -> Facts:
    """Read a text into `grid`. Raises UnreadableFileError."""
    encoding = encoding_of(file, request.encoding)
    # A wrapper that is collected closes its file; this one is let go again.
    text = io.TextIOWrapper(file, CODECS[encoding])
    try:
        mark = _delimiter(text.read(_SAMPLE), request.delimiter)
        text.seek(0)
        _read_rows(text, mark, grid)
    finally:
        text.detach()
    return Facts(encoding=encoding, delimiter=DELIMITERS[mark])


def _delimiter(sample: str, wanted: str) -> str:
    """The delimiter that splits most rows of the sample into one and the same number of cells."""
    if wanted:
        mark = _MARKS.get(wanted, wanted)
        if mark not in DELIMITERS:
            raise UnreadableFileError(f"“{wanted}” is no delimiter: give one of {', '.join(DELIMITERS.values())}.")
        return mark
    return max(DELIMITERS, key=lambda mark: _agreement(sample, mark))


def _agreement(sample: str, mark: str) -> tuple[int, int]:
    """How many rows have the commonest number of cells, and that number; none where that is one cell."""
    try:
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=mark)
        widths = Counter(len(row) for row in islice(rows, _LOOKED_AT) if any(row))
    except csv.Error:
        return 0, 0
    del widths[1]
    if not widths:
        return 0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return count, width


def _read_rows(text: io.TextIOWrapper, mark: str, grid: Grid) -> None:
    rows = csv.reader(text, delimiter=mark, strict=True)
    number = 0
    try:
        for number, row in enumerate(rows, 1):
            whole = "".join(row)
            # What is printable has no line ends, no NUL, and of all spaces only the plain one: most rows are so.
            grid.add(number, list(map(str.strip if whole.isprintable() else cleaned, row)))
            if "\x00" in whole:
                raise UnreadableFileError(
                    f"Row {number} has NUL characters: the file is damaged, or no text. Save it again as CSV (UTF-8)."
                )
    except csv.Error as error:
        raise UnreadableFileError(
            f"Row {number + 1}: a quotation mark is not closed, or stands in a cell ({error}). "
            "Write it twice inside a cell, and close what it opens."
        ) from error
