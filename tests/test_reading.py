"""Reading a sheet, whatever program wrote it (event-sheet.md, point 1)."""

import io
import zipfile

import openpyxl
import pytest

from nkwatch.editorial.reading import UnreadableFileError, read_sheet

ROWS = [["host", "event"], ["스페인", "폐쇄"], ["Perú", "closed"]]


def text(mark=",", end="\n") -> str:
    return end.join(mark.join(row) for row in ROWS)


def workbook(change=lambda book: None) -> bytes:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    change(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_text_is_read_in_any_usual_encoding_delimiter_and_line_ending(encoding, mark, end):
    found = read_sheet(text(mark, end).encode(encoding))

    assert (found.headers, found.rows) == (ROWS[0], ROWS[1:])


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("주스페인 북한 대사관이 폐쇄되었다고 외교부가 밝혔다", "cp949"),
        ("L’ambassade à Conakry a été fermée", "cp1252"),
    ],
)
def test_older_encodings_are_told_apart(words, encoding):
    found = read_sheet(f"host,summary\nES,{words}".encode(encoding))

    assert found.rows == [["ES", words]]


def test_an_encoding_can_be_said():
    assert read_sheet("host,event\nPerú,closed".encode("cp1252"), encoding="windows-1252").rows[0][0] == "Perú"


def test_title_rows_above_the_header_do_not_hide_it_when_blank():
    found = read_sheet(b"\n\nhost,event\nES,closed\n\n")

    assert (found.header_row, found.rows) == (3, [["ES", "closed"]])


def test_a_cell_may_hold_the_delimiter_and_line_breaks():
    assert read_sheet(b'host,event\nES,"closed,\nsaid the paper"').rows == [["ES", "closed,\nsaid the paper"]]


def test_the_first_visible_sheet_of_a_workbook_is_read_and_the_others_said():
    def hide(book):
        book.active.sheet_state = "hidden"
        shown = book.create_sheet("shown")
        for row in (["host"], ["PE"]):
            shown.append(row)

    found = read_sheet(workbook(hide))

    assert (found.name, found.rows) == ("shown", [["PE"]])
    assert "not Sheet" in found.notes[0]


def test_a_sheet_can_be_named():
    assert read_sheet(workbook(), sheet="Sheet").rows == ROWS[1:]
    with pytest.raises(UnreadableFileError, match="There is no sheet “other”: the workbook has Sheet"):
        read_sheet(workbook(), sheet="other")


def archive(**members: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name.replace("__", "/"), data)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"host,event", "no rows"),
        (b'host,event\n"ES,closed', "quotation mark"),
        (b"host\nES,closed", "Row 2 has more cells"),
        ("host\nES".encode("utf-32"), "UTF-32"),
        (b"PK\x03\x04nonsense", "damaged"),
        (archive(notes__txt=b"x"), "not a workbook"),
        (archive(**{"xl__workbook.xml": b"x", "xl__vbaProject.bin": b"x"}), "macros"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "encrypted"),
    ],
)
def test_what_is_no_sheet_is_refused_in_a_sentence(content, words):
    with pytest.raises(UnreadableFileError, match=words):
        read_sheet(content)


@pytest.mark.parametrize(
    ("limit", "value", "content", "words"),
    [
        ("bytes", 10, b"host,event\nES,closed", "larger than"),
        ("rows", 1, b"host,event\nES,closed\nPE,closed", "more than 1 rows"),
        ("columns", 1, b"host,event\nES,closed", "more than 1 columns"),
        ("cell", 3, b"host,event\nES,closed", "Row 1, cell B1: a cell holds at most 3"),
        ("unpacked_bytes", 100, workbook(), "unpacks to more"),
        ("members", 1, workbook(), "more than 1 parts"),
    ],
)
def test_limits_are_kept_before_anything_is_unpacked(settings, limit, value, content, words):
    settings.SHEET_LIMITS = {**settings.SHEET_LIMITS, limit: value}

    with pytest.raises(UnreadableFileError, match=words):
        read_sheet(content)
