"""Numbers that others gave over our own: diamonds over our step line, one chart a metric (pages.md, A, Figures).

Nothing is averaged: each number stands where it was said, with what the comparison comes to.
"""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from missions.figures import Compared, RecordedCounts
from missions.models import Metric, ReportedFigure
from missions.pictures.plot import Line, Plot, Step, Total, plot
from missions.pictures.scales import NARROW, WIDE, Paper, passed
from missions.pictures.totals import bound_key, total_of
from nkwatch.editorial.words import capital

MARGIN = datetime.timedelta(days=30)

OUR_NUMBER: dict[str, tuple[str | Promise, Callable[[RecordedCounts, datetime.date], int]]] = {
    Metric.MISSIONS_ABROAD: (
        gettext_lazy("Recorded as open, closing or suspended"),
        lambda c, day: c.standing(day, abroad=True),
    ),
    Metric.MISSIONS_IN_PYONGYANG: (
        gettext_lazy("Recorded as open, closing or suspended"),
        lambda c, day: c.standing(day, abroad=False),
    ),
    Metric.CLOSURES_PLANNED: (gettext_lazy("Recorded as closing or closed"), lambda c, day: c.closing_or_closed(day)),
    Metric.CLOSURES_SO_FAR: (
        gettext_lazy("Recorded as closed, in whichever year"),
        lambda c, day: c.closed_since(day, None),
    ),
}
"""What our line counts under each metric (domain.md, rule 5); countries with relations are not counted here."""

ComparedFigure = tuple[ReportedFigure, Compared]


@dataclass(frozen=True)
class FiguresChart:
    """The figures of one metric over what is recorded, up to a day."""

    metric: Metric
    compared: Sequence[ComparedFigure]
    counts: RecordedCounts
    until: datetime.date

    @property
    def name(self) -> str:
        return str(self.metric)

    @property
    def address_of_svg(self) -> str:
        """The name of its address."""
        return f"{self.metric}.svg"

    @property
    def title(self) -> str:
        return _("%(what)s: numbers given, and as recorded") % {"what": capital(str(self.metric.label))}

    @property
    def description(self) -> str:
        """The chart in words: each number, and what the comparison comes to."""
        return " ".join(total.told for total in self.totals)

    @property
    def key(self) -> list[tuple[str, str]]:
        recorded, _our_number = OUR_NUMBER[self.metric]
        others = _("Numbers that others gave, with the result")
        return [("recorded", str(recorded)), ("total", others), *bound_key(self.totals)]

    @cached_property
    def totals(self) -> list[Total]:
        drawn = (total_of(figure, str(result.comparison.label)) for figure, result in self.compared)
        return [total for total in drawn if total]

    @cached_property
    def wide(self) -> Plot:
        return self._drawn_on(WIDE)

    @cached_property
    def narrow(self) -> Plot:
        return self._drawn_on(NARROW)

    def _drawn_on(self, paper: Paper) -> Plot:
        first = passed(min(total.earliest for total in self.totals), -MARGIN)
        last = min(passed(max(total.latest for total in self.totals), MARGIN), self.until)
        _words, our_number = OUR_NUMBER[self.metric]
        steps = [Step(day, our_number(self.counts, day)) for day in self.counts.days_between(first, last)]
        return plot(
            paper,
            title=self.title,
            description=self.description,
            key=self.key,
            first=first,
            last=last,
            lines=[Line("recorded", steps)],
            totals=self.totals,
        )


def figures_charts(
    compared: Sequence[ComparedFigure], counts: RecordedCounts, until: datetime.date
) -> list[FiguresChart]:
    """A chart for each metric that the record counts and of which a number and a day were given by `until`."""
    charts = [
        FiguresChart(metric, [pair for pair in compared if pair[0].metric == metric], counts, until)
        for metric in Metric
        if metric in OUR_NUMBER
    ]
    return [chart for chart in charts if chart.totals]
