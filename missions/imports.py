"""Importing a sheet: one code path for the command, the admin page and the API (event-sheet.md, point 9)."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from django.db import transaction

from missions.event_sheet import EventReportSheet
from missions.resources import SHEETS as MISSION_SHEETS
from nkwatch.editorial.derivation import deriving_once
from nkwatch.editorial.desk import may_publish, publish_in_order
from nkwatch.editorial.models import ImportBatch, State
from nkwatch.editorial.reading import Sheet, UnreadableFileError, read_sheet
from nkwatch.editorial.sheet_dates import Order
from nkwatch.editorial.sheets import RowProblem, SheetError, SheetResource
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
    outcomes: dict[int, str] = field(default_factory=dict)
    details: dict[int, str] = field(default_factory=dict)
    warnings: list[RowProblem] = field(default_factory=list)
    errors: list[RowProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    proposed: int = 0
    published: int = 0
    written: bool = False
    batch: int | None = None

    @property
    def counts(self) -> Counter[str]:
        return Counter(self.outcomes.values())

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
    kind: str = EVENTS,
    user: Any = None,
    door: str,
    sheet: str = "",
    encoding: str = "",
    order: Order = "",
    set_aside: Iterable[str] = (),
    good_rows: bool = False,
    publish: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Import the sheet in `content`, or with `dry_run` say what importing it would do, and write nothing.

    All rows are written in one transaction or, when any has an error, none; `good_rows` writes the
    others. New records arrive in review; `publish` publishes those that `user` may publish.
    Raises UnreadableFileError and RefusedHeaderError.
    """
    found = read_sheet(content, encoding, sheet)
    report = ImportReport(file=PurePath(name).name, how_read=found.how_read, rows=len(found.rows), notes=found.notes)
    if publish and (user is None or not user.is_active):
        raise RefusedHeaderError("Publishing needs a user who may publish: give one.")
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            file=report.file, digest=hashlib.sha256(content).hexdigest(), door=door, user=user
        )
        options: dict[str, Any] = {"order": order} if kind == EVENTS else {}
        engine = KINDS[kind](report.file, batch, set_aside=set_aside, first_row=found.header_row + 1, **options)
        with changing(door=door, user=user, batch=batch.pk, reason=f"import of {report.file}"), deriving_once():
            try:
                report.errors = engine.load(found.dataset(), good_rows=good_rows)
            except SheetError as refused:
                _refuse_header(engine, refused)
                report.errors = refused.problems
                dry_run = True
            else:
                _hand_in(engine.made)
                if publish:
                    mine = [record for record in engine.made if may_publish(user, record)]
                    report.published = len(mine) - len(publish_in_order(mine, by=user))
        report.outcomes, report.details = engine.outcomes, engine.details
        report.warnings, report.proposed = engine.warnings, engine.proposed
        changes_nothing = not (engine.made or engine.proposed or batch.rows.exists())
        if dry_run or changes_nothing:
            transaction.set_rollback(True)
        else:
            report.written, report.batch = True, batch.pk
    return report


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
