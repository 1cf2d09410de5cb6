"""The desk's screen for a report: paste it, mark what it says, hand it in (pages.md, B1).

One form, which the server draws whole each time, so that it works without script; what a script asks for
besides is a piece of the same page. What a report is and does is decided by `missions.report_desk`.
"""

from typing import Any

from django.contrib import admin
from django.urls import path

from missions.admin_report import names, screen, script
from missions.admin_report.limits import within_limits


def report_urls() -> list[Any]:
    """The addresses of the screen, for the admin's own list."""
    pages: list[tuple[str, Any, str]] = [
        ("add/", screen.add_page, "missions_report_add"),
        ("added/<int:source>/", screen.added_page, "missions_report_added"),
        ("read/", script.read_fragment, "missions_report_read"),
        ("guess/", script.guess_json, "missions_report_guess"),
        ("effects/", script.effects_json, "missions_report_effects"),
        ("names/", names.names_json, "missions_report_names"),
    ]
    return [
        path(f"reports/{address}", admin.site.admin_view(within_limits(page)), name=name)
        for address, page, name in pages
    ]
