"""The event sheet, from a file's bytes to the pages (event-sheet.md)."""

import io
import itertools
import json

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from missions.models import ClosureEvent, EventCitation, Mission
from nkwatch.editorial.models import ImportBatch, ProposedChange
from sources.models import Quote, Source
from tests.make import cite, make_event, make_mission, make_source, publish

pytestmark = pytest.mark.django_db

HEADER = "host_country,event,date,source_url,source_title,summary,quote,speaker"
ROWS = [
    "Peru,closed,2017-03,https://example.org/lima,Embassy in Lima closes,The embassy in Lima closed.,,",
    "Kuwait,farewell visit,27 Oct 2017,https://example.org/kuwait,Ambassador leaves Kuwait,,,",
    "Mexico,announced,October 2017,https://example.org/mexico,Mexico expels envoy,,We will leave,Kim Hyong Gil",
    "Italy,withdrawn,2017.10.01,https://example.org/rome,Rome expels ambassador,,,",
]


def sheet(tmp_path, *rows, header=HEADER, name="events.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes("\n".join([header, *rows]).encode(encoding))
    return path


def run(path, *options, capsys) -> dict:
    call_command("import_events", str(path), "--json", *options)
    return json.loads(capsys.readouterr().out)


def refused(path, *options) -> CommandError:
    with pytest.raises(CommandError) as refusal:
        call_command("import_events", str(path), *options)
    return refusal.value


def test_rows_become_events_in_review_with_their_sources_and_quotes(tmp_path, capsys):
    report = run(sheet(tmp_path, *ROWS), capsys=capsys)

    assert (report["rows"], report["new"], report["written"]) == (4, 4, True)
    assert report["read"] == {"encoding": "utf-8", "delimiter": "comma", "sheet": "", "header_row": 1}
    assert {(e.mission.host_id, e.stage, e.date, e.state) for e in ClosureEvent.objects.all()} == {
        ("PE", "closed", "2017-03", "in-review"),
        ("KW", "farewell", "2017-10-27", "in-review"),
        ("MX", "announced", "2017-10", "in-review"),
        ("IT", "closed", "2017-10-01", "in-review"),
    }
    quote = Quote.objects.get()
    assert (quote.speaker.name, quote.events.get().mission.host_id) == ("Kim Hyong Gil", "MX")
    assert quote.citations.get().source.title == "Mexico expels envoy"
    version = ClosureEvent.objects.get(mission__host="PE").history.first()
    assert (version.batch, version.door) == (report["batch"], "command")


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path, capsys):
    path = sheet(tmp_path, *ROWS)

    would = run(path, "--dry-run", capsys=capsys)

    assert (would["new"], would["written"], would["batch"]) == (4, False, None)
    assert not ClosureEvent.objects.exists() and not Source.objects.exists() and not ImportBatch.objects.exists()


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_the_same_sheet_again_changes_nothing_whatever_the_order_of_its_rows(tmp_path, capsys, order):
    run(sheet(tmp_path, *ROWS), capsys=capsys)

    again = run(sheet(tmp_path, *(ROWS[place] for place in order)), capsys=capsys)

    assert (again["new"], again["cited"], again["changed"], again["unchanged"]) == (0, 0, 0, 4)
    assert (again["written"], ImportBatch.objects.count()) == (False, 1)


def test_two_sources_for_one_event_are_one_event_with_two_citations(tmp_path, capsys):
    other = "Peru,closure,2017-03-15,https://example.com/peru,Pyongyang's envoys gone,,,"

    report = run(sheet(tmp_path, ROWS[0], other), capsys=capsys)

    assert (report["new"], report["cited"]) == (1, 1)
    assert ClosureEvent.objects.get().date == "2017-03-15"
    assert EventCitation.objects.count() == 2


def test_one_bad_row_leaves_nothing_and_is_named(tmp_path, capsys):
    bad = ["Atlantis,closed,2017,https://example.org/a,A,,,", "Peru,closed,03/04/2017,https://example.org/b,B,,,"]

    error = refused(sheet(tmp_path, ROWS[1], *bad), "--json")
    report = json.loads(capsys.readouterr().out)

    assert error.returncode == 1
    assert [(e["row"], e["column"], e["value"]) for e in report["errors"]] == [
        (3, "host_country", "Atlantis"),
        (4, "date", "03/04/2017"),
    ]
    assert "2017-04-03 or 2017-03-04" in report["errors"][1]["message"]
    assert not ClosureEvent.objects.exists()


def test_good_rows_are_written_when_asked(tmp_path, capsys):
    report = run(
        sheet(tmp_path, ROWS[1], "Atlantis,closed,2017,https://example.org/a,A,,,"), "--good-rows", capsys=capsys
    )

    assert (report["written"], len(report["errors"])) == (True, 1)
    assert ClosureEvent.objects.get().mission.host_id == "KW"


