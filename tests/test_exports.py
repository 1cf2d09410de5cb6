"""Lists as files: what goes out comes in again without a change, and no cell runs as a formula (event-sheet.md)."""

import csv
import io
import json
import subprocess
import sys

import pytest
import tablib
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from missions.exports import EventReports
from missions.importing.imports import import_sheet
from missions.models import ClosureEvent, EventCitation, Mission, ReportedFigure
from missions.resources import SHEETS as MISSION_SHEETS
from nkwatch.editorial.importing.columns import Handles, guard, unguard
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.models import ImportBatch
from nkwatch.editorial.public.exports import SheetExport, as_csv, as_xlsx
from nkwatch.editorial.reading import read_sheet
from nkwatch.editorial.text import INVISIBLE, as_cell, join_list, split_list
from sources.models import Actor, Quote, Source
from sources.resources import SHEETS as SOURCE_SHEETS
from tests.make import cite, make_actor, make_event, make_mission, make_quote, make_reason, make_source, publish
from tests.test_page_queries import Hub

pytestmark = pytest.mark.django_db

SHEETS = {**SOURCE_SHEETS, **MISSION_SHEETS}
LISTS = ("missions", "figures", "sources", "quotes", "actors", "reasons")
ENDINGS = ("csv", "xlsx", "json")
EVENT_SHEET = [
    "host_country",
    "event",
    "date",
    "date_wording",
    "date_note",
    "source_url",
    "source_title",
    "source_outlet",
    "source_issued",
    "source_language",
    "source_archive_url",
    "sending_country",
    "city",
    "mission",
    "mission_kind",
    "summary",
    "duties_to",
    "stance",
    "basis",
    "attributed_to_source",
    "attributed_to_actor",
    "locator",
    "wording",
]


def download(address: str) -> list[dict]:
    """The rows of an exported list, each by column, as a program would read the file."""
    response = Client().get(address)
    assert response.status_code == 200, address
    content = response.getvalue()
    path = address.partition("?")[0]
    if path.endswith(".json"):
        return json.loads(content)
    if path.endswith(".csv"):
        return list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    header, *rows = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def load_again(name: str, rows: list[dict]) -> tuple[int, int, int]:
    """Read exported rows through the row engine: how many were new, changed and unchanged."""
    batch = ImportBatch.objects.create(file=f"{name}.csv", digest="0" * 64, door="command")
    dataset = tablib.Dataset(*[tuple(row.values()) for row in rows], headers=list(rows[0]))
    SHEETS[name](f"{name}.csv", batch, Handles()).load(dataset)
    return batch.new, batch.changed, batch.unchanged


def test_an_event_has_a_row_of_the_event_sheet_for_each_report_of_it():
    rome, madrid = make_mission(host="IT", city="Rome"), make_mission()
    event = make_event(mission=madrid, duties_to=rome, date="2023-10", date_note="As read.", summary="It closes.")
    paper, spokesman = make_actor(name="El País", country="ES"), make_actor(name="PCPE", capacity="party")
    note = make_source(title="Note", issued="2023-10-26")
    report = make_source(
        title="Report", outlet=paper, language="es", source_url="https://example.org/1", archive_url="https://a.org/1"
    )
    cite(
        event,
        report,
        attributed_to_source=note,
        attributed_to_actor=spokesman,
        date="2023-10-26",
        date_worded="On Thursday",
        locator="¶4",
        wording="It will close.",
    )
    cite(event, make_source(title="Second report"))
    cite(event, make_source(title="Denial"), stance="disputes")
    draft = cite(event, make_source(title="Unpublished report"))
    publish(event)
    EventCitation.objects.filter(pk=draft.pk).update(state="draft")

    first, second = download("/events.json")

    assert list(first) == ["number", *EVENT_SHEET]
    for record in (madrid, rome, event, note, spokesman):
        record.refresh_from_db()
    assert list(first.values()) == [
        event.label,
        "ES",
        "notified",
        "2023-10-26",
        "On Thursday",
        "As read.",
        "https://example.org/1",
        "Report",
        "El País",
        "2023-11-01",
        "es",
        "https://a.org/1",
        "KP",
        "Madrid",
        madrid.label,
        "embassy",
        "It closes.",
        rome.label,
        "supports",
        "attributed",
        note.label,
        spokesman.label,
        "¶4",
        "It will close.",
    ]
    assert (second["source_title"], second["date"], second["basis"]) == ("Second report", "2023-10", "not-given")


