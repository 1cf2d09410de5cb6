"""The rows of a sheet under their numbers in the file, and the cells of one (event-sheet.md)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar

from django.core.exceptions import ValidationError

from nkwatch.editorial.importing.columns import unguard
from nkwatch.editorial.text import INVISIBLE, validate_visible_text

Read = TypeVar("Read")

REPLACEMENT = "\ufffd"
GUARD = "'"
FORGOTTEN: list[str] = []
"""What stands for every row that is done with."""


class Rows:
    """Rows as {column: text}; kept as they were read, which takes a fifth of the memory."""

    def __init__(self, rows: list[list[str]], columns: Sequence[tuple[int, str]], numbers: Sequence[int]) -> None:
        """`columns` says what stands where; `numbers` are those of `rows` in the file, in which some may be empty."""
        self._rows, self._numbers = rows, numbers
        self._places = {name: place for place, name in columns}
        self._names = [name for _, name in columns]
        # What follows the last place serves nobody, and makes a tuple of what is picked even from one column.
        self._pick = itemgetter(*(place for place, _ in columns), slice(0, 0))
        self._at = {} if isinstance(numbers, range) else {number: at for at, number in enumerate(numbers)}

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, number: int) -> "Row":
        row = Row(zip(self._names, self._pick(self.cells(number)), strict=False))
        if GUARD in row.whole:
            return Row((name, unguard(cell)) for name, cell in row.items())
        return row

    def cells(self, number: int) -> Sequence[str]:
        """A row as it was read."""
        return self._rows[self._at[number] if self._at else number - self._numbers[0]]

    def forget(self, number: int) -> None:
        """Let go of a row that is done with, since a sheet may be a hundred megabytes."""
        self._rows[self._at[number] if self._at else number - self._numbers[0]] = FORGOTTEN

    def column(self, name: str) -> list[str]:
        """The cells of a column, row by row; empty texts where the sheet has no such column."""
        place = self._places.get(name)
        if place is None:
            return [""] * len(self._rows)
        return [cell if cell[:1] != GUARD else unguard(cell) for cell in map(itemgetter(place), self._rows)]

    def texts(self, column: str) -> set[str]:
        """The different texts in a column."""
        place = self._places.get(column)
        cells = set() if place is None else set(map(itemgetter(place), self._rows))
        return {unguard(cell) for cell in cells if cell}

    def first_with(self, column: str) -> dict[str, int]:
        """The number of the first row with each text of a column."""
        place = self._places.get(column)
        found: dict[str, int] = {}
        if place is not None:
            for number, row in zip(self._numbers, self._rows, strict=True):
                if row[place]:
                    found.setdefault(unguard(row[place]), number)
        return found


class Row(dict[str, str]):
    """The texts of a row by column; of a column that it has not, an empty one. `whole` is all of them together."""

    __slots__ = ("whole",)

    def __init__(self, cells: Mapping[str, str] | Iterable[tuple[str, str]]) -> None:
        super().__init__(cells)
        self.whole = "".join(self.values())

    def __missing__(self, column: str) -> str:
        return ""


class Cells:
    """A row's cells: what cannot be read is noted by column, and raised together."""

    __slots__ = ("errors", "row", "text")

    def __init__(self, row: Mapping[str, str]) -> None:
        self.row = row if isinstance(row, Row) else Row(row)
        self.errors: dict[str, list[str]] = {}
        # Asked some forty times for each row, which is why it is no method.
        self.text: Callable[[str], str] = self.row.__getitem__

    def __call__(self, column: str, reader: Callable[[str], Read], needed: str = "") -> Any:
        """What `reader` makes of a cell; None for an empty one, which is refused in the words of `needed`."""
        if text := self.text(column):
            try:
                return reader(text)
            except ValidationError as error:
                self.refuse(column, *error.messages)
        elif needed:
            self.refuse(column, needed)
        return None

    def attempt(self, column: str, action: Callable[..., Read], *arguments: Any) -> Any:
        """Do `action`; note a refusal under `column`."""
        try:
            return action(*arguments)
        except ValidationError as error:
            self.refuse(column, *error.messages)
            return None

    def refuse(self, column: str, *messages: str) -> None:
        self.errors.setdefault(column, []).extend(messages)

    def raise_errors(self) -> None:
        """Raise ValidationError with all that was noted, by column."""
        if self.errors:
            raise ValidationError(self.errors)

    def look_through(self, warn: Callable[[str, str], None]) -> None:
        """Note every cell with control, bidirectional or tag characters; warn of those that lost a character."""
        whole = self.row.whole
        if whole.isprintable() and REPLACEMENT not in whole:
            return
        if INVISIBLE.search(whole):
            for column, text in self.row.items():
                self.attempt(column, validate_visible_text, text)
        if REPLACEMENT in whole:
            for column, text in self.row.items():
                if REPLACEMENT in text:
                    warn(column, "has a lost character (�): was the file read in the right encoding?")
