"""A spelling to try where nothing is found: the nearest of the words that the index itself holds."""

import itertools
import re
import unicodedata

from django.core.cache import cache
from django.db.models import Count, Max
from rapidfuzz import process
from rapidfuzz.distance import OSA

from nkwatch.editorial.folding import units, words_of
from nkwatch.site.models import SearchEntry
from nkwatch.site.search.query import LONGEST, answers, read
from nkwatch.site.search.spellings import Spellings

ALIKE = 0.7
"""How alike two words are at the least, from 0 to 1: one change in four letters is too much, two in seven are not."""

SHORTEST = 3
MOST_WORDS = 6
KEPT_SECONDS = 24 * 3600

_WORD = re.compile(r"[^\W\d_](?:[\w'’ʼ-]*[^\W_])?")


def suggestion(text: str, names: Spellings) -> str:
    """`text` with the words that no record has put as a record spells them; "" where that finds nothing either."""
    known = known_words()
    text = " ".join(text[:LONGEST].split())
    put, at = [], 0
    for word in itertools.islice(_WORD.finditer(text), MOST_WORDS):
        put += [text[at : word.start()], _nearest(word.group(), known, names)]
        at = word.end()
    tried = "".join([*put, text[at:]])
    query = read(tried, names)
    return tried if tried != text and query and answers(query).exists() else ""


def known_words() -> frozenset[str]:
    """Every word of every public record, letter by letter as `_letters` has it; read once until the index changes."""
    stamp = SearchEntry.objects.aggregate(n=Count("pk"), last=Max("pk"), stored=Max("stored"))
    moment = stamp["stored"].timestamp() if stamp["stored"] else 0
    key = f"search-words-{stamp['n']}-{stamp['last']}-{moment}"
    found = cache.get(key)
    if found is None:
        listed = SearchEntry.objects.values_list("words", flat=True)
        found = frozenset(_letters(word) for words in set(listed) for word in words.split())
        cache.set(key, found, KEPT_SECONDS)
    return found


def _nearest(word: str, known: frozenset[str], names: Spellings) -> str:
    """The known word that is most like this one; itself where it is known, short, or like none."""
    asked = _letters(word.casefold())
    is_a_place = names.keys_of(tuple(itertools.chain.from_iterable(map(words_of, units(word)))))
    if len(asked) < SHORTEST or asked in known or is_a_place:
        return word
    alike = process.extract(asked, known, scorer=OSA.normalized_similarity, score_cutoff=ALIKE, limit=5)
    best = max(alike, key=lambda match: (match[1], match[0]), default=None)
    return unicodedata.normalize("NFC", best[0]) if best else word


def _letters(word: str) -> str:
    """A word with each letter by itself, Korean ones and diacritics too: 평앙 is one letter away from 평양."""
    return unicodedata.normalize("NFD", word)
