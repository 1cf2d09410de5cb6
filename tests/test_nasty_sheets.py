"""Every nasty file of tests/sheets/make_nasty.py: read or refused in a sentence, never an error, never much memory."""

import gc
import html
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from nkwatch.editorial.cells.grid import Request
from nkwatch.editorial.reading import UnreadableFileError, read_sheet
from tests.sheets.build import HEADERS
from tests.sheets.make_nasty import Nasty, all_files, write

PAGE = "/admin/missions/closureevent/import/"
MOST_MEMORY = 300_000_000
ROOT = Path(__file__).resolve().parent.parent

FILES = {nasty.name: nasty for nasty in all_files()}


def upload(client, nasty: Nasty) -> str:
    """What the import pages say of a file, as a reader sees them: the upload, its columns, and its preview."""
    sent = {"file": SimpleUploadedFile(nasty.name, nasty.content), "kind": "event reports"}
    answer = client.post(PAGE, sent, follow=True)
    assert answer.status_code == 200
    pages = [answer.content.decode()]
    if answer.redirect_chain:
        columns = {f"column-{header['place']}": header["column"].strip("?") for header in answer.context["headers"]}
        chosen = client.post(answer.request["PATH_INFO"], columns)
        pages.append(chosen.content.decode())
        preview = client.get(answer.request["PATH_INFO"].replace("columns", "preview"), follow=True)
        assert preview.status_code == 200
        pages.append(preview.content.decode())
    return html.unescape("".join(pages))


def test_there_are_at_least_a_hundred_files_each_with_a_name_of_its_own():
    names = [nasty.name for nasty in all_files()]

    assert len(names) == len(set(names)) >= 100


@pytest.mark.parametrize("name", FILES)
def test_a_nasty_file_is_read_or_refused_in_a_sentence(name):
    nasty = FILES[name]
    if nasty.refused:
        with pytest.raises(UnreadableFileError) as refusal:
            read_sheet(nasty.content, known_headers=HEADERS)
        assert nasty.refused in str(refusal.value)
        assert str(refusal.value).endswith(".")
        return

    sheet = read_sheet(nasty.content, known_headers=HEADERS)

    said = " ".join(sheet.notes)
    first = dict(zip(sheet.headers, sheet.rows[0], strict=True))
    assert len(sheet.rows) == len(sheet.numbers) == nasty.rows
    assert [note for note in nasty.notes if note not in said] == []
    assert {header: first[header] for header, _ in nasty.first} == dict(nasty.first)
    assert nasty.encoding in ("", sheet.encoding) and nasty.delimiter in ("", sheet.delimiter)


@pytest.mark.django_db
@pytest.mark.ignore_template_errors
@pytest.mark.parametrize("name", FILES)
def test_the_import_page_explains_itself(editor_client, name):
    nasty = FILES[name]

    page = upload(editor_client, nasty)

    expected = [nasty.refused or nasty.page, *nasty.notes]
    assert [words for words in expected if words not in page] == []
    assert "Traceback" not in page


MEASURED = """
import resource, subprocess, sys
with open(sys.argv[1], "rb") as file:
    subprocess.run([sys.executable, "-s", "-m", "nkwatch.editorial.cells.child", sys.argv[2]], stdin=file,
                   stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


@pytest.mark.parametrize("name", [name for name, nasty in FILES.items() if nasty.heavy])
def test_a_bomb_takes_little_memory_in_the_child_and_in_the_server(name, tmp_path):
    nasty = FILES[name]
    content = nasty.content
    path = tmp_path / nasty.name
    path.write_bytes(content)
    request = json.dumps(asdict(Request(settings.SHEET_LIMITS)))

    # Started by a small process: a child counts what its parent took before it began.
    measured = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path), request], cwd=ROOT, capture_output=True, text=True, check=True
    )
    before = memory_of_this_process()
    try:
        read_sheet(content)
    except UnreadableFileError as refusal:
        assert nasty.refused in str(refusal)

    assert int(measured.stdout) < MOST_MEMORY
    assert memory_of_this_process("VmHWM") - before < MOST_MEMORY


def memory_of_this_process(kind: str = "VmRSS") -> int:
    """Bytes in memory now, after which the peak (VmHWM) counts anew."""
    if kind == "VmRSS":
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(kind))
    return int(line.split()[1]) * 1024


def test_the_files_and_their_manifest_can_be_written_out(tmp_path):
    write(tmp_path)

    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert sorted(manifest) == sorted(FILES)
    assert {path.name for path in tmp_path.iterdir()} == {*FILES, "manifest.json"}
    assert manifest["gb18030.csv"] == {"refused": "GB18030 (Chinese) is not read", "rows": 1}


@pytest.fixture(autouse=True)
def no_uploads_left():
    yield
    _, names = default_storage.listdir("uploads") if default_storage.exists("uploads") else ([], [])
    for name in names:
        default_storage.delete(f"uploads/{name}")
