"""Make an API token: `uv run manage.py create_token USER` (contract.md, Commands)."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from nkwatch.editorial.models import ApiToken
from nkwatch.editorial.models.tokens import DAYS, MOST_DAYS


class Command(BaseCommand):
    help = "Make an API token for an account and print it, once: nkwatch keeps only what it hashes to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="whose name it writes in")
        parser.add_argument("--scope", choices=ApiToken.Scope.values, default=ApiToken.Scope.DRAFT.value)
        parser.add_argument("--days", type=int, default=DAYS, help=f"how long it holds, at most {MOST_DAYS}")
        parser.add_argument("--name", default="", help="what uses it, as versions will say (default: when it was made)")

    def handle(self, *args: Any, user: str, scope: str, days: int, name: str, **options: Any) -> None:
        if not 1 <= days <= MOST_DAYS:
            raise CommandError(f"A token holds for 1 to {MOST_DAYS} days, not {days}.")
        account = get_user_model()._default_manager.filter(username=user, is_active=True).first()
        if account is None:
            raise CommandError(f"There is no open account “{user}”.")
        try:
            _, secret = ApiToken.make(account, name or f"made {timezone.now():%Y-%m-%d %H:%M:%S.%f}", scope, days)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(secret)
