"""The admin's import wizard: nothing is written before it was seen, and nothing twice."""

import io
import json
import re
from dataclasses import replace

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from missions.admin_import import result
from missions.importing import preview as import_preview
from missions.importing.files import choose
from missions.importing.imports import KINDS, ImportReport, import_sheet
from missions.models import ClosureEvent, EventCitation
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.importing.row_reports import RowProblem, RowReport
from nkwatch.editorial.models import ImportBatch, ProposedChange, SheetShape
from sources.models import Actor, ActorName
from tests.make import make_actor, make_event, make_mission, publish

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

PAGE = "/admin/missions/closureevent/import/"
GOOD = "host_country,event,date,source_url,source_title\nPeru,closed,2017-03,https://example.org/lima,Lima closes\n"
BAD = GOOD + "Atlantis,closed,2017,https://example.org/a,A\n"


@pytest.fixture(autouse=True)
def no_files_of_others():
    """The files of one test process stand in one memory, whichever module ran before."""
    for folder in ("uploads", "previews"):
        _, files = default_storage.listdir(folder) if default_storage.exists(folder) else ([], [])
        for name in files:
            default_storage.delete(f"{folder}/{name}")


def kept_files() -> list[str]:
    return default_storage.listdir("uploads")[1] if default_storage.exists("uploads") else []


