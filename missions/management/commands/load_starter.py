"""Load or refresh the starter data: `uv run manage.py load_starter` (contract.md, Commands)."""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

import missions
from missions import resources as mission_sheets
from nkwatch.editorial.derivation import deriving_once
from nkwatch.editorial.desk import publish_in_order
from nkwatch.editorial.importing.columns import Handles
from nkwatch.editorial.importing.row_reports import SheetError
from nkwatch.editorial.importing.sheets import SheetResource
from nkwatch.editorial.models import ImportBatch, State
from nkwatch.editorial.versions import Door, changing
from sources import resources as source_sheets

STARTER = Path(missions.__file__).parent / "starter"

# In this order every sheet finds what it refers to, and every record can be published after those it names.
ORDER = (
    "reasons",
    "actors",
    "sources",
    "references",
    "missions",
    "coverage",
    "quotes",
    "events",
    "figures",
    "mission_citations",
    "coverage_citations",
    "event_citations",
    "quote_citations",
    "figure_citations",
)
SHEETS: dict[str, type[SheetResource]] = source_sheets.SHEETS | mission_sheets.SHEETS


class Command(BaseCommand):
    """The one door that publishes without a reviewer (domain.md, rule 8): the data was reviewed in the repository."""

    help = "Load or refresh the starter data; prints counts of new, changed and unchanged rows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--folder", type=Path, default=STARTER, help="where the sheets are (default: the starter data)"
        )

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        files = [(name, path) for name in ORDER if (path := folder / f"{name}.csv").exists()]
        if not files:
            raise CommandError(f"No sheet was found in {folder}: it should hold {', '.join(ORDER)} as .csv files.")
        try:
            with transaction.atomic():
                batch = self.load(files)
        except SheetError as refused:
            raise CommandError(f"Nothing was loaded.\n{refused}") from refused
        self.stdout.write(f"Starter data: {batch.new} new, {batch.changed} changed, {batch.unchanged} unchanged.")

    def load(self, files: list[tuple[str, Path]]) -> ImportBatch:
        """Write all sheets and publish what is new, as one batch; nothing is kept of a batch that changed nothing."""
        digest = hashlib.sha256(b"".join(path.read_bytes() for _, path in files)).hexdigest()
        batch = ImportBatch.objects.create(file="starter data", digest=digest, door=Door.COMMAND)
        handles = Handles()
        made: list[Any] = []
        with deriving_once(), changing(door=Door.COMMAND, reason="starter data"):
            for name, path in files:
                sheet = SHEETS[name](f"{name}.csv", batch, handles, trusted=True)
                sheet.load(tablib.import_set(path.read_text(encoding="utf-8"), format="csv"))
                made += sheet.made
            with changing(batch=batch.pk, row="publication"):
                held_back = publish_in_order(record for record in made if record.state == State.DRAFT)
        if held_back:
            raise ValidationError([f"{record}: {record.refuse_publishing(None)}." for record in held_back])
        if not batch.rows.exists():
            batch.delete()
        return batch
