"""The outlines of countries and the shapes of statuses: pages use them from their files, drawings for download
carry them along."""

import functools
import re
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe

STATIC = Path(__file__).resolve().parents[2] / "nkwatch" / "static" / "nkwatch"
OUTLINES = STATIC / "world.svg"
"""What `prepare_outlines` writes; its licence stands beside it."""
GLYPHS = STATIC / "glyphs.svg"

_COUNTRY = re.compile(r'<path id="([A-Z]{2})"')
_INSIDE = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)


@functools.cache
def countries() -> frozenset[str]:
    """The codes of the countries that the outlines have."""
    return frozenset(_COUNTRY.findall(OUTLINES.read_text(encoding="utf-8")))


@functools.cache
def parts() -> SafeString:
    """Outlines and status shapes as they stand inside a document of their own, where the sheet is white."""
    files = [_INSIDE.search(path.read_text(encoding="utf-8")) for path in (OUTLINES, GLYPHS)]
    whole = "".join(_COMMENT.sub("", found[1]) for found in files if found)
    return mark_safe(whole.replace("var(--sheet)", "#fff"))  # our own files, as they are
