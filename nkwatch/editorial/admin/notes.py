"""On a record's page in the admin: why a reviewer handed it back."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join

from nkwatch.editorial.desk import all_parts
from nkwatch.editorial.models import ReviewNote, State


class ShowsReturns:
    """The notes with which a record, or a part of it, came back and was not handed in again, above its fields."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fieldsets = list(super().get_fieldsets(request, obj))  # type: ignore[misc]
        if obj is None or not _open_notes(obj):
            return fieldsets
        return [("Returned by a reviewer", {"fields": ["return_notes"], "classes": ["review-notes"]}), *fieldsets]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "return_notes"]  # type: ignore[misc]

    @admin.display(description="note")
    def return_notes(self, record: Any) -> str:
        told = [
            (f"{note.made:%-d %B %Y}", note.by, note.note, "" if note.record == record else f" (on {note.record})")
            for note in _open_notes(record)
        ]
        return format_html_join("", "<p>{}, {}: “{}”{}</p>", told)


def _open_notes(record: Any) -> list[ReviewNote]:
    drafts = [row for row in (record, *all_parts(record)) if row.state == State.DRAFT]
    return list(ReviewNote.objects.open().about(drafts).select_related("by")) if drafts else []
