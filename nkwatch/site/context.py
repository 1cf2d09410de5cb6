"""What every page knows: the day it shows, and the main navigation."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from nkwatch.editorial.asof import asof

LISTS = (
    ("missions", _("Missions")),
    ("events", _("Events")),
    ("quotes", _("Quotes")),
    ("sources", _("Sources")),
    ("actors", _("Actors")),
    ("figures", _("Figures")),
    ("reasons", _("Reasons")),
)
NAVIGATION = (
    *LISTS,
    ("changes", _("Changes")),
    ("data", _("Data")),
    ("about", _("About")),
)


def site(request: HttpRequest) -> dict[str, Any]:
    """The context of every public page."""
    return {"asof": asof(request), "navigation": NAVIGATION, "section": request.path.split("/")[1]}
