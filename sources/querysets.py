"""What the public pages ask of sources, speakers and statements, each behind the one public gate.

`named()` brings along what a record's name and address are made of; `with_public_associations()`
brings along what its page shows. Both reach other records through their own `public()` only, so
that an unpublished one reads as if it were not there.
"""

import datetime
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Subquery
from django.db.models.fields.tuple_lookups import TupleIn
from django.db.models.functions import Coalesce

from nkwatch.editorial.models import PublishableQuerySet, State
from nkwatch.editorial.models.publishing import changed_since

MANY = 500
"""How many changed sources, or bodies, are followed to the records that rest on them: each is named to the database."""


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


def count_of(records: Any, relation: str) -> Coalesce:
    """How many of `records` point at each row through `relation`, counted apart from other counts."""
    counts = records.filter(**{relation: OuterRef("pk")}).order_by().values(relation).annotate(n=Count("pk"))
    return Coalesce(Subquery(counts.values("n")), 0)


class Ordered:
    """A list that readers may order by some of its fields, each name with the field it stands for."""

    orders: ClassVar[dict[str, str]] = {"number": "number", "updated": "updated"}
    last_resort: ClassVar[str] = "number"

    def in_order(self, name: str) -> Any:
        """Order by one of `orders`, or the other way round with a minus before it; what has no value comes last.

        Rows that are level come by number, so that the order is one and the same on every database.
        """
        field = F(self.orders[name.lstrip("-")])
        backwards = name.startswith("-")
        first = field.desc(nulls_last=True) if backwards else field.asc(nulls_last=True)
        last = F(self.last_resort)
        return self.order_by(first, last.desc() if backwards else last.asc())  # type: ignore[attr-defined]


class RecordQuerySet(Ordered, PublishableQuerySet):
    """Records that citations, quotes and pages point at."""

    def filter(self, *conditions: Any, **lookups: Any) -> Self:
        return super().filter(*map(_by_plain_in, conditions), **lookups)

    def changed_since(self, moment: datetime.datetime) -> Self:
        """As for any record; besides, those whose claims rest on what changed, which their origins follow from.

        Every record where so much changed that any may be among them.
        """
        changed = Q(pk__in=changed_since(self.model, moment))
        if "citations" in self.model.parts:
            rests = rests_on_changed(moment)
            if rests is None:
                return self.all()
            kind = self.model._meta.get_field("citations").related_model
            changed |= Q(pk__in=kind._base_manager.filter(rests).values(kind.record_field))
        return self.filter(changed)


def rests_on_changed(moment: datetime.datetime) -> Q | None:
    """The condition of citations whose origins may differ, for readers, from what they were at `moment`.

    Origins follow from sources and from the bodies behind them (domain.md, rule 3). What ties them together is
    only what readers see or saw: a draft makes no difference. None where MANY changed, or followed.
    """
    actors, sources = (apps.get_model(f"sources.{name}").objects.once_public() for name in ("Actor", "Source"))
    bodies = _with_followers(actors, "part_of", _some(changed_since(actors.model, moment)))
    works = _some(changed_since(sources.model, moment)) | _some(sources.filter(outlet__in=bodies).values("pk"))
    works = _with_followers(sources, "republication_of", works)
    if max(len(bodies), len(works)) > MANY:
        return None
    resting = Q(source__in=works) | Q(attributed_to_source__in=works) | Q(attributed_to_actor__in=bodies)
    return resting & Q(state=State.PUBLISHED)


def _some(keys: Any) -> set[int]:
    """The keys that are asked for; of more than MANY, so many that this shows."""
    return {key for row in keys.order_by().distinct()[: MANY + 1] for key in row.values()}


def _with_followers(records: Any, relation: str, keys: set[int]) -> set[int]:
    """`keys`, and those of `records` that point at them through `relation`, at any depth, until they are too many."""
    found = step = keys
    while step and len(found) <= MANY:
        step = _some(records.filter(**{f"{relation}__in": step}).values("pk")) - found
        found = found | step
    return found


class DatedQuerySet(RecordQuerySet):
    """Records with a date of their own."""

    date_field: ClassVar[str]
    date_order: ClassVar[str]

    def newest_first(self) -> Self:
        """By their latest day, the undated last."""
        return self.in_order(f"-{self.date_order}")

    def dated_from(self, day: datetime.date) -> Self:
        """Those whose date allows `day` or a later one; an end left open allows any."""
        latest, earliest = f"{self.date_field}_latest", f"{self.date_field}_earliest"
        open_end = Q(**{f"{latest}__isnull": True, f"{earliest}__isnull": False})
        return self.filter(Q(**{f"{latest}__gte": day}) | open_end)

    def dated_to(self, day: datetime.date) -> Self:
        """Those whose date allows `day` or an earlier one; a start left open allows any."""
        latest, earliest = f"{self.date_field}_latest", f"{self.date_field}_earliest"
        open_start = Q(**{f"{earliest}__isnull": True, f"{latest}__isnull": False})
        return self.filter(Q(**{f"{earliest}__lte": day}) | open_start)

    def by(self, day: datetime.date) -> Self:
        """Those dated by `day`: as with status, a date counts from its latest day (domain.md, rule 2)."""
        return self.filter(**{f"{self.date_field}_latest__lte": day})

    def inexact(self) -> Self:
        """Those not dated to one certain day: undated, dated to a longer time, "about" or "uncertain"."""
        latest, earliest = f"{self.date_field}_latest", f"{self.date_field}_earliest"
        doubted = (Q(**{f"{self.date_field}__endswith": mark}) for mark in "~?%")
        not_one_day = Q(**{f"{latest}__isnull": True}) | ~Q(**{latest: F(earliest)})
        return self.not_retracted().filter(not_one_day | Q(**{f"{earliest}__isnull": True}) | reduce(or_, doubted))


