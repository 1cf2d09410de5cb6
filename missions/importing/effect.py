"""What readers would see change if rows of a sheet were written and published (event-sheet.md, point 3; pages.md, B3).

Nothing is reckoned here: the rows are imported and published as ever, the status and support that
are derived from that are read, and all of it is rolled back.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction

from missions.event_sheet import EventReportSheet
from missions.importing.imports import EVENTS, RefusedHeaderError, import_sheet, read
from missions.models import ClosureEvent, EventCitation, Mission
from missions.models.missions import NORTH_KOREA
from missions.review.effect import do_not_wait_long, in_words, publish_as_if, shown
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.importing.traces import made_by
from nkwatch.editorial.locks import is_busy
from nkwatch.editorial.models import ImportRow
from nkwatch.editorial.reading import Sheet
from nkwatch.editorial.text import fold, split_list
from nkwatch.editorial.versions import Door
from sources.models import Actor, ActorName, Authorship, Country, Quote, QuoteCitation, Source

# In this order each finds what it names published.
IN_ORDER: tuple[Any, ...] = (
    Actor,
    ActorName,
    Source,
    Authorship,
    Mission,
    Quote,
    ClosureEvent,
    EventCitation,
    QuoteCitation,
)
BUSY = "not known while another import is being written"
TOO_MANY = "not shown: {} rows of this sheet are about missions there"

Pair = tuple[str, str]


def effect_of(
    content: bytes, options: SheetOptions, user: Any, rows: Collection[int], name: str = "preview.csv"
) -> dict[int, str]:
    """For each of `rows`, by its number in the file, what readers would see change; "" for nothing.

    "Spain: closing → closed; origins 1 → 2; single origin → corroborated": status and support of
    today, before and after. All rows of the sheet about the same sending and host country are taken
    along, at most `IMPORT_EFFECT_ROWS` in all; about countries with more it says how many there are.
    Leaves no trace. Sheets of other records than event reports have no effect to show.
    Raises UnreadableFileError and RefusedHeaderError.
    """
    found = dict.fromkeys(rows, "")
    if (options.kind or EVENTS) != EVENTS:
        return found
    try:
        sheet = options.applied_to(read(content, options))
    except ValidationError as error:
        raise RefusedHeaderError(error.message) from error
    taken, left_out = _within_limit(_by_pair(sheet), rows)
    found |= left_out
    try:
        return found | {row: words for row, words in _tried(sheet, options, user, name, taken).items() if row in found}
    except OperationalError as error:
        if not is_busy(error):
            raise
        return found | dict.fromkeys(rows, BUSY)


def _by_pair(sheet: Sheet) -> dict[Pair, list[int]]:
    """The rows, by their number in the file, about each sending and host country."""
    countries = {fold(name): country.pk for country in Country.objects.all() for name in country.names if name}
    host, sending = _place(sheet, "host_country"), _place(sheet, "sending_country")
    pairs: dict[Pair, list[int]] = defaultdict(list)
    for number, cells in zip(sheet.numbers, sheet.rows, strict=True):
        sender = cells[sending] if sending is not None and cells[sending] else NORTH_KOREA
        receiver = cells[host] if host is not None else ""
        pair = countries.get(fold(sender), ""), countries.get(fold(receiver), "")
        if all(pair):
            pairs[pair].append(number)
    return pairs


def _place(sheet: Sheet, column: str) -> int | None:
    names = {fold(name) for name in (column, *split_list(EventReportSheet.aliases.get(column, "")))}
    return next((place for place, header in enumerate(sheet.headers) if fold(header) in names), None)


def _within_limit(pairs: dict[Pair, list[int]], rows: Collection[int]) -> tuple[list[int], dict[int, str]]:
    """The rows to try, and for those wanted that are too many to try, a sentence that says so."""
    taken: list[int] = []
    left_out: dict[int, str] = {}
    asked = set(rows)
    for numbers in sorted(pairs.values(), key=len):
        wanted = asked.intersection(numbers)
        if not wanted:
            continue
        if len(taken) + len(numbers) <= settings.IMPORT_EFFECT_ROWS:
            taken += numbers
        else:
            left_out |= dict.fromkeys(wanted, TOO_MANY.format(len(numbers)))
    return sorted(taken), left_out


def _tried(sheet: Sheet, options: SheetOptions, user: Any, name: str, taken: list[int]) -> dict[int, str]:
    """Import and publish the rows, read what has changed, and roll all of it back."""
    if not taken:
        return {}
    content = _as_csv(sheet, taken)
    told = SheetOptions(order=options.order, clear=options.clear, set_aside=options.set_aside, good_rows=True)
    with transaction.atomic():
        do_not_wait_long()
        report = import_sheet(content, name, user=user, door=Door.IMPORT, options=told)
        lines = ImportRow.objects.filter(batch=report.batch).values_list("row", "record_id") if report.batch else []
        citation_of = dict(lines)
        citations = EventCitation.objects.select_related("event__mission__host", "event__mission__sending").in_bulk(
            citation_of.values()
        )
        events = {citation.event_id for citation in citations.values()}
        missions = {citation.event.mission_id for citation in citations.values()}
        before = shown(missions, events)
        publish_as_if(made_by(report.batch, model) for model in IN_ORDER)
        after = shown(missions, events)
        transaction.set_rollback(True)
    effects = {line: citations[pk].event for line, pk in citation_of.items() if pk in citations}
    return {taken[line - 2]: in_words(event.mission, [event], before, after) for line, event in effects.items()}


def _as_csv(sheet: Sheet, taken: Iterable[int]) -> bytes:
    """The rows to try as a sheet of their own, the choices of the importer made already; its row 2 is the first."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(sheet.headers)
    rows = dict(zip(sheet.numbers, sheet.rows, strict=True))
    writer.writerows(rows[number] for number in taken)
    return text.getvalue().encode()
