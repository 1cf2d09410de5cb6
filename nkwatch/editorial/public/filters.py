"""What filters of all records share, on pages and in the API alike: a filter translates, never decides.

Each filter reads what was asked and hands it to one method of a queryset. Repeated values of one
field mean either of them; different fields mean both.
"""

import datetime
import re
from collections.abc import Iterable
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from drf_spectacular.utils import extend_schema_field

from nkwatch.editorial.asof import PARAMETER

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class DayField(forms.DateField):
    """A day as ISO 8601 writes it, and no other way."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("This is not a day that can be read. Write it like 2023-12-05.")
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value and not DAY.fullmatch(value):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class DayFilter(django_filters.DateFilter):
    """One day: date_from=2023-11-01."""

    field_class = DayField


class OneOfFilter(django_filters.ChoiceFilter):
    """One value of a vocabulary."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, empty_label=None, **kwargs)


class AnyOfFilter(django_filters.MultipleChoiceFilter):
    """One or more values of a vocabulary: kind=embassy&kind=consulate."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, distinct=False, **kwargs)

    def is_noop(self, qs: Any, value: Any) -> bool:
        """Naming every value of a vocabulary still leaves out the records that have none."""
        return not value


class WordsField(forms.MultipleChoiceField):
    """One or more words of a fixed shape, which `read` turns into the value looked for."""

    shape: ClassVar[re.Pattern[str]]
    wrong: ClassVar[str | Promise]

    def read(self, word: str) -> Any:
        return word

    def validate(self, value: Any) -> None:
        for word in value:
            if not self.shape.fullmatch(word):
                raise ValidationError(str(self.wrong), code="invalid", params={"value": word})

    def clean(self, value: Any) -> Any:
        return [self.read(word) for word in super().clean(value)]


class WordsFilter(django_filters.MultipleChoiceFilter):
    """One or more words that are no closed vocabulary."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, distinct=False, **kwargs)

    def is_noop(self, qs: Any, value: Any) -> bool:
        return not value


class NumberField(WordsField):
    """Records by their permanent number: mission=M-0017."""

    shape = re.compile(r"[A-Z]-[0-9]{4,9}")
    wrong = _("“%(value)s” is not the number of a record. Write it like M-0017.")

    def read(self, word: str) -> tuple[str, int]:
        prefix, _, digits = word.partition("-")
        return prefix, int(digits)


def numbered(prefix: str, numbers: Iterable[tuple[str, int]]) -> list[int]:
    """The numbers that name records of one kind; a number of another kind names none of them."""
    return [number for found, number in numbers if found == prefix]


@extend_schema_field({"type": "string", "pattern": "^[A-Z]-[0-9]{4,9}$"})
class NumberFilter(WordsFilter):
    """Records by their permanent numbers."""

    field_class = NumberField


class YearField(WordsField):
    """Years of the common era."""

    shape = re.compile(r"[12][0-9]{3}")
    wrong = _("“%(value)s” is not a year. Write it like 2023.")

    def read(self, word: str) -> int:
        return int(word)


@extend_schema_field({"type": "string", "pattern": "^[12][0-9]{3}$"})
class YearFilter(WordsFilter):
    """Years: year=2023&year=2024."""

    field_class = YearField


class LanguageField(WordsField):
    """Languages as BCP 47 names them."""

    shape = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")
    wrong = _("“%(value)s” is not the code of a language. Write it like en, ko or zh-Hant.")


@extend_schema_field({"type": "string", "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$"})
class LanguageFilter(WordsFilter):
    """Languages: language=ko&language=zh-Hant."""

    field_class = LanguageField


class SlugField(WordsField):
    """Records by their slug."""

    shape = re.compile(r"[-a-zA-Z0-9_]{1,50}")
    wrong = _("“%(value)s” is not a slug. Write it like sanctions.")


@extend_schema_field({"type": "string", "pattern": "^[-a-zA-Z0-9_]{1,50}$"})
class SlugFilter(WordsFilter):
    """Records by their slugs: reason=sanctions."""

    field_class = SlugField


class YesNoFilter(OneOfFilter):
    """Whether something holds: contested=true."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            *args,
            choices=[
                ("true", pgettext_lazy("whether something holds", "yes")),
                ("false", pgettext_lazy("whether something holds", "no")),
            ],
            **kwargs,
        )


class RecordFilters(django_filters.FilterSet):
    """The base of every list's filters: the order of the list, by the names that its records allow."""

    def filter_ordering(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.in_order(value)


class DatedFilters(RecordFilters):
    """Filters of lists that can show an earlier day."""

    asof = DayFilter(
        method="filter_asof", label=_("As of"), help_text="Show the record as of this day; today by default."
    )

    @property
    def day(self) -> Any:
        """The day asked for, today by default."""
        return self.form.cleaned_data.get(PARAMETER) or timezone.localdate()

    def filter_asof(self, queryset: Any, name: str, value: datetime.date) -> Any:
        return queryset if value == timezone.localdate() else queryset.by(value)


def ordering(names: Iterable[str]) -> OneOfFilter:
    """The filter that orders a list by one of `names`, or the other way round with a minus before it."""
    choices = [(sign + name, name) for name in names for sign in ("", "-")]
    return OneOfFilter(
        method="filter_ordering", choices=choices, label=_("Order"), help_text="How the list is ordered."
    )
