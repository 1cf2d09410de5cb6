"""Taking an import back as a whole (event-sheet.md, point 7)."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from missions.importing.imports import import_sheet
from missions.models import ClosureEvent, EventCitation, Mission, StatusSpan
from nkwatch.editorial import desk, proposals
from nkwatch.editorial.bulk_versions import listed_now, lists_of
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.importing.traces import kinds
from nkwatch.editorial.importing.undo import plan_of_undo, undo
from nkwatch.editorial.models import ImportBatch, ProposedChange, State
from nkwatch.editorial.versions import changing
from sources.models import Actor, Quote, QuoteCitation, Source
from tests.make import cite, make_actor, make_event, make_mission, make_quote, make_reason, make_source, publish

pytestmark = pytest.mark.django_db

HEADER = "host_country,event,date,source_url,source_title,source_outlet,summary,quote,speaker,reasons"
ROWS = [
    # New: mission, event, source, outlet, quote, speaker.
    "Peru,closed,2017-03,https://example.org/lima,Embassy in Lima closes,El Comercio,Shut.,We had to,Kim Hyong Gil,",
    # The same source again, for another mission.
    "Mexico,announced,October 2017,https://example.org/lima,,,,We leave for want of money,Kim Hyong Gil,sanctions",
    # Cites an event that stands, with a new source; and fills its summary, which is empty.
    "Spain,notified,2023-10-26,https://example.org/madrid,Embassy in Madrid closes,El Comercio,Notified.,,,",
]


def imported(*rows: str, user: Any = None, **options: Any) -> ImportBatch:
    content = "\n".join([HEADER, *rows]).encode()
    report = import_sheet(content, "events.csv", user=user, door="import", options=SheetOptions(**options))
    assert report.written, report.errors
    return ImportBatch.objects.get(pk=report.batch)


def record() -> dict[str, Any]:
    """Everything that stands, in every table of records, but for when it was stored."""
    found: dict[str, Any] = {}
    for model in kinds():
        rows = {row.pop("id"): row for row in model._base_manager.values()}
        for row in rows.values():
            del row["updated"]
        for many in lists_of(model):
            for pk, listed in listed_now(model, many, rows.keys()).items():
                rows[pk][many.name] = listed
        found[model.__name__] = rows
    found["spans"] = list(StatusSpan.objects.values("mission", "starts", "ends", "status", "support_level"))
    return found


def public() -> dict[str, Any]:
    """What readers see of it."""
    return {
        model.__name__: list(model._base_manager.filter(model.public_condition()).order_by("pk")) for model in kinds()
    }


@pytest.fixture
def standing() -> ClosureEvent:
    """A draft event with a source, and a published one beside it: what an import meets."""
    make_reason()
    seen = make_event(mission=make_mission(host="IT", city="Rome"), stage="closed", date="2023")
    cite(seen, make_source(title="Seen", source_url="https://example.org/rome"), attributed_to_actor=make_actor())
    publish(seen)
    event = make_event()
    cite(event)
    return event


@pytest.mark.parametrize("good_rows", [False, True])
def test_what_is_undone_leaves_the_record_as_it_was(standing, good_rows):
    before = record()
    batch = imported(*ROWS, good_rows=good_rows)
    standing.refresh_from_db()
    assert (standing.summary, Source.objects.count(), Quote.objects.count()) == ("Notified.", 4, 2)

    done = undo(batch)

    assert record() == before
    assert ({str(event) for event in done.restored}, done.left_alone, done.retracted) == ({str(standing)}, [], [])
    batch.refresh_from_db()
    assert (batch.stage, batch.message) == ("undone", f"Taken back: {done.in_words()}")


def test_the_plan_says_the_same_and_writes_nothing(standing, django_assert_max_num_queries):
    batch = imported(*ROWS)
    before = record()

    with django_assert_max_num_queries(110):
        # For each of 14 kinds of record its versions, its rows, and each column that may name what was made.
        plan = plan_of_undo(batch)
    assert record() == before

    done = undo(batch)
    assert [{repr(r) for r in part} for part in (plan.removed, plan.restored)] == [
        {repr(r) for r in part} for part in (done.removed, done.restored)
    ]


def test_the_plan_asks_no_more_of_a_longer_sheet(django_assert_max_num_queries):
    def rows(kind: str, number: int) -> list[str]:
        return [
            f"Peru,seen-open,2017-{n % 12 + 1:02}-{n // 12 + 1:02},https://example.org/{kind}{n},{kind} {n},,,,,"
            for n in range(number)
        ]

    batch = imported(*rows("short", 2))
    with django_assert_max_num_queries(1000) as short:
        plan_of_undo(batch)
    longer = imported(*rows("long", 40))
    with django_assert_max_num_queries(len(short)):
        plan_of_undo(longer)


def test_every_removal_leaves_a_version_that_says_who_and_why(standing, reviewer):
    batch = imported(*ROWS)

    with changing(door="admin"):
        done = undo(batch, reviewer, "The wrong file.")

    for removed in done.removed:
        version = type(removed).history.filter(id=removed.pk).latest()
        assert (version.history_type, version.history_user, version.door) == ("-", reviewer, "admin")
        assert version.history_change_reason == f"undo of import {batch.pk}: The wrong file."
    assert {type(removed) for removed in done.removed} == {
        Actor, ClosureEvent, EventCitation, Mission, Quote, QuoteCitation, Source,
    }  # fmt: skip
    restored = standing.history.latest()
    assert (restored.summary, restored.history_user, restored.batch) == ("", reviewer, None)
    assert all(named for named in map(desk.named, done.removed))


def test_what_readers_saw_is_retracted_with_a_reason_and_the_pages_are_as_before(standing, settings, reviewer):
    settings.FOUR_EYES = False
    before = public()
    batch = imported(*ROWS, user=reviewer, publish=True)
    assert ClosureEvent.objects.public().filter(mission__host="PE").exists()
    assert StatusSpan.objects.filter(mission__host="PE", status="closed").exists()

    done = undo(batch, reviewer, "The wrong file.")

    assert public() == before
    assert not StatusSpan.objects.filter(mission__host="PE").exists()
    lima = ClosureEvent.objects.get(mission__host="PE")
    assert (lima.state, lima.retraction_reason) == ("retracted", "The wrong file.")
    assert lima in done.retracted
    assert (lima.history.latest().state, lima.history.latest().quotes.count()) == ("retracted", 1)
    call_command("check_record")


def test_what_was_published_since_alone_is_retracted_not_removed(reviewer, settings):
    settings.FOUR_EYES = False
    batch = imported(ROWS[0])
    publish(ClosureEvent.objects.get(), by=reviewer)

    done = undo(batch, reviewer)

    assert ClosureEvent.objects.get().state == "retracted"
    assert {type(quote) for quote in done.removed} == {Quote, QuoteCitation, Actor}
    assert ClosureEvent.objects.get().quotes.count() == 0


def test_a_record_changed_since_is_left_alone_with_what_it_rests_on(standing):
    batch = imported(*ROWS)
    edited = ClosureEvent.objects.get(mission__host="PE")
    edited.summary = "Shut for good."
    edited.save()

    done = undo(batch)

    why = dict(done.left_alone)
    citation = edited.citations.get()
    assert why[edited] == "it was changed since"
    assert why[citation] == f"it belongs to closure event draft-{edited.pk}, which stays"
    assert why[citation.source].endswith("uses it")
    assert why[edited.mission] == f"closure event draft-{edited.pk} uses it"
    assert not ClosureEvent.objects.filter(mission__host="MX").exists()
    edited.refresh_from_db()
    assert edited.summary == "Shut for good."


def test_a_list_changed_since_counts_as_a_change():
    batch = imported(ROWS[0])
    event = ClosureEvent.objects.get()
    event.quotes.add(make_quote())

    assert undo(batch).left_alone[0] == (event, "it was changed since")


def test_a_changed_record_that_was_changed_again_keeps_its_later_change(standing):
    batch = imported(*ROWS)
    standing.refresh_from_db()
    standing.date_note = "read against a calendar"
    standing.save()

    done = undo(batch)

    standing.refresh_from_db()
    assert (standing.summary, standing.date_note) == ("Notified.", "read against a calendar")
    assert (standing, "it was changed since") in done.left_alone


def test_a_changed_record_that_was_published_since_is_left_to_a_reviewer(standing):
    batch = imported(*ROWS)
    standing.refresh_from_db()
    publish(standing)

    done = undo(batch)

    standing.refresh_from_db()
    assert (standing.state, standing.summary) == ("published", "Notified.")
    assert any(record == standing and "published since" in why for record, why in done.left_alone)


def test_what_others_have_come_to_use_is_left_alone():
    batch = imported(ROWS[0])
    source = Source.objects.get()
    other = make_event(mission=make_mission(host="MX"))
    later = cite(other, source)

    done = undo(batch)

    assert done.left_alone == [
        (source, f"event citation {later.pk} uses it"),
        (source.outlet, f"source draft-{source.pk} uses it"),
    ]
    assert list(ClosureEvent.objects.all()) == [other]


def test_an_event_that_another_import_cites_keeps_that_citation_only():
    first = imported(ROWS[0])
    imported("Peru,closed,2017-03,https://example.org/other,Another report,,,,,")

    undo(first)

    event = ClosureEvent.objects.get()
    assert [citation.source.title for citation in event.citations.all()] == ["Another report"]


def test_imports_are_undone_one_after_another():
    make_reason()
    before = record()
    first = imported(ROWS[0])
    second = imported(ROWS[0].replace("lima,", "lima-2,"), ROWS[1])

    undo(second)
    done = undo(first)

    assert record() == before
    assert done.left_alone == []


def test_changes_that_an_import_proposed_are_withdrawn(standing, editor):
    publish(standing)
    batch = imported(ROWS[2], user=editor)
    change = ProposedChange.objects.get()

    done = undo(batch, editor)

    change.refresh_from_db()
    assert (change.state, change.note, done.withdrawn) == ("returned", f"undo of import {batch.pk}", [change])


def test_a_proposed_change_that_was_approved_is_listed(standing, editor, reviewer):
    publish(standing)
    batch = imported(ROWS[2], user=editor)
    proposals.approve(ProposedChange.objects.get(), reviewer)

    done = undo(batch, reviewer)

    standing.refresh_from_db()
    assert standing.summary == "Notified."
    assert [why for record, why in done.left_alone if record == standing] == [
        "a reviewer has approved a change that the import proposed"
    ]


def test_an_import_is_undone_once():
    batch = imported(*ROWS[:1])
    undo(batch)

    with pytest.raises(ValidationError, match="was taken back already"):
        undo(batch)
    with pytest.raises(ValidationError, match="wrote nothing"):
        plan_of_undo(ImportBatch(file="x.csv", stage="refused"))


def test_what_readers_saw_is_taken_back_by_those_who_publish(editor, reviewer):
    batch = imported(ROWS[0])
    publish(ClosureEvent.objects.get(), by=reviewer)

    with pytest.raises(ValidationError, match="a reviewer must take it back"):
        undo(batch, editor)

    batch.refresh_from_db()
    assert (batch.stage, ClosureEvent.objects.get().state) == ("written", "published")


def test_the_same_sheet_goes_in_again_after_its_undo(standing):
    undo(imported(*ROWS))
    imported(*ROWS)

    assert ClosureEvent.objects.get(mission__host="PE").state == State.IN_REVIEW


def test_the_starter_data_can_be_taken_back_as_well():
    before = record()
    call_command("load_starter")

    done = undo(ImportBatch.objects.get())

    assert (done.removed, done.left_alone) == ([], [])
    assert public() == {name: [] for name in before if name != "spans"}
    call_command("check_record")


def test_the_command_lists_what_it_did(capsys):
    batch = imported(ROWS[0])
    source = Source.objects.get()
    cite(make_event(mission=make_mission(host="MX")), source)

    call_command("undo_import", str(batch.pk))

    printed = capsys.readouterr().out
    assert "removed: draft-" in printed and "Mission of North Korea in Peru: closed" in printed
    assert f"left alone: draft-{source.pk} “Embassy in Lima closes”: event citation" in printed
    assert f"Import {batch.pk} of events.csv was taken back: 6 removed, 2 left alone." in printed
    with pytest.raises(CommandError, match="was taken back already"):
        call_command("undo_import", str(batch.pk))
    with pytest.raises(CommandError, match="There is no import"):
        call_command("undo_import", "999999")
