"""XLSX: which sheets there are, their shared texts and number formats (ECMA-376)."""

import posixpath
from array import array
from dataclasses import dataclass, field
from urllib.parse import unquote

from nkwatch.editorial.cells import worksheet
from nkwatch.editorial.cells.archive import Archive
from nkwatch.editorial.cells.grid import Facts, Grid, Request, UnreadableFileError, listed
from nkwatch.editorial.cells.markup import elements, local, parse, parser, unescaped
from nkwatch.editorial.cells.numbers import NUMBER, kind_of

TYPES = "[Content_Types].xml"
RELATIONS = "_rels/.rels"
_LONGEST_NAME = 255


@dataclass
class Book:
    """What a workbook says before its sheets: where each is, and what their cells refer to."""

    path: str
    sheets: dict[str, str] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    from_1904: bool = False
    relations: dict[str, tuple[str, str]] = field(default_factory=dict)


class SharedTexts:
    """A workbook's shared texts in one run of bytes: a list of two million texts would take 200 MB."""

    def __init__(self) -> None:
        self._bytes, self._ends = bytearray(), array("Q", [0])

    def append(self, text: str) -> None:
        self._bytes += text.encode("utf-8")
        self._ends.append(len(self._bytes))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, place: int) -> str:
        return self._bytes[self._ends[place] : self._ends[place + 1]].decode("utf-8")


def is_workbook(archive: Archive) -> bool:
    return RELATIONS in archive.names and TYPES in archive.names and any(n.startswith("xl/") for n in archive.names)


def read(archive: Archive, request: Request, grid: Grid) -> Facts:
    """Read one sheet of a workbook into `grid`. Raises UnreadableFileError."""
    _refuse_macros(archive)
    book = _book(archive)
    name = chosen(list(book.sheets), book.hidden, request)
    facts = Facts(name=name, sheets=list(book.sheets), hidden_sheets=book.hidden)
    if book.others:
        facts.notes.append(f"Sheets without cells are not read: {listed(book.others)}.")
    if any("/externalLinks/" in part for part in archive.names):
        facts.notes.append("Links to other workbooks are not followed: their stored values are read.")
    texts, styles = _shared_texts(archive, book), _styles(archive, book)
    worksheet.read(archive.open(book.sheets[name]), worksheet.Context(texts, styles, book.from_1904), grid, facts)
    return facts


def chosen(names: list[str], hidden: list[str], request: Request) -> str:
    """The sheet to read: the one that was named, else the first visible one. Raises UnreadableFileError."""
    if len(names) > request.limits["sheets"]:
        raise UnreadableFileError(f"The workbook has more than {request.limits['sheets']} sheets: save the one alone.")
    if not names:
        raise UnreadableFileError("The workbook has no sheet with cells.")
    if any(len(name) > _LONGEST_NAME for name in names):
        raise UnreadableFileError(f"The name of a sheet is longer than {_LONGEST_NAME} characters: shorten it.")
    if request.sheet:
        if request.sheet not in names:
            raise UnreadableFileError(f"There is no sheet “{request.sheet}”: the workbook has {', '.join(names)}.")
        return request.sheet
    visible = [name for name in names if name not in hidden]
    if not visible:
        raise UnreadableFileError(
            f"Every sheet of the workbook is hidden: name the one to read, of {', '.join(names)}."
        )
    return visible[0]


def _refuse_macros(archive: Archive) -> None:
    types = {attributes.get("ContentType", "").casefold() for _, attributes in elements(archive.open(TYPES))}
    if any("macroenabled" in kind or "vbaproject" in kind for kind in types):
        raise UnreadableFileError("The workbook has macros: save it as .xlsx.")
    if any("sheet.binary" in kind for kind in types):
        raise UnreadableFileError("This is a binary workbook (.xlsb): save it as .xlsx.")


def _relations(archive: Archive, path: str, folder: str) -> dict[str, tuple[str, str]]:
    """What a part refers to inside the archive: kind and path by id. What lies outside is left out."""
    return {
        attributes.get("Id", ""): (
            attributes.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, unquote(attributes.get("Target", "")))).lstrip("/"),
        )
        for name, attributes in elements(archive.open(path))
        if name == "Relationship" and attributes.get("TargetMode") != "External"
    }


def _book(archive: Archive) -> Book:
    roots = _relations(archive, RELATIONS, "")
    path = next((path for kind, path in roots.values() if kind == "officeDocument"), "xl/workbook.xml")
    folder, file = posixpath.split(path)
    book = Book(path, relations=_relations(archive, f"{folder}/_rels/{file}.rels", folder))
    for element, attributes in elements(archive.open(path)):
        if element == "workbookPr":
            book.from_1904 = attributes.get("date1904", "0") in ("1", "true")
        elif element == "sheet":
            _add_sheet(book, attributes)
    return book


def _add_sheet(book: Book, attributes: dict[str, str]) -> None:
    name = attributes.get("name", "")
    kind, path = book.relations.get(attributes.get("id", ""), ("", ""))
    if kind != "worksheet":
        book.others.append(name[:_LONGEST_NAME])
        return
    if name in book.sheets:
        raise UnreadableFileError(f"The workbook is damaged: it has two sheets “{name}”.")
    book.sheets[name] = path
    if attributes.get("state", "visible") != "visible":
        book.hidden.append(name)


def _part(archive: Archive, book: Book, kind: str) -> str:
    """The path of the part of that kind, where the workbook has one."""
    return next((path for found, path in book.relations.values() if found == kind and path in archive.names), "")


def _shared_texts(archive: Archive, book: Book) -> SharedTexts:
    texts = SharedTexts()
    if not (path := _part(archive, book, "sharedStrings")):
        return texts
    pieces: list[str] = []
    using = parser()
    phonetic = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal phonetic
        name = local(name)
        if name == "t" and not phonetic:
            using.CharacterDataHandler = pieces.append
        elif name == "rPh":
            phonetic += 1

    def end(name: str) -> None:
        nonlocal phonetic
        using.CharacterDataHandler = None
        name = local(name)
        if name == "si":
            texts.append(unescaped("".join(pieces)))
            pieces.clear()
        elif name == "rPh":
            phonetic -= 1

    using.StartElementHandler, using.EndElementHandler = start, end
    with archive.open(path) as file:
        parse(file, using)
    return texts


def _styles(archive: Archive, book: Book) -> list[str]:
    """What each cell style makes of a number, by its place in the list of styles."""
    if not (path := _part(archive, book, "styles")):
        return []
    codes: dict[int, str] = {}
    kinds: list[str] = []
    inside = False
    for name, attributes in elements(archive.open(path)):
        if name == "numFmt" and attributes.get("numFmtId", "").isdecimal():
            codes.setdefault(int(attributes["numFmtId"]), attributes.get("formatCode", ""))
        elif name in ("cellXfs", "cellStyles", "cellStyleXfs"):
            inside = name == "cellXfs"
        elif name == "xf" and inside:
            number = attributes.get("numFmtId", "0")
            kinds.append(kind_of(int(number), codes.get(int(number), "")) if number.isdecimal() else NUMBER)
    return kinds
