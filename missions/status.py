"""A mission's status on any day, from the dated steps recorded of it (domain.md, rule 2)."""

import dataclasses
import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from missions.models.events import Stage
from missions.models.vocabulary import Status

PRESUMED_YEARS = 10
ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Step:
    """One event as the rule sees it: its stage, and its date with bounds."""

    key: int
    stage: Stage
    date: str = ""
    earliest: datetime.date | None = None
    latest: datetime.date | None = None

    @property
    def decides(self) -> bool:
        """Undated steps, farewells and "-" stages decide nothing."""
        return self.stage.towards is not None and self.latest is not None

    @property
    def order(self) -> tuple[Any, ...]:
        """Sorts steps as they count: by latest day, the wider window first where that is the same.

        Of steps with one and the same date, whichever way they were entered, the order is that of
        a mission's life: what reopens it, or reverses a plan, follows what it undoes.
        """
        undoes = self.stage in (Stage.REOPENED, Stage.PLAN_REVERSED)
        window = (self.latest or datetime.date.max, self.earliest or datetime.date.min)
        return (*window, undoes, list(Stage).index(self.stage), self.key)


@dataclass(frozen=True)
class Established:
    """When a mission was established, where that is recorded."""

    date: str = ""
    earliest: datetime.date | None = None
    latest: datetime.date | None = None


@dataclass(frozen=True)
class Standing:
    """What holds of a mission on a day: the status, the marks beside it, and the steps it rests on."""

    status: Status
    presumed_open: bool = False
    may_be_closing: bool = False
    may_have_closed: bool = False
    seen_open_after_closing: bool = False
    since: str = ""
    last_reported: datetime.date | None = None
    last_seen_open: datetime.date | None = None
    because: tuple[int, ...] = ()


@dataclass(frozen=True)
class Span:
    """A standing, and the days over which it holds: from `starts` up to, not including, `ends`."""

    starts: datetime.date | None
    ends: datetime.date | None
    standing: Standing


def spans(steps: Iterable[Step], established: Established = Established()) -> list[Span]:
    """Cut all time into the spans over which a mission's standing does not change."""
    life = _Life(sorted(steps, key=lambda step: step.order), established)
    found: list[Span] = []
    for starts, ends in life.stretches():
        standing = life.standing_on(starts or datetime.date.min)
        if found and found[-1].standing == standing:
            found[-1] = dataclasses.replace(found[-1], ends=ends)
        else:
            found.append(Span(starts, ends, standing))
    return found


@dataclass(frozen=True)
class _Life:
    """The steps of one mission in the order in which they count, and the rules that read them."""

    steps: Sequence[Step]
    established: Established

    def stretches(self) -> Iterable[tuple[datetime.date | None, datetime.date | None]]:
        """Stretches of days inside which no rule can change its answer."""
        turns: set[datetime.date | None] = {self.established.latest}
        for step in self.steps:
            if step.latest:
                turns |= {step.latest, _day_after(step.latest)}
        for step in self.steps:
            turns |= {self._window_start(step), self._presumed_from(step)}
        days = sorted(turn for turn in turns if turn)
        return zip([None, *days], [*days, None], strict=True)

    def standing_on(self, day: datetime.date) -> Standing:
        standing, deciding = self._decided(day)
        if standing is None:
            standing = self._before_the_first_step(day)
        seen = [step.latest for step in self.steps if step.stage == Stage.SEEN_OPEN and step.latest]
        marks: dict[str, Any] = {"last_seen_open": max((latest for latest in seen if latest <= day), default=None)}
        if standing.status == Status.OPEN:
            marks["may_be_closing"] = self._inside_window(day, Status.CLOSING)
        if standing.status in (Status.OPEN, Status.CLOSING, Status.SUSPENDED):
            marks["may_have_closed"] = self._inside_window(day, Status.CLOSED)
        if standing.status == Status.CLOSED and deciding and deciding.latest:
            marks["seen_open_after_closing"] = any(
                step.stage == Stage.SEEN_OPEN
                and step.latest
                and step.latest <= day
                and (step.earliest or step.latest) > deciding.latest
                for step in self.steps
            )
        return dataclasses.replace(standing, **marks)

    def _decided(self, day: datetime.date) -> tuple[Standing | None, Step | None]:
        """What the steps that count by `day` decide, and which of them does. Each counts from its latest
        day; the last decides, but after *closed* only *opened* and *reopened* do. A completed step
        is the one reason for its status; all closing steps in a row support *closing* together.
        """
        deciding: Step | None = None
        status: Status | None = None
        because: list[int] = []
        for step in self.steps:
            if not step.decides or step.latest is None or step.latest > day:
                continue
            if status == Status.CLOSED and step.stage not in (Stage.OPENED, Stage.REOPENED):
                continue
            goes_on = status == step.stage.towards == Status.CLOSING
            because = [*because, step.key] if goes_on else [step.key]
            deciding, status = step, step.stage.towards
        if deciding is None or status is None:
            return None, None
        last_reported = deciding.latest if status == Status.CLOSING else None
        return Standing(status, since=deciding.date, last_reported=last_reported, because=tuple(because)), deciding

    def _before_the_first_step(self, day: datetime.date) -> Standing:
        """Open once seen open or established; else presumed open shortly before a step; else unknown."""
        established = self.established.latest is not None and self.established.latest <= day
        since = self.established.date if established else ""
        for step in self.steps:
            if step.stage == Stage.SEEN_OPEN and step.latest and step.latest <= day:
                return Standing(Status.OPEN, since=since, because=(step.key,))
        if established:
            return Standing(Status.OPEN, since=since)
        for step in self.steps:
            start = self._presumed_from(step)
            if start and step.latest and start <= day <= step.latest:
                return Standing(Status.OPEN, presumed_open=True, because=(step.key,))
        return Standing(Status.UNKNOWN)

    def _presumed_from(self, step: Step) -> datetime.date | None:
        """The first day on which `step` lets the mission be presumed open; None when it does not.

        A mission that took any step but an opening stood before it; not before a recorded opening,
        nor before it was established, nor for more than ten years.
        """
        if not step.stage.implies_standing or step.latest is None:
            return None
        before = self.steps[: self.steps.index(step)]
        if any(earlier.stage in (Stage.OPENED, Stage.REOPENED) for earlier in before):
            return None
        start = _years_before(step.earliest or step.latest, PRESUMED_YEARS)
        return max(start, self.established.earliest) if self.established.earliest else start

    def _inside_window(self, day: datetime.date, towards: Status) -> bool:
        """Whether a step towards that status may have been taken by `day`, and does not count yet.

        A window open at its end ("from November 2023 on") never comes to count, and stays open.
        """
        for step in self.steps:
            start = self._window_start(step) if step.stage.towards == towards else None
            if start and start <= day and (step.latest is None or day < step.latest):
                return True
        return False

    def _window_start(self, step: Step) -> datetime.date | None:
        """The first day on which `step` may have happened; one open at the start: from the step before it.

        Any dated step will do, since a mission seen open on a day had not closed before it.
        """
        if step.earliest or step.latest is None:
            return step.earliest
        before = [earlier.latest for earlier in self.steps[: self.steps.index(step)]]
        return before[-1] if before else self.established.latest or self._presumed_from(step)


def _years_before(day: datetime.date, years: int) -> datetime.date:
    year = max(day.year - years, datetime.MINYEAR)
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February, in a year without one
        return day.replace(year=year, day=28)


def _day_after(day: datetime.date) -> datetime.date | None:
    return None if day == datetime.date.max else day + ONE_DAY
