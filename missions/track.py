"""A mission's status over time, as the pages draw it: one stretch for each status and its marks."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from missions.models import Status
from missions.sentences import last_reported
from nkwatch.editorial.words import capital, when


@dataclass
class Stretch:
    """Days over which a mission's status and marks stay the same."""

    status: str
    marks: list[str]
    in_window: bool
    last: Any
    because: list[Any] = field(default_factory=list)
    is_now: bool = False

    @property
    def bar(self) -> str:
        """The look of its bar: hatched where the change happened at some point in these days."""
        return "window" if self.in_window else self.status

    @property
    def label(self) -> str:
        return str(Status(self.status).label)

    @property
    def sentences(self) -> list[str]:
        """What its days rest on: the steps towards a closing and when it was last reported, else the date."""
        if self.status == Status.CLOSING:
            steps = [f"{event.get_stage_display()} {when(event.date)}" for event in self.because]
            return [capital(", ".join(steps)), f"Last reported {last_reported(self.last)}"]
        return [capital(when(self.last.since))] if self.last.since else []


def track(spans: Iterable[Any], day: datetime.date) -> list[Stretch]:
    """The stretches up to `day`, oldest first; spans that differ in their support only are drawn as one."""
    stretches: list[Stretch] = []
    for span in spans:
        if span.starts and span.starts > day:
            break
        if not stretches or (stretches[-1].status, stretches[-1].marks) != (span.status, span.marks):
            stretches.append(Stretch(span.status, span.marks, span.may_be_closing or span.may_have_closed, span))
        stretches[-1].last = span
        stretches[-1].because += [event for event in span.because.all() if event not in stretches[-1].because]
    if stretches:
        stretches[-1].is_now = True
    if len(stretches) > 1 and stretches[0].status == Status.UNKNOWN:
        del stretches[0]
    return stretches
