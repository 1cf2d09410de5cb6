"""Import one event sheet: `uv run manage.py import_events FILE` (contract.md, Commands)."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from missions.importing.imports import ImportReport, RefusedHeaderError, UnreadableFileError, import_sheet
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.versions import Door

REFUSED_ROWS, REFUSED_FILE = 1, 2


class Command(BaseCommand):
    help = "Import one event sheet; exit status 1 when rows are refused, 2 when the file is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--sheet", default="", help="which sheet of a workbook (default: the first visible one)")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")
        order = parser.add_mutually_exclusive_group()
        order.add_argument("--day-first", action="store_const", dest="order", const="day-first", default="")
        order.add_argument("--month-first", action="store_const", dest="order", const="month-first")
        parser.add_argument("--encoding", default="", help="override the encoding that is detected")
        parser.add_argument("--good-rows", action="store_true", help="write the rows without errors")
        parser.add_argument("--set-aside", default="", metavar="COLUMN,...", help="columns to leave unread")
        parser.add_argument("--publish", action="store_true", help="publish what --user may publish")
        parser.add_argument("--user", default="", help="in whose name")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            report = import_sheet(
                path.read_bytes(),
                path.name,
                user=self._user(options["user"]),
                door=Door.COMMAND,
                options=SheetOptions(
                    sheet=options["sheet"],
                    encoding=options["encoding"],
                    order=options["order"],
                    set_aside=tuple(column for column in options["set_aside"].split(",") if column.strip()),
                    good_rows=options["good_rows"],
                    publish=options["publish"],
                ),
                dry_run=options["dry_run"],
            )
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=REFUSED_FILE) from error
        except (UnreadableFileError, RefusedHeaderError) as error:
            raise CommandError(str(error), returncode=REFUSED_FILE) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            self._tell(report)
        if report.errors and not options["good_rows"]:
            raise CommandError(f"{len(report.errors)} errors: nothing was written.", returncode=REFUSED_ROWS)

    def _user(self, name: str) -> Any:
        if not name:
            return None
        found = get_user_model()._default_manager.filter(username=name).first()
        if found is None:
            raise CommandError(f"There is no user “{name}”.", returncode=REFUSED_FILE)
        return found

    def _tell(self, report: ImportReport) -> None:
        how = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in report.how_read.items() if value)
        self.stdout.write(f"{report.file}: {report.rows} rows, read as {how}.")
        for note in report.notes:
            self.stdout.write(note)
        for problem in report.errors:
            self.stdout.write(f"error: {problem}")
        for problem in report.warnings:
            self.stdout.write(f"warning: {problem}")
        counts = ", ".join(
            f"{report.counts[outcome]} {outcome}" for outcome in ("new", "cited", "changed", "unchanged")
        )
        proposed = f"; {report.proposed} changes of published records proposed" if report.proposed else ""
        published = f"; {report.published} records published" if report.published else ""
        written = f"written as batch {report.batch}" if report.written else "nothing written"
        self.stdout.write(f"{counts}{proposed}{published}; {written}.")
