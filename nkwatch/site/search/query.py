"""How a question is read, and which entries of the index answer it, the same on every database.

Each word that is asked for must be there, in one of the ways in which it may be written. The
database's own index only finds words; what is in between and what comes first are asked of the
folded text itself, so that both databases answer alike: records with all of it in their names
first, then the newest.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db import connection
from django.db.models import Case, F, Q, Value, When
from django.db.models.expressions import RawSQL

from nkwatch.editorial.folding import is_paired, units, words_of
from nkwatch.editorial.text import fold
from nkwatch.site.models import SearchEntry
from nkwatch.site.search.spellings import Spellings
from sources.models import Actor, ActorName

LONGEST = 500
"""So many characters of a question are read."""

MOST_UNITS = 16
"""So many words of it are looked for."""

LONGEST_SPLIT = 12
"""So many Korean syllables in a row are taken for words written without a blank."""

LONGEST_NAME = 6
"""So many words are taken for the name of somebody."""

_LITTLE = "a an and at by d for from in is l of on or s the to was were with"
LITTLE_WORDS = frozenset(_LITTLE.split())
"""Words of no use when something else is asked for with them; d, l and s stand around apostrophes."""

Phrase = tuple[str, ...]
"""Words that must stand next to each other."""

Way = tuple[Phrase, ...]
"""Phrases that must all be there: one way to write what is asked for."""


@dataclass(frozen=True)
class Query:
    """What is asked for: for each word the ways in which it may be written. Some of them is enough, of every word."""

    wanted: tuple[tuple[Way, ...], ...]
    is_cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.wanted)

    @property
    def phrases(self) -> set[Phrase]:
        """Everything of which something may be found in a text, to be marked there."""
        return {phrase for ways in self.wanted for way in ways for phrase in way}


def read(text: str, names: Spellings) -> Query:
    """Read a question; one without a letter or number asks for nothing. Takes at most four queries."""
    chunks = [(chunk, units(chunk)) for chunk in text[:LONGEST].split()]
    asked = [unit for _, of_chunk in chunks for unit in of_chunk]
    cut = asked[:MOST_UNITS]
    places = _places([words_of(unit) for unit in cut], names)
    called = _otherwise_called(chunks)
    found = [
        tuple(dict.fromkeys([*_ways(cut, at, names), *(((place,),) for place in places[at]), *called.get(at, ())]))
        for at in range(len(cut))
        if cut[at] not in LITTLE_WORDS
    ]
    if not found:
        found = [tuple(_ways(cut, at, names)) for at in range(len(cut))]
    return Query(tuple(found), is_cut=len(asked) > len(cut) or len(text) > LONGEST)


def _places(words: Sequence[Phrase], names: Spellings) -> list[tuple[str, ...]]:
    """For each unit the words of the places that it names, alone or with its neighbours."""
    owner = [at for at, of_unit in enumerate(words) for _ in of_unit]
    starts = {owner.index(at): at for at in range(len(words))}
    ends = {place + len(words[at]): at for place, at in starts.items()}
    found: list[tuple[str, ...]] = [()] * len(words)
    for place in names.asked_for(list(itertools.chain.from_iterable(words))):
        first, last = starts.get(place.at), ends.get(place.at + place.length)
        if first is not None and last is not None:
            found[first : last + 1] = [place.keys] * (last + 1 - first)
    return found


def _otherwise_called(chunks: Sequence[tuple[str, list[str]]]) -> dict[int, list[Way]]:
    """For each unit of the name of one person or organisation, by its place: that one's other names.

    Asked of the records and not kept in the index, since a name may stand in any text, and gain a
    spelling any day. A name that several go by leads to none of them.
    """
    ranges: dict[str, range] = {}
    starts = list(itertools.accumulate((len(of_chunk) for _, of_chunk in chunks), initial=0))
    for first, last in itertools.combinations(range(len(chunks) + 1), 2):
        if last - first <= LONGEST_NAME and starts[last] <= MOST_UNITS:
            key = fold(" ".join(chunk for chunk, _ in chunks[first:last]))
            ranges.setdefault(key, range(starts[first], starts[last]))
    ranges.pop("", None)
    found: dict[int, list[Way]] = {}
    for keys, named in _actors_called(ranges):
        ways = [tuple(words_of(unit) for unit in units(name)) for name in named]
        for at in itertools.chain.from_iterable(ranges[key] for key in keys):
            found.setdefault(at, []).extend(way for way in ways if way)
    return found


def _actors_called(keys: Iterable[str]) -> Iterator[tuple[set[str], list[str]]]:
    """Who goes by one of `keys` that nobody else goes by: those keys, and all names."""
    wanted = set(keys)
    if not wanted:
        return
    actors, variants = Actor.objects.public().exclude(kind=Actor.Kind.UNNAMED), ActorName.objects.public()
    found = set(actors.filter(name_key__in=wanted).values_list("pk", flat=True))
    found |= set(variants.filter(name_key__in=wanted).values_list("actor", flat=True))
    if not found:
        return
    names: dict[int, dict[str, str]] = {}
    owners: dict[str, set[int]] = {}
    usual = actors.filter(pk__in=found).values_list("pk", "name", "name_key").order_by("pk")
    others = variants.filter(actor__in=found).values_list("actor", "name", "name_key").order_by("pk")
    for pk, name, key in (*usual, *others):
        names.setdefault(pk, {})[name] = key
        owners.setdefault(key, set()).add(pk)
    for of_actor in names.values():
        keys_here = {key for key in of_actor.values() if key in wanted and len(owners[key]) == 1}
        if keys_here:
            yield keys_here, list(of_actor)


def _ways(asked: Sequence[str], at: int, names: Spellings) -> Iterator[Way]:
    """The ways in which one unit may be written: as it is, as one word with a neighbour, or as two."""
    unit = asked[at]
    yield (words_of(unit),)
    if is_paired(unit):
        yield from _as_two(unit, names)
        return
    for pair in (asked[at - 1 : at + 1] if at else [], asked[at : at + 2]):
        if len(pair) == 2 and not any(map(is_paired, pair)):
            yield (words_of("".join(pair)),)


def _as_two(unit: str, names: Spellings) -> Iterator[Way]:
    """Korean is written with and without blanks: 북한대사관 may be 북한 대사관, or the embassy of North Korea."""
    if len(unit) > LONGEST_SPLIT:
        return
    for at in range(2, len(unit) - 1):
        parts = [words_of(part) for part in (unit[:at], unit[at:])]
        choices = [[part, *((key,) for key in names.keys_of(part))] for part in parts]
        yield from itertools.product(*choices)


def answers(query: Query) -> Any:
    """The entries that answer `query`, with `rank` 0 where their names do, else 1."""
    found = SearchEntry.objects.alias(rank=_rank(query))
    if words := _in_database_words(query):
        found = found.filter(pk__in=RawSQL(*words))
    for ways in query.wanted:
        if any(len(phrase) > 1 or _is_one_syllable(phrase) for way in ways for phrase in way):
            found = found.filter(_written("terms", ways))
    return found


def in_order() -> tuple[Any, ...]:
    """What comes first among `answers`: by name, then the newest, then what was recorded last."""
    return F("rank").asc(), F("day").desc(nulls_last=True), F("number").desc()


def _rank(query: Query) -> Case:
    in_names = reduce(and_, (_written("name_terms", ways) for ways in query.wanted), Q())
    return Case(When(in_names, then=Value(0)), default=Value(1))


def _written(field: str, ways: Iterable[Way]) -> Q:
    """The condition that a column of folded words has something in one of these ways."""
    return reduce(or_, (reduce(and_, (_has(field, phrase) for phrase in way)) for way in ways))


def _has(field: str, phrase: Phrase) -> Q:
    wanted = phrase[0] if _is_one_syllable(phrase) else f" {' '.join(phrase)} "
    return Q(**{f"{field}__contains": wanted})


def _is_one_syllable(phrase: Phrase) -> bool:
    """Whether it is a single character of a paired script, which the index has only inside of pairs."""
    return len(phrase) == 1 and len(phrase[0]) == 1 and is_paired(phrase[0])


def _in_database_words(query: Query) -> tuple[str, list[str]] | None:
    """The statement, and what it is given, by which this database finds entries with the words; None without any."""
    groups = [
        [list(itertools.chain.from_iterable(way)) for way in ways]
        for ways in query.wanted
        if not any(_is_one_syllable(phrase) for way in ways for phrase in way)
    ]
    if not groups:
        return None
    if connection.vendor == "postgresql":
        return "SELECT id FROM site_searchentry WHERE vector @@ %s::tsquery", [_composed(groups, "'{}'", " & ", " | ")]
    sql = "SELECT rowid FROM site_searchindex WHERE site_searchindex MATCH %s"
    return sql, [_composed(groups, '"{}"', " AND ", " OR ")]


def _composed(groups: Iterable[Iterable[Sequence[str]]], word: str, all_of: str, any_of: str) -> str:
    """Words hold letters and numbers alone, so that in quotation marks none of them is an operator."""
    return all_of.join(
        f"({any_of.join(f'({all_of.join(word.format(one) for one in way)})' for way in ways)})" for ways in groups
    )
