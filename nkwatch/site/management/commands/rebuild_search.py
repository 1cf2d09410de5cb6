"""Build the search index anew: `uv run manage.py rebuild_search`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from nkwatch.site.search.index import rebuild


class Command(BaseCommand):
    """Needed once where records stood before there was an index, and after a country's names changed."""

    help = "Build the search index anew from the public records."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            number = rebuild()
        self.stdout.write(f"{number} record{'' if number == 1 else 's'} can be found.")
