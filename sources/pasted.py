"""What an editor pasted of a report: its address, its text or its HTML, and what can be told of it from that.

Nothing is fetched and nothing is run: HTML is parsed here, bounded first, and only the tree is handed on.
All that comes out are guesses, for an editor to confirm (pages.md, B1).
"""

import functools
import re
import warnings
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from lxml import etree
from lxml import html as markup

from nkwatch.editorial.edtf import bounds
from nkwatch.editorial.importing.dates import read_date
from nkwatch.editorial.text import INVISIBLE
from sources.addresses import archived_address, cleaned_address
from sources.captured import text_of_page

URL, TEXT, HTML = "url", "text", "html"
LONGEST_TITLE = 300
"""A first line longer than this is no headline."""
LINES_ABOVE = 10
"""Among so many lines at the beginning of a text stand its date and its author."""

_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_MARKUP = re.compile(r"\s*<(?:!doctype|\?xml|!--|[a-z])|</(?:html|body|article|section|div|p|span|h1|li)\s*>", re.I)
_PAGE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S)
_TAG = re.compile(r"<[a-zA-Z]")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:[-_][a-zA-Z0-9]{2,8}){0,3}")
_BYLINE = re.compile(r"(?:by|written by|author:)\s+(?P<names>[^\W\d][^.:;!?]{2,80})", re.IGNORECASE)
_REPORTER = re.compile(r"(?P<names>[가-힣]{2,4})\s*(?:기자|특파원)")
_DATES = re.compile(
    r"\d{4}-\d{2}-\d{2}|\d{4}\.\s?\d{1,2}\.\s?\d{1,2}|\d{4}\s*년\s*\d{1,2}\s*월\s*\d{1,2}\s*일"
    r"|\d{1,2}\s+[A-Z][a-z]+\.?,?\s+\d{4}|[A-Z][a-z]+\.?\s+\d{1,2},?\s+\d{4}"
)
_HANGUL = re.compile(r"[가-힣]")


@dataclass(frozen=True)
class Pasted:
    """What was pasted, and guesses at the report's source, each for an editor to confirm; empty where none is."""

    kind: str = TEXT
    text: str = ""
    html: str = ""
    url: str = ""
    archive_url: str = ""
    title: str = ""
    outlet: str = ""
    authors: tuple[str, ...] = ()
    issued: str = ""
    language: str = ""


@functools.lru_cache(maxsize=4)
def read_pasted(pasted: str, url: str = "") -> Pasted:
    """Read what was pasted; `url` is its address where that was given apart.

    The same text is read once while an editor works at its cards. Raises ValidationError, saying what
    would be taken, for what is too large or cannot be read.
    """
    most = settings.PASTE_LIMITS["characters"]
    if len(pasted) > most:
        raise ValidationError(
            f"This has {len(pasted):,} characters; at most {most:,} are read: paste the article alone."
        )
    plain = INVISIBLE.sub("", pasted.replace("\r\n", "\n").replace("\r", "\n"))
    if _ADDRESS.fullmatch(plain.strip()):
        return Pasted(kind=URL, **_addresses(plain.strip()))
    if _MARKUP.match(plain) or _MARKUP.search(plain):
        return _of_html(plain, url)
    return _of_text(plain.strip("\n"), url)


def _addresses(url: str) -> dict[str, Any]:
    """The address of the report and that of its archived copy, of which one may be in the other."""
    if not _ADDRESS.fullmatch(url):
        return {"url": ""}
    if original := archived_address(url):
        return {"url": cleaned_address(original), "archive_url": url}
    return {"url": cleaned_address(url)}


def _of_text(text: str, url: str) -> Pasted:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    above = lines[: LINES_ABOVE + 1]
    title = (
        above[0] if len(lines) > 1 and len(above[0]) <= LONGEST_TITLE and not above[0].endswith((".", "다.")) else ""
    )
    return Pasted(
        text=_bounded(text),
        title=title,
        issued=_first_date(above),
        authors=_byline(above),
        language=_by_script(text),
        **_addresses(url.strip()),
    )


