"""The event sheet in bulk: what a row may not lose by being stored with a thousand others (event-sheet.md)."""

import csv
import io
import itertools
import json
import random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from missions.importing.imports import import_sheet
from missions.models import ClosureEvent, EventCitation, Mission
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.importing.row_reports import ChangedSincePreviewError
from nkwatch.editorial.models import ImportRow, ProposedChange
from sources.models import Actor, Quote, QuoteCitation, Source
from tests.benchmarks.generate import AGENCIES, REASONS, event_sheet
from tests.make import cite, make_actor, make_event, make_mission, make_reason, make_source, publish

pytestmark = pytest.mark.django_db

HEADER = (
    "host_country,event,date,source_url,source_title,source_outlet,summary,quote,speaker,reasons,"
    "attributed_to_source,attributed_to_actor,locator"
)
LIMA = "Peru,closed,2017-03,https://example.org/lima,Embassy in Lima closes,Andina,,,,,,,"


def sheet(*rows, header=HEADER) -> bytes:
    return "\n".join([header, *rows]).encode()


def load(*rows, header=HEADER, user=None, **options):
    return import_sheet(sheet(*rows, header=header), "events.csv", user=user, door="import", **options)


@pytest.fixture
def generated(db):
    """A generated sheet of 1,000 rows, and what it names that no sheet of events makes."""
    for slug, label in REASONS.items():
        make_reason(slug=slug, label=label)
    for name in AGENCIES:
        make_actor(name=name)
    return event_sheet(1_000)


def test_a_thousand_rows_take_a_few_queries(generated, editor):
    with CaptureQueriesContext(connection) as preview:
        import_sheet(generated, "events.csv", user=editor, door="import", dry_run=True)
    with CaptureQueriesContext(connection) as written:
        report = import_sheet(generated, "events.csv", user=editor, door="import")

    assert report.written and not report.errors
    # Countries, missions, actors and their names, sources by address and by title, republications,
    # quotes and carriers, events, citations, proposals.
    assert len(preview) <= 20
    # Besides: ids, the batch, one statement a kind of record and one for its versions.
    assert len(written) <= 80


def test_each_new_record_has_its_version_as_saving_would_have_left_it(generated, editor):
    report = import_sheet(generated, "events.csv", user=editor, door="import")

    for model in (Mission, Actor, Source, ClosureEvent, EventCitation, Quote, QuoteCitation):
        versions = list(model.history.filter(batch=report.batch))
        made = model.objects.in_bulk([version.id for version in versions])
        assert len(made) == len(versions) > 0
        for version in versions:
            assert (version.history_type, version.history_user, version.door) == ("+", editor, "import")
            assert version.batch_row.startswith("events.csv, row ")
            for field in model.history.model.tracked_fields:
                assert getattr(version, field.attname) == getattr(made[version.id], field.attname), field.name
        for record in list(made.values())[:20]:
            record.full_clean(validate_unique=False)
    for event in ClosureEvent.objects.filter(quotes__isnull=False)[:20]:
        kept = {row.quote_id for row in event.history.get().quotes.all()}
        assert kept == set(event.quotes.values_list("pk", flat=True))
    assert ImportRow.objects.filter(batch=report.batch).count() == report.counts["new"] + report.counts["cited"]


def test_a_preview_says_row_by_row_what_the_import_does(generated, editor):
    preview = import_sheet(generated, "events.csv", user=editor, door="import", dry_run=True)
    assert not ClosureEvent.objects.exists() and not Source.objects.exists()

    report = import_sheet(generated, "events.csv", user=editor, door="import", expected=preview.lines)

    assert report.lines == preview.lines


def test_the_same_sheet_in_any_order_changes_nothing(generated, editor):
    import_sheet(generated, "events.csv", user=editor, door="import")
    head, *rows = csv.reader(io.StringIO(generated.decode(), newline=""))
    random.Random(4).shuffle(rows)
    shuffled = io.StringIO(newline="")
    csv.writer(shuffled).writerows([head, *rows])

    again = import_sheet(shuffled.getvalue().encode(), "events.csv", user=editor, door="import")

    assert (again.counts["unchanged"], again.written) == (1_000, False)


