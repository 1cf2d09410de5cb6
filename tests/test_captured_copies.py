"""Captured copies of sources: attached by editors, known by their content, private, never lost (domain.md, rule 7)."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from missions.importing.imports import import_sheet
from nkwatch.editorial.importing.undo import undo
from nkwatch.editorial.models import ImportBatch
from sources.models import CapturedCopy, Source
from tests.make import make_source, publish

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

ADD = "admin:sources_capturedcopy_add"
PAGE = (
    "<!-- saved from url=(0042)https://example.org/spain -->\n<!DOCTYPE html><html><head><meta charset='utf-8'>"
    "<title>Not read</title><style>p {color: red}</style></head><body><h1>Embassy in Madrid</h1>"
    "<p>The embassy <b>will close</b> &amp; move.</p><script>alert(1)</script><p>대사관을 폐쇄한다.</p></body></html>"
)
FILES = {
    "application/pdf": b"%PDF-1.7\n1 0 obj",
    "image/png": b"\x89PNG\r\n\x1a\n" + b"\0" * 20,
    "image/jpeg": b"\xff\xd8\xff\xe0" + b"\0" * 20,
    "image/webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "text/html": PAGE.encode(),
}


def attach(client: Client, source: Source, content: bytes, name: str = "report.pdf", **data: Any) -> Any:
    file = SimpleUploadedFile(name, content)
    data = {"source": source.pk, "file": file, "captured_on": "2023-11-02", "text": "", **data}
    return client.post(reverse(ADD), data)


def refused(response: Any) -> str:
    """What the page says was wrong."""
    assert response.status_code == 200
    return " ".join(message for messages in response.context["adminform"].form.errors.values() for message in messages)


def download(client: Client, copy: CapturedCopy) -> Any:
    return client.get(copy.get_download_url())


@pytest.mark.parametrize("media_type", FILES)
def test_a_copy_is_attached_from_the_page_of_its_source(editor: User, editor_client: Client, media_type: str) -> None:
    source = make_source()
    page = editor_client.get(reverse("admin:sources_source_change", args=[source.pk])).content.decode()
    link = f"{reverse(ADD)}?source={source.pk}"
    assert f'href="{link}"' in page
    assert editor_client.get(link).context["adminform"].form.initial["source"] == str(source.pk)

    # By its content, whatever the name says.
    assert attach(editor_client, source, FILES[media_type], "misleading.exe").status_code == 302

    copy = CapturedCopy.objects.get()
    assert (copy.media_type, copy.size, copy.original_name) == (media_type, len(FILES[media_type]), "misleading.exe")
    assert (copy.added_by, str(copy.captured_on), len(copy.sha256)) == (editor, "2023-11-02", 64)
    version = copy.history.get()
    assert (version.history_user, version.door, version.sha256) == (editor, "admin", copy.sha256)
    page = editor_client.get(reverse("admin:sources_source_change", args=[source.pk])).content.decode()
    assert f'href="{copy.get_download_url()}"' in page


def test_the_words_of_a_web_page_are_read_and_those_typed_are_kept(editor_client: Client) -> None:
    source = make_source()
    attach(editor_client, source, PAGE.encode(), "saved.html")
    attach(editor_client, source, PAGE.replace("utf-8", "euc-kr").encode("euc-kr"), "euc.html")
    attach(editor_client, source, PAGE.encode("utf-16"), "utf-16.html")
    attach(editor_client, source, PAGE.encode() + b" ", "again.html", text="Typed.")

    words = "Embassy in Madrid\nThe embassy will close & move.\n대사관을 폐쇄한다."
    assert list(CapturedCopy.objects.order_by("pk").values_list("text", flat=True)) == [words, words, words, "Typed."]


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\0 a program",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"Plain words.",
        b"PK\x03\x04 an archive",
        b"<html>\0\0\0",
    ],
)
def test_other_files_are_refused_in_words_and_nothing_typed_is_lost(editor_client: Client, content: bytes) -> None:
    response = attach(editor_client, make_source(), content, "report.pdf", text="Words typed.")

    assert "This is no PDF, HTML, PNG, JPEG or WebP, whatever its name says" in refused(response)
    assert "Words typed." in response.content.decode()
    assert not CapturedCopy.objects.exists()


def test_an_empty_file_is_refused(editor_client: Client) -> None:
    assert "empty" in refused(attach(editor_client, make_source(), b""))


def test_a_file_that_is_too_large_is_refused_with_the_limit(editor_client: Client, settings: Any) -> None:
    settings.CAPTURED_COPY_LIMITS = settings.CAPTURED_COPY_LIMITS | {"bytes": 1_000_000}

    said = refused(attach(editor_client, make_source(), b"%PDF-1.7" + b"x" * 1_200_000))

    assert "The file has 1.2 MB; at most 1.0 MB are kept." in said


def test_the_same_file_is_kept_once_for_a_source(editor_client: Client) -> None:
    source = make_source()
    attach(editor_client, source, FILES["image/png"], "first.png")

    said = refused(attach(editor_client, source, FILES["image/png"], "renamed.png"))
    attach(editor_client, make_source(title="Another"), FILES["image/png"])

    assert "This very file is kept for this source already" in said
    assert CapturedCopy.objects.filter(source=source).count() == 1
    assert CapturedCopy.objects.count() == 2


def test_a_source_has_no_more_copies_than_the_limit(editor_client: Client, settings: Any) -> None:
    settings.CAPTURED_COPY_LIMITS = settings.CAPTURED_COPY_LIMITS | {"of_one_source": 1}
    source = make_source()
    attach(editor_client, source, b"%PDF-1.7 one")

    assert "1 copies of this source are kept already" in refused(attach(editor_client, source, b"%PDF-1.7 two"))


def test_a_download_is_never_opened_by_the_browser(editor_client: Client) -> None:
    attach(editor_client, make_source(), PAGE.encode(), 'a "page";\r\n.pdf')

    response = download(editor_client, CapturedCopy.objects.get())

    assert b"".join(response.streaming_content) == PAGE.encode()
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment; ")
    assert response["Content-Disposition"].endswith('.html"')
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in response["Cache-Control"]


def test_copies_are_for_the_desk_only(client: Client, editor_client: Client, client_of: Any) -> None:
    source = make_source()
    publish(source)
    attach(editor_client, source, PAGE.encode(), "secret-name.html", text="The private words.")
    copy = CapturedCopy.objects.get()

    assert download(client, copy).status_code == 302
    assert download(client, copy)["Location"].startswith(reverse("admin:login"))
    outsider = client_of(User.objects.create_user("outsider", is_staff=True))
    assert download(outsider, copy).status_code == 403
    label = source.label
    for address in (
        source.get_absolute_url(),
        "/sources.csv",
        "/sources.json",
        "/api/v1/sources/",
        f"/api/v1/sources/{label}/",
        f"/private/{copy.file.name}",
        f"/media/{copy.file.name}",
        f"/{copy.file.name}",
    ):
        response = client.get(address)
        shown = b"".join(response) if response.streaming else response.content
        assert not any(word in shown.decode() for word in ("private words", "secret-name", copy.sha256)), address


def test_files_are_kept_apart_from_uploads_and_under_names_that_say_nothing(editor_client: Client) -> None:
    attach(editor_client, make_source(), FILES["application/pdf"], "madrid.pdf")

    name = CapturedCopy.objects.get().file.name

    assert "madrid" not in name
    assert storages["private"].exists(name)
    assert not default_storage.exists(name)


def test_words_and_day_are_mended_and_the_file_stays(editor_client: Client) -> None:
    attach(editor_client, make_source(), FILES["application/pdf"])
    copy = CapturedCopy.objects.get()
    page = reverse("admin:sources_capturedcopy_change", args=[copy.pk])
    other = SimpleUploadedFile("other.pdf", b"%PDF-1.7 other")

    assert editor_client.post(page, {"captured_on": "2023-11-03", "text": "Read.", "file": other}).status_code == 302

    changed = CapturedCopy.objects.get()
    assert (str(changed.captured_on), changed.text) == ("2023-11-03", "Read.")
    assert (changed.sha256, changed.file.name) == (copy.sha256, copy.file.name)
    assert [str(version.captured_on) for version in copy.history.all()] == ["2023-11-03", "2023-11-02"]


def test_only_administrators_remove_a_copy_and_its_version_stays(
    editor_client: Client,
    reviewer_client: Client,
    administrator_client: Client,
    django_capture_on_commit_callbacks: Any,
) -> None:
    attach(editor_client, make_source(), FILES["application/pdf"])
    copy = CapturedCopy.objects.get()
    page = reverse("admin:sources_capturedcopy_delete", args=[copy.pk])
    for client in (editor_client, reviewer_client):
        assert client.post(page, {"post": "yes"}).status_code == 403
    assert storages["private"].exists(copy.file.name)

    with django_capture_on_commit_callbacks(execute=True):
        assert administrator_client.post(page, {"post": "yes"}).status_code == 302

    assert not storages["private"].exists(copy.file.name)
    last = CapturedCopy.history.first()
    assert (last.history_type, last.history_user.username, last.sha256) == ("-", "administrator", copy.sha256)


def test_a_source_with_a_copy_is_not_deleted(editor_client: Client) -> None:
    source = make_source()
    attach(editor_client, source, FILES["application/pdf"])

    page = editor_client.post(reverse("admin:sources_source_delete", args=[source.pk]), {"post": "yes"})

    assert "these records cite or use it" in page.content.decode()
    assert Source.objects.filter(pk=source.pk).exists()


def test_undoing_an_import_leaves_a_source_with_a_copy_alone(editor_client: Client) -> None:
    sheet = b"host_country,event,date,source_url,source_title\nPeru,closed,2017-03,https://example.org/lima,Lima closes"
    report = import_sheet(sheet, "events.csv", door="import")
    source = Source.objects.get()
    attach(editor_client, source, FILES["application/pdf"])

    done = undo(ImportBatch.objects.get(pk=report.batch))

    assert [(record, why) for record, why in done.left_alone if record == source] == [
        (source, f"captured copy {CapturedCopy.objects.get().pk} uses it")
    ]
    assert Source.objects.filter(pk=source.pk).exists()
