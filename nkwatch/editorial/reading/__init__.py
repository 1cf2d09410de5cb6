"""Reading a sheet, whatever program wrote it (event-sheet.md, points 1 and "Decisions on hard cases").

Format is told by content, never by the file's ending. What was detected is reported, so that an
importer can see it and say otherwise. The cells come from `nkwatch.editorial.cells`, in a process
of their own; what they mean as a table is decided here.
"""

from collections.abc import Collection

from django.conf import settings

from nkwatch.editorial.cells.encodings import TEXT_ENCODINGS
from nkwatch.editorial.cells.grid import Request, UnreadableFileError
from nkwatch.editorial.cells.text import DELIMITERS
from nkwatch.editorial.reading.process import read_cells
from nkwatch.editorial.reading.sheet import Sheet
from nkwatch.editorial.reading.table import table

__all__ = ["DELIMITERS", "TEXT_ENCODINGS", "Sheet", "UnreadableFileError", "read_sheet"]


def read_sheet(
    content: bytes,
    encoding: str = "",
    sheet: str = "",
    delimiter: str = "",
    header_row: int = 0,
    known_headers: Collection[str] = (),
) -> Sheet:
    """Read CSV, TSV, XLSX or ODS from `content`.

    `encoding` (one of TEXT_ENCODINGS), `delimiter` (one of DELIMITERS, or its name) and `header_row`
    (counted from 1) override what would be detected; `sheet` names one of a workbook's sheets, else
    the first visible one is read. `known_headers` are the names that a header may have: the row that
    has most of them is the header, whatever titles stand above it. Raises UnreadableFileError.
    """
    limits = settings.SHEET_LIMITS
    if not content or content.isspace():
        raise UnreadableFileError("The file is empty.")
    if len(content) > limits["bytes"]:
        raise UnreadableFileError(f"The file is larger than {limits['bytes'] // 1_000_000} MB: split it.")
    rows, facts = read_cells(content, Request(limits, encoding, sheet, delimiter))
    return table(rows, facts, header_row=header_row, known_headers=known_headers, limits=limits)
