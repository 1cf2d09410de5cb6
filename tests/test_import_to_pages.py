"""A sheet's whole way: preview, refusal, correction, import, review, publication, pages, and once more."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from missions.models import ClosureEvent, EventCitation, Mission
from nkwatch.editorial.desk import publish_in_order
from nkwatch.editorial.models import ImportBatch, State
from sources.models import Actor, Quote, Source

pytestmark = pytest.mark.django_db

SHEETS = Path(__file__).parent / "sheets"


def run(path: Path, *options: str, capsys) -> dict:
    call_command("import_events", str(path), "--json", *options)
    return json.loads(capsys.readouterr().out)


def corrected(tmp_path: Path) -> Path:
    """The sheet with its two wrong rows mended, as an editor would."""
    text = (SHEETS / "closures.csv").read_text(encoding="utf-8")
    mended = text.replace("Atlantis,", "Angola,").replace("03/04/2018", "2018-04-03")
    path = tmp_path / "closures.csv"
    path.write_text(mended, encoding="utf-8")
    return path


def test_two_wrong_rows_hold_back_the_whole_sheet_and_are_named(capsys):
    with pytest.raises(CommandError) as refusal:
        call_command("import_events", str(SHEETS / "closures.csv"), "--json")
    report = json.loads(capsys.readouterr().out)

    assert refusal.value.returncode == 1
    assert [(e["row"], e["column"], e["value"]) for e in report["errors"]] == [
        (9, "host_country", "Atlantis"),
        (10, "date", "03/04/2018"),
    ]
    assert not Mission.objects.exists() and not Source.objects.exists() and not Actor.objects.exists()


def test_a_corrected_sheet_goes_in_is_reviewed_and_shows_and_goes_in_only_once(tmp_path, capsys, client, reviewer):
    path = corrected(tmp_path)
    preview = run(path, "--dry-run", capsys=capsys)
    assert (preview["new"], preview["cited"], preview["written"]) == (11, 1, False)
    assert not ClosureEvent.objects.exists()

    report = run(path, capsys=capsys)

    assert (report["new"], report["cited"], report["written"]) == (11, 1, True)
    assert {event.state for event in ClosureEvent.objects.all()} == {State.IN_REVIEW}
    assert "Malaysia" not in client.get("/missions/").content.decode()

    in_review = [Actor, Source, Quote, Mission, ClosureEvent, EventCitation]
    waiting = [record for model in in_review for record in model.objects.waiting()]
    assert publish_in_order(waiting, by=reviewer) == []

    shown = client.get("/missions/").content.decode()
    assert all(country in shown for country in ("Malaysia", "Peru", "Portugal", "Jordan", "Mexico"))
    malaysia = Mission.objects.get(host="MY")
    page = client.get(malaysia.get_absolute_url()).content.decode()
    assert "21 March 2021" in page and "Diplomats fly home" in page
    listed = client.get("/api/v1/events/", {"mission": malaysia.label}).json()["results"]
    assert {(event["stage"], event["date"]["edtf"]) for event in listed} == {
        ("announced", "2021-03-19"),
        ("closed", "2021-03-21"),
    }
    closed = malaysia.events.get(stage="closed")
    assert closed.support_sources == 2

    again = run(path, "--user", reviewer.username, capsys=capsys)
    assert (again["new"], again["cited"], again["changed"], again["unchanged"]) == (0, 0, 0, 12)
    assert (again["written"], ImportBatch.objects.count()) == (False, 1)


def test_a_sheet_with_korean_headers_goes_in_and_says_how_it_was_read(capsys):
    report = run(SHEETS / "korean-headers.csv", capsys=capsys)

    assert (report["read"]["encoding"], report["new"]) == ("cp949", 2)
    assert {(e.mission.host_id, e.stage, e.date) for e in ClosureEvent.objects.all()} == {
        ("UG", "opened", "1973"),
        ("MN", "closed", "1999-08"),
    }
    assert Source.objects.get(source_url="https://news.example.org/kr-2").title == "몽골 대사관 폐쇄"
