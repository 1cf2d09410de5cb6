"""Templates of every kind of sheet, to download beside the admin's import page (pages.md, B3)."""

import csv
from pathlib import Path
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.text import slugify

from missions.importing.imports import KINDS
from missions.sheet_words import words_for
from nkwatch.editorial.importing.templates import ENDINGS, Row, template

EXAMPLES = Path(__file__).parent / "examples"

SLUGS = {slugify(kind): kind for kind in KINDS}
"""What the address of a template calls each kind of sheet."""


def examples(slug: str) -> list[Row]:
    """Example rows for a kind of sheet, as published; none where a row cannot stand alone."""
    file = EXAMPLES / f"{slug}.csv"
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def template_view(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """Answer with the template of one kind of sheet, for those who may import."""
    if not request.user.has_perm("missions.add_closureevent"):
        raise PermissionDenied
    if slug not in SLUGS or ending not in ENDINGS:
        raise Http404(f"There is no template {slug}.{ending}.")
    kind = SLUGS[slug]
    content = template(kind, ending, KINDS[kind], examples(slug), words_for(kind))
    name = f'attachment; filename="{slug}-template.{ending}"'
    return HttpResponse(content, content_type=ENDINGS[ending], headers={"Content-Disposition": name})


def template_urls() -> list[Any]:
    """The addresses of the templates, for the admin of events."""
    view = admin.site.admin_view(template_view)
    return [path("import/template/<slug:slug>.<slug:ending>", view, name="missions_import_template")]
