"""Lists as files: what a page lists, whole, as CSV, XLSX or JSON that the row engine reads again (event-sheet.md)."""

import csv
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, Protocol

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from openpyxl import Workbook

from nkwatch.editorial.models import NumberedRecord
from nkwatch.editorial.sheets import SheetResource, guard

Cell = str | int | float | None

ENDINGS = ("csv", "xlsx", "json")
"""What the address of a list may end in, in place of its slash (pages.md, section 0)."""

ROWS_AT_A_TIME = 2000
"""How many records are read at once, each time with one query for each relation."""


class Export(Protocol):
    """The columns that records of one kind are exported in, and the rows of those in a query set."""

    @property
    def columns(self) -> list[str]: ...

    def rows(self, records: Any) -> Iterator[list[Cell]]: ...


class SheetExport:
    """Records in the columns of the sheet that takes them, after their number."""

    def __init__(self, sheet: type[SheetResource], public: bool = True) -> None:
        """`public` names in the cells only what readers may see; the desk's own files name drafts too."""
        self.sheet = sheet.for_export()
        self.public = public
        self.is_numbered = issubclass(self.sheet._meta.model, NumberedRecord)

    @property
    def columns(self) -> list[str]:
        return [*(["number"] if self.is_numbered else []), *self.sheet.columns()]

    def rows(self, records: Any) -> Iterator[list[Cell]]:
        for record in self.sheet.with_columns(records, self.public).iterator(chunk_size=ROWS_AT_A_TIME):
            number = [record.label] if self.is_numbered else []
            yield [*number, *self.sheet.cells(record)]


def as_file(name: str, ending: str, kind: Export, records: Any) -> HttpResponseBase:
    """Answer with `records` as a file."""
    columns, rows = kind.columns, kind.rows(records)
    answer: HttpResponseBase
    if ending == "csv":
        answer = StreamingHttpResponse(as_csv(columns, rows), content_type="text/csv; charset=utf-8; header=present")
    elif ending == "json":
        answer = StreamingHttpResponse(as_json(columns, rows), content_type="application/json")
    else:
        xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        answer = HttpResponse(as_xlsx(columns, rows), content_type=xlsx)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return answer


class _Line:
    """A file that hands back each line written to it, so that `csv` can write to a stream."""

    def write(self, line: str) -> str:
        return line


def as_csv(columns: Iterable[str], rows: Iterable[list[Cell]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow(map(_guarded, row))


def as_json(columns: Iterable[str], rows: Iterable[list[Cell]]) -> Iterator[str]:
    before = "["
    for row in rows:
        yield f"{before}\n{json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False)}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def as_xlsx(columns: list[str], rows: Iterable[list[Cell]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("nkwatch")
    sheet.append(columns)
    for row in rows:
        sheet.append([_guarded(cell) for cell in row])
    written = BytesIO()
    book.save(written)
    return _without_clock(written)


def _guarded(cell: Cell) -> Cell:
    """Numbers, negative ones too, run nothing; text is guarded."""
    return guard(cell) if isinstance(cell, str) else cell


_WRITTEN = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _without_clock(written: BytesIO) -> bytes:
    """The workbook without the time of its writing, so that one record gives one file, byte for byte."""
    packed = BytesIO()
    with zipfile.ZipFile(written) as book, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for name in book.namelist():
            content = book.read(name)
            if name == "docProps/core.xml":
                content = _WRITTEN.sub(b"1980-01-01T00:00:00Z", content)
            # ZipInfo without a time has that of the format's beginning, 1980.
            out.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
