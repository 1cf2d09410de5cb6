"""The addresses of all public pages, for search engines (Django's sitemaps)."""

from collections.abc import Sequence
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from nkwatch.site.changes import KINDS

PAGES = ("home", *KINDS, "changes", "data", "about")


class Pages(Sitemap):
    """The pages that list and explain."""

    def items(self) -> Sequence[str]:
        return PAGES

    def location(self, item: str) -> str:
        return reverse(item)


class Records(Sitemap):
    """The pages of the public records of one kind."""

    limit = 5_000

    def __init__(self, model: Any) -> None:
        self.model = model

    def items(self) -> Any:
        return self.model.objects.public().named().order_by("pk")

    def lastmod(self, item: Any) -> Any:
        return item.updated

    def get_latest_lastmod(self) -> Any:
        """Asked of the database: Django's own way reads every record for it."""
        return self.model.objects.public().aggregate(latest=Max("updated"))["latest"]


SITEMAPS = {"pages": Pages, **{name: Records(model) for name, model in KINDS.items()}}
INDEX = {"sitemaps": SITEMAPS, "sitemap_url_name": "sitemap-of"}


def robots(request: HttpRequest) -> HttpResponse:
    """Everything may be read but the desk; old versions and files need no place in a search engine."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /*/versions/",
        "Allow: /",
        "",
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