def test_a_report_of_one_fact_of_an_event_is_no_report_of_the_event():
    event = make_event(date="")
    cite(event, make_source(title="Of the date alone"), fact="date")
    whole = make_event(mission=event.mission, stage="closed", date="")
    cite(whole, make_source(title="Of the whole"))
    cite(whole, make_source(title="Of its date"), fact="date")
    cite(whole, make_source(title="Of who takes over"), fact="duties_to")
    publish(event, whole)

    rows = download("/events.json")

    assert {(row["source_title"], row["date"]) for row in rows} == {
        ("Of the date alone", "unknown"),
        ("Of the whole", "unknown"),
    }


@pytest.mark.parametrize(
    "text", ["=1+1", "+49", "-dash", "@handle", "'=quoted", "''@twice", "\ttab", "\rreturn", " =1", "＝1"]
)
def test_a_guarded_text_begins_with_an_apostrophe_and_reads_as_before(text):
    assert guard(text) == f"'{text}"
    assert unguard(guard(text)) == text


@pytest.mark.parametrize("text", ["", "plain", "'quoted'", "1=1", "’s", "a=1", 5, None])
def test_what_no_spreadsheet_would_run_is_left_alone(text):
    assert unguard(text) == text
    assert not isinstance(text, str) or guard(text) == text


def test_no_cell_of_an_exported_sheet_runs_as_a_formula_and_the_text_survives():
    outlet = make_actor(name="@outlet", kind="organisation")
    source = make_source(title='=HYPERLINK("https://example.org";"x")', summary="-1+1", outlet=outlet)
    mission = make_mission(name="'=Embassy", address="+34 Madrid", latitude="-33.5", longitude="-70.25")
    event = make_event(mission=mission, summary="=cmd()")
    cite(event, source, wording="@SUM(1)")
    publish(event)

    for ending in ("csv", "xlsx"):
        for name in ("sources", "missions", "events", "actors"):
            for row in download(f"/{name}.{ending}"):
                texts = {column: v for column, v in row.items() if isinstance(v, str) and column[-4:] != "tude"}
                assert not [v for v in texts.values() if v[:1] in tuple("=+-@\t\r") and v]
            if name != "events":
                rows = download(f"/{name}.{ending}")
                assert load_again(name, rows) == (0, 0, len(rows))
    assert download("/sources.csv")[0]["title"].startswith("'=HYPERLINK")
    assert download("/sources.json")[0]["title"] == source.title
    cell = download("/missions.xlsx")[0]
    assert (cell["latitude"], cell["longitude"], cell["name"]) == (-33.5, -70.25, "''=Embassy")


@pytest.mark.parametrize("ending", ENDINGS)
def test_lines_typed_into_a_form_come_back_without_a_change(ending):
    publish(make_source(summary="First line,\r\nsecond; “line”.\r\n\r\nThird."), make_mission(other_names="A\r\nB; C"))

    for name in ("sources", "missions"):
        assert load_again(name, download(f"/{name}.{ending}")) == (0, 0, 1)


def test_related_records_go_by_number_countries_by_code_and_several_values_are_joined():
    speaker = make_actor(name="Kim", kind="person", part_of=make_actor(name="Ministry"))
    speaker.names.create(name="Gim")
    speaker.names.create(name="김")
    sanctions, costs = make_reason(), make_reason(slug="costs", label="Costs")
    quote = make_quote(speaker=speaker)
    quote.reasons.add(sanctions, costs)
    source = make_source()
    for position, name in enumerate(("First Author", "Second Author"), 1):
        source.authorships.create(author=make_actor(name=name, kind="person"), position=position)
    publish(sanctions, costs, quote, source, make_mission())

    numbers = {actor.name: actor.label for actor in Actor.objects.all()}
    [row] = download("/quotes.json")
    assert (row["speaker"], row["reasons"]) == (numbers["Kim"], "costs; sanctions")
    [row] = [row for row in download("/actors.json") if row["name"] == "Kim"]
    assert (row["part_of"], row["country"], row["name_variants"]) == (numbers["Ministry"], "JP", "Gim; 김")
    assert download("/sources.json")[0]["authors"] == f"{numbers['First Author']}; {numbers['Second Author']}"
    [row] = download("/missions.json")
    assert (row["number"], row["sending"], row["host"]) == (Mission.objects.get().label, "KP", "ES")


