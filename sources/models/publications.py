"""Published items, their authors, and what they name."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from nkwatch.editorial.edtf import EDTFField, bound, bounds_constraint, in_words
from nkwatch.editorial.fields import HTTPField, http_only, one_of
from nkwatch.editorial.models import NumberedRecord, Publishable, one_that_stays
from nkwatch.editorial.text import fold
from nkwatch.editorial.versions import versions
from sources.addresses import canonical_url
from sources.models.actors import Actor
from sources.models.vocabulary import Read, SourceKind, TranslatedBy
from sources.querysets import SourceQuerySet


class Source(NumberedRecord):
    """One published item: the carrier of claims (domain.md, Vocabulary)."""

    Kind = SourceKind

    Read = Read

    prefix = "S"
    parts = ("authorships", "references")
    api_names: ClassVar = {"authorships": "authors"}

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.ARTICLE)
    title = models.CharField(max_length=1000, blank=True, help_text="In English. Leave empty when it has none.")
    title_original = models.CharField("original title", max_length=1000, blank=True)
    described_as = models.CharField(
        max_length=500, blank=True, help_text="Names it when it has no title: “note of the embassy printed by PCPE”."
    )
    title_key = models.CharField(max_length=1000, editable=False, db_index=True)
    language = models.CharField(max_length=35, blank=True, help_text="BCP 47: en, ko, es, zh-Hant.")
    translated_by = models.CharField(
        max_length=8, choices=TranslatedBy.choices, blank=True, help_text="Who put the title into English."
    )
    outlet = models.ForeignKey(
        Actor,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="published",
        help_text="Who published it: newspaper, agency, ministry, party.",
    )
    authors = models.ManyToManyField(Actor, through="Authorship", related_name="written", blank=True)
    issued = EDTFField(help_text="When it was published, as EDTF: 2023-10-27, 2023-11, ../2023-12-05.")
    issued_earliest = bound()
    issued_latest = bound()
    issued_note = models.CharField(
        max_length=500, blank=True, help_text="How the date is known, when it is not printed on the item."
    )
    source_url = HTTPField(verbose_name=_("address"))
    canonical_url = models.CharField(max_length=2000, blank=True, editable=False)
    archive_url = HTTPField(verbose_name=_("archived copy"))
    accessed_on = models.DateField(null=True, blank=True)
    read = models.CharField(
        max_length=10,
        choices=Read.choices,
        default=Read.IN_FULL,
        help_text="A work known only from another's citation carries no claims of its own.",
    )
    republication_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="republished_as",
        help_text="The original, when this is the same text printed again.",
    )
    summary = models.TextField(blank=True, help_text="Your own words, not the article's.")

    objects: ClassVar[Any] = SourceQuerySet.as_manager()
    history = versions(excluded_fields=["title_key", "canonical_url", "issued_earliest", "issued_latest"])

    class Meta(NumberedRecord.Meta):
        ordering = [F("issued_latest").desc(nulls_last=True), "-pk"]
        indexes = [models.Index(fields=["-issued_latest", "-id"], name="sources_source_newest")]
        constraints = [
            *NumberedRecord.Meta.constraints,
            one_of("sources_source_kind", "kind", SourceKind),
            one_of("sources_source_read", "read", Read),
            one_of("sources_source_translated_by", "translated_by", TranslatedBy, blank=True),
            http_only("sources_source_source_url", "source_url"),
            http_only("sources_source_archive_url", "archive_url"),
            bounds_constraint("sources_source_issued_bounds", "issued"),
            models.CheckConstraint(
                condition=~Q(title="") | ~Q(title_original="") | ~Q(described_as=""),
                name="sources_source_has_a_name",
                violation_error_message="Give the source a title, or say under “described as” what it is.",
            ),
            models.CheckConstraint(
                condition=~Q(republication_of=F("id")),
                name="sources_source_not_republication_of_itself",
                violation_error_message="A source cannot be a republication of itself.",
            ),
            models.UniqueConstraint(
                fields=["canonical_url"],
                condition=~Q(canonical_url=""),
                name="sources_source_address_once",
                violation_error_message="A source with this address stands already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("source", args=[self.label, slugify(self.name)[:60].strip("-") or "source"])

    @property
    def name(self) -> str:
        """The title, or what stands for it."""
        return self.title or self.described_as or self.title_original

    @property
    def byline(self) -> str:
        """Outlet and date in one line, for lists."""
        return ", ".join(filter(None, [str(self.outlet or ""), in_words(self.issued)]))

    def clean(self) -> None:
        super().clean()
        self.canonical_url = canonical_url(self.source_url)
        self.title_key = fold(self.name)
        if self.canonical_url and (
            twin := Source.objects.filter(canonical_url=self.canonical_url).exclude(pk=self.pk).first()
        ):
            stays = one_that_stays(twin)
            raise ValidationError({"source_url": f"This address is known: it is {stays.label}, “{stays}”."})
        original, seen = self.republication_of, {self.pk}
        while original is not None:
            if original.pk is not None and original.pk in seen:
                message = f"“{self.republication_of}” is itself a republication of this source: one must go."
                raise ValidationError({"republication_of": message})
            seen.add(original.pk)
            original = original.republication_of


class Authorship(Publishable):
    """One author of a source, in order."""

    public_through = ("source", "author")

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="authorships")
    author = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="authorships")
    position = models.PositiveSmallIntegerField(default=1)

    history = versions()

    class Meta(Publishable.Meta):
        ordering = ["position", "pk"]
        constraints = [
            *Publishable.Meta.constraints,
            models.UniqueConstraint(
                fields=["source", "author"],
                name="sources_authorship_once",
                violation_error_message="This author is listed already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author}, author of “{self.source}”"


class Reference(Publishable):
    """One source naming another in general: an endnote, "according to" without a claim of ours."""

    public_through = ("source", "cited_source")
    api_names: ClassVar = {"cited_source": "source"}

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="references")
    cited_source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="referenced_by")
    label = models.CharField(max_length=40, blank=True, help_text="As printed: n19.")
    note = models.CharField("what for", max_length=500, blank=True)

    history = versions()

    class Meta(Publishable.Meta):
        ordering = ["source", "pk"]
        constraints = [
            *Publishable.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(source=F("cited_source")),
                name="sources_reference_not_to_itself",
                violation_error_message="A source cannot refer to itself.",
            ),
            models.UniqueConstraint(
                fields=["source", "cited_source", "label"],
                name="sources_reference_once",
                violation_error_message="This reference stands already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} names {self.cited_source}"
