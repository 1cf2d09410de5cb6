"""Dates as reports word them ("on Wednesday", "last week"), read against the day of the report."""

from typing import NamedTuple


class Reading(NamedTuple):
    """One thing that a worded date can mean: the EDTF date, and how it was read, for the record."""

    date: str
    note: str


def readings(text: str, against: str) -> list[Reading]:
    """What `text` can mean in a report issued on the EDTF date `against`, the likeliest first."""
    return []
