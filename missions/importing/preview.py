"""The preview of an import, kept as a file that paging reads instead of importing again (event-sheet.md, point 3).

The file has one JSON object a line: first the summary, then the rows by number. The summary knows
where each page of each tab begins, so that a page is read without what comes before it.
"""

import dataclasses
import json
import re
import tempfile
import uuid
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.core.files.base import File
from django.core.files.storage import default_storage

from missions.importing.files import content_of
from missions.importing.imports import ImportReport, import_sheet
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.importing.row_reports import Change, RowReport
from nkwatch.editorial.models import ImportBatch
from nkwatch.editorial.versions import Door

FOLDER = "previews"
ROWS_ON_A_PAGE = 50
ROWS_NAMED = 20
KEPT_IN_MEMORY = 10_000_000

ALL, ERROR, WARNING = "all", "error", "warning"
TABS = {
    ALL: "all rows",
    "new": "new",
    "cited": "adds a citation",
    "changed": "changes",
    "unchanged": "unchanged",
    WARNING: "with warnings",
    ERROR: "with errors",
}
"""What the rows can be narrowed to, and how each tab is called."""


class Problem(NamedTuple):
    """An *error* or a *warning* of a row: the column, the value as read, what is wrong and would be accepted."""

    sort: str
    column: str
    value: str
    message: str


@dataclasses.dataclass(frozen=True)
class Line:
    """What would become of one row."""

    row: int
    report: RowReport | None
    """What the engine said of the row; None of one with an error, which does nothing."""

    problems: tuple[Problem, ...] = ()

    @property
    def outcome(self) -> str:
        """*error*, or what the row would do."""
        return self.report.outcome if self.report else ERROR

    @property
    def record(self) -> str:
        """The record that the row is about, as far as it is known."""
        return self.report.record if self.report else ""

    @property
    def changes(self) -> tuple[Change, ...]:
        """What the row does to fields of records."""
        return self.report.changes if self.report else ()

    @property
    def tabs(self) -> list[str]:
        """The tabs under which the row stands."""
        warned = [WARNING] if self.outcome != ERROR and self.problems else []
        return [ALL, self.outcome, *warned]

    @property
    def outcome_in_words(self) -> str:
        """The outcome as the tabs call it."""
        return ERROR if self.outcome == ERROR else TABS[self.outcome]

    @property
    def errors(self) -> list[Problem]:
        """What keeps the row from being written."""
        return [problem for problem in self.problems if problem.sort == ERROR]


@dataclasses.dataclass(frozen=True)
class Group:
    """Problems of one sort: their column and message, an example, how many there are, and the first rows."""

    sort: str
    column: str
    message: str
    value: str
    count: int
    rows: list[int]


@dataclasses.dataclass
class Summary:
    """A preview in short: rows by tab, problems by kind, what else would follow, and where pages begin."""

    counts: dict[str, int]
    groups: list[Group]
    notes: list[str]
    proposed: int = 0
    pages: dict[str, list[int]] = dataclasses.field(default_factory=dict)

    @property
    def will_be_written(self) -> int:
        """Rows that would leave something new."""
        return sum(self.counts.get(tab, 0) for tab in ("new", "cited", "changed"))


@dataclasses.dataclass
class Page:
    """One page of a preview's rows; `number` and `last` count from 1."""

    lines: list[Line]
    number: int
    last: int


def prepare(batch: ImportBatch) -> str:
    """Preview the import as its importer has it now, unless that is kept already; the name of the file.

    Raises UnreadableFileError and RefusedHeaderError.
    """
    if is_kept(batch):
        return batch.preview
    options = dataclasses.replace(SheetOptions.from_json(batch.options), publish=False)
    report = import_sheet(
        content_of(batch), batch.file, user=batch.user, door=Door.IMPORT, options=options, dry_run=True
    )
    batch.preview, batch.rows_read = keep(report), report.rows
    # Choices made in another tab meanwhile make this preview old at once: it is shown, and cannot be confirmed.
    as_seen = ImportBatch.objects.filter(pk=batch.pk, options=batch.options)
    as_seen.update(preview=batch.preview, rows_read=report.rows)
    return batch.preview


LONGEST_REASON = ImportBatch._meta.get_field("reason").max_length or 0


def refuse_confirming(batch: ImportBatch, good_rows: bool, reason: str) -> str:
    """Say why a previewed import may not be written so, or return an empty string."""
    if not reason:
        return "Say why these rows are imported: the reason is kept with every version."
    if len(reason) > LONGEST_REASON:
        return f"The reason has at most {LONGEST_REASON} characters."
    if summary(batch.preview).counts[ERROR] and not good_rows:
        return "Some rows have errors: mend them, or choose to import the good rows."
    return ""


