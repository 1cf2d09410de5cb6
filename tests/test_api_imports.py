"""Sheets through the API: upload, choices, preview, confirmation, undo, by the wizard's rules (pages.md, B3)."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from missions.models import ClosureEvent
from nkwatch.editorial.models import ImportBatch
from tests.api_client import Program, ask, errors
from tests.test_import_page import BAD, GOOD, no_files_of_others

pytestmark = pytest.mark.django_db

__all__ = ["no_files_of_others"]


@pytest.fixture
def program(editor: User) -> Program:
    return Program(editor)


def uploaded(program: Program, text: str) -> tuple[str, dict[str, Any]]:
    told = ask(program.post("imports/", {"rows": text}), 201)
    return f"imports/{told['id']}/", told


def test_a_sheet_is_looked_at_written_and_taken_back(program: Program, editor: User):
    place, told = uploaded(program, GOOD)
    assert (told["stage"], told["rows"], told["token"], told["user"]) == ("uploaded", 1, "monitor", "editor")
    refused = program.post(f"{place}confirm/", {"reason": "found"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "refused")
    seen = ask(program.get(f"{place}preview/"), 200)
    assert (seen["counts"]["new"], seen["rows"][0]["row"], seen["rows"][0]["outcome"]) == (1, 2, "new")
    assert not ClosureEvent.objects.exists()
    assert errors(program.post(f"{place}confirm/")) == {"reason": "This field is required."}
    done = ask(program.post(f"{place}confirm/", {"reason": "found"}), 200)
    assert (done["stage"], done["new"], done["progress"]["done"]) == ("written", 1, 1)
    event = ClosureEvent.objects.get()
    version = event.history.earliest()
    assert (version.door, version.history_user, version.batch) == ("api", editor, told["id"])
    assert "by token “monitor”" in version.history_change_reason
    assert program.post(f"{place}confirm/", {"reason": "found"}).status_code == 409
    assert program.get(f"{place}preview/").status_code == 409
    assert ask(program.post(f"{place}undo/", {"reason": "wrong file"}), 200)["stage"] == "undone"
    assert not ClosureEvent.objects.exists()
    assert program.post(f"{place}undo/", {"reason": "wrong file"}).status_code == 409


def test_a_file_is_taken_as_the_wizard_takes_it(program: Program):
    file = SimpleUploadedFile("events.csv", GOOD.encode("utf-16"))
    answer = program.client.post("/api/v1/imports/", {"file": file}, headers=program.headers)
    told = ask(answer, 201)
    assert (told["file"], told["kind"], told["rows"]) == ("events.csv", "event reports", 1)
    assert answer["Location"] == told["url"]
    assert [row["id"] for row in program.get("imports/").json()["results"]] == [told["id"]]
    both = {"file": SimpleUploadedFile("events.csv", GOOD.encode()), "rows": GOOD}
    refused = program.client.post("/api/v1/imports/", both, headers=program.headers)
    assert (refused.status_code, list(errors(refused))) == (400, ["rows"])


def test_errors_hold_the_whole_back_until_they_are_mended_or_left(program: Program):
    place, _ = uploaded(program, BAD)
    seen = ask(program.get(f"{place}preview/?show=error"), 200)
    assert (seen["counts"]["error"], seen["rows"][0]["problems"][0]["column"]) == (1, "host_country")
    assert "errors" in errors(program.post(f"{place}confirm/", {"reason": "found"}))[None]
    ask(program.patch(place, {"mended": {"3": {"host_country": "Uganda"}}}), 200)
    assert program.post(f"{place}confirm/", {"reason": "found"}).status_code == 409
    assert ask(program.get(f"{place}preview/"), 200)["counts"]["error"] == 0
    assert ask(program.post(f"{place}confirm/", {"reason": "found"}), 200)["new"] == 2


def test_what_readers_have_seen_is_taken_back_by_no_token(reviewer: User, settings: Any):
    settings.FOUR_EYES = False
    program = Program(reviewer, "publish")
    place, _ = uploaded(program, GOOD)
    ask(program.get(f"{place}preview/"), 200)
    assert Program(reviewer, name="less").post(f"{place}confirm/", {"reason": "a", "publish": True}).status_code == 403
    ask(program.post(f"{place}confirm/", {"reason": "found", "publish": True}), 200)
    assert ClosureEvent.objects.public().count() == 1
    assert "by no token" in errors(program.post(f"{place}undo/", {"reason": "wrong"}))[None]
    assert ImportBatch.objects.get().stage == "written"


def test_an_import_is_its_importers(program: Program, reviewer: User):
    place, _ = uploaded(program, GOOD)
    other = Program(reviewer)
    assert other.get(place).status_code == 200
    assert other.post(f"{place}confirm/", {"reason": "a"}).status_code == 403
    assert other.patch(place, {"order": "day-first"}).status_code == 403
    colleague = Program(User.objects.create_user("colleague", is_staff=True))
    assert colleague.get(place).status_code == 403
    assert Program().get(place).status_code == 401
    assert Program(reviewer, "read", "reads").post("imports/", {"rows": GOOD}).status_code == 403
    assert ask(program.post(f"{place}cancel/"), 200)["stage"] == "cancelled"


@pytest.mark.parametrize(
    ("data", "attr"),
    [
        ({}, "rows"),
        ({"rows": ""}, "rows"),
        ({"rows": "\x00"}, "rows"),
        ({"rows": GOOD, "kind": "castles"}, "kind"),
        ({"rows": GOOD, "colour": "red"}, "colour"),
        ({"rows": GOOD, "file": "text"}, "file"),
        ([], "non_field_errors"),
    ],
)
def test_what_is_no_sheet_is_said(program: Program, data: Any, attr: str):
    answer = program.post("imports/", data)
    assert (answer.status_code, list(errors(answer))) == (400, [attr])
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    "options",
    [
        {"columns": ["a"]},
        {"columns": [""] * 5},
        {"header_row": 99},
        {"encoding": "klingon"},
        {"constants": {"nothing": "x"}},
        {"names": {"host_country": {"Peru": "XX"}}},
        {"mended": {"x": {"y": "z"}}},
        {"clear": ["nothing"]},
        {"set_aside": ["nothing"]},
        {"sheet": "Second"},
        {"delimiter": ";"},
        {"order": "day-first"},
    ],
)
def test_no_choice_is_an_error_of_ours(program: Program, options: dict[str, Any]):
    place, _ = uploaded(program, GOOD)
    assert program.patch(place, options).status_code in (200, 400)
    assert program.get(f"{place}preview/").status_code in (200, 409)
    for query in ("show=no", "page=0", "page=x", "page=²", "colour=red"):
        assert program.get(f"{place}preview/?{query}").status_code == 400
    assert program.patch(place, {"mended": []}).status_code == 400
    assert program.get("imports/99999999999999999999999/").status_code == 404
