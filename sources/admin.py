"""The desk's pages for sources, actors, quotes and reasons, and what every kind of citation shares."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from nkwatch.editorial.admin.base import DeskFields, PartInline, PublishableAdmin
from nkwatch.editorial.admin.versions import VersionedAdmin
from nkwatch.editorial.roles import ADMINISTRATOR
from nkwatch.editorial.text import fold
from sources.admin_copies import copies_of
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
from sources.resources import (
    ActorSheet,
    QuoteCitationSheet,
    QuoteSheet,
    ReasonSheet,
    ReferenceSheet,
    SourceSheet,
)


class CitationForm:
    """How a citation is asked for, as a row below its record and on a page of its own."""

    autocomplete_fields: list[str] | tuple[str, ...] = ("source", "attributed_to_source", "attributed_to_actor")
    what_fields: tuple[Any, ...] = ("source", ("stance", "fact"))
    standing_fields: tuple[str, ...] = ()
    record_named_by: tuple[str, ...] = ()
    """Relations that the cited record's name is made of, so that a list asks for them once."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        standing = super().get_fieldsets(request, obj)[1:]  # type: ignore[misc]
        return [
            (None, {"fields": self.what_fields}),
            (
                "How the carrier knows",
                {
                    "fields": ("basis", ("attributed_to_source", "attributed_to_actor")),
                    "description": "Who is said to have said it decides how well the record is supported: "
                    "nkwatch counts origins, never articles.",
                },
            ),
            ("In its words", {"fields": ("locator", "wording", ("date", "date_worded"), "note")}),
            (
                "Derived",
                {
                    "fields": (*self.standing_fields, ("origin", "origin_body", "origin_mark")),
                    "classes": ("collapse",),
                    "description": "Where the claim comes from in the end, filled when it is published.",
                },
            ),
            *standing,
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "origin", "origin_body", "origin_mark"]  # type: ignore[misc]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        related = ("source", "origin", "origin_body", "attributed_to_source", "attributed_to_actor")
        return super().get_queryset(request).select_related(*related, *self.record_named_by)  # type: ignore[misc]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the facts that the cited record has, in words, instead of asking for a field's name."""
        if db_field.name != "fact":
            return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        record = self.model._meta.get_field(self.model.record_field).related_model  # type: ignore[attr-defined]
        fields = [*record._meta.concrete_fields, *record._meta.many_to_many]
        known = [(field.name, field.verbose_name) for field in fields if field.editable and not field.primary_key]
        return forms.ChoiceField(
            label="Fact",
            required=False,
            choices=[("", "the record as a whole"), *known],
            help_text="What this source is cited for, when it is not the record as a whole.",
        )


class CitationInline(CitationForm, PartInline):
    """The sources of the record above."""

    standing_fields = ("state",)


class CitationAdmin(CitationForm, PublishableAdmin):
    """One kind of citation in a list of its own: to publish, retract, or look up its history."""

    list_filter = ("state", "stance", "basis", "origin_mark")
    search_fields: tuple[str, ...] = ("source__title", "source__title_original", "source__described_as", "wording")
    date_hierarchy = "date_latest"

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        claim = ("id", "source", self.model.record_field, "stance", "fact", "basis")
        return (*claim, "origin_body", "origin_mark", "state")

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> tuple[str, ...]:
        return ("id", "source")

    def get_autocomplete_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (*self.autocomplete_fields, self.model.record_field)

    @property
    def what_fields(self) -> tuple[Any, ...]:  # type: ignore[override]
        return (self.model.record_field, *CitationForm.what_fields)


class QuoteCitationInline(CitationInline):
    model = QuoteCitation
    what_fields = (*CitationForm.what_fields, "rendering")


class ActorNameInline(PartInline):
    model = ActorName
    fields = (("name", "state"),)


class AuthorshipInline(PartInline):
    model = Authorship
    autocomplete_fields = ("author",)
    fields = (("author", "position", "state"),)


class ReferenceInline(PartInline):
    model = Reference
    fk_name = "source"
    verbose_name = "reference to another source"
    verbose_name_plural = "references to other sources"
    autocomplete_fields = ("cited_source",)
    fields = ("cited_source", ("label", "note"), "state")


