"""Importing a sheet: one code path for the command, the admin page and the API (event-sheet.md, point 9)."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from missions.event_sheet import EventReportSheet
from missions.import_kept_names import keep_names
from missions.resources import SHEETS as MISSION_SHEETS
from nkwatch.editorial.derivation import deriving_once
from nkwatch.editorial.desk import may_publish, publish_in_order
from nkwatch.editorial.models import ImportBatch, State
from nkwatch.editorial.reading import Sheet, UnreadableFileError, read_sheet
from nkwatch.editorial.sheet_options import SheetOptions
from nkwatch.editorial.sheets import RowProblem, RowReport, SheetError, SheetResource
from nkwatch.editorial.versions import changing
from sources.resources import SHEETS as SOURCE_SHEETS

EVENTS = "event reports"
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
) -> ImportReport:
    """Import the sheet in `content`, or with `dry_run` say what importing it would do, and write nothing.

    All rows are written in one transaction or, when any has an error, none; with `good_rows` the
    others are. New records arrive in review; with `publish` those are published that `user` may
    publish. `batch` is the import that waits at its door already; without it one is made.
    Raises UnreadableFileError and RefusedHeaderError.
    """
    options = options or SheetOptions()
    kind = options.kind or EVENTS
    found = read_sheet(content, options.encoding, options.sheet)
    report = ImportReport(file=PurePath(name).name, how_read=found.how_read, rows=len(found.rows), notes=found.notes)
    if options.publish and (user is None or not user.is_active):
        raise RefusedHeaderError("Publishing needs a user who may publish: give one.")
    try:
        sheet = options.applied_to(found)
    except ValidationError as error:
        raise RefusedHeaderError(error.message) from error
    with transaction.atomic():
        batch = batch or ImportBatch(
            file=report.file, digest=hashlib.sha256(content).hexdigest(), door=door, user=user, kind=kind
        )
        batch.save()
        engine = engine_for(kind, report.file, batch, options, first_row=found.header_row + 1)
        reason = f"import of {report.file}" + (f": {options.reason}" if options.reason else "")
        with changing(door=door, user=user, batch=batch.pk, reason=reason), deriving_once():
            try:
                report.errors = engine.load(sheet.dataset(), good_rows=options.good_rows)
            except SheetError as refused:
                _refuse_header(engine, refused)
                report.errors = refused.problems
                dry_run = True
            else:
                _hand_in(engine.made)
                engine.proposed += keep_names(type(engine), options, engine.batch).proposed
                if options.publish:
                    mine = [record for record in engine.made if may_publish(user, record)]
                    report.published = len(mine) - len(publish_in_order(mine, by=user))
        report.lines = sorted(engine.lines.values())
        report.warnings, report.proposed = engine.warnings, engine.proposed
        changes_nothing = not (engine.made or engine.proposed or batch.rows.exists())
        if dry_run or changes_nothing:
            transaction.set_rollback(True)
        else:
            report.written, report.batch = True, batch.pk
    return report


def engine_for(kind: str, name: str, batch: ImportBatch, options: SheetOptions, first_row: int) -> SheetResource:
    """The row engine for one kind of sheet."""
    told: dict[str, Any] = {"order": options.order} if kind == EVENTS else {}
    return KINDS[kind](name, batch, set_aside=options.set_aside, clear=options.clear, first_row=first_row, **told)


def _refuse_header(engine: SheetResource, refused: SheetError) -> None:
    about_header = [problem for problem in refused.problems if problem.row == 1 and not problem.column]
    if about_header:
        raise RefusedHeaderError("; ".join(problem.message for problem in about_header)) from refused


def _hand_in(made: Iterable[Any]) -> None:
    for record in made:
        if record.state == State.DRAFT:
            record.submit()


def _as_json(problem: RowProblem) -> dict[str, Any]:
    return {"row": problem.row, "column": problem.column, "value": problem.value, "message": problem.message}


__all__ = ["EVENTS", "KINDS", "ImportReport", "RefusedHeaderError", "Sheet", "UnreadableFileError", "import_sheet"]
