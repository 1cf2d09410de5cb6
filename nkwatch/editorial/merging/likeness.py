"""Pairs of records that may be one, found without comparing all with all (pages.md, B4)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db import models
from rapidfuzz.utils import default_process

from nkwatch.editorial.models import NotTheSame, ids_that_stay

MOST_IN_BLOCK = 60
"""A key that more records share tells none of them apart, and is passed over."""

RAREST = 4

Keys = Iterable[Hashable]


class Pair(NamedTuple):
    """Two records, by id, that may be one: how likely (0 to 100), and why."""

    one: int
    other: int
    score: int
    why: str


Judge = Callable[[Any, Any], tuple[float, str] | None]


def likely_pairs(
    model: type[models.Model], items: Mapping[int, Any], keys: Callable[[Any], Keys], judge: Judge
) -> list[Pair]:
    """The pairs among `items` that `judge` finds alike, likeliest first; those judged to be two are left out.

    Only items that share one of their `keys` are compared. `judge` answers None for two that are two.
    """
    blocks: dict[Hashable, list[int]] = defaultdict(list)
    for pk, item in items.items():
        for key in set(keys(item)):
            blocks[key].append(pk)
    two = known_to_be_two(model)
    compared: set[tuple[int, int]] = set()
    found = []
    for block in blocks.values():
        if len(block) > MOST_IN_BLOCK:
            continue
        for one, other in combinations(sorted(block), 2):
            if (one, other) in compared or (one, other) in two:
                continue
            compared.add((one, other))
            if judged := judge(items[one], items[other]):
                found.append(Pair(one, other, round(judged[0]), judged[1]))
    return sorted(found, key=lambda pair: (-pair.score, pair.one, pair.other))


def known_to_be_two(model: type[models.Model]) -> set[tuple[int, int]]:
    """The pairs of this kind that somebody found to be two, the lower id first.

    What was found of a record goes for the one that it was merged into since.
    """
    kind = ContentType.objects.get_for_model(model)
    noted = NotTheSame.objects.filter(record_type=kind).values_list("lower_id", "higher_id")
    stays = ids_that_stay(model)
    found = {(stays.get(one, one), stays.get(other, other)) for one, other in noted}
    return {(min(two), max(two)) for two in found}


def words(text: str) -> list[str]:
    """The words of a text, without case and punctuation; of Korean ones each two syllables, as endings vary."""
    found = []
    for word in default_process(text).split():
        if word.isascii():
            found.append(word)
        else:
            found += grams(word, 2) or [word]
    return found


def grams(text: str, size: int) -> list[str]:
    """Each run of `size` letters in a text."""
    return [text[place : place + size] for place in range(len(text) - size + 1)]


def rarest(listed: Mapping[int, Sequence[str]], most: int = RAREST) -> dict[int, list[str]]:
    """Of each item's words, those few that it shares with the fewest others, yet with any."""
    counts = Counter(word for one in listed.values() for word in set(one))
    return {
        pk: sorted({word for word in one if 2 <= counts[word] <= MOST_IN_BLOCK}, key=lambda word: (counts[word], word))[
            :most
        ]
        for pk, one in listed.items()
    }


def days_between(one: Any, other: Any) -> int | None:
    """How many days lie between two windows (earliest, latest): 0 where they touch or overlap, None if undated."""
    (first, until), (after, last) = one, other
    if not (first or until) or not (after or last):
        return None
    if until and after and until < after:
        return (after - until).days
    if last and first and last < first:
        return (first - last).days
    return 0
