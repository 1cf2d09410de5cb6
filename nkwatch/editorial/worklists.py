"""Worklists: records that wait for somebody to do something about them, kept by name (pages.md, B6).

An app registers what its models can lack, once; the rule of each list is a method on the model's
queryset. What stands here knows no domain: it counts the lists, ages them, and says where each is.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib import admin
from django.db import models
from django.db.models import Count, F, Min, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

Select = Callable[[Any, Any, datetime.date], models.QuerySet]
"""Narrows records of one kind, for a user and a day, to those that the list is of."""


class Section(models.TextChoices):
    """Where a worklist stands on the desk's first page."""

    DESK = "desk", "On the desk"
    RECORD = "record", "In the record"


@dataclass(frozen=True)
class Worklist:
    """One list of records of one model; lists of several models that share a name are shown as one.

    `name` is what addresses call it, `label` and `todo` are what people read: what is wrong, and
    what would mend it. `oldest` gives, for a user and a day, the expression from which the
    age of each record's case is counted, and `since` says in words what that is.
    """

    model: type[models.Model]
    name: str
    label: str
    todo: str
    select: Select
    since: str = "it was recorded"
    oldest: Callable[[Any, datetime.date], Any] = lambda user, day: F("created")
    section: Section = Section.RECORD

    @property
    def url(self) -> str:
        """The ordinary list of the model, narrowed to this worklist."""
        opts = self.model._meta
        return f"{reverse(f'admin:{opts.app_label}_{opts.model_name}_changelist')}?worklist={self.name}"


class Kind(NamedTuple):
    """How many records of one kind a list holds, and where they are."""

    number: int
    noun: str
    url: str


class Line(NamedTuple):
    """A worklist as the desk's first page shows it; `age` is in days, None where nothing waits or no day is known."""

    name: str
    label: str
    todo: str
    since: str
    kinds: list[Kind]
    number: int
    age: int | None


_registered: dict[tuple[type[models.Model], str], Worklist] = {}


def register(*worklists: Worklist) -> None:
    """Offer `worklists` on the desk, in this order; one of the same model and name is replaced."""
    for worklist in worklists:
        _registered[worklist.model, worklist.name] = worklist


def worklists_of(model: type[models.Model]) -> list[Worklist]:
    """The worklists of a model, in the order in which they were registered."""
    return [worklist for worklist in _registered.values() if worklist.model is model]


def worklist_of(model: type[models.Model], name: str) -> Worklist | None:
    """The worklist of a model by that name; None when there is none."""
    return _registered.get((model, name))


def lines_for(request: HttpRequest, day: datetime.date | None = None) -> dict[Section, list[Line]]:
    """Every worklist that the user may view, counted and aged as of `day` (today by default).

    Costs one query for each line, whatever the number of its kinds and of records.
    """
    day = day or timezone.localdate()
    by_name: dict[str, list[Worklist]] = defaultdict(list)
    for worklist in _registered.values():
        if _may_view(request, worklist.model):
            by_name[worklist.name].append(worklist)
    found: dict[Section, list[Line]] = {section: [] for section in Section}
    for listed in by_name.values():
        found[listed[0].section].append(_line(request, listed, day))
    return found


def _may_view(request: HttpRequest, model: type[models.Model]) -> bool:
    return admin.site.is_registered(model) and admin.site.get_model_admin(model).has_view_permission(request)


def _line(request: HttpRequest, listed: Sequence[Worklist], day: datetime.date) -> Line:
    parts = [_part(request, worklist, place, day) for place, worklist in enumerate(listed)]
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    kinds, oldest = [], []
    for place, count, earliest in sorted(rows):
        if count:
            worklist = listed[place]
            opts = worklist.model._meta
            kinds.append(Kind(count, str(opts.verbose_name if count == 1 else opts.verbose_name_plural), worklist.url))
        if earliest:
            oldest.append(_day(earliest))
    first = listed[0]
    return Line(
        name=first.name,
        label=capfirst(first.label),
        todo=first.todo,
        since=first.since,
        kinds=kinds,
        number=sum(kind.number for kind in kinds),
        age=max((day - min(oldest)).days, 0) if oldest else None,
    )


def _part(request: HttpRequest, worklist: Worklist, place: int, day: datetime.date) -> models.QuerySet:
    """One row: which of the line's lists, how many, and since when; of the records that the list's page shows."""
    shown = admin.site.get_model_admin(worklist.model).get_queryset(request)
    plain = shown.select_related(None).prefetch_related(None).order_by()
    chosen = worklist.select(plain, request.user, day)
    counted = chosen.annotate(case_since=worklist.oldest(request.user, day)).values(place=Value(place))
    return counted.annotate(count=Count("pk"), earliest=Min("case_since")).values_list("place", "count", "earliest")


def _day(moment: datetime.date) -> datetime.date:
    return timezone.localdate(moment) if isinstance(moment, datetime.datetime) else moment
