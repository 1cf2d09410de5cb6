"""Numbers that somebody gave about missions, closures or relations."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.text import slugify

from missions.models.vocabulary import Metric
from missions.querysets import FigureQuerySet
from nkwatch.editorial.edtf import EDTFField, bound, bounds_constraint
from nkwatch.editorial.fields import one_of
from nkwatch.editorial.models import NumberedRecord
from nkwatch.editorial.versions import versions
from sources.models import Actor, Citation


class ReportedFigure(NumberedRecord):
    """A number as somebody gave it ("over 50", 53, "dozens"): of what, who, as of when."""

    Metric = Metric

    prefix = "F"
    parts = ("citations",)

    metric = models.CharField("of what", max_length=24, choices=Metric.choices)
    low = models.PositiveIntegerField("at least", null=True, blank=True, help_text="“Over 50” is at least 51.")
    high = models.PositiveIntegerField(
        "at most", null=True, blank=True, help_text="“As many as a dozen”: 12, no “at least”."
    )
    worded = models.CharField("as worded", max_length=200, blank=True, help_text="“over 50”, “dozens”.")
    since = EDTFField(verbose_name="counted since", help_text="From when closures are counted, as EDTF, if said.")
    since_earliest = bound()
    since_latest = bound()
    as_of = EDTFField(verbose_name="as of", help_text="The day or days that the number is true of, as EDTF.")
    as_of_earliest = bound()
    as_of_latest = bound()
    speaker = models.ForeignKey(Actor, null=True, blank=True, on_delete=models.PROTECT, related_name="figures")
    note = models.TextField(blank=True, help_text="“including the four set to close”.")

    objects: ClassVar[Any] = FigureQuerySet.as_manager()
    history = versions(excluded_fields=["since_earliest", "since_latest", "as_of_earliest", "as_of_latest"])

    class Meta(NumberedRecord.Meta):
        ordering = [F("as_of_latest").desc(nulls_last=True), "-pk"]
        constraints = [
            *NumberedRecord.Meta.constraints,
            one_of("missions_reportedfigure_metric", "metric", Metric),
            bounds_constraint("missions_reportedfigure_since_bounds", "since"),
            bounds_constraint("missions_reportedfigure_as_of_bounds", "as_of"),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(high__gte=F("low")),
                name="missions_reportedfigure_low_to_high",
                violation_error_message="“At least” cannot be more than “at most”.",
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=False) | Q(high__isnull=False) | ~Q(worded=""),
                name="missions_reportedfigure_says_something",
                violation_error_message="Give a number, or the words that stand for one.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.as_said} ({self.get_metric_display()})"

    def get_absolute_url(self) -> str:
        return reverse("figure", args=[self.label, slugify(f"{self.as_said} {self.metric}")])

    @property
    def as_said(self) -> str:
        """The number in the words it was given in, else in digits."""
        if self.worded:
            return self.worded
        if self.low == self.high:
            return str(self.low)
        return f"{self.low if self.low is not None else 'up'} to {self.high}" if self.high else f"at least {self.low}"


class FigureCitation(Citation):
    """A source for a figure."""

    record_field = "figure"
    public_through = ("source", "figure")

    figure = models.ForeignKey(ReportedFigure, on_delete=models.CASCADE, related_name="citations")

    history = versions(excluded_fields=[*Citation.derived_fields, "date_earliest", "date_latest"])

    class Meta(Citation.Meta):
        constraints = [*Citation.Meta.constraints, Citation.once("missions", "figure")]