def is_kept(batch: ImportBatch) -> bool:
    """Whether the import has a preview to look at; after some time it is removed with the upload."""
    return bool(batch.preview) and default_storage.exists(batch.preview)


def keep(report: ImportReport) -> str:
    """Write what a preview found to a private file; its name."""
    found = [*_lines(report)]
    summary = Summary(
        counts={tab: sum(tab in line.tabs for line in found) for tab in TABS},
        groups=_grouped(found),
        notes=report.notes,
        proposed=report.proposed,
    )
    with (
        tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY) as rows,
        tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY) as whole,
    ):
        starts: dict[str, list[int]] = defaultdict(list)
        seen: dict[str, int] = defaultdict(int)
        for line in found:
            for tab in line.tabs:
                if seen[tab] % ROWS_ON_A_PAGE == 0:
                    starts[tab].append(rows.tell())
                seen[tab] += 1
            rows.write(_written({"tabs": line.tabs, **vars(line)}))
        summary.pages = dict(starts)
        whole.write(_written(dataclasses.asdict(summary)))
        rows.seek(0)
        for piece in iter(lambda: rows.read(1_000_000), b""):
            whole.write(piece)
        whole.seek(0)
        return default_storage.save(f"{FOLDER}/{uuid.uuid4().hex}.jsonl", File(whole))


def _written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def summary(name: str) -> Summary:
    """What a kept preview comes to."""
    with default_storage.open(name) as file:
        return _summary(file.readline())


def _summary(written: bytes) -> Summary:
    told = json.loads(written)
    return Summary(**{**told, "groups": [Group(**group) for group in told["groups"]]})


def lines(name: str, tab: str = ALL) -> Iterator[Line]:
    """The rows of a kept preview, one by one."""
    with default_storage.open(name) as file:
        file.readline()
        yield from _of_tab(file, tab)


def reports(name: str) -> list[RowReport]:
    """What the importer has seen each row do, as the engine told it: rows with errors do nothing."""
    return [line.report for line in lines(name) if line.report]


def page(name: str, tab: str = ALL, number: int = 1) -> Page:
    """A page of the rows of a kept preview; a page beyond the last is the last."""
    with default_storage.open(name) as file:
        starts = _summary(file.readline()).pages.get(tab, [])
        first = file.tell()
        last = max(len(starts), 1)
        number = min(max(number, 1), last)
        if not starts:
            return Page([], number, last)
        file.seek(first + starts[number - 1])
        found = [line for line, _ in zip(_of_tab(file, tab), range(ROWS_ON_A_PAGE), strict=False)]
        return Page(found, number, last)


def _of_tab(file: Any, tab: str) -> Iterator[Line]:
    """The rows from here on that stand under `tab`; others are passed over without being taken apart."""
    wanted = f'"{tab}"'.encode()
    for written in iter(file.readline, b""):
        if wanted in written[: written.index(b"]")]:
            told = json.loads(written)
            yield Line(
                told["row"],
                _report(told["report"]) if told["report"] else None,
                tuple(Problem(*problem) for problem in told["problems"]),
            )


def _report(written: list[Any]) -> RowReport:
    report = RowReport(*written)
    return report._replace(changes=tuple(Change(*change) for change in report.changes))


def _lines(report: ImportReport) -> Iterator[Line]:
    """The rows by number; a row with an error is an error, whatever else was found out about it."""
    problems: dict[int, list[Problem]] = defaultdict(list)
    refused = {problem.row for problem in report.errors}
    for sort, told in ((ERROR, report.errors), (WARNING, report.warnings)):
        for problem in told:
            problems[problem.row].append(Problem(sort, problem.column, problem.value, problem.message))
    reports = {line.row: line for line in report.lines}
    for row in sorted({*reports, *problems}):
        told_of = tuple(problems.get(row, ()))
        yield Line(row, None if row in refused else reports.get(row), told_of)


VALUES = re.compile(r"“[^”]*”|\d+")


def _grouped(found: list[Line]) -> list[Group]:
    """Problems by kind: of one column, and in the same words but for the values; the most frequent first."""
    groups: dict[tuple[str, str, str], list[tuple[int, Problem]]] = defaultdict(list)
    for line in found:
        for problem in line.problems:
            groups[problem.sort, problem.column, VALUES.sub("…", problem.message)].append((line.row, problem))
    told = [
        Group(sort, column, told[0][1].message, told[0][1].value, len(told), [row for row, _ in told[:ROWS_NAMED]])
        for (sort, column, _), told in groups.items()
    ]
    return sorted(told, key=lambda group: (group.sort, -group.count))
