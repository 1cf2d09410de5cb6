"""Which encoding a text is in, of those that sheets really come in (event-sheet.md, point 1).

Told by what only one of them allows, line by line: no statistics of languages, which err on short
sheets. UTF-32, GB18030 and a mixture are refused by name.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from nkwatch.editorial.cells.grid import UnreadableFileError
from nkwatch.editorial.cells.markup import CHUNK

TEXT_ENCODINGS = {
    "utf-8": "utf_8",
    "utf-16": "utf_16",
    "cp949": "cp949",
    "euc-kr": "cp949",
    "windows-1252": "cp1252",
}
"""The encodings that an importer may name, and what Python calls them."""

CODECS = {**TEXT_ENCODINGS, "utf-8-sig": "utf_8_sig", "utf-16-le": "utf_16_le", "utf-16-be": "utf_16_be"}
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SAMPLE = 1 << 18
# The first bytes of the syllables in KS X 1001; Chinese characters come after them.
_FIRST_HANGUL, _LAST_HANGUL = 0xB0, 0xC8
_SEPARATORS = b',;\t\n\r "'

_ENDS = re.compile(rb"[\r\n]")
_PAIR = re.compile(rb"[\xa1-\xfe][\xa1-\xfe]")
_HIGH = re.compile(rb"[\x80-\xff]")
_LATIN = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")

SAVE_AS = "save the file as UTF-8"


def encoding_of(file: BinaryIO, wanted: str) -> str:
    """The encoding to read `file` in: `wanted`, or the one found. Raises UnreadableFileError."""
    file.seek(0)
    sample = file.read(_SAMPLE)
    file.seek(0)
    _refuse_utf_32(sample)
    if wanted:
        if wanted not in CODECS:
            raise UnreadableFileError(f"“{wanted}” is not read: give one of {', '.join(TEXT_ENCODINGS)}.")
        found = _ordered(sample) if wanted == "utf-16" and not _marked(sample) else wanted
        _refuse_wrong(file, found)
        return found
    found = _marked(sample) or _utf_16(sample)
    if not found:
        _refuse_noise(sample)
        if _first_wrong_line(file, "utf_8") is None:
            return "utf-8"
        found = _guessed(file)
    elif found == "utf-8-sig" and _first_wrong_line(file, "utf_8"):
        _guessed(file)
    _refuse_wrong(file, found)
    return found


def _marked(sample: bytes) -> str:
    return next((name for mark, name in _MARKS.items() if sample.startswith(mark)), "")


def _refuse_utf_32(sample: bytes) -> None:
    unmarked = len(sample) >= 8 and (
        not any(sample[1:400:4] + sample[2:400:4] + sample[3:400:4])
        or not any(sample[0:400:4] + sample[1:400:4] + sample[2:400:4])
    )
    if sample.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) or unmarked:
        raise UnreadableFileError(f"UTF-32 is not read: {SAVE_AS}.")


def _utf_16(sample: bytes) -> str:
    """UTF-16 without a byte order mark: its commas and line ends have a zero byte on one and the same side."""
    if b"\x00" not in sample:
        return ""
    plain = sum(sample.count(bytes([mark])) for mark in _SEPARATORS)
    little, big = _aligned(sample)
    return _ordered(sample) if max(little, big) * 2 > plain else ""


def _ordered(sample: bytes) -> str:
    little, big = _aligned(sample)
    return "utf-16-le" if little >= big else "utf-16-be"


def _aligned(sample: bytes) -> tuple[int, int]:
    even, odd = sample[0::2], sample[1::2]
    little = sum(not high and low in _SEPARATORS for low, high in zip(even, odd, strict=False))
    big = sum(not high and low in _SEPARATORS for high, low in zip(even, odd, strict=False))
    return little, big


def _refuse_noise(sample: bytes) -> None:
    controls = len(_CONTROL.findall(sample))
    if controls > len(sample) / 50:
        raise UnreadableFileError("The file is neither text nor a workbook: save the sheet as .xlsx, .ods or CSV.")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """A file's lines, whatever ends them; a line without an end is cut, so that it takes no memory."""
    file.seek(0)
    rest = b""
    while piece := file.read(CHUNK):
        *lines, rest = _ENDS.split(rest + piece)
        yield from lines
        if len(rest) > 16 * CHUNK:
            yield rest
            rest = b""
    yield rest
    file.seek(0)