@admin.register(Country)
class CountryAdmin(DeskFields, VersionedAdmin):
    """Reference data, loaded by migration: administrators mend it, others look."""

    may_be_reverted = False
    list_display = ("code", "name", "name_ko", "region", "subregion", "governed_by")
    list_display_links = ("code", "name")
    list_filter = ("region", "subregion")
    list_select_related = ("governed_by",)
    search_fields = ("=code", "=alpha3", "name", "name_ko", "variants")
    autocomplete_fields = ("governed_by",)
    show_full_result_count = False

    def _is_administrator(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return user.is_superuser or user.groups.filter(name=ADMINISTRATOR).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and self._is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._is_administrator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._is_administrator(request)


@admin.register(Actor)
class ActorAdmin(PublishableAdmin):
    """Who speaks or publishes; one record however often the role changes."""

    sheet = ActorSheet
    bulk_fields = ("kind", "capacity", "country", "part_of")

    list_display = ("number_label", "name", "kind", "capacity", "country", "part_of", "state")
    list_display_links = ("number_label", "name")
    list_filter = ("state", "kind", "capacity", ("country", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("country", "part_of")
    search_fields = ("name", "names__name", "homepage")
    autocomplete_fields = ("part_of", "country")
    inlines = (ActorNameInline,)
    fieldsets = (
        (None, {"fields": ("kind", "name")}),
        (
            "In what capacity",
            {
                "fields": ("capacity", "country", "part_of"),
                "description": "These decide whose word it is: all government and state media of one country "
                "count as one origin.",
            },
        ),
        (None, {"fields": ("homepage",)}),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet, search_term: str
    ) -> tuple[models.QuerySet, bool]:
        """Find an actor under any spelling: Thae Yong-ho, Tae Yongho, 태영호."""
        found, may_have_duplicates = super().get_search_results(request, queryset, search_term)
        if key := fold(search_term):
            spelt = ActorName.objects.filter(name_key__contains=key).values("actor")
            found = found | queryset.filter(models.Q(name_key__contains=key) | models.Q(pk__in=spelt))
        return found, may_have_duplicates


@admin.register(Source)
class SourceAdmin(PublishableAdmin):
    """One published item: the carrier of claims."""

    sheet = SourceSheet
    bulk_fields = (
        "kind",
        "language",
        "translated_by",
        "outlet",
        "issued",
        "issued_note",
        "republication_of",
        "accessed_on",
        "read",
    )

    list_display = ("number_label", "name", "kind", "outlet", "issued", "read", "language", "state")
    list_display_links = ("number_label", "name")
    list_filter = ("state", "kind", "read", "language", "outlet__capacity")
    list_select_related = ("outlet",)
    search_fields = ("title", "title_original", "described_as", "outlet__name", "source_url")
    date_hierarchy = "issued_latest"
    autocomplete_fields = ("outlet", "republication_of")
    inlines = (AuthorshipInline, ReferenceInline)
    fieldsets = (
        (None, {"fields": ("kind", "title", "title_original", "described_as", ("language", "translated_by"))}),
        ("Published", {"fields": ("outlet", ("issued", "issued_note"), "republication_of")}),
        ("Where to find it", {"fields": ("source_url", "archive_url", "accessed_on", "captured_copies")}),
        ("On our desk", {"fields": ("read", "summary")}),
    )
    readonly_fields = ("captured_copies",)

    @admin.display(description="captured copies", empty_value="after the source is saved")
    def captured_copies(self, source: Source) -> str | None:
        return copies_of(source) if source.pk else None


@admin.register(Reason)
class ReasonAdmin(PublishableAdmin):
    """Explanations that somebody gave; never nkwatch's own view."""

    sheet = ReasonSheet
    bulk_fields = ("definition",)

    list_display = ("label", "slug", "definition", "state")
    list_filter = ("state",)
    search_fields = ("label", "slug", "definition")
    prepopulated_fields = {"slug": ("label",)}
    fieldsets = ((None, {"fields": ("label", "slug", "definition")}),)


@admin.register(Quote)
class QuoteAdmin(PublishableAdmin):
    """What was said; how each carrier rendered it stands with its citation."""

    sheet = QuoteSheet
    bulk_fields = ("language", "translated_by", "speaker", "speaker_role", "on_behalf_of", "said_on", "reasons")

    list_display = ("number_label", "__str__", "speaker", "on_behalf_of", "said_on", "language", "state")
    list_display_links = ("number_label", "__str__")
    list_filter = ("state", "speaker__capacity", "reasons", "language")
    list_select_related = ("speaker", "on_behalf_of")
    search_fields = ("text", "text_original", "speaker__name", "speaker__names__name", "speaker_role")
    date_hierarchy = "said_on_latest"
    autocomplete_fields = ("speaker", "on_behalf_of")
    filter_horizontal = ("reasons",)
    inlines = (QuoteCitationInline,)
    fieldsets = (
        (None, {"fields": ("text", "text_original", ("language", "translated_by"))}),
        ("Who said it", {"fields": ("speaker", "speaker_role", "on_behalf_of", "said_on")}),
        (
            "What it explains",
            {"fields": ("reasons",), "description": "Only reasons that these words give, as the reason is defined."},
        ),
    )


@admin.register(QuoteCitation)
class QuoteCitationAdmin(CitationAdmin):
    sheet = QuoteCitationSheet
    record_named_by = ("quote",)
    search_fields = (*CitationAdmin.search_fields, "quote__text", "quote__text_original")
    what_fields = ("quote", *QuoteCitationInline.what_fields)


@admin.register(ActorName)
class ActorNameAdmin(PublishableAdmin):
    """Spellings, apart from their actors."""

    list_display = ("name", "actor", "state")
    list_filter = ("state",)
    list_select_related = ("actor",)
    search_fields = ("name", "name_key", "actor__name")
    autocomplete_fields = ("actor",)
    fieldsets = ((None, {"fields": ("actor", "name")}),)


@admin.register(Authorship)
class AuthorshipAdmin(PublishableAdmin):
    """Authors, apart from their sources."""

    list_display = ("id", "source", "author", "position", "state")
    list_filter = ("state",)
    list_select_related = ("source", "author")
    search_fields = ("source__title", "source__title_original", "author__name")
    autocomplete_fields = ("source", "author")
    fieldsets = ((None, {"fields": ("source", "author", "position")}),)


@admin.register(Reference)
class ReferenceAdmin(PublishableAdmin):
    """One source naming another in general, such as an endnote."""

    sheet = ReferenceSheet

    list_display = ("id", "source", "cited_source", "label", "note", "state")
    list_filter = ("state",)
    list_select_related = ("source", "cited_source")
    search_fields = ("source__title", "cited_source__title", "cited_source__title_original", "label", "note")
    autocomplete_fields = ("source", "cited_source")
    fieldsets = ((None, {"fields": ("source", "cited_source", "label", "note")}),)
