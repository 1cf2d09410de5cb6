"""Moments as programs that keep a copy of the record write and read them."""

import datetime

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive

MAY_COME_LATE = datetime.timedelta(minutes=10)
"""How much later than others of its time a change may be seen: a long import is seen when it is done."""


def read_time(text: str) -> datetime.datetime:
    """A moment, or the beginning of a day, in UTC where no zone is given. Raises ValidationError."""
    try:
        moment = parse_datetime(text.replace(" ", "+"))
        if moment is None and (day := parse_date(text)):
            moment = datetime.datetime.combine(day, datetime.time())
        if moment is not None:
            return moment.replace(tzinfo=datetime.UTC) if is_naive(moment) else moment.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        pass
    raise ValidationError(
        {"since": f"“{text}” is not a moment that can be read: write 2023-12-05 or 2023-12-05T09:30:00Z."}
    )


def as_time(moment: datetime.datetime) -> str:
    """A moment as answers write it: in UTC, by ISO 8601."""
    return moment.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
