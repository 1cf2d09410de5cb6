"""Folding of names and titles, so that spellings of one thing compare equal (domain.md, rule 6)."""

import functools
import re
import unicodedata

from django.core.exceptions import ValidationError

# Control, bidirectional and tag characters: invisible, never part of a name or a quotation,
# and able to make a page show something else than what was stored.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)

NOT_KEPT = re.compile("[^a-z0-9]+")
"""What `fold` leaves out of plain ASCII in small letters."""


@functools.lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """Return the key under which spellings of one name or title compare equal.

    Case, hyphens, spaces, punctuation and diacritics go; letters and digits of any script stay,
    so that "Tae Yong-ho", "TAE YONGHO" and "Táe Yong ho" share the key ``taeyongho``.
    """
    if text.isascii():
        return NOT_KEPT.sub("", text.casefold())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c for c in decomposed if unicodedata.category(c)[0] in "LN")
    return unicodedata.normalize("NFC", kept)


def split_list(text: str) -> list[str]:
    """Split a cell or field that holds several values, separated by ``;`` or line breaks."""
    return [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]


def validate_visible_text(value: str) -> None:
    """Refuse control, bidirectional and tag characters, naming the first one found."""
    if found := INVISIBLE.search(value):
        raise ValidationError(
            "The text has an invisible character (%(code)s at position %(position)d): "
            "delete it or type the words again.",
            code="invisible",
            params={"code": f"U+{ord(found.group()):04X}", "position": found.start() + 1},
        )
