"""The form by which a reader sends a source or a correction."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nkwatch.site.models import Suggestion
from nkwatch.site.records import record_seen
from sources.addresses import is_private

PRIVATE = _("This address leads into a private network, where nobody else can follow it.")


class SuggestionForm(forms.ModelForm):
    """`website` is for machines alone: whoever fills it in is thanked, and nothing is kept."""

    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    class Meta:
        model = Suggestion
        fields = ("about", "url", "text", "name", "may_be_named", "email")
        labels = {"name": _("Your name (optional)"), "email": _("Your e-mail address (optional)")}
        widgets = {
            "about": forms.TextInput(attrs={"autocomplete": "off", "placeholder": "M-0017"}),
            "url": forms.URLInput(attrs={"placeholder": "https://"}),
            "text": forms.Textarea(attrs={"rows": 8}),
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for name, field in self.fields.items():
            field.widget.attrs["id"] = f"suggest-{name}"
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"suggest-{name}-help"
            if self.is_bound and name in self.errors:
                described = field.widget.attrs.get("aria-describedby", "")
                field.widget.attrs |= {
                    "aria-invalid": "true",
                    "aria-describedby": f"{described} suggest-{name}-error".strip(),
                }

    def clean_about(self) -> str:
        typed = self.cleaned_data["about"].strip()
        if not typed:
            return ""
        record = record_seen(typed)
        if record is None:
            raise forms.ValidationError(
                _("No record has the number “%(typed)s”. It looks like M-0017; leave it empty if you do not know it."),
                params={"typed": typed},
            )
        return record.label

    def clean_url(self) -> str:
        url = self.cleaned_data["url"].strip()
        if is_private(url):
            raise forms.ValidationError(PRIVATE)
        return url

    def clean_text(self) -> str:
        return self.cleaned_data["text"].replace("\r\n", "\n").strip()

    @property
    def is_from_a_machine(self) -> bool:
        return bool(self.cleaned_data.get("website"))