def test_a_file_stays_on_the_day_asked_for_and_refuses_one_that_cannot_be_read(client):
    early, late = make_quote(said_on="2022-05-01", text="Early."), make_quote(said_on="2023-11-03")
    publish(early, late)

    assert [row["text"] for row in download("/quotes.csv?asof=2023-01-01")] == ["Early."]
    refused = client.get("/quotes.csv?asof=yesterday")
    assert (refused.status_code, refused["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert "“yesterday” is not a day that can be read" in refused.content.decode()


def test_files_are_offered_under_their_names_and_types(client):
    types = {"csv": "text/csv", "json": "application/json", "xlsx": "application/vnd.openxmlformats-officedocument"}
    for ending, type_ in types.items():
        response = client.get(f"/missions.{ending}")
        assert response["Content-Type"].startswith(type_)
        assert response["Content-Disposition"] == f'attachment; filename="missions.{ending}"'
        # Read to its end, the test client closes it and leaves the test's transaction open.
        assert b"".join(response.streaming_content)


def test_lists_without_records_are_files_with_a_header_and_no_rows():
    for name in (*LISTS, "events"):
        assert [download(f"/{name}.{ending}") for ending in ENDINGS] == [[], [], []]


def test_files_cost_the_same_number_of_queries_at_10_and_at_1000_records(client):
    def queries() -> dict[str, int]:
        counts = {}
        for name in (*LISTS, "events"):
            with CaptureQueriesContext(connection) as captured:
                client.get(f"/{name}.csv").getvalue()
            counts[name] = len(captured)
        return counts

    hub = Hub()
    hub.grow(10)
    at_ten = queries()
    hub.grow(1000)
    assert queries() == at_ten
    assert max(at_ten.values()) <= 12


def test_a_relation_that_is_not_public_is_an_empty_cell():
    hidden = make_actor(name="Hidden")
    source, figure = make_source(outlet=hidden), ReportedFigure(metric="missions-abroad", low=5, speaker=hidden)
    figure.save()
    quote = make_quote(speaker=hidden)
    publish(source, figure, quote)
    Actor.objects.filter(pk=hidden.pk).update(state="retracted", retraction_reason="Entered twice.")

    assert [row["outlet"] for row in download("/sources.json")] == [""]
    assert [row["speaker"] for row in download("/figures.json")] == [""]
    assert [row["speaker"] for row in download("/quotes.json")] == [""]
    assert (Source.objects.count(), Quote.objects.count()) == (1, 1)


@pytest.mark.ignore_template_errors
@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_an_editor_downloads_a_selection_drafts_included(editor_client, ending):
    event = make_event(summary="A draft of ours.")

    answer = editor_client.post(
        "/admin/missions/closureevent/", {"action": f"download_{ending}", "_selected_action": [event.pk]}
    )

    content = answer.getvalue()
    assert f'filename="closure-events.{ending}"' in answer["Content-Disposition"]
    assert ending == "xlsx" or (b"A draft of ours." in content and f"draft-{event.mission.pk}".encode() in content)


def test_the_public_file_of_events_goes_back_through_the_event_sheet_without_a_change(client, tmp_path, capsys):
    publish(
        cite(make_event(date="2023-10-26", summary="=SUM(1)"), make_source(source_url="https://example.org/a")).event
    )
    path = tmp_path / "events.csv"
    path.write_bytes(client.get("/events.csv").getvalue())

    call_command("import_events", str(path), "--json")

    report = json.loads(capsys.readouterr().out)
    assert (report["rows"], report["unchanged"], report["written"], report["errors"]) == (1, 1, False, [])


NASTY = st.text(
    st.sampled_from("=+-@'\"\t\r\n;,|_x0D＝＠한국어é<&>^{}\\ ") | st.characters(exclude_categories=["Cs", "Cc"]),
    max_size=30,
)
"""Text that spreadsheets and readers of them mistake for something else."""


@st.composite
def nasty_text(draw: st.DrawFn) -> str:
    """A nasty text with a word in it, by which a record is known again; what no record takes is left out."""
    before, after = draw(NASTY), draw(NASTY)
    return INVISIBLE.sub("", f"{before}word{after}")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(nasty_text(), min_size=8, max_size=8))
def test_any_text_comes_back_unchanged_and_runs_nothing(ending, texts):
    one, two, three, four, five, six, seven, eight = texts
    with transaction.atomic():
        actor = make_actor(name=one, kind="person")
        for name in {two.strip(), three.strip()}:
            actor.names.create(name=name)
        source = make_source(title=four, described_as=five, summary=six, outlet=actor, issued_note=seven)
        make_quote(text=one, text_original=two, speaker=actor, speaker_role=three)
        make_reason(label=four, definition=five)
        mission = make_mission(name=six, other_names=join_list([seven, eight]), address=one, name_original=two)
        ReportedFigure.objects.create(metric="missions-abroad", worded=three, low=1, note=four)
        event = make_event(mission=mission, date_note=one, summary=two)
        publish(cite(event, source, date_worded=three, locator=four, wording=five).event)
        for name in ("event reports", *LISTS):
            content = exported(name, ending)
            found = import_sheet(content, f"{name}.{ending}", door="command", options=SheetOptions(kind=name))
            assert (found.errors, found.counts["unchanged"], found.written) == ([], found.rows, False), name
            for row in read_sheet(content).rows:
                assert not [cell for cell in row if cell.lstrip()[:1] in tuple("=+-@＝＋－＠") and cell]
        transaction.set_rollback(True)


def exported(name: str, ending: str) -> bytes:
    """All records of one kind as a file of them."""
    export = EventReports() if name == "event reports" else SheetExport(SHEETS[name], public=False)
    model = ClosureEvent if name == "event reports" else SHEETS[name]._meta.model
    rows = export.rows(model.objects.order_by("pk"))
    if ending == "csv":
        return "".join(as_csv(export.columns, rows)).encode()
    with as_xlsx(export.columns, rows) as file:
        return file.read()


@given(st.lists(nasty_text().map(as_cell)))
def test_several_values_in_a_cell_are_told_apart_whatever_is_in_them(values):
    assert split_list(join_list(values)) == values


def test_text_beyond_what_a_workbook_holds_is_left_out_of_it_and_the_place_is_said():
    long, rare = "word " * 7000, "😀" * 16_384
    make_source(summary=long, title="Long")
    make_source(summary=rare, title="Rare", issued="2023-11-02")
    make_source(summary="x" * 32_767, title="Just fits", issued="2023-11-03")

    content = exported("sources", "xlsx")

    book = load_workbook(io.BytesIO(content))
    header, *rows = book["nkwatch"].iter_rows(values_only=True)
    assert [len(row[header.index("summary")] or "") for row in rows] == [0, 0, 32_767]
    listed = list(book["Left out"].iter_rows(values_only=True))
    assert [line[:2] for line in listed] == [("row", "column"), (2, "summary"), (3, "summary")]
    again = import_sheet(content, "sources.xlsx", door="command", options=SheetOptions(kind="sources"))
    assert (again.counts["unchanged"], again.errors, again.written) == (3, [], False)
    assert Source.objects.get(title="Long").summary == long


def test_an_escape_of_a_workbook_is_read_as_what_it_stands_for():
    book = Workbook()
    book.active.append(["title", "summary"])
    book.active.append(["A_x0020_title", "_xD800_ _x005F_x0041_"])
    written = io.BytesIO()
    book.save(written)

    [row] = read_sheet(written.getvalue()).rows

    assert row[0] == "A title"
    assert row[1].encode()


def test_a_workbook_of_100000_rows_is_written_within_little_memory():
    grown = subprocess.run([sys.executable, "-c", GROWING], check=True, capture_output=True, text=True).stdout
    assert float(grown) < 100


GROWING = """
import resource
from tests import settings
import django
django.setup()
from nkwatch.editorial.public.exports import as_xlsx
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
as_xlsx(["column"] * 4, (["대사관은 임대료를 낼 수 없다", f"=row {n}"] * 2 for n in range(100_000)))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""
