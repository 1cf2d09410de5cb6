"""Lists as files: what a page lists, whole, as CSV, XLSX or JSON that the row engine reads again (event-sheet.md).

What has a place goes out as GeoJSON too, which is not read again.
"""

import csv
import datetime
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import IO, Any, Protocol

from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from xlsxwriter import Workbook

from nkwatch.editorial.importing.columns import guard
from nkwatch.editorial.importing.sheets import SheetResource
from nkwatch.editorial.models import NumberedRecord
from nkwatch.editorial.text import as_cell

Cell = str | int | float | None

ENDINGS = ("csv", "xlsx", "json")
"""What the address of a list may end in, in place of its slash (pages.md, section 0)."""

GEOJSON = "geojson"
"""What the address of a list of records with places may end in besides."""

ROWS_AT_A_TIME = 2000
"""How many records are read at once, each time with one query for each relation."""

LONGEST_CELL = 32_767
"""How much text a cell of a workbook holds, in UTF-16 units."""

NO_CLOCK = datetime.datetime(1980, 1, 1)
"""The time that a workbook bears, in place of that of its writing: the beginning of its format's time."""


def files_called(name: str) -> list[tuple[str, str]]:
    """The files of the list called `name`: each format, and the name of its address."""
    return [(ending.upper(), f"{name}.{ending}") for ending in ENDINGS]


class Export(Protocol):
    """The columns that records of one kind are exported in, and the rows of those in a query set."""

    @property
    def columns(self) -> list[str]: ...

    def rows(self, records: Any) -> Iterator[list[Cell]]: ...


class Places(Protocol):
    """The features of GeoJSON that records of one kind are told as."""

    def features(self, records: Any, request: HttpRequest) -> Iterator[Mapping[str, Any]]: ...


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
        answer = FileResponse(as_xlsx(columns, rows), content_type=xlsx)
    return attached(answer, f"{name}.{ending}")


def as_geojson_file(name: str, features: Iterable[Mapping[str, Any]]) -> HttpResponseBase:
    """Answer with features as a file of GeoJSON."""
    answer = StreamingHttpResponse(as_geojson(features), content_type="application/geo+json")
    return attached(answer, f"{name}.{GEOJSON}")


def attached(answer: HttpResponseBase, name: str) -> HttpResponseBase:
    """Have a browser keep an answer as a file of that name."""
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
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


def as_geojson(features: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A feature collection as RFC 7946 has it, one feature a line."""
    yield '{"type": "FeatureCollection", "features": ['
    for number, feature in enumerate(features):
        yield f"{',' if number else ''}\n{json.dumps(feature, ensure_ascii=False)}"
    yield "\n]}\n"


def as_xlsx(columns: list[str], rows: Iterable[list[Cell]]) -> IO[bytes]:
    """Write a workbook to a temporary file, one row in memory at a time, and hand that back.

    Text beyond what a cell of a workbook holds is left out, since a blank cell changes nothing when the
    sheet is read again, and a second sheet lists where. One record gives one file, byte for byte.
    """
    written = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked for it closes it
    book = Workbook(written, {"constant_memory": True})
    book.set_properties({"created": NO_CLOCK})
    sheet, left_out = book.add_worksheet("nkwatch"), []
    lines: Iterable[Iterable[Cell]] = chain([columns], rows)
    for number, line in enumerate(lines):
        for place, cell in enumerate(map(_guarded, line)):
            if isinstance(cell, str) and cell:
                if _utf16_length(cell) > LONGEST_CELL:
                    left_out.append((number + 1, columns[place]))
                else:
                    sheet.write_string(number, place, cell)
            elif cell is not None and cell != "":
                sheet.write_number(number, place, cell)
    if left_out:
        _list_left_out(book, left_out)
    book.close()
    written.seek(0)
    return written


def _list_left_out(book: Workbook, left_out: Iterable[tuple[int, str]]) -> None:
    sheet = book.add_worksheet("Left out")
    why = f"longer than the {LONGEST_CELL:,} characters that a workbook's cell holds: it is in the CSV and JSON files"
    for number, line in enumerate([("row", "column", "why"), *((*where, why) for where in left_out)]):
        sheet.write_row(number, 0, line)


def _utf16_length(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text) if len(text) > LONGEST_CELL // 2 else 0


def _guarded(cell: Cell) -> Cell:
    """Numbers, negative ones too, run nothing; text is guarded."""
    return guard(as_cell(cell)) if isinstance(cell, str) else cell
