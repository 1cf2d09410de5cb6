"""What the public pages ask of sources, speakers and statements, each behind the one public gate.

`named()` brings along what a record's name and address are made of; `with_public_associations()`
brings along what its page shows. Both reach other records through their own `public()` only, so
that an unpublished one reads as if it were not there.
"""

import datetime
from typing import Any, ClassVar, Self

from django.apps import apps
from django.db.models import Prefetch, Q
from django.db.models.fields.tuple_lookups import TupleIn

from nkwatch.editorial.models import PublishableQuerySet


def public(model: str) -> Any:
    """The public records of a model, by its name: "sources.Actor"."""
    return apps.get_model(model).objects.public()


def _by_plain_in(condition: Any) -> Any:
    """Ask for the rows of a forward prefetch by a plain IN.

    Django 5.2 asks by `TupleIn`, which reaches SQLite as one OR a row; past 1,000 rows SQLite
    refuses it ("Expression tree is too large").
    """
    if isinstance(condition, TupleIn) and len(condition.lhs) == 1:
        [field] = condition.lhs.targets
        return Q(**{f"{field.name}__in": [value for (value,) in condition.rhs]})
    return condition


class RecordQuerySet(PublishableQuerySet):
    """Records that citations, quotes and pages point at."""

    def filter(self, *conditions: Any, **lookups: Any) -> Self:
        return super().filter(*map(_by_plain_in, conditions), **lookups)

    def named(self) -> Self:
        """Bring along what `str()` and `get_absolute_url()` need."""
        return self


class DatedQuerySet(RecordQuerySet):
    """Records with a date of their own."""

    date_field: ClassVar[str]

    def by(self, day: datetime.date) -> Self:
        """Those dated by `day`: as with status, a date counts from its latest day (domain.md, rule 2)."""
        return self.filter(**{f"{self.date_field}_latest__lte": day})


class ActorQuerySet(RecordQuerySet):
    """Who speaks and publishes."""

    def with_public_associations(self) -> Self:
        above = public("sources.Actor").select_related("country")
        above = above.prefetch_related(Prefetch("part_of", above.prefetch_related(Prefetch("part_of", above))))
        return self.select_related("country").prefetch_related(
            Prefetch("names", public("sources.ActorName")),
            Prefetch("part_of", above),
            Prefetch("members", public("sources.Actor")),
        )


class SourceQuerySet(DatedQuerySet):
    """Published items."""

    date_field = "issued"

    def with_outlet(self) -> Self:
        return self.prefetch_related(Prefetch("outlet", public("sources.Actor")))

    def with_authors(self) -> Self:
        return self.prefetch_related(Prefetch("authorships", public("sources.Authorship").select_related("author")))

    def with_public_associations(self) -> Self:
        sources = public("sources.Source").with_outlet()
        references = public("sources.Reference")
        return (
            self.with_outlet()
            .with_authors()
            .prefetch_related(
                Prefetch("republication_of", sources),
                Prefetch("republished_as", sources),
                Prefetch("references", references.prefetch_related(Prefetch("cited_source", sources))),
                Prefetch("referenced_by", references.prefetch_related(Prefetch("source", sources))),
            )
        )


class QuoteQuerySet(DatedQuerySet):
    """Statements."""

    date_field = "said_on"

    def with_public_associations(self) -> Self:
        actors = public("sources.Actor").select_related("country")
        return self.prefetch_related(
            Prefetch("speaker", actors),
            Prefetch("on_behalf_of", actors),
            Prefetch("reasons", public("sources.Reason")),
            Prefetch("citations", public("sources.QuoteCitation").with_public_associations()),
        )


class CitationQuerySet(PublishableQuerySet):
    """What ties sources to records."""

    def with_public_associations(self) -> Self:
        """Bring along the carrier, what it relies on, and the origin."""
        sources = public("sources.Source").with_outlet()
        actors = public("sources.Actor").select_related("country")
        return self.prefetch_related(
            Prefetch("source", sources),
            Prefetch("attributed_to_source", sources),
            Prefetch("attributed_to_actor", actors),
            Prefetch("origin", actors),
            Prefetch("origin_body", actors),
        )

    def with_records(self) -> Self:
        """Bring along the records cited, whatever their kind."""
        records = self.model.record_model().objects.public().named()
        return self.prefetch_related(Prefetch(self.model.record_field, records))
