"""The cells of one row, read one by one (event-sheet.md)."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError

from nkwatch.editorial.text import INVISIBLE, validate_visible_text

Read = TypeVar("Read")

REPLACEMENT = "\ufffd"


class Cells:
    """A row's cells: what cannot be read is noted by column, and raised together."""

    __slots__ = ("errors", "row")

    def __init__(self, row: Mapping[str, str]) -> None:
        self.row = row
        self.errors: dict[str, list[str]] = {}

    def text(self, column: str) -> str:
        return self.row.get(column, "")

    def __call__(self, column: str, reader: Callable[[str], Read], needed: str = "") -> Any:
        """What `reader` makes of a cell; None for an empty one, which is refused in the words of `needed`."""
        text = self.row.get(column, "")
        if text:
            return self.attempt(column, reader, text)
        if needed:
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
        whole = "\n".join(self.row.values())
        if INVISIBLE.search(whole):
            for column, text in self.row.items():
                self.attempt(column, validate_visible_text, text)
        if REPLACEMENT in whole:
            for column, text in self.row.items():
                if REPLACEMENT in text:
                    warn(column, "has a lost character (�): was the file read in the right encoding?")
