"""What a file is, by its content: its ending may say anything (event-sheet.md, "Decisions on hard cases")."""

from typing import BinaryIO

from nkwatch.editorial.cells import text
from nkwatch.editorial.cells.grid import Facts, Grid, Request, UnreadableFileError

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLE = b"\xd0\xcf\x11\xe0"
SAVE_AS = "save the sheet as .xlsx, .ods or CSV"
NO_SHEETS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"{\\rtf": "a text document",
    b"\x1f\x8b": "a packed file (gzip)",
    b"7z\xbc\xaf": "a packed file (7z)",
    b"Rar!": "a packed file (RAR)",
    b"BZh": "a packed file (bzip2)",
    b"\xfd7zXZ": "a packed file (xz)",
    b"SQLite format 3": "a database",
}
_LOOKED_AT = 4_096


def read(file: BinaryIO, request: Request, grid: Grid) -> Facts:
    """Read a file of any of the formats into `grid`. Raises UnreadableFileError."""
    beginning = file.read(_LOOKED_AT)
    file.seek(0)
    if beginning.startswith(OLE):
        _refuse_old(file)
    for mark, what in NO_SHEETS.items():
        if beginning.startswith(mark):
            raise UnreadableFileError(f"The file is {what}, not a sheet: {SAVE_AS}.")
    if beginning.startswith(ZIP):
        return _read_archive(file, request, grid)
    _refuse_markup(beginning)
    return text.read(file, request, grid)


def _refuse_old(file: BinaryIO) -> None:
    content = file.read()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise UnreadableFileError("The workbook is encrypted: save it without a password.")
    raise UnreadableFileError(
        "This is an old workbook (.xls) or an encrypted one: save it as .xlsx, without a password."
    )


def _refuse_markup(beginning: bytes) -> None:
    start = beginning.removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"").lstrip(b"\xff\xfe \t\r\n").lower()
    if not start.startswith(b"<"):
        return
    if start.startswith(b"<?xml") and b"<html" not in start:
        raise UnreadableFileError(f"The file is XML, not a sheet: {SAVE_AS}.")
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<table", b"<?xml", b"<meta", b"<!--")):
        raise UnreadableFileError(f"The file is a web page, not a sheet: {SAVE_AS}.")


def _read_archive(file: BinaryIO, request: Request, grid: Grid) -> Facts:
    # Loaded only here: half of the time in which the process that reads a text gets ready.
    from nkwatch.editorial.cells import opendocument, workbook
    from nkwatch.editorial.cells.archive import Archive

    archive = Archive(file, request.limits)
    if workbook.is_workbook(archive):
        return workbook.read(archive, request, grid)
    kind = ""
    if "mimetype" in archive.names:
        with archive.open("mimetype") as member:
            kind = member.read(200).decode("ascii", "replace").strip()
    if kind in opendocument.KINDS:
        return opendocument.read(archive, request, grid)
    if kind.startswith("application/vnd.oasis.opendocument") or any(n.startswith("word/") for n in archive.names):
        raise UnreadableFileError(f"The file is a text document or a presentation, not a sheet: {SAVE_AS}.")
    if any(name.endswith(".iwa") for name in archive.names):
        raise UnreadableFileError("The file is a Numbers document: export it as .xlsx or CSV.")
    raise UnreadableFileError(f"The file is an archive, not a workbook: {SAVE_AS}.")
