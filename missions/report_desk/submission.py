"""Writes a report in one transaction: one function for every door (pages.md, B1; domain.md, rules 6 to 8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from missions.report_desk.report import (
    RefusedReportError,
    Report,
)
from missions.report_desk.report_writer import SOURCE, ReportWriter
from missions.report_desk.writing import Written
from nkwatch.editorial.derivation import deriving_once
from nkwatch.editorial.desk import submit_all
from nkwatch.editorial.locks import one_import_at_a_time
from nkwatch.editorial.models import Publishable, State
from nkwatch.editorial.versions import Door, changing
from sources.models import CapturedCopy, Source

REASON = "report added"
PERMISSIONS = ("sources.add_source", "missions.add_closureevent")
"""What whoever adds reports may do."""


@dataclass(frozen=True)
class Submitted:
    """What became of a report: its source, what each card wrote, and all records that are new."""

    source: Source
    cards: dict[str, Written]
    made: list[Publishable]
    found: list[Publishable]
    proposed: int
    changed: int
    kept: CapturedCopy | None
    in_review: bool

    @property
    def wrote(self) -> bool:
        """Whether anything is in the record that was not there before."""
        return bool(self.made or self.proposed or self.changed or self.kept)


def submit_report(report: Report, *, user: Any, submit: bool = False, door: str = Door.ADMIN) -> Submitted:
    """Write what `report` says, all of it or nothing; sent twice, it is written once.

    New records are drafts, or with `submit` in review; records that have been public change only by
    proposals, in the name of `user`. Every version bears `door` and `user`.
    Raises RefusedReportError with every problem, by card and field.
    """
    with transaction.atomic(), deriving_once(), changing(door=door, user=user, reason=REASON):
        one_import_at_a_time()
        writer = write(report, user)
        if not writer.problems:
            writer.keep_copy()
        if writer.problems:
            raise RefusedReportError(writer.problems)
        if submit:
            submit_all(_as_they_stand([*writer.made, *drafts_of(user, writer.found)]))
    return Submitted(
        source=writer.written[SOURCE].record,
        cards=writer.written,
        made=writer.made,
        found=writer.found,
        proposed=writer.proposed,
        changed=writer.changed,
        kept=writer.kept,
        in_review=submit,
    )


def drafts_of(user: Any, records: Iterable[Publishable]) -> list[Publishable]:
    """The drafts among `records` that nobody but `user` wrote: what they may hand in without asking anybody."""
    drafts = (record for record in records if record.state == State.DRAFT)
    return [record for record in drafts if record.authors_since_public() <= {user.pk}]


def _as_they_stand(records: Iterable[Publishable]) -> list[Publishable]:
    """Each record once, with what a later card gave it."""
    once = {(type(record), record.pk): record for record in records}
    for record in once.values():
        record.refresh_from_db()
    return list(once.values())


def write(report: Report, user: Any, tries: bool = False) -> ReportWriter:
    """Write the cards of a report one by one; those that cannot be taken are noted and leave nothing behind."""
    writer = ReportWriter(report, user, tries)
    writer.write()
    return writer
