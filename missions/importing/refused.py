"""The rows that an import refuses, as a sheet with the reasons in an added column (event-sheet.md, point 3)."""

from collections.abc import Iterator

from missions.importing import preview as import_preview
from missions.importing.columns import REASONS_COLUMN
from missions.importing.files import sheet_of
from nkwatch.editorial.importing.columns import guard
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.models import ImportBatch
from nkwatch.editorial.public.exports import Cell, as_csv, as_xlsx
from nkwatch.editorial.reading import Sheet
from nkwatch.editorial.text import fold

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8; header=present",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def refused_rows(batch: ImportBatch, ending: str) -> bytes:
    """The file: the sheet's own headers, the cells as they stand with what was mended, and why each row is refused.

    Raises UnreadableFileError once the upload was removed.
    """
    sheet = sheet_of(batch)
    places = [place for place, header in enumerate(sheet.headers) if fold(header) != REASONS_COLUMN]
    headers = [*(guard(sheet.headers[place]) for place in places), REASONS_COLUMN]
    rows = _rows(batch, sheet, places)
    if ending == "csv":
        return "".join(as_csv(headers, rows)).encode()
    with as_xlsx(headers, rows) as written:
        return written.read()


def _rows(batch: ImportBatch, sheet: Sheet, places: list[int]) -> Iterator[list[Cell]]:
    options = SheetOptions.from_json(batch.options)
    columns = options.columns or tuple(sheet.headers)
    rows = dict(zip(sheet.numbers, sheet.rows, strict=True))
    for line in import_preview.lines(batch.preview, import_preview.ERROR):
        if line.row not in rows:
            continue
        mended = options.mended.get(str(line.row), {})
        cells: list[Cell] = [mended.get(columns[at], rows[line.row][at]) for at in places]
        reasons = (f"{problem.column}: {problem.message}".removeprefix(": ") for problem in line.errors)
        yield [*cells, " | ".join(reasons)]
