"""Whether words stand in a text as printed, and where; blanks, quotation marks and dashes aside."""

import re
import unicodedata

LEFT_OUT = re.compile(r"\s*(?:\[\s*(?:\.\.\.|…)\s*\]|\(\s*(?:\.\.\.|…)\s*\)|\.\.\.|…)\s*")
"""What an editor writes for words left out."""

_SAME = str.maketrans(
    dict.fromkeys("“”„‟«»「」『』〝〞", '"') | dict.fromkeys("‘’‚‛′`´", "'") | dict.fromkeys("‐‑‒–—―−", "-")
)
_BLANKS = re.compile(r"\s+")


def plain(text: str) -> str:
    """`text` with blanks as one space, straight marks, and small letters, to be compared."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", text).translate(_SAME)).strip().casefold()


def stands_in(excerpt: str, text: str) -> bool:
    """Whether the words stand in `text`, its parts in this order where some are left out (…)."""
    whole, place = plain(text), 0
    parts = [part for part in map(plain, LEFT_OUT.split(excerpt)) if part]
    for part in parts:
        found = whole.find(part, place)
        if found < 0:
            return plain(excerpt) in whole
        place = found + len(part)
    return bool(parts)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of `text`: its lines that are not blank."""
    return [line for line in text.splitlines() if line.strip()]


def paragraph_of(excerpt: str, text: str, position: int | None = None) -> int:
    """The number of the paragraph in which the words begin; 0 when they do not stand there.

    Where they stand more than once, `position`, the place in `text` of their first letter, decides.
    """
    begins = next((line for part in LEFT_OUT.split(excerpt) for line in part.splitlines() if line.strip()), "")
    first = plain(begins)
    fits = [number for number, words in enumerate(paragraphs(text), 1) if first and first in plain(words)]
    if position is not None and fits:
        there = len(paragraphs(text[: position + 1]))
        return there if there in fits else fits[0]
    return fits[0] if fits else 0
