"""Nasty files, and what must happen to each: `python -m tests.sheets.make_nasty FOLDER` writes them with a manifest.

Nothing is left to chance or to the clock: the same bytes each time.
"""

import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.sheets.build import (
    HEADERS,
    ROW,
    ROWS,
    Cell,
    compound_file,
    csv_text,
    formats,
    ods,
    ods_parts,
    ods_rows,
    packed,
    rows_xml,
    worksheet,
    xlsx,
    xlsx_parts,
)

GOOD = csv_text(ROWS)
KOREAN = [*HEADERS, "summary"], [*ROW, "주페루 북한 대사관이 폐쇄되었다고 외교부가 밝혔다"]
FRENCH = [*HEADERS, "summary"], [*ROW, "L’ambassade à Conakry a été fermée"]
CHINESE = [*HEADERS, "summary"], [*ROW, "朝鲜驻秘鲁大使馆已经关闭，外交部发言人说"]


@dataclass(frozen=True)
class Nasty:
    """A file, and what must happen: `rows` are read and some notes said, or it is `refused` in these words.

    `first` are cells of the first row by header; `page` is what the import page says of a file that is read.
    """

    name: str
    made: bytes | Callable[[], bytes]
    rows: int = 1
    refused: str = ""
    notes: tuple[str, ...] = ()
    first: tuple[tuple[str, str], ...] = ()
    encoding: str = ""
    delimiter: str = ""
    page: str = ""
    heavy: bool = False

    @property
    def content(self) -> bytes:
        """The file; large ones are made anew each time, and not kept."""
        return self.made if isinstance(self.made, bytes) else self.made()


def all_files() -> Iterator[Nasty]:
    """Every nasty file."""
    yield from encoded()
    yield from shaped()
    yield from written()
    yield from disguised()
    yield from packed_wrong()
    yield from marked_up_wrong()
    yield from workbooks()
    yield from cells()
    yield from programs()
    yield from open_documents()
    yield from bombs()


def encoded() -> Iterator[Nasty]:
    """Encodings."""
    korean, french, chinese = (csv_text(list(rows)) for rows in (KOREAN, FRENCH, CHINESE))
    said = (("summary", KOREAN[1][-1]),)
    yield Nasty("utf-8.csv", korean.encode(), first=said, encoding="utf-8")
    yield Nasty("utf-8-bom.csv", korean.encode("utf-8-sig"), first=said, encoding="utf-8-sig")
    for codec in ("utf-16-le", "utf-16-be"):
        mark = "\ufeff".encode(codec)
        yield Nasty(f"{codec}.csv", korean.encode(codec), first=said, encoding=codec)
        yield Nasty(f"{codec}-bom.csv", mark + korean.encode(codec), first=said, encoding="utf-16")
        yield Nasty(f"{codec}-ascii.csv", GOOD.encode(codec), encoding=codec)
    yield Nasty("utf-16-le-korean-only.csv", "주재국,사건\n페루,폐쇄\n".encode("utf-16-le"), encoding="utf-16-le")
    yield Nasty("utf-16-cut.csv", korean.encode("utf-16-le")[:-1], refused="cannot be read as utf-16-le")
    for codec in ("utf-32-le", "utf-32-be"):
        mark = "\ufeff".encode(codec)
        yield Nasty(f"{codec}.csv", korean.encode(codec), refused="UTF-32 is not read")
        yield Nasty(f"{codec}-bom.csv", mark + korean.encode(codec), refused="UTF-32 is not read")
    yield Nasty("cp949.csv", korean.encode("cp949"), first=said, encoding="cp949")
    yield Nasty(
        "cp949-extended.csv",
        csv_text([[*HEADERS, "summary"], [*ROW, "대사관 앞 똠방각하 펲시콜라"]]).encode("cp949"),
        first=(("summary", "대사관 앞 똠방각하 펲시콜라"),),
        encoding="cp949",
    )
    yield Nasty("euc-kr.csv", korean.encode("euc-kr"), first=said, encoding="cp949")
    yield Nasty(
        "windows-1252.csv", french.encode("cp1252"), first=(("summary", FRENCH[1][-1]),), encoding="windows-1252"
    )
    yield Nasty(
        "windows-1252-quotes.csv",
        csv_text([[*HEADERS, "summary"], [*ROW, "the “last” envoy’s farewell"]]).encode("cp1252"),
        first=(("summary", "the “last” envoy’s farewell"),),
        encoding="windows-1252",
    )
    yield Nasty(
        "windows-1252-double.csv",
        csv_text([[*HEADERS, "summary"], [*ROW, "l’unité créée et fermée"]]).encode("cp1252"),
        first=(("summary", "l’unité créée et fermée"),),
        encoding="windows-1252",
    )
    yield Nasty("gb18030.csv", chinese.encode("gb18030"), refused="GB18030 (Chinese) is not read")
    yield Nasty(
        "gbk-long.csv", (chinese + csv_text([CHINESE[1]]) * 20).encode("gbk"), refused="GB18030 (Chinese) is not read"
    )
    yield Nasty(
        "shift-jis.csv",
        csv_text([[*HEADERS, "summary"], [*ROW, "ペルーの北朝鮮大使館が閉鎖された"]]).encode("shift-jis"),
        refused="encoding cannot be told",
    )
    mixed = csv_text([KOREAN[0]]).encode() + csv_text([KOREAN[1]]).encode() + csv_text([KOREAN[1]]).encode("cp949")
    yield Nasty("mixed-utf-8-cp949.csv", mixed, refused="mixes encodings: line 2 is in UTF-8, line 3")
    latin = french.encode() + csv_text([FRENCH[1]]).encode("cp1252")
    yield Nasty("mixed-utf-8-windows-1252.csv", latin, refused="mixes encodings: line 2 is in UTF-8, line 3")
    both = korean.encode("cp949") + csv_text([[*ROW, "fermée à Lima"]]).encode("cp1252")
    yield Nasty("mixed-cp949-windows-1252.csv", both, refused="mixes encodings: line 2 is in cp949, line 3")
    yield Nasty("bom-then-cp949.csv", b"\xef\xbb\xbf" + korean.encode("cp949"), refused="cannot be read as utf-8")
    yield Nasty("utf-8-cut.csv", korean.encode()[:-2], refused="breaks off in the middle of a character")
    yield Nasty("utf-8-cut-later.csv", (korean * 2).encode()[:-2], refused="breaks off in the middle of a character")
    yield Nasty(
        "windows-1252-last.csv",
        csv_text([[*HEADERS, "summary"], [*ROW, "fermé"]]).rstrip().encode("cp1252"),
        first=(("summary", "fermé"),),
        encoding="windows-1252",
    )


