"""Citations of a work as text, RIS, BibTeX and CSL-JSON (pages.md, section 0). Knows no domain.

A name is kept whole, since nobody says which part of it is the family's; a date that is no day, month
or year goes out in words, since no day is to be invented (domain.md, rule 1).
"""

import datetime
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nkwatch.editorial.edtf import day_in_words, in_words

RIS_TYPES = {
    "article-newspaper": "NEWS",
    "article-journal": "JOUR",
    "book": "BOOK",
    "broadcast": "VIDEO",
    "dataset": "DATA",
    "personal_communication": "PCOMM",
    "post": "BLOG",
    "report": "RPRT",
    "webpage": "ELEC",
}
"""The type in RIS for each type of CSL; any other is generic."""

BIBTEX_TYPES = {"article-newspaper": "article", "article-journal": "article", "book": "book", "report": "techreport"}
BIBTEX_CONTAINERS = {"article": "journal", "book": "publisher", "techreport": "institution"}

EXACT = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?", re.ASCII)
LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        # Not as \{: BibTeX counts braces whether or not a backslash stands before them.
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "%": r"\%",
        "&": r"\&",
        "#": r"\#",
        "$": r"\$",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


@dataclass(frozen=True)
class Work:
    """What is cited: `kind` is a type of CSL, `issued` an EDTF date, `container` what it appeared in."""

    key: str
    kind: str
    title: str
    url: str = ""
    authors: tuple[str, ...] = ()
    container: str = ""
    issued: str = ""
    accessed: datetime.date | None = None
    language: str = ""
    number: str = ""
    version: str = ""
    archive: str = ""
    note: str = ""


def as_text(work: Work) -> str:
    """The citation as a sentence to paste."""
    version = f", {', version '.join(filter(None, [work.number, work.version]))}" if work.number else ""
    parts = [
        *work.authors,
        f"“{work.title}”",
        f"{work.container}{version}" if work.container else work.number,
        in_words(work.issued),
    ]
    told = ", ".join(part for part in parts if part)
    accessed = f" (accessed {day_in_words(work.accessed)})" if work.accessed else ""
    return f"{told}. {work.url}{accessed}".strip() if work.url else f"{told}."


def as_ris(work: Work) -> str:
    """The citation in RIS, a line each, as reference managers read it."""
    year, month, day = _exact(work.issued)
    lines = [
        ("TY", RIS_TYPES.get(work.kind, "GEN")),
        ("ID", work.key),
        *(("AU", name) for name in work.authors),
        ("TI", work.title),
        ("T2", work.container),
        ("PY", year),
        ("DA", "/".join([year, month, day]) if year else ""),
        ("N1", "" if year else _dated(work.issued)),
        ("N1", work.note),
        ("ET", work.version),
        ("M1", work.number),
        ("LA", work.language),
        ("UR", work.url),
        ("UR", work.archive),
        ("Y2", work.accessed.strftime("%Y/%m/%d") if work.accessed else ""),
    ]
    written = "".join(f"{tag}  - {_in_one_line(value)}\r\n" for tag, value in lines if value)
    return f"{written}ER  - \r\n"


def as_bibtex(work: Work) -> str:
    """The citation as one BibTeX entry; the title keeps its capitals."""
    year, month, day = _exact(work.issued)
    kind = BIBTEX_TYPES.get(work.kind, "misc")
    notes = [work.note, "" if year else _dated(work.issued), f"version {work.version}" if work.version else ""]
    fields = {
        "author": " and ".join(f"{{{_latex(name)}}}" for name in work.authors),
        "title": f"{{{_latex(work.title)}}}",
        BIBTEX_CONTAINERS.get(kind, "howpublished"): _latex(work.container),
        "year": year,
        "month": str(int(month)) if month else "",
        "day": str(int(day)) if day else "",
        "number": _latex(work.number),
        "language": _latex(work.language),
        "url": _in_one_line(work.url).replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D"),
        "urldate": work.accessed.isoformat() if work.accessed else "",
        "note": _latex("; ".join(filter(None, notes))),
    }
    written = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value not in ("", "{}"))
    return f"@{kind}{{{re.sub(r'[^A-Za-z0-9:-]', '-', work.key)},\n{written}}}\n"


def as_csl(work: Work) -> str:
    """The citation as CSL-JSON: a list of one item."""
    item: dict[str, Any] = {"id": work.key, "type": work.kind, "title": work.title}
    if work.authors:
        item["author"] = [{"literal": name} for name in work.authors]
    if work.issued:
        item["issued"] = _csl_date(work.issued)
    if work.accessed:
        item["accessed"] = {"date-parts": [[work.accessed.year, work.accessed.month, work.accessed.day]]}
    named = {
        "container-title": work.container,
        "URL": work.url,
        "language": work.language,
        "number": work.number,
        "version": work.version,
        "archive_location": work.archive,
        "note": work.note,
    }
    return json.dumps([item | {name: value for name, value in named.items() if value}], ensure_ascii=False, indent=2)


@dataclass(frozen=True)
class Format:
    """A file format of citations: what its address ends in, what readers call it, and its writer."""

    ending: str
    name: str
    media_type: str
    write: Callable[[Work], str]


FORMATS = {
    found.ending: found
    for found in (
        Format("ris", "RIS", "application/x-research-info-systems", as_ris),
        Format("bib", "BibTeX", "application/x-bibtex", as_bibtex),
        Format("csl.json", "CSL-JSON", "application/vnd.citationstyles.csl+json", as_csl),
    )
}


def _exact(date: str) -> tuple[str, str, str]:
    """Year, month and day of an EDTF date, as far as it says them for certain; all empty of any other."""
    if not EXACT.fullmatch(date):
        return "", "", ""
    year, month, day = [*date.split("-"), "", ""][:3]
    return year, month, day


def _dated(date: str) -> str:
    return f"Dated {in_words(date)}" if date else ""


def _csl_date(date: str) -> dict[str, Any]:
    """A date or a range of two; "about" and "uncertain" are marked, and anything else goes in words."""
    sides = [side.rstrip("~?%") for side in date.split("/")]
    if not all(EXACT.fullmatch(side) for side in sides):
        return {"literal": in_words(date) or date}
    parts = {"date-parts": [[int(part) for part in side.split("-")] for side in sides]}
    return parts if "/".join(sides) == date else {**parts, "circa": True}


def _latex(text: str) -> str:
    return _in_one_line(text).translate(LATEX)


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
