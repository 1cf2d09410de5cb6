"""Everything for a first try: `uv run manage.py quickstart` (contract.md, Commands)."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django_tasks import task_backends
from django_tasks_db import DatabaseBackend

from nkwatch.editorial.roles import ADMINISTRATOR
from nkwatch.site.local import start_worker

NAME = "administrator"


class Command(BaseCommand):
    help = "Prepare the database, load the starter data, make an administrator, and serve on this machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="prepare everything, serve nothing")
        parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (default: 8000)")

    def handle(self, *args: Any, no_serve: bool, port: int, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("load_starter", stdout=self.stdout)
        call_command("collectstatic", verbosity=0, interactive=False)
        password = self.make_administrator()
        if no_serve:
            self.stdout.write(f"Administrator: {NAME}, {self.password_hint(password)}")
            return
        address = f"http://127.0.0.1:{port}"
        self.stdout.write(f"Read:  {address}/ (the record), {address}/missions/ (every mission)")
        self.stdout.write(f"Edit:  {address}/admin/ as {NAME}, {self.password_hint(password)}")
        self.stdout.write(f"Desk:  {self.desk_hint()} Stop with Ctrl+C.")
        self.stdout.flush()
        if isinstance(task_backends["default"], DatabaseBackend):
            start_worker()
        call_command("runserver", f"127.0.0.1:{port}", use_reloader=False, skip_checks=True, verbosity=0)

    def make_administrator(self) -> str:
        """Make the administrator account once; return its password then, and an empty string ever after."""
        users = get_user_model()._default_manager
        if users.filter(username=NAME).exists():
            return ""
        password = secrets.token_urlsafe(12)
        user = users.create_superuser(NAME, password=password)
        user.groups.add(Group.objects.get(name=ADMINISTRATOR))
        return password

    def password_hint(self, password: str) -> str:
        if password:
            return f"password {password}"
        return f"with the password shown the first time (a new one: uv run manage.py changepassword {NAME})"

    def desk_hint(self) -> str:
        if settings.FOUR_EYES:
            return "a second person must approve changes of status (FOUR_EYES=on)."
        return "for one person: nobody else need approve what you publish (FOUR_EYES=off in .env)."
