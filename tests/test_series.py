"""How many missions stood on each day on which that number changed, with its bounds."""

import csv
import datetime
import io
import json

import pytest
from django.test import Client

from missions.figures import RecordedCounts
from missions.models import ClosureEvent, Mission, StatusSpan
from missions.series import missions_open
from tests.make import make_event, make_mission, make_steps, publish

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2024, 6, 1)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def numbers(until: datetime.date = TODAY, abroad: bool = True) -> dict[str, tuple[int, int, int, int]]:
    return {str(point.day): tuple(point[1:]) for point in missions_open(abroad, until).points}


def test_a_closing_counts_from_its_latest_day_and_may_have_come_from_its_earliest():
    make_steps(("closed", "2023-11-01/2023-12-05"), established="2000")
    assert numbers() == {
        "2000-01-01": (0, 0, 1, 0),  # it may have been established by then
        "2000-12-31": (1, 1, 1, 1),
        "2023-11-01": (0, 1, 1, 1),
        "2023-12-05": (0, 0, 0, 0),
    }


def test_an_announced_closing_is_taken_as_done_in_a_number_of_its_own():
    make_steps(("announced", "2023-11-01"), ("closed", "2023-12-05"), established="2000-01-01")
    assert numbers()["2023-11-01"] == (1, 1, 1, 0)
    assert numbers()["2023-12-05"] == (0, 0, 0, 0)


def test_a_mission_presumed_open_is_recorded_and_not_among_the_fewest():
    make_steps(("reported", "2023-11-01"))
    assert numbers() == {"2013-11-01": (0, 1, 1, 1), "2023-11-01": (1, 1, 1, 0)}


def test_a_mission_may_have_opened_from_the_earliest_day_of_its_opening():
    make_steps(("opened", "2023-03/2023-06"))
    assert numbers() == {"2023-03-01": (0, 0, 1, 0), "2023-06-30": (1, 1, 1, 1)}


def test_an_opening_that_may_have_come_from_any_day_counts_from_its_latest_alone():
    make_steps(("opened", "../2023-06-30"))
    assert numbers() == {"2023-06-30": (1, 1, 1, 1)}


def test_a_reopening_without_an_earliest_day_may_have_come_from_the_closing_on():
    make_steps(("opened", "2020-01-01"), ("closed", "2021-01-01"), ("reopened", "../2022-01-01"))
    assert numbers() == {
        "2020-01-01": (1, 1, 1, 1),
        "2021-01-01": (0, 0, 1, 0),
        "2022-01-01": (1, 1, 1, 1),
    }


def test_openings_whose_days_overlap_count_once():
    make_steps(("opened", "2023-03/2023-06"), ("reopened", "2023-05/2023-08"))
    assert {high for _, _, high, _ in numbers().values()} == {1}


def test_directions_stand_apart():
    make_steps(("opened", "2020-01-01"))
    make_steps(("opened", "2021-01-01"), sending="RO", host="KP")
    assert list(numbers(abroad=True)) == ["2020-01-01"]
    assert list(numbers(abroad=False)) == ["2021-01-01"]


def test_nothing_after_the_day_asked_for_is_told():
    make_steps(("opened", "2020-01-01"), ("closed", "2023-12-05"))
    assert list(numbers(until=day("2023-12-04"))) == ["2020-01-01"]
    assert numbers(until=day("2023-12-05"))["2023-12-05"] == (0, 0, 0, 0)


def test_missions_of_which_nothing_dated_is_recorded_are_counted_apart():
    publish(make_mission(host="IT", city="Rome"))
    series = missions_open(True, TODAY)
    assert (series.points, series.unknown, series.told_from) == ([], 1, None)


def test_a_series_is_told_from_the_first_day_that_rests_on_more_than_a_presumption():
    make_steps(("reported", "2023-11"), ("closed", "../2023-12-05"))
    series = missions_open(True, TODAY)
    assert series.points[0].day == day("2013-11-01")
    assert series.told_from == day("2023-11-01")


