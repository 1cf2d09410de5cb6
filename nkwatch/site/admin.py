"""The desk's pages for what readers send."""

from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from nkwatch.editorial.admin.base import DeskFields
from nkwatch.editorial.admin.forms import CheckedForm
from nkwatch.editorial.admin.registered import edit_link
from nkwatch.editorial.admin.versions import VersionedAdmin
from nkwatch.editorial.admin.worklists import WorklistAdmin
from nkwatch.site.models import Suggestion
from nkwatch.site.records import record_seen


@admin.register(Suggestion)
class SuggestionAdmin(WorklistAdmin, DeskFields, VersionedAdmin):
    """What a reader sent stays as it came; an editor says what becomes of it. Only administrators delete one."""

    form = CheckedForm
    may_be_reverted = False
    list_display = ("made", "about", "shortened", "status", "answered")
    list_filter = ("status",)
    search_fields = ("about", "url", "text", "answer")
    date_hierarchy = "made"
    show_full_result_count = False
    list_per_page = 50
    sent = ("made", "about_record", "link", "text", ("name", "may_be_named"), "email")
    fieldsets = (
        ("What a reader sent", {"fields": sent, "description": "The name is shown only where the reader allows it."}),
        ("What becomes of it", {"fields": ("status", "answer", "answered")}),
    )
    readonly_fields = ("made", "about_record", "link", "text", "name", "may_be_named", "email", "answered")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="suggestion")
    def shortened(self, suggestion: Suggestion) -> str:
        return str(suggestion)

    @admin.display(description="record")
    def about_record(self, suggestion: Suggestion) -> str:
        return edit_link(record_seen(suggestion.about)) if suggestion.about else "none named"

    @admin.display(description="link")
    def link(self, suggestion: Suggestion) -> str:
        """The address, and the way to report what stands there."""
        if not suggestion.url:
            return "none"
        report = f"{reverse('admin:missions_report_add')}?{urlencode({'url': suggestion.url})}"
        return format_html(
            '<a href="{}" rel="noreferrer noopener nofollow">{}</a><br><a href="{}">Add a report of it</a>',
            suggestion.url,
            suggestion.url,
            report,
        )
