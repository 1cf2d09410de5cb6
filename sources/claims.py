"""How claims are laid before a reader: by origin, each source numbered once (pages.md, section 0).

Corroboration is the number of distinct origins, never of articles; so claims stand under the body
that they come from, and those without one stand apart, not counted.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from nkwatch.editorial.words import listed
from sources.models import Actor, Citation, Source


@dataclass
class OriginGroup:
    """The claims that go back to one body, or that go back to none that is known."""

    bodies: list[Actor] = field(default_factory=list)
    mark: str = ""
    citations: list[Any] = field(default_factory=list)

    @property
    def heading(self) -> str:
        if self.bodies:
            return listed(self.bodies)
        return _("Somebody unnamed") if self.mark == Citation.OriginMark.UNNAMED else _("No origin given")

    @property
    def country(self) -> str:
        """The country whose body it is, where its name does not say so already."""
        country = self.bodies[0].country if self.bodies else None
        return "" if country is None or str(country) in self.heading else str(country)

    @property
    def note(self) -> str:
        """Why the group does not corroborate."""
        if not self.bodies:
            return _("not counted as corroboration")
        if all(citation.origin_mark == Citation.OriginMark.NOT_READ for citation in self.citations):
            return _("only cited, never read: does not corroborate")
        return ""


def by_origin(citations: Iterable[Any]) -> list[OriginGroup]:
    """Group claims by the body that they come from; those of no known body last.

    Government and state media of one country are one body (domain.md, Vocabulary).
    """
    groups: dict[str, OriginGroup] = {}
    for citation in citations:
        body = citation.origin_body
        mark = citation.origin_mark if citation.origin_mark == Citation.OriginMark.UNNAMED else "not-given"
        group = groups.setdefault(body.body_key if body else mark, OriginGroup(mark="" if body else mark))
        if body and body not in group.bodies:
            group.bodies.append(body)
        group.citations.append(citation)
    return sorted(groups.values(), key=lambda group: (not group.bodies, group.mark == "not-given"))


@dataclass
class ListedSource:
    """A source under its number on one page, with what it is cited for there."""

    number: int
    source: Source
    supports: list[str] = field(default_factory=list)
    disputes: list[str] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
    only_for: list[str] = field(default_factory=list)


def number_sources(citations: Sequence[Any], cited_for: Callable[[Any], str]) -> list[ListedSource]:
    """Number the sources of a page in the order of their first claim, and tell each claim its number.

    `cited_for` says in words what a claim is about. What only one source supports is marked.
    """
    numbered: dict[int, ListedSource] = {}
    supporters: dict[str, set[int]] = {}
    for citation in citations:
        listing = numbered.setdefault(citation.source_id, ListedSource(len(numbered) + 1, citation.source))
        citation.source_number = listing.number
        about = cited_for(citation)
        told = getattr(listing, str(citation.stance))
        if about not in told:
            told.append(about)
        if citation.stance == Citation.Stance.SUPPORTS:
            supporters.setdefault(about, set()).add(citation.source_id)
    for about, sources in supporters.items():
        if len(sources) == 1:
            listing = numbered[sources.pop()]
            listing.supports.remove(about)
            listing.only_for.append(about)
    return list(numbered.values())


def mark_only_support(claims: Iterable[Any]) -> None:
    """Tell each claim of one source, as `is_only_support`, whether it alone supports what it is about.

    A fact of a record stands apart from the record as a whole. One query for each kind of claim.
    """
    kinds: dict[type[Citation], list[Any]] = {}
    for claim in claims:
        kinds.setdefault(type(claim), []).append(claim)
    for kind, listed_claims in kinds.items():
        records = {getattr(claim, f"{kind.record_field}_id") for claim in listed_claims}
        others = (
            kind.objects.public()
            .filter(**{f"{kind.record_field}__in": records}, stance=Citation.Stance.SUPPORTS)
            .exclude(source=listed_claims[0].source_id)
        )
        supported = set(others.order_by().values_list(kind.record_field, "fact"))
        for claim in listed_claims:
            about = (getattr(claim, f"{kind.record_field}_id"), claim.fact)
            claim.is_only_support = claim.stance == Citation.Stance.SUPPORTS and about not in supported
