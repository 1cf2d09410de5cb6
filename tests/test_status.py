"""Rule 2 of domain.md: a mission's status on a day, sentence by sentence, then against an oracle."""

import datetime
import itertools
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from missions.models import Stage, Status
from missions.status import Established, Span, Standing, Step, spans
from nkwatch.editorial.edtf import bounds

_keys = itertools.count(1)
NOT_ESTABLISHED = Established()


def step(stage: str, date: str = "") -> Step:
    return Step(next(_keys), Stage(stage), date, *(bounds(date) if date else (None, None)))


def established(date: str) -> Established:
    return Established(date, *bounds(date))


def span_on(day: datetime.date, found: list[Span]) -> Span:
    (span,) = (s for s in found if (s.starts is None or s.starts <= day) and (s.ends is None or day < s.ends))
    return span


def standing(day: str, *steps: Step, since: Established = NOT_ESTABLISHED) -> Standing:
    return span_on(datetime.date.fromisoformat(day), spans(steps, since)).standing


# Every step counts from its latest day.


@pytest.mark.parametrize(
    ("date", "day_before", "first_day"),
    [
        ("2023-10-27", "2023-10-26", "2023-10-27"),
        ("2023-10", "2023-10-30", "2023-10-31"),
        ("2023", "2023-12-30", "2023-12-31"),
        ("2023-11-01/2023-12-05", "2023-12-04", "2023-12-05"),
        ("../2023-12-05", "2023-12-04", "2023-12-05"),
        ("2023-10~", "2023-10-30", "2023-10-31"),
    ],
)
def test_a_step_counts_from_its_latest_day(date: str, day_before: str, first_day: str) -> None:
    closed = step("closed", date)

    assert standing(day_before, closed).status != Status.CLOSED
    assert standing(first_day, closed).status == Status.CLOSED


# The last that counts decides.


@pytest.mark.parametrize(
    ("stage", "status"),
    [
        ("opened", Status.OPEN),
        ("reopened", Status.OPEN),
        ("reported", Status.CLOSING),
        ("notified", Status.CLOSING),
        ("announced", Status.CLOSING),
        ("host-confirmed", Status.CLOSING),
        ("under-way", Status.CLOSING),
        ("suspended", Status.SUSPENDED),
        ("closed", Status.CLOSED),
        ("plan-reversed", Status.OPEN),
    ],
)
def test_the_last_step_that_counts_decides(stage: str, status: Status) -> None:
    last = step(stage, "2023-10-27")

    found = standing("2024-01-01", step("opened", "1961"), step("suspended", "2020-02"), last)

    assert (found.status, found.since, found.because) == (status, "2023-10-27", (last.key,))


def test_of_two_steps_towards_one_status_the_last_decides() -> None:
    second = step("suspended", "2021-03")

    found = standing("2022-01-01", step("suspended", "2020-03"), second)

    assert (found.since, found.because) == ("2021-03", (second.key,))


def test_a_step_with_a_later_latest_day_decides_even_when_its_window_began_earlier() -> None:
    assert standing("2024-01-01", step("suspended", "2023-11-05"), step("reopened", "2023")).status == Status.OPEN


@pytest.mark.parametrize(
    ("stages", "status"),
    [
        (("opened", "closed"), Status.CLOSED),
        (("announced", "closed"), Status.CLOSED),
        (("announced", "plan-reversed"), Status.OPEN),
        (("suspended", "reopened"), Status.OPEN),
        (("closed", "reopened"), Status.OPEN),
    ],
)
def test_steps_of_one_date_are_read_in_the_order_of_a_missions_life(stages: tuple[str, ...], status: Status) -> None:
    for entered in itertools.permutations(stages):
        assert standing("2024-01-01", *(step(stage, "2023-10") for stage in entered)).status == status


# After *closed* only *opened* and *reopened* change it.


@pytest.mark.parametrize("stage", [s for s in Stage if s not in (Stage.OPENED, Stage.REOPENED)])
def test_after_closed_no_other_stage_changes_it(stage: Stage) -> None:
    closed = step("closed", "2023-10-30")

    found = standing("2024-01-01", closed, step(stage, "2023-11-20"))

    assert (found.status, found.since, found.because) == (Status.CLOSED, "2023-10-30", (closed.key,))


