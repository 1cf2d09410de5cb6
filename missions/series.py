"""How many missions stood on each day on which that number changed, with the bounds that the dates allow.

A rule of its own, which the step chart draws and the downloads list (pages.md, C, Step chart; domain.md, rule 2).
"""

import bisect
import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from missions.figures import STANDING
from missions.models import ClosureEvent, Mission, Stage, Status, StatusSpan
from missions.models.missions import NORTH_KOREA

FIRST, LAST = datetime.date.min, datetime.date.max


class Point(NamedTuple):
    """How many missions stood from `day` on, until the day of the next point.

    recorded: open, closing or suspended by the record, which counts a closing from its latest day
    low:      those of them that are neither presumed open nor may have closed by then
    high:     with those that may have opened by then
    announced: those left if every closing that was announced were done at once
    """

    day: datetime.date
    low: int
    recorded: int
    high: int
    announced: int


@dataclass(frozen=True)
class Series:
    """The points up to a day, oldest first."""

    abroad: bool
    until: datetime.date
    points: list[Point] = field(default_factory=list)
    told_from: datetime.date | None = None
    """The first day on which a source, and not a presumption alone, changes the number; None without any."""
    unknown: int = 0
    """Recorded missions that are in no number, since nothing dated is recorded of them by `until`."""

    def on(self, day: datetime.date) -> Point:
        """What holds on `day`; nothing stood before the first point."""
        place = bisect.bisect_right(self.points, day, key=attrgetter("day"))
        return self.points[place - 1]._replace(day=day) if place else Point(day, 0, 0, 0, 0)

    def since(self, day: datetime.date) -> list[Point]:
        """What holds on `day`, and every later point."""
        return [self.on(day), *(point for point in self.points if point.day > day)]


class _Stretch(NamedTuple):
    """One status of one mission, from `starts` up to, not including, `ends`."""

    mission: int
    starts: datetime.date
    ends: datetime.date
    status: str
    presumed_open: bool
    may_be_closing: bool
    may_have_closed: bool
    window: tuple[datetime.date | None, datetime.date | None]
    """When the mission was established, at the earliest and at the latest."""

    @property
    def stands(self) -> bool:
        return self.status in STANDING

    @property
    def numbers(self) -> tuple[int, int, int, int]:
        """What it adds to each number of a point, in their order."""
        surely = not (self.presumed_open or self.may_have_closed)
        return (int(surely), 1, 1, int(self.status != Status.CLOSING))


def missions_open(abroad: bool, until: datetime.date) -> Series:
    """Count North Korea's missions abroad, or those in Pyongyang, on every day up to `until` that changes a number.

    Two queries, however many events there are: the stored spans, and the steps that open a mission.
    Only public missions and events count.
    """
    stretches = [stretch for stretch in _stretches(abroad) if stretch.starts <= until]
    changes: defaultdict[datetime.date, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for stretch in stretches:
        if stretch.stands:
            _count(changes, stretch.starts, stretch.ends, stretch.numbers)
    for starts, ends in _may_have_opened(stretches, abroad):
        _count(changes, starts, ends, (0, 0, 1, 0))
    told = [stretch.starts for before, stretch in _with_the_one_before(stretches) if _is_told(before, stretch)]
    return Series(
        abroad=abroad,
        until=until,
        points=list(_points(changes, until)),
        told_from=min((day for day in told if day != FIRST), default=None),
        unknown=sum(stretch.status == Status.UNKNOWN and stretch.ends > until for stretch in stretches),
    )


def _stretches(abroad: bool) -> Iterator[_Stretch]:
    spans = StatusSpan.objects.filter(Mission.public_condition("mission__"))
    side = {"mission__sending": NORTH_KOREA} if abroad else {"mission__host": NORTH_KOREA}
    rows = spans.filter(**side).values_list(
        "mission",
        "starts",
        "ends",
        "status",
        "presumed_open",
        "may_be_closing",
        "may_have_closed",
        "mission__established_earliest",
        "mission__established_latest",
    )
    for mission, starts, ends, status, presumed, closing, closed, earliest, latest in rows.order_by():
        yield _Stretch(mission, starts or FIRST, ends or LAST, status, presumed, closing, closed, (earliest, latest))


def _count(changes: Any, starts: datetime.date, ends: datetime.date, numbers: Iterable[int]) -> None:
    for place, number in enumerate(numbers):
        changes[starts][place] += number
        changes[ends][place] -= number


def _points(changes: dict[datetime.date, list[int]], until: datetime.date) -> Iterator[Point]:
    numbers = [0, 0, 0, 0]
    for day in sorted(changes):
        if day <= until and any(changes[day]):
            numbers = [number + change for number, change in zip(numbers, changes[day], strict=True)]
            yield Point(day, *numbers)


def _with_the_one_before(stretches: list[_Stretch]) -> Iterator[tuple[_Stretch | None, _Stretch]]:
    """Each stretch with the one of the same mission that ends where it starts."""
    for _, life in groupby(sorted(stretches), key=attrgetter("mission")):
        before = None
        for stretch in life:
            yield before, stretch
            before = stretch


def _is_told(before: _Stretch | None, stretch: _Stretch) -> bool:
    """Whether a source, and not a presumption alone, makes a stretch begin."""
    if stretch.status == Status.UNKNOWN or not stretch.presumed_open:
        return stretch.status != Status.UNKNOWN
    is_marked = stretch.may_be_closing or stretch.may_have_closed
    return is_marked and before is not None and before.presumed_open


def _may_have_opened(stretches: list[_Stretch], abroad: bool) -> Iterator[tuple[datetime.date, datetime.date]]:
    """The days on which a mission may have opened already, and by the record does not stand yet."""
    openings = ClosureEvent.objects.public().filter(stage__in=[Stage.OPENED, Stage.REOPENED]).exclude(date="")
    side = {"mission__sending": NORTH_KOREA} if abroad else {"mission__host": NORTH_KOREA}
    windows = defaultdict(list)
    for mission, earliest, latest in openings.filter(**side).values_list("mission", "date_earliest", "date_latest"):
        windows[mission].append((earliest, latest))
    for mission, life in groupby(sorted(stretches), key=attrgetter("mission")):
        for stretch in life:
            if not stretch.stands:
                parts = (_overlap(stretch, window) for window in {*windows[mission], stretch.window})
                yield from _joined(filter(None, parts))


def _overlap(
    stretch: _Stretch, window: tuple[datetime.date | None, datetime.date | None]
) -> tuple[datetime.date, datetime.date] | None:
    """The days of `stretch` inside `window`, which runs up to its latest day.

    One open at the start runs from the step before it, as any window does (domain.md, rule 2); with none, from nowhere.
    """
    earliest, latest = window
    if earliest is None and (latest is None or stretch.starts == FIRST):
        return None
    starts, ends = max(stretch.starts, earliest or FIRST), min(stretch.ends, latest or LAST)
    return (starts, ends) if starts < ends else None


def _joined(
    parts: Iterable[tuple[datetime.date, datetime.date]],
) -> Iterator[tuple[datetime.date, datetime.date]]:
    """Days that overlap counted once."""
    reached = FIRST
    for starts, ends in sorted(parts):
        if ends > reached:
            yield max(starts, reached), ends
            reached = ends
