"""What the desk itself keeps: proposed changes, and what imports did."""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from nkwatch.editorial import desk, proposals
from nkwatch.editorial.admin.actions import ask_for_words, asked_words
from nkwatch.editorial.admin.base import ViewOnly
from nkwatch.editorial.admin.forms import messages_of
from nkwatch.editorial.admin.worklists import WorklistAdmin
from nkwatch.editorial.models import ImportBatch, ImportRow, ProposedChange, PublicChange, Publishable, top_kinds
from nkwatch.editorial.public.words import summary
from nkwatch.editorial.review import effects
from nkwatch.editorial.review import queue as review
from nkwatch.editorial.roles import exceeds, roles_to_give

admin.site.site_header = "nkwatch: the desk"
admin.site.site_title = "nkwatch"
admin.site.index_title = "The record"


def records_of_any_kind() -> GenericPrefetch:
    """Prefetch `record` with what its name needs: one query a kind, however many rows are listed."""
    kinds = [model for model in apps.get_models() if issubclass(model, Publishable)]
    return GenericPrefetch("record", [kind._base_manager.select_related() for kind in kinds])


def edit_link(record: Any) -> str:
    """The record's name, as a link to where it is edited."""
    if record is None:
        return "no longer there"
    url = reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])
    return format_html('<a href="{}">{}</a>', url, desk.named(record))


admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Accounts: an administrator makes and closes them, and gives roles.

    Nobody gives rights that they do not hold, to themselves or others: only a superuser makes
    superusers, and gives rights one by one.
    """

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        kept_back = () if request.user.is_superuser else ("is_superuser", "user_permissions")
        return (*super().get_readonly_fields(request, obj), *kept_back)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["queryset"] = roles_to_give(request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        above = obj is not None and exceeds(obj, request.user)
        return not above and super().has_change_permission(request, obj)


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    """Roles, for administrators to look up; what each holds is code (`roles`), which only a superuser overrides."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(ProposedChange)
class ProposedChangeAdmin(ViewOnly, WorklistAdmin, admin.ModelAdmin):
    """Changes that wait for a second pair of eyes: what each would alter, and the two answers to it."""

    list_display = ("made", "about", "difference_in_words", "reason", "author", "state", "decided_by", "note")
    list_display_links = ("made",)
    list_filter = (
        "state",
        ("author", admin.RelatedOnlyFieldListFilter),
        ("record_type", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("author", "decided_by")
    search_fields = ("reason", "note", "author__username")
    date_hierarchy = "made"
    show_full_result_count = False
    list_per_page = 50
    actions = ("approve", "return_to_author")
    fields = ("about", "difference_in_words", "reason", ("author", "made"), "state", ("decided_by", "decided"), "note")
    readonly_fields = (
        "about",
        "difference_in_words",
        "reason",
        "author",
        "made",
        "state",
        "decided_by",
        "decided",
        "note",
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).prefetch_related(records_of_any_kind())

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        lines = proposals.in_words(list(changelist.result_list))
        for change in changelist.result_list:
            change.lines = lines[change.pk]
        return changelist

    @admin.display(description="record")
    def about(self, change: ProposedChange) -> str:
        return edit_link(change.record)

    @admin.display(description="change")
    def difference_in_words(self, change: Any) -> str:
        lines = change.lines if hasattr(change, "lines") else proposals.in_words([change])[change.pk]
        return format_html(
            "<ul>{}</ul>", format_html_join("", "<li><strong>{}</strong>: <del>{}</del> → <ins>{}</ins></li>", lines)
        )

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Whoever may publish anything; whether that holds for the record at hand is asked one by one."""
        return any("publish_" in permission for permission in request.user.get_all_permissions())

    @admin.action(description="Approve", permissions=["publish"])
    def approve(self, request: Any, queryset: models.QuerySet) -> None:
        several = queryset.count() > 1

        def approve(change: ProposedChange) -> None:
            row = review.find(f"{review.CHANGE}-{change.pk}", request.user) if several else None
            if row and (problem := effects.refuse_with_others(row)):
                raise ValidationError(
                    f"The change to {desk.named(row.record)} was not approved with the others: {problem}. "
                    "Approve it alone, here or in the review queue."
                )
            proposals.approve(change, request.user)

        self._decide(request, queryset, approve, "approved")

    @admin.action(description="Return to the author", permissions=["publish"])
    def return_to_author(self, request: Any, queryset: models.QuerySet) -> HttpResponse | None:
        form = asked_words(request, "Note to the author", "What is missing or wrong, and what would be accepted.")
        if not form.is_valid():
            return ask_for_words(self, request, queryset, "return_to_author", "Return to the author", form)
        note = form.cleaned_data["words"]
        self._decide(request, queryset, lambda change: proposals.return_(change, request.user, note), "returned")
        return None

    def _decide(self, request: HttpRequest, queryset: Any, act: Callable[[ProposedChange], None], done: str) -> None:
        decided = 0
        for change in queryset:
            try:
                act(change)
                decided += 1
            except ValidationError as error:
                for message in messages_of(error):
                    self.message_user(request, message, messages.ERROR)
        if decided:
            self.message_user(request, f"{decided} {'change' if decided == 1 else 'changes'} {done}.", messages.SUCCESS)


@admin.register(ImportBatch)
class ImportBatchAdmin(ViewOnly, WorklistAdmin, admin.ModelAdmin):
    """Imports, newest first."""

    list_display = ("id", "file", "door", "user", "stage", "started", "new", "changed", "unchanged", "pages")
    list_filter = ("door", "stage")
    readonly_fields = ("pages", "rows_link")
    list_select_related = ("user",)
    search_fields = ("file", "digest")
    date_hierarchy = "started"
    show_full_result_count = False

    @admin.display(description="its pages")
    def pages(self, batch: ImportBatch) -> str:
        """Where the import's own pages begin, by name: what they are is for the app that takes sheets."""
        return format_html('<a href="{}">open</a>', reverse("admin:missions_import_batch", args=[batch.pk]))

    @admin.display(description="rows")
    def rows_link(self, batch: ImportBatch) -> str:
        url = reverse("admin:editorial_importrow_changelist")
        return format_html('<a href="{}?batch__id__exact={}">rows</a>', url, batch.pk)


@admin.register(ImportRow)
class ImportRowAdmin(ViewOnly, admin.ModelAdmin):
    """What each row of a sheet did."""

    list_display = ("batch", "sheet", "row", "outcome", "about")
    list_filter = ("outcome", ("record_type", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("batch",)
    search_fields = ("sheet", "batch__file")
    show_full_result_count = False
    list_per_page = 50
    fields = readonly_fields = ("batch", "sheet", "row", "outcome", "about")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).prefetch_related(records_of_any_kind())

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup == "batch__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description="record")
    def about(self, row: ImportRow) -> str:
        return edit_link(row.record)


@admin.register(PublicChange)
class PublicChangeAdmin(ViewOnly, admin.ModelAdmin):
    """What readers are told of changes: derived, but for why and who told us, which those who publish write."""

    list_display = ("made", "kind", "what", "changed", "why", "told_by")
    list_filter = ("kind", "record_type")
    list_per_page = 50
    show_full_result_count = False
    fields = ("made", "kind", "what", "changed", "why", "told_by")
    readonly_fields = ("made", "kind", "what", "changed")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("record_type").prefetch_related(records_of_any_kind())

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return any(request.user.has_perm(f"{m._meta.app_label}.view_{m._meta.model_name}") for m in top_kinds())

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Those who publish records of its kind."""
        kinds = top_kinds() if obj is None else (obj.record_type.model_class(),)
        return any(desk.may_publish(request.user, kind) for kind in kinds)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store the words alone, since all else may be derived anew meanwhile; and only where they changed."""
        if form.changed_data:
            obj.save(update_fields=form.changed_data)

    @admin.display(description="record")
    def what(self, change: PublicChange) -> str:
        return edit_link(change.record)

    @admin.display(description="what changed")
    def changed(self, change: PublicChange) -> str:
        return change.reason or summary(change.record_type.model_class(), change.difference)
