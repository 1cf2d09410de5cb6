"""Dates as people write them in sheets (event-sheet.md, `date`)."""

import pytest
from django.core.exceptions import ValidationError

from nkwatch.editorial.importing.dates import read_date


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2023-10-27", "2023-10-27"),
        ("2023-10", "2023-10"),
        ("2023", "2023"),
        ("2023-10~", "2023-10~"),
        ("../2023-12-05", "../2023-12-05"),
        ("2023-11-01/2023-12-05", "2023-11-01/2023-12-05"),
        ("27 Oct 2023", "2023-10-27"),
        ("27th October, 2023", "2023-10-27"),
        ("October 27, 2023", "2023-10-27"),
        ("Oct. 2023", "2023-10"),
        ("2023.10.27", "2023-10-27"),
        ("2023. 10", None),
        ("2023/10/27", "2023-10-27"),
        ("2023년 10월 27일", "2023-10-27"),
        ("2023년 10월", "2023-10"),
        ("2023년", "2023"),
        ("30/10/2023", "2023-10-30"),
        ("10/30/2023", "2023-10-30"),
        ("05/05/2023", "2023-05-05"),
        ("unknown", ""),
        ("Unknown", ""),
    ],
)
def test_a_date_with_one_reading_is_read(written, read):
    if read is None:
        with pytest.raises(ValidationError):
            read_date(written)
    else:
        assert read_date(written) == read


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("03/04/2023", "two ways"),
        ("3/4/23", "two digits"),
        ("c. 2023", "2023~"),
        ("about 2023-10", "2023-10~"),
        ("45226", "serial number"),
        ("1944-10", "before 1945"),
        ("31 February 2023", "no day of the calendar"),
        ("/2023-12-05", "leaves one side empty"),
        ("soon", "is not a date"),
        ("13/13/2023", "no day of the calendar"),
    ],
)
def test_any_other_is_refused_with_what_would_be_accepted(written, words):
    with pytest.raises(ValidationError, match=words):
        read_date(written)


@pytest.mark.parametrize(("order", "read"), [("day-first", "2023-04-03"), ("month-first", "2023-03-04")])
def test_an_importer_may_say_which_part_comes_first(order, read):
    assert read_date("03/04/2023", order) == read
