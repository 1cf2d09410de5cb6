"""Importing a sheet: one code path for the command, the admin page and the API (event-sheet.md, point 9)."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from missions.event_sheet import EventReportSheet
from missions.importing.kept_names import keep_names
from missions.resources import SHEETS as MISSION_SHEETS
from nkwatch.editorial.derivation import deriving_once
from nkwatch.editorial.desk import hand_in, may_publish, publish_in_order
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.importing.row_reports import (
    ChangedSincePreviewError,
    Progress,
    RowProblem,
    RowReport,
    SheetError,
)
from nkwatch.editorial.importing.sheets import SheetResource
from nkwatch.editorial.locks import one_import_at_a_time
from nkwatch.editorial.models import ImportBatch
from nkwatch.editorial.reading import Sheet, UnreadableFileError, read_sheet
from nkwatch.editorial.versions import changing
from sources.resources import SHEETS as SOURCE_SHEETS

EVENTS = "event reports"
LONGEST_NAME_IN_VERSIONS = 180
"""How much of a file's name versions and rows bear, before the number of the row."""

KINDS: dict[str, type[SheetResource]] = {EVENTS: EventReportSheet, **SOURCE_SHEETS, **MISSION_SHEETS}


class RefusedHeaderError(Exception):
    """The sheet's header or columns are refused; one sentence says why."""


@dataclass
class ImportReport:
    """What an import did, or would do."""

    file: str
    how_read: dict[str, Any]
    rows: int
    lines: list[RowReport] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)
    errors: list[RowProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    proposed: int = 0
    published: int = 0
    written: bool = False
    batch: int | None = None

    @property
    def counts(self) -> Counter[str]:
        return Counter(line.outcome for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        """The form that outside programs rely on (contract.md, `import_events --json`)."""
        return {
            "file": self.file,
            "read": self.how_read,
            "rows": self.rows,
            **{outcome: self.counts[outcome] for outcome in ("new", "cited", "changed", "unchanged")},
            "warnings": [_as_json(problem) for problem in self.warnings],
            "errors": [_as_json(problem) for problem in self.errors],
            "written": self.written,
            "batch": self.batch,
        }


def import_sheet(
    content: bytes,
    name: str,
    *,
    user: Any = None,
    door: str,
    options: SheetOptions | None = None,
    batch: ImportBatch | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    expected: Sequence[RowReport] | None = None,
) -> ImportReport:
    """Import the sheet in `content`, or with `dry_run` say what importing it would do, and write nothing.

    All rows are written in one transaction or, when any has an error, none; with `good_rows` the
    others are. New records arrive in review; with `publish` those are published that `user` may
    publish. `batch` is the import that waits at its door already; without it one is made. `progress`
    is told how many rows are done, of how many; what it raises stops the import. `expected` is what
    the importer has seen each row do, in the preview.

    Raises UnreadableFileError, RefusedHeaderError, and ChangedSincePreviewError when a row would do
    something else than was expected.
    """
    options = options or SheetOptions()
    kind = options.kind or EVENTS
    found = read(content, options)
    report = ImportReport(file=PurePath(name).name, how_read=found.how_read, rows=len(found.rows), notes=found.notes)
    if options.publish and (user is None or not user.is_active):
        raise RefusedHeaderError("Publishing needs a user who may publish: give one.")
    try:
        sheet = options.applied_to(found)
    except ValidationError as error:
        raise RefusedHeaderError(error.message) from error
    batch = batch or ImportBatch(
        file=report.file, digest=hashlib.sha256(content).hexdigest(), door=door, user=user, kind=kind
    )
    called = report.file[-LONGEST_NAME_IN_VERSIONS:]
    engine = engine_for(kind, called, batch, options, first_row=found.header_row + 1)
    by_token = f" by token “{batch.token}”" if batch.token else ""
    reason = f"import of {report.file}{by_token}" + (f": {options.reason}" if options.reason else "")
    with changing(door=door, user=user, reason=reason, token=batch.token):
        if dry_run and engine.plans:
            _take(engine, sheet, options, report, writes=False, progress=progress)
        else:
            _write(engine, sheet, options, report, dry_run, progress, expected)
    report.lines = sorted(engine.lines.values())
    report.warnings, report.proposed = engine.warnings, engine.proposed
    return report


def _write(
    engine: SheetResource,
    sheet: Sheet,
    options: SheetOptions,
    report: ImportReport,
    dry_run: bool,
    progress: Progress | None,
    expected: Sequence[RowReport] | None,
) -> None:
    """Write the rows in one transaction, which is taken back when nothing is to stay of it."""
    with transaction.atomic(), deriving_once():
        one_import_at_a_time()
        engine.batch.save()
        with changing(batch=engine.batch.pk):
            if _take(engine, sheet, options, report, writes=True, progress=progress):
                if expected is not None:
                    ChangedSincePreviewError.check(expected, engine.lines.values())
                hand_in(engine.made)
                kept = keep_names(type(engine), options, engine.batch)
                engine.proposed += kept.proposed
                engine.wrote |= bool(kept.stored)
                if options.publish:
                    user = engine.batch.user
                    mine = [record for record in engine.made if may_publish(user, record)]
                    report.published = len(mine) - len(publish_in_order(mine, by=user))
            else:
                dry_run = True
        if dry_run or not (engine.wrote or engine.made or engine.proposed):
            transaction.set_rollback(True)
        else:
            report.written, report.batch = True, engine.batch.pk


def _take(
    engine: SheetResource,
    sheet: Sheet,
    options: SheetOptions,
    report: ImportReport,
    writes: bool,
    progress: Progress | None,
) -> bool:
    """Take the rows, and whether they may be written. Raises RefusedHeaderError."""
    try:
        report.errors = engine.take(sheet, options.good_rows, writes=writes, progress=progress)
    except SheetError as refused:
        _refuse_header(engine, refused)
        report.errors = refused.problems
        return False
    return True


def read(content: bytes, options: SheetOptions) -> Sheet:
    """The sheet in `content`, read as its importer says. Raises UnreadableFileError."""
    kind = KINDS[options.kind or EVENTS]
    return read_sheet(
        content, options.encoding, options.sheet, options.delimiter, options.header_row, kind.known_headers()
    )


def engine_for(kind: str, name: str, batch: ImportBatch, options: SheetOptions, first_row: int) -> SheetResource:
    """The row engine for one kind of sheet."""
    told: dict[str, Any] = {"order": options.order, "keeps_made": options.publish} if kind == EVENTS else {}
    return KINDS[kind](name, batch, set_aside=options.set_aside, clear=options.clear, first_row=first_row, **told)


def _refuse_header(engine: SheetResource, refused: SheetError) -> None:
    about_header = [problem for problem in refused.problems if problem.row == 1 and not problem.column]
    if about_header:
        raise RefusedHeaderError("; ".join(problem.message for problem in about_header)) from refused


def _as_json(problem: RowProblem) -> dict[str, Any]:
    return {"row": problem.row, "column": problem.column, "value": problem.value, "message": problem.message}


__all__ = ["EVENTS", "KINDS", "ImportReport", "RefusedHeaderError", "Sheet", "UnreadableFileError", "import_sheet"]
