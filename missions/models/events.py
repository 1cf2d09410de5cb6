"""Closure events: dated steps in a mission's life."""

import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.text import slugify

from missions.models.missions import Mission
from missions.models.vocabulary import Stage, SupportLevel
from missions.querysets import EventQuerySet
from nkwatch.editorial.edtf import EDTFField, bound, bounds_constraint
from nkwatch.editorial.fields import one_of
from nkwatch.editorial.models import NumberedRecord, State
from nkwatch.editorial.versions import versions
from sources.models import Citation, Country, Quote, Source


class ClosureEvent(NumberedRecord):
    """One dated step in a mission's life, most of them towards closing."""

    prefix = "E"
    public_through = ("mission",)
    parts = ("citations",)
    decides_status = True
    derived_fields: ClassVar[tuple[str, ...]] = (
        "support_level",
        "support_contested",
        "support_origins",
        "support_sources",
        "support_one_country",
        "support_reasoning",
    )

    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="events")
    stage = models.CharField(
        max_length=18,
        choices=Stage.choices,
        help_text="Follow the act of whoever is behind the news, not the paper's verb: "
        "a note to a local party is “notified”, whichever paper calls it an announcement.",
    )
    date = EDTFField(help_text="As EDTF. Never a day that no source gives: “October 2023” stays 2023-10.")
    date_earliest = bound()
    date_latest = bound()
    date_note = models.CharField(
        "how the date was read", max_length=300, blank=True, help_text="“Wednesday”, read against 2023-11-01."
    )
    summary = models.TextField(blank=True, help_text="One sentence of your own.")
    duties_to = models.ForeignKey(
        Mission,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="duties_from",
        help_text="The mission that takes over.",
    )
    quotes = models.ManyToManyField(Quote, blank=True, related_name="events")

    support_level = models.CharField(
        "support", max_length=16, choices=SupportLevel.choices, default=SupportLevel.UNSOURCED, editable=False
    )
    support_contested = models.CharField("contested fact", max_length=100, blank=True, editable=False)
    support_origins = models.PositiveIntegerField("origins", default=0, editable=False)
    support_sources = models.PositiveIntegerField("sources", default=0, editable=False)
    support_one_country = models.ForeignKey(
        Country, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    support_reasoning = models.TextField("reasoning", blank=True, editable=False)

    objects: ClassVar[Any] = EventQuerySet.as_manager()
    history = versions(excluded_fields=[*derived_fields, "date_earliest", "date_latest"], m2m_fields=[quotes])

    class Meta(NumberedRecord.Meta):
        ordering = [F("date_latest").desc(nulls_last=True), "-pk"]
        indexes = [
            models.Index(fields=["-date_latest", "-id"], name="missions_event_newest"),
            models.Index(fields=["mission", "stage"], name="missions_event_stage"),
        ]
        constraints = [
            *NumberedRecord.Meta.constraints,
            one_of("missions_closureevent_stage", "stage", Stage),
            one_of("missions_closureevent_support", "support_level", SupportLevel),
            bounds_constraint("missions_closureevent_date_bounds", "date"),
            models.CheckConstraint(
                condition=~Q(duties_to=F("mission")),
                name="missions_closureevent_duties_go_elsewhere",
                violation_error_message="A mission cannot take over from itself.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mission}: {self.get_stage_display()}"

    def get_absolute_url(self) -> str:
        return reverse("event", args=[self.label, slugify(f"{self.mission.far_side.name} {self.stage}")])

    def has_come(self, day: datetime.date) -> bool:
        """Whether the step counts by `day`: from its latest day on, and never while it is undated (rule 2)."""
        return self.date_latest is not None and self.date_latest <= day

    def refuse_publishing(self, by: AbstractBaseUser | None) -> str:
        """As for any record; besides, an event that no source supports is not published (domain.md, rule 4)."""
        supporting = self.citations.filter(stance=Citation.Stance.SUPPORTS, fact__in=["", "date"])
        supporting = supporting.exclude(state=State.RETRACTED)
        if not supporting.exists():
            return "no source supports it: cite one first"
        if not supporting.filter(Source.public_condition("source__")).exists():
            return f"it rests on {supporting[0].source}, which is not published yet: publish that first"
        return super().refuse_publishing(by)


class EventCitation(Citation):
    """A source for an event or one of its facts."""

    record_field = "event"
    public_through = ("source", "event")
    decides_status = True

    event = models.ForeignKey(ClosureEvent, on_delete=models.CASCADE, related_name="citations")

    history = versions(excluded_fields=[*Citation.derived_fields, "date_earliest", "date_latest"])

    class Meta(Citation.Meta):
        constraints = [*Citation.Meta.constraints, Citation.once("missions", "event")]
