"""The admin's import page: upload, preview, confirm (event-sheet.md, points 3 and 4; pages.md, B3)."""

import dataclasses
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from missions.imports import EVENTS, KINDS, ImportReport, RefusedHeaderError, UnreadableFileError, import_sheet
from missions.models import ClosureEvent
from nkwatch.editorial.desk import may_publish
from nkwatch.editorial.reading import TEXT_ENCODINGS
from nkwatch.editorial.sheet_options import SheetOptions
from nkwatch.editorial.sheets import RowReport
from nkwatch.editorial.versions import Door

FOLDER = "uploads"
SALT = "missions.admin_import"
KEPT_SECONDS = 24 * 60 * 60


class UploadForm(forms.Form):
    """What to import, and how to read it."""

    file = forms.FileField(help_text="CSV, TSV or XLSX. Nothing is written before you have seen what would be.")
    kind = forms.ChoiceField(
        label="What the rows are", choices=[(name, name.replace("_", " ")) for name in KINDS], initial=EVENTS
    )
    order = forms.ChoiceField(
        label="Dates such as 03/04/2023",
        required=False,
        choices=[("", "refuse them"), ("day-first", "day first"), ("month-first", "month first")],
    )
    encoding = forms.ChoiceField(
        required=False, choices=[("", "detect it"), *((name, name) for name in TEXT_ENCODINGS)]
    )
    sheet = forms.CharField(label="Sheet of the workbook", required=False, help_text="Empty: the first visible one.")
    set_aside = forms.CharField(label="Columns to leave unread", required=False, help_text="Separated by commas.")
    good_rows = forms.BooleanField(label="Import the good rows, even if others have errors", required=False)

    def options(self) -> dict[str, Any]:
        """What `import_sheet` is told, as the form has it."""
        told = {name: self.cleaned_data[name] for name in ("kind", "order", "encoding", "sheet", "good_rows")}
        set_aside = [name for name in self.cleaned_data["set_aside"].split(",") if name.strip()]
        return SheetOptions(**told, set_aside=tuple(set_aside)).as_json()


def import_view(request: HttpRequest) -> HttpResponse:
    """Show the upload form; preview an upload; write a previewed one that its importer confirms."""
    if not request.user.has_perm("missions.add_closureevent"):
        raise PermissionDenied
    if request.method == "POST" and "confirm" in request.POST:
        return _confirm(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    report: ImportReport | None = None
    token = ""
    if request.method == "POST" and form.is_valid():
        content, name = form.cleaned_data["file"].read(), form.cleaned_data["file"].name
        try:
            report = import_sheet(
                content,
                name,
                user=request.user,
                door=Door.IMPORT,
                dry_run=True,
                options=SheetOptions.from_json(form.options()),
            )
        except (UnreadableFileError, RefusedHeaderError) as error:
            form.add_error("file", str(error))
        else:
            stored = default_storage.save(f"{FOLDER}/{request.user.pk}", ContentFile(content))
            token = signing.dumps([request.user.pk, stored, name, form.options()], salt=SALT)
    return _page(request, form, report, token)


def _confirm(request: HttpRequest) -> HttpResponse:
    here = HttpResponseRedirect(reverse("admin:missions_import"))
    try:
        user, stored, name, options = signing.loads(request.POST["confirm"], salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        messages.error(request, "This preview is no longer valid: upload the sheet again.")
        return here
    if user != request.user.pk or not default_storage.exists(stored):
        messages.error(request, "This preview was confirmed already, or is not yours: upload the sheet again.")
        return here
    with default_storage.open(stored) as file:
        content = file.read()
    chosen = dataclasses.replace(SheetOptions.from_json(options), publish="publish" in request.POST)
    try:
        report = import_sheet(content, name, user=request.user, door=Door.IMPORT, options=chosen)
    except (UnreadableFileError, RefusedHeaderError) as error:
        messages.error(request, str(error))
        return here
    if report.errors and not chosen.good_rows:
        messages.error(
            request, "The record changed since the preview, and rows are refused now: upload the sheet again."
        )
        return here
    default_storage.delete(stored)
    counts = ", ".join(f"{number} {outcome}" for outcome, number in sorted(report.counts.items()))
    messages.success(
        request, f"{name} was imported: {counts or 'nothing to do'}; {report.published} records published."
    )
    if report.batch is None:
        return here
    return HttpResponseRedirect(reverse("admin:editorial_importbatch_change", args=[report.batch]))


def _page(request: HttpRequest, form: UploadForm, report: ImportReport | None, token: str) -> HttpResponse:
    rows = []
    if report is not None:
        told: dict[int, list[tuple[str, Any]]] = {}
        for sort, problems in (("error", report.errors), ("warning", report.warnings)):
            for problem in problems:
                told.setdefault(problem.row, []).append((sort, problem))
        lines = {line.row: line for line in report.lines}
        rows = [
            (
                number,
                lines[number].outcome if number in lines else "error",
                _told(lines[number]) if number in lines else "",
                told.get(number, []),
            )
            for number in sorted({*lines, *told})
        ]
    refused = report is not None and bool(report.errors) and not form.cleaned_data.get("good_rows")
    context = {
        **admin.site.each_context(request),
        "title": "Import a sheet",
        "form": form,
        "report": report,
        "counts": sorted(report.counts.items()) if report else [],
        "rows": rows,
        "token": "" if refused else token,
        "may_publish": may_publish(request.user, ClosureEvent),
        "opts": ClosureEvent._meta,
    }
    return TemplateResponse(request, "admin/import_sheet.html", context)


def _told(line: RowReport) -> str:
    changes = (f"{change.field}: {change.old or '(empty)'} → {change.new or '(empty)'}" for change in line.changes)
    return " · ".join([line.record, *changes])


def import_urls() -> list[Any]:
    """The address of the import page, for the admin of events."""
    return [path("import/", admin.site.admin_view(import_view), name="missions_import")]
