"""The sheets of actors, reasons, sources, references and quotes (contract.md, Sheets)."""

import datetime
from typing import Any

from django.db.models import Prefetch
from import_export import fields, widgets

from nkwatch.editorial.importing.columns import record, records, text
from nkwatch.editorial.importing.sheets import SheetResource
from nkwatch.editorial.text import as_cell, join_list, split_list
from sources.matching import (
    actor_named,
    country_named,
    quote_worded,
    reason_named,
    same_actor,
    same_citation,
    same_quote,
    same_reference,
    same_source,
    source_named,
)
from sources.models import (
    Actor,
    ActorName,
    Authorship,
    Country,
    Quote,
    QuoteCitation,
    Reason,
    Reference,
    Source,
)


class DayWidget(widgets.Widget):
    """A single day, as ISO 8601 writes it."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> datetime.date | None:
        if not value:
            return None
        try:
            return datetime.date.fromisoformat(str(value).strip())
        except ValueError as error:
            raise ValueError(f"“{value}” is not a day: write 2023-11-01.") from error

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.isoformat() if value else ""


class ReasonSheet(SheetResource):
    required = ("slug", "label")
    slug, label, definition = text("slug"), text("label"), text("definition")

    class Meta(SheetResource.Meta):
        model = Reason

    def same(self, candidate: Reason, row: dict[str, Any]) -> Reason | None:
        return Reason.objects.filter(slug=candidate.slug).first()


class ActorSheet(SheetResource):
    required = ("kind", "name")
    kind, name, capacity, homepage = text("kind"), text("name"), text("capacity"), text("homepage")
    part_of = record("part_of", Actor, actor_named)
    country = record("country", Country, country_named)
    name_variants = fields.Field(column_name="name_variants", attribute=None)

    class Meta(SheetResource.Meta):
        model = Actor

    def with_columns(self, records: Any, public: bool = True) -> Any:
        return super().with_columns(records, public).prefetch_related(Prefetch("names", ActorName.objects.public()))

    def dehydrate_name_variants(self, actor: Actor) -> str:
        return join_list(actor.names.all())

    def same(self, candidate: Actor, row: dict[str, Any]) -> Actor | None:
        """As for any actor; one who is unnamed, and of no known body, only where the row gives the number too."""
        known = same_actor(candidate, split_list(row.get("name_variants") or ""))
        if known is None and candidate.kind == Actor.Kind.UNNAMED:
            return next((a for a in Actor.objects.filter(name=candidate.name) if a.label == row.get("number")), None)
        return known

    def _new_names(self, actor: Actor, row: dict[str, Any]) -> list[str]:
        known = (
            {as_cell(name) for name in [actor.name, *actor.names.values_list("name", flat=True)]} if actor.pk else set()
        )
        return [name for name in split_list(row.get("name_variants") or "") if name not in known]

    def changes_parts(self, instance: Actor, row: dict[str, Any]) -> bool:
        return bool(self._new_names(instance, row))

    def save_parts(self, instance: Actor, row: dict[str, Any]) -> None:
        for name in self._new_names(instance, row):
            self.add_part(ActorName(actor=instance, name=name))


class SourceSheet(SheetResource):
    kind, title, title_original = text("kind"), text("title"), text("title_original")
    described_as, language, translated_by = text("described_as"), text("language"), text("translated_by")
    issued, issued_note = text("issued"), text("issued_note")
    source_url, archive_url, read, summary = text("source_url"), text("archive_url"), text("read"), text("summary")
    accessed_on = fields.Field(column_name="accessed_on", attribute="accessed_on", widget=DayWidget())
    outlet = record("outlet", Actor, actor_named)
    republication_of = record("republication_of", Source, source_named)
    authors = fields.Field(column_name="authors", attribute=None)

    class Meta(SheetResource.Meta):
        model = Source

    def with_columns(self, records: Any, public: bool = True) -> Any:
        return super().with_columns(records, public).with_authors()

    def dehydrate_authors(self, source: Source) -> str:
        return join_list(authorship.author.label for authorship in source.authorships.all())

    def same(self, candidate: Source, row: dict[str, Any]) -> Source | None:
        return same_source(candidate)

    def _new_authors(self, source: Source, row: dict[str, Any]) -> list[Actor]:
        author = record("authors", Actor, actor_named).widget
        named = [author.clean(part, handles=self.handles) for part in split_list(row.get("authors") or "")]
        known = set(source.authorships.values_list("author", flat=True)) if source.pk else set()
        return [actor for actor in named if actor.pk not in known]

    def changes_parts(self, instance: Source, row: dict[str, Any]) -> bool:
        return bool(self._new_authors(instance, row))

    def save_parts(self, instance: Source, row: dict[str, Any]) -> None:
        last = instance.authorships.count()
        for position, author in enumerate(self._new_authors(instance, row), last + 1):
            self.add_part(Authorship(source=instance, author=author, position=position))


class ReferenceSheet(SheetResource):
    required = ("source", "cited_source")
    source = record("source", Source, source_named)
    cited_source = record("cited_source", Source, source_named)
    label, note = text("label"), text("note")

    class Meta(SheetResource.Meta):
        model = Reference

    def same(self, candidate: Reference, row: dict[str, Any]) -> Reference | None:
        return same_reference(candidate)


class QuoteSheet(SheetResource):
    text_original = text("text_original")
    language, translated_by = text("language"), text("translated_by")
    speaker = record("speaker", Actor, actor_named)
    speaker_role, said_on = text("speaker_role"), text("said_on")
    on_behalf_of = record("on_behalf_of", Actor, actor_named)
    reasons = records("reasons", Reason, reason_named)
    text = text("text")

    class Meta(SheetResource.Meta):
        model = Quote

    def same(self, candidate: Quote, row: dict[str, Any]) -> Quote | None:
        return same_quote(candidate)


class CitationSheet(SheetResource):
    """The columns that every kind of citation has; subclasses add the record."""

    source = record("source", Source, source_named)
    stance, fact, basis = text("stance"), text("fact"), text("basis")
    attributed_to_source = record("attributed_to_source", Source, source_named)
    attributed_to_actor = record("attributed_to_actor", Actor, actor_named)
    locator, wording, date = text("locator"), text("wording"), text("date")
    date_worded, note = text("date_worded"), text("note")

    def same(self, candidate: Any, row: dict[str, Any]) -> Any:
        return same_citation(candidate)


class QuoteCitationSheet(CitationSheet):
    required = ("quote", "source")
    quote = record("quote", Quote, quote_worded)
    rendering = text("rendering")

    class Meta(SheetResource.Meta):
        model = QuoteCitation


SHEETS = {
    "actors": ActorSheet,
    "reasons": ReasonSheet,
    "sources": SourceSheet,
    "references": ReferenceSheet,
    "quotes": QuoteSheet,
    "quote_citations": QuoteCitationSheet,
}
"""The sheets that this app takes, by name."""
