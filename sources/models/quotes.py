"""What speakers said, and the reasons they gave."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.text import Truncator, slugify

from nkwatch.editorial.edtf import EDTFField, bound, bounds_constraint
from nkwatch.editorial.fields import one_of
from nkwatch.editorial.models import NumberedRecord, Publishable
from nkwatch.editorial.versions import versions
from sources.models.actors import Actor
from sources.models.citations import Citation
from sources.models.vocabulary import Rendering, TranslatedBy
from sources.querysets import QuoteQuerySet, ReasonQuerySet


class Reason(Publishable):
    """An explanation that somebody gave for closures; always through a quote, never nkwatch's own view."""

    slug = models.SlugField(unique=True)
    label = models.CharField(max_length=100)
    definition = models.TextField(help_text="What counts as this reason, so that two editors choose alike.")

    objects: ClassVar[Any] = ReasonQuerySet.as_manager()
    history = versions()

    class Meta(Publishable.Meta):
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("reason", args=[self.slug])


class Quote(NumberedRecord):
    """One statement by a speaker; each carrier's rendering of it may differ."""

    prefix = "Q"
    parts = ("citations",)

    text = models.TextField(blank=True, help_text="In English, in the fullest rendering known.")
    text_original = models.TextField("original words", blank=True)
    language = models.CharField(max_length=35, blank=True, help_text="Of the original words, BCP 47: ko, es.")
    translated_by = models.CharField(max_length=8, choices=TranslatedBy.choices, blank=True)
    speaker = models.ForeignKey(Actor, null=True, blank=True, on_delete=models.PROTECT, related_name="quotes")
    speaker_role = models.CharField("role at the time", max_length=200, blank=True)
    on_behalf_of = models.ForeignKey(
        Actor, null=True, blank=True, on_delete=models.PROTECT, related_name="quotes_on_its_behalf"
    )
    said_on = EDTFField(help_text="When it was said, as EDTF.")
    said_on_earliest = bound()
    said_on_latest = bound()
    reasons = models.ManyToManyField(Reason, blank=True, related_name="quotes")

    objects: ClassVar[Any] = QuoteQuerySet.as_manager()
    history = versions(excluded_fields=["said_on_earliest", "said_on_latest"], m2m_fields=[reasons])

    class Meta(NumberedRecord.Meta):
        ordering = [F("said_on_latest").desc(nulls_last=True), "-pk"]
        indexes = [models.Index(fields=["-said_on_latest", "-id"], name="sources_quote_newest")]
        constraints = [
            *NumberedRecord.Meta.constraints,
            one_of("sources_quote_translated_by", "translated_by", TranslatedBy, blank=True),
            bounds_constraint("sources_quote_said_on_bounds", "said_on"),
            models.CheckConstraint(
                condition=~Q(text="") | ~Q(text_original=""),
                name="sources_quote_has_words",
                violation_error_message="Give the words, in English or in the original language.",
            ),
        ]

    def __str__(self) -> str:
        return Truncator(self.text or self.text_original).chars(80)

    @property
    def carriers(self) -> list[Any]:
        """Its citations, the first of each source: who carries it, each once."""
        return list({citation.source_id: citation for citation in reversed(self.citations.all())}.values())[::-1]

    def get_absolute_url(self) -> str:
        return reverse("quote", args=[self.label, slugify(Truncator(self.text).words(6, truncate="")) or "quote"])


class QuoteCitation(Citation):
    """A carrier of a quote, with its own rendering of the words (in `wording`)."""

    Rendering = Rendering

    record_field = "quote"
    public_through = ("source", "quote")

    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="citations")
    rendering = models.CharField(max_length=10, choices=Rendering.choices, default=Rendering.VERBATIM)

    history = versions(excluded_fields=[*Citation.derived_fields, "date_earliest", "date_latest"])

    class Meta(Citation.Meta):
        constraints = [
            *Citation.Meta.constraints,
            Citation.once("sources", "quote"),
            one_of("sources_quotecitation_rendering", "rendering", Rendering),
        ]