class ReasonQuerySet(Ordered, PublishableQuerySet):
    """Explanations given for closures."""

    orders: ClassVar = {"slug": "slug", "label": "label", "updated": "updated"}
    last_resort = "slug"

    def with_counts(self) -> Self:
        """Count the statements that give each reason, as `statements`."""
        through = apps.get_model("sources.Quote").reasons.through.objects
        given = through.filter(apps.get_model("sources.Quote").public_condition("quote__"))
        return self.annotate(statements=count_of(given, "reason"))


class CountryQuerySet(Ordered, models.QuerySet):
    """Countries and territories: reference data, which everybody sees."""

    orders: ClassVar = {"code": "code", "name": "name"}
    last_resort = "code"

    def public(self) -> Self:
        return self.all()


class ActorQuerySet(RecordQuerySet):
    """Who speaks and publishes."""

    orders: ClassVar = {**RecordQuerySet.orders, "name": "name"}

    def with_counts(self) -> Self:
        """Count the statements that each made and the items that each published, as `statements` and `items`."""
        return self.annotate(
            statements=count_of(public("sources.Quote"), "speaker"),
            items=count_of(public("sources.Source"), "outlet"),
        )

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
    date_order = "issued"
    orders: ClassVar = {**RecordQuerySet.orders, "issued": "issued_latest"}

    def published_by(self, numbers: Iterable[int]) -> Self:
        """Those whose outlet has one of `numbers`."""
        return self.filter(apps.get_model("sources.Actor").public_condition("outlet__"), outlet__number__in=numbers)

    def archived(self, held: bool = True) -> Self:
        """Those of which a copy is kept in an archive; or those without."""
        return self.exclude(archive_url="") if held else self.filter(archive_url="")

    def without_copy(self) -> Self:
        """Those of which nothing is kept should their address go dead."""
        captured = apps.get_model("sources.CapturedCopy").objects.filter(source=OuterRef("pk"))
        return self.not_retracted().archived(False).filter(~Exists(captured))

    def only_cited(self) -> Self:
        """Those known from the citations of others alone, which nobody here has read."""
        return self.not_retracted().filter(read="only-cited")

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
    date_order = "said_on"
    orders: ClassVar = {**RecordQuerySet.orders, "said_on": "said_on_latest"}

    def said_by(self, numbers: Iterable[int]) -> Self:
        """Those whose speaker has one of `numbers`."""
        return self.filter(apps.get_model("sources.Actor").public_condition("speaker__"), speaker__number__in=numbers)

    def in_capacity(self, capacities: Iterable[str]) -> Self:
        """Those whose speaker speaks in one of `capacities`."""
        speakers = apps.get_model("sources.Actor").public_condition("speaker__")
        return self.filter(speakers, speaker__capacity__in=capacities)

    def named_by(self, records: Any) -> Self:
        """Those that one of `records` names, under its field `quotes`."""
        return self.filter(pk__in=records.order_by().values("quotes"))

    def giving(self, slugs: Iterable[str]) -> Self:
        """Those that give one of the reasons named by `slugs`."""
        reasons = public("sources.Reason").filter(slug__in=slugs)
        return self.filter(pk__in=self.model.reasons.through.objects.filter(reason__in=reasons).values("quote"))

    def without_speaker_or_reason(self) -> Self:
        """Those of which it is not recorded who said them, or for what reason, as any page on reasons needs."""
        given = self.model.reasons.through.objects.exclude(reason__state=State.RETRACTED).filter(quote=OuterRef("pk"))
        return self.not_retracted().filter(Q(speaker__isnull=True) | ~Exists(given))

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

    def with_sources(self) -> Self:
        """Bring along the sources at both ends of a claim."""
        sources = public("sources.Source")
        return self.prefetch_related(Prefetch("source", sources), Prefetch("attributed_to_source", sources))

    def with_records(self) -> Self:
        """Bring along the records cited, whatever their kind."""
        records = self.model.record_model().objects.public().named()
        return self.prefetch_related(Prefetch(self.model.record_field, records))