@pytest.mark.parametrize("stage", ["opened", "reopened"])
def test_after_closed_an_opening_changes_it(stage: str) -> None:
    found = standing("2024-01-01", step("closed", "2023-10-30"), step(stage, "2023-12-01"))

    assert (found.status, found.since) == (Status.OPEN, "2023-12-01")


# A later *seen open* is a flagged conflict.


def test_a_later_seen_open_is_a_flagged_conflict() -> None:
    steps = step("closed", "2023-10-30"), step("seen-open", "2023-11-20")

    assert not standing("2023-11-19", *steps).seen_open_after_closing
    assert standing("2023-11-20", *steps).status == Status.CLOSED
    assert standing("2023-11-20", *steps).seen_open_after_closing


def test_an_earlier_seen_open_is_no_conflict() -> None:
    steps = step("seen-open", "2023-10-20"), step("closed", "2023-10-30")

    assert not standing("2024-01-01", *steps).seen_open_after_closing


def test_a_seen_open_that_may_have_come_first_is_no_conflict() -> None:
    steps = step("closed", "2023-10-15"), step("seen-open", "2023-10")

    assert not standing("2024-01-01", *steps).seen_open_after_closing


@pytest.mark.parametrize("seen", ["2023-10-30", "2023-10-30/2023-11-20"])
def test_a_mission_may_be_seen_open_on_the_day_it_closes(seen: str) -> None:
    assert not standing("2024-01-01", step("closed", "2023-10-30"), step("seen-open", seen)).seen_open_after_closing


def test_a_reopening_settles_the_conflict() -> None:
    steps = step("closed", "2023-10-30"), step("seen-open", "2023-11-20"), step("reopened", "2023-12")

    assert not standing("2024-01-01", *steps).seen_open_after_closing


# Inside the window of a closing step an open mission is flagged *may be closing*.


def test_inside_the_window_of_a_closing_step_an_open_mission_may_be_closing() -> None:
    steps = step("opened", "1961"), step("announced", "2023-10")

    assert not standing("2023-09-30", *steps).may_be_closing
    assert standing("2023-10-01", *steps).may_be_closing
    assert standing("2023-10-30", *steps).status == Status.OPEN
    assert standing("2023-10-30", *steps).may_be_closing
    assert standing("2023-10-31", *steps).status == Status.CLOSING
    assert not standing("2023-10-31", *steps).may_be_closing


def test_a_window_ends_with_its_last_day_on_which_the_step_counts() -> None:
    steps = step("opened", "1961"), step("announced", "2023-10"), step("plan-reversed", "2023-10-31")

    assert standing("2023-10-30", *steps).may_be_closing
    assert standing("2023-10-31", *steps).status == Status.OPEN
    assert not standing("2023-10-31", *steps).may_be_closing


def test_a_mission_that_is_closing_or_suspended_is_not_flagged_as_one_that_may_be_closing() -> None:
    under_way = step("under-way", "2023-10")

    assert not standing("2023-10-15", step("notified", "2023-09-20"), under_way).may_be_closing
    assert not standing("2023-10-15", step("suspended", "2023-09-20"), under_way).may_be_closing


# Inside that of a *closed*, *may have closed*.


@pytest.mark.parametrize(
    ("before", "status"),
    [("opened", Status.OPEN), ("notified", Status.CLOSING), ("suspended", Status.SUSPENDED)],
)
def test_inside_the_window_of_a_closing_down_a_mission_may_have_closed(before: str, status: Status) -> None:
    steps = step(before, "2023-10-26"), step("closed", "2023-11-01/2023-12-05")

    assert not standing("2023-10-31", *steps).may_have_closed
    assert standing("2023-11-01", *steps).status == status
    assert standing("2023-11-01", *steps).may_have_closed
    assert standing("2023-12-04", *steps).may_have_closed
    assert standing("2023-12-05", *steps).status == Status.CLOSED
    assert not standing("2023-12-05", *steps).may_have_closed


