"""Where a citation's claim comes from in the end (domain.md, rule 3), and keeping it stored."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Q

from sources.models import Actor, Citation, Source


class Origin(NamedTuple):
    """The end of a chain of attribution: who, the body they speak for, and why it may not count."""

    actor: Actor | None
    body: Actor | None
    mark: str

    @property
    def counts(self) -> bool:
        """Whether it is a known body; one marked *not read* counts, but never as corroboration."""
        return self.body is not None


NOT_GIVEN = Origin(None, None, Citation.OriginMark.NOT_GIVEN)
UNKNOWN = Origin(None, None, Citation.OriginMark.UNNAMED)


def origin_of(citation: Citation, same_record: Sequence[Citation]) -> Origin:
    """Follow one citation to its origin.

    `same_record` holds every public citation of the same record, through which a chain goes on:
    the named actor ends it; else the attributed source, continued through that source's own
    citation; else a republication's original; with own reporting, the carrier's outlet. What is
    reached is reduced to the body that it speaks for. Circles are refused on save; one that got in
    all the same has no origin.
    """
    return _follow(citation, same_record, frozenset())


def _follow(citation: Citation, same_record: Sequence[Citation], passed: frozenset[int]) -> Origin:
    if citation.pk in passed:
        return NOT_GIVEN
    passed |= {citation.pk}
    if citation.basis == Citation.Basis.ATTRIBUTED:
        if citation.attributed_to_actor_id:
            return _reduced(citation.attributed_to_actor)
        return _origin_by_way_of(citation.attributed_to_source, citation, same_record, passed)
    first_printing = citation.source
    while original := _original_of(first_printing):
        if own := _own_citation(original, citation, same_record):
            return _follow(own, same_record, passed)
        first_printing = original
    if citation.basis == Citation.Basis.OWN_REPORTING:
        return _reduced(first_printing.outlet)
    return NOT_GIVEN


def _origin_by_way_of(
    source: Any, citation: Citation, same_record: Sequence[Citation], passed: frozenset[int]
) -> Origin:
    if own := _own_citation(source, citation, same_record):
        return _follow(own, same_record, passed)
    if not source.is_public:
        return UNKNOWN
    if original := _original_of(source):
        return _origin_by_way_of(original, citation, same_record, passed)
    mark = Citation.OriginMark.NOT_READ if source.read == Source.Read.ONLY_CITED else ""
    return _reduced(source.outlet, mark)


def _original_of(source: Source) -> Source | None:
    """What `source` prints again, where readers can see it."""
    original = source.republication_of
    return original if original is not None and original.is_public else None


def _own_citation(source: Source, citation: Citation, same_record: Sequence[Citation]) -> Citation | None:
    """The claim that `source` itself makes of the record; of several, the one on the same fact."""
    own = [c for c in same_record if c.source_id == source.pk and c.stance == citation.stance and c.pk != citation.pk]
    return min(own, key=lambda c: (c.fact != citation.fact, c.pk), default=None)


def _reduced(actor: Actor | None, mark: str = "") -> Origin:
    if actor is None or not actor.is_public:
        return UNKNOWN
    body = actor.body
    if body is None or not body.is_public:
        return Origin(actor, None, Citation.OriginMark.UNNAMED)
    return Origin(actor, body, mark)


def records_affected_by(changed: Iterable[Any], kind: type[Citation]) -> set[int]:
    """The ids of the records, cited through `kind`, whose origins may differ now that `changed` did."""
    records: set[int] = set()
    citations: set[int] = set()
    sources: set[int] = set()
    actors: set[int] = set()
    for record in changed:
        if isinstance(record, kind):
            citations.add(record.pk)
            records.add(record.record_id)
        elif isinstance(record, kind.record_model()):
            records.add(record.pk)
        elif isinstance(record, Source):
            sources.add(record.pk)
        elif isinstance(record, Actor):
            actors.add(record.pk)
    if citations:
        # A citation that was moved is missing from the record it left, which its versions name.
        records |= set(kind.history.filter(id__in=citations).values_list(f"{kind.record_field}_id", flat=True))
    actors = _with_followers(Actor, "part_of", actors)
    if actors:
        sources |= set(Source.objects.filter(outlet__in=actors).values_list("pk", flat=True))
    sources = _with_followers(Source, "republication_of", sources)
    if sources or actors:
        touching = Q(source__in=sources) | Q(attributed_to_source__in=sources) | Q(attributed_to_actor__in=actors)
        records |= set(kind.objects.filter(touching).values_list(kind.record_field, flat=True))
    return records


def _with_followers(model: type[Any], relation: str, ids: set[int]) -> set[int]:
    """`ids`, and all that point at them through `relation`, at any depth."""
    found, step = set(ids), set(ids)
    while step:
        step = set(model.objects.filter(**{f"{relation}__in": step}).values_list("pk", flat=True)) - found
        found |= step
    return found


def public_citations(kind: type[Citation], records: Iterable[int]) -> dict[int, list[Citation]]:
    """The public citations of each record, with everything that their origins depend on."""
    found: dict[int, list[Citation]] = defaultdict(list)
    citations = (
        kind.objects.public()
        .filter(**{f"{kind.record_field}__in": records})
        .select_related(
            "source__outlet__part_of__part_of",
            "source__republication_of__outlet__part_of__part_of",
            "attributed_to_source__outlet__part_of__part_of",
            "attributed_to_source__republication_of",
            "attributed_to_actor__part_of__part_of",
            "origin",
            "origin_body",
        )
        .order_by()
    )
    # Sorted here: a query in any order makes Django compare each of these hundreds of columns with that order.
    for citation in sorted(citations, key=attrgetter("pk")):
        found[citation.record_id].append(citation)
    return found


def derive_origins(changed: Sequence[Any]) -> None:
    """Store the origin of every public citation that `changed` can have affected."""
    for kind in Citation.kinds():
        if records := records_affected_by(changed, kind):
            store_origins(kind, records)


def store_origins(kind: type[Citation], records: Iterable[int]) -> None:
    """Derive and store the origins of the public citations of `records`."""
    moved = []
    for citations in public_citations(kind, records).values():
        for citation in citations:
            origin = origin_of(citation, citations)
            stored = (citation.origin_id, citation.origin_body_id, citation.origin_mark)
            derived = (
                origin.actor.pk if origin.actor else None,
                origin.body.pk if origin.body else None,
                str(origin.mark),
            )
            if stored != derived:
                citation.origin_id, citation.origin_body_id, citation.origin_mark = derived
                moved.append(citation)
    kind.objects.bulk_update(moved, ["origin", "origin_body", "origin_mark"], batch_size=500)
