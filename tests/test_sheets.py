"""The row engine: what a sheet's rows become, and what it refuses (event-sheet.md)."""

import pytest
import tablib

from missions.importing.imports import import_sheet
from missions.models import ClosureEvent, Mission
from missions.resources import EventSheet, MissionSheet
from nkwatch.editorial.importing.columns import Handles
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.importing.row_reports import SheetError
from nkwatch.editorial.models import ImportBatch, ImportRow, ProposedChange
from sources.models import Actor, Source
from sources.resources import ActorSheet, SourceSheet
from tests.make import cite, make_actor, make_event, make_mission, make_quote, make_reason, make_source, publish

pytestmark = pytest.mark.django_db


def load(kind, headers, *rows, handles=None):
    batch = ImportBatch.objects.create(file="sheet.csv", digest="0" * 64, door="command")
    sheet = kind("sheet.csv", batch, handles or Handles())
    sheet.load(tablib.Dataset(*rows, headers=headers))
    return batch


def refused(kind, headers, *rows) -> list[str]:
    with pytest.raises(SheetError) as refusal:
        load(kind, headers, *rows)
    return [str(problem) for problem in refusal.value.problems]


def test_a_new_row_becomes_a_draft_and_says_where_it_came_from():
    batch = load(MissionSheet, ["sending", "host", "kind"], ("KP", "Spain", "embassy"))

    mission = Mission.objects.get()
    assert (mission.state, mission.number, mission.host_id) == ("draft", None, "ES")
    version = mission.history.get()
    assert (version.batch, version.batch_row) == (batch.pk, "sheet.csv, row 2")
    assert ImportRow.objects.get().record == mission


def test_the_same_sheet_again_changes_nothing():
    sheet = (MissionSheet, ["sending", "host", "kind"], ("KP", "Spain", "embassy"), ("KP", "HKG", "consulate-general"))
    load(*sheet)

    batch = load(*sheet)

    assert (batch.new, batch.changed, batch.unchanged) == (0, 0, 2)
    assert Mission.objects.count() == 2


def test_a_blank_cell_keeps_what_stands_and_a_filled_one_changes_it():
    source = make_source(title="Embassy to close", issued="2023-11-01", summary="As it was.")

    batch = load(SourceSheet, ["title", "issued", "summary", "language"], ("Embassy to close", "2023-11-01", "", "es"))

    source.refresh_from_db()
    assert (source.summary, source.language, batch.changed) == ("As it was.", "es", 1)


def test_rows_refer_to_each_other_by_the_sheets_own_keys():
    handles = Handles()
    load(MissionSheet, ["key", "sending", "host"], ("kp-es", "KP", "ES"), ("kp-it", "KP", "IT"), handles=handles)

    load(
        EventSheet,
        ["mission", "stage", "date", "duties_to"],
        ("kp-es", "notified", "2023-11-01", "kp-it"),
        handles=handles,
    )

    event = ClosureEvent.objects.get()
    assert (event.mission.host_id, event.duties_to.host_id) == ("ES", "IT")


def test_a_keyed_row_finds_its_record_after_its_name_was_corrected():
    load(ActorSheet, ["key", "kind", "name"], ("tae", "person", "Tae Yong"))

    load(ActorSheet, ["key", "kind", "name"], ("tae", "person", "Tae Yongho"))

    assert Actor.objects.get().name == "Tae Yongho"


def test_name_variants_are_added_once():
    row = ("person", "Tae Yongho", "Thae Yong-ho; 태영호")
    load(ActorSheet, ["kind", "name", "name_variants"], row)

    again = load(ActorSheet, ["kind", "name", "name_variants"], row)

    assert sorted(Actor.objects.get().names.values_list("name", flat=True)) == ["Thae Yong-ho", "태영호"]
    assert again.unchanged == 1


def test_records_are_named_by_number_name_or_address():
    paper = make_actor(name="El País", country="ES")
    publish(paper)
    known = make_source(title="First", source_url="https://example.org/first")

    load(
        SourceSheet,
        ["title", "outlet", "republication_of"],
        ("Second", paper.label, "http://example.org/first"),
        ("Third", "EL PAIS", ""),
    )

    second = Source.objects.get(title="Second")
    assert (second.outlet, second.republication_of) == (paper, known)
    assert Source.objects.get(title="Third").outlet == paper


