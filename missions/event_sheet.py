"""The event sheet: one row is one report of one event (event-sheet.md).

The record behind a row is the citation that ties its source to its event. The source, mission and
event of a row are found by the *same thing, once* rules, or made.
"""

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

import tablib
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models

from missions.event_rows import EventRows
from missions.models import EventCitation
from missions.stock import EventStock
from nkwatch.editorial.bulk import NewRecords, RefusedRecordError, collector_paused
from nkwatch.editorial.edtf import bounds
from nkwatch.editorial.importing.dates import Order
from nkwatch.editorial.importing.insertion import insert_values
from nkwatch.editorial.importing.row_reports import Progress, RowProblem, RowReport, SheetError
from nkwatch.editorial.importing.rows import Rows
from nkwatch.editorial.models import ImportRow
from nkwatch.editorial.reading import Sheet
from nkwatch.editorial.versions import changing, current_change
from sources.report_rows import RowPlan
from sources.resources import CitationSheet

ROWS_A_SIGN = 1_000
"""After how many rows an import says how far it is."""

NEW, CHANGED = ImportRow.Outcome.NEW.value, ImportRow.Outcome.CHANGED.value
LONGEST_BATCH_ROW = 200

UNBOUNDED = 1_000_000


class EventReportSheet(CitationSheet):
    """Rows of the event sheet: a source's report of an event, with the quote it carries."""

    required = ("host_country", "event", "date")
    event_columns: ClassVar[tuple[str, ...]] = (
        "host_country",
        "event",
        "date",
        "date_wording",
        "date_note",
        "source_url",
        "source_title",
        "source_outlet",
        "source_issued",
        "source_language",
        "source_archive_url",
        "sending_country",
        "city",
        "mission",
        "mission_kind",
        "summary",
        "duties_to",
    )
    quote_columns: ClassVar[tuple[str, ...]] = (
        "reasons",
        "quote",
        "quote_kind",
        "quote_original",
        "quote_language",
        "speaker",
        "speaker_role",
        "said_on",
    )
    citation_columns: ClassVar[tuple[str, ...]] = (
        "stance",
        "basis",
        "attributed_to_source",
        "attributed_to_actor",
        "locator",
        "wording",
    )
    aliases: ClassVar[Mapping[str, str]] = {
        "host_country": "host; country; location; 주재국; 국가",
        "event": "stage; event_type; status; 사건; 구분",
        "date": "event_date; when; 날짜; 일자",
        "source_url": "url; link; 링크; 출처; source",
        "source_title": "title; 제목",
        "source_outlet": "outlet; publisher; 매체",
        "source_issued": "issued; published; 보도일",
        "source_language": "language; 언어",
        "sending_country": "sender; sending; 파견국",
        "mission": "post; embassy; 공관",
        "mission_kind": "kind; type; 종류",
        "city": "도시",
        "summary": "description; notes; 내용; 요약",
        "reasons": "reason; cause; 이유",
        "attributed_to_source": "via",
        "attributed_to_actor": "according_to",
        "locator": "page; paragraph",
        "wording": "excerpt",
        "speaker": "발언자",
        "quote": "발언",
    }

    class Meta(CitationSheet.Meta):
        model = EventCitation

    plans: ClassVar[bool] = True

    def __init__(self, *args: Any, order: Order = "", keeps_made: bool = False, **kwargs: Any) -> None:
        """`keeps_made` keeps new records at hand in `made`, for an import that publishes them."""
        super().__init__(*args, **kwargs)
        self.order, self.keeps_made = order, keeps_made
        self.made_ids: dict[Any, list[int]] = {}
        self.touched: list[tuple[int, str, bool, int]] = []

    def columns(self) -> list[str]:
        return [*self.event_columns, *self.quote_columns, *self.citation_columns]

    def named_headers(self, headers: Sequence[str]) -> list[str]:
        """As for any sheet; besides, every row needs its report."""
        named = super().named_headers(headers)
        if not {"source_url", "source_title"} & set(named):
            raise ValidationError("missing column source_url or source_title: every row needs its report")
        return named

    def take(
        self, sheet: Sheet, good_rows: bool = False, writes: bool = True, progress: Progress | None = None
    ) -> list[RowProblem]:
        """As for any sheet, but planned whole without a query a row, and stored in bulk.

        Rows are taken narrowest date first, so that their order in the file does not matter.
        """
        with collector_paused():
            return self._take(sheet, good_rows, writes, progress)

    def load(self, dataset: tablib.Dataset, good_rows: bool = False) -> list[RowProblem]:
        """As for any sheet."""
        rows = [["" if cell is None else str(cell) for cell in row] for row in dataset]
        numbers = range(self.first_row, self.first_row + len(rows))
        return self.take(Sheet(list(dataset.headers), rows, numbers=numbers), good_rows)

    def _take(self, sheet: Sheet, good_rows: bool, writes: bool, progress: Progress | None) -> list[RowProblem]:
        headers = self.checked_headers(sheet.headers)
        columns = [(place, name) for place, name in enumerate(headers) if name in {*self.columns(), "key"}]
        rows = Rows(sheet.rows, columns, sheet.numbers)
        fresh = NewRecords(self.sheet, writes)
        signed = self.trusted or current_change().user is not None
        planner = EventRows(EventStock(), fresh, self.warn, self.order, self.clear & set(headers), signed)
        planner.look_up(rows)
        problems: list[RowProblem] = []
        changed: list[RowPlan] = []
        order, total = _in_order(rows, planner.read_date), len(rows)
        for done, number in enumerate(order):
            if progress and done % ROWS_A_SIGN == 0:
                progress(done, total)
            row = rows[number]
            try:
                plan, line = planner.take(number, row)
            except ValidationError as error:
                problems += self._cell_problems(error, number, row)
                continue
            planner.enter(plan)
            rows.forget(number)
            self._note(plan, line, fresh)
            if plan.changed:
                changed.append(plan)
        for outcome, count in Counter(line.outcome for line in self.lines.values()).items():
            setattr(self.batch, outcome, count)
        if problems and not good_rows:
            raise SheetError(sorted(problems, key=lambda problem: problem.row))
        if writes:
            # All that was known for the planning makes room for what storing takes.
            del planner, rows, order
            self._store(fresh, changed)
            self.batch.save()
            self.made = [record for model, ids in self.made_ids.items() for record in model.objects.filter(pk__in=ids)]
        if progress:
            progress(total, total)
        return sorted(problems, key=lambda problem: problem.row)

    def _note(self, plan: RowPlan, line: RowReport, fresh: NewRecords) -> None:
        """Keep what becomes of a row, and with the batch what it was about."""
        self.lines[plan.number] = line
        if self.keeps_made:
            for model, record in plan.added:
                self.made_ids.setdefault(model, []).append(record.id)
        if not fresh.writes:
            self.proposed += plan.proposals
        elif line.outcome != "unchanged":
            self.wrote = True
            is_change = line.outcome == "changed"
            self.touched.append((plan.number, plan.read.text("key")[:100], is_change, plan.about))

    def _store(self, fresh: NewRecords, changed: list[RowPlan]) -> None:
        """Store what is new, then what changes in records that stand; each version says which row it is from."""
        batch, citations = self.batch.pk, ContentType.objects.get_for_model(EventCitation).pk
        columns = ["batch_id", "sheet", "row", "key", "outcome", "record_type_id", "record_id"]
        rows = (
            (batch, self.sheet, number, key, CHANGED if is_change else NEW, citations, citation)
            for number, key, is_change, citation in self.touched
        )
        try:
            fresh.store()
            insert_values(ImportRow, columns, rows)
        except RefusedRecordError as refused:
            raise SheetError(self._cell_problems(refused.error, refused.row, {})) from refused
        for (model, pk), (numbers, values) in _by_record(changed).items():
            listed = ", ".join(map(str, numbers))
            with changing(batch=self.batch.pk, row=f"{self.sheet}, row {listed}"[:LONGEST_BATCH_ROW]):
                record = model._base_manager.get(pk=pk)
                try:
                    self.change(record, {name: _related(model, name, value) for name, value in values.items()})
                except ValidationError as error:
                    raise SheetError(self._cell_problems(error, numbers[0], {})) from error


