"""Folding of names and titles, so that spellings of one thing compare equal (domain.md, rule 6)."""

import functools
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from nkwatch.editorial.cells.grid import cleaned

# Control, bidirectional and tag characters: invisible, never part of a name or a quotation,
# and able to make a page show something else than what was stored. U+FFFE and U+FFFF are no
# characters, and no XML, such as a feed or a picture, may hold them.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff\U000e0000-\U000e007f]"
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


_MEMBER = re.compile(r'[^\S\n]*(?:"((?:[^"]|"")*)"[^\S\n]*(?=[;\n]|\Z)|([^;\n]*))(?:[;\n]|\Z)')


def split_list(text: str) -> list[str]:
    """Split a cell or field that holds several values, separated by ``;`` or line breaks.

    A value that has either itself stands in quotation marks, doubled within, as `join_list` writes it.
    """
    members = (quoted.replace('""', '"') if quoted else plain for quoted, plain in _MEMBER.findall(text))
    return [member.strip() for member in members if member.strip()]


def join_list(values: Iterable[Any]) -> str:
    """Several values in one cell, as `split_list` reads them."""
    return "; ".join(_as_member(as_cell(str(value))) for value in values)


def _as_member(value: str) -> str:
    is_plain = not (value.startswith('"') or ";" in value or "\n" in value)
    return value if is_plain else '"{}"'.format(value.replace('"', '""'))


def as_cell(text: str) -> str:
    """Text as it comes back from a sheet's cell: that a line ends, not how; plain spaces, and none around it."""
    return cleaned(text)


def validate_visible_text(value: str) -> None:
    """Refuse control, bidirectional and tag characters, naming the first one found."""
    if found := INVISIBLE.search(value):
        raise ValidationError(
            "The text has an invisible character (%(code)s at position %(position)d): "
            "delete it or type the words again.",
            code="invisible",
            params={"code": f"U+{ord(found.group()):04X}", "position": found.start() + 1},
        )
