"""What a captured copy of a source holds, found out from the file itself and never from its name (architecture.md)."""

import dataclasses
import hashlib
import re
from html.parser import HTMLParser
from pathlib import PurePath
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError

PDF, HTML, PNG, JPEG, WEBP = "application/pdf", "text/html", "image/png", "image/jpeg", "image/webp"
ENDINGS = {PDF: "pdf", HTML: "html", PNG: "png", JPEG: "jpg", WEBP: "webp"}
ACCEPTED = "PDF, HTML, PNG, JPEG or WebP"

MARKS = {PDF: re.compile(rb"%PDF-\d"), PNG: re.compile(rb"\x89PNG\r\n\x1a\n"), JPEG: re.compile(rb"\xff\xd8\xff"),
         WEBP: re.compile(rb"RIFF.{4}WEBP", re.DOTALL)}  # fmt: skip
PAGE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)
BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
HEAD = 4_096
CHUNK = 1 << 16

UNREAD = frozenset({"script", "style", "noscript", "template", "svg", "head"})
BLOCKS = frozenset(
    {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section", "article", "figcaption"}
)


@dataclasses.dataclass(frozen=True)
class Examined:
    """What a file was found to be."""

    media_type: str
    sha256: str
    size: int
    text: str


def examine(file: BinaryIO, size: int) -> Examined:
    """What `file`, of `size` bytes, is and says. Raises ValidationError where it is not kept, or too large."""
    limits = settings.CAPTURED_COPY_LIMITS
    if size > limits["bytes"]:
        raise ValidationError(
            f"The file has {_megabytes(size)}; at most {_megabytes(limits['bytes'])} are kept. "
            "Save the page without its pictures, or print it to PDF."
        )
    file.seek(0)
    head = file.read(HEAD)
    media_type = _media_type(head)
    if not media_type:
        raise ValidationError(f"This is no {ACCEPTED}, whatever its name says: save the page as one of these.")
    digest = hashlib.sha256(head)
    while piece := file.read(CHUNK):
        digest.update(piece)
    text = ""
    if media_type == HTML:
        file.seek(0)
        text = text_of_page(_decoded(file.read(limits["read_for_text"])))[: limits["characters"]]
    file.seek(0)
    return Examined(media_type, digest.hexdigest(), size, text)


def download_name(original: str, media_type: str) -> str:
    """The name under which a copy is handed out: as it came, with the ending of what it is."""
    stem = re.sub(r"[^\w .,()-]", "_", PurePath(original).stem).strip(" .")[:150]
    return f"{stem or 'copy'}.{ENDINGS[media_type]}"


def text_of_page(page: str) -> str:
    """The words of an HTML page as plain text, a line for each block; what no reader sees is left out."""
    reader = _Words()
    reader.feed(page)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return "\n".join(line for line in lines if line)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if self.unread:
            if tag == self.unread[-1]:
                self.unread.append(tag)
        elif tag in UNREAD:
            self.unread.append(tag)
        elif tag in BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self.unread and tag == self.unread[-1]:
            self.unread.pop()
        elif tag in BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.unread:
            self.pieces.append(re.sub(r"\s+", " ", data))


def _media_type(head: bytes) -> str:
    for media_type, mark in MARKS.items():
        if mark.match(head):
            return media_type
    return HTML if PAGE.match(_decoded(head).lstrip("\ufeff")) and b"\x00" not in _plain(head) else ""


def _plain(head: bytes) -> bytes:
    """A page's beginning where a zero byte would give away that it is none; UTF-16 is full of them."""
    return b"" if head[:2] in BYTE_ORDER_MARKS else head


def _decoded(content: bytes) -> str:
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    named = CHARSET.search(content[:HEAD])
    try:
        return content.decode(named[1].decode() if named else "utf-8", errors="replace")
    except LookupError:
        return content.decode("utf-8", errors="replace")


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
