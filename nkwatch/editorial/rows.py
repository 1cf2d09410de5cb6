"""The rows of a sheet under their numbers in the file."""

from collections.abc import Iterator, Sequence

from nkwatch.editorial.sheets import unguard


class Rows:
    """Rows as {column: text}, without blank cells; kept as they were read, which takes a fifth of the memory."""

    def __init__(self, rows: Sequence[Sequence[str]], columns: Sequence[tuple[int, str]], first: int) -> None:
        """`columns` says what stands where; `first` is the number in the file of the first of `rows`."""
        self._rows, self._columns, self._first = rows, columns, first
        self._places = {name: place for place, name in columns}

    def __iter__(self) -> Iterator[int]:
        return iter(range(self._first, self._first + len(self._rows)))

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, number: int) -> dict[str, str]:
        cells = self._rows[number - self._first]
        return {
            name: unguard(cell) if cell[0] == "'" else cell for place, name in self._columns if (cell := cells[place])
        }

    def cells(self, number: int) -> Sequence[str]:
        """A row as it was read."""
        return self._rows[number - self._first]

    def text(self, number: int, column: str) -> str:
        """One cell; an empty text where the sheet has no such column."""
        place = self._places.get(column)
        return "" if place is None else unguard(self._rows[number - self._first][place])

    def texts(self, column: str) -> set[str]:
        """The different texts in a column."""
        return set(self.first_with(column))

    def first_with(self, column: str) -> dict[str, int]:
        """The number of the first row with each text of a column."""
        place = self._places.get(column)
        found: dict[str, int] = {}
        if place is not None:
            for number, row in enumerate(self._rows, self._first):
                if row[place]:
                    found.setdefault(unguard(row[place]), number)
        return found
