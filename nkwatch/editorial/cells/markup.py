"""XML as workbooks have it: streamed, and without the declarations that make XML dangerous."""

import re
from collections.abc import Iterable
from typing import BinaryIO
from xml.parsers import expat

from nkwatch.editorial.cells.grid import UnreadableFileError

CHUNK = 1 << 16
# Beside what expat finds: an encoding that nobody knows, or that it cannot read.
BROKEN = (expat.ExpatError, LookupError, ValueError)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class _RootReachedError(Exception):
    """The root element has begun: no declaration can follow."""


def local(name: str) -> str:
    """An element's or attribute's name without its prefix, which each program chooses for itself."""
    return name.rpartition(":")[2]


def parser() -> expat.XMLParserType:
    """A parser that refuses document type declarations, and with them every entity (billion laughs, outside files)."""
    made = expat.ParserCreate()
    made.buffer_text = True
    made.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    made.StartDoctypeDeclHandler = _refuse_declaration
    made.EntityDeclHandler = _refuse_declaration
    return made


def _refuse_declaration(*declared: object) -> None:
    raise UnreadableFileError("The workbook declares XML entities, which no spreadsheet program does: it is refused.")


def parse(file: BinaryIO, using: expat.XMLParserType) -> None:
    """Feed a file to a parser, piece by piece. Raises UnreadableFileError where it is no XML."""
    try:
        while piece := file.read(CHUNK):
            using.Parse(piece)
        using.Parse(b"", True)
    except BROKEN as error:
        raise UnreadableFileError(f"The workbook is damaged: its XML breaks off or is wrong ({error}).") from error


def elements(file: BinaryIO) -> list[tuple[str, dict[str, str]]]:
    """The elements of a small file in order, by local name, with their attributes by local name."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((local(name), {local(key): value for key, value in attributes.items()}))

    using = parser()
    using.StartElementHandler = start
    parse(file, using)
    return found


def refuse_declarations(beginning: Iterable[bytes]) -> None:
    """Look for a document type declaration, which can only stand before the root element.

    A member that is no well-formed XML is left to whoever reads it; old drawings are not.
    """
    using = parser()
    using.StartElementHandler = _reach_root
    try:
        for piece in beginning:
            using.Parse(piece)
    except (_RootReachedError, *BROKEN):
        return


def _reach_root(name: str, attributes: dict[str, str]) -> None:
    raise _RootReachedError


def unescaped(text: str) -> str:
    """Characters that XML cannot hold are written _x000D_; halves of characters become U+FFFD."""
    if "_x" not in text:
        return text
    return (
        _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        .encode("utf-16", "surrogatepass")
        .decode("utf-16", "replace")
    )
