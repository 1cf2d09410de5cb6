"""What others count, held against what is recorded (domain.md, rule 5)."""

import bisect
import datetime
import functools
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.db import models
from django.utils.translation import pgettext_lazy

from missions.models import Metric, Mission, ReportedFigure, Status, StatusSpan
from missions.models.missions import NORTH_KOREA
from nkwatch.editorial.edtf import bounds

ONE_DAY = datetime.timedelta(days=1)
STANDING = (Status.OPEN, Status.CLOSING, Status.SUSPENDED)


class Comparison(models.TextChoices):
    """How a reported figure stands to the record."""

    AGREES = "agrees", pgettext_lazy("a figure held against the record", "agrees")
    WITHIN = "within", pgettext_lazy("a figure held against the record", "within")
    DIFFERS = "differs", pgettext_lazy("a figure held against the record", "differs")
    NOT_COMPARABLE = "not-comparable", pgettext_lazy("a figure held against the record", "not comparable")


class Compared(NamedTuple):
    """Our number on the figure's day (None where there is none to give), and how the two compare."""

    recorded: int | None
    comparison: Comparison


class _Stretch(NamedTuple):
    """One status of one mission, from `starts` up to, not including, `ends`; `closed_on` by its deciding step."""

    abroad: bool
    status: str
    starts: datetime.date
    ends: datetime.date
    closed_on: datetime.date | None


class _Tally:
    """How many of some stretches hold on a day, found without going through them."""

    def __init__(self, stretches: Iterable[_Stretch]) -> None:
        held = list(stretches)
        self._starts = sorted(stretch.starts for stretch in held)
        self._ends = sorted(stretch.ends for stretch in held)

    def on(self, day: datetime.date) -> int:
        return bisect.bisect_right(self._starts, day) - bisect.bisect_right(self._ends, day)


class RecordedCounts:
    """The record's own numbers on any day, from the stored spans of all public missions.

    They are read once, when first asked for, so that many figures are compared at the price of one.
    """

    def __init__(self) -> None:
        self._tallies: dict[Any, _Tally] = {}

    def days_between(self, earliest: datetime.date, latest: datetime.date) -> list[datetime.date]:
        """`earliest`, and each later day up to `latest` on which any count can change."""
        first, last = bisect.bisect_right(self._turns, earliest), bisect.bisect_right(self._turns, latest)
        return [earliest, *self._turns[first:last]]

    def closed_since(self, day: datetime.date, since: datetime.date | None) -> int:
        """Missions abroad closed on `day` that closed on or after `since`."""
        tally = self._tally(
            ("closed since", since),
            lambda s: _closed_abroad(s) and (since is None or (s.closed_on is not None and s.closed_on >= since)),
        )
        return tally.on(day)

    def closed_in_other_years(self, day: datetime.date) -> int:
        """Missions abroad closed on `day` that closed in another year than its own."""
        dated = self._tally("closed, and known when", lambda s: _closed_abroad(s) and s.closed_on is not None)
        this_year = self._tally(
            ("closed in", day.year),
            lambda s: _closed_abroad(s) and s.closed_on is not None and s.closed_on.year == day.year,
        )
        return dated.on(day) - this_year.on(day)

    def closing_or_closed(self, day: datetime.date) -> int:
        """Missions abroad that are closing or closed on `day`."""
        tally = self._tally("closing or closed", lambda s: s.abroad and s.status in (Status.CLOSING, Status.CLOSED))
        return tally.on(day)

    def standing(self, day: datetime.date, abroad: bool) -> int:
        """Missions, abroad or in Pyongyang, recorded as open, closing or suspended on `day`."""
        return self._tally(("standing", abroad), lambda s: s.abroad == abroad and s.status in STANDING).on(day)

    def _tally(self, name: Any, wanted: Callable[[_Stretch], bool]) -> _Tally:
        if name not in self._tallies:
            self._tallies[name] = _Tally(filter(wanted, self._stretches))
        return self._tallies[name]

    @functools.cached_property
    def _stretches(self) -> list[_Stretch]:
        spans = StatusSpan.objects.filter(Mission.public_condition("mission__")).exclude(status=Status.UNKNOWN)
        return [
            _Stretch(
                abroad=sending == NORTH_KOREA,
                status=status,
                starts=starts or datetime.date.min,
                ends=ends or datetime.date.max,
                closed_on=bounds(since).latest if status == Status.CLOSED and since else None,
            )
            for sending, status, starts, ends, since in spans.order_by().values_list(
                "mission__sending", "status", "starts", "ends", "since"
            )
        ]

    @functools.cached_property
    def _turns(self) -> list[datetime.date]:
        return sorted({turn for s in self._stretches for turn in (s.starts, s.ends)} - {datetime.date.max})


def _closed_abroad(stretch: _Stretch) -> bool:
    return stretch.abroad and stretch.status == Status.CLOSED


def compare(figure: ReportedFigure, counts: RecordedCounts) -> Compared:
    """Hold `figure` against the record on its own day or days; a range of days agrees when any day does."""
    if not figure.as_of or figure.metric == Metric.COUNTRIES_WITH_RELATIONS:
        return Compared(None, Comparison.NOT_COMPARABLE)
    latest = figure.as_of_latest or datetime.date.max
    days = counts.days_between(figure.as_of_earliest or latest, latest)
    judged = [_compare_on(figure, counts, day) for day in days]
    order = list(Comparison)
    return min(reversed(judged), key=lambda compared: order.index(compared.comparison))


def compare_all(
    figures: Iterable[ReportedFigure], counts: RecordedCounts | None = None
) -> list[tuple[ReportedFigure, Compared]]:
    """Each figure with its comparison, for a list; the record is counted once."""
    counts = counts or RecordedCounts()
    return [(figure, compare(figure, counts)) for figure in figures]


def _compare_on(figure: ReportedFigure, counts: RecordedCounts, day: datetime.date) -> Compared:
    if figure.metric == Metric.CLOSURES_SO_FAR:
        recorded = counts.closed_since(day, figure.since_earliest)
        if not figure.since and counts.closed_in_other_years(day):
            return Compared(recorded, Comparison.NOT_COMPARABLE)
        # "Four so far" says that at least four have closed.
        return Compared(
            recorded, _judge(recorded, figure.low, None if figure.low == figure.high else figure.high, figure)
        )
    if figure.metric == Metric.CLOSURES_PLANNED:
        recorded = counts.closing_or_closed(day)
        return Compared(recorded, _judge(recorded, figure.low, figure.high, figure))
    recorded = counts.standing(day, abroad=figure.metric == Metric.MISSIONS_ABROAD)
    named = figure.high if figure.low is None else figure.low
    if named is not None and recorded < named:
        return Compared(recorded, Comparison.NOT_COMPARABLE)
    return Compared(recorded, _judge(recorded, figure.low, figure.high, figure))


def _judge(recorded: int, low: int | None, high: int | None, figure: ReportedFigure) -> Comparison:
    if figure.low is None and figure.high is None:
        return Comparison.NOT_COMPARABLE
    if figure.low == figure.high == recorded:
        return Comparison.AGREES
    inside = (low is None or recorded >= low) and (high is None or recorded <= high)
    return Comparison.WITHIN if inside else Comparison.DIFFERS
