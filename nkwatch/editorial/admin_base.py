"""The base of every admin here: Django's own, taught what a publishable record is (domain.md, rules 7 and 8).

Thin on purpose: what may be published, changed or deleted is decided by the records, by `desk`
and by `proposals`; what stands here asks them and tells people the answer.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminTextareaWidget, RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse

from nkwatch.editorial import desk, effects, proposals
from nkwatch.editorial.admin_bulk_edit import BulkEdit
from nkwatch.editorial.admin_merge_rows import MergeRows
from nkwatch.editorial.admin_notes import ShowsReturns
from nkwatch.editorial.admin_two_editors import RowsOfTwoEditors, TwoEditors
from nkwatch.editorial.admin_versions import VersionedAdmin
from nkwatch.editorial.admin_worklists import WorklistAdmin
from nkwatch.editorial.exports import SheetExport, as_file
from nkwatch.editorial.forms import CheckedForm, PartFormSet, ReasonForm, RecordForm, messages_of
from nkwatch.editorial.models import (
    NumberedRecord,
    ProposedChange,
    Publishable,
    State,
    id_that_stays,
    numbered,
    without_merged,
)
from nkwatch.editorial.sheets import SheetResource
from nkwatch.editorial.versions import changing

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


class PublishableAdmin(WorklistAdmin, ShowsReturns, TwoEditors, BulkEdit, MergeRows, DeskFields, VersionedAdmin):
    """A record on the desk: submit, publish, return, retract, propose, and its whole history."""

    form = RecordForm
    show_full_result_count = False
    list_per_page = 50
    sheet: ClassVar[type[SheetResource] | None] = None
    """The sheet that takes records of this kind, in whose columns a selection is downloaded."""

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

    # Changing

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refused = getattr(request, "refused", ())
        return form

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Add or change; what only saving can refuse (two new rows that contradict each other, a twin
        saved meanwhile) rolls everything back and comes back on the form, with what was typed."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except (ValidationError, IntegrityError) as error:
            request.refused = messages_of(error)  # type: ignore[attr-defined]
            request.proposed = []  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save through the model, so that its rules run; or propose, where rule 8 asks for it."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        stored = self.model._base_manager.get(pk=obj.pk)
        _keep_what_no_editor_sets(obj, stored, form)
        changes = _values(obj, form.fields, form.cleaned_data)
        reason = form.cleaned_data.get("change_reason", "")
        if proposals.must_propose(stored, request.user):
            form.save_m2m = lambda: None
            self.propose(request, stored, changes, reason)
        elif proposals.difference(stored, changes):
            lists = {field.name: changes[field.name] for field in obj._meta.many_to_many if field.name in changes}
            with changing(reason=reason):
                proposals.store_in_one_version(obj, lists)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save the rows below; one that readers see is changed as its own record would be."""
        formset.save(commit=False)
        reason = form.cleaned_data.get("change_reason", "")
        with changing(reason=reason):
            for row in formset.deleted_objects:
                row.delete()
            for row, names in formset.changed_objects:
                stored = type(row)._base_manager.get(pk=row.pk)
                values = _values(row, names, {})
                if proposals.must_propose(stored, request.user):
                    self.propose(request, stored, values, reason)
                elif proposals.difference(stored, values):
                    row.save()
            for row in formset.new_objects:
                row.save()
        formset.save_m2m()

    def propose(self, request: Any, record: Publishable, changes: dict[str, Any], reason: str) -> None:
        """Note a change for a reviewer, and remember to say so."""
        if proposed := proposals.propose(record, changes, request.user, reason):
            request.proposed = [*getattr(request, "proposed", []), proposed]

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        if proposed := getattr(request, "proposed", []):
            return f"Proposed: {'; '.join(', '.join(change.difference) for change in proposed)}."
        return super().construct_change_message(request, form, formsets, add)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        proposed = getattr(request, "proposed", [])
        if not proposed:
            return super().response_change(request, obj)
        self.message_user(request, _waiting_for_approval(proposed), messages.WARNING)
        return self.response_post_save_change(request, obj)

    # Deleting

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        been_public = obj is not None and obj.state in desk.BEEN_PUBLIC
        return not been_public and super().has_delete_permission(request, obj)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Delete a draft; of what has been public, say what to do instead."""
        record = self.get_object(request, unquote(object_id))
        if record is not None and record.state in desk.BEEN_PUBLIC and self.has_delete_permission(request):
            self.message_user(request, f"{desk.named(record)} {RETRACT_INSTEAD}.", messages.ERROR)
            return HttpResponseRedirect(
                reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[record.pk])
            )
        return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, list[Any]]:
        """What goes with `objs`, and what forbids it: whatever cites or uses them, and having been public."""
        to_delete, model_count, perms_needed, protected = super().get_deleted_objects(objs, request)
        public = [f"{desk.named(record)} {RETRACT_INSTEAD}" for record in objs if record.state in desk.BEEN_PUBLIC]
        users = [desk.named(user) for record in objs for user in record.used_by()]
        protected = [*protected, *users, *public]
        return to_delete, model_count, set() if protected else perms_needed, protected

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        with transaction.atomic():
            for record in queryset:
                record.delete()

    # Publishing

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return desk.may_publish(request.user, self.model)

    def missing_once_public(self, record: Any) -> str:
        """What a record lacks that can be known only once its parts are published; subclasses say."""
        return ""

    # Files

    @admin.action(description="Download as CSV", permissions=["view"])
    def download_csv(self, request: HttpRequest, queryset: models.QuerySet) -> HttpResponseBase:
        return self._as_file("csv", queryset)

    @admin.action(description="Download as XLSX", permissions=["view"])
    def download_xlsx(self, request: HttpRequest, queryset: models.QuerySet) -> HttpResponseBase:
        return self._as_file("xlsx", queryset)

    @admin.action(description="Download as JSON", permissions=["view"])
    def download_json(self, request: HttpRequest, queryset: models.QuerySet) -> HttpResponseBase:
        return self._as_file("json", queryset)

    def _as_file(self, ending: str, queryset: models.QuerySet) -> HttpResponseBase:
        """The selection, drafts included, in the columns of the sheet that takes such records."""
        assert self.sheet is not None, "the downloads are offered only where a sheet is"
        name = str(self.opts.verbose_name_plural).replace(" ", "-")
        return as_file(name, ending, SheetExport(self.sheet, public=False), queryset.order_by("pk"))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        offered = super().get_actions(request)
        return {name: action for name, action in offered.items() if self.sheet or not name.startswith("download_")}

    @admin.action(description="Submit for review", permissions=["change"])
    def submit(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        self._each(request, queryset, desk.submit_with_parts, "submitted for review")

    @admin.action(description="Withdraw (what you handed in)", permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        self._each(request, queryset, lambda record: desk.withdraw_with_parts(record, request.user), "withdrawn")

    @admin.action(description="Publish", permissions=["publish"])
    def publish(self, request: Any, queryset: models.QuerySet) -> None:
        def publish(record: Any) -> list[str]:
            if record.state == State.RETRACTED and proposals.must_propose(record, request.user):
                return _told(record, proposals.propose_publishing_again(record, request.user))
            if several and (problem := effects.refuse_publishing_with_others(record, request.user)):
                raise ValidationError(
                    f"{desk.named(record)} was not published with the others: {problem}. "
                    "Publish it alone, or approve it in the review queue."
                )
            notes = desk.publish_with_parts(record, request.user, self.missing_once_public)
            published.append(record)
            return notes

        several = queryset.count() > 1
        published: list[Any] = []
        self._each(request, queryset, publish, "published", published)

    @admin.action(description="Return to draft", permissions=["publish"])
    def return_to_draft(self, request: HttpRequest, queryset: models.QuerySet) -> HttpResponse | None:
        def hand_back(record: Any) -> list[str]:
            return desk.return_with_parts(record, request.user, form.cleaned_data["words"])

        form = asked_words(request, "Note to the author", "What is missing or wrong, and what would be accepted.")
        if form.is_valid():
            self._each(request, queryset, hand_back, "returned to draft")
            return None
        return ask_for_words(self, request, queryset, "return_to_draft", "Return to draft", form)

    @admin.action(description="Retract", permissions=["publish"])
    def retract(self, request: Any, queryset: models.QuerySet) -> HttpResponse | None:
        def retract(record: Any) -> list[str]:
            if proposals.must_propose(record, request.user) and record.state == State.PUBLISHED:
                reason = form.cleaned_data["words"]
                return _told(record, proposals.propose_retraction(record, request.user, reason))
            if several and (problem := effects.refuse_retracting_with_others(record, request.user)):
                raise ValidationError(
                    f"{desk.named(record)} was not retracted with the others: {problem}. Retract it alone."
                )
            desk.retract(record, form.cleaned_data["words"])
            return [f"{desk.named(record)} was retracted."]

        several = queryset.count() > 1
        form = asked_words(request, "Reason that readers are told", "They see it in place of the record, for good.")
        if form.is_valid():
            self._each(request, queryset, retract, "")
            return None
        return ask_for_words(self, request, queryset, "retract", "Retract", form)

    def _each(
        self,
        request: HttpRequest,
        queryset: Any,
        act: Callable[[Any], list[str]],
        done: str,
        did: list[Any] | None = None,
    ) -> None:
        """Do one thing to each record, alone: one that is refused says why and holds nobody up.

        `did` is where `act` notes what it did, when that is less than what it was not refused.

        A record may wait for another of the same selection (a ministry for its government), so
        those refused are asked again as long as any other went through.
        """
        waiting, went = list(queryset.values_list("pk", flat=True)), 0
        refused: list[str] = []
        progress = True
        while waiting and progress:
            left, refused = [], []
            for pk in waiting:
                try:
                    notes = act(self.model._base_manager.get(pk=pk))
                except ValidationError as error:
                    left.append(pk)
                    refused.extend(error.messages)
                else:
                    for note in notes:
                        self.message_user(request, note, messages.WARNING)
            progress = len(left) < len(waiting)
            went += len(waiting) - len(left)
            waiting = left
        went = went if did is None else len(did)
        for message in refused:
            self.message_user(request, message, messages.ERROR)
        if went and done:
            what = self.opts.verbose_name if went == 1 else self.opts.verbose_name_plural
            self.message_user(request, f"{went} {what} {done}.", messages.SUCCESS)


RETRACT_INSTEAD = "has been public: retract it, with a reason, instead of deleting it"


def ask_for_words(
    model_admin: admin.ModelAdmin, request: HttpRequest, queryset: Any, action: str, title: str, form: ReasonForm
) -> HttpResponse:
    """The page between an action and its effect, where the words that go with it are given."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.opts,
        "records": list(queryset),
        "action": action,
        "form": form,
    }
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, "admin/give_words.html", context)