def shaped() -> Iterator[Nasty]:
    """Delimiters, line ends, titles, gaps."""
    text = csv_text
    yield Nasty("cr-only.csv", text(ROWS, end="\r").encode())
    yield Nasty("crlf.csv", text(ROWS, end="\r\n").encode())
    yield Nasty(
        "mixed-line-ends.csv", (text([HEADERS], end="\r\n") + text([ROW], end="\r") + text([ROW])).encode(), rows=2
    )
    yield Nasty("no-last-line-end.csv", GOOD.rstrip().encode())
    yield Nasty("tabs.csv", text(ROWS, "\t").encode(), delimiter="tab")
    yield Nasty(
        "semicolons-decimal-commas.csv",
        b"host_country;event;date;source_url;source_title;summary\n"
        b"Peru;closed;2017-03;https://example.org/lima;Lima closes;1,5 million, or 2,5\n",
        delimiter="semicolon",
    )
    yield Nasty(
        "commas-with-semicolons-in-cells.csv",
        text([[*HEADERS, "reasons"], [*ROW, "sanctions; cost; other"]]).encode(),
        delimiter="comma",
    )
    yield Nasty(
        "title-row.csv",
        f"Closures of missions\n{GOOD}".encode(),
        notes=("The header is in row 2", "“Closures of missions”"),
    )
    yield Nasty(
        "title-rows-and-gap.csv", f"Closures\nas of May 2024, by the desk\n\n{GOOD}".encode(), notes=("rows 1 to 2",)
    )
    yield Nasty("blank-lines-first.csv", f"\n\n,,,\n{GOOD}".encode())
    yield Nasty("blank-lines-between.csv", f"{text([HEADERS])}\n,,,,\n{text([ROW])}\n\n".encode())
    yield Nasty("trailing-commas.csv", "".join(f"{line},,,,\n" for line in GOOD.splitlines()).encode())
    yield Nasty("trailing-rows.csv", (GOOD + ",,,,\n" * 500).encode())
    yield Nasty("ragged-short.csv", f"{text([[*HEADERS, 'summary', 'locator']])}{text([ROW])}".encode())
    yield Nasty(
        "ragged-long.csv", f"{GOOD.rstrip()},and more\n".encode(), refused="Row 2 has more cells than the header"
    )
    yield Nasty(
        "column-without-header.csv",
        text([["host_country", "", *HEADERS[1:]], ["Peru", "lost", *ROW[1:]]]).encode(),
        refused="Column B has no header, but row 2 has “lost”",
    )
    yield Nasty(
        "column-without-anything.csv", text([["host_country", "", *HEADERS[1:]], ["Peru", "", *ROW[1:]]]).encode()
    )
    yield Nasty("header-again-below.csv", f"{GOOD}{GOOD}".encode(), rows=3, page="host_country")
    yield Nasty("header-doubled.csv", text([[*HEADERS, "date"], [*ROW, "2018"]]).encode(), page="Choose…")
    yield Nasty(
        "header-folded.csv", text([["Host Country", "EVENT", "Date", "source-url", "SOURCE  TITLE"], ROW]).encode()
    )
    yield Nasty("unknown-column.csv", text([[*HEADERS, "headline"], [*ROW, "x"]]).encode(), page="Choose…")
    yield Nasty("only-header.csv", text([HEADERS]).encode(), refused="a header and no rows")
    yield Nasty("no-header.csv", text([ROW, ROW]).encode(), page="Every row needs host_country")
    yield Nasty("empty.csv", b"", refused="empty")
    yield Nasty("blank.csv", b" \n\r\n\t\n", refused="The file is empty")
    yield Nasty("only-bom.csv", b"\xef\xbb\xbf", refused="The sheet is empty")
    yield Nasty("only-utf-16-bom.csv", b"\xff\xfe", refused="The sheet is empty")
    yield Nasty("only-commas.csv", b",,,,\n" * 20, refused="The sheet is empty")
    yield Nasty("one-column.csv", b"host_country\nPeru\n", page="Every row needs")
    wide = [[*HEADERS, *(f"x{n}" for n in range(300))], ROW]
    yield Nasty("too-wide.csv", text(wide).encode(), refused="more than 200 columns")
    yield Nasty(
        "too-long.csv",
        lambda: (text([HEADERS]) + "Peru,closed,2017-03,,x\n" * 200_001).encode(),
        refused="more than 200,000 rows",
        heavy=True,
    )