def test_a_row_doubled_inside_one_sheet_is_one_record():
    report = load(LIMA, LIMA)

    assert report.counts == {"new": 1, "unchanged": 1}
    assert EventCitation.objects.count() == Source.objects.count() == Mission.objects.count() == 1


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
def test_a_report_may_rely_on_one_that_another_row_introduces(order):
    relying = "Peru,closed,2017-03,https://example.org/wire,Wire,,,,,,https://example.org/lima,,"
    rows = [LIMA, relying]

    report = load(*(rows[place] for place in order))

    assert not report.errors
    citation = EventCitation.objects.get(source__title="Wire")
    assert (citation.basis, citation.attributed_to_source.title) == ("attributed", "Embassy in Lima closes")
    assert Source.objects.count() == 2


def test_a_circle_of_attributions_inside_one_sheet_is_refused():
    there = LIMA.replace(",,,,,,,", ",,,,,https://example.org/wire,,")
    back = "Peru,closed,2017-03,https://example.org/wire,Wire,,,,,,https://example.org/lima,,"

    report = load(there, back)

    assert [(problem.column, problem.row) for problem in report.errors] == [("attributed_to_source", 3)]
    assert not EventCitation.objects.exists()


def test_two_rows_that_give_one_citation_two_places_keep_the_first_however_often_they_are_read():
    rows = [LIMA[:-1] + ",p. 1", LIMA[:-1] + ",p. 2"]

    first = load(*rows)
    kept = EventCitation.objects.get().locator
    second = load(*reversed(rows))

    assert [problem.column for problem in first.warnings] == ["locator"]
    assert second.written is False
    assert EventCitation.objects.get().locator == kept


def test_a_blank_cell_keeps_what_stands_unless_its_column_is_to_be_cleared():
    row = LIMA.replace("Andina,,", "Andina,The embassy closed.,")
    load(row)

    kept = load(LIMA)
    assert (kept.written, ClosureEvent.objects.get().summary) == (False, "The embassy closed.")

    cleared = load(LIMA, options=SheetOptions(clear=("summary",)))
    assert (cleared.counts["changed"], ClosureEvent.objects.get().summary) == (1, "")


def test_somebody_who_publishes_and_speaks_is_one_organisation():
    load(LIMA.replace(",,,,,,,", ",,We are closing.,Andina,,,,"))

    andina = Actor.objects.get()
    assert (andina.kind, Quote.objects.get().speaker, Source.objects.get().outlet) == ("organisation", andina, andina)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (LIMA.replace("Embassy in", "Embassy\u202e in"), "source_title", "U+202E"),
        (LIMA.replace(",,,,,,,", ",,We go.,Kim,Boredom,,,"), "reasons", "unknown reason Boredom"),
        (LIMA.replace(",,,,,,,", ",,,,,,Nobody,"), "attributed_to_actor", "not a known actor"),
        (LIMA.replace(",,,,,,,", ",,,,,https://example.org/lima,,"), "attributed_to_source", "its own origin"),
        (LIMA.replace("closes", "c" * 1000), "source_title", "1000"),
        ("Peru,closed,2017-03,https://example.org/x y,X,,,,,,,,", "source_url", "http"),
    ],
)
def test_an_error_names_the_cell_it_is_in(row, column, words):
    report = load(row)

    assert [problem.column for problem in report.errors] == [column]
    assert words in report.errors[0].message
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (LIMA.replace("Lima closes", "Lim\ufffd closes"), "source_title", "lost character"),
        (LIMA.replace("https://example.org", "http://192.168.0.7"), "source_url", "private network"),
        (LIMA.replace(",,,,,,,", ",,We are closing.,,,,,"), "quote", "no speaker"),
        (LIMA.replace("2017-03", "2199"), "date", "future"),
    ],
)
def test_what_an_importer_should_look_at_is_a_warning(row, column, words):
    report = load(row)

    assert (report.written, [(problem.column, words in problem.message) for problem in report.warnings]) == (
        True,
        [(column, True)],
    )


def test_a_bad_row_leaves_no_trace_on_the_good_ones():
    bad = "Peru,closed,2017-03,https://example.org/other,Other,,,We go.,Kim,Boredom,,,"

    report = load(bad, LIMA, options=SheetOptions(good_rows=True))

    assert [problem.row for problem in report.errors] == [2]
    assert {source.title for source in Source.objects.all()} == {"Embassy in Lima closes"}
    assert not Quote.objects.exists() and Actor.objects.get().name == "Andina"


