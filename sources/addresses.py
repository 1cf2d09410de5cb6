"""Web addresses: which of them name the same page (domain.md, rule 6)."""

import ipaddress
import re
from urllib.parse import urldefrag, urlsplit

from courlan import normalize_url
from url_normalize import url_normalize

_SESSION = re.compile(r";jsessionid=[^?#]*", re.IGNORECASE)

# Addresses that are regular as they stand, which most are: a host in small letters that is no
# punycode, a path of plain words, nothing behind it. The libraries need a hundred times as long to say so.
REGULAR = re.compile(
    r"https?://(?:(?!xn--)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?!xn--)[a-z]{2,}(?:/[A-Za-z0-9_-]+(?:\.[A-Za-z0-9]+)?)+/?",
    re.ASCII,
)

_ARCHIVED = re.compile(
    r"https?://web\.archive\.org/web/\d{4,14}(?:[a-z]{2}_)?/(?P<address>https?:/{1,2}\S+)", re.IGNORECASE
)

PRIVATE = (".local", ".localhost", ".internal", ".lan", ".home.arpa")


def canonical_url(url: str) -> str:
    """Return the address under which all spellings of `url` meet.

    Fragment, session id, trackers and default port go; scheme, host and query order are made
    regular; http and https name the same page. Nothing is fetched. What is no address, such as
    `http://[oops`, comes back as it is: its field refuses it.
    """
    if not url:
        return ""
    if REGULAR.fullmatch(url):
        return "https://" + url.partition("://")[2]
    try:
        plain = _SESSION.sub("", urldefrag(url.strip()).url)
        regular = normalize_url(url_normalize(plain) or plain)
    except ValueError:
        return url
    return re.sub(r"^http://", "https://", regular)


def cleaned_address(url: str) -> str:
    """An address without what `canonical_url` drops, by the protocol that it has."""
    clean = canonical_url(url)
    return re.sub(r"^https://", "http://", clean) if url[:7].casefold() == "http://" else clean


def archived_address(url: str) -> str:
    """The address that an address of the Wayback Machine has within it; empty for any other address."""
    match = _ARCHIVED.fullmatch(url.strip())
    return re.sub(r"^(https?):/+", r"\1://", match["address"], flags=re.IGNORECASE) if match else ""


def is_private(url: str) -> bool:
    """Whether an address points into somebody's own network or machine, where no reader can follow it."""
    if REGULAR.fullmatch(url) and not url.partition("://")[2].partition("/")[0].endswith(PRIVATE):
        return False
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(PRIVATE)
