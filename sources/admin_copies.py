"""The desk's pages for captured copies of sources: attach, look up, fetch (domain.md, rule 7)."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join

from nkwatch.editorial.admin.base import DeskFields
from nkwatch.editorial.admin.forms import CheckedForm
from nkwatch.editorial.admin.versions import VersionedAdmin
from sources.captured import download_name
from sources.models import CapturedCopy, Source

# Whatever the file holds, a browser is to keep it, not to open it: as part of no page, with nothing run.
NEVER_RUN = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


@admin.register(CapturedCopy)
class CapturedCopyAdmin(DeskFields, VersionedAdmin):
    """What was captured stays; only its day and its words are mended. Removing one is for administrators."""

    form = CheckedForm
    may_be_reverted = False
    list_display = ("original_name", "source", "media_type", "size", "captured_on", "added_by", "fetch")
    list_filter = ("media_type", ("added_by", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("source", "added_by")
    search_fields = ("=sha256", "original_name", "source__title", "source__title_original", "source__described_as")
    date_hierarchy = "captured_on"
    autocomplete_fields = ("source",)
    show_full_result_count = False
    list_per_page = 50

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        if obj is None:
            return ("source", "file", "captured_on", "text")
        kept = ("fetch", ("original_name", "media_type", "size"), "sha256", ("added_by", "added"))
        return ("source", *kept, "captured_on", "text")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return ("source", "fetch", "original_name", "media_type", "size", "sha256", "added_by", "added")

    def get_urls(self) -> list[Any]:
        fetch = path(
            "<int:pk>/download/", self.admin_site.admin_view(self.download), name="sources_capturedcopy_download"
        )
        return [fetch, *super().get_urls()]

    @admin.display(description="file")
    def fetch(self, copy: CapturedCopy) -> str:
        return format_html('<a href="{}">download</a>', copy.get_download_url())

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.added_by = request.user
        super().save_model(request, obj, form, change)

    def download(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The file, to be kept and not opened: no browser takes it for a page of the site."""
        copy = self.get_object(request, str(pk))
        if not self.has_view_permission(request, copy):
            raise PermissionDenied
        if copy is None or not copy.file.storage.exists(copy.file.name):
            raise Http404
        return FileResponse(
            copy.file.open(),
            as_attachment=True,
            filename=download_name(copy.original_name, copy.media_type),
            content_type="application/octet-stream",
            headers=NEVER_RUN,
        )


def copies_of(source: Source) -> str:
    """The copies of a source, as links to fetch them, and where to attach another."""
    lines = format_html_join(
        "",
        '<li><a href="{}">{}</a>, {}, {} bytes</li>',
        (
            (copy.get_download_url(), copy.original_name, copy.captured_on, f"{copy.size:,}")
            for copy in source.captured_copies.all()
        ),
    )
    attach = reverse("admin:sources_capturedcopy_add")
    return format_html('<ul>{}</ul><a href="{}?source={}">Attach a captured copy</a>', lines, attach, source.pk)