@pytest.mark.parametrize(
    ("headers", "complaint"),
    [
        (["sending", "host", "knid"], "unknown column knid"),
        (["sending", "kind"], "missing column host"),
        (["sending", "host", "host"], "doubled column host"),
    ],
)
def test_a_header_that_is_off_refuses_the_sheet(headers, complaint):
    problems = refused(MissionSheet, headers, ("KP", "ES", "embassy")[: len(headers)])

    assert any(complaint in problem for problem in problems)
    assert not Mission.objects.exists()


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (("KP", "Atlantis", ""), "row 2, host “Atlantis”: “Atlantis” is not a known country"),
        (("KP", "Korea", ""), "row 2, host “Korea”"),
        (("KP", "ES", "villa"), "row 2, kind “villa”"),
        (("FR", "ES", ""), "North Korea must be the sending or the host country"),
        (("KP", "KP", ""), "A mission stands in another country"),
    ],
)
def test_a_row_that_is_off_is_named_with_its_column_and_value(row, complaint):
    problems = refused(MissionSheet, ["sending", "host", "kind"], row)

    assert any(complaint in problem for problem in problems), problems


def test_a_value_is_named_with_its_own_column_whatever_the_order_of_columns():
    problems = refused(MissionSheet, ["city", "kind", "host", "sending"], ("Madrid", "villa", "ES", "KP"))

    assert any("row 2, kind “villa”" in problem for problem in problems), problems


@pytest.mark.parametrize("date", ["/2023-12-05", "5.12.2023", "2023-02-30", "2023-12-05/2023-11-01"])
def test_a_date_that_cannot_be_read_is_refused(date):
    make_mission(name="Embassy in Madrid")

    problems = refused(EventSheet, ["mission", "stage", "date"], ("Embassy in Madrid", "closed", date))

    assert date in problems[0]
    assert not ClosureEvent.objects.exists()


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://example.org/a", "example.org/a"])
def test_an_address_that_is_not_http_is_refused(address):
    problems = refused(SourceSheet, ["title", "source_url"], ("A title", address))

    assert "http:// or https://" in problems[0]


def test_number_and_state_are_skipped_and_never_honoured():
    load(MissionSheet, ["number", "state", "sending", "host"], ("M-0009", "published", "KP", "ES"))

    assert (Mission.objects.get().number, Mission.objects.get().state) == (None, "draft")


def test_lists_of_a_published_record_are_proposed_like_any_other_change(editor):
    reason = make_reason(slug="sanctions", label="Sanctions")
    quote = make_quote(text="We have to go.", said_on="2023-11-01", speaker=make_actor(name="Kim Hyong Gil"))
    event = make_event()
    cite(event)
    publish(quote, event)
    for kind, content in (
        ("quotes", f"text,speaker,said_on,reasons\nWe have to go.,{quote.speaker.label},2023-11-01,sanctions"),
        ("events", f"mission,stage,date,quotes\n{event.mission.label},{event.stage},{event.date},{quote.label}"),
    ):
        options = SheetOptions(kind=kind)
        report = import_sheet(content.encode(), "sheet.csv", user=editor, door="import", options=options)
        assert (report.errors, report.proposed) == ([], 1)

    assert not quote.reasons.exists() and not event.quotes.exists()
    assert [change.difference for change in ProposedChange.objects.order_by("pk")] == [
        {"reasons": {"old": [], "new": [reason.pk]}},
        {"quotes": {"old": [], "new": [quote.pk]}},
    ]


def test_a_change_names_records_in_words_so_that_a_preview_and_its_import_say_the_same(editor):
    make_actor(name="Some Bureau", kind="organisation")
    content = b"key,kind,name,part_of\na,organisation,Ministry of Things,\nb,organisation,Some Bureau,a"

    report = import_sheet(content, "actors.csv", user=editor, door="import", options=SheetOptions(kind="actors"))

    assert [change for line in report.lines for change in line.changes] == [("part of", "", "Ministry of Things")]
