"""What each card of a report would do, told before anything is written (pages.md, B1)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from missions.models import ClosureEvent
from missions.report_desk.effects import effects_of
from missions.report_desk.report import EventCard
from missions.report_desk.submission import submit_report
from nkwatch.editorial.importing.traces import kinds
from nkwatch.editorial.models import ImportBatch, NumberSequence, ProposedChange
from sources.models import CapturedCopy
from tests.make import cite, make_actor, make_event, make_mission, make_reason, make_source, publish
from tests.reports import ADDRESS, changed, only, report

pytestmark = pytest.mark.django_db

CLOSED = EventCard(key="event-1", mission="Spain", stage="closed", date="2023-11-08", basis="own-reporting")


@pytest.fixture
def spain() -> ClosureEvent:
    """An embassy that is said to close, by one origin; and the reason that the report's quote gives."""
    publish(make_reason(slug="financial-hardship", label="Financial hardship"))
    event = make_event(stage="announced", date="2023-10-26")
    cite(event, make_source(issued="", source_url="https://example.org/known"), attributed_to_actor=make_actor())
    publish(event)
    return event


def told(card: EventCard, user, **overrides) -> list[str]:
    return effects_of(only(card, **overrides), user).cards[card.key].sentences


def test_a_new_event_says_what_readers_will_see(spain, editor):
    assert told(CLOSED, editor) == [
        "new closure event",
        "1st origin for Spain, closed",
        "Spain: closing → closed; origins 0 → 1; unsourced → single origin",
    ]


def test_an_event_that_stands_gets_a_second_origin(spain, editor):
    announced = changed(CLOSED, stage="announced", date="2023-10-26")

    assert told(announced, editor) == [
        f"matches {spain.label} and adds a citation",
        "2nd origin for Spain, closing announced",
        "Spain: origins 1 → 2; single origin → corroborated",
    ]


def test_an_origin_that_counts_already_is_told(spain, editor):
    announced = changed(CLOSED, stage="announced", date="2023-10-26", basis="", attributed_to_actor="Kyodo News")

    assert told(announced, editor) == [
        f"matches {spain.label} and adds a citation",
        "no new origin for Spain, closing announced: Kyodo News counts already",
    ]


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ({"basis": ""}, "origin not given: shown, not counted"),
        ({"basis": "", "attributed_to_source": "relies-1"}, "the origin is somebody unnamed: shown, not counted"),
        ({"stance": "disputes"}, "disputes it: no origin for Spain, closed"),
        ({"stance": "mentions"}, "mentions it: no origin for Spain, closed"),
    ],
)
def test_what_does_not_count_says_why(spain, editor, card, words):
    assert words in told(changed(CLOSED, **card), editor, relies=report().relies)


def test_an_origin_known_only_from_the_report_does_not_corroborate(spain, editor):
    relies = (changed(report().relies[0], outlet="new-4"),)
    card = changed(CLOSED, basis="", attributed_to_source="relies-1")

    assert "from Lima Institute, not read: does not corroborate" in told(card, editor, relies=relies)


def test_a_new_mission_was_not_on_the_pages(spain, editor):
    card = changed(CLOSED, mission="new-1")

    assert told(card, editor, missions=report().missions)[-1] == (
        "Peru: not on the pages → closed; origins 0 → 1; unsourced → single origin"
    )


@pytest.mark.parametrize(
    ("standing", "card", "against"),
    [
        (("under-way", "../2023-12-05"), {}, "closed / withdrawal under way"),
        (("seen-open", "2023-12-01"), {}, "closed / seen open"),
        (("closed", "2023-12-01"), {}, "closed, 8 November 2023 / closed, 1 December 2023"),
        (("closed", "2023-10-01"), {"stage": "seen-open"}, "seen open / closed"),
        (("closed", "2023-10-01"), {"stage": "under-way"}, "withdrawal under way / closed"),
        (("closed", "2023-11-08"), {"stance": "disputes"}, "disputes / supports"),
    ],
)
def test_what_another_source_says_against_it(spain, editor, standing, card, against):
    stage, date = standing
    other = make_event(mission=spain.mission, stage=stage, date=date)
    source = make_source(title="Another", issued="2023-12-05")
    cite(other, source, date=date)
    publish(other)
    source.refresh_from_db()

    found = effects_of(only(changed(CLOSED, **card)), editor).cards["event-1"]

    assert found.conflicts == (f"{source.label}: {against}",)
    assert f"conflicts with {source.label}: {against}" in found.sentences


def test_two_days_for_one_event_are_a_conflict(spain, editor):
    event = make_event(mission=spain.mission, stage="closed", date="2023-11")
    source = make_source(title="Another")
    cite(event, source, date="2023-11-20")
    publish(event)
    source.refresh_from_db()

    found = effects_of(only(CLOSED), editor).cards["event-1"]

    assert found.conflicts == (f"{source.label}: 8 November 2023 / 20 November 2023",)


