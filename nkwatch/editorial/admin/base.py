"""The base of every admin here: Django's own, taught what a publishable record is (domain.md, rules 7 and 8).

Thin on purpose: what may be published, changed or deleted is decided by the records, by `desk`
and by `proposals`; what stands here asks them and tells people the answer.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget, RelatedFieldWidgetWrapper
from django.db import models
from django.http import HttpRequest

from nkwatch.editorial import desk, proposals
from nkwatch.editorial.admin.actions import PublishingActions
from nkwatch.editorial.admin.bulk_edit import BulkEdit
from nkwatch.editorial.admin.downloads import Downloads
from nkwatch.editorial.admin.forms import CheckedForm, PartFormSet, RecordForm
from nkwatch.editorial.admin.merge_rows import MergeRows
from nkwatch.editorial.admin.notes import ShowsReturns
from nkwatch.editorial.admin.two_editors import RowsOfTwoEditors, TwoEditors
from nkwatch.editorial.admin.versions import VersionedAdmin
from nkwatch.editorial.admin.worklists import WorklistAdmin
from nkwatch.editorial.admin.writing import WritesRecords
from nkwatch.editorial.models import NumberedRecord, State, id_that_stays, numbered, without_merged

NUMBER = re.compile(r"(?:(?P<prefix>[A-Z])-)?(?P<digits>\d{1,9})", re.IGNORECASE)
DRAFT = re.compile(r"draft-(?P<digits>\d{1,9})", re.IGNORECASE)


class DeskFields:
    """How fields are asked for: a relation not found is named, and nothing related is deleted in passing."""

    formfield_overrides: ClassVar[Mapping[type[Any], Mapping[str, Any]]] = {
        models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 4})}
    }

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kind = db_field.related_model._meta.verbose_name
        kwargs["error_messages"] = {
            "invalid_choice": f"No {kind} “%(value)s” is on record: type part of its name and choose from the list."
        }
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = False
        return field


class PartInline(RowsOfTwoEditors, DeskFields, admin.StackedInline):
    """Rows below a record, each with its own state; a new row is a draft, whatever stands above it."""

    form = CheckedForm
    formset = PartFormSet
    extra = 0
    show_change_link = True
    readonly_fields = ("state",)


class ViewOnly:
    """For what rules and machines write: everybody looks, nobody edits."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PublishableAdmin(
    WritesRecords,
    PublishingActions,
    Downloads,
    WorklistAdmin,
    ShowsReturns,
    TwoEditors,
    BulkEdit,
    MergeRows,
    DeskFields,
    VersionedAdmin,
):
    """A record on the desk: submit, publish, return, retract, propose, and its whole history."""

    form = RecordForm
    show_full_result_count = False
    list_per_page = 50
    actions: Sequence[Any] = (
        "submit",
        "withdraw",
        "publish",
        "return_to_draft",
        "retract",
        "bulk_edit",
        "download_csv",
        "download_xlsx",
        "download_json",
    )

    # What is shown

    @admin.display(description="number", ordering="number")
    def number_label(self, record: NumberedRecord) -> str:
        return record.label

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """The model's own fields, then where the record stands and, once public, why it changes."""
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj is None:
            return fieldsets
        shown = ["state", ("created", "updated")]
        if issubclass(self.model, NumberedRecord):
            shown.insert(0, "number_label")
        if obj.state == State.RETRACTED:
            shown.insert(2, "retraction_reason")
        fieldsets.append(("On the desk", {"fields": shown}))
        if obj.state in desk.BEEN_PUBLIC and self.has_change_permission(request, obj):
            description = (
                "Readers see this record. What you change here waits until another reviewer approves it."
                if proposals.must_propose(obj, request.user)
                else "Readers see this record. What you change here they see at once."
            )
            fieldsets.append(("Why", {"fields": ["change_reason"], "description": description}))
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        shown = ["number_label", "state", "retraction_reason", "created", "updated"]
        return [*super().get_readonly_fields(request, obj), *shown]

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """Only what readers can see has a page to go to."""
        return obj.get_absolute_url() if obj and hasattr(obj, "get_absolute_url") and obj.is_public else None

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet, search_term: str
    ) -> tuple[models.QuerySet, bool]:
        """Search as the model says, and by number: M-0017, 17, draft-12; of what was merged, find what stays."""
        term = search_term.strip()
        queryset = without_merged(queryset)
        if draft := DRAFT.fullmatch(term):
            pk = int(draft["digits"])
            if (stays := id_that_stays(self.model, pk)) != pk:
                return queryset.filter(pk=stays), False
            return queryset.filter(pk=pk, state__in=desk.WAITING), False
        number = NUMBER.fullmatch(term) if issubclass(self.model, NumberedRecord) else None
        if number and number["prefix"]:
            meant = numbered(self.model, term.upper())
            return (queryset.filter(pk=meant.pk) if meant else queryset.none()), False
        found, may_have_duplicates = super().get_search_results(request, queryset, search_term)
        if number:
            meant = numbered(self.model, f"{self.model.prefix}-{term}")
            found = found | queryset.filter(pk=meant.pk if meant else None)
        return found, may_have_duplicates
