"""The desk's pages for missions, their events and coverages, and reported figures."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Prefetch
from django.http import HttpRequest
from django.utils import timezone

from missions.admin_import import import_urls
from missions.admin_import.templates import template_urls
from missions.models import (
    ClosureEvent,
    Coverage,
    CoverageCitation,
    EventCitation,
    FigureCitation,
    Mission,
    MissionCitation,
    ReportedFigure,
    Status,
    StatusSpan,
    SupportLevel,
)
from missions.resources import (
    CoverageCitationSheet,
    CoverageSheet,
    EventCitationSheet,
    EventSheet,
    FigureCitationSheet,
    FigureSheet,
    MissionCitationSheet,
    MissionSheet,
)
from nkwatch.editorial.admin.base import PartInline, PublishableAdmin, ViewOnly
from sources.admin import CitationAdmin, CitationInline

UNSOURCED_ONCE_PUBLIC = (
    "no source that readers can see supports it: publish a source, and have somebody else "
    "than its author publish the citation"
)


class StatusToday(admin.SimpleListFilter):
    """Missions by what holds of them today."""

    title = "status today"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in Status.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.with_status(self.value(), timezone.localdate()) if self.value() else queryset


class MissionCitationInline(CitationInline):
    model = MissionCitation


class CoverageInline(PartInline):
    model = Coverage
    autocomplete_fields = ("country",)
    fields = ("country", ("starts", "ends"), "state")


class StatusSpanInline(ViewOnly, admin.TabularInline):
    """What follows from the published events; nobody types it."""

    model = StatusSpan
    verbose_name_plural = "status on any day, as derived"
    fields = readonly_fields = (
        "starts",
        "ends",
        "status",
        "marks_in_words",
        "since_in_words",
        "because_in_words",
        "support_level",
        "support_reasoning",
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        because = Prefetch("because", ClosureEvent.objects.select_related("mission"))
        return super().get_queryset(request).prefetch_related(because)

    @admin.display(description="marks")
    def marks_in_words(self, span: StatusSpan) -> str:
        return ", ".join(span.marks)

    @admin.display(description="since")
    def since_in_words(self, span: StatusSpan) -> str:
        return span.since_in_words

    @admin.display(description="because of")
    def because_in_words(self, span: StatusSpan) -> str:
        return ", ".join(f"{event.label} {event.get_stage_display()}" for event in span.because.all())


class EventCitationInline(CitationInline):
    model = EventCitation


class CoverageCitationInline(CitationInline):
    model = CoverageCitation


class FigureCitationInline(CitationInline):
    model = FigureCitation


@admin.register(Mission)
class MissionAdmin(PublishableAdmin):
    """One post, and what its events say of it today."""

    sheet = MissionSheet
    bulk_fields = ("sending", "host", "kind", "city", "established")

    list_display = ("number_label", "name", "host", "city", "kind", "status_today", "marks", "support_today", "state")
    list_display_links = ("number_label", "name")
    list_filter = ("state", StatusToday, "kind", ("host", admin.RelatedOnlyFieldListFilter), "host__region")
    list_select_related = ("sending", "host")
    search_fields = (
        "name",
        "name_original",
        "other_names",
        "city",
        "host__name",
        "host__name_ko",
        "host__variants",
        "sending__name",
        "sending__name_ko",
    )
    date_hierarchy = "established_latest"
    autocomplete_fields = ("sending", "host")
    inlines = (MissionCitationInline, CoverageInline, StatusSpanInline)
    fieldsets = (
        (
            None,
            {
                "fields": (("sending", "host"), ("kind", "city")),
                "description": "Who keeps it, and where it stands. One of the two is North Korea.",
            },
        ),
        ("Names", {"fields": ("name", "name_original", "other_names")}),
        ("Place and time", {"fields": ("address", ("latitude", "longitude"), "established")}),
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).as_of(timezone.localdate())

    @admin.display(description="status today")
    def status_today(self, mission: Any) -> str:
        return mission.spans_on_day[0].get_status_display() if mission.spans_on_day else "–"

    @admin.display(description="marks")
    def marks(self, mission: Any) -> str:
        return ", ".join(mission.spans_on_day[0].marks) if mission.spans_on_day else ""

    @admin.display(description="its support")
    def support_today(self, mission: Any) -> str:
        return mission.spans_on_day[0].get_support_level_display() if mission.spans_on_day else ""


@admin.register(ClosureEvent)
class ClosureEventAdmin(PublishableAdmin):
    """One dated step in a mission's life."""

    sheet = EventSheet
    bulk_fields = ("mission", "stage", "date", "date_note", "duties_to", "quotes")

    list_display = (
        "number_label",
        "mission",
        "stage",
        "date",
        "support_level",
        "support_origins",
        "support_contested",
        "state",
    )
    list_display_links = ("number_label", "mission")
    list_filter = (
        "state",
        "stage",
        "support_level",
        ("support_contested", admin.EmptyFieldListFilter),
        "mission__host__region",
    )
    list_select_related = ("mission",)
    search_fields = (
        "mission__name",
        "mission__name_original",
        "mission__other_names",
        "mission__city",
        "mission__host__name",
        "mission__host__name_ko",
        "summary",
        "date_note",
    )
    date_hierarchy = "date_latest"
    autocomplete_fields = ("mission", "duties_to", "quotes")
    inlines = (EventCitationInline,)
    readonly_fields = (
        "support_level",
        "support_contested",
        "support_origins",
        "support_sources",
        "support_one_country",
        "support_reasoning",
    )
    fieldsets = (
        (None, {"fields": ("mission", "stage")}),
        (
            "When",
            {
                "fields": ("date", "date_note"),
                "description": "A step counts from its latest day; one without a date decides nothing.",
            },
        ),
        (None, {"fields": ("summary", "duties_to", "quotes")}),
        (
            "How well it is supported",
            {
                "fields": (
                    ("support_level", "support_origins", "support_sources"),
                    ("support_one_country", "support_contested"),
                    "support_reasoning",
                ),
                "description": "Derived from the citations below when they are published.",
            },
        ),
    )

    def get_urls(self) -> list[Any]:
        return [*import_urls(), *template_urls(), *super().get_urls()]

    def missing_once_public(self, event: Any) -> str:
        """An event is not left public without support (domain.md, rule 4), should its citations have to wait."""
        return UNSOURCED_ONCE_PUBLIC if event.support_level == SupportLevel.UNSOURCED else ""