def test_what_is_not_published_is_in_no_number():
    make_event(mission=make_mission(), stage="opened", date="2020-01-01")
    standing = make_steps(host="IT")
    make_event(mission=standing, stage="opened", date="2021-01-01")
    retracted = make_steps(("opened", "2020-01-01"), host="LY")
    retracted.retract(reason="It is another country’s.")
    assert numbers() == {}


def test_the_recorded_number_is_the_one_that_figures_are_compared_with():
    make_steps(("opened", "2019-05"), ("announced", "2023-10"), ("closed", "2023-11/2023-12"))
    make_steps(("suspended", "2022"), host="IT")
    make_steps(("reported", "2023-11-01"), ("plan-reversed", "2024-02-01"), host="CD")
    series, counts = missions_open(True, TODAY), RecordedCounts()
    days = counts.days_between(day("2000-01-01"), TODAY)
    assert len(days) > 8
    assert [series.on(each).recorded for each in days] == [counts.standing(each, abroad=True) for each in days]


def test_the_bounds_hold_the_recorded_number_on_every_day():
    make_steps(("opened", "2019/2020"), ("closed", "2021/2022"), ("reopened", "2022-06/2023"), ("closed", "2023-06/.."))
    make_steps(("seen-open", "2020-05-01"), ("announced", "2023"), ("closed", "../2024-01-30"), host="IT")
    points = missions_open(True, TODAY).points
    assert len(points) == 8
    assert all(0 <= point.low <= point.recorded <= point.high <= 2 for point in points)
    assert all(0 <= point.announced <= point.recorded for point in points)


def test_a_series_costs_two_queries_however_many_missions_there_are(django_assert_num_queries):
    """One for the stored spans, one for the steps that open a mission."""
    make_steps(("opened", "2020-01-01"), ("closed", "2023-12-05"))
    with django_assert_num_queries(2):
        missions_open(True, TODAY)
    missions = Mission.objects.bulk_create(
        Mission(number=n, state="published", sending_id="KP", host_id="IT", city=str(n), name=str(n))
        for n in range(100, 600)
    )
    StatusSpan.objects.bulk_create(
        StatusSpan(mission=mission, status="open", starts=day("2020-01-02") + datetime.timedelta(days=place))
        for place, mission in enumerate(missions)
    )
    ClosureEvent.objects.bulk_create(
        ClosureEvent(number=n, state="published", mission=mission, stage="opened", date="2020")
        for n, mission in enumerate(missions, 100)
    )
    with django_assert_num_queries(2):
        series = missions_open(True, TODAY)
    assert series.on(day("2021-12-31")).recorded == 501


@pytest.mark.parametrize("name", ["missions-open", "missions-open-in-pyongyang"])
def test_a_series_is_downloaded_row_for_row_as_of_a_day(client: Client, name: str):
    make_steps(("opened", "2020-01-01"), ("announced", "2023-11-01"), ("closed", "2023-12-05"))
    make_steps(("opened", "2021-01-01"), ("closed", "2022"), sending="RO", host="KP")
    series = missions_open(name == "missions-open", day("2023-11-30"))
    rows = [{**point._asdict(), "day": str(point.day)} for point in series.points]
    assert len(rows) > 1

    as_json = json.loads(client.get(f"/figures/{name}.json?asof=2023-11-30").getvalue())
    as_csv = csv.DictReader(io.StringIO(client.get(f"/figures/{name}.csv?asof=2023-11-30").getvalue().decode()))

    named = client.get(f"/figures/{name}.csv")["Content-Disposition"]

    assert f'"{name}.csv"' in named
    assert as_json == rows
    assert list(as_csv) == [{key: str(value) for key, value in row.items()} for row in rows]


def test_a_file_for_a_day_that_cannot_be_read_is_refused(client: Client):
    for ending in ("csv", "json", "xlsx", "svg"):
        answer = client.get(f"/figures/missions-open.{ending}?asof=yesterday")
        assert answer.status_code == 400
        assert "is not a day that can be read" in answer.content.decode()