def written() -> Iterator[Nasty]:
    """What cells of a text hold."""

    def with_summary(name: str, summary: str, **then: object) -> Nasty:
        content = csv_text([[*HEADERS, "summary"], [*ROW, summary]]).encode("utf-8", "surrogatepass")
        return Nasty(name, content, **then)  # type: ignore[arg-type]

    def read_as(text: str) -> tuple[tuple[str, str], ...]:
        return (("summary", text),)

    yield with_summary("quoted-lines.csv", '"one,\ntwo"', first=read_as("one,\ntwo"))
    yield with_summary("quoted-crlf.csv", '"one\r\ntwo"', first=read_as("one\ntwo"))
    yield with_summary("quoted-quotes.csv", '"the ""last"" one"', first=read_as('the "last" one'))
    yield with_summary("unclosed-quote.csv", '"never closed', refused="Row 2: a quotation mark is not closed")
    yield with_summary(
        "unclosed-quote-long.csv", '"' + "never closed\n" * 20_000, refused="Row 2: a quotation mark is not closed"
    )
    yield with_summary("quote-in-cell.csv", '"half" quoted', refused="Row 2: a quotation mark")
    yield with_summary("long-cell.csv", "x" * 40_000, refused="Row 2, cell F2: a cell holds at most 32,767 characters")
    yield with_summary("longest-cell.csv", "x" * 32_767)
    yield with_summary("nul.csv", "a\x00b", refused="Row 2 has NUL characters")
    yield with_summary("lone-surrogate.csv", "a\ud800b", refused="encoding cannot be told")
    yield with_summary("replacement.csv", "Lim\ufffd", first=read_as("Lim\ufffd"))
    yield with_summary("no-break-space.csv", "the\u00a0last\u202fone\u00a0", first=read_as("the last one"))
    yield with_summary("zero-width-space.csv", "\u200bclo\u200bsed\ufeff", first=read_as("closed"))
    yield with_summary("right-to-left-override.csv", "a \u202edesolc\u202c", page="U+202E")
    yield with_summary("tag-characters.csv", "closed\U000e0041\U000e007f", page="U+E0041")
    yield with_summary("escape-character.csv", "clo\x1b[31msed", page="U+001B")
    yield with_summary("markup.csv", "<script>alert(1)</script>", first=read_as("<script>alert(1)</script>"))
    for name, text in {"equals": "=HYPERLINK(1)", "plus": "+1+1", "minus": "-2+3", "at": "@SUM(1)"}.items():
        yield with_summary(f"formula-text-{name}.csv", text, first=read_as(text))
    yield with_summary("formula-text-dde.csv", "=cmd|' /C calc'!A0", first=read_as("=cmd|' /C calc'!A0"))
    dates = ["27 Oct 2023", "2023.10.27", "2023년 10월 27일", "Oct 2023", "30/10/2023", "2023-10"]
    yield Nasty(
        "dates.csv", csv_text([HEADERS, *(["Peru", "closed", date, *ROW[3:]] for date in dates)]).encode(), rows=6
    )
    for name, date, hint in (
        ("ambiguous", "03/04/2023", "can be read in two ways"),
        ("two-digit-year", "27/10/23", "year of two digits"),
        ("serial", "45226", "serial number"),
        ("about", "c. 2017", "tilde"),
        ("no-day", "2023-02-30", "2023-02-30"),
    ):
        content = csv_text([HEADERS, ["Peru", "closed", date, *ROW[3:]]]).encode()
        yield Nasty(f"date-{name}.csv", content, page=hint)


def disguised() -> Iterator[Nasty]:
    """Other files under a sheet's name."""
    yield Nasty("pdf.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", refused="The file is a PDF")
    yield Nasty("png.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), refused="The file is a picture")
    yield Nasty("jpeg.xlsx", b"\xff\xd8\xff\xe0" + bytes(100), refused="The file is a picture")
    yield Nasty("html.csv", b"<!DOCTYPE html><html><table><tr><td>host", refused="The file is a web page")
    yield Nasty(
        "html.xls",
        b"\xef\xbb\xbf<html xmlns:x='urn:schemas-microsoft-com:office:excel'>",
        refused="The file is a web page",
    )
    yield Nasty(
        "xml.xls",
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        refused="The file is XML",
    )
    yield Nasty("flat.ods", b'<?xml version="1.0"?><office:document/>', refused="The file is XML")
    yield Nasty("rtf.csv", b"{\\rtf1 host}", refused="The file is a text document")
    yield Nasty("gzip.csv", b"\x1f\x8b\x08\x00" + bytes(60), refused="The file is a packed file (gzip)")
    yield Nasty("old.xls", compound_file("Workbook"), refused="This is an old workbook (.xls)")
    yield Nasty("encrypted.xlsx", compound_file("EncryptedPackage"), refused="The workbook is encrypted")
    yield Nasty("noise.csv", random.Random(1).randbytes(20_000), refused="neither text nor a workbook")
    yield Nasty(
        "noise-high.csv",
        bytes(random.Random(2).choices(range(128, 256), k=5_000)),
        refused="The encoding cannot be told",
    )
    yield Nasty("csv-named.xlsx", GOOD.encode())
    yield Nasty("xlsx-named.csv", xlsx(list(ROWS)))
    yield Nasty(
        "docx.xlsx", packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"}), refused="a text document"
    )
    yield Nasty(
        "text.ods",
        packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}),
        refused="a text document",
    )
    yield Nasty("numbers.xlsx", packed({"Index/Document.iwa": "x"}), refused="a Numbers document")
    yield Nasty("notes.zip", packed({"notes.txt": GOOD}), refused="an archive, not a workbook")
    yield Nasty("empty-archive.xlsx", packed({}), refused="an archive, not a workbook")


