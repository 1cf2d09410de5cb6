"""Pages of sources, statements, those who speak, and the reasons they gave."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.db.models import Q

from nkwatch.editorial.asof import AsOf
from nkwatch.editorial.models import Publishable
from nkwatch.editorial.public.citations import citation_path
from nkwatch.editorial.public.citing import FORMATS, Work, as_text
from nkwatch.editorial.public.exports import SheetExport
from nkwatch.editorial.public.pages import RecordDetail, RecordList
from nkwatch.editorial.public.past_pages import CitationFile
from sources import facets, linked_data
from sources.claims import by_origin, mark_only_support, number_sources, relations
from sources.filters import ActorFilters, QuoteFilters, ReasonFilters, SourceFilters
from sources.models import Actor, Authorship, Citation, Quote, Reason, Source
from sources.reasons import reasons_by_capacity, statements_by_capacity
from sources.resources import ActorSheet, QuoteSheet, ReasonSheet, SourceSheet
from sources.works import citation_meta, work_of


def public_claims(condition: Q) -> list[Any]:
    """Public claims, whatever they are about, with the records they are made of: one query set for each kind."""
    return [kind.objects.public().filter(condition).with_records() for kind in Citation.kinds()]


def grouped_by_kind(records: Iterable[Publishable]) -> list[tuple[str, list[Publishable]]]:
    """Records under the name of their kind, each once."""
    groups: dict[str, dict[Publishable, None]] = {}
    for record in records:
        groups.setdefault(str(record._meta.verbose_name_plural), {})[record] = None
    return [(name, list(group)) for name, group in groups.items()]


class SourceList(RecordList):
    model = Source
    template_name = "sources/source_list.html"
    export = SheetExport(SourceSheet)
    filters = SourceFilters
    counts = facets.SOURCES

    def shown(self, records: Any) -> Any:
        return records.with_outlet().with_authors()


class SourceDetail(RecordDetail):
    model = Source
    template_name = "sources/source_detail.html"

    def get_queryset(self) -> Any:
        return Source.objects.public().with_public_associations()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        source = self.object
        found = public_claims(Q(source=source) | Q(attributed_to_source=source))
        claims = [claim for kind in found for claim in kind.with_public_associations()]
        own = [claim for claim in claims if claim.source_id == source.pk]
        mark_only_support(own)
        context = super().get_context_data(
            claims_by_kind=_by_record_kind(own),
            relies_on=relations(own, "attributed_to_source"),
            relied_on_by=relations([c for c in claims if c.attributed_to_source_id == source.pk], "source"),
            **kwargs,
        )
        work = work_of(source)
        files = [(found.name, citation_path(source, ending)) for ending, found in FORMATS.items()]
        return context | {"citation_meta": citation_meta(work), "work_text": as_text(work), "work_files": files}

    def linked_data(self, context: dict[str, Any]) -> Any:
        return linked_data.of_source(self.object, self.request)


def _by_record_kind(claims: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    groups: dict[str, list[Any]] = {}
    for claim in claims:
        groups.setdefault(str(claim.record._meta.verbose_name_plural), []).append(claim)
    return list(groups.items())


class SourceCitation(CitationFile):
    """A source is cited as the work that it is; its page here only with `?version=`."""

    model = Source

    def get_queryset(self) -> Any:
        return Source.objects.public().with_outlet().with_authors()

    def work(self, record: Any) -> Work:
        return super().work(record) if "version" in self.request.GET else work_of(record)


class QuoteList(RecordList):
    model = Quote
    template_name = "sources/quote_list.html"
    export = SheetExport(QuoteSheet)
    filters = QuoteFilters
    counts = facets.QUOTES

    def shown(self, records: Any) -> Any:
        return records.with_public_associations()


class QuoteDetail(RecordDetail):
    model = Quote
    template_name = "sources/quote_detail.html"

    def get_queryset(self) -> Any:
        return Quote.objects.public().with_public_associations()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        citations = list(self.object.citations.all())
        return super().get_context_data(
            sources=number_sources(citations, lambda citation: citation.get_rendering_display()),
            origins=by_origin(citations),
            about=grouped_by_kind(records_that_quote(self.object)),
            **kwargs,
        )

    def linked_data(self, context: dict[str, Any]) -> Any:
        return linked_data.of_quote(self.object, self.request)


def records_that_quote(quote: Quote) -> list[Publishable]:
    """Public records, of whatever kind, that name this statement; `sources` need not know the kinds."""
    found: list[Publishable] = []
    for relation in Quote._meta.related_objects:
        kind: Any = relation.related_model
        if relation.many_to_many and issubclass(kind, Publishable):
            found += kind.objects.public().named().filter(**{relation.field.name: quote})
    return found


class ActorList(RecordList):
    model = Actor
    template_name = "sources/actor_list.html"
    export = SheetExport(ActorSheet)
    filters = ActorFilters
    counts = facets.ACTORS

    def shown(self, records: Any) -> Any:
        return records.with_public_associations().with_counts()


class ActorDetail(RecordDetail):
    model = Actor
    template_name = "sources/actor_detail.html"

    def get_queryset(self) -> Any:
        return Actor.objects.public().with_public_associations()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.object
        body = actor.body
        resting = chain.from_iterable(public_claims(Q(origin=actor) | Q(origin_body=actor)))
        sources = by_then(Source.objects.public(), self.asof).with_outlet()
        statements = by_then(Quote.objects.public(), self.asof).with_public_associations()
        return super().get_context_data(
            body=body if body != actor and body and body.is_public else None,
            quotes=statements.filter(speaker=actor),
            quotes_on_its_behalf=statements.filter(on_behalf_of=actor),
            published=sources.filter(outlet=actor),
            written=sources.filter(pk__in=Authorship.objects.public().filter(author=actor).values("source")),
            resting=grouped_by_kind(claim.record for claim in resting),
            **kwargs,
        )

    def linked_data(self, context: dict[str, Any]) -> Any:
        return linked_data.of_actor(self.object, self.request)


def by_then(records: Any, day: AsOf) -> Any:
    """`records`; on another day than today those dated by then."""
    return records if day.is_today else records.by(day.day)


def statements_by(day: AsOf) -> Any:
    """Public statements; on another day than today those dated by then."""
    return by_then(Quote.objects.public(), day)


class ReasonList(RecordList):
    model = Reason
    template_name = "sources/reason_list.html"
    export = SheetExport(ReasonSheet)
    filters = ReasonFilters
    paginate_by = None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(matrix=reasons_by_capacity(statements_by(self.asof)), **kwargs)


class ReasonDetail(RecordDetail):
    """A reason, by its slug, with the statements that give it."""

    model = Reason
    template_name = "sources/reason_detail.html"

    def get_queryset(self) -> Any:
        return Reason.objects.public()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        quotes = statements_by(self.asof).filter(reasons=self.object).with_public_associations()
        return super().get_context_data(capacities=statements_by_capacity(quotes), **kwargs)

    def linked_data(self, context: dict[str, Any]) -> Any:
        return linked_data.of_reason(self.object, self.request)