def _first_wrong_line(file: BinaryIO, codec: str) -> int | None:
    """The number of the first line that is not in that encoding, counted by line ends.

    Raises UnreadableFileError where UTF-8 breaks off in the middle of the last character.
    """
    file.seek(0)
    decoder = codecs.getincrementaldecoder(codec)()
    line, ascii_only, at_end = 1, True, False
    try:
        while piece := file.read(CHUNK):
            text = decoder.decode(piece)
            ascii_only = ascii_only and text.isascii()
            line += text.count("\n") or text.count("\r")
        at_end = True
        decoder.decode(b"", True)
    except UnicodeDecodeError as error:
        if at_end and not ascii_only and codec == "utf_8":
            raise UnreadableFileError("The file breaks off in the middle of a character: save it again.") from error
        before = error.object[: error.start]
        return line + (before.count(b"\n") or before.count(b"\r"))
    finally:
        file.seek(0)
    return None


def _refuse_wrong(file: BinaryIO, encoding: str) -> None:
    line = _first_wrong_line(file, CODECS[encoding])
    if line is not None:
        raise UnreadableFileError(
            f"The file cannot be read as {encoding}, from line {line} on: give its encoding, one of "
            f"{', '.join(TEXT_ENCODINGS)}, or {SAVE_AS}."
        )


@dataclass
class _Evidence:
    """What the lines with other than ASCII characters show."""

    utf_8_line: int = 0
    faint_utf_8_line: int = 0
    other_line: int = 0
    not_korean_line: int = 0
    hangul_line: int = 0
    hangul: int = 0
    hanja: int = 0
    pairs: int = 0
    latin: int = 0
    high: int = 0
    chinese: bool = True
    windows: bool = True


def _guessed(file: BinaryIO) -> str:
    """The encoding of a text that is not all UTF-8. Raises UnreadableFileError for those that are not read."""
    seen = _evidence(file)
    # Korean text of our time has few Chinese characters; Chinese read as Korean has a third or more.
    korean = seen.hangul > seen.hanja * 3 and seen.hangul * 2 > seen.latin
    utf_8 = seen.utf_8_line or (0 if korean else seen.faint_utf_8_line)
    if utf_8 and seen.other_line:
        other = "cp949" if korean else "windows-1252"
        raise UnreadableFileError(
            f"The file mixes encodings: line {utf_8} is in UTF-8, line {seen.other_line} in another, such as {other}. "
            f"Open it in the program that wrote it, and {SAVE_AS}."
        )
    if korean and not seen.not_korean_line:
        return "cp949"
    if seen.hangul > 1 and seen.not_korean_line and korean:
        raise UnreadableFileError(
            f"The file mixes encodings: line {seen.hangul_line} is in cp949, line {seen.not_korean_line} in another. "
            f"Open it in the program that wrote it, and {SAVE_AS}."
        )
    if seen.chinese and seen.pairs * 2 > seen.high * 0.8 and seen.pairs > 3:
        raise UnreadableFileError(f"GB18030 (Chinese) is not read: {SAVE_AS}.")
    if seen.windows and seen.latin * 2 > seen.high:
        return "windows-1252"
    raise UnreadableFileError(f"The encoding cannot be told: {SAVE_AS}, or give one of {', '.join(TEXT_ENCODINGS)}.")


def _evidence(file: BinaryIO) -> _Evidence:
    seen = _Evidence()
    for number, line in enumerate(_lines(file), 1):
        if line.isascii():
            continue
        line = line.removeprefix(codecs.BOM_UTF8)
        if _decodes(line, "utf_8"):
            if any(character > "\u07ff" for character in line.decode()):
                seen.utf_8_line = seen.utf_8_line or number
            elif not line.isascii():
                seen.faint_utf_8_line = seen.faint_utf_8_line or number
        else:
            seen.other_line = seen.other_line or number
        if not _decodes(line, "cp949"):
            seen.not_korean_line = seen.not_korean_line or number
        pairs = _PAIR.findall(line)
        hangul = sum(_FIRST_HANGUL <= pair[0] <= _LAST_HANGUL for pair in pairs)
        if hangul > 1 and not seen.hangul_line:
            seen.hangul_line = number
        seen.hangul += hangul
        seen.pairs += len(pairs)
        seen.hanja += sum(pair[0] > _LAST_HANGUL for pair in pairs)
        seen.latin += len(_LATIN.findall(line))
        seen.high += len(_HIGH.findall(line))
        seen.chinese = seen.chinese and _decodes(line, "gb18030")
        seen.windows = seen.windows and _decodes(line, "cp1252")
    return seen


def _decodes(line: bytes, codec: str) -> bool:
    try:
        line.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