def test_a_quote_of_a_second_carrier_is_carried_by_both():
    row = LIMA.replace(",,,,,,,", ",,We are closing.,Kim Hyong Gil,,,,")
    other = row.replace("example.org/lima", "example.org/wire").replace("Embassy in Lima closes", "Wire")

    load(row)
    report = load(other)

    assert report.counts == {"cited": 1}
    assert Quote.objects.get().citations.count() == 2
    assert ClosureEvent.objects.get().quotes.get() == Quote.objects.get()


def test_a_confirmed_row_whose_record_has_changed_meanwhile_is_refused_with_the_difference(editor):
    event = make_event(mission=make_mission(host="PE", city=""), stage="closed", date="2017-03")
    preview = load(LIMA.replace("Andina,,", "Andina,As the sheet says.,"), user=editor, dry_run=True)
    event.summary = "As somebody wrote meanwhile."
    event.save()

    with pytest.raises(ChangedSincePreviewError) as refusal:
        load(LIMA.replace("Andina,,", "Andina,As the sheet says.,"), user=editor, expected=preview.lines)

    assert "Row 2" in str(refusal.value)
    assert not EventCitation.objects.exists()


def test_a_source_that_was_only_cited_carries_no_claim():
    make_source(title="Never read", source_url="https://example.org/lima", read="only-cited")

    report = load(LIMA)

    assert "never read" in report.errors[0].message


def test_a_proposal_needs_a_name_behind_it():
    event = make_event(mission=make_mission(host="PE", city=""), stage="closed", date="2017-03")
    cite(event, make_source(title="Embassy in Lima closes", source_url="https://example.org/lima", issued=""))
    publish(event)

    report = load(LIMA.replace("Andina,,", "Andina,A summary.,"))

    assert "say who proposes it" in report.errors[0].message


def test_what_the_command_refuses_it_refuses_without_a_traceback(tmp_path, capsys):
    path = tmp_path / "events.csv"
    path.write_bytes(sheet(LIMA.replace("closes", "c" * 1000)))

    with pytest.raises(CommandError) as refusal:
        call_command("import_events", str(path), "--json")

    assert refusal.value.returncode == 1
    assert json.loads(capsys.readouterr().out)["errors"][0]["column"] == "source_title"


def test_a_report_may_rely_on_a_row_taken_before_that_calls_its_source_otherwise():
    make_source(title="First title", source_url="https://example.org/lima", issued="")
    first = LIMA.replace("Embassy in Lima closes,Andina", "Other title,")
    relying = "Peru,closed,2017-03-15,https://example.org/wire,Wire,,,,,,Other title,,"

    for rows in ([first, relying], [relying.replace("2017-03-15", "2017"), first]):
        report = load(*rows, dry_run=True)
        assert not report.errors


def test_what_another_row_is_refused_for_does_not_come_in_through_one_that_relies_on_it():
    hidden = LIMA.replace("Embassy in Lima closes", "Embassy\u202e in Lima closes")
    relying = "Peru,closed,2017-03-15,https://example.org/wire,Wire,,,,,,https://example.org/lima,,"
    lost = "Peru,closed,2017-03-16,https://example.org/third,Third,,,,Kim,,https://example.org/fourth,,"
    fourth = "Atlantis,closed,2017,https://example.org/fourth,Fourth,,,,,,,,"

    report = load(hidden, relying, lost, fourth, LIMA.replace("lima", "good"), options=SheetOptions(good_rows=True))

    assert sorted(problem.row for problem in report.errors)[:2] == [2, 3]
    assert {source.title for source in Source.objects.all()} == {"Embassy in Lima closes"}


@pytest.mark.parametrize(
    ("column", "value"), [("stance", "foo"), ("basis", "foo"), ("locator", "p" * 101), ("date_note", "n" * 301)]
)
def test_what_a_row_gives_a_record_that_stands_is_validated_in_the_preview(column, value):
    load(LIMA)

    header, row = f"{HEADER.removesuffix(',locator')},{column}", LIMA[:-1] + f",{value}"
    report = load(row, header=header, dry_run=True)

    assert [problem.column for problem in report.errors] == [column]


def test_a_column_that_cannot_be_blank_is_not_cleared():
    load(LIMA)

    report = load(f"{LIMA},", header=f"{HEADER},stance", options=SheetOptions(clear=("stance",)))

    assert (report.errors, EventCitation.objects.get().stance) == ([], "supports")


