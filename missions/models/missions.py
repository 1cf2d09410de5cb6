"""Missions, and the countries they serve besides their host."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.models.vocabulary import MissionKind
from missions.querysets import CoverageQuerySet, MissionQuerySet
from nkwatch.editorial.edtf import EDTFField, bound, bounds_constraint
from nkwatch.editorial.fields import one_of
from nkwatch.editorial.models import NumberedRecord, Publishable
from nkwatch.editorial.text import split_list
from nkwatch.editorial.versions import versions
from sources.models import Citation, Country

NORTH_KOREA = "KP"
IS_ABROAD = "A mission stands in another country than the one that sends it."
CONCERNS_NORTH_KOREA = "North Korea must be the sending or the host country."


class Mission(NumberedRecord):
    """One post: a sending country's embassy, consulate or office at a place in a host country.

    Sending and host country are the terms of the Vienna Convention on Diplomatic Relations
    (1961). nkwatch keeps both directions: KP in Spain, and Romania in KP.
    """

    Kind = MissionKind

    prefix = "M"
    parts = ("citations", "coverages")
    api_names: ClassVar = {"coverages": "covers"}
    text_lists = ("other_names",)
    decides_status = True

    sending = models.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="missions_sent", verbose_name=_("sending country")
    )
    host = models.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="missions_hosted", verbose_name=_("host country or territory")
    )
    kind = models.CharField(
        max_length=21,
        choices=Kind.choices,
        default=Kind.UNSPECIFIED,
        help_text="“Unspecified” when a source says just “mission”.",
    )
    city = models.CharField(max_length=100, blank=True, help_text="Only where a source names it.")
    name = models.CharField(
        max_length=200, blank=True, help_text="Left empty, it is made: “North Korean embassy in Spain”."
    )
    name_original = models.CharField("original name", max_length=200, blank=True)
    other_names = models.TextField(blank=True, help_text="One a line, or separated by semicolons.")
    address = models.CharField(max_length=300, blank=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    established = EDTFField(help_text="When the mission opened, as EDTF, where a source says so.")
    established_earliest = bound()
    established_latest = bound()

    objects: ClassVar[Any] = MissionQuerySet.as_manager()
    history = versions(excluded_fields=["established_earliest", "established_latest"])

    class Meta(NumberedRecord.Meta):
        ordering = ["name", "pk"]
        constraints = [
            *NumberedRecord.Meta.constraints,
            one_of("missions_mission_kind", "kind", MissionKind),
            bounds_constraint("missions_mission_established_bounds", "established"),
            models.CheckConstraint(
                condition=~Q(sending=F("host")),
                name="missions_mission_is_abroad",
                violation_error_message=IS_ABROAD,
            ),
            models.CheckConstraint(
                condition=Q(sending=NORTH_KOREA) | Q(host=NORTH_KOREA),
                name="missions_mission_concerns_north_korea",
                violation_error_message=CONCERNS_NORTH_KOREA,
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    # Said outright, since a comparison with nothing is not false to a database.
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__gte=-90,
                    latitude__lte=90,
                    longitude__gte=-180,
                    longitude__lte=180,
                ),
                name="missions_mission_place_on_earth",
                violation_error_message="Give latitude (-90 to 90) and longitude (-180 to 180) together.",
            ),
            models.UniqueConstraint(
                F("sending"),
                F("host"),
                F("kind"),
                Lower("city"),
                name="missions_mission_once",
                violation_error_message="This mission stands already: same sender, host, kind and city.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("mission", args=[self.label, slugify(self.far_side.name)])

    @property
    def is_abroad(self) -> bool:
        """Whether North Korea sends it (else it stands in Pyongyang's country)."""
        return self.sending_id == NORTH_KOREA

    @property
    def far_side(self) -> Country:
        """The country that is not North Korea, by which readers tell missions apart."""
        return self.host if self.is_abroad else self.sending

    @property
    def names(self) -> list[str]:
        """Every name by which a sheet or an editor may call this mission."""
        return [self.name, self.name_original, *split_list(self.other_names)]

    @property
    def composed_name(self) -> str:
        """The name that a mission without one of its own is given."""
        kind = "Mission" if self.kind == self.Kind.UNSPECIFIED else self.get_kind_display().capitalize()
        return f"{kind} of {self.sending} in {self.host}" + (f", {self.city}" if self.city else "")

    def clean(self) -> None:
        super().clean()
        if self.sending_id and self.sending_id == self.host_id:
            raise ValidationError(IS_ABROAD)
        if self.sending_id and self.host_id and NORTH_KOREA not in (self.sending_id, self.host_id):
            raise ValidationError(CONCERNS_NORTH_KOREA)
        if not self.name and self.sending_id and self.host_id:
            self.name = self.composed_name


class MissionCitation(Citation):
    """A source for a mission or one of its facts."""

    record_field = "mission"
    public_through = ("source", "mission")

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="citations")

    history = versions(excluded_fields=[*Citation.derived_fields, "date_earliest", "date_latest"])

    class Meta(Citation.Meta):
        constraints = [*Citation.Meta.constraints, Citation.once("missions", "mission")]


class Coverage(Publishable):
    """A mission that also serves another country; only what no event's `duties_to` gives."""

    public_through = ("mission",)
    parts = ("citations",)
    api_names: ClassVar = {"starts": "from", "ends": "to"}

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="coverages")
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="covered_by")
    starts = EDTFField(verbose_name=_("from"), help_text="As EDTF.")
    starts_earliest = bound()
    starts_latest = bound()
    ends = EDTFField(verbose_name=_("to"), help_text="As EDTF; empty while it lasts.")
    ends_earliest = bound()
    ends_latest = bound()

    objects: ClassVar[Any] = CoverageQuerySet.as_manager()
    history = versions(excluded_fields=["starts_earliest", "starts_latest", "ends_earliest", "ends_latest"])

    class Meta(Publishable.Meta):
        ordering = ["mission", "pk"]
        constraints = [
            *Publishable.Meta.constraints,
            bounds_constraint("missions_coverage_starts_bounds", "starts"),
            bounds_constraint("missions_coverage_ends_bounds", "ends"),
            models.CheckConstraint(
                condition=Q(ends_latest__isnull=True)
                | Q(starts_earliest__isnull=True)
                | Q(ends_latest__gte=F("starts_earliest")),
                name="missions_coverage_ends_after_it_starts",
                violation_error_message="A coverage cannot end before it starts.",
            ),
            models.UniqueConstraint(
                fields=["mission", "country", "starts"],
                name="missions_coverage_once",
                violation_error_message="This coverage stands already.",
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(mission)s also serves %(country)s") % {"mission": self.mission, "country": self.country}


class CoverageCitation(Citation):
    """A source for a coverage."""

    record_field = "coverage"
    public_through = ("source", "coverage")

    coverage = models.ForeignKey(Coverage, on_delete=models.CASCADE, related_name="citations")

    history = versions(excluded_fields=[*Citation.derived_fields, "date_earliest", "date_latest"])

    class Meta(Citation.Meta):
        constraints = [*Citation.Meta.constraints, Citation.once("missions", "coverage")]
