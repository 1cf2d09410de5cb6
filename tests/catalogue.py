"""A language made of brackets: what stands in no brackets on a page was never marked for translation.

The catalogue is made of what `makemessages` would find, in the formats that Django reads, so that a word which
is marked in a way that cannot be found stands bare as well.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = "en_AU"
"""A language that Django knows and nkwatch has no catalogue of; its months and its forms of the plural are English."""

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
LEFT_BARE = re.compile(r"(%\(\w+\)s|%%|<[^>]*>)")
"""What a message names, and its tags: what is put in must be marked, or come from the record, in itself."""


def bracketed(message: str) -> str:
    """Put the words of a message in brackets, and nothing that is put into them."""
    pieces = LEFT_BARE.split(message)
    return "".join(piece if not piece.strip() or LEFT_BARE.fullmatch(piece) else f"⟦{piece}⟧" for piece in pieces)


def sources() -> Iterator[str]:
    """Every template as Python that holds its messages, and every module that marks any."""
    for path in ROOT.joinpath("templates").rglob("*.html"):
        # What was no message is left as letters with its indentation, which Python would trip over.
        yield re.sub(r"^[ \t]+", "", templatize(path.read_text(encoding="utf-8")), flags=re.MULTILINE)
    for app in ("missions", "nkwatch", "sources"):
        for path in ROOT.joinpath(app).rglob("*.py"):
            if "gettext" in (text := path.read_text(encoding="utf-8")):
                yield text


def write_catalogue(folder: Path) -> Catalog:
    """Write the catalogue of the language of brackets below `folder`, which is one of LOCALE_PATHS."""
    catalogue = Catalog(locale=LOCALE)
    for source in sources():
        for _line, message, _comments, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
            translated = tuple(map(bracketed, message)) if isinstance(message, tuple) else bracketed(message)
            catalogue.add(message, translated, context=context)
    place = folder / LOCALE / "LC_MESSAGES"
    place.mkdir(parents=True)
    with place.joinpath("django.mo").open("wb") as file:
        write_mo(file, catalogue)
    return catalogue
