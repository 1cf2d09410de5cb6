"""How templates show a mission's status: the shape, always with the word, and its marks beside it."""

from typing import Any

from django import template

from missions.figure_sentences import comparison_sentence
from missions.sentences import last_reported, what_happened

register = template.Library()
register.filter("what_happened", what_happened)
register.simple_tag(comparison_sentence, name="compared_in_words")
register.filter("last_reported", last_reported)


@register.inclusion_tag("partials/status.html")
def status(span: Any) -> dict[str, Any]:
    """The status of a span, its marks, and for a closing the day it was last reported."""
    return {"span": span, "last_reported": last_reported(span)}
