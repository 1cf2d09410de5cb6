"""The admin's import page: nothing is written before it was seen, and nothing twice."""

import re

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from missions.models import ClosureEvent
from nkwatch.editorial.models import ImportBatch

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

PAGE = "/admin/missions/closureevent/import/"
GOOD = "host_country,event,date,source_url,source_title\nPeru,closed,2017-03,https://example.org/lima,Lima closes\n"
BAD = GOOD + "Atlantis,closed,2017,https://example.org/a,A\n"


def upload(client, text, **options):
    file = SimpleUploadedFile("events.csv", text.encode())
    return client.post(PAGE, {"file": file, "kind": "event reports", **options})


def token(answer) -> str:
    found = re.search(r'name="confirm" value="([^"]+)"', answer.content.decode())
    return found[1] if found else ""


def test_an_upload_is_previewed_and_nothing_written(editor_client):
    answer = upload(editor_client, GOOD)

    assert "<strong>1</strong> new" in answer.content.decode()
    assert not ClosureEvent.objects.exists() and not ImportBatch.objects.exists()


def test_what_was_previewed_is_written_once_confirmed(editor_client, editor):
    confirm = token(upload(editor_client, GOOD))

    first = editor_client.post(PAGE, {"confirm": confirm})
    again = editor_client.post(PAGE, {"confirm": confirm}, follow=True)

    batch = ImportBatch.objects.get()
    assert (first.status_code, first.url) == (302, f"/admin/editorial/importbatch/{batch.pk}/change/")
    assert "confirmed already" in again.content.decode()
    event = ClosureEvent.objects.get()
    assert (event.state, event.history.first().history_user, event.history.first().door) == (
        "in-review",
        editor,
        "import",
    )


def test_a_bad_row_is_shown_with_its_cell_and_cannot_be_confirmed(editor_client):
    answer = upload(editor_client, BAD)

    text = answer.content.decode()
    assert "Atlantis" in text and "host_country" in text and token(answer) == ""


def test_the_good_rows_can_be_chosen(editor_client):
    editor_client.post(PAGE, {"confirm": token(upload(editor_client, BAD, good_rows="on"))})

    assert ClosureEvent.objects.count() == 1


def test_a_header_that_is_off_is_said_beside_the_file(editor_client):
    answer = upload(editor_client, GOOD.replace("source_title", "headline"))

    assert "unknown column headline" in answer.content.decode()


def test_another_user_cannot_confirm(editor_client, reviewer_client):
    confirm = token(upload(editor_client, GOOD))

    reviewer_client.post(PAGE, {"confirm": confirm})
    reviewer_client.post(PAGE, {"confirm": confirm + "x"})

    assert not ClosureEvent.objects.exists()


def test_an_editor_publishes_nothing_by_asking(editor_client):
    editor_client.post(PAGE, {"confirm": token(upload(editor_client, GOOD)), "publish": "on"})

    assert ClosureEvent.objects.get().state == "in-review"


def test_the_page_is_linked_and_for_the_desk_only(editor_client, client):
    assert PAGE in editor_client.get("/admin/missions/closureevent/").content.decode()
    assert client.get(PAGE).status_code == 302


def test_a_preview_says_what_each_row_makes_and_what_it_changes(editor_client):
    header, row = GOOD.splitlines()
    editor_client.post(PAGE, {"confirm": token(upload(editor_client, f"{header},locator\n{row},p. 1\n"))})

    answer = upload(editor_client, f"{header},locator\n{row},p. 2\n").content.decode()

    assert "<strong>1</strong> changed" in answer
    assert "Mission of North Korea in Peru: closed" in answer
    assert "locator: p. 1 → p. 2" in answer


@pytest.fixture(autouse=True)
def no_uploads_left():
    yield
    _, files = default_storage.listdir("uploads") if default_storage.exists("uploads") else ([], [])
    for name in files:
        default_storage.delete(f"uploads/{name}")
