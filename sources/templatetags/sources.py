"""How templates name sources and point at their numbers on a page."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from nkwatch.editorial.templatetags.editorial import korean, link_to, quoted
from sources.facets import name_of_language
from sources.models import Source

register = template.Library()


@register.filter
def carrier(source: Source) -> str:
    """Who carries it: the outlet, or the title where none is known."""
    return str(source.outlet) if source.outlet else titled(source)


@register.filter
def titled(source: Source) -> str:
    """Its title in quotation marks; what it is described as, which is nobody's title, in none."""
    return quoted(source.name) if source.title or source.title_original == source.name else source.name


@register.filter
def language_name(code: str) -> str:
    """A language as readers call it."""
    return name_of_language(code) or code


@register.simple_tag(takes_context=True)
def cited(context: RequestContext, source: Source) -> SafeString:
    """Outlet and linked title, as running text names a source."""
    outlet = f"{source.outlet}, " if source.outlet else ""
    return format_html('{}<a href="{}">{}</a>', outlet, link_to(context, source), korean(titled(source)))


@register.simple_tag
def source_numbers(citations: Iterable[Any]) -> SafeString:
    """The numbers of the sources behind some claims, each once; nothing where a page numbers none."""
    numbers = sorted({citation.source_number for citation in citations if hasattr(citation, "source_number")})
    link = '<sup class="c"><a href="#s{}" aria-label="{}">[{}]</a></sup>'
    named = _("source %(number)s") if numbers else ""
    return format_html_join("", link, ((number, named % {"number": number}, number) for number in numbers))


@register.simple_tag
def source_number(citation: Any) -> SafeString:
    """The number of the source of one claim."""
    return source_numbers([citation])
