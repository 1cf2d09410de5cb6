"""Filters that every template may use."""

from django import template

from nkwatch.editorial.edtf import in_words

register = template.Library()
register.filter("edtf", in_words)