def test_a_window_without_an_end_never_comes_to_count_and_stays_open() -> None:
    steps = step("opened", "1961"), step("closed", "2023-11/..")

    assert not standing("2023-10-31", *steps).may_have_closed
    assert standing("2030-01-01", *steps).status == Status.OPEN
    assert standing("2030-01-01", *steps).may_have_closed


# One open at the start: from the step before it.


@pytest.mark.parametrize("stage", ["opened", "notified", "suspended", "seen-open", "farewell"])
def test_a_window_open_at_the_start_begins_with_the_step_before_it(stage: str) -> None:
    steps = step("opened", "1961"), step(stage, "2023-10-26"), step("closed", "../2023-12-05")

    assert not standing("2023-10-25", *steps).may_have_closed
    assert standing("2023-10-26", *steps).may_have_closed
    assert standing("2023-12-04", *steps).may_have_closed


def test_a_closing_window_open_at_the_start_begins_with_the_step_before_it() -> None:
    steps = step("opened", "1961"), step("seen-open", "2023-09-09"), step("announced", "../2023-10-30")

    assert not standing("2023-09-08", *steps).may_be_closing
    assert standing("2023-09-09", *steps).may_be_closing


def test_without_a_step_before_it_such_a_window_begins_when_the_mission_was_established() -> None:
    closed = step("closed", "../2023-12-05")

    assert standing("2015-01-01", closed, since=established("2015-01-01")).may_have_closed
    assert standing("2014-12-31", closed, since=established("2015-01-01")).status == Status.UNKNOWN


# Undated steps, *farewell* and "-" stages decide nothing.


@pytest.mark.parametrize("stage", list(Stage))
def test_an_undated_step_decides_nothing(stage: Stage) -> None:
    assert spans([step(stage)]) == [Span(None, None, Standing(Status.UNKNOWN))]


@pytest.mark.parametrize("stage", ["farewell", "duties-transferred", "downgraded", "upgraded", "seen-open"])
@pytest.mark.parametrize("before", ["opened", "announced", "suspended", "closed"])
def test_farewells_and_stages_that_lead_nowhere_decide_nothing(stage: str, before: str) -> None:
    earlier = step(before, "2023-10-01")

    with_it = standing("2024-01-01", earlier, step(stage, "2023-10-20"))
    without = standing("2024-01-01", earlier)

    assert (with_it.status, with_it.since, with_it.because) == (without.status, without.since, without.because)


# Before the first step: *open* when established by then.


def test_before_the_first_step_it_is_open_when_established_by_then() -> None:
    closed, since = step("closed", "2023-10-27"), established("1961-05")

    assert standing("1961-05-30", closed, since=since).status == Status.UNKNOWN
    assert standing("1961-05-31", closed, since=since) == Standing(Status.OPEN, since="1961-05")
    assert standing("2023-10-26", closed, since=since) == Standing(Status.OPEN, since="1961-05")


# Else *open, presumed* for at most ten years before a step which implies that the mission stood.


@pytest.mark.parametrize("stage", [s for s in Stage if s not in (Stage.OPENED, Stage.REOPENED)])
def test_it_is_presumed_open_for_ten_years_before_a_step_which_implies_that_it_stood(stage: Stage) -> None:
    implying = step(stage, "2023-10-27")

    assert standing("2013-10-26", implying) == Standing(Status.UNKNOWN)
    assert standing("2013-10-27", implying) == Standing(Status.OPEN, presumed_open=True, because=(implying.key,))
    assert standing("2023-10-26", implying).presumed_open


@pytest.mark.parametrize("stage", ["opened", "reopened"])
def test_an_opening_implies_nothing_of_the_time_before_it(stage: str) -> None:
    assert standing("2023-10-26", step(stage, "2023-10-27")).status == Status.UNKNOWN


def test_a_step_after_a_recorded_opening_implies_nothing_of_the_time_before_that() -> None:
    assert standing("2019-12-31", step("opened", "2020-01-01"), step("closed", "2023")).status == Status.UNKNOWN


def test_nothing_is_presumed_before_the_mission_can_have_been_established() -> None:
    closed, since = step("closed", "2023-10-27"), established("2018/2020")

    assert standing("2017-12-31", closed, since=since).status == Status.UNKNOWN
    assert standing("2018-01-01", closed, since=since).presumed_open
    assert standing("2020-12-31", closed, since=since) == Standing(Status.OPEN, since="2018/2020")


