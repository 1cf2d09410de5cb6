"""The worklists, for the first page of the admin."""

from typing import Any

from django import template

from nkwatch.editorial.merging import merges
from nkwatch.editorial.worklists import Line, Section, lines_for

register = template.Library()


@register.simple_tag(takes_context=True)
def worklists(context: Any) -> dict[str, Any]:
    """The worklists that the user may view: `sections`, each a title and its lines; `waiting`, how many by name."""
    found: dict[Section, list[Line]] = lines_for(context["request"])
    waiting = {line.name.replace("-", "_"): line.number for lines in found.values() for line in lines}
    return {
        "sections": [(section.label, lines) for section, lines in found.items() if lines],
        "waiting": waiting,
    }


@register.simple_tag(takes_context=True)
def merges_waiting(context: Any) -> int:
    """How many merges wait for a second person, of kinds that the user may merge."""
    return merges.waiting_for(context["request"].user).count()
