"""The colours and lines of a picture that stands alone, in a file of its own."""

import re
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders

ON_PAGES = "/* 2. On pages"
"""Where the rules begin that are of no use to a file."""

TOKENS = re.compile(r"^:root \{.*?^\}|^@media \(prefers-color-scheme: dark\) \{.*?^\}", re.DOTALL | re.MULTILINE)


@lru_cache
def stylesheet() -> str:
    """The site's colours, light and dark, and how pictures use them: a file has no page to take them from."""
    site, pictures = (_read(f"nkwatch/{name}.css") for name in ("site", "pictures"))
    return "\n".join([*TOKENS.findall(site)[:2], pictures.partition(ON_PAGES)[0]])


def _read(name: str) -> str:
    found = finders.find(name)
    return Path(str(found)).read_text(encoding="utf-8")
