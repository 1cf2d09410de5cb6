"""Workbooks built part by part, the same bytes each time, so that each part can be wrong on purpose."""

import io
import struct
import zipfile
from xml.sax.saxutils import escape, quoteattr

HEADERS = ["host_country", "event", "date", "source_url", "source_title"]
ROW = ["Peru", "closed", "2017-03", "https://example.org/lima", "Lima closes"]
ROWS = [HEADERS, ROW]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TEMPLATE_NAMES = ("office", "table", "text", "style", "number", "calcext")
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"

Cell = str | tuple[str, str]
"""A cell's text, or its attributes and its contents as XML."""


def packed(parts: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these parts, in their order."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in parts.items():
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_STORED if name == "mimetype" else method
            archive.writestr(member, data)
    return content.getvalue()


def column(number: int) -> str:
    return chr(ord("A") + number)


def cell(reference: str, value: Cell) -> str:
    """A cell in the manner of Google's export: its text inside it."""
    if isinstance(value, tuple):
        return f'<c r="{reference}" {value[0]}>{value[1]}</c>'
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>' if value else ""


def rows_xml(rows: list[list[Cell]], hidden: tuple[int, ...] = ()) -> str:
    return "".join(
        f'<row r="{number}"{" hidden=" + quoteattr("1") if number in hidden else ""}>'
        + "".join(cell(f"{column(place)}{number}", value) for place, value in enumerate(row))
        + "</row>"
        for number, row in enumerate(rows, 1)
    )


def worksheet(data: str, before: str = "", after: str = "") -> str:
    return f'{DECLARED}<worksheet xmlns="{MAIN}">{before}<sheetData>{data}</sheetData>{after}</worksheet>'


def xlsx_parts(
    sheets: dict[str, str],
    states: dict[str, str] | None = None,
    styles: str = "",
    shared: str | None = None,
    properties: str = "",
) -> dict[str, bytes | str]:
    """The parts of a workbook, by path: `sheets` are worksheets' XML by name."""
    names = list(sheets)
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" state="{(states or {}).get(name, "visible")}" r:id="rId{n}"/>'
        for n, name in enumerate(names, 1)
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATED}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    related += f'<Relationship Id="rIdS" Type="{RELATED}/styles" Target="styles.xml"/>'
    related += f'<Relationship Id="rIdT" Type="{RELATED}/sharedStrings" Target="sharedStrings.xml"/>'
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": f'{DECLARED}<Types xmlns="{PACKAGE}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}"/></Types>',
        "_rels/.rels": f'{DECLARED}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{DECLARED}<workbook xmlns="{MAIN}" xmlns:r="{RELATED}">{properties}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{DECLARED}<Relationships xmlns="{PACKAGE}/relationships">'
        f"{related}</Relationships>",
        "xl/styles.xml": f'{DECLARED}<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
    }
    if shared is not None:
        parts["xl/sharedStrings.xml"] = f'{DECLARED}<sst xmlns="{MAIN}">{shared}</sst>'
    for number, name in enumerate(names, 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = sheets[name]
    return parts


def xlsx(
    rows: list[list[Cell]] | str = "",
    *,
    before: str = "",
    after: str = "",
    hidden: tuple[int, ...] = (),
    **book: object,
) -> bytes:
    """A workbook with one sheet, of these rows or of this XML of rows."""
    data = rows if isinstance(rows, str) else rows_xml(rows, hidden)
    return packed(xlsx_parts({"Events": worksheet(data, before, after)}, **book))  # type: ignore[arg-type]


def formats(*codes: str) -> str:
    """A style for each number format, in that order, after the plain one."""
    declared = "".join(f'<numFmt numFmtId="{164 + n}" formatCode={quoteattr(code)}/>' for n, code in enumerate(codes))
    used = "".join(f'<xf numFmtId="{164 + n}"/>' for n in range(len(codes)))
    return f'<numFmts>{declared}</numFmts><cellXfs><xf numFmtId="0"/>{used}</cellXfs>'


def ods_cell(value: Cell) -> str:
    if isinstance(value, tuple):
        return f"<table:table-cell {value[0]}>{value[1]}</table:table-cell>"
    if not value:
        return "<table:table-cell/>"
    return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'


def ods_rows(rows: list[list[Cell]]) -> str:
    return "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)


def ods_parts(tables: str, styles: str = "") -> dict[str, bytes | str]:
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in TEMPLATE_NAMES)
    return {
        "mimetype": ODS_TYPE,
        "content.xml": f'<?xml version="1.0"?><office:document-content {names}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>",
        "META-INF/manifest.xml": '<manifest:manifest xmlns:manifest="urn:x"/>',
    }


def ods(rows: list[list[Cell]] | str, before: str = "", styles: str = "") -> bytes:
    """An OpenDocument spreadsheet with one table, of these rows or of this XML of rows."""
    data = rows if isinstance(rows, str) else ods_rows(rows)
    return packed(ods_parts(f'<table:table table:name="Events">{before}{data}</table:table>', styles))


def csv_text(rows: list[list[str]], mark: str = ",", end: str = "\n") -> str:
    return "".join(mark.join(row) + end for row in rows)


def compound_file(stream: str) -> bytes:
    """The beginning of an OLE file with that stream in its directory, as old and encrypted workbooks are."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHH", 0x3E, 3, 0xFFFE)
    return header.ljust(512, b"\x00") + stream.encode("utf-16-le").ljust(512, b"\x00")
