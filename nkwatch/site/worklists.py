"""What readers sent and nobody has answered, as a list on the desk (pages.md, B6)."""

from django.db.models import F

from nkwatch.editorial.worklists import Section, Worklist, register
from nkwatch.site.models import Suggestion


def register_site_worklists() -> None:
    """Offer the list of open suggestions."""
    register(
        Worklist(
            Suggestion,
            "suggestions",
            "suggestions of readers",
            "Look at what was sent; take it up, with an answer for everybody, or decline it.",
            lambda suggestions, user, day: suggestions.open(),
            since="it came in",
            oldest=lambda user, day: F("made"),
            section=Section.DESK,
        )
    )
