"""Sources, statements, those who speak and the reasons they gave, as JSON-LD (schema.org)."""

from typing import Any

from django.http import HttpRequest

from nkwatch.editorial.public.linked_data import described, named
from sources.models import Actor, Quote, Reason, Source
from sources.models.vocabulary import ActorKind
from sources.works import work_of

SOURCES = {
    "article-newspaper": "NewsArticle",
    "article-journal": "ScholarlyArticle",
    "book": "Book",
    "dataset": "Dataset",
    "personal_communication": "Message",
    "post": "SocialMediaPosting",
    "report": "Report",
    "webpage": "Article",
}
"""The type of schema.org for each type of CSL; any other is a creative work."""


def actor_kind(actor: Actor | None) -> str:
    """What an actor is; of one who is unnamed, no more than that there is somebody."""
    kinds: dict[str, str] = {ActorKind.PERSON: "Person", ActorKind.ORGANISATION: "Organization"}
    return kinds.get(actor.kind, "Thing") if actor is not None else "Thing"


def of_source(source: Source, request: HttpRequest) -> dict[str, Any]:
    """A source as the published work that it is; its address is its own, its page is ours."""
    kind = SOURCES.get(work_of(source).kind, "CreativeWork")
    authors = [authorship.author for authorship in source.authorships.all()]
    return described(
        kind,
        request,
        source,
        headline=source.name,
        alternativeHeadline=source.title_original if source.title_original != source.name else "",
        author=[named(actor_kind(author), request, author) for author in authors],
        publisher=named("Organization", request, source.outlet),
        datePublished=source.issued,
        inLanguage=source.language,
        url=source.source_url,
        archivedAt=source.archive_url,
        isBasedOn=named("CreativeWork", request, source.republication_of),
    )


def of_quote(quote: Quote, request: HttpRequest) -> dict[str, Any]:
    """A statement as a quotation."""
    return described(
        "Quotation",
        request,
        quote,
        text=quote.text or quote.text_original,
        inLanguage="en" if quote.text else quote.language,
        dateCreated=quote.said_on,
        creator=named(actor_kind(quote.speaker), request, quote.speaker),
        isPartOf=[named("CreativeWork", request, citation.source) for citation in quote.citations.all()],
    )


def of_actor(actor: Actor, request: HttpRequest) -> dict[str, Any]:
    """A person or an organisation."""
    belongs = "memberOf" if actor.kind == ActorKind.PERSON else "parentOrganization"
    return described(
        actor_kind(actor),
        request,
        actor,
        alternateName=[str(name) for name in actor.names.all()],
        url=actor.homepage,
        **{belongs: named("Organization", request, actor.part_of)},
    )


def of_reason(reason: Reason, request: HttpRequest) -> dict[str, Any]:
    """A reason as a term that nkwatch defines."""
    return described("DefinedTerm", request, reason, description=reason.definition, termCode=reason.slug)