def _by_record(changed: Iterable[RowPlan]) -> dict[tuple[type[Any], int], tuple[list[int], dict[str, Any]]]:
    """All that the rows change in one record together: one version of it, or one proposal; and the rows' numbers."""
    found: dict[tuple[type[Any], int], tuple[list[int], dict[str, Any]]] = {}
    for plan in changed:
        for model, pk, values in plan.changed:
            numbers, all_values = found.setdefault((model, pk), ([], {}))
            numbers.append(plan.number)
            all_values |= values
    return found


def _in_order(rows: Rows, read_date: Callable[[str], str]) -> list[int]:
    """The numbers of the rows: narrowest date first, then by what they say."""
    width = functools.cache(functools.partial(_width, read_date))

    dates = rows.column("date")
    said = (dates, rows.column("host_country"), rows.column("event"), map(rows.cells, rows), rows)
    return [number for *_, number in sorted(zip(map(width, dates), *said, strict=True))]


def _width(read_date: Callable[[str], str], text: str) -> int:
    try:
        earliest, latest = bounds(read_date(text))
    except ValidationError:
        return UNBOUNDED
    return (latest - earliest).days if earliest and latest else UNBOUNDED


def _related(model: type[models.Model], name: str, value: Any) -> Any:
    field: Any = model._meta.get_field(name)
    return field.related_model._base_manager.get(pk=value) if field.many_to_one and value is not None else value
