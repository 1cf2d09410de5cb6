"""Whom the cells of a sheet mean: exact, by a variant, several that fit, or the nearest names (pages.md, B3).

Every name of a kind of record is read once (`import_known`), so that the number of queries does not
depend on the number of texts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from missions.event_sheet import EventReportSheet
from missions.importing.known import READERS, SETTLED, Finding, Known, Names
from missions.models import Mission
from nkwatch.editorial.importing.columns import RecordsWidget, RecordWidget, unguard
from nkwatch.editorial.importing.sheets import SheetResource
from nkwatch.editorial.models import numbered
from nkwatch.editorial.reading import Sheet
from nkwatch.editorial.text import INVISIBLE, fold, join_list, split_list
from sources.models import Actor, ActorName, Country, Reason

LONGEST_NAME = 1000
LONGEST_KEPT = ActorName._meta.get_field("name").max_length or 0


@dataclass(frozen=True)
class Naming:
    """A column whose cells name records of `model`: `many` in one cell, `makes_new` of an unknown name."""

    column: str
    model: type[models.Model]
    many: bool = False
    makes_new: bool = False
    by_country: bool = False

    def may_keep(self, text: str) -> bool:
        """Whether a text may be kept as another name of its record; countries and sources have no such list."""
        return self.model in (Actor, Mission) and len(text) <= LONGEST_KEPT


@dataclass(frozen=True)
class Text:
    """One distinct text of a column: how often it occurs, first in which row, and what looking for it came to."""

    text: str
    count: int
    first_row: int
    finding: Finding
    found: Known | None = None
    fits: tuple[Known, ...] = ()
    note: str = ""


EVENT_NAMES = (
    Naming("host_country", Country),
    Naming("sending_country", Country),
    Naming("mission", Mission),
    Naming("duties_to", Mission, by_country=True),
    Naming("source_outlet", Actor, makes_new=True),
    Naming("speaker", Actor, makes_new=True),
    Naming("reasons", Reason, many=True),
)
"""The columns that the event sheet reads itself; the others are declared with their widgets."""


def columns_that_name_records(resource: type[SheetResource]) -> dict[str, Naming]:
    """The columns of a kind of sheet whose cells name other records, and how."""
    sheet = resource.for_export()
    own = EVENT_NAMES if issubclass(resource, EventReportSheet) else ()
    found = {naming.column: naming for naming in own}
    for column in sheet.get_import_fields():
        if isinstance(column.widget, RecordWidget | RecordsWidget) and column.column_name in sheet.columns():
            many = isinstance(column.widget, RecordsWidget)
            naming = Naming(column.column_name, column.widget.model, many=many)
            if naming.model in READERS:
                found.setdefault(naming.column, naming)
    return found


@dataclass
class Column:
    """A column that names records, with its distinct texts; `blank` cells were not looked for."""

    naming: Naming
    texts: list[Text]
    blank: int
    names: Names

    @property
    def open(self) -> list[Text]:
        """The texts that an importer should look at."""
        return [text for text in self.texts if text.finding not in SETTLED]


def look_up(resource: type[SheetResource], sheet: Sheet) -> list[Column]:
    """Every text that names a record in `sheet`, whose headers are nkwatch's columns already."""
    names: dict[type[models.Model], Names] = {}

    def of(model: type[models.Model]) -> Names:
        if model not in names:
            names[model] = READERS[model]()
        return names[model]

    found = []
    for naming in columns_that_name_records(resource).values():
        if naming.column not in sheet.headers:
            continue
        place = sheet.headers.index(naming.column)
        counts, first = _distinct(naming, (row[place] for row in sheet.rows), sheet.numbers)
        here = _called_here(resource, sheet) if naming.model is resource.for_export()._meta.model else frozenset()
        countries = of(Country) if naming.by_country else None
        texts = [
            _found(naming, text, counts[text], first[text], of(naming.model), countries, here)
            for text in counts
            if text
        ]
        texts.sort(key=lambda text: (text.finding in SETTLED, -text.count, text.first_row))
        found.append(Column(naming, texts, counts[""], of(naming.model)))
    return found


def _distinct(naming: Naming, cells: Iterable[str], rows: Iterable[int]) -> tuple[Counter[str], dict[str, int]]:
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    for row, cell in zip(rows, cells, strict=True):
        for text in parts(naming, cell) or [""]:
            counts[text] += 1
            first.setdefault(text, row)
    return counts, first


def parts(naming: Naming, cell: str) -> list[str]:
    """The texts of a cell, each of which names one record."""
    return split_list(cell) if naming.many else [cell] if cell else []


def _called_here(resource: type[SheetResource], sheet: Sheet) -> frozenset[str]:
    """What rows of this sheet call themselves: rows may name each other (contract.md, Sheets)."""
    columns = [sheet.headers.index(name) for name in ("key", "name", "title", "text") if name in sheet.headers]
    return frozenset(fold(row[place]) for row in sheet.rows for place in columns if row[place])


def _found(
    naming: Naming, cell: str, count: int, row: int, names: Names, countries: Names | None, here: frozenset[str]
) -> Text:
    text = unguard(cell)
    if INVISIBLE.search(text):
        return Text(cell, count, row, Finding.NOT_TRIED, note="It has an invisible character: mend it in the preview.")
    if len(text) > LONGEST_NAME:
        return Text(cell, count, row, Finding.NOT_TRIED, note=f"It is longer than {LONGEST_NAME:,} characters.")
    finding, fits = names.look_up(text)
    if finding is Finding.NONE and countries is not None:
        of_country, country = countries.look_up(text)
        finding, fits = (of_country, country) if of_country in SETTLED else (finding, fits)
    if finding is Finding.NONE and fold(text) in here:
        return Text(cell, count, row, Finding.IN_SHEET)
    found = fits[0] if finding in SETTLED else None
    return Text(cell, count, row, finding, found, fits, names.ambiguous.get(fold(text), ""))


CODES: dict[type[models.Model], str] = {Country: "code", Reason: "slug"}
"""What stands for a number where a record has none."""


def refuse_number(naming: Naming, text: str) -> str:
    """Why `text` is not the number of a record that the column can name; empty when it is."""
    kind: Any = naming.model
    code = CODES.get(naming.model)
    if kind.objects.filter(**{code: text}).exists() if code else numbered(kind, text):
        return ""
    return f"“{text}” is not the {code or 'number'} of a {kind._meta.verbose_name} on record."


def cells_for(naming: Naming, sheet: Sheet, chosen: Mapping[str, str]) -> dict[str, str]:
    """What each cell that has a text of `chosen` becomes: the number in place of the text."""
    if not naming.many:
        return dict(chosen)
    place = sheet.headers.index(naming.column)
    replaced = {}
    for cell in {row[place] for row in sheet.rows}:
        named = parts(naming, cell)
        if any(part in chosen for part in named):
            replaced[cell] = join_list(chosen.get(part, part) for part in named)
    return replaced


def chosen_texts(naming: Naming, cells: Mapping[str, str]) -> dict[str, str]:
    """The choices, text by text, that `cells_for` made cells of."""
    if not naming.many:
        return dict(cells)
    pairs: Iterator[tuple[str, str]] = (
        pair
        for cell, replaced in cells.items()
        for pair in zip(parts(naming, cell), parts(naming, replaced), strict=False)
    )
    return {text: number for text, number in pairs if text != number}


def open_texts(columns: Sequence[Column], chosen: Mapping[str, Mapping[str, Any]]) -> int:
    """How many texts nobody has settled yet."""
    return sum(text.text not in chosen.get(column.naming.column, {}) for column in columns for text in column.open)
