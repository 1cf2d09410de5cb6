"""What every page knows: the day it shows, and the main navigation."""

from typing import Any

from django.http import HttpRequest

from nkwatch.editorial.asof import asof

LISTS = (
    ("missions", "Missions"),
    ("events", "Events"),
    ("quotes", "Quotes"),
    ("sources", "Sources"),
    ("actors", "Actors"),
    ("figures", "Figures"),
    ("reasons", "Reasons"),
)
NAVIGATION = (
    *LISTS,
    ("changes", "Changes"),
    ("data", "Data"),
    ("about", "About"),
)


def site(request: HttpRequest) -> dict[str, Any]:
    """The context of every public page."""
    return {"asof": asof(request), "navigation": NAVIGATION, "section": request.path.split("/")[1]}
