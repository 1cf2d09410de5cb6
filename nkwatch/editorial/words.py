"""Small words that sentences are made of: numbers, lists and dates as a reader says them."""

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from nkwatch.editorial.edtf import DAY, in_words

_NUMBERS = (
    pgettext_lazy("number of something", "no"),
    pgettext_lazy("number of something", "one"),
    pgettext_lazy("number of something", "two"),
    pgettext_lazy("number of something", "three"),
    pgettext_lazy("number of something", "four"),
    pgettext_lazy("number of something", "five"),
    pgettext_lazy("number of something", "six"),
    pgettext_lazy("number of something", "seven"),
    pgettext_lazy("number of something", "eight"),
    pgettext_lazy("number of something", "nine"),
    pgettext_lazy("number of something", "ten"),
    pgettext_lazy("number of something", "eleven"),
    pgettext_lazy("number of something", "twelve"),
)


def number_in_words(number: int) -> str:
    """Write small numbers as words: "no", "one" … "twelve", then 13."""
    return str(_NUMBERS[number] if 0 <= number < len(_NUMBERS) else number)


def counted(number: int, phrase: str | Promise) -> str:
    """Write a number with what it counts: "one origin", "three origins", "no origins".

    `phrase` is an `ngettext_lazy` that goes by `number` and says the number as `%(words)s`.
    """
    return str(phrase % {"number": number, "words": number_in_words(number)})


def listed(names: Iterable[object]) -> str:
    """Join names as a sentence does: "Spain, Nepal and Libya"."""
    *first, last = [str(name) for name in names] or [""]
    return _("%(names)s and %(last)s") % {"names": ", ".join(first), "last": last} if first else last


def capital(sentence: str) -> str:
    """Begin a sentence with a capital letter, leaving the rest alone."""
    return sentence[:1].upper() + sentence[1:]


def when(date: str) -> str:
    """Write an EDTF date with the preposition it takes: "on 27 October 2023", "in October 2023", "by …"."""
    words = in_words(date)
    if not words or "/" in date or date[-1] in "~%":
        return words
    if DAY.fullmatch(date.rstrip("?")):
        return _("on %(day)s") % {"day": words}
    return _("in %(month_or_year)s") % {"month_or_year": words}


def name_of(words: object) -> str:
    """The name of a field or of a kind of record in the reader's language.

    Django makes most of these names of the names in the code; such are marked in each app's `names` module.
    """
    return _(str(words))


def field_name(model: Any, name: str) -> str:
    """What a field of `model` is called; a relation from elsewhere goes by `name`."""
    return name_of(getattr(model._meta.get_field(name), "verbose_name", name))
