"""Names that mean one place: whichever of them a text uses, and whichever a reader asks for, they meet.

A text in which a place is named gets the place's own word beside its words (`place0cd`), and a
question for any of the names asks for that word as well. So the index grows by a word a mention, and Zaire,
DR Congo, 콩고민주공화국 and Конго - Киншаса find the same.
"""

import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from nkwatch.editorial.folding import Term, terms, units
from nkwatch.site.search.place_names import NOT_IN_TEXTS, city_names, country_names, known_countries

SHORTEST_IN_TEXTS = 4
"""A shorter name in Latin letters is asked for (UAE, DRC), yet not looked for in texts, where it may be a word."""

Words = tuple[str, ...]


class Found(NamedTuple):
    """Places named by `length` words in a row, from the word at `at` on."""

    at: int
    length: int
    keys: tuple[str, ...]


class Spellings:
    """Every name of every place, by the words that it is made of."""

    def __init__(self, places: Iterable[tuple[str, Iterable[str]]]) -> None:
        keys: dict[Words, list[str]] = defaultdict(list)
        self._in_texts: set[Words] = set()
        self._lengths: dict[str, list[int]] = {}
        for place, names in places:
            for name in names:
                key = place_word(place)
                for words in _ways_to_write(name):
                    if key not in keys[words]:
                        keys[words].append(key)
                    if _is_long_enough(name):
                        self._in_texts.add(words)
        self._in_texts -= {words for name in NOT_IN_TEXTS for words in _ways_to_write(name)}
        self._keys = {words: tuple(found) for words, found in keys.items()}
        lengths: dict[str, set[int]] = defaultdict(set)
        for words in self._keys:
            lengths[words[0]].add(len(words))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def keys_of(self, words: Words) -> tuple[str, ...]:
        """The words of the places that go by exactly these words; none for most."""
        return self._keys.get(words, ())

    def asked_for(self, words: Sequence[str]) -> Iterator[Found]:
        """The places that somebody names who asks, the longest names first taken."""
        return self._found(words, asked=True)

    def named_in(self, words: Sequence[str]) -> Iterator[Found]:
        """The places that a text names without a doubt."""
        return self._found(words, asked=False)

    def _found(self, words: Sequence[str], asked: bool) -> Iterator[Found]:
        at = 0
        while at < len(words):
            length = 1
            for longest in self._lengths.get(words[at], ()):
                name = tuple(words[at : at + longest])
                if name in self._keys and (asked or name in self._in_texts):
                    length = len(name)  # the text may end before the longest would
                    yield Found(at, length, self._keys[name])
                    break
            at += length


def place_word(key: str) -> str:
    """The word of a place in the index; no text has it, since a nought stands among its letters."""
    return f"place0{key}"


def parts_only(found: Iterable[Term]) -> list[Term]:
    """The words of a text without those that have parts, which stand there too: as names are compared."""
    return [term for term in found if not term.whole]


def spellings() -> Spellings:
    """All names of places, as the reference table has them now: one query."""
    return _spellings_of(known_countries())


@functools.lru_cache(maxsize=2)
def _spellings_of(countries: tuple[tuple[str, str, str, str], ...]) -> Spellings:
    return Spellings([*country_names(countries), *city_names()])


def _ways_to_write(name: str) -> set[Words]:
    """The words of a name in its parts (Guinea Bissau), and with what joins them left out (Guineabissau)."""
    found = list(terms(name))
    apart = tuple(term.word for term in parts_only(found))
    wholes = [term for term in found if term.whole]
    joined = tuple(term.word for term in found if term.whole or not any(w.start <= term.start < w.end for w in wholes))
    return {words for words in (apart, joined) if words}


def _is_long_enough(name: str) -> bool:
    return not name.isascii() or len("".join(units(name))) >= SHORTEST_IN_TEXTS
