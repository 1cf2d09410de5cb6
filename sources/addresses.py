"""Web addresses: which of them name the same page (domain.md, rule 6)."""

import re
from urllib.parse import urldefrag

from courlan import normalize_url
from url_normalize import url_normalize

_SESSION = re.compile(r";jsessionid=[^?#]*", re.IGNORECASE)


def canonical_url(url: str) -> str:
    """Return the address under which all spellings of `url` meet.

    Fragment, session id, trackers and default port go; scheme, host and query order are made
    regular; http and https name the same page. Nothing is fetched.
    """
    if not url:
        return ""
    plain = _SESSION.sub("", urldefrag(url.strip()).url)
    regular = normalize_url(url_normalize(plain) or plain)
    return re.sub(r"^http://", "https://", regular)
