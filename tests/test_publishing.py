"""Publishing: the states, the one public gate, permanent numbers (domain.md, Models), rules 7 and 8."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from missions.models import ClosureEvent, Mission
from nkwatch.editorial.models import NumberSequence, Publishable, State
from nkwatch.editorial.versions import changing
from sources.models import Actor, ActorName, Authorship, Reference, Source
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


def reloaded(record: Any) -> Any:
    return type(record).objects.get(pk=record.pk)


# Draft -> in review -> published -> retracted.


def test_a_record_goes_from_draft_to_review_to_the_public_and_back_out() -> None:
    source = make_source()
    assert source.state == State.DRAFT

    source.submit()
    assert reloaded(source).state == State.IN_REVIEW
    assert source in Source.objects.waiting()

    source.publish()
    assert reloaded(source).state == State.PUBLISHED
    assert source not in Source.objects.waiting()

    source.retract("Recorded twice.")
    assert (reloaded(source).state, reloaded(source).retraction_reason) == (State.RETRACTED, "Recorded twice.")


def test_a_submitted_record_is_handed_back_as_a_draft() -> None:
    source = make_source()
    source.submit()

    source.return_to_draft()

    assert reloaded(source).state == State.DRAFT


@pytest.mark.parametrize(
    ("state", "move"),
    [
        ("in-review", Source.submit),
        ("published", Source.submit),
        ("retracted", Source.submit),
        ("draft", Source.return_to_draft),
        ("published", Source.return_to_draft),
        ("retracted", Source.return_to_draft),
        ("published", Source.publish),
        ("draft", lambda source: source.retract("A reason.")),
        ("in-review", lambda source: source.retract("A reason.")),
        ("retracted", lambda source: source.retract("A reason.")),
    ],
)
def test_no_other_move_is_possible(state: str, move: Callable[[Source], None]) -> None:
    source = make_source()
    if state == "in-review":
        source.submit()
    elif state != "draft":
        source.publish()
    if state == "retracted":
        source.retract("Recorded twice.")

    with pytest.raises(ValidationError):
        move(source)

    assert reloaded(source).state == state


@pytest.mark.parametrize("move", [Source.submit, Source.save])
def test_an_older_copy_does_not_make_a_public_record_a_draft_again(move: Callable[[Source], None]) -> None:
    source = make_source()
    older_copy = reloaded(source)
    source.publish()

    with pytest.raises(ValidationError, match="has been public and cannot become a draft again"):
        move(older_copy)

    assert reloaded(source).is_public


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_a_retraction_needs_a_reason(reason: str) -> None:
    source = make_source()
    source.publish()

    with pytest.raises(ValidationError, match="A retraction needs a reason that readers can be told"):
        source.retract(reason)

    assert reloaded(source).is_public


def test_what_is_published_again_no_longer_gives_a_reason_for_its_retraction() -> None:
    source = make_source()
    source.publish()
    source.retract("Recorded twice.")

    source.publish()

    assert (reloaded(source).state, reloaded(source).retraction_reason) == (State.PUBLISHED, "")


# Numbers: given at first publication, so that drafts leave no gaps to see; permanent.


def test_until_published_a_record_is_named_by_its_draft() -> None:
    source = make_source()
    source.submit()

    assert (source.number, source.label) == (None, f"draft-{source.pk}")


def test_numbers_follow_the_order_of_publication_and_drafts_leave_no_gap() -> None:
    first, never, last = (make_source(title=title) for title in ("First", "Never", "Last"))

    last.publish()
    first.publish()

    assert [last.label, never.label, first.label] == ["S-0001", f"draft-{never.pk}", "S-0002"]


def test_every_kind_of_record_counts_for_itself() -> None:
    event, quote, figure = make_event(), make_quote(speaker=make_actor()), make_figure()
    cite(event)
    publish(event, quote, figure, make_source(title="Another"))

    numbered = (event, event.mission, quote, quote.speaker, figure)
    assert [record.label for record in numbered] == ["E-0001", "M-0001", "Q-0001", "A-0001", "F-0001"]
    assert sorted(source.label for source in Source.objects.all()) == ["S-0001", "S-0002"]


def test_a_number_stays_through_retraction_and_republication() -> None:
    source = make_source()
    source.publish()
    make_source(title="Another").publish()

    source.retract("Recorded twice.")
    assert source.label == "S-0001"

    reloaded(source).publish()
    assert reloaded(source).label == "S-0001"


def test_a_second_reviewer_with_an_older_copy_does_not_give_a_second_number() -> None:
    source = make_source()
    older_copy = reloaded(source)
    source.publish()

    older_copy.publish()

    assert reloaded(source).label == "S-0001"
    assert NumberSequence.objects.get(prefix="S").last == 1


def test_a_publication_that_fails_uses_up_no_number() -> None:
    source = make_source()
    source.language = "x" * 40

    with pytest.raises(ValidationError):
        source.publish()
    make_source(title="Another").publish()

    assert Source.objects.get(title="Another").label == "S-0001"
    assert reloaded(source).state == State.DRAFT


# One public gate: published records, reached through published records only.


def make_name() -> ActorName:
    return ActorName.objects.create(actor=make_actor(), name="共同通信")


def make_authorship() -> Authorship:
    return Authorship.objects.create(source=make_source(), author=make_actor())


def make_reference() -> Reference:
    return Reference.objects.create(source=make_source(), cited_source=make_source(title="Cited"), label="n19")


def make_coverage_citation() -> Any:
    return cite(make_coverage())


@pytest.mark.parametrize(
    ("make", "through"),
    [
        (make_name, "actor"),
        (make_authorship, "source"),
        (make_authorship, "author"),
        (make_reference, "source"),
        (make_reference, "cited_source"),
        (make_coverage, "mission"),
        (make_coverage_citation, "source"),
        (make_coverage_citation, "coverage"),
        (make_coverage_citation, "coverage.mission"),
        (lambda: cite(make_quote()), "source"),
        (lambda: cite(make_quote()), "quote"),
        (lambda: cite(make_figure()), "figure"),
        (lambda: cite(make_mission()), "mission"),
        (lambda: cite(make_event()), "source"),
        (lambda: cite(make_event()), "event"),
        (lambda: cite(make_event()), "event.mission"),
    ],
)
def test_a_part_is_public_only_while_what_it_is_reached_through_is(make: Callable[[], Any], through: str) -> None:
    part = make()
    publish(part)
    assert part in type(part).objects.public()
    assert reloaded(part).is_public

    named = reloaded(part)
    for name in through.split("."):
        named = getattr(named, name)
    named.retract("Recorded by mistake.")

    assert part not in type(part).objects.public()
    assert not reloaded(part).is_public


@pytest.mark.parametrize("state", ["draft", "in-review", "retracted"])
@pytest.mark.parametrize("make", [make_actor, make_source, make_reason, make_quote, make_figure, make_mission])
def test_only_published_records_pass_the_gate(make: Callable[[], Any], state: str) -> None:
    record = make()
    if state == "in-review":
        record.submit()
    if state == "retracted":
        record.publish()
        record.retract("Recorded by mistake.")

    assert record not in type(record).objects.public()
    assert not record.is_public


def test_an_event_of_a_retracted_mission_is_not_public() -> None:
    event = make_event()
    cite(event)
    publish(event)

    reloaded(event.mission).retract("Recorded twice.")

    assert not ClosureEvent.objects.public().exists()
    assert not Mission.objects.public().exists()


def test_the_gate_reads_the_same_across_a_relation() -> None:
    event = make_event()
    cite(event)
    publish(event)
    condition = ClosureEvent.public_condition("events__")
    assert Mission.objects.filter(condition).exists()

    reloaded(event.mission).retract("Recorded twice.")

    assert not Mission.objects.filter(condition).exists()


# What a record names must be public before it is.


@pytest.mark.parametrize(
    "make",
    [
        lambda: cite(make_event()),
        lambda: make_coverage(),
        lambda: make_quote(speaker=make_actor()),
        lambda: make_figure(speaker=make_actor()),
        lambda: make_source(outlet=make_actor()),
        lambda: make_source(republication_of=make_source(title="Original")),
        lambda: make_actor(name="Correspondent", part_of=make_actor()),
        make_authorship,
        make_name,
    ],
)
def test_a_record_that_names_a_draft_is_not_published(make: Callable[[], Publishable]) -> None:
    record = make()

    with pytest.raises(ValidationError, match=r"it names .+, which is not published yet: publish that first"):
        record.publish()

    assert reloaded(record).state == State.DRAFT


def test_a_record_that_names_a_retracted_one_is_not_published() -> None:
    quote = make_quote(speaker=make_actor())
    quote.speaker.publish()
    quote.speaker.retract("Recorded twice.")

    with pytest.raises(ValidationError, match="which is not published yet"):
        quote.publish()


# *Unsourced* cannot be published (rule 4).


def refuse_to_publish(event: ClosureEvent) -> None:
    event.mission.publish()
    with pytest.raises(ValidationError, match="no source supports it: cite one first"):
        event.publish()
    assert reloaded(event).state == State.DRAFT


def test_an_event_without_a_source_is_not_published() -> None:
    refuse_to_publish(make_event())


@pytest.mark.parametrize("overrides", [{"stance": "disputes"}, {"stance": "mentions"}, {"fact": "duties_to"}])
def test_an_event_that_no_source_supports_as_such_is_not_published(overrides: dict[str, str]) -> None:
    event = make_event()
    cite(event, **overrides)

    refuse_to_publish(event)


def test_an_event_that_only_a_draft_supports_is_not_published() -> None:
    event = make_event()
    cite(event)
    event.mission.publish()

    with pytest.raises(ValidationError, match=r"it rests on .+, which is not published yet: publish that first"):
        event.publish()

    assert reloaded(event).state == State.DRAFT


def test_an_event_that_a_source_supports_is_published() -> None:
    event = make_event()
    cite(event)

    publish(event)

    assert event in ClosureEvent.objects.public()


# Rule 8: nobody approves their own change of a mission's status.


def written_by(user: User, make: Callable[[], Any]) -> Any:
    with changing(user=user):
        return make()


def make_sourced_event() -> ClosureEvent:
    event = make_event()
    cite(event)
    return event


def test_a_reviewer_does_not_publish_an_event_of_their_own(reviewer: User) -> None:
    event = written_by(reviewer, make_sourced_event)
    publish(event.mission, event.citations.get().source)

    with pytest.raises(ValidationError, match="you wrote it: another reviewer must publish it"):
        event.publish(by=reviewer)

    assert reloaded(event).state == State.DRAFT


def test_another_reviewer_does(reviewer: User, administrator: User) -> None:
    event = written_by(reviewer, make_sourced_event)

    publish(event, by=administrator)

    assert event.is_public


def test_whoever_changed_a_draft_last_or_before_is_its_author(editor: User, reviewer: User) -> None:
    event = written_by(reviewer, make_sourced_event)
    event.summary = "Its embassy told a local party."
    with changing(user=editor):
        event.save()
        event.submit()

    publish(event.mission, event.citations.get().source)

    with pytest.raises(ValidationError, match="you wrote it"):
        event.publish(by=reviewer)


@pytest.mark.parametrize("make", [make_mission, lambda: cite(make_event())])
def test_missions_and_the_citations_of_events_bear_on_status_too(
    make: Callable[[], Any], reviewer: User, administrator: User
) -> None:
    record = written_by(reviewer, make)
    if not isinstance(record, Mission):
        publish(record.source, record.event.mission, by=administrator)
        record.event.publish(by=administrator)

    with pytest.raises(ValidationError, match="you wrote it"):
        record.publish(by=reviewer)


@pytest.mark.parametrize("make", [make_source, make_actor, make_quote, make_figure, make_reason])
def test_a_reviewer_publishes_their_own_record_where_no_status_hangs_on_it(
    make: Callable[[], Any], reviewer: User
) -> None:
    record = written_by(reviewer, make)

    record.publish(by=reviewer)

    assert record.is_public


def test_once_published_by_another_a_new_change_begins_a_new_account(reviewer: User, administrator: User) -> None:
    event = written_by(reviewer, make_sourced_event)
    with changing(user=administrator):
        publish(event, by=administrator)
    with changing(user=administrator):
        reloaded(event).retract("Misread.")

    reloaded(event).publish(by=reviewer)

    assert reloaded(event).is_public


def test_a_desk_of_one_turns_the_second_pair_of_eyes_off(reviewer: User, settings: Any) -> None:
    settings.FOUR_EYES = False
    event = written_by(reviewer, make_sourced_event)

    with changing(user=reviewer):
        publish(event, by=reviewer)

    assert event.is_public
    assert event.history.first().history_user == reviewer


# Rule 7: nothing that was public is deleted.


def test_a_draft_can_be_deleted() -> None:
    source = make_source()

    source.delete()

    assert not Source.objects.exists()


@pytest.mark.parametrize("retracted", [False, True])
@pytest.mark.parametrize("at_once", [False, True])
def test_what_was_public_is_retracted_never_deleted(retracted: bool, at_once: bool) -> None:
    source = make_source()
    source.publish()
    if retracted:
        source.retract("Recorded twice.")
    make_source(title="A draft beside it")

    with pytest.raises(ValidationError, match="has been public: retract it, with a reason, instead of deleting it"):
        Source.objects.all().delete() if at_once else source.delete()

    assert Source.objects.count() == 2


def test_deleting_a_cited_source_is_refused_with_all_that_cites_it() -> None:
    source = make_source()
    citing = {cite(make_event(), source), cite(make_quote(), source), cite(make_figure(), source)}

    with pytest.raises(ProtectedError) as refusal:
        source.delete()

    assert refusal.value.protected_objects == citing


@pytest.mark.parametrize(
    "name_it",
    [
        lambda actor: make_quote(speaker=actor),
        lambda actor: make_figure(speaker=actor),
        lambda actor: make_source(outlet=actor),
        lambda actor: make_actor(name="Member", part_of=actor),
        lambda actor: cite(make_event(), attributed_to_actor=actor),
    ],
)
def test_deleting_an_actor_that_a_record_names_is_refused(name_it: Callable[[Actor], Any]) -> None:
    actor = make_actor()
    naming = name_it(actor)

    with pytest.raises(ProtectedError) as refusal:
        actor.delete()

    assert refusal.value.protected_objects == {naming}
