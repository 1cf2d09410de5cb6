"""Take an import back: `uv run manage.py undo_import BATCH` (contract.md, Commands)."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from nkwatch.editorial.desk import named
from nkwatch.editorial.importing.undo import undo
from nkwatch.editorial.models import ImportBatch


class Command(BaseCommand):
    help = "Take an import back as a whole; what was changed since, or is used by others, is listed and left alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("batch", type=int, help="number of the import")
        parser.add_argument("--reason", default="", help="what readers are told of records that they have seen")

    def handle(self, *args: Any, batch: int, reason: str, **options: Any) -> None:
        try:
            found = ImportBatch.objects.get(pk=batch)
            done = undo(found, reason=reason)
        except ImportBatch.DoesNotExist as error:
            raise CommandError(f"There is no import {batch}.") from error
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        for did, records in (
            ("removed", done.removed),
            ("retracted", done.retracted),
            ("restored", done.restored),
            ("change withdrawn", [change.record for change in done.withdrawn if change.record]),
        ):
            for record in records:
                self.stdout.write(f"{did}: {named(record)}")
        for record, why in done.left_alone:
            self.stdout.write(f"left alone: {named(record)}: {why}")
        self.stdout.write(f"{str(found).capitalize()} was taken back: {done.in_words()}")
