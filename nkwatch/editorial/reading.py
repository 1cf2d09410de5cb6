"""Reading a sheet, whatever program wrote it (event-sheet.md, points 1 and "Decisions on hard cases").

Format is told by content, never by the file's ending. What was detected is reported, so that an
importer can see it and say otherwise.
"""

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import openpyxl
import tablib
from charset_normalizer import from_bytes
from django.conf import settings
from openpyxl.utils.exceptions import InvalidFileException

TEXT_ENCODINGS = {"utf-8": "utf_8", "utf-16": "utf_16", "cp949": "cp949", "windows-1252": "cp1252"}
BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
REFUSED_MARKS = {b"\xff\xfe\x00\x00": "UTF-32", b"\x00\x00\xfe\xff": "UTF-32"}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class UnreadableFileError(Exception):
    """The file cannot be read as a sheet; the message says why and what would be."""


@dataclass
class Sheet:
    """A sheet as read: its header and rows as text, and what was found out in reading it."""

    headers: list[str]
    rows: list[list[str]]
    encoding: str = ""
    delimiter: str = ""
    name: str = ""
    header_row: int = 1
    notes: list[str] = field(default_factory=list)

    @property
    def how_read(self) -> dict[str, Any]:
        """What contract.md calls `read`: how the file was understood."""
        return {
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "sheet": self.name,
            "header_row": self.header_row,
        }

    def dataset(self) -> tablib.Dataset:
        return tablib.Dataset(*self.rows, headers=self.headers)


def read_sheet(content: bytes, encoding: str = "", sheet: str = "") -> Sheet:
    """Read CSV, TSV or XLSX from `content`.

    `encoding` overrides what would be detected; `sheet` names one of a workbook's sheets, else the
    first visible one is read. Raises UnreadableFileError.
    """
    limits = settings.SHEET_LIMITS
    if not content.strip():
        raise UnreadableFileError("The file is empty.")
    if len(content) > limits["bytes"]:
        raise UnreadableFileError(f"The file is larger than {limits['bytes'] // 1_000_000} MB: split it.")
    if content.startswith(OLE):
        raise UnreadableFileError("This is an old or an encrypted workbook: save it as .xlsx, without a password.")
    found = _read_workbook(content, sheet) if content.startswith(ZIP) else _read_text(content, encoding)
    _refuse_beyond_limits(found)
    return found


def _read_text(content: bytes, encoding: str) -> Sheet:
    text, encoding = _decoded(content, encoding)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first_line = next((line for line in text.split("\n") if line.strip()), "")
    delimiter = max(DELIMITERS, key=lambda mark: len(next(csv.reader([first_line], delimiter=mark))))
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise UnreadableFileError(f"A quotation mark is not closed, or stands in a cell ({error}).") from error
    return _sheet(lines, encoding=encoding, delimiter=DELIMITERS[delimiter])


def _decoded(content: bytes, encoding: str) -> tuple[str, str]:
    for mark, name in REFUSED_MARKS.items():
        if content.startswith(mark):
            raise UnreadableFileError(f"{name} is not read: save the file as UTF-8.")
    if not encoding:
        marked = next((name for mark, name in BYTE_ORDER_MARKS.items() if content.startswith(mark)), "")
        encoding = marked or _guessed(content)
    try:
        return content.decode(encoding).removeprefix("\ufeff"), encoding
    except (UnicodeDecodeError, LookupError) as error:
        raise UnreadableFileError(
            f"The file cannot be read as {encoding}: give its encoding, one of {', '.join(TEXT_ENCODINGS)}."
        ) from error


