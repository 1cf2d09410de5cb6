"""Form fields of the report desk: records and dates as people write them, so that forms work without script."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from missions.report_desk.naming import country, key_in, record_meant
from nkwatch.editorial.importing.dates import UNKNOWN, read_date
from nkwatch.editorial.text import split_list, validate_visible_text
from sources.models import Country


class TextField(forms.CharField):
    """Words, of which none are invisible; line ends as records have them."""

    default_validators = [validate_visible_text]

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class RecordField(TextField):
    """Names one record: its number, with or without its name, its name, or the key of a new card.

    Comes out as its number (`A-0012`, `draft-7`), or the key as it was given.
    """

    def __init__(self, model: type[models.Model], **kwargs: Any) -> None:
        super().__init__(**{"max_length": 500, "required": False} | kwargs)
        self.model = model

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        if self.model is Country:
            return country(text).pk
        return key_in(self.model, text) or record_meant(self.model, text).label


class RecordsField(RecordField):
    """Names several records, separated by semicolons; comes out as a tuple."""

    def clean(self, value: Any) -> Any:
        return tuple(super(RecordsField, self).clean(part) for part in split_list(value or ""))


class DateField(TextField):
    """A date in any shape that a sheet may have; comes out as EDTF, or empty for *unknown*."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 60, "required": False} | kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return read_date(text) if text else ""


class EventDateField(DateField):
    """As any date; nothing at all is refused, so that an undated event is undated on purpose."""

    EMPTY = f"Give the date as EDTF, or write {UNKNOWN} when no date is known."

    def clean(self, value: Any) -> str:
        if not (value or "").strip():
            raise ValidationError(self.EMPTY, code="required")
        return super().clean(value)