def asked_words(request: HttpRequest, label: str, help_text: str) -> ReasonForm:
    data = request.POST if "words" in request.POST else None
    return ReasonForm(data, label=label, help_text=help_text)


def _keep_what_no_editor_sets(obj: Any, stored: Any, form: Any) -> None:
    """Take state, number and what is derived from the stored record: an old version must not bring its own."""
    for field in obj._meta.concrete_fields:
        if field.name not in form.fields:
            setattr(obj, field.attname, getattr(stored, field.attname))


def _values(obj: Any, names: Iterable[str], cleaned: dict[str, Any]) -> dict[str, Any]:
    """What a form wants `obj` to hold in the fields of `names`."""
    concrete = {field.name: getattr(obj, field.attname) for field in obj._meta.concrete_fields if field.name in names}
    lists = {field.name: cleaned[field.name] for field in obj._meta.many_to_many if field.name in cleaned}
    return concrete | lists


def _told(record: Publishable, proposed: ProposedChange | None) -> list[str]:
    if proposed is None:
        return [f"{desk.named(record)}: the same is proposed already, and waits for a reviewer."]
    return [_waiting_for_approval([proposed])]


def _waiting_for_approval(proposed: Sequence[ProposedChange]) -> str:
    named = "; ".join(desk.named(change.record) for change in proposed if change.record)
    return f"Your change waits for a reviewer, and readers see no difference until it is approved: {named}."
