"""A sheet as read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import tablib


@dataclass
class Sheet:
    """A sheet as read: its header and rows as text, and what was found out in reading it.

    Rows without any cell are left out: `numbers` says which row of the file each row is.
    """

    headers: list[str]
    rows: list[list[str]]
    encoding: str = ""
    delimiter: str = ""
    name: str = ""
    header_row: int = 1
    notes: list[str] = field(default_factory=list)
    numbers: Sequence[int] = ()
    sheets: list[str] = field(default_factory=list)
    hidden_sheets: list[str] = field(default_factory=list)

    @property
    def first_row(self) -> int:
        """The number, in the file, of the first row below the header that holds anything."""
        return self.numbers[0]

    @property
    def how_read(self) -> dict[str, Any]:
        """What contract.md calls `read`: how the file was understood."""
        return {
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "sheet": self.name,
            "header_row": self.header_row,
        }

    def dataset(self) -> tablib.Dataset:
        return tablib.Dataset(*self.rows, headers=self.headers)
