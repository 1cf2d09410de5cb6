"""Forms of the desk: they refuse what the models refuse, in the models' words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models
from django.utils.html import format_html

from nkwatch.editorial import proposals
from nkwatch.editorial.desk import BEEN_PUBLIC
from nkwatch.editorial.history.concurrency import newest_ids_below

LONGEST_REASON = 500
ASKED_WHY = "Readers see what you changed: say why in a few words."


class SeenVersionField(forms.IntegerField):
    """The version that a form was loaded from, carried along; never a change of its own."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class CheckedForm(forms.ModelForm):
    """A form that asks the whole record whether it holds, not only the fields on the page.

    A model's `save` validates everything; asking it here turns what it would refuse into a message
    beside the field. `refused` holds what only saving could find out (see `PublishableAdmin`).
    """

    refused: ClassVar[Sequence[str]] = ()
    marks: ClassVar[Mapping[str, str]] = {}
    """What to say beside fields, by the names under which they are sent."""

    seen_version = SeenVersionField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = _lists_of_version(kwargs.get("instance")) | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if mark := self.marks.get(self.add_prefix(name)):
                field.help_text = format_html('<strong class="taken-over">{}</strong> {}', mark, field.help_text)

    def clean(self) -> dict[str, Any]:
        """Keep line ends as the record has them; browsers send others."""
        cleaned = super().clean() or self.cleaned_data
        for name, value in cleaned.items():
            if isinstance(value, str):
                cleaned[name] = value.replace("\r\n", "\n")
        for message in self.refused:
            self.add_error(None, message)
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            self.instance.full_clean(exclude=self._not_saved_yet())
        except ValidationError as error:
            for name, messages in error.error_dict.items():
                self.add_error(name if name in self.fields else None, messages)

    def _not_saved_yet(self) -> set[str]:
        """Relations to a record that is made in the same request, and has no id to check yet."""
        return {
            field.name
            for field in self.instance._meta.concrete_fields
            if isinstance(field, models.ForeignKey)
            and field.is_cached(self.instance)
            and getattr(field.get_cached_value(self.instance), "pk", True) is None
        }


def _lists_of_version(instance: Any) -> dict[str, Any]:
    """The many-valued fields as a version had them, when a form is made of one to compare it."""
    version = getattr(instance, "_history", None)
    if version is None:
        return {}
    return {
        field.name: [getattr(row, f"{field.m2m_reverse_field_name()}_id") for row in getattr(version, field.name).all()]
        for field in version._history_m2m_fields
    }


def changes_what_readers_see(form: forms.ModelForm) -> bool:
    """Whether a form that holds would change a record which has been public; how lines end is no change."""
    record = form.instance
    if not record.pk or record.state not in BEEN_PUBLIC or not form.has_changed():
        return False
    stored = type(record)._base_manager.get(pk=record.pk)
    altered = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
    own = {field.name for field in (*record._meta.concrete_fields, *record._meta.many_to_many)}
    return bool(proposals.difference(stored, {name: value for name, value in altered.items() if name in own}))


class RecordForm(CheckedForm):
    """The form of a record, with room to say why it changes: required where readers see the change (rule 7)."""

    change_reason = forms.CharField(
        label="Reason for the change",
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Kept with the version: “date corrected from the embassy's note”. "
        "Required when you change what readers see, here or in the rows below.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen_version"] = getattr(self.instance, "seen_version", None)

    def _post_clean(self) -> None:
        super()._post_clean()
        lacks_reason = "change_reason" in self.fields and not self.cleaned_data.get("change_reason", "").strip()
        if lacks_reason and not self.errors and changes_what_readers_see(self):
            self.add_error("change_reason", ASKED_WHY)


class PartFormSet(forms.BaseInlineFormSet):
    """The rows below a record; those that have been public are retracted, never deleted, and changed for a reason."""

    def get_queryset(self) -> Any:
        """The rows; their versions are looked up before them, so that none can be newer than what is shown."""
        if self._versions is None:
            assert self.model is not None, "a formset is made for a model"
            self._versions = newest_ids_below(self.model, self.fk.name, self.instance.pk)
        return super().get_queryset()

    _versions: dict[Any, int] | None = None

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if form.instance.pk:
            form.initial["seen_version"] = (self._versions or {}).get(form.instance.pk)
        if "DELETE" in form.fields and form.instance.pk and form.instance.state in BEEN_PUBLIC:
            form.fields["DELETE"].disabled = True

    def clean(self) -> None:
        super().clean()
        if any(self.errors) or (self.data or {}).get("change_reason", "").strip():
            return
        seen = [form for form in self.initial_forms if changes_what_readers_see(form)]
        if seen:
            named = ", ".join(str(form.instance) for form in seen)
            raise ValidationError(f"{ASKED_WHY} It is asked above, under “Why”. Changed here: {named}.")


class RevertForm(forms.Form):
    """Asks why a record is put back; `latest` is the moment up to which its past was shown."""

    latest = forms.CharField(required=False, widget=forms.HiddenInput)
    change_reason = forms.CharField(
        label="Reason for the change",
        max_length=LONGEST_REASON,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Kept with the versions that this makes.",
        error_messages={"required": "Readers see what changes: say why in a few words."},
    )

    def __init__(self, *args: Any, needs_reason: bool, refused: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["change_reason"].required = needs_reason
        self.refused = refused

    def clean(self) -> dict[str, Any]:
        """What was refused when it was last tried stands above the form."""
        for message in self.refused:
            self.add_error(None, message)
        return self.cleaned_data


class ReasonForm(forms.Form):
    """Asks for the words that go with a decision; each use gives its own label and help."""

    words = forms.CharField(widget=forms.Textarea(attrs={"class": "vLargeTextField", "rows": 4}))

    def __init__(self, *args: Any, label: str, help_text: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].label = label
        self.fields["words"].help_text = help_text
        self.fields["words"].error_messages["required"] = f"{label}: say it in a sentence."


def messages_of(error: Exception) -> list[str]:
    """What was wrong, for people; a field that is not on the page is named."""
    if isinstance(error, IntegrityError):
        return ["This stands already: somebody saved the same a moment ago. Look it up, and go on from there."]
    assert isinstance(error, ValidationError)
    if not hasattr(error, "error_dict"):
        return error.messages
    return [
        message if name == NON_FIELD_ERRORS else f"{name.replace('_', ' ').capitalize()}: {message}"
        for name, listed in error.message_dict.items()
        for message in listed
    ]