@pytest.mark.parametrize(
    ("stage", "date"),
    [("under-way", "2023-11-01"), ("announced", "2023-12-01"), ("closed", "2023-11-08"), ("seen-open", "2023-11-08")],
)
def test_what_does_not_exclude_it_is_no_conflict(spain, editor, stage, date):
    other = make_event(mission=spain.mission, stage=stage, date=date)
    cite(other, make_source(title="Another"), date=date)
    publish(other)

    assert effects_of(only(CLOSED), editor).cards["event-1"].conflicts == ()


def test_after_it_opened_again_being_there_is_no_conflict(spain, editor):
    for stage, date in (("reopened", "2023-11-20"), ("seen-open", "2023-12-01")):
        event = make_event(mission=spain.mission, stage=stage, date=date)
        cite(event, make_source(title=stage), date=date)
        publish(event)

    assert effects_of(only(CLOSED), editor).cards["event-1"].conflicts == ()


def test_a_whole_report_tells_of_each_card(spain, editor):
    found = effects_of(report(), editor)

    assert found.problems == ()
    assert {key: effect.outcome for key, effect in found.cards.items()} == dict.fromkeys(
        [
            *(f"actors:new-{n}" for n in range(1, 5)),
            "relies-1",
            "source",
            "missions:new-1",
            "event-1",
            "event-2",
            "quote-1",
            "figure-1",
        ],
        "new",
    )
    assert found.cards["event-2"].sentences[-1].startswith("Peru: not on the pages → closing")


def test_a_figure_is_held_against_the_record(spain, editor):
    figure = changed(report().figures[0], metric="closures-planned", worded="", low=3, high=3)

    assert effects_of(only(figure), editor).cards["figure-1"].sentences == [
        "new reported figure",
        "differs: the record counts 1",
    ]


def test_a_source_that_stands_is_named(spain, editor):
    known = make_source(title="Envoys leave Madrid", source_url=ADDRESS)

    found = effects_of(report(), editor).cards["source"]

    assert (found.outcome, found.record) == ("matched", known.label)
    assert found.does.startswith(f"is {known.label} “Envoys leave Madrid”; gives it: ")


def test_cards_that_cannot_be_taken_leave_the_others_their_effect(spain, editor):
    bad = changed(CLOSED, key="event-2", mission="Atlantis")

    found = effects_of(report(events=(CLOSED, bad), quotes=(), missions=()), editor)

    assert found.cards["event-1"].origin == "1st origin for Spain, closed"
    assert [(problem.card, problem.field) for problem in found.problems] == [("event-2", "mission")]


def test_what_it_tells_is_what_happens(spain, editor, reviewer):
    before = effects_of(only(CLOSED), editor).cards["event-1"]

    done = submit_report(only(CLOSED), user=editor, submit=True)
    event = done.cards["event-1"].record
    publish(event, by=reviewer)

    event.refresh_from_db()
    status = spain.mission.spans.get(ends=None).get_status_display()
    support = f"origins 0 → {event.support_origins}; unsourced → {event.get_support_level_display()}"
    assert before.readers == f"Spain: closing → {status}; {support}"


def test_drafts_that_stand_are_taken_along(spain, editor):
    """The effect of a card on another's draft is that of publishing both."""
    submit_report(only(CLOSED), user=editor)
    other = changed(report().source, title="Elsewhere", outlet="Kyodo News", authors=(), source_url="")

    found = effects_of(only(CLOSED, source=other, actors=()), editor).cards["event-1"]

    assert found.does.startswith("matches draft-")
    assert found.origin == "2nd origin for Spain, closed"


def test_no_trace_is_left(spain, editor):
    models = [*kinds(), *(model.history.model for model in kinds()), ImportBatch, ProposedChange, CapturedCopy]
    before = [list(model._base_manager.order_by("pk").values()) for model in models]
    numbers = list(NumberSequence.objects.values())

    assert effects_of(report(), editor).cards

    assert [list(model._base_manager.order_by("pk").values()) for model in models] == before
    assert list(NumberSequence.objects.values()) == numbers


def test_programs_get_the_same(spain, editor):
    found = effects_of(only(CLOSED), editor)

    told = found.as_json()

    assert told["cards"]["event-1"]["sentences"] == found.cards["event-1"].sentences
    assert told["cards"]["event-1"]["readers"].startswith("Spain: closing → closed")
    assert told["problems"] == []


def test_telling_costs_no_more_in_a_large_record_than_in_a_small_one(spain, editor):
    """It is told again after every change, so that each card may cost some thirty queries, and no record adds any."""
    effects_of(report(), editor)
    with CaptureQueriesContext(connection) as small:
        found = effects_of(report(), editor)
    assert len(small) < 40 * len(found.cards)

    for host in ("AT", "BG", "CZ", "DE"):
        event = make_event(mission=make_mission(host=host, city=""), stage="closed", date="2023-11-08")
        cite(event, make_source(title=f"Envoys leave {host}"), attributed_to_actor=make_actor(name=f"Post of {host}"))
        publish(event)
    with CaptureQueriesContext(connection) as large:
        effects_of(report(), editor)
    assert len(large) == len(small)
