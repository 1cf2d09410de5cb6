"""Rule 1 of domain.md: dates are EDTF, levels 0 and 1, and no day is ever invented."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from missions.models import ClosureEvent
from nkwatch.editorial import edtf
from nkwatch.editorial.bulk import cleaner
from nkwatch.editorial.edtf import bounds, in_words
from tests.make import make_coverage, make_event, make_mission, make_source


def day(text: str) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2023", "2023-01-01", "2023-12-31"),
        ("2023-10", "2023-10-01", "2023-10-31"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-10-27", "2023-10-27", "2023-10-27"),
        ("2024-02-29", "2024-02-29", "2024-02-29"),
        # A mark of doubt widens nothing: the strict ends are those of the date itself.
        ("2023-10~", "2023-10-01", "2023-10-31"),
        ("2023?", "2023-01-01", "2023-12-31"),
        ("2023-10-27%", "2023-10-27", "2023-10-27"),
        ("2023-11-01/2023-12-05", "2023-11-01", "2023-12-05"),
        ("2020/2023", "2020-01-01", "2023-12-31"),
        ("2023-10-27/2023-10", "2023-10-27", "2023-10-31"),
        ("2023-10-27~/2023-11?", "2023-10-27", "2023-11-30"),
        ("../2023-12-05", "", "2023-12-05"),
        ("../2023-12~", "", "2023-12-31"),
        ("2023-10/..", "2023-10-01", ""),
        ("2023-21", "2023-03-01", "2023-05-31"),
        ("2023-22", "2023-06-01", "2023-08-31"),
        ("2023-23", "2023-09-01", "2023-11-30"),
        ("2023-24", "2023-12-01", "2023-12-31"),
        ("199X", "1990-01-01", "1999-12-31"),
        ("19XX", "1900-01-01", "1999-12-31"),
        ("2023-XX", "2023-01-01", "2023-12-31"),
        ("2023-10-XX", "2023-10-01", "2023-10-31"),
        ("2023-XX-XX", "2023-01-01", "2023-12-31"),
        ("0001", "0001-01-01", "0001-12-31"),
        ("9999-12-31", "9999-12-31", "9999-12-31"),
    ],
)
def test_a_date_has_the_strict_bounds_of_what_it_says(text: str, earliest: str, latest: str) -> None:
    assert bounds(text) == (day(earliest), day(latest))


@pytest.mark.parametrize("text", ["/2023-12-05", "2023-12-05/", "/"])
def test_an_empty_side_is_refused_with_the_form_to_write(text: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        bounds(text)

    assert refusal.value.messages == [
        f"“{text}” leaves one side empty. Write .. for an open side: ../2023-12-05 for “by 5 December 2023”."
    ]


@pytest.mark.parametrize("text", ["2023-12/2023-11", "2023-11-05/2023-11-01", "2023~/2022"])
def test_an_interval_that_runs_backwards_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        bounds(text)

    assert refusal.value.messages == [f"“{text}” ends before it begins: put the earlier date first."]


def test_an_interval_open_on_both_sides_says_nothing() -> None:
    with pytest.raises(ValidationError, match=r"says nothing: leave the field empty"):
        bounds("../..")


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "23",
        "2O23",
        "２０２３",
        "2023-1",
        "2023-00",
        "2023-13",
        "2023-19",
        "2023-02-29",
        "2023-02-30",
        "2023-10-32",
        "0000",
        "-2023",
        "27 October 2023",
        "03/04/2023",
        "20231027",
        "2023-10-27T10:00",
        "2023-10-27 ",
        "2023/2024/2025",
        "2023-10-27\n",
        # Level 2, and long years: outside what nkwatch takes.
        "2023-25",
        "2023-41",
        "2023-XX-15",
        "2023-1X",
        "2023-10-2X",
        "19XX-10",
        "?2023-10",
        "2023?-10",
        "199X/2005",
        "../199X",
        "[2022,2023]",
        "{2023}",
        "Y12023",
        "1985S2",
    ],
)
def test_anything_else_is_refused_with_what_would_be_accepted(text: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        bounds(text)

    (message,) = refusal.value.messages
    assert message.startswith(f"“{text}” is not a date that can be read. Write 2023, 2023-10, 2023-10-27")
    assert message.endswith("or ../2023-12-05 (by that day).")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("2023", "2023"),
        ("2023-10", "October 2023"),
        ("2023-10-27", "27 October 2023"),
        ("2023-10-01", "1 October 2023"),
        ("2023-10~", "about October 2023"),
        ("2023?", "2023 (uncertain)"),
        ("2023-10%", "about October 2023 (uncertain)"),
        ("2023-11-01/2023-12-05", "between 1 November and 5 December 2023"),
        ("2023-12-01/2023-12-05", "between 1 and 5 December 2023"),
        ("2023-12-01/2024-12-05", "between 1 December 2023 and 5 December 2024"),
        ("2023-11/2023-12", "between November 2023 and December 2023"),
        ("2020/2023~", "between 2020 and about 2023"),
        ("../2023-12-05", "by 5 December 2023"),
        ("2023-10/..", "from October 2023 on"),
        ("2023-21", "spring 2023"),
        ("2023-22", "summer 2023"),
        ("2023-23", "autumn 2023"),
        ("2023-24", "winter 2023"),
        ("199X", "the 1990s"),
        ("199X~", "about the 1990s"),
        ("19XX", "the years 1900 to 1999"),
        ("2023-XX", "2023"),
        ("2023-10-XX", "October 2023"),
        ("2023-10-XX?", "October 2023 (uncertain)"),
        ("2023-XX-XX", "2023"),
    ],
)
def test_a_date_is_read_out_without_inventing_a_day(text: str, words: str) -> None:
    assert in_words(text) == words


@pytest.mark.django_db
def test_saving_keeps_the_date_as_written_with_its_bounds_beside_it() -> None:
    event = make_event(date="2023-10~")
    event.refresh_from_db()

    assert (event.date, event.date_earliest, event.date_latest) == (
        "2023-10~",
        datetime.date(2023, 10, 1),
        datetime.date(2023, 10, 31),
    )


@pytest.mark.django_db
def test_an_open_start_has_no_earliest_day() -> None:
    event = make_event(date="../2023-12-05")
    event.refresh_from_db()

    assert (event.date_earliest, event.date_latest) == (None, datetime.date(2023, 12, 5))


@pytest.mark.django_db
def test_a_date_taken_back_takes_its_bounds_along() -> None:
    event = make_event(date="2023-10")
    event.date = ""
    event.save()
    event.refresh_from_db()

    assert (event.date_earliest, event.date_latest) == (None, None)


@pytest.mark.django_db
def test_bulk_writes_fill_the_bounds_too() -> None:
    mission = make_mission()
    ClosureEvent.objects.bulk_create([ClosureEvent(mission=mission, stage="closed", date="../2023-12-05")])

    assert ClosureEvent.objects.filter(date_latest=datetime.date(2023, 12, 5), date_earliest=None).exists()


@pytest.mark.django_db
def test_a_bulk_write_of_an_unreadable_date_is_refused_with_the_field_named() -> None:
    mission = make_mission()
    with pytest.raises(ValidationError) as refusal:
        ClosureEvent.objects.bulk_create([ClosureEvent(mission=mission, stage="closed", date="/2023-12-05")])

    assert list(refusal.value.message_dict) == ["date"]


@pytest.mark.django_db
def test_an_unreadable_date_is_refused_beside_its_field() -> None:
    with pytest.raises(ValidationError) as refusal:
        make_source(issued="/2023-12-05")

    assert list(refusal.value.message_dict) == ["issued"]


@pytest.mark.django_db
def test_blanks_around_a_date_are_dropped() -> None:
    assert make_source(issued=" 2023-11-01 ").issued == "2023-11-01"


@pytest.mark.django_db
def test_validation_compares_the_bounds_of_what_was_typed_not_of_what_was_stored() -> None:
    coverage = make_coverage(starts="2010", ends="2012")
    coverage.starts, coverage.ends = "2020", ""
    coverage.save()
    coverage.ends = "2015"

    with pytest.raises(ValidationError, match="A coverage cannot end before it starts"):
        coverage.full_clean()


def _plain(year: int, month: int, day: int, parts: int, mark: str) -> str:
    return "-".join((f"{year:04d}", f"{month:02d}", f"{day:02d}")[:parts]) + mark


SIDES = st.builds(
    _plain,
    st.integers(1, 9998),
    st.integers(1, 12),
    st.integers(1, 28),
    st.integers(1, 3),
    st.sampled_from(["", *"~?%"]),
) | st.dates(datetime.date(1, 1, 1), datetime.date(9998, 12, 31)).map(str)


@settings(deadline=None)
@given(date=SIDES | st.tuples(SIDES, SIDES | st.just("..")).map("/".join))
def test_plain_dates_are_read_as_the_library_reads_them(date: str) -> None:
    assert edtf._plain_bounds(date) == edtf._parsed_bounds(date)


@settings(deadline=None)
@given(text=SIDES | st.from_regex(r"\d{4}(-\d{2}){0,2}", fullmatch=True))
def test_a_date_of_an_import_is_cleaned_as_its_field_cleans_it(text: str) -> None:
    field = ClosureEvent._meta.get_field("date")
    try:
        expected = field.clean(text, None)
    except ValidationError as error:
        with pytest.raises(ValidationError) as refused:
            cleaner(field)(text)
        assert refused.value.messages == error.messages
    else:
        assert cleaner(field)(text) == expected