@admin.register(Coverage)
class CoverageAdmin(PublishableAdmin):
    """Which missions also serve another country."""

    sheet = CoverageSheet

    list_display = ("id", "mission", "country", "starts", "ends", "state")
    list_display_links = ("id", "mission")
    list_filter = ("state", ("country", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("mission", "country")
    search_fields = ("mission__name", "mission__host__name", "country__name", "country__name_ko")
    date_hierarchy = "starts_latest"
    autocomplete_fields = ("mission", "country")
    inlines = (CoverageCitationInline,)
    fieldsets = (
        (
            None,
            {
                "fields": ("mission", "country", ("starts", "ends")),
                "description": "Only what no event’s “duties to” gives already.",
            },
        ),
    )


@admin.register(ReportedFigure)
class ReportedFigureAdmin(PublishableAdmin):
    """Numbers as somebody gave them."""

    sheet = FigureSheet
    bulk_fields = ("metric", "low", "high", "speaker", "since", "as_of")

    list_display = ("number_label", "as_said", "metric", "speaker", "as_of", "since", "state")
    list_display_links = ("number_label", "as_said")
    list_filter = ("state", "metric", "speaker__capacity")
    list_select_related = ("speaker",)
    search_fields = ("worded", "note", "speaker__name", "speaker__names__name", "=low", "=high")
    date_hierarchy = "as_of_latest"
    autocomplete_fields = ("speaker",)
    inlines = (FigureCitationInline,)
    fieldsets = (
        (
            None,
            {
                "fields": ("metric", ("low", "high"), "worded"),
                "description": "The number as given; leave open what was not said. “Dozens” has words and no bounds.",
            },
        ),
        ("Who and when", {"fields": ("speaker", ("since", "as_of"), "note")}),
    )


@admin.register(MissionCitation)
class MissionCitationAdmin(CitationAdmin):
    sheet = MissionCitationSheet
    record_named_by = ("mission",)
    search_fields = (*CitationAdmin.search_fields, "mission__name")


@admin.register(EventCitation)
class EventCitationAdmin(CitationAdmin):
    sheet = EventCitationSheet
    record_named_by = ("event__mission",)
    search_fields = (*CitationAdmin.search_fields, "event__mission__name")


@admin.register(CoverageCitation)
class CoverageCitationAdmin(CitationAdmin):
    sheet = CoverageCitationSheet
    record_named_by = ("coverage__mission", "coverage__country")
    search_fields = (*CitationAdmin.search_fields, "coverage__mission__name", "coverage__country__name")


@admin.register(FigureCitation)
class FigureCitationAdmin(CitationAdmin):
    sheet = FigureCitationSheet
    record_named_by = ("figure",)
    search_fields = (*CitationAdmin.search_fields, "figure__worded", "figure__note")
