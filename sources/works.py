"""A source as the work that it is, for reference managers (pages.md, Sources): what Zotero takes from its page."""

from nkwatch.editorial.public.citing import Work
from sources.models import Source
from sources.models.vocabulary import Capacity, SourceKind

PRESS = (Capacity.NEWSPAPER, Capacity.NEWS_AGENCY, Capacity.STATE_MEDIA)

KINDS = {
    SourceKind.STATEMENT: "document",
    SourceKind.BROADCAST: "broadcast",
    SourceKind.BOOK: "book",
    SourceKind.DATASET: "dataset",
    SourceKind.LETTER: "personal_communication",
    SourceKind.POST: "post",
    SourceKind.OTHER: "document",
}
"""The type of CSL for each kind of source; of an article or a paper, its outlet decides."""


def work_of(source: Source) -> Work:
    """The work, from what the record says of it. Its outlet and authors are those that were fetched with it."""
    outlet = source.outlet
    notes = [
        f"Original title: {source.title_original}" if source.title_original not in ("", source.name) else "",
        source.issued_note,
        f"nkwatch {source.label}",
    ]
    return Work(
        key=f"nkwatch-{source.label}",
        kind=_kind(source),
        title=source.name,
        url=source.source_url,
        authors=tuple(str(authorship.author) for authorship in source.authorships.all()),
        container=str(outlet or ""),
        issued=source.issued,
        accessed=source.accessed_on,
        language=source.language,
        archive=source.archive_url,
        note="; ".join(filter(None, notes)),
    )


def citation_meta(work: Work) -> list[tuple[str, str]]:
    """The work as Zotero and others read it from the head of a page (the tags of Highwire Press)."""
    day = work.issued.replace("-", "/") if work.issued.replace("-", "").isdigit() else ""
    container = "citation_journal_title" if work.kind.startswith("article-") else "citation_publisher"
    told = [
        ("citation_title", work.title),
        *(("citation_author", name) for name in work.authors),
        (container, work.container),
        ("citation_publication_date", day),
        ("citation_language", work.language),
        ("citation_public_url", work.url),
    ]
    return [(name, content) for name, content in told if content]


def _kind(source: Source) -> str:
    capacity = source.outlet.capacity if source.outlet else ""
    if source.kind == SourceKind.ARTICLE:
        if capacity in PRESS:
            return "article-newspaper"
        return "article-journal" if capacity == Capacity.ACADEMIC else "webpage" if source.source_url else "document"
    if source.kind == SourceKind.PAPER:
        return "article-journal" if capacity == Capacity.ACADEMIC else "report"
    return KINDS[SourceKind(source.kind)]
