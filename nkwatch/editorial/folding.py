"""The words of a text as search compares them: one function for what is kept, what is asked, and what is marked.

Spellings of one word must meet, on every database alike (pages.md, Search): so a text is cut into
words here, and a database only stores and finds them. Each word is folded as names are
(`text.fold`: case, compatibility forms, diacritics, apostrophes and hyphens go), and besides:

- a word with hyphens or apostrophes counts as a whole and in its parts: Yong-ho is yongho, yong and ho;
- an English plural counts as its singular, by D. Harman's rule of three endings ("How effective is
  suffixing?", 1991);
- what is written without spaces, or with endings (Korean, Chinese, Japanese, Thai), counts in pairs of
  characters, so that a word of two syllables is found wherever it stands;
- in Korean syllables the North's spelling counts as the South's, which drops or softens an initial ㄹ or
  ㄴ (두음 법칙): 로동 is 노동, 리 is 이, 녀성 is 여성. It must count in any place, since a pair does not tell
  where its word begins.
"""

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from nkwatch.editorial.text import fold

MOST_LETTERS = 60
"""Longer words are cut: no index takes words of any length."""

CHUNKS_REMEMBERED = 40_000
LONGEST_REMEMBERED = 40

PAIRED = "".join(
    (
        "\u0e00-\u0eff",  # Thai, Lao
        "\u1000-\u109f",  # Burmese
        "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff",  # Korean
        "\u1780-\u17ff",  # Khmer
        "\u3040-\u30ff\u31f0-\u31ff",  # Japanese syllables
        "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",  # Chinese characters
    )
)
"""Scripts that are cut into pairs, as a range of a regular expression."""

_RUN = re.compile(f"[{PAIRED}]+|[^{PAIRED}]+")
_IS_PAIRED = re.compile(f"[{PAIRED}]")
_CHUNK = re.compile(r"\S+")
_WORD = re.compile(r"[^ -]+(?:-+[^ -]+)*")
_PART = re.compile(r"[^ -]+")

_HYPHENS = "-\u2010\u2011'’‘ʼʻ`´"
_PLAIN = {code: chr(code) if chr(code).isalnum() else " " for code in range(128)} | {ord(c): "-" for c in "-'`"}


class Term(NamedTuple):
    """A word as search compares it, and where in the text it stands; `whole` of one that has parts."""

    word: str
    start: int
    end: int
    whole: bool = False


def terms(text: str) -> Iterator[Term]:
    """The words of `text`, in their order."""
    for chunk in _CHUNK.finditer(text):
        raw, at = chunk.group(), chunk.start()
        found = _remembered(raw) if len(raw) <= LONGEST_REMEMBERED else _terms_of(raw)
        for word, start, end, whole in found:
            yield Term(word, at + start, at + end, whole)


def units(text: str) -> list[str]:
    """What somebody asks for, unit by unit: a folded word or part of a word, or a run of paired characters."""
    found = []
    for chunk in _CHUNK.finditer(text):
        raw = chunk.group()
        for part in _PART.finditer(_outline(raw)):
            found += _RUN.findall(_folded(raw[part.start() : part.end()]))
    return found


def words_of(unit: str) -> tuple[str, ...]:
    """The words that `terms` makes of a unit: one, or its pairs of characters."""
    if not is_paired(unit):
        return (singular(unit)[:MOST_LETTERS],)
    return tuple(a + b for a, b in itertools.pairwise(unit)) or (unit,)


def is_paired(unit: str) -> bool:
    """Whether a unit is of a script that is cut into pairs."""
    return bool(_IS_PAIRED.match(unit))


def singular(word: str) -> str:
    """An English plural as its singular; any other word as it is."""
    if len(word) < 4 or not word.endswith("s") or not word.isascii():
        return word
    if word.endswith("ies"):
        return word if word[-4] in "ae" else f"{word[:-3]}y"
    if word.endswith("es"):
        return word if word[-3] in "aeo" else word[:-1]
    return word if word[-2] in "us" else word[:-1]


def _terms_of(chunk: str) -> tuple[Term, ...]:
    outline = _outline(chunk)
    found: list[Term] = []
    for word in _WORD.finditer(outline):
        parts = list(_PART.finditer(word.group()))
        if len(parts) > 1:
            found += _terms_at(chunk, word.start(), word.end(), whole=True)
        for part in parts:
            found += _terms_at(chunk, word.start() + part.start(), word.start() + part.end())
    return tuple(found)


_remembered = functools.lru_cache(maxsize=CHUNKS_REMEMBERED)(_terms_of)


def _terms_at(chunk: str, start: int, end: int, whole: bool = False) -> Iterator[Term]:
    folded = _folded(chunk[start:end])
    is_as_long = len(folded) == end - start
    for run in _RUN.finditer(folded):
        place = (start + run.start(), start + run.end()) if is_as_long else (start, end)
        words = words_of(run.group())
        for at, word in enumerate(words):
            paired = is_as_long and len(words) > 1
            yield Term(word, *((place[0] + at, place[0] + at + 2) if paired else place), whole)


def _outline(chunk: str) -> str:
    """As long as `chunk`: its letters and numbers, a hyphen for what joins parts of a word, else blanks."""
    if chunk.isascii():
        return chunk.translate(_PLAIN)
    return "".join("-" if c in _HYPHENS else c if _is_of_a_word(c) else " " for c in chunk)


def _is_of_a_word(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LMN" or category == "Cf"


def _folded(word: str) -> str:
    return fold(word).translate(_FINISHED)


def _southern_spellings() -> dict[int, str | None]:
    """Each Korean syllable that begins as only the North spells it, with the one that the South puts for it."""
    first, vowels, finals = 0xAC00, 21, 28
    initial_n, initial_r, initial_none = 2, 5, 11
    after_y = (2, 3, 6, 7, 12, 17)  # ㅑ ㅒ ㅕ ㅖ ㅛ ㅠ
    vowel_i = 20
    found: dict[int, str | None] = {}
    for vowel, final in itertools.product(range(vowels), range(finals)):
        softened = vowel in after_y
        for initial, to in (
            (initial_r, initial_none if softened or vowel == vowel_i else initial_n),
            (initial_n, initial_none if softened else initial_n),
        ):
            spelt = first + (initial * vowels + vowel) * finals + final
            found[spelt] = chr(first + (to * vowels + vowel) * finals + final)
    return found


# Some apostrophes count as letters, and would stay.
_FINISHED = _southern_spellings() | {ord(joiner): None for joiner in _HYPHENS}
