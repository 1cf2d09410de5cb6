"""Missions open over time: our count with its bounds, and the totals of others (pages.md, C, Step chart)."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from missions.models import Metric, ReportedFigure
from missions.pictures.plot import Line, Plot, Step, Total, plot
from missions.pictures.scales import NARROW, WIDE, Paper, passed
from missions.pictures.totals import between, bound_key, total_of
from missions.sentences import missions_in_words
from missions.series import Point, Series, missions_open
from nkwatch.editorial.edtf import day_in_words
from nkwatch.editorial.public.exports import files_called
from nkwatch.editorial.words import capital, listed

MOST_ROWS = 60
"""How many changes the table beside the chart lists; its file lists all."""
MOST_SPOTS = 150
MARGIN = 0.12
"""What is shown before the first change and after the last, as a share of the time between them."""
LEAST_MARGIN = datetime.timedelta(days=14)


@dataclass(frozen=True)
class StepChart:
    """The series of one direction up to a day, and the totals of others by then."""

    series: Series
    figures: Sequence[ReportedFigure]

    @property
    def name(self) -> str:
        """Its name in addresses."""
        return "missions-open" if self.series.abroad else "missions-open-in-pyongyang"

    @property
    def is_empty(self) -> bool:
        return self.series.told_from is None

    @cached_property
    def days(self) -> tuple[datetime.date, datetime.date]:
        """The first and last day drawn: around the changes that sources tell of, and none after the day asked for."""
        told = [self.series.told_from or self.series.until]
        told += [total.earliest for total in self.totals]
        first = min(told)
        last = max([first, *(point.day for point in self.series.points)])
        last = max([last, *(total.latest for total in self.totals)])
        margin = max((last - first) * MARGIN, LEAST_MARGIN)
        return passed(first, -margin), min(passed(last, margin), self.series.until)

    @cached_property
    def points(self) -> list[Point]:
        """The points drawn: what held on the first day, and every change after it."""
        return self.series.since(self.days[0])

    @property
    def table(self) -> list[Point]:
        """The points that the table lists, the latest where they are too many."""
        return self.points[-MOST_ROWS:]

    @property
    def left_out(self) -> int:
        return len(self.points) - len(self.table)

    @cached_property
    def totals(self) -> list[Total]:
        """The totals that give a number and a day."""
        return [total for figure in self.figures if (total := total_of(figure))]

    @property
    def title(self) -> str:
        if self.series.abroad:
            return _("North Korean missions abroad, open over time")
        return _("Foreign missions in Pyongyang, open over time")

    @property
    def description(self) -> str:
        """The chart in words, for whoever does not see it."""
        (first, last), now = self.days, self.points[-1]
        before = self.points[0]
        sentence = _(
            "From %(first)s to %(last)s: %(before)s recorded as standing at first, and %(now)s at the end, where the "
            "dates allow %(allowed)s; with every announced closing taken as done, %(announced)s."
        ) % {
            "first": day_in_words(first),
            "last": day_in_words(last),
            "before": before.recorded,
            "now": now.recorded,
            "allowed": between(now.low, now.high),
            "announced": now.announced,
        }
        return " ".join([sentence, *(total.told for total in self.totals)])

    @property
    def key(self) -> list[tuple[str, str]]:
        """What each kind of line and sign means, as far as they are drawn."""
        found = [
            (
                "recorded",
                _("Recorded as open, closing or suspended; a closing counts on its latest day"),
            ),
            ("announced", _("Every announced closing taken as done")),
            (
                "band",
                _("What the dates allow; the fewest are without those presumed open"),
            ),
        ]
        return [*found, ("total", _("Totals that others gave")), *bound_key(self.totals)] if self.totals else found

    @property
    def notes(self) -> list[str]:
        """What a reader must know beside the chart."""
        notes = [self.unknown_in_words] if self.series.unknown else []
        unplaced = [figure for figure in self.figures if total_of(figure) is None]
        if unplaced:
            words = {"figures": listed(f"“{figure.as_said}”" for figure in unplaced)}
            notes.append(_("Not drawn, since they give no number: %(figures)s.") % words)
        if self.points[-1].day < self.series.until and self.days[1] < self.series.until:
            day = day_in_words(self.points[-1].day)
            notes.append(_("No number changes after %(day)s.") % {"day": day})
        return notes

    @property
    def address_of_svg(self) -> str:
        return f"{self.name}.svg"

    @property
    def files(self) -> list[tuple[str, str]]:
        """The files of the whole series, each with the name of its address."""
        return files_called(self.name)

    @property
    def unknown_in_words(self) -> str:
        """What no number holds: recorded missions without a dated step."""
        if not self.series.unknown:
            return ""
        missions = missions_in_words(self.series.unknown, self.series.abroad)
        sentence = ngettext(
            "%(missions)s is in no number here, since nothing dated is recorded of it by then.",
            "%(missions)s are in no number here, since nothing dated is recorded of them by then.",
            self.series.unknown,
        )
        return sentence % {"missions": capital(missions)}

    @cached_property
    def wide(self) -> Plot:
        return self._drawn_on(WIDE)

    @cached_property
    def narrow(self) -> Plot:
        return self._drawn_on(NARROW)

    def _drawn_on(self, paper: Paper) -> Plot:
        first, last = self.days
        points = [self.points[0]._replace(day=first), *self.points[1:]]
        spots = ((point.day, point_in_words(point)) for point in points) if len(points) <= MOST_SPOTS else ()
        return plot(
            paper,
            title=self.title,
            description=self.description,
            key=self.key,
            first=first,
            last=last,
            band=([Step(p.day, p.high) for p in points], [Step(p.day, p.low) for p in points]),
            lines=[
                Line("announced", [Step(p.day, p.announced) for p in points]),
                Line("recorded", [Step(p.day, p.recorded) for p in points]),
            ],
            totals=self.totals,
            spots=spots,
        )


def step_chart(abroad: bool, day: datetime.date, figures: Any) -> StepChart:
    """The chart as of `day`; `figures` are public ones, of which those of this direction's missions are taken."""
    metric = Metric.MISSIONS_ABROAD if abroad else Metric.MISSIONS_IN_PYONGYANG
    others = figures.filter(metric=metric).by(day).with_speakers()
    return StepChart(missions_open(abroad, day), list(others))


def point_in_words(point: Point) -> str:
    """One row of the table as a sentence."""
    sentence = _(
        "From %(day)s: %(recorded)s recorded as standing, %(allowed)s by the bounds of the dates, "
        "%(announced)s with announced closings taken as done"
    )
    return sentence % {
        "day": day_in_words(point.day),
        "recorded": point.recorded,
        "allowed": between(point.low, point.high),
        "announced": point.announced,
    }
