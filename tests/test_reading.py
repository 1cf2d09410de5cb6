"""Reading a sheet, whatever program wrote it (event-sheet.md, point 1)."""

import io
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from nkwatch.editorial.cells.numbers import kind_of, number_text
from nkwatch.editorial.reading import UnreadableFileError, read_sheet
from tests.sheets.build import rows_xml, xlsx

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


def test_what_was_detected_can_be_said_otherwise():
    content = b"title;of,two\nhost;event,date\nES;closed,2017"

    assert read_sheet(content, delimiter="semicolon").headers == ["title", "of,two"]
    assert read_sheet(content, delimiter=",").rows[1] == ["ES;closed", "2017"]
    assert read_sheet(content, delimiter=";", header_row=2).headers == ["host", "event,date"]


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("delimiter", "|", "no delimiter: give one of comma, semicolon, tab"),
        ("encoding", "gb18030", "“gb18030” is not read: give one of utf-8"),
        ("header_row", 9, "Row 9 is empty"),
    ],
)
def test_what_cannot_be_is_refused(option, value, words):
    with pytest.raises(UnreadableFileError, match=words):
        read_sheet(b"host,event\nES,closed", **{option: value})


def test_the_row_with_most_known_names_is_the_header():
    content = b"list,made,by,the desk\nof,all,host,events\nHOST,Event,x,y\nES,closed,1,2"

    found = read_sheet(content, known_headers=["host", "event"])

    assert (found.header_row, found.rows) == (3, [["ES", "closed", "1", "2"]])
    assert found.notes == [
        "The header is in row 3. Above it, not read: rows 1 to 2: “list made by the desk; of all host events”."
    ]
    assert read_sheet(content).header_row == 1


def test_rows_without_cells_are_left_out_and_the_others_keep_their_numbers():
    found = read_sheet(b"\nhost,event\n\nES,closed\n,\nPE,closed")

    assert (found.header_row, list(found.numbers), found.first_row) == (2, [4, 6], 4)


def test_numbers_that_follow_each_other_take_no_memory():
    assert read_sheet(b"host\nES\nPE").numbers == range(2, 4)


def test_texts_that_come_again_are_kept_once():
    rows = read_sheet(xlsx([["host", "event"], ["ES", "closed at last"], ["PE", "closed at last"]])).rows

    assert rows[0][1] is rows[1][1]


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_a_number_is_written_in_full_and_means_the_same(value):
    text = number_text(repr(value))

    assert "e" not in text.lower() and not (text.endswith("0") and "." in text)
    assert float(text) == pytest.approx(value, rel=1e-14, abs=1e-300)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", "number"),
        ("0.00E+00", "number"),
        ("#,##0 [$€-407]", "number"),
        ('0 "days"', "number"),
        ("0000", "0000"),
        ("0", "number"),
        ("mmm-yy", "date"),
        ("mm", "date"),
        ("[$-409]d mmmm yyyy;@", "date"),
        ('yyyy"년" m"월" d"일"', "date"),
        ("yyyy-mm-dd hh:mm", "date-time"),
        ("mm:ss", "time"),
        ("[h]:mm", "time"),
        ("ss.000", "time"),
    ],
)
def test_a_number_format_says_what_a_number_is(code, kind):
    assert kind_of(164, code) == kind


def big_workbook() -> bytes:
    texts = "".join(f"<si><t>{number:032x}</t></si>" for number in range(1_000_000))
    return xlsx([["host"], ["ES"]], shared=texts)


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("memory", 60_000_000, "more memory than it may"),
        ("memory", 1, "gave up|more memory"),
        ("seconds", 1, "takes longer than 1 seconds"),
    ],
)
def test_a_process_that_takes_too_much_is_ended_and_the_reader_told(settings, limit, value, words):
    settings.SHEET_LIMITS = {**settings.SHEET_LIMITS, limit: value}

    with pytest.raises(UnreadableFileError, match=words):
        read_sheet(big_workbook())


def test_the_process_that_reads_starts_without_django():
    asked = "import sys, nkwatch.editorial.cells.child; print([m for m in sys.modules if m.startswith('django')])"
    root = Path(__file__).resolve().parent.parent

    started = subprocess.run([sys.executable, "-c", asked], cwd=root, capture_output=True, text=True, check=True)

    assert started.stdout.strip() == "[]"


def test_several_threads_may_read_at_once():
    content = xlsx(rows_xml([["host"], *(["ES"] for _ in range(500))]))
    found = []
    threads = [threading.Thread(target=lambda: found.append(len(read_sheet(content).rows))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [500] * 4


@hypothesis_settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_end_in_anything_but_a_sheet_or_a_sentence(content):
    try:
        sheet = read_sheet(content)
    except UnreadableFileError as refusal:
        assert str(refusal).endswith(".")
    else:
        assert all(len(row) == len(sheet.headers) for row in sheet.rows)
