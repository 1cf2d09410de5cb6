"""Filters as a page shows them: what can be chosen, how many records each choice would leave, what is chosen.

The filters themselves are those of the API (`nkwatch.editorial.public.filters`). A page says what is wrong with a
value and goes on without it; each field's choices are counted over what the other fields leave (pages.md,
section 0), with one query a field.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import Case, Count, Q, Value, When
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nkwatch.editorial.asof import PARAMETER, AsOf
from nkwatch.editorial.models import NumberedRecord
from nkwatch.editorial.public.filters import DayFilter, RecordFilters

ORDERING = "ordering"
ORDERS = {
    "number": gettext_lazy("By number"),
    "updated": gettext_lazy("By last change"),
    "name": gettext_lazy("By name"),
    "label": gettext_lazy("By label"),
    "slug": gettext_lazy("By slug"),
    "code": gettext_lazy("By code"),
    "date": gettext_lazy("By date"),
    "said_on": gettext_lazy("By date"),
    "issued": gettext_lazy("By date"),
    "as_of": gettext_lazy("By date"),
    "host": gettext_lazy("By host country"),
    "sending": gettext_lazy("By sending country"),
}
"""The orders of lists, in words."""
BACKWARDS = {
    "number": gettext_lazy("By number, backwards"),
    "updated": gettext_lazy("By last change, backwards"),
    "name": gettext_lazy("By name, backwards"),
    "label": gettext_lazy("By label, backwards"),
    "slug": gettext_lazy("By slug, backwards"),
    "code": gettext_lazy("By code, backwards"),
    "date": gettext_lazy("By date, backwards"),
    "said_on": gettext_lazy("By date, backwards"),
    "issued": gettext_lazy("By date, backwards"),
    "as_of": gettext_lazy("By date, backwards"),
    "host": gettext_lazy("By host country, backwards"),
    "sending": gettext_lazy("By sending country, backwards"),
}
LONG = 8
"""A field with more choices than this is folded away until one is chosen."""
MOST = 30
"""How many choices a field shows, the most frequent ones: those of a list of outlets have no end."""

Counts = Callable[[Any, Any], Iterable[tuple[Any, str, int]]]
"""Counts records, as they stand on a day, by one field: its values, each with a name and a number."""


def by(path: str) -> Counts:
    """Count by the values of a field; the filter's own choices name them."""

    def count(records: Any, day: Any) -> Iterable[tuple[Any, str, int]]:
        return [(value, "", n) for value, n in records.order_by().values_list(path).annotate(n=Count("pk"))]

    return count


def by_record(path: str, model: type[NumberedRecord]) -> Counts:
    """Count by a related record, where it is public."""

    def count(records: Any, day: Any) -> Iterable[tuple[Any, str, int]]:
        related = records.filter(model.public_condition(f"{path}__")).order_by()
        rows = related.values_list(f"{path}__number", f"{path}__name").annotate(n=Count("pk"))
        return [(number_of(model, number), name, n) for number, name, n in rows]

    return count


def by_condition(condition: Q, holds: str = "true", fails: str = "false") -> Counts:
    """Count by whether a condition holds."""

    def count(records: Any, day: Any) -> Iterable[tuple[Any, str, int]]:
        told = Case(When(condition, then=Value(holds)), default=Value(fails))
        rows = records.order_by().annotate(_told=told).values_list("_told").annotate(n=Count("pk"))
        return [(value, "", n) for value, n in rows]

    return count


def number_of(model: type[NumberedRecord], number: int) -> str:
    return f"{model.prefix}-{number:04d}"


