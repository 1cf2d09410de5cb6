"""What the site itself keeps: the words by which records are found."""

from nkwatch.site.models.search import SearchEntry

__all__ = ["SearchEntry"]
