"""What an importer says about a sheet: how to read it, what its columns are, whom its names mean (pages.md, B3)."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Self

from django.core.exceptions import ValidationError

from nkwatch.editorial.importing.dates import Order
from nkwatch.editorial.reading import Sheet


@dataclasses.dataclass(frozen=True)
class SheetOptions:
    """Everything that an importer may choose; what is left out is detected, or as the headers say.

    - `columns`: for each header, by its place, the column that it is; "" sets it aside.
    - `constants`: what every row is given in a column that the sheet lacks.
    - `names`: {column: {text of a cell: number of the record that is meant}}, for all cells of that text.
    - `kept`: {column: texts of `names` that are to become other names of the record chosen}.
    - `mended`: {number of a row: {column: text}}, cells put right in the preview.
    - `clear`: columns in which a blank cell erases what stands; elsewhere it keeps it.
    """

    kind: str = ""
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    header_row: int = 0
    order: Order = ""
    columns: tuple[str, ...] = ()
    constants: Mapping[str, str] = dataclasses.field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    kept: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)
    mended: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    clear: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    good_rows: bool = False
    publish: bool = False
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """The choices made, as a batch keeps them."""
        return {
            field.name: value
            for field in dataclasses.fields(self)
            if (value := getattr(self, field.name)) not in ("", 0, (), {}, False)
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The choices that `as_json` wrote."""
        told: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()
        }
        return cls(**told)

    def applied_to(self, sheet: Sheet) -> Sheet:
        """The sheet with these choices made: its headers named, columns and cells added or replaced.

        Raises ValidationError when `columns` were chosen for another number of headers.
        """
        if self.columns and len(self.columns) != len(sheet.headers):
            raise ValidationError("The columns were chosen for another sheet: choose them again.")
        if not (self.columns or self.constants or self.names or self.mended):
            return sheet
        headers = list(self.columns or sheet.headers)
        kept = [place for place, header in enumerate(headers) if header]
        added = [column for column in self.constants if column not in headers]
        rows = []
        for number, row in zip(sheet.numbers, sheet.rows, strict=True):
            cells = [row[place] for place in kept] + [self.constants[column] for column in added]
            rows.append(self._with_choices(str(number), [*(headers[place] for place in kept), *added], cells))
        return dataclasses.replace(sheet, headers=[*(headers[place] for place in kept), *added], rows=rows)

    def _with_choices(self, number: str, headers: list[str], cells: list[str]) -> list[str]:
        mended = self.mended.get(number, {})
        if not (mended or self.names):
            return cells
        found = [mended.get(header, cell) for header, cell in zip(headers, cells, strict=True)]
        return [self.names.get(header, {}).get(cell, cell) for header, cell in zip(headers, found, strict=True)]