@dataclass(frozen=True)
class Choice:
    """One value of a field, and how many records it would leave."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass
class FilterField:
    """One field of the form."""

    name: str
    label: str
    kind: str
    error: str = ""
    typed: str = ""
    choices: list[Choice] = field(default_factory=list)

    @property
    def is_folded(self) -> bool:
        return len(self.choices) > LONG and not self.error and not any(choice.chosen for choice in self.choices)

    @property
    def is_shown(self) -> bool:
        """A field that tells no records apart is left out."""
        return bool(self.kind == "day" or self.choices or self.error)


@dataclass(frozen=True)
class Chosen:
    """One chosen value, with the address of the list without it."""

    name: str
    value: str
    words: str
    without: str


class Filtering:
    """What a reader asks of a list."""

    def __init__(
        self,
        filters: type[RecordFilters],
        counts: Mapping[str, Counts],
        asked: QueryDict,
        asof: AsOf,
        address: str,
        ways: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        """`ways` are the parameters that choose how the list is shown, and the values that each takes."""
        data = asked.copy()
        data[PARAMETER] = asof.day.isoformat()
        self.filterset = filters(data)
        self.counts, self.asked, self.asof, self.address = counts, asked, asof, address
        self.form = self.filterset.form
        self.errors = {name: self._error(name, messages) for name, messages in self.form.errors.items()}
        self.names = [name for name in self.filterset.filters if name not in (PARAMETER, ORDERING)]
        self.shown = {name: asked[name] for name, values in (ways or {}).items() if asked.get(name, "") in values}
        self._counted: dict[str, list[tuple[str, str, int]]] = {}

    def _error(self, name: str, messages: Iterable[str]) -> str:
        """What is wrong in the field's own words; for a closed vocabulary, which value it does not have."""
        choices = self.filterset.filters[name].extra.get("choices")
        known = {str(value) for value, _label in choices or []}
        if wrong := [value for value in self._typed(name) if known and value not in known]:
            words = ", ".join(f"“{value}”" for value in wrong)
            return _("%(values)s cannot be chosen here, so this is left out. Choose from the list.") % {"values": words}
        return _("%(problem)s Until then it is left out.") % {"problem": " ".join(map(str, messages))}

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Each field that could not be read, and what is wrong with it."""
        return [(name, f"{self.filterset.filters[name].label}: {error}") for name, error in self.errors.items()]

    def _typed(self, name: str) -> list[str]:
        values = [value for value in self.asked.getlist(name) if value]
        is_many = isinstance(self.filterset.filters[name], django_filters.MultipleChoiceFilter)
        return list(dict.fromkeys(values)) if is_many else values[-1:]

    def apply(self, records: Any, without: str = "") -> Any:
        """The records that fit every field that can be read, `without` one."""
        for name, value in self.form.cleaned_data.items():
            if name not in (without, ORDERING):
                records = self.filterset.filters[name].filter(records, value)
        return records

    @property
    def order(self) -> str:
        """The order asked for; empty for the list's own."""
        return self.form.cleaned_data.get(ORDERING) or ""

    @property
    def orders(self) -> list[tuple[str, str]]:
        """The orders that can be asked for, each in words."""
        names = [value for value, _ in self.filterset.filters[ORDERING].extra["choices"]]
        return [(name, str(ORDERS.get(name) or BACKWARDS[name.strip("-")])) for name in names]

    def _values(self) -> list[tuple[str, str]]:
        return [(name, value) for name in self.names if name not in self.errors for value in self._typed(name)]

    def carried(
        self,
        leaving_out: tuple[str, str] | None = None,
        is_today: bool = False,
        shown: Mapping[str, str] | None = None,
    ) -> list[tuple[str, str]]:
        """The parameters of a link that stays with this list, on this day, in this order, and `shown` in this way."""
        day = [] if self.asof.is_today or is_today else [(PARAMETER, self.asof.day.isoformat())]
        order = [(ORDERING, self.order)] if self.order else []
        kept = [(name, value) for name, value in self._values() if leaving_out not in ((name, value), (name, ""))]
        return [*day, *kept, *order, *(self.shown if shown is None else shown).items()]

    def link(self, ending: str = "/", **changes: Any) -> str:
        """The address of the list with what `carried` keeps; a file of it is not shown in any way."""
        query = urlencode(self.carried(**({} if ending == "/" else {"shown": {}}) | changes))
        return f"/{self.address}{ending}{'?' if query else ''}{query}"

    def counted(self, name: str, records: Any) -> list[tuple[str, str, int]]:
        """The values of a field over what the other fields leave of `records`, each named and counted; asked once."""
        if name not in self._counted:
            rows = self.counts[name](self.apply(records, without=name), self.asof.day)
            self._counted[name] = [(str(value), label, n) for value, label, n in rows if value not in ("", None)]
        return self._counted[name]

    def fields(self, records: Any) -> list[FilterField]:
        """The form, with every field's choices counted over what the others leave of `records`."""
        found = [self._field(name, records) for name in self.names]
        return [one for one in found if one.is_shown]

    def _field(self, name: str, records: Any) -> FilterField:
        filter_ = self.filterset.filters[name]
        typed = self._typed(name)
        is_many = isinstance(filter_, django_filters.MultipleChoiceFilter)
        shown = FilterField(
            name,
            str(filter_.label),
            kind="day" if isinstance(filter_, DayFilter) else "any" if is_many else "one",
            error=self.errors.get(name, ""),
            typed=", ".join(typed),
        )
        if name in self.counts:
            chosen = [] if shown.error else typed
            shown.choices = self._choices(name, records, chosen)
        return shown

    def _choices(self, name: str, records: Any, chosen: list[str]) -> list[Choice]:
        rows = {value: (label, n) for value, label, n in self.counted(name, records)}
        labels = self._labels(name)
        order = list(labels) if labels else sorted(rows, key=lambda value: _frequent_first(value, *rows[value]))
        values = [value for value in order if value in rows or value in chosen]
        values += [value for value in chosen if value not in values]
        if not labels:
            values = [value for place, value in enumerate(values) if place < MOST or value in chosen]
        nothing = ("", 0)
        return [
            Choice(
                value,
                labels.get(value) or rows.get(value, nothing)[0] or value,
                rows.get(value, nothing)[1],
                value in chosen,
            )
            for value in values
        ]

    def _labels(self, name: str) -> dict[str, str]:
        return {str(value): str(label) for value, label in self.filterset.filters[name].extra.get("choices") or []}

    def chosen(self, records: Any) -> list[Chosen]:
        """What is chosen, each with the link that takes it away."""
        found = []
        for name, value in self._values():
            named = {row[0]: row[1] for row in self.counted(name, records)} if name in self.counts else {}
            words = self._labels(name).get(value) or named.get(value) or value
            label = self.filterset.filters[name].label
            found.append(Chosen(name, value, f"{label}: {words}", self.link(leaving_out=(name, value))))
        return found

    def worth_dropping(self, records: Any) -> list[tuple[str, int, str]]:
        """For a list that came out empty: each field whose removal leaves records, how many, and the link."""
        fields = dict.fromkeys(name for name, _ in self._values())
        counted = [(name, self.apply(records, without=name).count()) for name in fields]
        return [
            (str(self.filterset.filters[name].label), n, self.link(leaving_out=(name, ""))) for name, n in counted if n
        ]


def _frequent_first(value: str, label: str, number: int) -> tuple[int, str, str]:
    """Where a choice stands among those without an order of their own; years run back from the latest."""
    return (-int(value), "", "") if value.isdigit() else (-number, label, value)
