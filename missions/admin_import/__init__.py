"""The admin's import wizard: upload, columns, names, preview, progress, result, undo (pages.md, B3).

Each page has an address of its own with the import in it, and keeps nothing in the session, so that
tabs, browsers and reloads do not disturb each other. The rules live in `missions.import_*`.
"""

from typing import Any

from django.contrib import admin
from django.urls import path

from missions.admin_import import columns, names, preview, progress, result, upload
from missions.admin_import.steps import View, current_page


def import_urls() -> list[Any]:
    """The addresses of the wizard, for the admin of events."""
    pages: list[tuple[str, View, str]] = [
        ("", upload.upload_page, "missions_import"),
        ("<int:batch>/", current_page, "missions_import_batch"),
        ("<int:batch>/reading/", columns.reading_page, "missions_import_reading"),
        ("<int:batch>/columns/", columns.columns_page, "missions_import_columns"),
        ("<int:batch>/names/", names.names_page, "missions_import_names"),
        ("<int:batch>/preview/", preview.preview_page, "missions_import_preview"),
        ("<int:batch>/mend/", preview.mend, "missions_import_mend"),
        ("<int:batch>/refused.<str:ending>", preview.refused_file, "missions_import_refused"),
        ("<int:batch>/confirm/", preview.confirm, "missions_import_confirm"),
        ("<int:batch>/progress/", progress.progress_page, "missions_import_progress"),
        ("<int:batch>/progress.json", progress.progress_json, "missions_import_progress_json"),
        ("<int:batch>/cancel/", progress.cancel, "missions_import_cancel"),
        ("<int:batch>/result/", result.result_page, "missions_import_result"),
        ("<int:batch>/again/", result.again, "missions_import_again"),
        ("<int:batch>/undo/", result.undo_page, "missions_import_undo"),
    ]
    return [path(f"import/{address}", admin.site.admin_view(page), name=name) for address, page, name in pages]
