"""The next records in an order, from where one stands: read by index, at the same cost however far down the list."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Exists, F, OrderBy, OuterRef, Q


def terms(queryset: Any) -> list[OrderBy]:
    """The order of `queryset`, each part as an expression, and each field once."""
    found: dict[str, OrderBy] = {}
    for term in queryset.query.order_by or queryset.model._meta.ordering:
        if isinstance(term, str):
            name = term.lstrip("-")
            term = F(name).desc() if term.startswith("-") else F(name).asc()
        found.setdefault(field(term), term)
    return list(found.values())


def field(term: Any) -> str:
    """The name of the field that a part of an order goes by."""
    return term.expression.name


def portion(
    queryset: Any, order: Sequence[OrderBy], anchor: Sequence[Any] | None, backwards: bool, size: int
) -> list[Any]:
    """Up to `size` records after the place where `order` has the values `anchor`, from the beginning without one.

    `backwards` goes the other way from there, the nearest first. All fields but the first have a value in every
    public record, and the last is unique.
    """
    found: list[Any] = []
    for condition, parts in _stretches(queryset.model, order, anchor, backwards):
        if len(found) < size:
            found += _nearest(queryset, condition, parts, size - len(found))
    return found


def _nearest(queryset: Any, condition: Q, parts: list[str], size: int) -> Any:
    """The first `size` in the order of `parts`.

    They are found by the records' own fields before anything is joined: a planner may begin with a smaller table
    that is joined, and then has to read and sort all that is left of the list.
    """
    is_asked_for = Exists(queryset.order_by().filter(pk=OuterRef("pk")))
    nearest = queryset.model._base_manager.filter(condition, is_asked_for).order_by(*parts)[:size]
    return queryset.filter(pk__in=nearest.values("pk")).order_by(*parts)


def _stretches(
    model: Any, order: Sequence[Any], anchor: Sequence[Any] | None, backwards: bool
) -> Iterator[tuple[Q, list[str]]]:
    """The stretches of the list past `anchor`: with a value in the first field, and without one.

    They are asked for apart, each in a plain order, since no index serves a comparison that lets pass what has no
    value, nor an order that puts that last.
    """
    first, *rest = [f"{'' if part.descending == backwards else '-'}{field(part)}" for part in order]
    name = field(order[0])
    with_value = (_past([first, *rest], anchor) if anchor and anchor[0] is not None else Q(), [first, *rest])
    if not rest or not _may_be_empty(model, name):
        yield with_value
        return
    is_empty = Q(**{f"{name}__isnull": True})
    with_value = (with_value[0] & ~is_empty, with_value[1])
    if anchor is None:
        yield with_value
        yield is_empty, rest
    elif anchor[0] is None:
        yield is_empty & _past(rest, anchor[1:]), rest
        if backwards:
            yield with_value
    else:
        yield with_value
        if not backwards:
            yield is_empty, rest


def _may_be_empty(model: Any, name: str) -> bool:
    return "__" not in name and model._meta.get_field(name).null


def _past(order: Sequence[str], values: Sequence[Any]) -> Q:
    """The condition that a row comes after `values`: bounded by the first field, so that an index can begin there."""
    term, value = order[0], values[0]
    name, side = (term[1:], "lt") if term.startswith("-") else (term, "gt")
    beyond = Q(**{f"{name}__{side}": value})
    if len(order) == 1:
        return beyond
    return Q(**{f"{name}__{side}e": value}) & (beyond | _past(order[1:], values[1:]))
