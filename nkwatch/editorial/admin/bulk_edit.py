"""The pages of a bulk edit: choose fields and values, look at what each record becomes, confirm with a reason."""

import copy
import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import ngettext_lazy

from nkwatch.editorial import bulk_edit, desk
from nkwatch.editorial.bulk_edit import Fate, How, Row, Setting
from nkwatch.editorial.history import concurrency
from nkwatch.editorial.models.numbers import numbered
from nkwatch.editorial.words import counted, number_in_words

AT_MOST = 500
CARRIED = ("set_", "value_", "how_", "number_")
SEPARATORS = re.compile(r"[\s,;]+")


RECORDS = ngettext_lazy("%(words)s record", "%(words)s records", "number")


class ConfirmForm(forms.Form):
    """Why many records change at once."""

    reason = forms.CharField(
        label="Reason for the change",
        max_length=100,
        help_text="One line, kept with every version: “languages filled in from the outlets”.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class FieldsForm(forms.Form):
    """Which fields to set, and to what; made from the fields of the record's own form."""

    def __init__(self, *args: Any, model: type[models.Model], asked: dict[str, forms.Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.model, self.asked = model, asked
        for name, field in asked.items():
            self._ask(name, field)

    def _ask(self, name: str, field: forms.Field) -> None:
        value = copy.deepcopy(field)
        value.required = False
        if isinstance(value.widget, RelatedFieldWidgetWrapper):
            value.widget = value.widget.widget
        value.label = f"New value of “{field.label}”"
        self.fields[f"set_{name}"] = forms.BooleanField(required=False, label=field.label)
        if isinstance(field, forms.ModelMultipleChoiceField):
            self.fields[f"how_{name}"] = forms.ChoiceField(
                choices=How.choices, initial=How.ADD, required=False, label=f"What to do with “{field.label}”"
            )
        self.fields[f"value_{name}"] = value
        if isinstance(field, forms.ModelChoiceField):
            self.fields[f"number_{name}"] = forms.CharField(
                required=False, label=f"“{field.label}” by number or code", widget=forms.TextInput
            )

    def rows(self) -> list[dict[str, Any]]:
        """The fields as the page shows them."""
        kinds = {"chosen": "set_", "how": "how_", "value": "value_", "number": "number_"}
        return [
            {kind: self[start + name] if start + name in self.fields else None for kind, start in kinds.items()}
            for name in self.asked
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen = [name for name in self.asked if cleaned.get(f"set_{name}")]
        for name, field in self.asked.items():
            if name in chosen:
                self._take_number(name, cleaned)
                if field.required and not cleaned.get(f"value_{name}") and f"value_{name}" not in self.errors:
                    self.add_error(f"value_{name}", f"“{field.label}” is never empty: give a value.")
            elif self._is_given(name) or cleaned.get(f"number_{name}"):
                self.add_error(f"value_{name}", f"Tick “{field.label}” to set it, or take out what is given here.")
        if not chosen and not self.errors:
            raise ValidationError("Tick at least one field to set.")
        return cleaned

    def _is_given(self, name: str) -> bool:
        """Whether something was typed for a field that is not ticked; a select that has no blank says nothing."""
        return f"value_{name}" in self.data and f"value_{name}" in self.changed_data

    def _take_number(self, name: str, cleaned: dict[str, Any]) -> None:
        """Without script nothing can be looked up while typing: a number or code names what is meant."""
        words = [word for word in SEPARATORS.split(cleaned.get(f"number_{name}") or "") if word]
        if not words:
            return
        related: Any = self.model._meta.get_field(name).related_model
        found = []
        for word in words:
            record = numbered(related, word) or _by_code(related, word)
            if record is None:
                kind = related._meta.verbose_name
                self.add_error(f"number_{name}", f"No {kind} “{word}” is on record: give its number or code.")
                return
            found.append(record)
        is_list = isinstance(self.asked[name], forms.ModelMultipleChoiceField)
        if not is_list and len(found) > 1:
            self.add_error(f"number_{name}", "Give one only.")
        cleaned[f"value_{name}"] = found if is_list else found[0]

    def settings(self) -> list[Setting]:
        """What was asked for, once the form is valid."""
        cleaned, settings = self.cleaned_data, []
        for name, field in self.asked.items():
            if cleaned[f"set_{name}"]:
                value = cleaned[f"value_{name}"]
                if isinstance(field, forms.ModelMultipleChoiceField):
                    ids = [row.pk for row in value]
                    settings.append(Setting(name, ids, cleaned[f"how_{name}"] or How.ADD))
                else:
                    is_text = isinstance(value, str)
                    settings.append(Setting(name, value.replace("\r\n", "\n") if is_text else value))
        return settings


def _by_code(model: Any, word: str) -> Any:
    """A record by its key as text (a country by ES), or by its slug."""
    key = next((field.name for field in model._meta.concrete_fields if field.name == "slug"), "pk")
    if key == "pk" and not isinstance(model._meta.pk, models.CharField):
        return None
    return model._base_manager.filter(**{key: word if key == "slug" else word.upper()}).first()


class BulkEdit:
    """For an admin of publishable records: an action that edits chosen fields of a selection."""

    bulk_fields: ClassVar[Sequence[str] | None] = None
    """Which fields may be set for many records at once; by default the short ones of the form."""

    def get_bulk_fields(self, request: HttpRequest) -> dict[str, forms.Field]:
        """The fields of the record's form that may be set for many: no long texts, nothing that is unique."""
        offered = self.get_form(request, None).base_fields  # type: ignore[attr-defined]
        model: Any = self.model  # type: ignore[attr-defined]
        if self.bulk_fields is not None:
            return {name: offered[name] for name in self.bulk_fields if name in offered}
        shown = flatten_fieldsets(self.get_fieldsets(request, None))  # type: ignore[attr-defined]
        fields = {field.name: field for field in [*model._meta.concrete_fields, *model._meta.many_to_many]}
        return {
            name: offered[name]
            for name in shown
            if name in offered and name in fields
            if not fields[name].unique and not isinstance(fields[name], models.TextField)
        }

    @admin.action(description="Edit fields of the selection…", permissions=["change"])
    def bulk_edit(self, request: HttpRequest, queryset: models.QuerySet) -> HttpResponse | None:
        """Ask for the fields, show what each record becomes, and write it once it is confirmed."""
        found = queryset.count()
        if found > AT_MOST:
            said = f"{found:,} records are selected: choose at most {AT_MOST} to edit at once."
            self.message_user(request, said, messages.ERROR)  # type: ignore[attr-defined]
            return None
        asked = {"model": self.model, "asked": self.get_bulk_fields(request)}  # type: ignore[attr-defined]
        is_sent = any(name in request.POST for name in ("_preview", "_apply", "_back"))
        form = FieldsForm(request.POST if is_sent else None, **asked)
        confirm = ConfirmForm(request.POST if "_apply" in request.POST else None)
        if not is_sent or "_back" in request.POST or not form.is_valid():
            return self._bulk_edit_page(request, queryset, form=form, media=self.media + form.media)  # type: ignore[attr-defined]
        if "_apply" in request.POST and confirm.is_valid():
            self._apply(request, queryset, form.settings(), confirm.cleaned_data["reason"])
            return None
        return self._preview(request, queryset, form.settings(), confirm)

    def _preview(self, request: Any, queryset: Any, settings: list[Setting], confirm: ConfirmForm) -> HttpResponse:
        records = self._records(queryset)
        seen = request.POST.getlist("_previewed") or concurrency.carried(records, with_parts=False)
        rows = bulk_edit.preview(records, settings, request.user, self._may_change(request))
        told = bulk_edit.counts(rows)
        return self._bulk_edit_page(
            request,
            queryset,
            rows=rows,
            told=[(counted(number, RECORDS), fate) for fate, number in told.items()],
            going=told.get(Fate.CHANGED, 0) + told.get(Fate.PROPOSED, 0),
            previewed=seen,
            confirm=confirm,
            kept=[
                (name, value)
                for name in request.POST
                if name.startswith(CARRIED)
                for value in request.POST.getlist(name)
            ],
        )

    def _apply(self, request: Any, queryset: Any, settings: list[Setting], reason: str) -> None:
        records = self._records(
            queryset.model._base_manager.select_for_update().filter(pk__in=[r.pk for r in queryset])
        )
        changed = concurrency.Seen.read(request.POST.getlist("_previewed"), with_parts=False).changed(records)
        left_out = [Row(record, Fate.REFUSED, changed[record.pk]) for record in records if record.pk in changed]
        going = [record for record in records if record.pk not in changed]
        rows = [*left_out, *bulk_edit.apply(going, settings, request.user, self._may_change(request), reason)]
        for row in rows:
            if row.fate == Fate.REFUSED:
                self.message_user(request, f"{desk.named(row.record)} was left out: {row.why}", messages.WARNING)  # type: ignore[attr-defined]
        told = bulk_edit.counts(rows)
        words = {Fate.CHANGED: "changed", Fate.PROPOSED: "wait for a reviewer", Fate.SAME: "stayed as they were"}
        sentence = "; ".join(f"{told[fate]} {word}" for fate, word in words.items() if fate in told)
        if sentence:
            self.message_user(request, f"Of {len(rows)} selected: {sentence}.", messages.SUCCESS)  # type: ignore[attr-defined]

    def _records(self, queryset: Any) -> list[Any]:
        return list(queryset.order_by("pk"))

    def _may_change(self, request: HttpRequest) -> Any:
        return lambda record: self.has_change_permission(request, record)  # type: ignore[attr-defined]

    def _bulk_edit_page(self, request: Any, queryset: Any, **context: Any) -> HttpResponse:
        opts: Any = self.opts  # type: ignore[attr-defined]
        site: Any = self.admin_site  # type: ignore[attr-defined]
        records = self._records(queryset)
        selection = (
            f"{number_in_words(len(records))} {opts.verbose_name if len(records) == 1 else opts.verbose_name_plural}"
        )
        context = {
            **site.each_context(request),
            "title": f"Edit fields of {selection}",
            "opts": opts,
            "records": records,
            **context,
        }
        request.current_app = site.name
        return TemplateResponse(request, "admin/bulk_edit.html", context)