def upload(client, text, kind="event reports", name="events.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content), "kind": kind})


def at(batch: ImportBatch, page: str) -> str:
    return f"{PAGE}{batch.pk}/{page}"


def columns(batch: ImportBatch, *names: str, **others) -> dict:
    """What the page of columns sends when each header is taken for the name given."""
    return {f"column-{place}": name for place, name in enumerate(names)} | others


def map_columns(client, batch: ImportBatch, text: str, **others):
    """Say on the page of columns what its guesses say."""
    return client.post(at(batch, "columns/"), columns(batch, *text.splitlines()[0].split(","), **others))


def previewed(client, text, **how) -> ImportBatch:
    """An import that has come to its preview."""
    upload(client, text, **how)
    batch = ImportBatch.objects.latest("pk")
    map_columns(client, batch, text)
    client.get(at(batch, "preview/"))
    batch.refresh_from_db()
    return batch


def confirm(client, batch: ImportBatch, **others):
    return client.post(at(batch, "confirm/"), {"seen": batch.preview, "reason": "a test", **others})


def written(client, text, **others) -> ImportBatch:
    batch = previewed(client, text)
    confirm(client, batch, **others)
    batch.refresh_from_db()
    return batch


def test_an_upload_goes_through_columns_to_the_preview_and_nothing_is_written(editor_client):
    answer = upload(editor_client, GOOD)
    batch = ImportBatch.objects.get()
    assert (answer.status_code, answer.url) == (302, at(batch, "columns/"))
    assert batch.stage == "uploaded" and len(kept_files()) == 1

    shown = editor_client.get(at(batch, "columns/")).content.decode()
    assert shown.count("by name") == 5 and "Lima closes" in shown and "read as utf-8" in shown

    names = map_columns(editor_client, batch, GOOD)
    assert names.url == at(batch, "names/")
    assert editor_client.get(names.url).url == at(batch, "preview/"), "every name is matched: nothing to ask"
    preview = editor_client.get(at(batch, "preview/")).content.decode()
    assert "<strong>1</strong> new" in preview and "Mission of North Korea in Peru: closed" in preview
    assert not ClosureEvent.objects.exists()


def test_what_was_previewed_is_written_once_however_often_it_is_confirmed(editor_client, editor):
    batch = previewed(editor_client, GOOD)

    first = confirm(editor_client, batch)
    again = confirm(editor_client, batch)

    assert (first.url, again.url) == (at(batch, "progress/"), at(batch, "result/"))
    assert editor_client.get(at(batch, "progress/")).url == at(batch, "result/")
    batch.refresh_from_db()
    assert (batch.stage, batch.reason, batch.new) == ("written", "a test", 1)
    event = ClosureEvent.objects.get()
    version = event.history.first()
    assert (event.state, version.history_user, version.door, version.batch) == ("in-review", editor, "import", batch.pk)
    assert "a test" in version.history_change_reason
    result = editor_client.get(at(batch, "result/")).content.decode()
    assert "/admin/missions/eventcitation/" in result or "Mission of North Korea in Peru" in result


def test_pasted_rows_are_taken_like_a_file(editor_client):
    answer = editor_client.post(PAGE, {"pasted": GOOD.replace(",", "\t"), "kind": "event reports"})

    batch = ImportBatch.objects.get()
    assert answer.url == at(batch, "columns/")
    assert "separated by tab" in editor_client.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"file": SimpleUploadedFile("a.csv", b"")}, "The file is empty"),
        ({"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04 broken")}, "damaged"),
        ({"file": SimpleUploadedFile("a.csv", b"only,a,header\n")}, "no rows"),
        ({}, "Choose a file, or paste rows"),
        ({"pasted": "x", "file": SimpleUploadedFile("a.csv", b"a,b\n1,2\n")}, "not both"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field_and_nothing_is_kept(editor_client, sent, said):
    answer = editor_client.post(PAGE, {"kind": "event reports", **sent})

    assert answer.status_code == 200 and said in answer.content.decode()
    assert not ImportBatch.objects.exists() and kept_files() == []


def test_an_unknown_header_has_to_be_decided_and_is_remembered_for_the_next_sheet(editor_client, reviewer_client):
    text = GOOD.replace("source_title", "headline")
    upload(editor_client, text)
    batch = ImportBatch.objects.get()

    refused = map_columns(editor_client, batch, text.replace("headline", "?"))
    assert refused.status_code == 200 and "Choose what this column is" in refused.content.decode()
    assert not SheetShape.objects.exists()

    taken = map_columns(editor_client, batch, GOOD)
    assert taken.url == at(batch, "names/")
    assert SheetShape.objects.get().columns[4] == "source_title"

    upload(reviewer_client, text)
    shown = reviewer_client.get(at(ImportBatch.objects.latest("pk"), "columns/")).content.decode()
    assert shown.count("remembered") == 5 and "Choose…" not in shown


def test_a_missing_or_doubled_column_is_said_beside_its_field(editor_client):
    text = GOOD.replace("event,", "what,")
    upload(editor_client, text)
    batch = ImportBatch.objects.get()

    missing = map_columns(editor_client, batch, text.replace("what,", ",")).content.decode()
    doubled = map_columns(editor_client, batch, GOOD.replace("event,", "date,")).content.decode()

    assert "Every row needs event" in missing and 'id="constant-event-problem"' in missing
    assert "date is chosen for date as well" in doubled


def test_a_constant_fills_a_column_that_the_sheet_lacks(editor_client):
    text = "host_country,date,source_url\nPeru,2017-03,https://example.org/lima\n"
    upload(editor_client, text)
    batch = ImportBatch.objects.get()
    map_columns(editor_client, batch, text, **{"constant-event": "closed", "constant-sending_country": "KP"})
    editor_client.get(at(batch, "preview/"))
    batch.refresh_from_db()

    confirm(editor_client, batch)

    assert ClosureEvent.objects.get().stage == "closed"


def test_a_blank_cell_erases_only_in_a_column_that_was_ticked(editor_client):
    header, row = GOOD.splitlines()
    written(editor_client, f"{header},locator\n{row},p. 1\n")
    blank = f"{header},locator\n{row},\n"
    kept = previewed(editor_client, blank)
    assert import_preview.summary(kept.preview).counts["unchanged"] == 1

    map_columns(editor_client, kept, blank, **{"clear-5": "on"})
    kept.refresh_from_db()
    shown = editor_client.get(at(kept, "preview/")).content.decode()
    assert "<del>p. 1</del>" in shown and "<ins>(empty)</ins>" in shown
    kept.refresh_from_db()
    confirm(editor_client, kept)

    assert EventCitation.objects.get().locator == ""


def test_how_the_file_is_read_can_be_overridden(editor_client):
    text = "국가,사건,날짜,링크\n페루,폐쇄,2017-03,https://example.org/lima\n".encode("cp949")
    upload(editor_client, text)
    batch = ImportBatch.objects.get()

    wrong = editor_client.post(at(batch, "reading/"), {"encoding": "utf-8"})
    right = editor_client.post(at(batch, "reading/"), {"encoding": "cp949", "order": "day-first"})

    assert wrong.status_code == 200 and "cannot be read as utf-8" in wrong.content.decode()
    assert right.url == at(batch, "columns/")
    batch.refresh_from_db()
    assert (batch.options["encoding"], batch.options["order"]) == ("cp949", "day-first")
    assert editor_client.get(right.url).content.decode().count("by alias") == 4


def test_a_bad_row_is_grouped_shown_with_its_cell_and_holds_back_the_whole(editor_client):
    batch = previewed(editor_client, BAD)

    shown = editor_client.get(at(batch, "preview/")).content.decode()
    held_back = confirm(editor_client, batch)

    assert "<strong>1</strong> with errors" in shown and "is not a known country" in shown
    assert 'name="cell-3-host_country" value="Atlantis"' in shown
    assert held_back.status_code == 200 and "choose to import the good rows" in held_back.content.decode()
    assert not ClosureEvent.objects.exists()


def test_an_error_is_mended_in_place(editor_client):
    batch = previewed(editor_client, BAD)

    answer = editor_client.post(at(batch, "mend/?show=error&page=1"), {"cell-3-host_country": "Angola"})
    shown = editor_client.get(answer.url).content.decode()
    batch.refresh_from_db()
    confirm(editor_client, batch)

    assert answer.url == at(batch, "preview/?show=error&page=1")
    assert "1 cell mended here" in shown and "with errors" not in shown
    assert {event.mission.host_id for event in ClosureEvent.objects.all()} == {"PE", "AO"}


def test_the_good_rows_can_be_chosen_and_the_others_taken_home(editor_client):
    batch = written(editor_client, BAD, good_rows="on")

    result = editor_client.get(at(batch, "result/")).content.decode()
    assert ClosureEvent.objects.count() == 1
    assert (batch.stage, batch.refused) == ("written", 1)
    assert "Rows refused" in result and at(batch, "refused.csv") in result


def test_refused_rows_come_back_as_a_sheet_that_can_be_mended_and_uploaded_again(editor_client):
    text = BAD + '=1+1,closed,2017,https://example.org/b,"=HYPERLINK(""x"")"\n'
    batch = previewed(editor_client, text)

    answer = editor_client.get(at(batch, "refused.csv"))
    book = openpyxl.load_workbook(io.BytesIO(editor_client.get(at(batch, "refused.xlsx")).content))

    handed_back = answer.content.decode()
    header, atlantis, formula = handed_back.splitlines()
    assert header == "host_country,event,date,source_url,source_title,error"
    assert atlantis.startswith("Atlantis,closed,2017,") and "is not a known country" in atlantis
    assert formula.startswith("'=1+1,") and "\"'=HYPERLINK" in formula
    cells = [cell.value for row in book["nkwatch"].iter_rows() for cell in row]
    assert "'=1+1" in cells and not any(str(cell).startswith("=") for cell in cells)

    mended = handed_back.replace("Atlantis,", "Angola,").replace("'=1+1,", "Uganda,")
    upload(editor_client, mended)
    again = ImportBatch.objects.latest("pk")
    shown = editor_client.get(at(again, "columns/")).content.decode()
    assert "added by nkwatch" in shown and shown.count("remembered") == 5
    editor_client.post(at(again, "columns/"), columns(again, *header.split(",")[:-1], ""))
    editor_client.get(at(again, "preview/"))
    again.refresh_from_db()
    assert import_preview.summary(again.preview).counts["new"] == 2


def test_a_preview_says_what_each_row_changes(editor_client):
    header, row = GOOD.splitlines()
    written(editor_client, f"{header},locator\n{row},p. 1\n")

    batch = previewed(editor_client, f"{header},locator\n{row},p. 2\n")

    shown = editor_client.get(at(batch, "preview/?show=changed")).content.decode()
    assert "<del>p. 1</del>" in shown and "<ins>p. 2</ins>" in shown


def test_a_kept_preview_tells_what_each_row_was_seen_to_do(editor_client, editor):
    header, row = GOOD.splitlines()
    written(editor_client, f"{header},locator\n{row},p. 1\n")
    text = f"{header},locator\n{row},p. 2\nAtlantis,closed,2017,https://example.org/a,A,\n"

    report = import_sheet(text.encode(), "events.csv", user=editor, door="import", dry_run=True)

    assert [line.outcome for line in report.lines] == ["changed"]
    assert import_preview.reports(import_preview.keep(report)) == report.lines


def test_a_choice_made_in_another_tab_shows_the_new_preview_first(editor_client):
    batch = previewed(editor_client, BAD)
    old = batch.preview
    editor_client.post(at(batch, "mend/"), {"cell-3-host_country": "Angola"})

    answer = editor_client.post(at(batch, "confirm/"), {"seen": old, "reason": "old tab", "good_rows": "on"})

    assert answer.url == at(batch, "preview/") and not ClosureEvent.objects.exists()


def test_a_preview_of_choices_that_were_changed_meanwhile_cannot_be_confirmed(editor_client):
    upload(editor_client, BAD)
    map_columns(editor_client, ImportBatch.objects.get(), BAD)
    slow_tab, other_tab = ImportBatch.objects.get(), ImportBatch.objects.get()
    choose(other_tab, replace(SheetOptions.from_json(other_tab.options), mended={"3": {"host_country": "Angola"}}))

    seen = import_preview.prepare(slow_tab)

    answer = editor_client.post(at(slow_tab, "confirm/"), {"seen": seen, "reason": "slow tab", "good_rows": "on"})
    assert answer.url == at(slow_tab, "preview/") and not ClosureEvent.objects.exists()


def test_choices_made_once_an_import_was_confirmed_change_nothing(editor_client):
    batch = previewed(editor_client, BAD)
    stale = ImportBatch.objects.get()
    confirm(editor_client, batch, good_rows="on")

    choose(stale, replace(SheetOptions.from_json(stale.options), mended={"3": {"host_country": "Angola"}}))

    batch.refresh_from_db()
    assert "mended" not in batch.options and default_storage.exists(batch.preview)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_sheet_goes_through_the_same_pages(editor_client, kind):
    header = ",".join(KINDS[kind].for_export().columns())
    row = ",".join("x" for _ in header.split(","))
    batch = previewed(editor_client, f"{header}\n{row}\n", kind=kind)

    names = editor_client.get(at(batch, "names/?show=all"))
    preview = editor_client.get(at(batch, "preview/"))

    assert (names.status_code, preview.status_code) == (200, 200)
    assert import_preview.summary(batch.preview).counts["all"] == 1


@pytest.mark.parametrize(
    "page", ["columns/", "names/?page=x", "preview/?page=-1&show=nothing", "preview/?page=999999999"]
)
def test_addresses_and_forms_that_make_no_sense_are_answered(editor_client, page):
    batch = previewed(editor_client, BAD)
    nonsense = {
        "column-0": "no such column",
        "clear-99": "on",
        "text-0": "x",
        "choice-0": "typed",
        "number-0": "M-99999999999",
        "cell-x-y": "1",
        "constant-": "x",
    }

    assert editor_client.get(at(batch, page)).status_code in (200, 302)
    for path in ("columns/", "reading/", "names/", "mend/?page=x", "confirm/", "cancel/", "again/", "undo/"):
        assert editor_client.post(at(batch, path), nonsense).status_code in (200, 302)
    assert editor_client.get(at(batch, "refused.exe")).status_code == 404
    assert editor_client.get(f"{PAGE}999999/").status_code == 404


def test_a_confirmation_needs_a_reason(editor_client):
    answer = confirm(editor_client, previewed(editor_client, GOOD), reason=" ")

    assert "Say why these rows are imported" in answer.content.decode() and not ClosureEvent.objects.exists()


def test_an_editor_publishes_nothing_by_asking_and_a_reviewer_by_choosing(
    editor_client, administrator_client, settings
):
    settings.FOUR_EYES = False
    refused = confirm(editor_client, previewed(editor_client, GOOD), publish="on")
    assert refused.status_code == 403 and not ClosureEvent.objects.exists()

    written(administrator_client, GOOD, publish="on")

    assert ClosureEvent.objects.get().state == "published"


def test_an_import_is_its_makers_and_the_reviewers_to_see_and_only_its_makers_to_confirm(
    editor_client, reviewer_client, client_of, django_user_model
):
    batch = previewed(editor_client, GOOD)
    other = django_user_model.objects.create_user("other", is_staff=True)
    other.groups.set(batch.user.groups.all())

    for page in ("", "columns/", "names/", "preview/", "progress/", "progress.json", "result/", "undo/", "refused.csv"):
        assert client_of(other).get(at(batch, page)).status_code == 404
    assert client_of(other).post(at(batch, "confirm/"), {}).status_code == 404
    assert "events.csv" in reviewer_client.get(at(batch, "preview/")).content.decode()
    assert confirm(reviewer_client, batch).status_code == 403
    assert not ClosureEvent.objects.exists()


def test_the_wizard_is_linked_and_for_the_desk_only(editor_client, client):
    assert PAGE in editor_client.get("/admin/missions/closureevent/").content.decode()
    assert client.get(PAGE).status_code == 302


def test_unfinished_imports_are_listed_to_their_maker_and_taken_up(editor_client, reviewer_client):
    batch = previewed(editor_client, GOOD)

    assert at(batch, "") in editor_client.get(PAGE).content.decode()
    assert at(batch, "") not in reviewer_client.get(PAGE).content.decode()
    assert editor_client.get(at(batch, "")).url == at(batch, "preview/")


def test_a_file_that_was_removed_is_said_and_never_a_crash(editor_client):
    batch = previewed(editor_client, GOOD)
    default_storage.delete(batch.upload)
    default_storage.delete(batch.preview)

    for page in ("columns/", "names/", "preview/", "refused.csv"):
        answer = editor_client.get(at(batch, page), follow=True)
        assert answer.status_code == 200 and "no longer kept" in answer.content.decode()


def test_progress_tells_a_script_where_to_go_once_it_is_over(editor_client):
    batch = previewed(editor_client, GOOD)
    ImportBatch.objects.filter(pk=batch.pk).update(stage="running")

    running = editor_client.get(at(batch, "progress/")).content.decode()
    told = editor_client.get(at(batch, "progress.json")).json()
    ImportBatch.objects.filter(pk=batch.pk).update(stage="unchanged")
    over = editor_client.get(at(batch, "progress.json")).json()

    assert "<progress" in running and 'http-equiv="refresh"' in running and "Cancel the import" in running
    assert told["of"] == 1 and "of 1 rows" in told["words"]
    assert over["ended"] == at(batch, "") and "ended" not in told


def test_an_import_that_waits_can_be_cancelled_by_a_reviewer_too(editor_client, reviewer_client):
    batch = previewed(editor_client, GOOD)
    ImportBatch.objects.filter(pk=batch.pk).update(stage="queued")

    answer = reviewer_client.post(at(batch, "cancel/"), follow=True)

    assert "asked to stop" in answer.content.decode()
    batch.refresh_from_db()
    assert batch.stage == "cancelled" and not ClosureEvent.objects.exists()


def test_an_import_that_was_cancelled_can_be_taken_up_again_and_written(editor_client):
    batch = previewed(editor_client, GOOD)
    ImportBatch.objects.filter(pk=batch.pk).update(stage="queued")
    editor_client.post(at(batch, "cancel/"))

    editor_client.post(at(batch, "again/"))
    editor_client.get(at(batch, "preview/"))
    batch.refresh_from_db()
    confirm(editor_client, batch)

    batch.refresh_from_db()
    assert batch.stage == "written" and ClosureEvent.objects.count() == 1


def test_what_readers_would_see_change_stands_beside_the_row(editor_client):
    batch = previewed(editor_client, GOOD)

    shown = editor_client.get(at(batch, "preview/")).content.decode()

    assert "For readers: Peru" in shown and "closed" in shown
    assert not ClosureEvent.objects.exists()


def test_a_row_whose_record_was_changed_after_the_preview_is_refused_with_the_difference(editor_client, editor):
    event = make_event(mission=make_mission(host="PE", city=""), stage="closed", date="2017-03")
    header, row = GOOD.splitlines()
    batch = previewed(editor_client, f"{header},summary\n{row},As the sheet says.\n")
    event.summary = "As somebody wrote meanwhile."
    event.save()

    confirm(editor_client, batch)

    batch.refresh_from_db()
    assert batch.stage == "refused" and "Row 2" in batch.message
    assert "has changed since the preview" in editor_client.get(at(batch, "result/")).content.decode()
    assert not EventCitation.objects.exists()


def test_a_refused_import_says_why_and_can_be_taken_up_again(editor_client):
    batch = previewed(editor_client, GOOD)
    ImportBatch.objects.filter(pk=batch.pk).update(stage="refused", message="Row 2 was new and is unchanged now.")

    result = editor_client.get(at(batch, "result/")).content.decode()
    again = editor_client.post(at(batch, "again/"))

    assert "Row 2 was new and is unchanged now." in result and "Look at the preview again" in result
    assert again.url == at(batch, "preview/")
    confirm(editor_client, ImportBatch.objects.get(pk=batch.pk), seen="")
    batch.refresh_from_db()
    assert batch.stage == "uploaded"


def test_an_import_is_undone_after_it_was_shown_what_that_takes_back(editor_client):
    batch = written(editor_client, GOOD)

    shown = editor_client.get(at(batch, "undo/")).content.decode()
    refused = editor_client.post(at(batch, "undo/"), {"reason": ""}).content.decode()
    assert "removed" in shown and "This is what would happen" in refused and EventCitation.objects.exists()

    done = editor_client.post(at(batch, "undo/"), {"reason": "wrong file"}).content.decode()

    assert "The import was taken back" in done and not EventCitation.objects.exists()
    batch.refresh_from_db()
    assert batch.stage == "undone"
    assert editor_client.get(at(batch, "undo/")).url == at(batch, "result/")


def test_a_name_is_chosen_for_all_its_cells_and_kept_for_review_once_the_import_is_written(editor_client, editor):
    thae = make_actor(kind="person", name="Thae Yong-ho", capacity="former-official", country="KP")
    header, row = GOOD.splitlines()
    text = f"{header},speaker,quote\n{row},Tae Yeong-ho,We are leaving.\n"
    upload(editor_client, text)
    batch = ImportBatch.objects.get()
    names = map_columns(editor_client, batch, text)
    shown = editor_client.get(names.url).content.decode()
    assert f'value="{thae.label}"' in shown and "% alike" in shown

    chosen = {"column-0": "speaker", "text-0": "Tae Yeong-ho", "choice-0": thae.label, "keep-0": "on"}
    answer = editor_client.post(names.url, chosen)
    assert answer.url == at(batch, "preview/")
    editor_client.get(answer.url)
    assert not ActorName.objects.exists(), "a preview writes nothing"
    batch.refresh_from_db()
    confirm(editor_client, batch)

    name = ActorName.objects.get()
    version = name.history.get()
    assert (name.actor, name.name, name.state) == (thae, "Tae Yeong-ho", "in-review")
    assert (version.history_user, version.door, version.batch) == (editor, "import", batch.pk)
    assert Actor.objects.count() == 1, "the speaker is the one chosen, not a new one"
    assert "Tae Yeong-ho" in editor_client.get(at(batch, "result/")).content.decode()


def test_a_name_too_long_to_be_kept_is_chosen_all_the_same(editor_client):
    thae = make_actor(kind="person", name="Thae Yong-ho")
    header, row = GOOD.splitlines()
    long = "Thae Yong-ho, " + "x" * 200
    upload(editor_client, f'{header},speaker,quote\n{row},"{long}",We are leaving.\n')
    batch = ImportBatch.objects.get()
    names = map_columns(editor_client, batch, f"{header},speaker,quote\n")
    assert 'name="keep-0"' not in editor_client.get(names.url).content.decode()

    chosen = {"column-0": "speaker", "text-0": long, "choice-0": "typed", "number-0": thae.label, "keep-0": "on"}
    editor_client.get(editor_client.post(names.url, chosen).url)
    batch.refresh_from_db()
    confirm(editor_client, batch)

    batch.refresh_from_db()
    assert batch.stage == "written"
    assert (Actor.objects.get(), ActorName.objects.count()) == (thae, 0)


def test_a_kept_name_of_a_published_mission_waits_for_approval(editor_client, reviewer):
    mission = make_mission(host="PE", city="Lima")
    publish(mission, by=reviewer)
    mission.refresh_from_db()
    header, row = GOOD.splitlines()
    text = f"{header},mission\n{row},Lima legation\n"
    upload(editor_client, text)
    batch = ImportBatch.objects.get()
    names = map_columns(editor_client, batch, text)
    sent = {"column-0": "mission", "text-0": "Lima legation", "choice-0": "typed", "number-0": mission.label}
    editor_client.post(names.url, {**sent, "keep-0": "on"})
    editor_client.get(at(batch, "preview/"))
    batch.refresh_from_db()

    confirm(editor_client, batch)

    mission.refresh_from_db()
    assert mission.other_names == ""
    assert ProposedChange.objects.get().difference["other_names"]["new"] == "Lima legation"
    assert "Changes proposed" in editor_client.get(at(batch, "result/")).content.decode()


def test_a_number_that_is_none_is_said_beside_its_field_and_nothing_saved(editor_client):
    header, row = GOOD.splitlines()
    text = f"{header},mission\n{row},Lima legation\n"
    upload(editor_client, text)
    batch = ImportBatch.objects.get()
    names = map_columns(editor_client, batch, text)

    sent = {"column-0": "mission", "text-0": "Lima legation", "choice-0": "typed", "number-0": "M-9999"}
    answer = editor_client.post(names.url, sent)

    assert answer.status_code == 200 and "is not the number of a mission on record" in answer.content.decode()
    batch.refresh_from_db()
    assert "names" not in batch.options


def test_pages_of_a_long_preview_take_few_queries_and_do_not_import_again(
    editor_client, editor, django_assert_max_num_queries
):
    report = ImportReport(file="long.csv", how_read={}, rows=20_000)
    report.lines = [RowReport(row, "unchanged" if row % 2 else "new", f"record {row}") for row in range(2, 20_002)]
    wrong = range(2, 20_002, 5)
    report.errors = [RowProblem("long.csv", row, "date", str(row), f"“{row}” is no date") for row in wrong]
    batch = ImportBatch.objects.create(
        file="long.csv",
        door="import",
        user=editor,
        stage="uploaded",
        kind="event reports",
        options={"kind": "event reports", "columns": ["date"]},
        preview=import_preview.keep(report),
        rows_read=report.rows,
    )

    # The session, the user, their permissions (own and by group), the import, and three times whether
    # the user is an administrator, for the admin's frame: whatever the page.
    with django_assert_max_num_queries(8):
        shown = editor_client.get(at(batch, "preview/?show=all&page=400")).content.decode()

    assert "record 20001" in shown and "Page 400 of 400" in shown
    assert "<strong>4000</strong> with errors" in shown
    errors = import_preview.page(batch.preview, "error", 80)
    assert [line.row for line in errors.lines] == list(wrong)[-50:]
    [group] = import_preview.summary(batch.preview).groups
    assert (group.count, group.rows[:3]) == (4000, [2, 7, 12])


def test_a_batch_in_the_admin_leads_to_its_pages(editor_client):
    batch = written(editor_client, GOOD)

    assert at(batch, "") in editor_client.get("/admin/editorial/importbatch/").content.decode()
    assert at(batch, "") in editor_client.get(f"/admin/editorial/importbatch/{batch.pk}/change/").content.decode()


def test_uploads_have_names_that_nobody_guesses_and_no_address(editor_client):
    batch = previewed(editor_client, GOOD)

    assert re.fullmatch(r"uploads/[0-9a-f]{32}", batch.upload)
    for name in (batch.upload, batch.preview):
        assert editor_client.get(f"/media/{name}").status_code == 404
    assert json.loads(default_storage.open(batch.preview).readline())["counts"]["new"] == 1


@pytest.mark.parametrize(
    ("page", "sent"),
    [
        ("columns/", {"constant-city": "a\x00b"}),
        ("mend/?show=error", {"cell-3-host_country": "Pe\x00ru"}),
        ("confirm/", {"reason": "a\x00b", "good_rows": "on"}),
    ],
)
def test_a_null_character_is_refused_before_a_database_would(editor_client, page, sent):
    batch = previewed(editor_client, BAD)

    answer = editor_client.post(at(batch, page), columns(batch, *GOOD.splitlines()[0].split(",")) | sent)

    assert answer.status_code == 400


def test_an_import_taken_up_twice_at_once_is_not_taken_from_under_way(editor_client, editor, rf):
    batch = previewed(editor_client, GOOD)
    ImportBatch.objects.filter(pk=batch.pk).update(stage="refused")
    given_up = ImportBatch.objects.get(pk=batch.pk)
    ImportBatch.objects.filter(pk=batch.pk).update(stage="running")
    request = rf.post(at(batch, "again/"))
    request.user = editor

    result.again.__wrapped__(request, given_up)

    batch.refresh_from_db()
    assert batch.stage == "running" and default_storage.exists(batch.preview)


def test_each_version_names_its_file_however_long_that_is_called(editor_client):
    name = "a report " * 26 + ".csv"
    batch = previewed(editor_client, GOOD, name=name)
    confirm(editor_client, batch)

    batch.refresh_from_db()
    assert batch.stage == "written" and batch.file == name
    [told] = ClosureEvent.history.values_list("batch_row", flat=True)
    assert told.endswith("report .csv, row 2") and len(told) <= 200
