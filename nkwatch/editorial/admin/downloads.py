"""A selection of records as a file, in the columns of the sheet that takes such records."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from nkwatch.editorial.admin.versions import VersionedAdmin
from nkwatch.editorial.importing.sheets import SheetResource
from nkwatch.editorial.public.exports import SheetExport, as_file


class Downloads(VersionedAdmin):
    """Offers the downloads where a sheet takes such records."""

    sheet: ClassVar[type[SheetResource] | None] = None
    """The sheet that takes records of this kind, in whose columns a selection is downloaded."""

    @admin.action(description="Download as CSV", permissions=["view"])
    def download_csv(self, request: HttpRequest, queryset: models.QuerySet) -> HttpResponseBase:
        return self._as_file("csv", queryset)

    @admin.action(description="Download as XLSX", permissions=["view"])
    def download_xlsx(self, request: HttpRequest, queryset: models.QuerySet) -> HttpResponseBase:
        return self._as_file("xlsx", queryset)

    @admin.action(description="Download as JSON", permissions=["view"])
    def download_json(self, request: HttpRequest, queryset: models.QuerySet) -> HttpResponseBase:
        return self._as_file("json", queryset)

    def _as_file(self, ending: str, queryset: models.QuerySet) -> HttpResponseBase:
        """The selection, drafts included, in the columns of the sheet that takes such records."""
        assert self.sheet is not None, "the downloads are offered only where a sheet is"
        name = str(self.opts.verbose_name_plural).replace(" ", "-")
        return as_file(name, ending, SheetExport(self.sheet, public=False), queryset.order_by("pk"))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        offered = super().get_actions(request)
        return {name: action for name, action in offered.items() if self.sheet or not name.startswith("download_")}
