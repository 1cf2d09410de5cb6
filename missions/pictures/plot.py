"""A plot of numbers over time: steps, a band around them, and the totals of others as diamonds."""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

from missions.pictures.scales import (
    Box,
    Heights,
    Paper,
    Scale,
    Tick,
    day_ticks,
    days_across,
    first_free,
    numbers_up,
    text_width,
)

SIZE = 6
"""Half the width of a diamond."""


class Step(NamedTuple):
    """A number that holds from a day on."""

    day: datetime.date
    number: int


@dataclass(frozen=True)
class Line:
    """Steps of one kind, and what their last number is called at the end of the line."""

    kind: str
    steps: Sequence[Step]


@dataclass(frozen=True)
class Total:
    """A number that somebody gave of a day, or of the days from `earliest` to `latest`."""

    low: int | None
    high: int | None
    earliest: datetime.date
    latest: datetime.date
    labels: Sequence[str]
    """What stands beside it: the longest that has room."""
    told: str
    """The whole of it in a sentence."""

    @property
    def number(self) -> int:
        return int(self.low if self.low is not None else self.high or 0)

    @property
    def arrow(self) -> str:
        """ "Over 50" points up, "up to 12" down."""
        if self.low is None:
            return "down"
        return "up" if self.high is None else ""


class Diamond(NamedTuple):
    """A total drawn: where, over which days, up to which number, and its label."""

    x: float
    y: float
    from_x: float
    to_y: float
    arrow: str
    told: str
    label: str
    label_x: float
    label_y: float
    anchor: str


class End(NamedTuple):
    """The last number of a line, beside its end."""

    kind: str
    x: float
    y: float
    label: str


class Spot(NamedTuple):
    """The days between two changes, over which a pointer is told what held."""

    x: float
    width: float
    told: str


class Key(NamedTuple):
    """What a kind of sign means, and where that stands in a file."""

    kind: str
    words: str
    y: int


@dataclass
class Plot:
    """Everything that the template writes down, in the units of `paper`."""

    paper: Paper
    title: str
    description: str
    rows: list[Tick]
    days: list[Tick]
    band: str
    paths: list[tuple[str, str]]
    ends: list[End]
    diamonds: list[Diamond]
    spots: list[Spot] = field(default_factory=list)
    cuts: Sequence[float] = ()
    """Where the axis of numbers is cut."""
    cut_in_words: str = ""
    key: Sequence[tuple[str, str]] = ()
    """What each kind of sign means."""

    @property
    def keys(self) -> list[Key]:
        """The key as it stands below the plot in a file."""
        return [Key(kind, words, self.paper.height + 8 + 20 * row) for row, (kind, words) in enumerate(self.key)]

    @property
    def foot(self) -> int:
        """Where a file says what it is taken from."""
        return self.paper.height + 20 * len(self.key) + 24

    @property
    def height_with_key(self) -> int:
        """How high a file is: the heading, the plot, a line for each sign, and the foot."""
        return 44 + self.foot + 16


def plot(
    paper: Paper,
    *,
    title: str,
    description: str,
    key: Sequence[tuple[str, str]] = (),
    first: datetime.date,
    last: datetime.date,
    lines: Sequence[Line],
    totals: Sequence[Total] = (),
    band: tuple[Sequence[Step], Sequence[Step]] | None = None,
    spots: Iterable[tuple[datetime.date, str]] = (),
) -> Plot:
    """Lay out a plot from `first` to `last`; `band` is its upper and its lower edge."""
    numbers = [step.number for steps in (*(line.steps for line in lines), *(band or ())) for step in steps]
    others = [number for total in totals for number in (total.low, total.high) if number is not None]
    x, y = days_across(paper, first, last), numbers_up(paper, numbers, others)
    placed = [(line.kind, _thinned(line.steps, x, y)) for line in lines]
    ends = _ends([(line, points[-1][1]) for line, (_, points) in reversed([*zip(lines, placed, strict=True)])], paper)
    taken = [_around(end.x, end.y, paper) for end in ends]
    taken += [box for _, points in placed for box in _along(points, paper)]
    return Plot(
        paper=paper,
        title=title,
        description=description,
        rows=y.ticks,
        days=day_ticks(paper, x),
        band=_closed(_thinned(band[0], x, y, max), _thinned(band[1], x, y, min), paper) if band else "",
        paths=[(kind, _steps(points, paper)) for kind, points in placed],
        ends=ends,
        diamonds=_diamonds(totals, x, y, paper, taken),
        spots=_spots(spots, x, paper),
        cuts=y.cuts,
        cut_in_words=y.cut_in_words,
        key=key,
    )


Places = list[tuple[float, float]]


