"""Who gives which reason: statements counted once, however many carry them (pages.md, Reasons)."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from sources.models import Actor, Quote, Reason

NOT_STATED = _("speaker not stated")


MOST_DOTS = 8


class Cell(NamedTuple):
    """How many statements give a reason in one capacity; `value` is the vocabulary's word for it, if there is one."""

    capacity: str
    statements: int
    value: str

    @property
    def dots(self) -> str:
        """One for each statement, as far as they can be told apart."""
        return "●" * self.statements if self.statements <= MOST_DOTS else ""


class Row(NamedTuple):
    """A reason, and the statements that give it, by capacity and in all."""

    reason: Reason
    cells: list[Cell]
    total: int


class Matrix(NamedTuple):
    """Reasons by the capacity of who gave them."""

    capacities: list[str]
    rows: list[Row]


def reasons_by_capacity(quotes: Any) -> Matrix:
    """Count `quotes`, a query set of public statements, by reason and by their speaker's capacity."""
    capacity_of = dict(Actor.objects.public().values_list("pk", "capacity"))
    given = quotes.order_by().filter(reasons__isnull=False).values_list("reasons", "speaker")
    counts = Counter((reason, capacity_of.get(speaker, "")) for reason, speaker in given)
    order = [*Actor.Capacity.values, ""]
    used = [capacity for capacity in order if any(key[1] == capacity for key in counts)]
    rows = []
    for reason in Reason.objects.public():
        cells = [Cell(_in_words(capacity), counts[reason.pk, capacity], capacity) for capacity in used]
        rows.append(Row(reason, cells, sum(cell.statements for cell in cells)))
    return Matrix([_in_words(capacity) for capacity in used], sorted(rows, key=lambda row: -row.total))


def statements_by_capacity(quotes: Iterable[Quote]) -> list[tuple[str, list[Any]]]:
    """Statements under the capacity of their speaker, in the order of the vocabulary."""
    groups: dict[str, list[Any]] = {capacity: [] for capacity in [*Actor.Capacity.values, ""]}
    for quote in quotes:
        groups[quote.speaker.capacity if quote.speaker else ""].append(quote)
    return [(_in_words(capacity), group) for capacity, group in groups.items() if group]


def _in_words(capacity: str) -> str:
    return str(Actor.Capacity(capacity).label if capacity else NOT_STATED)
