"""What the site itself keeps: the words by which records are found, and what readers send."""

from nkwatch.site.models.search import SearchEntry
from nkwatch.site.models.suggestions import Suggestion

__all__ = ["SearchEntry", "Suggestion"]
