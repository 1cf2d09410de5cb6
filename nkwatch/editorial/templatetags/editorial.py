"""Filters and tags that every template may use."""

import datetime
import json
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from nkwatch.editorial.edtf import day_in_words, in_words
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


@register.simple_tag(takes_context=True)
def linked(context: RequestContext, record: Model) -> SafeString:
    """A record's name, linked, as a sentence names it."""
    return format_html('<a href="{}">{}</a>', link_to(context, record), record)


@register.filter(expects_localtime=True)
def in_full(day: datetime.date | None) -> str:
    """A day as pages write it; nothing where there is none."""
    return day_in_words(day) if day else ""


@register.filter
def quoted(text: str) -> str:
    """Set words in quotation marks, once."""
    is_quoted = text[:1] in '“"‘«' and text[-1:] in '”"’»'
    return text if is_quoted else f"“{text}”"


IN_A_SCRIPT = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
"""What could end the element, written as JSON may write it."""


@register.filter
def json_ld(data: Any) -> SafeString:
    """Data for machines in the page, which no browser runs (JSON-LD); nothing in it can end the element."""
    written = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False).translate(IN_A_SCRIPT)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(written))