@pytest.mark.parametrize(("option", "date"), [("--day-first", "2017-04-03"), ("--month-first", "2017-03-04")])
def test_an_importer_may_say_which_part_of_a_date_comes_first(tmp_path, capsys, option, date):
    run(sheet(tmp_path, "Peru,closed,03/04/2017,https://example.org/b,B,,,"), option, capsys=capsys)

    assert ClosureEvent.objects.get().date == date


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("Congo,closed,2017,https://example.org/a,A,,,", "host_country", "DR Congo or Republic of the Congo"),
        ("Korea,closed,2017,https://example.org/a,A,,,", "host_country", "ambiguous"),
        ("Peru,vanished,2017,https://example.org/a,A,,,", "event", "one of opened"),
        ("Peru,closed,,https://example.org/a,A,,,", "date", "write unknown"),
        ("Peru,closed,c. 2017,https://example.org/a,A,,,", "date", "2017~"),
        ("Peru,closed,3/4/17,https://example.org/a,A,,,", "date", "two digits"),
        ("Peru,closed,43000,https://example.org/a,A,,,", "date", "serial number"),
        ("Peru,closed,1940,https://example.org/a,A,,,", "date", "before 1945"),
        ("Peru,closed,2017,javascript:alert(1),A,,,", "source_url", "http"),
        ("Peru,closed,2017,,,,,", "source_url", "source_title"),
        ("Peru,closed,2017,https://example.org/a,A,,,Kim", "speaker", "lost"),
        ("North Korea,closed,2017,https://example.org/a,A,,,", "host_country", "another country"),
    ],
)
def test_what_cannot_be_taken_is_named_with_what_would_be(tmp_path, capsys, row, column, words):
    refused(sheet(tmp_path, row), "--json")
    report = json.loads(capsys.readouterr().out)

    assert [problem["column"] for problem in report["errors"]] == [column]
    assert words in report["errors"][0]["message"]
    assert not Mission.objects.exists() and not Source.objects.exists()


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("host_country,event,date,source_url,reliability", "unknown column reliability"),
        ("host_country,event,source_url", "missing column date"),
        ("host,country,event,date,url", "doubled column host_country"),
        ("host_country,event,date", "source_url or source_title"),
    ],
)
def test_a_header_that_is_off_refuses_the_file_in_one_sentence(tmp_path, header, words):
    error = refused(sheet(tmp_path, ",".join("x" for _ in header.split(",")), header=header))

    assert error.returncode == 2
    assert words in str(error)


def test_an_unknown_column_can_be_set_aside(tmp_path, capsys):
    path = sheet(tmp_path, "Peru,closed,2017,https://example.org/a,high", header="host,event,date,url,reliability")

    assert run(path, "--set-aside", "reliability", capsys=capsys)["new"] == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_korean_headers_in_any_usual_encoding_and_delimiter(tmp_path, capsys, encoding, mark):
    header = mark.join(["국가", "사건", "날짜", "링크", "제목", "요약"])
    row = mark.join(["페루", "폐쇄", "2017년 3월", "https://example.org/a", "리마 대사관 폐쇄", "대사관이 문을 닫았다"])

    report = run(sheet(tmp_path, row, header=header, encoding=encoding), capsys=capsys)

    assert report["new"] == 1
    event = ClosureEvent.objects.get()
    assert (event.mission.host_id, event.stage, event.date, event.summary) == (
        "PE",
        "closed",
        "2017-03",
        "대사관이 문을 닫았다",
    )


def test_a_workbook_with_dates_as_dates(tmp_path, capsys):
    import datetime

    workbook = openpyxl.Workbook()
    workbook.active.append(["Host Country", "EVENT", "date", "url"])
    workbook.active.append(["Peru", "closed", datetime.date(2017, 3, 15), "https://example.org/a"])
    workbook.create_sheet("notes")
    content = io.BytesIO()
    workbook.save(content)
    path = tmp_path / "events.xlsx"
    path.write_bytes(content.getvalue())

    report = run(path, capsys=capsys)

    assert (report["new"], report["read"]["sheet"]) == (1, "Sheet")
    assert ClosureEvent.objects.get().date == "2017-03-15"


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0old", b'host,event\n"open', b"host,event,date,url"]
)
def test_a_file_that_is_no_sheet_is_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "events.csv"
    path.write_bytes(content)

    error = refused(path)

    assert error.returncode == 2
    assert str(error).count("\n") == 0


def test_a_change_to_a_published_record_waits_as_a_proposal(tmp_path, capsys, editor):
    event = make_event(mission=make_mission(host="PE", city=""), stage="closed", date="2017-03")
    source = make_source(title="Embassy in Lima closes", source_url="https://example.org/lima", issued="2017-03")
    cite(event, source)
    publish(event)
    row = "Peru,closed,2017-03,https://example.org/lima,,A summary at last.,,"

    first = run(sheet(tmp_path, row), "--user", editor.username, capsys=capsys)
    second = run(sheet(tmp_path, row), "--user", editor.username, capsys=capsys)

    event.refresh_from_db()
    assert event.summary == ""
    change = ProposedChange.objects.get()
    assert (change.author, change.difference["summary"]["new"]) == (editor, "A summary at last.")
    assert (first["written"], second["written"]) == (True, False)


def test_a_new_citation_of_a_published_event_waits_in_review(tmp_path, capsys):
    event = make_event(mission=make_mission(host="PE", city=""), stage="closed", date="2017-03")
    cite(event, make_source(issued=""))
    publish(event)

    report = run(sheet(tmp_path, ROWS[0].replace("The embassy in Lima closed.", "")), capsys=capsys)

    assert report["cited"] == 1
    assert {c.state for c in event.citations.all()} == {"published", "in-review"}
    event.refresh_from_db()
    assert event.support_sources == 1


def test_publishing_is_for_those_who_may_and_never_past_four_eyes(tmp_path, capsys, settings, reviewer, editor):
    path = sheet(tmp_path, *ROWS)

    run(path, "--publish", "--user", reviewer.username, capsys=capsys)
    assert {event.state for event in ClosureEvent.objects.all()} == {"in-review"}
    assert {source.state for source in Source.objects.all()} == {"published"}


def test_a_desk_of_one_may_publish_what_it_imports(tmp_path, capsys, settings, reviewer):
    settings.FOUR_EYES = False

    run(sheet(tmp_path, *ROWS), "--publish", "--user", reviewer.username, capsys=capsys)

    assert {event.state for event in ClosureEvent.objects.all()} == {"published"}
    assert Mission.objects.as_of("2020-01-01").get(host="PE").spans_on_day[0].status == "closed"