def packed_wrong() -> Iterator[Nasty]:
    """Archives that are damaged or dangerous."""
    whole = xlsx(list(ROWS))
    parts = xlsx_parts({"Events": worksheet(rows_xml(list(ROWS)))})
    yield Nasty("cut.xlsx", whole[: len(whole) // 2], refused="The file is damaged")
    yield Nasty("nonsense.xlsx", b"PK\x03\x04nonsense", refused="The file is damaged")
    spoilt = bytearray(packed(parts, method=0))
    place = bytes(spoilt).index(b"Lima closes")
    spoilt[place] ^= 1
    yield Nasty("wrong-checksum.xlsx", bytes(spoilt), refused="breaks off")
    yield Nasty("bzip2.xlsx", packed(parts, method=12), refused="packed in an unusual way")
    encrypted = bytearray(whole)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        encrypted[bytes(encrypted).index(mark) + offset] |= 1
    yield Nasty("encrypted-part.xlsx", bytes(encrypted), refused="The workbook is encrypted")
    for name, path in (
        ("absolute", "/etc/passwd"),
        ("climbing", "xl/../../../etc/passwd"),
        ("drive", "C:/x"),
        ("backslash", "..\\x"),
    ):
        yield Nasty(f"path-{name}.xlsx", packed(parts | {path: "x"}), refused="has a part outside itself")
    twice = packed(parts | {"XL/WORKBOOK.XML": "<x/>"})
    yield Nasty("part-twice.xlsx", twice, refused="is there twice")
    yield Nasty("nested.xlsx", packed(parts | {"xl/embeddings/inner.xlsx": whole}), refused="has another file inside")
    yield Nasty(
        "nested-disguised.xlsx", packed(parts | {"xl/media/image1.png": whole}), refused="has another file inside"
    )
    yield Nasty("macros.xlsx", packed(parts | {"xl/vbaProject.bin": b"\xd0\xcf"}), refused="The workbook has macros")
    macro_type = str(parts["[Content_Types].xml"]).replace(
        "vnd.openxmlformats-officedocument.spreadsheetml.sheet", "vnd.ms-excel.sheet.macroEnabled"
    )
    yield Nasty(
        "macro-type.xlsx", packed(parts | {"[Content_Types].xml": macro_type}), refused="The workbook has macros"
    )
    yield Nasty(
        "macro-sheet.xlsx", packed(parts | {"xl/macrosheets/sheet1.xml": "<x/>"}), refused="The workbook has macros"
    )
    binary = str(parts["[Content_Types].xml"]).replace(
        "openxmlformats-officedocument.spreadsheetml.sheet.main+xml", "ms-excel.sheet.binary"
    )
    yield Nasty("binary.xlsb", packed(parts | {"[Content_Types].xml": binary}), refused="a binary workbook")
    yield Nasty(
        "outside-links.xlsx",
        packed(parts | {"xl/externalLinks/externalLink1.xml": "<x/>"}),
        notes=("Links to other workbooks are not followed",),
    )


def marked_up_wrong() -> Iterator[Nasty]:
    """XML that is damaged or dangerous, and parts that are not there."""
    parts = xlsx_parts({"Events": worksheet(rows_xml(list(ROWS)))})
    sheet = str(parts["xl/worksheets/sheet1.xml"])
    path = "xl/worksheets/sheet1.xml"

    def with_sheet(name: str, xml: str | bytes, refused: str = "", **then: object) -> Nasty:
        return Nasty(name, packed(parts | {path: xml}), refused=refused, **then)  # type: ignore[arg-type]

    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    declared = f'<!DOCTYPE worksheet [<!ENTITY l0 "lol">{laughs}]>'
    split = sheet.index("<worksheet")
    yield with_sheet(
        "billion-laughs.xlsx", sheet[:split] + declared + sheet[split:].replace("Peru", "&l9;"), "declares XML entities"
    )
    outside = '<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    yield with_sheet(
        "outside-entity.xlsx", sheet[:split] + outside + sheet[split:].replace("Peru", "&x;"), "declares XML entities"
    )
    yield with_sheet(
        "doctype-only.xlsx", sheet[:split] + "<!DOCTYPE worksheet>" + sheet[split:], "declares XML entities"
    )
    late = f"<!--{'x' * 2_000_000}-->"
    yield with_sheet("doctype-late.xlsx", sheet[:split] + late + declared + sheet[split:], "declares XML entities")
    utf_16 = (sheet[:split] + declared + sheet[split:]).replace("UTF-8", "UTF-16").encode("utf-16")
    yield with_sheet("doctype-utf-16.xlsx", utf_16, "declares XML entities")
    yield Nasty(
        "doctype-elsewhere.xlsx",
        packed(parts | {"docProps/core.xml": f"{declared}<x/>"}),
        refused="declares XML entities",
    )
    yield with_sheet("unknown-entity.xlsx", sheet.replace("Peru", "&nothing;"), "its XML breaks off or is wrong")
    yield with_sheet("broken-xml.xlsx", sheet[:-40], "its XML breaks off or is wrong")
    yield with_sheet("surrogate-reference.xlsx", sheet.replace("Peru", "&#xD800;"), "its XML breaks off or is wrong")
    yield with_sheet("unknown-encoding.xlsx", sheet.replace("UTF-8", "U-8"), "its XML breaks off or is wrong")
    yield with_sheet("multi-byte-encoding.xlsx", sheet.replace("UTF-8", "cp949"), "its XML breaks off or is wrong")
    yield with_sheet("empty-part.xlsx", "", "its XML breaks off or is wrong")
    yield with_sheet("something-else.xlsx", "<chart/>", "one of its sheets is something else")
    yield with_sheet("utf-16-xml.xlsx", sheet.replace("UTF-8", "UTF-16").encode("utf-16"))
    yield with_sheet("prefixed.xlsx", _prefixed(sheet))
    for missing in ("xl/workbook.xml", path, "xl/_rels/workbook.xml.rels"):
        left = {name: data for name, data in parts.items() if name != missing}
        yield Nasty(f"missing-{Path(missing).stem}.xlsx", packed(left), refused="is missing")
    left = {name: data for name, data in parts.items() if name != "xl/styles.xml"}
    yield Nasty("missing-styles.xlsx", packed(left))
    shared = [HEADERS, *([[('t="s"', "<v>7</v>"), *ROW[1:]]])]
    yield Nasty("missing-shared-texts.xlsx", xlsx(shared), refused="the text of cell A2 is missing")
    yield Nasty(
        "shared-text-beyond.xlsx", xlsx(shared, shared="<si><t>Peru</t></si>"), refused="the text of cell A2 is missing"
    )
    yield Nasty(
        "shared-text-negative.xlsx",
        xlsx([HEADERS, [('t="s"', "<v>-1</v>"), *ROW[1:]]], shared="<si><t>x</t></si>"),
        refused="stands where a number belongs",
    )
    yield Nasty("wrong-dimension.xlsx", xlsx(list(ROWS), before='<dimension ref="A1:A1"/>'))
    yield Nasty("huge-dimension.xlsx", xlsx(list(ROWS), before='<dimension ref="A1:XFD1048576"/>'))
    yield Nasty(
        "rows-out-of-order.xlsx",
        xlsx(rows_xml(list(ROWS)) + '<row r="1"><c r="A1"><v>1</v></c></row>'),
        refused="row 1 comes after row 2",
    )
    yield Nasty(
        "cells-out-of-order.xlsx",
        xlsx(rows_xml(list(ROWS)) + '<row r="3"><c r="B3"><v>1</v></c><c r="A3"><v>1</v></c></row>'),
        refused="cell A3 stands out of order",
    )
    yield Nasty(
        "row-number-nonsense.xlsx", xlsx('<row r="one"><c><v>1</v></c></row>'), refused="stands where a number belongs"
    )
    yield Nasty(
        "row-number-beyond.xlsx", xlsx('<row r="1048577"><c><v>1</v></c></row>'), refused="there is no row 1,048,577"
    )
    yield Nasty(
        "reference-nonsense.xlsx", xlsx('<row r="1"><c r="A-1"><v>1</v></c></row>'), refused="is no range of cells"
    )


def _prefixed(sheet: str) -> str:
    for name in ("worksheet", "sheetData", "row", "c", "is", "t"):
        sheet = (
            sheet.replace(f"<{name} ", f"<x:{name} ")
            .replace(f"<{name}>", f"<x:{name}>")
            .replace(f"</{name}>", f"</x:{name}>")
        )
    return sheet.replace("xmlns=", "xmlns:x=")


def workbooks() -> Iterator[Nasty]:
    """Sheets, hidden things, merged cells."""
    good, other = worksheet(rows_xml(list(ROWS))), worksheet(rows_xml([["other"], ["x"]]))

    def book(name: str, sheets: dict[str, str], states: dict[str, str] | None = None, **then: object) -> Nasty:
        return Nasty(name, packed(xlsx_parts(sheets, states)), **then)  # type: ignore[arg-type]

    yield book(
        "several-sheets.xlsx", {"Events": good, "Other": other}, notes=("Only the sheet “Events” is read, not Other",)
    )
    yield book(
        "hidden-first.xlsx", {"Secret": other, "Events": good}, {"Secret": "hidden"}, notes=("not Secret (hidden)",)
    )
    yield book(
        "very-hidden-first.xlsx",
        {"Secret": other, "Events": good},
        {"Secret": "veryHidden"},
        notes=("not Secret (hidden)",),
    )
    yield book(
        "all-hidden.xlsx", {"Events": good}, {"Events": "hidden"}, refused="Every sheet of the workbook is hidden"
    )
    yield book("odd-sheet-name.xlsx", {"<b>&\"'; 대사관\u202e": good})
    yield book("sheet-named-twice.xlsx", {"Events": good, "EVENTS": good}, notes=("not EVENTS",))
    yield book("too-many-sheets.xlsx", {f"Sheet{n}": good for n in range(51)}, refused="more than 50 sheets")
    yield book("no-sheets.xlsx", {}, refused="no sheet with cells")
    yield book("empty-sheet.xlsx", {"Events": worksheet("")}, refused="The sheet is empty")
    parts = xlsx_parts({"Chart": other, "Events": good})
    relations = "xl/_rels/workbook.xml.rels"
    chart = str(parts[relations]).replace("relationships/worksheet", "relationships/chartsheet", 1)
    yield Nasty(
        "chart-sheet-first.xlsx",
        packed(parts | {relations: chart}),
        notes=("Sheets without cells are not read: Chart",),
    )
    only = xlsx_parts({"Chart": other})
    alone = str(only[relations]).replace("relationships/worksheet", "relationships/chartsheet")
    yield Nasty("chart-sheet-only.xlsx", packed(only | {relations: alone}), refused="no sheet with cells")
    two = xlsx_parts({"Events": good, "Other": other})
    absolute = str(two[relations]).replace('"worksheets/', '"/xl/worksheets/')
    yield Nasty("absolute-targets.xlsx", packed(two | {relations: absolute}), notes=("not Other",))
    elsewhere = str(only[relations]).replace('"worksheets/sheet1.xml"', '"https://example.org/x" TargetMode="External"')
    yield Nasty("sheet-elsewhere.xlsx", packed(only | {relations: elsewhere}), refused="no sheet with cells")
    outside = str(only[relations]).replace("worksheets/sheet1.xml", "../../../../etc/passwd")
    yield Nasty("sheet-outside.xlsx", packed(only | {relations: outside}), refused="etc/passwd is missing")

    many: list[list[Cell]] = [list(HEADERS), *([list(ROW)] * 5)]
    yield Nasty("hidden-rows.xlsx", xlsx(many, hidden=(3, 4, 6)), rows=5, notes=("Hidden rows 3 to 4, 6 are read.",))
    yield Nasty(
        "hidden-columns.xlsx",
        xlsx(many, before='<cols><col min="2" max="2" hidden="1"/><col min="4" max="16384" hidden="1"/></cols>'),
        rows=5,
        notes=("Hidden columns B, D to E are read.",),
    )
    down: list[list[Cell]] = [list(HEADERS), list(ROW), ["", "reported", *ROW[2:]], ["", "reopened", *ROW[2:]]]
    yield Nasty(
        "merged-down.xlsx",
        xlsx(down, after='<mergeCells><mergeCell ref="A2:A4"/></mergeCells>'),
        rows=3,
        notes=("Merged cells A2:A4: their value counts for each of their rows.",),
    )
    titled: list[list[Cell]] = [["Closures"], list(HEADERS), list(ROW)]
    yield Nasty(
        "merged-title.xlsx",
        xlsx(titled, after='<mergeCells><mergeCell ref="A1:E1"/></mergeCells>'),
        notes=("The header is in row 2",),
    )
    across: list[list[Cell]] = [[*HEADERS, "summary", "locator"], [*ROW, "both", ""]]
    yield Nasty(
        "merged-across.xlsx",
        xlsx(across, after='<mergeCells><mergeCell ref="F2:G2"/></mergeCells>'),
        notes=("Merged cells F2:G2: their value counts for the first of their columns.",),
    )
    header: list[list[Cell]] = [[*HEADERS[:3], "source_url", ""], list(ROW)]
    yield Nasty(
        "merged-header.xlsx",
        xlsx(header, after='<mergeCells><mergeCell ref="D1:E1"/></mergeCells>'),
        refused="The header cell D1 is merged over D1:E1",
    )
    yield Nasty(
        "merged-everything.xlsx",
        xlsx(many, after='<mergeCells><mergeCell ref="A2:XFD1048576"/></mergeCells>'),
        rows=5,
        notes=("Merged cells A2:XFD1048576",),
    )
    over = '<mergeCells><mergeCell ref="A2:A4"/><mergeCell ref="A3:A5"/></mergeCells>'
    yield Nasty("merged-twice.xlsx", xlsx(many, after=over), refused="cells merged twice at A3")
    yield Nasty(
        "merged-nonsense.xlsx",
        xlsx(many, after='<mergeCells><mergeCell ref="here"/></mergeCells>'),
        refused="is no range of cells",
    )


def cells() -> Iterator[Nasty]:
    """What cells of a workbook hold."""

    def with_cell(name: str, value: Cell, read: str = "", header: str = "summary", **book: object) -> Nasty:
        then = {key: book.pop(key) for key in ("refused", "notes", "page") if key in book}
        made = xlsx([[*HEADERS, header], [*ROW, value]], **book)  # type: ignore[arg-type]
        return Nasty(name, made, first=((header, read),) if read else (), **then)  # type: ignore[arg-type]

    def number(name: str, code: str, stored: str, read: str, **book: object) -> Nasty:
        return with_cell(name, ('s="1"', f"<v>{stored}</v>"), read, styles=formats(code), **book)

    old = '<workbookPr date1904="1"/>'
    yield number("date-1900.xlsx", "yyyy-mm-dd", "45226", "2023-10-27")
    yield number("date-1904.xlsx", "yyyy-mm-dd", "43764", "2023-10-27", properties=old)
    yield number("date-first-of-1900.xlsx", "d/m/yyyy", "1", "1900-01-01")
    yield number("date-that-never-was.xlsx", "d/m/yyyy", "60", "1900-02-29")
    yield number("date-month-year.xlsx", "mmm-yy", "45200", "2023-10-01")
    yield number("date-korean.xlsx", '[$-412]yyyy"년" m"월" d"일"', "45226", "2023-10-27")
    yield number("date-with-time.xlsx", "yyyy-mm-dd hh:mm", "45226.5625", "2023-10-27T13:30:00")
    yield number("date-with-unshown-time.xlsx", "yyyy-mm-dd", "45226.5625", "2023-10-27")
    yield number("date-at-midnight.xlsx", "yyyy-mm-dd hh:mm", "45226", "2023-10-27")
    yield number("time.xlsx", "hh:mm AM/PM", "0.5625", "13:30:00")
    yield number("date-beyond.xlsx", "yyyy-mm-dd", "99999999", "99999999")
    yield number("date-negative.xlsx", "yyyy-mm-dd", "-5", "-5")
    yield with_cell("date-iso.xlsx", ('t="d"', "<v>2023-10-27T00:00:00</v>"), "2023-10-27")
    yield with_cell(
        "date-builtin.xlsx",
        ('s="1"', "<v>45226</v>"),
        "2023-10-27",
        styles='<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>',
    )
    yield number("coloured-number.xlsx", "[Red]#,##0.00;[Blue]-#,##0.00", "12.50", "12.5")
    yield number("leading-zeros-format.xlsx", "0000", "12", "0012")
    yield number("percent.xlsx", "0%", "0.25", "0.25")
    yield number("scientific-format.xlsx", "0.00E+00", "12345", "12345")
    yield number("text-format-number.xlsx", "@", "12", "12")
    yield with_cell("leading-zeros-text.xlsx", "0012", "0012")
    yield with_cell("whole-float.xlsx", ("", "<v>12.0</v>"), "12")
    yield with_cell("binary-float.xlsx", ("", "<v>0.10000000000000001</v>"), "0.1")
    yield with_cell("scientific.xlsx", ("", "<v>1.2E+20</v>"), "120000000000000000000")
    yield with_cell("small.xlsx", ("", "<v>1E-7</v>"), "0.0000001")
    yield with_cell("no-number.xlsx", ("", "<v>twelve</v>"), "twelve")
    yield with_cell("true.xlsx", ('t="b"', "<v>1</v>"), "TRUE")
    yield with_cell("style-beyond.xlsx", ('s="99"', "<v>12</v>"), "12")
    yield with_cell(
        "formula.xlsx",
        ('t="str"', "<f>A2&amp;B2</f><v>closed</v>"),
        "closed",
        notes=("Formula cells are read by their stored values: 1, the first in F2",),
    )
    yield with_cell(
        "formula-unstored.xlsx", ("", "<f>A2&amp;B2</f>"), refused="a formula whose value was not stored: F2"
    )
    yield with_cell(
        "formula-unstored-empty.xlsx", ("", "<f>A2</f><v></v>"), refused="a formula whose value was not stored: F2"
    )
    yield with_cell("formula-empty-text.xlsx", ('t="str"', '<f>""</f><v></v>'), notes=("Formula cells",))
    yield with_cell(
        "error.xlsx", ('t="e"', "<v>#REF!</v>"), refused="Cells hold an error instead of a value: F2 (#REF!)"
    )
    yield with_cell("error-formula.xlsx", ('t="e"', "<f>1/0</f><v>#DIV/0!</v>"), refused="F2 (#DIV/0!)")
    yield with_cell("formula-text.xlsx", "=HYPERLINK(1)", "=HYPERLINK(1)")
    rich = "<is><r><rPr><b/></rPr><t>Lima </t></r><r><t>closes</t></r><rPh><t>reading</t></rPh></is>"
    yield with_cell("rich-text.xlsx", ('t="inlineStr"', rich), "Lima closes")
    yield with_cell("rich-shared-text.xlsx", ('t="s"', "<v>0</v>"), "Lima closes", shared=f"<si>{rich[4:-5]}</si>")
    yield with_cell("escaped-line.xlsx", "one_x000D_\ntwo", "one\ntwo")
    yield with_cell("escaped-surrogate.xlsx", "Lim_xD800_", "Lim\ufffd")
    yield with_cell("escaped-control.xlsx", "Lim_x0007_a", page="U+0007")
    yield with_cell("lines.xlsx", "one\ntwo", "one\ntwo")
    yield with_cell("long-cell.xlsx", "x" * 40_000, refused="cell F2: a cell holds at most 32,767 characters")
    yield with_cell("no-break.xlsx", "\u00a0the\u00a0last\u200b", "the last")


def programs() -> Iterator[Nasty]:
    """What particular programs write."""
    shared = "".join(f"<si><t>{text}</t></si>" for text in [*HEADERS, *ROW])
    rows: list[list[Cell]] = [[('t="s"', f"<v>{line * 5 + n}</v>") for n in range(5)] for line in range(2)]
    yield Nasty(
        "like-excel.xlsx", xlsx(rows, shared=shared, before='<sheetViews><sheetView workbookViewId="0"/></sheetViews>')
    )
    padded = rows_xml(rows) + '<row r="1048576" hidden="1"><c r="A1048576" s="0"/></row>'
    yield Nasty("like-libreoffice.xlsx", xlsx(padded, shared=shared))
    yield Nasty("like-google.xlsx", xlsx(list(ROWS)))
    bare = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in row) + "</row>" for row in ROWS
    )
    yield Nasty("without-references.xlsx", xlsx(bare))
    tables: list[list[Cell]] = [["Table 1"], list(HEADERS), list(ROW)]
    numbers = xlsx_parts(
        {
            "Export Summary": worksheet(rows_xml([["This document was exported"]])),
            "Events": worksheet(rows_xml(tables)),
        },
        {"Export Summary": "hidden"},
    )
    yield Nasty("like-numbers.xlsx", packed(numbers), notes=("The header is in row 2", "not Export Summary (hidden)"))
    yield Nasty("trailing-styles.xlsx", xlsx(rows_xml(list(ROWS)) + '<row r="900000"><c r="ZZ900000" s="0"/></row>'))
    pretty = worksheet(rows_xml(list(ROWS))).replace("><", ">\n  <")
    yield Nasty("indented.xlsx", packed(xlsx_parts({"Events": pretty})))


