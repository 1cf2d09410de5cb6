"""The columns of sheets: how a cell is read into a field, and written out of it (event-sheet.md)."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import models
from import_export import fields, widgets

from nkwatch.editorial.models import NumberedRecord, numbered
from nkwatch.editorial.text import join_list, split_list

# What a spreadsheet would run as a formula, whatever apostrophes stand before it already.
# East Asian programs take the wide signs too, and some skip blanks.
FORMULA = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])")


def guard(text: str) -> str:
    """Mark text that a spreadsheet would run as a formula: an apostrophe goes before it (event-sheet.md)."""
    return f"'{text}" if FORMULA.match(text) else text


def unguard(value: Any) -> Any:
    """Take off the mark that `guard` set; any other value stays."""
    return value[1:] if isinstance(value, str) and value[:1] == "'" and FORMULA.match(value) else value


@dataclass
class Handles:
    """Names that the rows of one set of sheets have for each other: the `key` column.

    A sheet may call a row by a key of its own, and the other sheets of the set may refer to it by
    that key. Keys are remembered with the import, so that a sheet loaded again finds its records
    even where their names were corrected meanwhile.
    """

    records: dict[type[models.Model], dict[str, models.Model]] = field(default_factory=lambda: defaultdict(dict))

    def remember(self, key: str, record: models.Model) -> None:
        if key:
            self.records[type(record)][key] = record

    def find(self, model: type[models.Model], key: str) -> Any:
        return self.records[model].get(key)


class RecordWidget(widgets.Widget):
    """A cell that names another record, by key, number, or whatever `named` understands."""

    def __init__(self, model: type[models.Model], named: Callable[[str], Any]) -> None:
        super().__init__()
        self.model, self.named = model, named

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        found = kwargs["handles"].find(self.model, text) or numbered(self.model, text) or self.named(text)
        if found is None:
            raise ValueError(
                f"“{text}” is not a known {self.model._meta.verbose_name}: give its number, its name, or another "
                "sheet's key for it."
            )
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Its number; a reason's slug, a country's code."""
        if value is None:
            return ""
        return value.label if isinstance(value, NumberedRecord) else str(getattr(value, "slug", value.pk))


class RecordsWidget(widgets.ManyToManyWidget):
    """A cell that names several records, separated by semicolons."""

    def __init__(self, model: type[models.Model], named: Callable[[str], Any]) -> None:
        super().__init__(model, separator=";")
        self.one = RecordWidget(model, named)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[Any]:
        return [self.one.clean(part, row=row, **kwargs) for part in split_list(str(value or ""))]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else join_list(self.one.render(record) for record in value.all())


class TextWidget(widgets.CharWidget):
    """Text without the blanks that spreadsheets leave around it."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return str(value if value is not None else "").strip()


class NumberWidget(widgets.Widget):
    """A whole or decimal number; text that is none is an error, not a blank."""

    def __init__(self, kind: Callable[[str], Any]) -> None:
        super().__init__()
        self.kind = kind

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = str(value if value is not None else "").strip()
        if not text:
            return None
        try:
            return self.kind(text)
        except (ValueError, ArithmeticError) as error:
            raise ValueError(f"“{text}” is not a number.") from error

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> int | float | None:
        """The number itself, for formats that tell numbers from text."""
        return float(value) if isinstance(value, Decimal) else value


def text(column: str, attribute: str | None = None) -> fields.Field:
    """A column of text."""
    return fields.Field(column_name=column, attribute=attribute or column, widget=TextWidget())


def number(column: str, kind: Callable[[str], Any] = int) -> fields.Field:
    """A column of numbers."""
    return fields.Field(column_name=column, attribute=column, widget=NumberWidget(kind))


def record(column: str, model: type[models.Model], named: Callable[[str], Any], attribute: str = "") -> fields.Field:
    """A column that names one other record."""
    return fields.Field(column_name=column, attribute=attribute or column, widget=RecordWidget(model, named))


def records(column: str, model: type[models.Model], named: Callable[[str], Any]) -> fields.Field:
    """A column that names several other records."""
    return fields.Field(column_name=column, attribute=column, widget=RecordsWidget(model, named))
