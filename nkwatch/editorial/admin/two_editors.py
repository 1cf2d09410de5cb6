"""Two editors on one form: the second save shows what the first changed, and loses nothing (pages.md, B).

The form carries the version it was loaded from, and so does each row below it. Where one of them has
a newer version on save, nothing is written: the page comes back with what was typed, with what only
the other editor changed taken over, and with a choice where both changed the same field.
"""

import copy
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from nkwatch.editorial import desk
from nkwatch.editorial.admin.forms import CheckedForm
from nkwatch.editorial.history import concurrency
from nkwatch.editorial.history.meanwhile import CHOICE, SEEN, THEIRS, Meanwhile, Rows, as_sent, number_of


class RowsOfTwoEditors:
    """For the rows below such a record: each carries the version it was loaded from."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fieldsets = list(super().get_fieldsets(request, obj))  # type: ignore[misc]
        if self.has_change_permission(request, obj):  # type: ignore[attr-defined]
            fieldsets.append((None, {"fields": [SEEN], "classes": ["hidden"]}))
        return fieldsets

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)  # type: ignore[misc]
        formset.form.marks = getattr(request, "marks", {})
        return formset


class TwoEditors:
    """For an admin of publishable records: what somebody else changed meanwhile is shown, not written over."""

    change_form_template = "admin/record_form.html"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The record, with the version that is shown; looked up before it, so that it cannot be newer."""
        pk = number_of([object_id]) if not from_field else None
        seen = concurrency.newest_ids(self.model, [pk]).get(pk) if pk is not None else None  # type: ignore[attr-defined]
        record = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        if record is not None:
            record.seen_version = seen
        return record

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Besides what is shown, the version that the form was loaded from."""
        fieldsets = list(super().get_fieldsets(request, obj))  # type: ignore[misc]
        if obj is not None and self.has_change_permission(request, obj):  # type: ignore[attr-defined]
            fieldsets.append((None, {"fields": [SEEN], "classes": ["hidden"]}))
        return fieldsets

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]
        form.marks = getattr(request, "marks", {})
        return form

    def changeform_view(
        self, request: Any, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a record's form, or save it unless somebody else has changed what it shows."""
        context = dict(extra_context or {})
        view = super().changeform_view  # type: ignore[misc]
        if object_id is None or "_saveasnew" in request.POST:
            return view(request, object_id, form_url, context)
        if request.method != "POST":
            record = self.get_object(request, unquote(object_id))
            if record is not None:
                context["recent_change"] = concurrency.recent_change(record, request.user)
            return view(request, object_id, form_url, context)
        with transaction.atomic():
            concurrency.one_save_at_a_time()
            record = self.get_object(request, unquote(object_id))
            if record is None:
                return self._deleted_meanwhile(request, object_id, context)
            if self.has_change_permission(request, record):  # type: ignore[attr-defined]
                context["meanwhile"] = self._meanwhile(request, record)
            return view(request, object_id, form_url, context)

    def _meanwhile(self, request: Any, record: Any) -> Meanwhile | None:
        """What others did since the form was loaded; the form in `request` is merged with it, and will be refused."""
        list(self.model._base_manager.select_for_update().filter(pk=record.pk).order_by())  # type: ignore[attr-defined]
        form_class = self.get_form(request, record, change=True)
        formsets = list(self._formsets_of_parts(request, record))
        data = request.POST.copy()
        self._take_theirs(data, record, form_class, formsets)
        found = Meanwhile(data, request.user)
        sent = {name: data.getlist(name) for name in [*form_class.base_fields, SEEN] if name in data}
        found.compare(self.model, form_class, record.pk, "", sent)  # type: ignore[attr-defined]
        for name, values in sent.items():
            found.data.setlist(name, values)
        for formset_class, prefix in formsets:
            found.compare_rows(formset_class, prefix, record)
        request.POST = found.data
        if not found:
            return None
        request.refused = [*getattr(request, "refused", ()), found.message]
        request.marks = found.marks
        return found

    def _formsets_of_parts(self, request: HttpRequest, record: Any) -> Any:
        """The formsets below a record whose rows editors change, with the names under which they are sent."""
        for formset_class, inline in self.get_formsets_with_inlines(request, record):  # type: ignore[attr-defined]
            if issubclass(formset_class.form, CheckedForm) and inline.has_change_permission(request, record):
                yield formset_class, formset_class.get_default_prefix()

    def _take_theirs(self, data: QueryDict, record: Any, form_class: Any, formsets: list[Any]) -> None:
        """Do as was chosen on the page that showed both: where the choice is theirs, what stood there goes in."""
        chosen = {key[len(CHOICE) :] for key in data if key.startswith(CHOICE) and data[key] == THEIRS}
        places = [(self.model, form_class, record.pk, "")]  # type: ignore[attr-defined]
        for formset_class, prefix in formsets:
            model = formset_class.model
            for number, sent in enumerate(Rows(data, prefix).stored):
                places.append(
                    (model, formset_class.form, number_of(sent.get(model._meta.pk.name)), f"{prefix}-{number}-")
                )
        for model, form, pk, start in places:
            names = {name for name in form.base_fields if f"{start}{name}" in chosen}
            seen = number_of(data.getlist(f"{start}{SEEN}"))
            kept = concurrency.version(model, pk, seen) if names and pk and seen else None
            for name, values in (as_sent(form(instance=kept.instance)) if kept else {}).items():
                if name in names:
                    data.setlist(f"{start}{name}", values)
        for _, prefix in formsets:
            rows = Rows(data, prefix)
            for number in range(len(rows.stored), len(rows.stored) + len(rows.new)):
                if f"{prefix}-{number}" in chosen:
                    data[f"{prefix}-{number}-DELETE"] = "on"

    def _deleted_meanwhile(self, request: Any, object_id: str, context: dict[str, Any]) -> HttpResponse:
        """The record is gone: what was typed comes back as a new one, to be added or left."""
        opts: Any = self.opts  # type: ignore[attr-defined]
        view = super().changeform_view  # type: ignore[misc]
        pk = unquote(object_id)
        removal = concurrency.removal_of(self.model, pk) if pk.isdecimal() else None  # type: ignore[attr-defined]
        if removal is None or not self.has_add_permission(request):  # type: ignore[attr-defined]
            return view(request, object_id, "", context)
        data = request.POST.copy()
        for key in ("_continue", "_addanother", "_save", SEEN):
            data.pop(key, None)
        for formset_class, prefix in self._formsets_of_parts(request, None):
            rows = Rows(data, prefix)
            drop = (formset_class.model._meta.pk.name, SEEN, formset_class.fk.name, "DELETE")
            stored = [{name: values for name, values in row.items() if name not in drop} for row in rows.stored]
            rows.stored, rows.new = [], [*stored, *rows.new]
            rows.put_back()
        request.POST = data
        request.refused = [
            f"{str(opts.verbose_name).capitalize()} {pk} was deleted by {concurrency.said_by(removal, request.user)}. "
            "What you typed stands below: saving adds it as a new record."
        ]
        add = reverse(f"admin:{opts.app_label}_{opts.model_name}_add")
        return view(request, None, add, context)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """After “save and go to the next”: the next record of the list that the form was opened from."""
        if "_next" in request.POST and (following := self._following(request, obj)):
            opts: Any = self.opts  # type: ignore[attr-defined]
            page = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[following])
            filters = {"preserved_filters": self.get_preserved_filters(request), "opts": opts}  # type: ignore[attr-defined]
            return HttpResponseRedirect(add_preserved_filters(filters, page))
        return super().response_post_save_change(request, obj)  # type: ignore[misc]

    def _following(self, request: Any, record: Any) -> Any:
        """The key of the record after this one, in the list as it was filtered and ordered; None after the last."""
        shown = copy.copy(request)
        shown.method, shown.GET = "GET", QueryDict(request.GET.get("_changelist_filters", ""))
        keys = list(super().get_changelist_instance(shown).queryset.values_list("pk", flat=True))  # type: ignore[misc]
        place = keys.index(record.pk) + 1 if record.pk in keys else 0
        return keys[place] if place < len(keys) else None

    # Actions on a selection

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, each row with the versions that it shows."""
        changelist = super().get_changelist_instance(request)  # type: ignore[misc]
        if request.method == "GET":
            seen = concurrency.fingerprints(list(changelist.result_list))
            for record in changelist.result_list:
                record.seen = f"{record.pk}:{seen[record.pk]}"
        return changelist

    @admin.display(
        description=mark_safe('<input type="checkbox" id="action-toggle" aria-label="Select all records of this page">')
    )
    def action_checkbox(self, record: Any) -> str:
        box = super().action_checkbox(record)  # type: ignore[misc]
        return format_html('{}<input type="hidden" name="_seen" value="{}">', box, getattr(record, "seen", ""))

    def response_action(self, request: HttpRequest, queryset: Any) -> Any:
        """Act on the selection, but for what has changed since the page was shown: that is left out, and said."""
        respond = super().response_action  # type: ignore[misc]
        if any(action.startswith("download_") for action in request.POST.getlist("action")):
            return respond(request, queryset)
        with transaction.atomic():
            concurrency.one_save_at_a_time()
            selected = queryset.filter(pk__in=request.POST.getlist(ACTION_CHECKBOX_NAME))
            records = list(selected)
            changed = concurrency.Seen.read(request.POST.getlist("_seen")).changed(records)
            for record in records:
                if record.pk in changed:
                    said = f"{desk.named(record)} was left out: {changed[record.pk]}."
                    self.message_user(request, said, messages.WARNING)  # type: ignore[attr-defined]
            if changed and len(changed) == len(records):
                return HttpResponseRedirect(request.get_full_path())
            response = respond(request, queryset.exclude(pk__in=changed) if changed else queryset)
            if isinstance(response, TemplateResponse) and response.context_data is not None:
                response.context_data["seen"] = request.POST.getlist("_seen") or concurrency.carried(records)
            return response

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Delete a draft, unless somebody has changed it since the page asked whether to."""
        record = self.get_object(request, unquote(object_id))
        if request.method != "POST":
            context = {**(extra_context or {}), "seen": concurrency.carried([record] if record else [])}
            return super().delete_view(request, object_id, context)  # type: ignore[misc]
        with transaction.atomic():
            concurrency.one_save_at_a_time()
            changed = concurrency.Seen.read(request.POST.getlist("_seen")).changed([record] if record else [])
            for why in changed.values():
                self.message_user(request, f"{desk.named(record)} was not deleted: {why}.", messages.ERROR)  # type: ignore[attr-defined]
                opts: Any = self.opts  # type: ignore[attr-defined]
                return HttpResponseRedirect(
                    reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[record.pk])
                )
            return super().delete_view(request, object_id, extra_context)  # type: ignore[misc]