def test_ten_years_before_a_29_february_begin_on_the_28th() -> None:
    assert standing("2010-02-27", step("closed", "2020-02-29")).status == Status.UNKNOWN
    assert standing("2010-02-28", step("closed", "2020-02-29")).presumed_open


# Else *unknown*.


def test_with_nothing_recorded_it_is_unknown_for_all_time() -> None:
    assert spans([]) == [Span(None, None, Standing(Status.UNKNOWN))]


# From a *seen open* on it is open, with "last seen open" shown: silence is not closure.


def test_from_a_seen_open_on_it_is_open_however_long_ago() -> None:
    seen = step("seen-open", "2001-06-10")

    assert standing("2001-06-09", seen).presumed_open
    found = standing("2040-01-01", seen)
    assert (found.status, found.presumed_open, found.because) == (Status.OPEN, False, (seen.key,))
    assert found.last_seen_open == datetime.date(2001, 6, 10)


def test_the_last_day_on_which_it_was_seen_open_is_shown() -> None:
    steps = step("seen-open", "2001-06-10"), step("seen-open", "2015-09"), step("seen-open", "2022")

    assert standing("2016-01-01", *steps).last_seen_open == datetime.date(2015, 9, 30)


# Every *closing* is shown with the day it was last reported; the deciding step gives the date since.


def test_closing_is_shown_with_the_day_it_was_last_reported() -> None:
    notified, announced = step("notified", "2023-10-26"), step("announced", "2023-11")

    found = standing("2024-06-01", notified, announced)

    assert (found.since, found.last_reported) == ("2023-11", datetime.date(2023, 11, 30))
    assert standing("2023-11-01", notified, announced).last_reported == datetime.date(2023, 10, 26)


@pytest.mark.parametrize("stage", ["closed", "suspended", "plan-reversed"])
def test_what_is_not_closing_has_no_day_of_a_last_report(stage: str) -> None:
    assert standing("2024-01-01", step("notified", "2023-10-26"), step(stage, "2023-12")).last_reported is None


def test_closing_rests_on_every_closing_step_that_counts_and_on_none_before_a_reversal() -> None:
    dropped, reversed_, notified, announced, later = (
        step("reported", "2022-01-10"),
        step("plan-reversed", "2022-02-10"),
        step("notified", "2023-10-26"),
        step("announced", "2023-10-30"),
        step("under-way", "2023-12-01"),
    )

    found = standing("2023-11-15", dropped, reversed_, notified, announced, later)

    assert found.because == (notified.key, announced.key)


def test_dates_at_the_ends_of_the_calendar_are_read_like_any_other() -> None:
    assert standing("0006-06-01", step("closed", "0005")).status == Status.CLOSED
    assert standing("9999-12-30", step("opened", "2000"), step("closed", "9999-12-31")).status == Status.OPEN


# The same rules once more, day by day, from the words of domain.md alone.

CLOSING_STAGES = ("reported", "notified", "announced", "host-confirmed", "under-way")
TOWARDS = {
    "opened": "open",
    "reopened": "open",
    "plan-reversed": "open",
    "suspended": "suspended",
    "closed": "closed",
    **dict.fromkeys(CLOSING_STAGES, "closing"),
}
FIRST = datetime.date(2023, 1, 1)
LIFE = [FIRST + datetime.timedelta(days=n) for n in range(30)]
TEN_YEARS_BEFORE = [day.replace(year=2013) for day in LIFE]
DAYS = [datetime.date(1900, 1, 1), *TEN_YEARS_BEFORE, datetime.date(2018, 7, 1), *LIFE, datetime.date(2050, 1, 1)]