def _of_html(page: str, url: str) -> Pasted:
    tree = _tree(page)
    extract_metadata, bare_extraction = _reader()
    found: Any = extract_metadata(
        tree, default_url=url or None, date_config={"extensive_search": False, "original_date": True}
    )
    extracted: Any = bare_extraction(tree, fast=True, include_comments=False, with_metadata=False)
    text = (extracted.text if extracted else "") or text_of_page(page)
    return Pasted(
        kind=HTML,
        text=_bounded(INVISIBLE.sub("", text).strip()),
        html=page if _PAGE.match(page) else _as_page(page),
        title=_plain(found.title),
        outlet=_outlet(found),
        authors=tuple(name for part in (found.author or "").split(";") if (name := _plain(part))),
        issued=_date(found.date or ""),
        language=_language(tree) or _by_script(text),
        **_addresses(url.strip() or found.url or ""),
    )


@functools.cache
def _reader() -> tuple[Any, Any]:
    """What reads metadata and text; brought in at the first page, as it takes its time and few processes need it."""
    with warnings.catch_warnings():
        # It says that it could not fetch through SOCKS; nothing is ever fetched.
        warnings.filterwarnings("ignore", message="SOCKS support")
        from trafilatura import bare_extraction, extract_metadata
    return extract_metadata, bare_extraction


def _as_page(fragment: str) -> str:
    return f"<!doctype html><html><body><article>{fragment}</article></body></html>"


def _tree(page: str) -> Any:
    """The page as a tree, without what only a browser would run; refused when it is larger than a report is."""
    limits = settings.PASTE_LIMITS
    if (count := len(_TAG.findall(page))) > limits["elements"]:
        raise ValidationError(
            f"This page has {count:,} elements; at most {limits['elements']:,} are read: paste the article's text."
        )
    parser = markup.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        tree = markup.document_fromstring((page if _PAGE.match(page) else _as_page(page)).encode(), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise ValidationError("This page cannot be read: paste the article's text.") from error
    depth = deepest = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    if deepest >= limits["depth"]:
        raise ValidationError(
            f"This page has elements within each other {deepest} deep; fewer than {limits['depth']} are read: "
            "paste the article's text."
        )
    for element in tree.xpath(
        "//script[not(@type='application/ld+json')]|//style|//noscript|//template|//svg|//iframe"
    ):
        element.drop_tree()
    return tree


def _bounded(text: str) -> str:
    most = settings.PASTE_LIMITS["text"]
    if len(text) > most:
        raise ValidationError(
            f"The text has {len(text):,} characters; at most {most:,} are taken: paste the article alone."
        )
    return text


def _plain(text: str | None) -> str:
    return " ".join(INVISIBLE.sub("", text or "").split())[:LONGEST_TITLE]


def _outlet(found: Any) -> str:
    """The site's name, where it says one; that of its address is no name of an outlet."""
    name = _plain(found.sitename)
    return "" if name.casefold().removeprefix("www.") == (found.hostname or "").casefold() else name


def _language(tree: Any) -> str:
    given = tree.xpath("string((//html/@lang | //meta[@property='og:locale']/@content)[1])").strip()
    return _tagged(given) if _LANGUAGE.fullmatch(given) else ""


def _tagged(language: str) -> str:
    """A BCP 47 tag: its language, and its script where that is said; where it is spoken does not matter here."""
    parts = language.replace("_", "-").split("-")
    script = next((part.title() for part in parts[1:] if len(part) == 4 and part.isalpha()), "")
    return "-".join(filter(None, [parts[0].lower(), script]))


def _by_script(text: str) -> str:
    """Korean by its letters; others share theirs."""
    letters = sum(map(str.isalpha, text))
    return "ko" if letters and len(_HANGUL.findall(text)) > letters / 2 else ""


def _byline(lines: list[str]) -> tuple[str, ...]:
    for line in lines:
        if match := _BYLINE.fullmatch(line):
            names = re.split(r",\s*|\s+and\s+|\s*&\s*", match["names"])
            return tuple(_plain(name) for name in names if name.strip())
        if len(line) < 40 and (match := _REPORTER.search(line)):
            return (match["names"],)
    return ()


def _first_date(lines: list[str]) -> str:
    """The first whole date that stands in a line of its own or beside a few words, as above an article."""
    for line in lines:
        if len(line) <= 100 and (match := _DATES.search(line)) and (date := _date(match[0].replace(". ", "."))):
            return date
    return ""


def _date(text: str) -> str:
    try:
        date = read_date(text)
        bounds(date)
    except ValidationError:
        return ""
    return date
