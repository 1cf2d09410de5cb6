"""Where a source has its claims from, and who has theirs from it: a tree down to the origin (pages.md, A, Sources).

A claim of a record goes on through the other source's own claim of the same record (domain.md, rule 3);
a republication goes on with everything.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Value

from sources.models import Citation, Source

MOST_LEVELS = 12

Claim = tuple[int, int]
"""A record that a claim is about: the place of its kind in `Citation.kinds()`, and its id."""


@dataclass
class Tie:
    """One source in the tree, and what ties it to the one that it stands under.

    `is_copy`: the same text, as a whole. `is_above`: it stands with all that follows further up already.
    """

    source: Any
    records: list[Any]
    is_copy: bool = False
    is_above: bool = False
    ties: list["Tie"] = field(default_factory=list)


@dataclass
class _Ends:
    """What is tied to one source: for each other source, the claims, and the copies."""

    claims: dict[int, set[Claim]] = field(default_factory=dict)
    copies: set[int] = field(default_factory=set)


def ways(ties: Iterable[Tie]) -> tuple[bool, bool]:
    """Whether any of `ties` is one claim by claim, and whether any is of the same text."""
    ties = list(ties)
    return any(tie.records for tie in ties), any(tie.is_copy for tie in ties)


def relied_on(source: Source) -> list[Tie]:
    """The public sources that one relies on or republishes, each with what it relies on in turn."""
    return _tree(source, upstream=True)


def relying(source: Source) -> list[Tie]:
    """The public sources that rely on one or republish it, each with those that rely on it in turn."""
    return _tree(source, upstream=False)


def _tree(source: Source, upstream: bool) -> list[Tie]:
    """Two queries a level, whatever its size; one for the sources, and one for each kind of record."""
    ends: dict[int, _Ends] = {}
    step = {source.pk}
    for _level in range(MOST_LEVELS):
        if not step:
            break
        ends |= {pk: _Ends() for pk in step}
        _read_claims(step, ends, upstream)
        _read_copies(step, ends, upstream)
        step = {other for pk in step for other in (*ends[pk].claims, *ends[pk].copies)} - set(ends)
    named = {other for end in ends.values() for other in (*end.claims, *end.copies)}
    sources = {one.pk: one for one in Source.objects.public().filter(pk__in=named).with_outlet()} if named else {}
    about = {claim for end in ends.values() for claims in end.claims.values() for claim in claims}
    return _ties(source.pk, None, ends, sources, _records(about), {source.pk})


def _read_claims(step: set[int], ends: dict[int, _Ends], upstream: bool) -> None:
    one, other = ("source", "attributed_to_source") if upstream else ("attributed_to_source", "source")
    gate = Source.public_condition("attributed_to_source__")
    asked = [
        kind.objects.public()
        .filter(gate, **{f"{one}__in": step})
        .order_by()
        .annotate(kind=Value(place))
        .values_list(one, other, "kind", kind.record_field)
        for place, kind in enumerate(Citation.kinds())
    ]
    first, *rest = asked
    for here, there, place, record in first.union(*rest, all=True):
        ends[here].claims.setdefault(there, set()).add((place, record))


def _read_copies(step: set[int], ends: dict[int, _Ends], upstream: bool) -> None:
    one, other = ("pk", "republication_of") if upstream else ("republication_of", "pk")
    copies = Source.objects.public().filter(Source.public_condition("republication_of__"), **{f"{one}__in": step})
    for here, there in copies.order_by().values_list(one, other):
        ends[here].copies.add(there)


def _records(about: Iterable[Claim]) -> dict[Claim, Any]:
    """The public records that claims are about, each with what its name is made of."""
    asked: dict[int, set[int]] = {}
    for place, pk in about:
        asked.setdefault(place, set()).add(pk)
    return {
        (place, record.pk): record
        for place, kind in enumerate(Citation.kinds())
        if place in asked
        for record in kind.record_model().objects.public().named().filter(pk__in=asked[place])
    }


def _ties(
    here: int,
    about: set[Claim] | None,
    ends: dict[int, _Ends],
    sources: dict[int, Any],
    records: dict[Claim, Any],
    above: set[int],
) -> list[Tie]:
    """The ties of one source, by claims of the records `about` alone where it is given; each goes on once."""
    found = []
    end = ends.get(here, _Ends())
    going_on: list[tuple[Tie, int, set[Claim] | None]] = []
    for other in sorted(end.copies | set(end.claims), key=lambda pk: (pk not in end.copies, pk)):
        is_copy = other in end.copies
        shared = end.claims.get(other, set()) if about is None else end.claims.get(other, set()) & about
        if other not in sources or not (is_copy or shared):
            continue
        tie = Tie(sources[other], [records[claim] for claim in sorted(shared) if claim in records], is_copy)
        tie.is_above = other in above
        if not tie.is_above:
            above.add(other)
            going_on.append((tie, other, about if is_copy else shared))
        found.append(tie)
    for tie, other, passed_on in going_on:
        tie.ties = _ties(other, passed_on, ends, sources, records, above)
    return found
