"""Filters and tags that every template may use."""

from typing import Any

from django import template
from django.db.models import Model
from django.template.context import RequestContext
from django.urls import reverse

from nkwatch.editorial.edtf import in_words
from nkwatch.editorial.words import capital, counted, listed, number_in_words, when

register = template.Library()
register.filter("edtf", in_words)
register.filter("when", when)
register.filter("number_in_words", number_in_words)
register.filter("counted", counted)
register.filter("listed", listed)
register.filter("capital", capital)


@register.simple_tag(takes_context=True)
def link_to(context: RequestContext, target: Model | str, *args: Any, **parameters: Any) -> str:
    """The address of a record or of a named page, on the day that this page shows."""
    address = reverse(target, args=args) if isinstance(target, str) else target.get_absolute_url()  # type: ignore[attr-defined]
    return address + context["asof"].carry(**parameters)


@register.filter
def quoted(text: str) -> str:
    """Set words in quotation marks, once."""
    is_quoted = text[:1] in '“"‘«' and text[-1:] in '”"’»'
    return text if is_quoted else f"“{text}”"
