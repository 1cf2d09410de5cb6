"""Worded dates, read against the day of the report; nothing is invented (domain.md, rule 1)."""

import pytest

from missions.report_desk.dates import needs_day_of_report, readings
from nkwatch.editorial.edtf import bounds

WEDNESDAY = "2023-11-01"

MEANT = [
    ("today", ["2023-11-01"]),
    ("yesterday", ["2023-10-31"]),
    ("the day before yesterday", ["2023-10-30"]),
    ("on Wednesday", ["2023-11-01", "2023-11-08"]),
    ("Wednesday evening (local time)", ["2023-11-01", "2023-11-08"]),
    ("on Friday", ["2023-10-27", "2023-11-03"]),
    ("on Tues.", ["2023-10-31", "2023-11-07"]),
    ("last Wednesday", ["2023-10-25"]),
    ("last Monday", ["2023-10-30", "2023-10-23"]),
    ("this Friday", ["2023-11-03"]),
    ("next Friday", ["2023-11-03", "2023-11-10"]),
    ("last week", ["2023-10-23/2023-10-29"]),
    ("this week", ["2023-10-30/2023-11-05"]),
    ("earlier this week", ["2023-10-30/2023-11-01"]),
    ("later this week", ["2023-11-01/2023-11-05"]),
    ("last month", ["2023-10"]),
    ("the previous month", ["2023-10"]),
    ("earlier this month", ["2023-11-01"]),
    ("later this month", ["2023-11-01/2023-11-30"]),
    ("this year", ["2023"]),
    ("earlier this year", ["2023-01-01/2023-11-01"]),
    ("last year", ["2022"]),
    ("by the end of the year", ["../2023-12-31"]),
    ("by year-end", ["../2023-12-31"]),
    ("by the end of this month", ["../2023-11-30"]),
    ("by the end of the week", ["../2023-11-05"]),
    ("at the end of last month", ["2023-10"]),
    ("two days ago", ["2023-10-30"]),
    ("a week ago", ["2023-10-25~"]),
    ("three months ago", ["2023-08~"]),
    ("two years ago", ["2021~"]),
    ("on 27 October", ["2023-10-27"]),
    ("on October 27", ["2023-10-27"]),
    ("Oct. 27th", ["2023-10-27"]),
    ("on Friday, October 27", ["2023-10-27"]),
    ("on the 27th of October last year", ["2022-10-27"]),
    ("on 5 December", ["2023-12-05", "2022-12-05"]),
    ("by 5 December", ["../2023-12-05", "../2022-12-05"]),
    ("before 5 December 2023", ["../2023-12-04"]),
    ("on 5 May", ["2023-05-05"]),
    ("in October", ["2023-10"]),
    ("in late October", ["2023-10"]),
    ("in November", ["2023-11"]),
    ("last October", ["2023-10"]),
    ("in October of last year", ["2022-10"]),
    ("in October 2021", ["2021-10"]),
    ("27 October 2021", ["2021-10-27"]),
    ("on the 1st", ["2023-11-01"]),
    ("on the 30th", ["2023-10-30"]),
    ("on the 6th", ["2023-11-06", "2023-10-06"]),
    ("지난 수요일", ["2023-10-25"]),
    ("수요일", ["2023-11-01", "2023-11-08"]),
    ("어제", ["2023-10-31"]),
    ("1일", ["2023-11-01"]),
    ("1일(현지시간)", ["2023-11-01"]),
    ("지난 27일", ["2023-10-27"]),
    ("오는 5일", ["2023-11-05"]),
    ("10월 27일", ["2023-10-27"]),
    ("지난달 27일", ["2023-10-27"]),
    ("이달 1일", ["2023-11-01"]),
    ("지난주", ["2023-10-23/2023-10-29"]),
    ("지난달", ["2023-10"]),
    ("지난해 10월", ["2022-10"]),
    ("지난해 10월 27일", ["2022-10-27"]),
    ("올해 말까지", ["../2023-12-31"]),
    ("연말까지", ["../2023-12-31"]),
    ("3일 전", ["2023-10-29"]),
    ("2023년 10월 27일", ["2023-10-27"]),
]


@pytest.mark.parametrize(("words", "dates"), MEANT)
def test_words_mean_these_dates_in_a_report_of_wednesday_1_november_2023(words, dates):
    assert [reading.date for reading in readings(words, WEDNESDAY)] == dates


@pytest.mark.parametrize(("words", "dates"), MEANT)
def test_every_reading_is_a_date_as_records_keep_it(words, dates):
    for reading in readings(words, WEDNESDAY):
        assert bounds(reading.date)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "recently",
        "soon",
        "in recent months",
        "after the pandemic",
        "Wednesday and Thursday",
        "31 February",
        "on the 45th",
        "13월 1일",
        "the other day",
        "unknown",
        "03/04/2023",
        "x" * 10_000,
    ],
)
def test_words_that_name_no_date_give_none(words):
    assert [reading.date for reading in readings(words, WEDNESDAY)] == []


def test_how_it_was_read_is_told_as_records_tell_it():
    assert readings("on Wednesday", WEDNESDAY)[0].note == "Wednesday, read against 2023-11-01"
    assert readings("지난 수요일", WEDNESDAY)[0].note == "지난 수요일, read against 2023-11-01"


def test_a_whole_date_needs_no_note():
    assert readings("27 October 2023", WEDNESDAY) == [("2023-10-27", "")]


def test_against_a_window_of_days_a_window_is_read():
    assert [reading.date for reading in readings("last week", "2023-11-05/2023-11-12")] == ["2023-10-23/2023-11-05"]
    assert [reading.date for reading in readings("last month", "2023-11")] == ["2023-10"]


@pytest.mark.parametrize("against", ["", "2023-11-03/..", "../2023-11-03", "soon"])
def test_without_the_day_of_the_report_relative_words_mean_nothing(against):
    assert readings("on Wednesday", against) == []


def test_at_the_turn_of_the_year_the_month_before_is_of_the_year_before():
    assert [reading.date for reading in readings("last month", "2024-01-05")] == ["2023-12"]
    assert [reading.date for reading in readings("on 28 December", "2024-01-05")] == ["2023-12-28"]
    assert readings("on 3 January", "2023-12-30")[0].date == "2024-01-03"


@pytest.mark.parametrize("words", ["January 0000", "0 January 0000", "31 February", "last year", "twelve years ago"])
@pytest.mark.parametrize("against", ["2023-11-01", "0001-01-01", "9999-12-31"])
def test_words_beyond_the_calendar_are_dates_or_nothing(words, against):
    assert all(bounds(reading.date).latest for reading in readings(words, against))


def test_only_words_that_lean_on_the_report_wait_for_its_day():
    assert [needs_day_of_report(words) for words in ("on Wednesday", "1 November 2023", "in the garden", "")] == [
        True,
        False,
        False,
        False,
    ]
