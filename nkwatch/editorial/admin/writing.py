"""Adding, changing and deleting on the desk: through the model's rules, or as a proposal (domain.md, rules 7 and 8)."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from nkwatch.editorial import desk, proposals
from nkwatch.editorial.admin.forms import messages_of
from nkwatch.editorial.admin.versions import VersionedAdmin
from nkwatch.editorial.models import Publishable
from nkwatch.editorial.versions import changing

RETRACT_INSTEAD = "has been public: retract it, with a reason, instead of deleting it"


class WritesRecords(VersionedAdmin):
    """Saves a publishable record and the rows below it, and deletes drafts."""

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
        self.message_user(request, proposals.waiting_for_approval(proposed), messages.WARNING)
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
