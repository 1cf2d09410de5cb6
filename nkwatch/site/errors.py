"""Pages for what did not work: what was wrong, and how to go on (pages.md, Errors)."""

import math
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from nkwatch.editorial.models import NumberedRecord
from nkwatch.site.changes import KINDS

NUMBER = re.compile(r"([A-Za-z])-?(\d{1,9})", re.ASCII)
NEAR = 3


def not_found(request: HttpRequest, exception: Any) -> HttpResponse:
    """404, with records that have numbers near the one asked for."""
    return render(request, "404.html", {"near": near(request.path)}, status=404)


def near(path: str) -> list[NumberedRecord]:
    """Public records whose numbers are nearest to one in an address: below it and above, and of its kind."""
    asked = NUMBER.search(path)
    model: Any = next((m for m in KINDS.values() if asked and getattr(m, "prefix", "") == asked[1].upper()), None)
    if asked is None or model is None:
        return []
    records, number = model.objects.public().named(), int(asked[2])
    below = records.filter(number__lte=number).order_by("-number")[:NEAR]
    above = records.filter(number__gt=number).order_by("number")[:NEAR]
    nearest = sorted([*below, *above], key=lambda record: abs(record.number - number))[:NEAR]
    return sorted(nearest, key=lambda record: record.number)


def too_many_requests(
    request: HttpRequest, seconds: int, template: str = "429.html", context: dict[str, Any] | None = None
) -> HttpResponse:
    """429, which says in how many seconds to try again; a page with a form gives its own template, with what was typed.

    The template is told `seconds` and `minutes`.
    """
    minutes = max(1, math.ceil(seconds / 60))
    told = {**(context or {}), "seconds": seconds, "minutes": minutes}
    response = render(request, template, told, status=429)
    response["Retry-After"] = str(seconds)
    return response
