"""The wizard's first page: a file or pasted rows, and the imports that one has not finished."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import slugify

from missions.admin_import.steps import UNDER_WAY, WAITING, may_import, page, to
from missions.importing.files import receive
from missions.importing.imports import EVENTS, KINDS, UnreadableFileError
from missions.importing.jobs import remove_old_uploads
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.models import ImportBatch

PASTED = "pasted rows"
UNFINISHED_SHOWN = 20
TEMPLATE_ENDINGS = ("xlsx", "csv")


class UploadForm(forms.Form):
    """What to import: a file or pasted rows, and what its rows are."""

    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        help_text="CSV, TSV, XLSX or ODS. Nothing is written before you have seen what would be.",
    )
    pasted = forms.CharField(
        label="Or paste rows",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="With their header, as copied from a spreadsheet.",
    )
    kind = forms.ChoiceField(
        label="What the rows are", choices=[(name, name.replace("_", " ")) for name in KINDS], initial=EVENTS
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("file") and told.get("pasted", "").strip():
            raise ValidationError({"pasted": "Choose a file or paste rows, not both."})
        if told.get("file") is None and not told.get("pasted", "").strip() and "file" not in self.errors:
            raise ValidationError({"file": "Choose a file, or paste rows below."})
        return told

    def content(self) -> tuple[bytes, str]:
        """The bytes to read, and what they are called."""
        if file := self.cleaned_data["file"]:
            most = settings.SHEET_LIMITS["bytes"]
            if file.size > most:
                raise UnreadableFileError(f"The file is larger than {most // 1_000_000} MB: split it.")
            return file.read(), file.name
        return self.cleaned_data["pasted"].encode(), PASTED


def upload_page(request: HttpRequest) -> HttpResponse:
    """Take a file or pasted rows; what cannot be read is said beside the field, and nothing is kept."""
    may_import(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            content, name = form.content()
            remove_old_uploads()
            batch = receive(content, name, request.user, SheetOptions(kind=form.cleaned_data["kind"]))
        except UnreadableFileError as error:
            form.add_error("file" if form.cleaned_data["file"] else "pasted", str(error))
        else:
            return to("missions_import_columns", batch)
    unfinished = ImportBatch.objects.filter(user=request.user.pk, stage__in=[*WAITING, *UNDER_WAY])
    return page(
        request,
        "upload",
        "Import a sheet",
        form=form,
        unfinished=unfinished[:UNFINISHED_SHOWN],
        templates=_templates(),
    )


def _templates() -> list[dict[str, Any]]:
    """Links to an example of each kind of sheet."""
    return [
        {
            "kind": kind.replace("_", " "),
            "files": [
                (ending, reverse("admin:missions_import_template", args=[slugify(kind), ending]))
                for ending in TEMPLATE_ENDINGS
            ],
        }
        for kind in KINDS
    ]
