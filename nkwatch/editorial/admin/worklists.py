"""Worklists in the admin: the filter by which the ordinary list of a model becomes one of them."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import HttpRequest
from django.utils import timezone

from nkwatch.editorial.worklists import Worklist, worklist_of, worklists_of


class WorklistFilter(admin.SimpleListFilter):
    """What waits to be done; an unknown name is refused as any filter that cannot be read."""

    title = "worklist"
    parameter_name = "worklist"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(worklist.name, worklist.label) for worklist in worklists_of(model_admin.model)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not (name := self.value()):
            return queryset
        if (worklist := worklist_of(queryset.model, name)) is None:
            raise IncorrectLookupParameters(f"There is no worklist “{name}” here.")
        return worklist.select(queryset, request.user, timezone.localdate())


class WorklistAdmin:
    """Offers the worklists of the model beside its other filters, each with its oldest case first."""

    def get_list_filter(self, request: HttpRequest) -> Any:
        filters = super().get_list_filter(request)  # type: ignore[misc]
        return (WorklistFilter, *filters) if worklists_of(self.model) else filters  # type: ignore[attr-defined]

    def get_ordering(self, request: HttpRequest) -> Any:
        """By age inside a worklist, unless the reader sorts by a column; else as ever."""
        worklist: Worklist | None = worklist_of(
            self.model,  # type: ignore[attr-defined]
            request.GET.get(WorklistFilter.parameter_name, ""),
        )
        if worklist is None:
            return super().get_ordering(request)  # type: ignore[misc]
        return [worklist.oldest(request.user, timezone.localdate()).asc(nulls_last=True), "pk"]
