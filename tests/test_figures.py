"""Reported against recorded: domain.md, rule 5."""

import pytest

from missions.figure_sentences import comparison_sentence
from missions.figures import RecordedCounts, compare
from missions.models import ReportedFigure
from nkwatch.editorial.derivation import deriving_once
from tests.make import cite, make_event, make_figure, make_mission, make_source, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def recorded():
    """Three missions abroad: one closed in 2022, one by 5 December 2023, one closing; two in Pyongyang."""
    steps = [
        ("KP", "PE", "closed", "2022-06-01"),
        ("KP", "ES", "closed", "2023-12-05"),
        ("KP", "CD", "under-way", "2023-12-01"),
        ("RO", "KP", "seen-open", "2023-01-01"),
        ("RU", "KP", "seen-open", "2023-01-01"),
    ]
    source = make_source()
    with deriving_once():
        for sending, host, stage, date in steps:
            event = make_event(mission=make_mission(sending=sending, host=host, city=""), stage=stage, date=date)
            cite(event, source)
            publish(event)


def judged(**values) -> tuple[int | None, str]:
    found = compare(make_figure(**{"low": None, "high": None, "worded": "as given", **values}), RecordedCounts())
    return found.recorded, found.comparison


def test_closures_so_far_count_from_their_since(recorded):
    assert judged(metric="closures-so-far", low=1, high=1, since="2023-10", as_of="2023-12-05") == (1, "agrees")
    assert judged(metric="closures-so-far", low=2, high=2, since="2022", as_of="2023-12-05") == (2, "agrees")


def test_closures_so_far_without_since_are_not_comparable_once_other_years_closures_are_recorded(recorded):
    assert judged(metric="closures-so-far", low=2, high=2, as_of="2023-12-05") == (2, "not-comparable")
    assert judged(metric="closures-so-far", low=1, high=1, as_of="2022-12-31") == (1, "agrees")


def test_so_many_so_far_is_at_least(recorded):
    assert judged(metric="closures-so-far", low=1, high=1, since="2022", as_of="2023-12-05") == (2, "within")
    assert judged(metric="closures-so-far", low=3, high=3, since="2022", as_of="2023-12-05") == (2, "differs")


@pytest.mark.parametrize(
    ("low", "high", "comparison"),
    [(3, 3, "agrees"), (None, 12, "within"), (2, 4, "within"), (24, None, "differs"), (None, 2, "differs")],
)
def test_closures_planned_are_those_closing_or_closed(recorded, low, high, comparison):
    assert judged(metric="closures-planned", low=low, high=high, as_of="2023-12-31") == (3, comparison)


def test_missions_are_those_open_closing_or_suspended(recorded):
    assert judged(metric="missions-abroad", low=1, high=1, as_of="2023-12-31") == (1, "agrees")
    assert judged(metric="missions-in-pyongyang", low=2, high=2, as_of="2023-12-31") == (2, "agrees")
    assert judged(metric="missions-in-pyongyang", low=1, high=1, as_of="2023-12-31") == (2, "differs")


def test_a_total_is_not_comparable_while_the_record_names_fewer(recorded):
    assert judged(metric="missions-abroad", low=53, high=53, as_of="2023-11") == (2, "not-comparable")


def test_countries_with_relations_and_figures_without_bounds_are_not_comparable(recorded):
    assert judged(metric="countries-with-relations", low=160, high=160, as_of="2023") == (None, "not-comparable")
    assert judged(metric="closures-planned", worded="some", as_of="2023") == (3, "not-comparable")
    assert judged(metric="closures-planned", low=3, as_of="") == (None, "not-comparable")


def test_a_range_of_days_agrees_when_any_day_does(recorded):
    assert judged(metric="missions-abroad", low=2, high=2, as_of="2023-10/2023-12") == (2, "agrees")
    assert judged(metric="missions-abroad", low=1, high=1, as_of="2023-10/2023-12") == (1, "agrees")


def test_comparing_many_figures_reads_the_record_once(recorded, django_assert_num_queries):
    figures = [make_figure(as_of=f"2023-{month:02d}") for month in range(1, 13)]

    with django_assert_num_queries(1):
        counts = RecordedCounts()
        for figure in figures:
            compare(figure, counts)

    assert ReportedFigure.objects.count() == 12


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"metric": "closures-planned", "low": 3, "high": 3}, "This record had 3 then, too."),
        ({"metric": "closures-planned", "high": 12}, "This record had 3 then, which the words allow."),
        ({"metric": "closures-planned", "low": 24}, "This record had only 3 then."),
        ({"metric": "closures-planned", "high": 2}, "This record had 3 by then."),
        (
            {"metric": "missions-abroad", "low": 53, "high": 53},
            "A total; this record names only 1 of the missions that stood then, one by one.",
        ),
        ({"metric": "missions-abroad", "worded": "cut in half"}, "It gives no number."),
        ({"metric": "missions-abroad", "low": 53, "as_of": ""}, "It is not said on which day it was true."),
        (
            {"metric": "closures-so-far", "low": 2, "high": 2},
            "It is not said since when it counts, and this record has closings of other years.",
        ),
        (
            {"metric": "countries-with-relations", "low": 160, "high": 160},
            "This record does not count countries with relations.",
        ),
    ],
)
def test_each_comparison_says_in_words_why(recorded, values, sentence):
    figure = make_figure(**{"low": None, "high": None, "worded": "as given", "as_of": "2023-12-31", **values})

    assert comparison_sentence(figure, compare(figure, RecordedCounts())) == sentence
