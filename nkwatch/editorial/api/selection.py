"""Which fields an answer has, and which of the records that it names are told in full (contract.md, API v1).

A few lines of our own, since the libraries for it (drf-flex-fields, django-restql) pass over names that they do not
know, and expand through the ORM's relations: here what is expanded comes from the resource that serves it, so that
it passes the one public gate, and costs the same queries however many records name it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, ClassVar

from drf_spectacular.drainage import get_override
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

FIELDS, EXPAND = "fields", "expand"

Tell = Callable[[type[Any], set[Any]], dict[Any, dict[str, Any]]]
"""Gives the answers that records of one kind have at their own addresses, by primary key."""


class Summary(dict[str, Any]):
    """A record in short, as answers name it; `record` is what `?expand=` tells in full."""

    def __init__(self, told: dict[str, Any], record: Any) -> None:
        super().__init__(told)
        self.record = record


class ShortSerializer(serializers.Serializer):
    """A record in short, whatever of it that is."""

    def to_representation(self, instance: Any) -> Summary:
        return Summary(self.in_short(instance), instance)

    def in_short(self, instance: Any) -> dict[str, Any]:
        return super().to_representation(instance)


def read_names(request: Any, parameter: str, there_are: Sequence[str]) -> tuple[str, ...]:
    """The names given in `parameter`, between commas or by repeating it. Raises ValidationError for any other."""
    given = [name for text in request.query_params.getlist(parameter) for name in text.split(",")]
    if unknown := [name for name in given if name not in there_are]:
        raise ValidationError({parameter: f"“{unknown[0]}” is not accepted here: give any of {', '.join(there_are)}."})
    return tuple(dict.fromkeys(given))


@cache
def expandable(serializer: Any) -> tuple[str, ...]:
    """The paths of the records that answers of `serializer` name in short: mission, citations.source."""
    return tuple(_paths(serializer, ""))


def _paths(serializer: Any, before: str) -> Iterator[str]:
    for name, field in serializer().get_fields().items():
        told = _told_by(field, name, serializer)
        if isinstance(told, ShortSerializer):
            yield before + name
        elif isinstance(told, serializers.Serializer):
            yield from _paths(type(told), f"{before}{name}.")


def _told_by(field: Any, name: str, serializer: Any) -> Any:
    """The serializer of a field, of the items of a list, or of what a method says that it gives."""
    if isinstance(field, serializers.SerializerMethodField):
        field = get_override(getattr(serializer, f"get_{name}"), "field")
        field = field() if isinstance(field, type) else field
    return getattr(field, "child", field)


def expand(answers: Iterable[dict[str, Any]], paths: Iterable[str], tell: Tell) -> None:
    """Put in full, in their place, the records that `answers` name at `paths`."""
    named = [summary for path in paths for answer in answers for summary in _at(answer, path.split("."))]
    keys: defaultdict[type[Any], set[Any]] = defaultdict(set)
    for summary in named:
        keys[type(summary.record)].add(summary.record.pk)
    told = {model: tell(model, pks) for model, pks in keys.items()}
    for summary in named:
        summary.update(told[type(summary.record)].get(summary.record.pk, {}))


def _at(value: Any, path: Sequence[str]) -> Iterator[Summary]:
    if isinstance(value, list):
        for item in value:
            yield from _at(item, path)
    elif path and value is not None:
        yield from _at(value[path[0]], path[1:])
    elif isinstance(value, Summary):
        yield value


class Selecting:
    """Tells only the fields asked for, and in full what is asked for in full; reads no relation in vain."""

    only_for: ClassVar[dict[str, set[str]]] = {}
    """Relations that are read for some fields only, each with these fields."""
    fields: frozenset[str] = frozenset()
    """The fields asked for; all where there are none."""
    expanding: tuple[str, ...] = ()

    @classmethod
    def every_field(cls) -> tuple[str, ...]:
        """What `?fields=` takes."""
        return _names(cls.serializer_class)  # type: ignore[attr-defined]

    @classmethod
    def expandable(cls) -> tuple[str, ...]:
        """What `?expand=` takes."""
        return expandable(cls.serializer_class)  # type: ignore[attr-defined]

    @classmethod
    def selecting(cls) -> list[str]:
        """The parameters that select."""
        return [FIELDS, EXPAND] if cls.expandable() else [FIELDS]

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        self.expanding = read_names(request, EXPAND, self.expandable())
        asked = read_names(request, FIELDS, self.every_field())
        # What is expanded is wanted, whether it is named once more or not.
        within = (path.partition(".")[0] for path in self.expanding) if asked else ()
        self.fields = frozenset((*asked, *within))

    def tells(self, *names: str) -> bool:
        """Whether any of these fields is asked for."""
        return not self.fields or not self.fields.isdisjoint(names)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), FIELDS: self.fields}  # type: ignore[misc]

    def filter_queryset(self, queryset: Any) -> Any:
        queryset = super().filter_queryset(queryset)  # type: ignore[misc]
        needless = {relation for relation, names in self.only_for.items() if not self.tells(*names)}
        lookups = queryset._prefetch_related_lookups
        kept = [lookup for lookup in lookups if getattr(lookup, "prefetch_to", lookup) not in needless]
        return queryset.prefetch_related(None).prefetch_related(*kept) if needless else queryset

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().list(request, *args, **kwargs)  # type: ignore[misc]
        expand(response.data["results"], self.expanding, self.in_full)
        return response

    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().retrieve(request, *args, **kwargs)  # type: ignore[misc]
        expand([response.data], self.expanding, self.in_full)
        return response

    def in_full(self, model: type[Any], keys: set[Any]) -> dict[Any, dict[str, Any]]:
        """What records of any kind are told as at their own addresses, by primary key."""
        raise NotImplementedError


@cache
def _names(serializer: Any) -> tuple[str, ...]:
    return tuple(serializer().get_fields())