def test_what_rows_add_to_one_published_event_is_one_proposal_however_often_they_are_read(editor):
    event = make_event(mission=make_mission(host="PE", city=""), stage="closed", date="2017-03")
    cite(event, make_source(title="Embassy in Lima closes", source_url="https://example.org/lima", issued=""))
    publish(event)
    rows = [
        "Peru,closed,2017-03,https://example.org/lima,,,One summary.,We are closing.,Kim Hyong Gil,,,,",
        "Peru,closed,2017-03,https://example.org/lima,,,Another.,We will be back.,Kim Hyong Gil,,,,",
    ]

    first = load(*rows, user=editor)
    change = ProposedChange.objects.get()
    again = load(*reversed(rows), user=editor)

    assert first.written and len(change.difference["quotes"]["new"]) == 2
    assert (again.counts["unchanged"], again.written, ProposedChange.objects.count()) == (2, False, 1)


def test_a_mission_that_takes_over_is_told_by_name_before_and_after(editor):
    load("Italy,seen-open,2017-01,https://example.org/rome,Rome,,,,,,,,")
    load(LIMA)
    row = f"{LIMA},Italy"

    preview = load(row, header=f"{HEADER},duties_to", user=editor, dry_run=True)
    report = load(row, header=f"{HEADER},duties_to", user=editor, expected=preview.lines)

    assert report.written
    assert report.lines[0].changes[0].new == "Mission of North Korea in Italy"


def test_a_circle_of_attributions_of_one_quote_is_refused():
    quoted = ",,We are closing.,Kim Hyong Gil,,{},,"
    one = LIMA.replace(",,,,,,,", quoted.format("https://example.org/wire"))
    other = "Peru,farewell,2017-04,https://example.org/wire,Wire," + quoted.format("https://example.org/lima")

    report = load(one, other)

    assert [problem.column for problem in report.errors] == ["attributed_to_source"]


def test_a_title_alone_means_the_source_of_which_no_more_is_known():
    rows = [
        "Peru,closed,2017-02,,One title,,,,,,,,",
        "Peru,farewell,2017-03,,One title,Andina,,,,,,,",
    ]
    load(*rows)

    again = load(*rows)

    assert (again.counts["unchanged"], again.errors, Source.objects.count()) == (2, [], 2)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (LIMA.replace(",,,,,,,", ",,We go.,K.,,,,"), "speaker", "initials alone"),
        (LIMA.replace("Embassy in Lima closes", "!!!"), "source_title", "letter"),
        (LIMA.replace("Andina", "A" * 201), "source_outlet", "200"),
    ],
)
def test_a_name_that_would_never_be_found_again_is_refused(row, column, words):
    report = load(row)

    assert [(problem.column, words in problem.message) for problem in report.errors] == [(column, True)]


def test_what_a_known_source_lacks_is_warned_of_and_kept():
    make_source(title="Embassy in Lima closes", source_url="https://example.org/lima", issued="")

    report = load(LIMA)

    assert [problem.column for problem in report.warnings] == ["source_outlet"]
    assert Source.objects.get().outlet is None


def test_other_reasons_for_a_quote_that_stands_are_warned_of():
    for slug in ("money", "sanctions"):
        make_reason(slug=slug, label=slug.capitalize())
    load(LIMA.replace(",,,,,,,", ",,We go.,Kim Hyong Gil,money,,,"))

    report = load(LIMA.replace(",,,,,,,", ",,We go.,Kim Hyong Gil,sanctions,,,"))

    assert [problem.column for problem in report.warnings] == ["reasons"]


def test_a_quote_that_stands_is_kept_and_the_row_warns_where_it_says_otherwise():
    header = "host_country,event,date,source_url,quote,speaker,speaker_role,said_on"
    said = "Spain,announced,2023-10-26,https://example.org/{},We are closing it.,Jo Bok,{}"
    load(said.format("a", "consul,2023-10-26"), header=header)

    report = load(said.format("b", "ambassador,2023-10"), header=header)

    assert [(problem.column, problem.message) for problem in report.warnings] == [
        ("speaker_role", "the quote stands with “consul”, which is kept"),
        ("said_on", "the quote stands with “2023-10-26”, which is kept"),
    ]
    assert Quote.objects.get().speaker_role == "consul"