def _guessed(content: bytes) -> str:
    """The encoding of text without a byte order mark, among those that sheets really come in."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        best = from_bytes(content, cp_isolation=["cp949", "cp1252", "utf_16_le", "utf_16_be"]).best()
        if best is None:
            raise UnreadableFileError(
                f"The encoding cannot be told: save the file as UTF-8, or give one of {', '.join(TEXT_ENCODINGS)}."
            ) from None
        return {"cp1252": "windows-1252"}.get(best.encoding, best.encoding.replace("_", "-"))
    if b"\x00" in content:
        return "utf-16-le" if content[1:2] == b"\x00" else "utf-16-be"
    return "utf-8"


def _read_workbook(content: bytes, wanted: str) -> Sheet:
    _refuse_dangerous_archive(content)
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UnreadableFileError("The file is no workbook that can be read: save it as .xlsx or CSV.") from error
    sheets = {sheet.title: sheet for sheet in workbook.worksheets}
    visible = [title for title, sheet in sheets.items() if sheet.sheet_state == "visible"]
    if wanted and wanted not in sheets:
        raise UnreadableFileError(f"There is no sheet “{wanted}”: the workbook has {', '.join(sheets)}.")
    if not wanted and not visible:
        raise UnreadableFileError("Every sheet of the workbook is hidden: name the one to read.")
    title = wanted or visible[0]
    limit = settings.SHEET_LIMITS["rows"] + 2
    lines = [[_as_text(cell) for cell in row] for row in islice(sheets[title].iter_rows(values_only=True), limit)]
    found = _sheet(lines, name=title)
    if left_out := [other for other in sheets if other != title]:
        found.notes.append(f"Only the sheet “{title}” is read, not {', '.join(left_out)}.")
    return found


def _refuse_dangerous_archive(content: bytes) -> None:
    """Look at a workbook's table of contents before anything unpacks it."""
    limits = settings.SHEET_LIMITS
    try:
        members = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile as error:
        raise UnreadableFileError("The file is damaged: it begins like a workbook and is none.") from error
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        raise UnreadableFileError("The file is an archive, not a workbook: save it as .xlsx or CSV.")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise UnreadableFileError("The workbook has macros: save it as .xlsx.")
    unpacked = sum(member.file_size for member in members)
    if len(members) > limits["members"] or unpacked > limits["unpacked_bytes"]:
        raise UnreadableFileError("The workbook unpacks to more than nkwatch takes: save the sheet as CSV.")


# What XML cannot hold, as workbooks write it: _x000D_, and such words themselves as _x005F_x000D_. Halves of
# a pair (D800 to DFFF) are no characters, and no program writes them so.
_ESCAPED = re.compile("_x(?![Dd][89A-Fa-f])([0-9A-Fa-f]{4})_")


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), str(value))


def _sheet(lines: Iterable[list[str]], **how: Any) -> Sheet:
    """Take the first row with anything in it as the header; empty rows are left out, numbers kept by padding."""
    rows = [[cell.strip() for cell in line] for line in lines]
    while rows and not any(rows[-1]):
        rows.pop()
    start = next((index for index, row in enumerate(rows) if any(row)), None)
    if start is None:
        raise UnreadableFileError("The sheet is empty.")
    headers = rows[start]
    while headers and not headers[-1]:
        headers.pop()
    width = len(headers)
    body = list(_padded(rows[start + 1 :], width, start + 2))
    if not body:
        raise UnreadableFileError("The sheet has a header and no rows.")
    return Sheet(headers, body, header_row=start + 1, **how)


def _padded(rows: list[list[str]], width: int, first: int) -> Iterator[list[str]]:
    for number, row in enumerate(rows, first):
        if any(row[width:]):
            raise UnreadableFileError(f"Row {number} has more cells than the header has columns.")
        yield row[:width] + [""] * (width - len(row))


def _refuse_beyond_limits(sheet: Sheet) -> None:
    limits = settings.SHEET_LIMITS
    if len(sheet.rows) > limits["rows"]:
        raise UnreadableFileError(f"The sheet has more than {limits['rows']:,} rows: split it.")
    if len(sheet.headers) > limits["columns"]:
        raise UnreadableFileError(f"The sheet has more than {limits['columns']} columns.")
    for number, row in enumerate(sheet.rows, sheet.header_row + 1):
        for header, cell in zip(sheet.headers, row, strict=True):
            if len(cell) > limits["cell"]:
                most = f"{limits['cell']:,} characters"
                raise UnreadableFileError(f"Row {number}, {header}: a cell holds at most {most}.")
