"""What is looked at before a workbook is unpacked (event-sheet.md, "Decisions on hard cases").

Every member is unpacked once, piece by piece, and counted, since headers lie about sizes.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from nkwatch.editorial.cells.grid import UnreadableFileError
from nkwatch.editorial.cells.markup import CHUNK, refuse_declarations

ARCHIVES = (
    ".zip",
    ".xlsx",
    ".xlsm",
    ".xlsb",
    ".ods",
    ".docx",
    ".pptx",
    ".jar",
    ".7z",
    ".rar",
    ".gz",
    ".tgz",
    ".bz2",
    ".xz",
)
ARCHIVE_MARKS = (b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07")
# Where programs keep macros: Microsoft's two kinds of them, and LibreOffice's.
CODE = re.compile(r"vbaproject\.bin$|/macrosheets/|^(?:basic|scripts)/.*[^/]$")
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)
# A small file does no harm, however well it packs.
HARMLESS_BYTES = 10_000_000


class Archive:
    """A workbook's archive whose members may be read. Raises UnreadableFileError when it is dangerous or damaged."""

    def __init__(self, file: BinaryIO, limits: dict[str, int]) -> None:
        self.size = file.seek(0, 2)
        try:
            self.members = zipfile.ZipFile(file)
        except BROKEN as error:
            raise UnreadableFileError(
                "The file is damaged: it begins like a workbook and breaks off. Save it again."
            ) from error
        self.names = self.members.namelist()
        self._refuse_listing(limits)
        self._refuse_contents(limits)

    def open(self, name: str) -> BinaryIO:
        """A member, unpacked piece by piece. Raises UnreadableFileError when there is none of that name."""
        if name not in self.names:
            raise UnreadableFileError(f"The workbook is damaged: its part {name} is missing. Save it again.")
        return self.members.open(name)  # type: ignore[return-value]

    def _refuse_listing(self, limits: dict[str, int]) -> None:
        listed = self.members.infolist()
        if len(listed) > limits["members"]:
            raise UnreadableFileError(
                f"The workbook has more than {limits['members']:,} parts: save the sheet alone, or as CSV."
            )
        folded = [name.casefold() for name in self.names]
        if any(CODE.search(name) for name in folded):
            raise UnreadableFileError("The workbook has macros: save it as .xlsx or .ods without them.")
        if len(set(folded)) < len(folded):
            twice = next(name for name in self.names if folded.count(name.casefold()) > 1)
            raise UnreadableFileError(f"The workbook is damaged: its part {twice} is there twice.")
        for member in listed:
            name = member.orig_filename
            if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name.split("/")[0]:
                raise UnreadableFileError(f"The workbook has a part outside itself ({name[:100]}): it is refused.")
            if member.flag_bits & 1:
                raise UnreadableFileError("The workbook is encrypted: save it without a password.")
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise UnreadableFileError("The workbook is packed in an unusual way: save it as .xlsx, .ods or CSV.")

    def _refuse_contents(self, limits: dict[str, int]) -> None:
        total = 0
        for name in self.names:
            if name.lower().endswith(ARCHIVES):
                raise UnreadableFileError(f"The workbook has another file inside ({name}): save the sheet alone.")
            for piece in self._pieces(name):
                total += len(piece)
                if total > limits["unpacked_bytes"]:
                    raise UnreadableFileError(
                        f"The workbook unpacks to more than {limits['unpacked_bytes'] // 1_000_000} MB: "
                        "save the sheet as CSV."
                    )
                if total > HARMLESS_BYTES and total > limits["ratio"] * self.size:
                    raise UnreadableFileError(
                        f"The workbook unpacks to more than {limits['ratio']} times its size: save the sheet as CSV."
                    )

    def _pieces(self, name: str) -> Iterator[bytes]:
        try:
            with self.members.open(name) as member:
                first = member.read(CHUNK)
                if first.startswith(ARCHIVE_MARKS):
                    raise UnreadableFileError(f"The workbook has another file inside ({name}): save the sheet alone.")
                if first.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")[:1] == b"<":
                    refuse_declarations(self._beginning(name))
                yield first
                while piece := member.read(CHUNK):
                    yield piece
        except BROKEN as error:
            raise UnreadableFileError(f"The workbook is damaged: its part {name} breaks off. Save it again.") from error

    def _beginning(self, name: str) -> Iterator[bytes]:
        with self.members.open(name) as member:
            for _ in range(BEGINNING):
                if piece := member.read(CHUNK):
                    yield piece


BEGINNING = 16
"""Within how many pieces the root element must begin: nobody needs a megabyte of comments before it."""