def oracle(day: datetime.date, steps: list[Step], since: Established) -> dict[str, Any]:
    """What domain.md, rule 2, says of one day; steps have no latest day in common."""
    dated = sorted((s for s in steps if s.latest), key=lambda s: s.latest)
    counted = [s for s in dated if s.latest <= day and s.stage in TOWARDS]
    said: dict[str, Any] = {"status": None, "presumed_open": False, "since": "", "last_reported": None}
    deciding = None
    closing: list[int] = []
    for s in counted:
        if said["status"] == "closed" and s.stage not in ("opened", "reopened"):
            continue
        deciding = s
        said["status"] = TOWARDS[s.stage]
        said["since"] = s.date
        closing = [*closing, s.key] if s.stage in CLOSING_STAGES else []
    said["last_reported"] = deciding.latest if closing else None

    seen = [s for s in dated if s.stage == "seen-open" and s.latest <= day]
    said["last_seen_open"] = seen[-1].latest if seen else None
    established_by_then = since.latest is not None and since.latest <= day

    def presumed_from(s: Step) -> datetime.date | None:
        opened_before = any(e.stage in ("opened", "reopened") and e.latest < s.latest for e in dated)
        if s.stage in ("opened", "reopened") or opened_before:
            return None
        first = s.earliest or s.latest
        return max(filter(None, [first.replace(year=first.year - 10), since.earliest]))

    if deciding is None:
        said["since"] = since.date if established_by_then else ""
        if established_by_then or seen:
            said["status"] = "open"
        elif any((start := presumed_from(s)) and start <= day <= s.latest for s in dated):
            said["status"], said["presumed_open"] = "open", True
        else:
            said["status"] = "unknown"

    def inside_a_window(*stages: str) -> bool:
        for s in steps:
            if s.stage not in stages or not s.date:
                continue
            before = [e.latest for e in dated if s.latest and e.latest < s.latest]
            start = s.earliest or (before[-1] if before else since.latest or presumed_from(s))
            if start and start <= day and not (s.latest and s.latest <= day):
                return True
        return False

    said["may_be_closing"] = said["status"] == "open" and inside_a_window(*CLOSING_STAGES)
    said["may_have_closed"] = said["status"] in ("open", "closing", "suspended") and inside_a_window("closed")
    said["seen_open_after_closing"] = said["status"] == "closed" and any(
        (s.earliest or s.latest) > deciding.latest for s in seen
    )
    if deciding is not None:
        said["because"] = tuple(closing or [deciding.key])
    return said


@st.composite
def dates(draw: Any) -> str:
    form = draw(st.sampled_from(["day", "window", "by", "from", "none"]))
    first, last = sorted(draw(st.lists(st.sampled_from(LIFE), min_size=2, max_size=2)))
    return {"day": f"{last}", "window": f"{first}/{last}", "by": f"../{last}", "from": f"{first}/..", "none": ""}[form]


@st.composite
def lives(draw: Any) -> tuple[list[Step], Established]:
    steps = [
        step(stage, date) for stage, date in draw(st.lists(st.tuples(st.sampled_from(Stage), dates()), max_size=6))
    ]
    date = draw(st.one_of(st.just(""), dates(), st.just("2015"), st.just("1961")))
    return steps, established(date) if date else Established()


@settings(max_examples=250, deadline=None)
@given(lives())
def test_every_day_is_as_the_rule_read_day_by_day_says(life: tuple[list[Step], Established]) -> None:
    steps, since = life
    steps = list({s.latest or s.key: s for s in steps}.values())

    found = spans(steps, since)

    for day in DAYS:
        said = oracle(day, steps, since)
        stored = vars(span_on(day, found).standing)
        assert {name: stored[name] for name in said} == said, day


@settings(max_examples=150, deadline=None)
@given(lives())
def test_spans_cover_all_time_without_gap_or_overlap_and_differ_from_their_neighbours(
    life: tuple[list[Step], Established],
) -> None:
    found = spans(*life)

    assert found[0].starts is None
    assert found[-1].ends is None
    for one, following in itertools.pairwise(found):
        assert one.ends == following.starts
        assert one.standing != following.standing
    for span in found[1:-1]:
        assert span.starts < span.ends


@settings(max_examples=150, deadline=None)
@given(lives(), st.randoms(use_true_random=False))
def test_the_order_in_which_steps_were_entered_does_not_matter(
    life: tuple[list[Step], Established], chance: random.Random
) -> None:
    steps, since = life
    shuffled = chance.sample(steps, len(steps))

    assert spans(shuffled, since) == spans(steps, since)