def _thinned(steps: Sequence[Step], x: Scale, y: Heights, kept: Callable[[Any], int] | None = None) -> Places:
    """Places of steps, one for each half unit across: the last number there, or the highest or lowest for a band.

    A record of many years changes more often than paper can show.
    """
    numbers: dict[float, list[int]] = {}
    for step in steps:
        numbers.setdefault(round(x(step.day) * 2) / 2, []).append(step.number)
    return [(at, y(kept(found) if kept else found[-1])) for at, found in numbers.items()]


def _steps(points: Places, paper: Paper) -> str:
    (x, y), *rest = points
    return f"M{x:g} {y:g}" + "".join(f"H{x:g}V{y:g}" for x, y in rest) + f"H{paper.end}"


def _closed(upper: Places, lower: Places, paper: Paper) -> str:
    back = f"V{lower[-1][1]:g}"
    for (x, _), (_, before) in zip(reversed(lower[1:]), reversed(lower[:-1]), strict=True):
        back += f"H{x:g}V{before:g}"
    return f"{_steps(upper, paper)}{back}H{lower[0][0]:g}Z"


def _ends(found: list[tuple[Line, float]], paper: Paper) -> list[End]:
    """The last numbers of the lines, from the top, moved apart where they would stand on each other.

    `found` begins with the line drawn last: of lines that end at one number, it covers the others and names it.
    """
    ends: list[End] = []
    for line, y in sorted(found, key=itemgetter(1)):
        number, baseline = line.steps[-1].number, y + paper.text * 0.35
        if ends:
            baseline = max(baseline, ends[-1].y + paper.text * 1.1)
        if not any(end.label == str(number) for end in ends):
            ends.append(End(line.kind, paper.end + 5, round(baseline, 1), str(number)))
    return ends


def _around(x: float, y: float, paper: Paper) -> Box:
    return Box(x, y - paper.text, paper.width, y + paper.text * 0.3)


def _along(points: Places, paper: Paper) -> Iterable[Box]:
    """What a line takes up: labels keep clear of its level parts and of its falls."""
    nexts = [*points[1:], (float(paper.end), points[-1][1])]
    for (x, y), (next_x, next_y) in zip(points, nexts, strict=True):
        yield Box(x, y - 2, next_x, y + 2)
        yield Box(next_x - 1, min(y, next_y), next_x + 1, max(y, next_y))


def _diamonds(totals: Sequence[Total], x: Scale, y: Heights, paper: Paper, taken: list[Box]) -> list[Diamond]:
    """Totals in the order of their days, each label where it has room: right, left, above, below."""
    placed = sorted(totals, key=lambda total: (total.latest, total.number))
    spots = [(total, x(total.latest), y(total.number)) for total in placed]
    taken += [Box(at - SIZE - 1, up - SIZE - 1, at + SIZE + 1, up + SIZE + 1) for _, at, up in spots]
    return [
        Diamond(
            at,
            up,
            max(x(total.earliest), paper.left),
            y(total.high) if total.low is not None and total.high is not None else up,
            total.arrow,
            total.told,
            *_label(total, at, up, paper, taken),
        )
        for total, at, up in spots
    ]


def _label(total: Total, x: float, y: float, paper: Paper, taken: list[Box]) -> tuple[str, float, float, str]:
    right, left, middle = x + SIZE + 5, x - SIZE - 5, y + paper.text * 0.35
    above, below = y - SIZE - 5, y + SIZE + paper.text + 2
    rows = [middle, above, below, above - paper.text * 1.2, below + paper.text * 1.2]
    choices = [
        (label, at, row, anchor)
        for label in total.labels
        for row in rows
        for at, anchor in ((right, "start"), (left, "end"))
    ]

    def box(choice: tuple[str, float, float, str]) -> Box:
        label, at, row, anchor = choice
        width = text_width(label, paper.text)
        start = at if anchor == "start" else at - width
        return Box(start, row - paper.text, start + width, row + paper.text * 0.3)

    def is_inside(choice: tuple[str, float, float, str]) -> bool:
        found = box(choice)
        return (
            found.left >= paper.left and found.right <= paper.width and found.top >= 0 and found.bottom <= paper.floor
        )

    return first_free(list(filter(is_inside, choices)), box, taken) or ("", x, y, "start")


def _spots(told: Iterable[tuple[datetime.date, str]], x: Scale, paper: Paper) -> list[Spot]:
    places = [(x(day), words) for day, words in told]
    nexts = [*(at for at, _ in places), float(paper.end)][1:]
    return [Spot(at, round(end - at, 1), words) for (at, words), end in zip(places, nexts, strict=True) if end > at]