def open_documents() -> Iterator[Nasty]:
    """ODS."""

    def with_cell(name: str, value: Cell, read: str = "", **then: object) -> Nasty:
        made = ods([[*HEADERS, "summary"], [*ROW, value]])
        return Nasty(name, made, first=(("summary", read),) if read else (), **then)  # type: ignore[arg-type]

    good = ods_rows(list(ROWS))
    tail = '<table:table-row table:number-rows-repeated="1048570">'
    tail += '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    yield Nasty("plain.ods", ods(list(ROWS)))
    yield Nasty("padded.ods", ods(good + tail))
    yield Nasty(
        "rows-repeated.ods",
        ods(
            good
            + good[good.index("</table:table-row>") + 18 :].replace(
                "<table:table-row>", '<table:table-row table:number-rows-repeated="3">'
            )
        ),
        rows=4,
    )
    yield with_cell(
        "date.ods",
        ('office:value-type="date" office:date-value="2023-10-27"', "<text:p>27.10.23</text:p>"),
        "2023-10-27",
    )
    yield with_cell(
        "date-time.ods",
        ('office:value-type="date" office:date-value="2023-10-27T13:30:00"', "<text:p>27.10.23 13:30</text:p>"),
        "2023-10-27T13:30:00",
    )
    yield with_cell(
        "time.ods", ('office:value-type="time" office:time-value="PT13H30M00S"', "<text:p>13:30</text:p>"), "13:30:00"
    )
    yield with_cell("zeros.ods", ('office:value-type="float" office:value="12"', "<text:p>0012</text:p>"), "0012")
    yield with_cell("float.ods", ('office:value-type="float" office:value="0.1"', "<text:p>0,1</text:p>"), "0.1")
    yield with_cell(
        "percent.ods", ('office:value-type="percentage" office:value="0.25"', "<text:p>25 %</text:p>"), "0.25"
    )
    yield with_cell(
        "boolean.ods", ('office:value-type="boolean" office:boolean-value="true"', "<text:p>WAHR</text:p>"), "TRUE"
    )
    yield with_cell(
        "paragraphs.ods",
        ('office:value-type="string"', '<text:p>one<text:s text:c="2"/>and</text:p><text:p>two</text:p>'),
        "one  and\ntwo",
    )
    comment = (
        "<office:annotation><text:p>not me</text:p></office:annotation><text:p>me<text:span>, too</text:span></text:p>"
    )
    yield with_cell("comment.ods", ('office:value-type="string"', comment), "me, too")
    yield with_cell(
        "formula.ods",
        ('table:formula="of:=[.A2]" office:value-type="string"', "<text:p>closed</text:p>"),
        "closed",
        notes=("Formula cells are read by their stored values",),
    )
    yield with_cell(
        "formula-unstored.ods", ('table:formula="of:=[.A2]"', ""), refused="a formula whose value was not stored: F2"
    )
    yield with_cell(
        "error.ods",
        ('table:formula="of:=1/0" office:value-type="string" calcext:value-type="error"', "<text:p>#DIV/0!</text:p>"),
        refused="F2 (#DIV/0!)",
    )
    style = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    hidden = f'<table:table table:name="Secret" table:style-name="ta2">{ods_rows([["x"], ["y"]])}</table:table>'
    shown = f'<table:table table:name="Events">{good}</table:table>'
    yield Nasty("hidden-sheet.ods", packed(ods_parts(hidden + shown, style)), notes=("not Secret (hidden)",))
    yield Nasty(
        "hidden-row.ods",
        ods(good + ods_rows([list(ROW)]).replace("<table:table-row>", '<table:table-row table:visibility="collapse">')),
        rows=2,
        notes=("Hidden row 3 is read",),
    )
    yield Nasty(
        "hidden-column.ods",
        ods(good, before='<table:table-column/><table:table-column table:visibility="collapse"/>'),
        notes=("Hidden column B is read",),
    )
    merged = ods_rows(
        [
            list(HEADERS),
            [('table:number-rows-spanned="2" office:value-type="string"', "<text:p>Peru</text:p>"), *ROW[1:]],
        ]
    )
    merged += f"<table:table-row><table:covered-table-cell/>{ods_rows([list(ROW[1:])])[17:]}"
    yield Nasty("merged-down.ods", ods(merged), rows=2, notes=("Merged cells A2:A3",))
    encrypted = '<m:manifest xmlns:m="urn:m"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    yield Nasty(
        "encrypted.ods",
        packed(ods_parts(shown) | {"META-INF/manifest.xml": encrypted}),
        refused="The workbook is encrypted",
    )
    yield Nasty(
        "macros.ods",
        packed(ods_parts(shown) | {"Basic/Standard/Module1.xml": "<x/>"}),
        refused="The workbook has macros",
    )
    yield Nasty(
        "scripts.ods", packed(ods_parts(shown) | {"Scripts/python/x.py": "1"}), refused="The workbook has macros"
    )
    parts = ods_parts(shown)
    laughs = str(parts["content.xml"]).replace("?>", '?><!DOCTYPE x [<!ENTITY a "ha">]>', 1)
    yield Nasty("entities.ods", packed(parts | {"content.xml": laughs}), refused="declares XML entities")
    yield Nasty("no-content.ods", packed({"mimetype": str(parts["mimetype"])}), refused="content.xml is missing")
    yield Nasty("no-tables.ods", packed(ods_parts("")), refused="no sheet with cells")
    yield Nasty(
        "repeat-nonsense.ods",
        ods(good.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="-1">', 1)),
        refused="stands where a number belongs",
    )


def bombs() -> Iterator[Nasty]:
    """Small files that would become large."""

    def bomb(name: str, made: Callable[[], bytes], refused: str = "") -> Nasty:
        return Nasty(name, made, refused=refused, heavy=True)

    yield bomb("bomb-ratio.xlsx", _zeros, "unpacks to more than 200 times its size")
    yield bomb("bomb-lying-size.xlsx", _zeros_said_to_be_few, "breaks off")
    yield bomb(
        "bomb-members.xlsx", lambda: _with({f"xl/media/{n}": b"" for n in range(5_000)}), "more than 1,000 parts"
    )
    yield bomb("bomb-last-row.xlsx", lambda: _and_cell("A1048576"), "a cell in row 1,048,576")
    yield bomb("bomb-last-column.xlsx", lambda: _and_cell("XFD3"), "there is a cell XFD3")
    wide = "<row>" + "<c><v>1</v></c>" * 16_384 + "</row>"
    yield bomb("bomb-wide-rows.xlsx", lambda: xlsx(wide * 5), "more than 200 columns")
    yield bomb("bomb-shared-text.xlsx", _one_text_many_times, "more than 50,000,000 characters")
    yield bomb("bomb-unused-texts.xlsx", lambda: xlsx(list(ROWS), shared=_texts(1_500_000)))
    yield bomb("bomb-one-text.xlsx", lambda: xlsx([["x" * 90_000_000]]), "save the sheet")
    styles = '<cellXfs><xf numFmtId="0"/>{}</cellXfs>'
    yield bomb("bomb-styles.xlsx", lambda: xlsx(list(ROWS), styles=styles.format(_formats(2_000_000))), TOO_MUCH)
    merges = "<mergeCells>" + '<mergeCell ref="A2:A3"/>' * 200_000 + "</mergeCells>"
    yield bomb("bomb-merges.xlsx", lambda: xlsx(list(ROWS), after=merges), "more than 100,000 merged cells")
    deep = {"xl/worksheets/sheet1.xml": "<worksheet>" + "<a>" * 3_000_000}
    yield bomb("bomb-depth.xlsx", lambda: _with(deep), TOO_MUCH)
    yield bomb("bomb-cells.ods", lambda: _repeated(20_100, 200), "more than 4,000,000 cells")
    yield bomb("bomb-rows.ods", lambda: _repeated(1_048_570, 1), "more than 200,000 rows")
    yield bomb("bomb-columns.ods", lambda: _repeated(1, 16_384), "more than 200 columns: there is a cell XFD1")
    yield bomb("bomb-commas.csv", lambda: b"," * 49_000_000, TOO_MUCH)


TOO_MUCH = "more memory than it may"


def _with(more: Mapping[str, bytes | str]) -> bytes:
    """A workbook with more parts than it needs, or others."""
    return packed({**xlsx_parts({"Events": worksheet(rows_xml(list(ROWS)))}), **more})


def _zeros() -> bytes:
    return _with({"xl/media/zeros": bytes(100_000_000)})


def _zeros_said_to_be_few() -> bytes:
    """The listing says ten bytes; there are a hundred million."""
    lying = bytearray(_zeros())
    place = bytes(lying).rindex(b"PK\x01\x02") + 24
    lying[place : place + 4] = (10).to_bytes(4, "little")
    return bytes(lying)


def _and_cell(reference: str) -> bytes:
    number = reference.strip("AXFD")
    return xlsx(rows_xml(list(ROWS)) + f'<row r="{number}"><c r="{reference}"><v>1</v></c></row>')


def _formats(count: int) -> str:
    return "".join(f'<xf numFmtId="{n}"/>' for n in range(count))


def _texts(count: int) -> str:
    return "".join(f"<si><t>{n:032x}</t></si>" for n in range(count))


def _one_text_many_times() -> bytes:
    text = "".join(random.Random(3).choices("abcdefghijklmnopqrstuvwxyz", k=32_000))
    row = "<row>" + '<c t="s"><v>0</v></c>' * 200 + "</row>"
    return xlsx(row * 200, shared=f"<si><t>{text}</t></si>")


def _repeated(rows: int, columns: int) -> bytes:
    """One cell that says it is there many times."""
    inside = f'table:number-columns-repeated="{columns}" office:value-type="float" office:value="1"'
    return ods(f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell {inside}/></table:table-row>')


def write(folder: Path) -> None:
    """Write every file, and the manifest of what must happen to each."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {}
    for nasty in all_files():
        (folder / nasty.name).write_bytes(nasty.content)
        manifest[nasty.name] = {
            key: value for key, value in asdict(nasty).items() if key not in ("name", "made") and value
        }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
