"""A mission's status over time as a bar of stretches, each with what it rests on (pages.md, C, Track)."""

import datetime
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from django.utils.translation import gettext as _

from missions.models import Status
from missions.pictures.scales import wrapped
from missions.sentences import last_reported
from nkwatch.editorial.edtf import day_in_words
from nkwatch.editorial.words import capital, when


@dataclass
class Stretch:
    """Days over which a mission's status and marks stay the same."""

    status: str
    marks: list[str]
    in_window: bool
    last: Any
    because: list[Any] = field(default_factory=list)
    starts: datetime.date | None = None
    until: datetime.date | None = None
    """Up to, not including; for the last one, the day asked for."""
    is_now: bool = False

    @property
    def bar(self) -> str:
        """The look of its bar: hatched where the change happened at some point in these days."""
        return "window" if self.in_window else self.status

    @property
    def share(self) -> int:
        """How much room its bar is given, from 1 to 4: by its days, and never too little for its words."""
        if not self.starts or not self.until or self.until <= self.starts:
            return 1
        return min(max(round(math.log10((self.until - self.starts).days) * 1.4), 1), 4)

    @property
    def label(self) -> str:
        return str(Status(self.status).label)

    @property
    def sentences(self) -> list[str]:
        """What its days rest on: the steps towards a closing and when it was last reported, else the date."""
        if self.status == Status.CLOSING:
            steps = [f"{event.get_stage_display()} {when(event.date)}" for event in sorted(self.because, key=_latest)]
            return [capital(", ".join(steps)), _("Last reported %(date)s") % {"date": last_reported(self.last)}]
        is_over = self.until and not self.is_now
        ended = _("Until %(day)s") % {"day": day_in_words(self.until)} if self.until and is_over else ""
        return [sentence for sentence in (capital(when(self.last.since)), ended) if sentence]


def _latest(event: Any) -> datetime.date:
    return event.date_latest or datetime.date.max


def track(spans: Iterable[Any], day: datetime.date) -> list[Stretch]:
    """The stretches up to `day`, oldest first; spans that differ in their support only are drawn as one."""
    stretches: list[Stretch] = []
    for span in spans:
        if span.starts and span.starts > day:
            break
        if not stretches or (stretches[-1].status, stretches[-1].marks) != (span.status, span.marks):
            in_window = span.may_be_closing or span.may_have_closed
            stretches.append(Stretch(span.status, span.marks, in_window, span, starts=span.starts))
        stretches[-1].last = span
        stretches[-1].until = min(span.ends or day, day)
        stretches[-1].because += [event for event in span.because.all() if event not in stretches[-1].because]
    if stretches:
        stretches[-1].is_now = True
    if len(stretches) > 1 and stretches[0].status == Status.UNKNOWN:
        del stretches[0]
    return stretches


class Part(NamedTuple):
    """A stretch drawn in a file: its bar from `x` on, and its words, line by line."""

    x: int
    width: int
    stretch: Stretch
    lines: list[tuple[int, str]]

    @property
    def inside(self) -> int:
        """How wide it is within its edges, beside the next one."""
        return self.width - 4


@dataclass(frozen=True)
class Drawing:
    """The whole track as a picture of its own, `WIDTH` wide."""

    title: str
    parts: list[Part]

    WIDTH: ClassVar[int] = 720
    LEFT: ClassVar[int] = 16
    TEXT: ClassVar[float] = 13

    @property
    def height(self) -> int:
        return max([y for part in self.parts for y, _ in part.lines], default=100) + 40

    @property
    def foot(self) -> int:
        return self.height - 12

    @property
    def description(self) -> str:
        return " ".join(f"{capital(part.stretch.label)}. {' '.join(words(part.stretch))}" for part in self.parts)


def words(stretch: Stretch) -> list[str]:
    """What stands below a stretch's bar, beside its status."""
    marks = [f"{capital(', '.join(stretch.marks))}."] if stretch.marks else []
    return [*marks, *(f"{sentence}." for sentence in stretch.sentences)]


def drawing(title: str, stretches: Sequence[Stretch]) -> Drawing:
    """Lay the stretches side by side, each as wide as its share, with its words wrapped below it."""
    room = Drawing.WIDTH - 2 * Drawing.LEFT
    shares = [stretch.share + 2 for stretch in stretches]
    parts, x = [], Drawing.LEFT
    for stretch, share in zip(stretches, shares, strict=True):
        width = round(room * share / sum(shares))
        told = wrapped(" ".join(words(stretch)), width - 14, Drawing.TEXT)
        parts.append(Part(x, width, stretch, [(100 + 18 * row, line) for row, line in enumerate(told)]))
        x += width
    return Drawing(title, parts)
