"""Rule 7 of domain.md: every change leaves a version that says who, when, why, by which door and row."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from missions.models import ClosureEvent
from nkwatch.editorial.versions import Door, changing, current_change
from sources.models import ActorName, Authorship, Reference
from tests.make import (
    cite,
    make_actor,
    make_coverage,
    make_event,
    make_figure,
    make_mission,
    make_quote,
    make_reason,
    make_source,
    publish,
)

pytestmark = pytest.mark.django_db

EVERY_EDITABLE_RECORD = {
    "actor": make_actor,
    "spelling": lambda: ActorName.objects.create(actor=make_actor(), name="共同通信"),
    "source": make_source,
    "author": lambda: Authorship.objects.create(source=make_source(), author=make_actor()),
    "reference": lambda: Reference.objects.create(source=make_source(), cited_source=make_source(title="Cited")),
    "reason": make_reason,
    "quote": make_quote,
    "citation of a quote": lambda: cite(make_quote()),
    "mission": make_mission,
    "citation of a mission": lambda: cite(make_mission()),
    "coverage": make_coverage,
    "citation of a coverage": lambda: cite(make_coverage()),
    "event": make_event,
    "citation of an event": lambda: cite(make_event()),
    "figure": make_figure,
    "citation of a figure": lambda: cite(make_figure()),
}


@pytest.mark.parametrize("make", EVERY_EDITABLE_RECORD.values(), ids=EVERY_EDITABLE_RECORD)
def test_every_change_of_every_record_leaves_who_when_why_and_which_door(
    make: Callable[[], Any], editor: User, reviewer: User
) -> None:
    before = timezone.now()
    with changing(user=editor, door=Door.IMPORT, reason="First sheet", batch=7, row="events.csv, row 12"):
        record = make()
    with changing(user=reviewer, door=Door.ADMIN, reason="Checked"):
        record.submit()

    last, first = record.history.all()
    assert (first.history_type, first.history_user, first.history_change_reason) == ("+", editor, "First sheet")
    assert (first.door, first.batch, first.batch_row) == ("import", 7, "events.csv, row 12")
    assert (last.history_type, last.history_user, last.history_change_reason) == ("~", reviewer, "Checked")
    assert (last.door, last.batch, last.batch_row) == ("admin", None, "")
    assert (first.state, last.state) == ("draft", "in-review")
    assert before <= first.history_date <= last.history_date <= timezone.now()


def test_each_step_of_publishing_leaves_its_version() -> None:
    source = make_source()
    source.submit()
    source.publish()
    source.retract("Recorded twice.")

    assert [version.state for version in source.history.all()] == ["retracted", "published", "in-review", "draft"]
    assert [version.number for version in source.history.all()] == [1, 1, None, None]


def test_a_version_keeps_what_was_written() -> None:
    event = make_event(date="2023-10", summary="Notified to a party.")
    event.date = "2023-10-26"
    event.save()

    assert [version.date for version in event.history.all()] == ["2023-10-26", "2023-10"]
    assert event.history.last().instance.summary == "Notified to a party."


def test_a_deleted_draft_leaves_its_last_version_with_who_deleted_it(editor: User) -> None:
    event = make_event()
    pk = event.pk
    with changing(user=editor, reason="Entered twice"):
        event.delete()

    last = ClosureEvent.history.filter(id=pk).first()
    assert (last.history_type, last.history_user, last.history_change_reason) == ("-", editor, "Entered twice")


def test_drafts_deleted_together_leave_their_versions_too(editor: User) -> None:
    make_event()
    with changing(user=editor):
        ClosureEvent.objects.all().delete()

    assert ClosureEvent.history.filter(history_type="-", history_user=editor).count() == 1


# Many-to-many relations are part of a version.


def test_a_reason_added_to_a_quote_leaves_a_version_with_it(editor: User) -> None:
    quote, reason = make_quote(), make_reason()
    with changing(user=editor, reason="Read again"):
        quote.reasons.add(reason)

    last, first = quote.history.all()
    assert (last.history_user, last.history_change_reason) == (editor, "Read again")
    assert [row.reason for row in last.reasons.all()] == [reason]
    assert not first.reasons.exists()


def test_a_reason_taken_from_a_quote_leaves_a_version_without_it() -> None:
    quote, reason = make_quote(), make_reason()
    quote.reasons.add(reason)

    quote.reasons.remove(reason)

    assert [version.reasons.count() for version in quote.history.all()] == [0, 1, 0]


def test_a_quote_added_to_an_event_leaves_a_version_with_it() -> None:
    event, quote = make_event(), make_quote()

    event.quotes.add(quote)

    assert [[row.quote for row in version.quotes.all()] for version in event.history.all()] == [[quote], []]


# What is derived is no editor's change.


def test_derived_columns_leave_no_version() -> None:
    event = make_event()
    citation = cite(event, attributed_to_actor=make_actor())
    publish(event)
    versions_of_event, versions_of_citation = event.history.count(), citation.history.count()

    publish(cite(event, make_source(title="Another"), attributed_to_actor=make_actor(name="Yonhap", country="KR")))

    event.refresh_from_db()
    assert event.support_origins == 2
    assert event.history.count() == versions_of_event
    assert citation.history.count() == versions_of_citation


@pytest.mark.parametrize(
    ("make", "derived"),
    [
        (make_event, {"support_level", "support_reasoning", "support_one_country", "date_earliest", "date_latest"}),
        (lambda: cite(make_event()), {"origin", "origin_body", "origin_mark", "date_latest"}),
        (make_source, {"title_key", "canonical_url", "issued_latest"}),
        (make_actor, {"name_key"}),
    ],
)
def test_a_version_holds_what_editors_write_and_nothing_derived(make: Callable[[], Any], derived: set[str]) -> None:
    version = make().history.get()

    assert not derived & {field.name for field in version._meta.get_fields()}


# Signing.


def test_a_change_that_nobody_signs_is_that_of_an_unsigned_command() -> None:
    version = make_source().history.get()

    assert (version.door, version.history_user, version.history_change_reason) == ("command", None, None)


def test_inner_blocks_keep_what_they_do_not_say_and_end_with_themselves(editor: User) -> None:
    with changing(user=editor, door=Door.IMPORT):
        with changing(row="events.csv, row 3"):
            inner = current_change()
        outer = current_change()

    assert (inner.user, inner.door, inner.row) == (editor, "import", "events.csv, row 3")
    assert (outer.user, outer.row) == (editor, "")
    assert current_change().user is None


def test_a_block_that_fails_signs_nothing_after_it(editor: User) -> None:
    with pytest.raises(RuntimeError), changing(user=editor):
        raise RuntimeError

    assert make_source().history.get().history_user is None


def test_a_version_can_be_compared_with_the_one_before() -> None:
    event = make_event(date="2023-10")
    event.date, event.stage = "2023-10-26", "announced"
    event.save()

    last, first = event.history.all()

    changes = {change.field: (change.old, change.new) for change in last.diff_against(first).changes}
    assert changes == {"date": ("2023-10", "2023-10-26"), "stage": ("notified", "announced")}


def test_an_earlier_version_can_be_put_back_with_its_derived_columns_made_anew() -> None:
    event = make_event(date="2023-10")
    event.date = "2023-10-26"
    event.save()

    event.history.last().instance.save()

    event.refresh_from_db()
    assert (event.date, event.date_earliest) == ("2023-10", datetime.date(2023, 10, 1))


def test_putting_back_a_version_from_before_publication_does_not_take_the_record_from_the_public() -> None:
    source = make_source()
    source.publish()

    with pytest.raises(ValidationError, match="has been public and cannot become a draft again"):
        source.history.last().instance.save()

    source.refresh_from_db()
    assert (source.state, source.label) == ("published", "S-0001")
