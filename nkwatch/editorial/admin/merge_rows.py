"""Merging as the lists and forms of records know it: two rows chosen, and a record that was merged."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html

from nkwatch.editorial.merging.kinds import kind_called
from nkwatch.editorial.merging.merges import may_merge
from nkwatch.editorial.models import NumberedRecord, State, merge_of, one_that_stays


class MergeRows:
    """For the admin of records: begins a merge, and keeps a merged record from being edited."""

    model: Any
    opts: Any

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        offered = super().get_actions(request)  # type: ignore[misc]
        kind = kind_called(self.opts.model_name)
        if kind and may_merge(request.user, kind) and IS_POPUP_VAR not in request.GET:
            offered["merge_two"] = (merge_two, "merge_two", "Merge two…")
        return offered

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not was_merged(obj) and super().has_change_permission(request, obj)  # type: ignore[misc]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Of a record that was merged, say where it went."""
        record = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if request.method == "GET" and was_merged(record):
            stays = one_that_stays(record)
            address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[stays.pk])
            done = merge_of(record)
            merge = reverse("admin:merge:merge", args=[(done.within or done).pk])
            text = (
                '{} was merged into <a href="{}">{}</a>. Nobody edits it; <a href="{}">the merge</a> can be taken back.'
            )
            messages.warning(request, format_html(text, record.label, address, stays.label, merge))
        return super().change_view(request, object_id, *args, **kwargs)  # type: ignore[misc]


def was_merged(record: Any) -> bool:
    """Whether the record was merged into another one, and that stands."""
    is_gone = isinstance(record, NumberedRecord) and record.state == State.RETRACTED
    return is_gone and one_that_stays(record) != record


@admin.action(description="Merge two…")
def merge_two(model_admin: Any, request: HttpRequest, queryset: models.QuerySet) -> HttpResponse | None:
    """Go on to the page that shows the two side by side."""
    chosen = list(queryset.order_by("pk").values_list("pk", flat=True)[:3])
    if len(chosen) != 2:
        messages.error(request, "Choose two records to merge, no more and no fewer.")
        return None
    return HttpResponseRedirect(reverse("admin:merge:pair", args=[model_admin.opts.model_name, *chosen]))
