"""The house stands as shared architecture has it: floors, migrations, safe settings, no loose ends."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.own_site import OwnSite

ROOT = Path(__file__).resolve().parent.parent
APPS = ("missions", "nkwatch", "sources")
OURS = [
    path for folder in (*APPS, "templates", "tests") for path in sorted((ROOT / folder).rglob("*")) if path.is_file()
]


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_go_down_only() -> None:
    # In a process of its own: import-linter reads the sources as text and keeps what it found.
    linted = run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")

    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert "0 broken" in linted.stdout


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_production_settings_pass_djangos_own_check() -> None:
    checked = run(
        sys.executable,
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        DJANGO_SETTINGS_MODULE="nkwatch.settings",
        SECRET_KEY="a-key-of-production-length-" + "0123456789abcdef" * 3,
        ALLOWED_HOSTS="nkwatch.example",
        DEBUG="off",
        HTTPS="on",  # said, since a first try leaves a .env here that turns it off
    )

    assert checked.returncode == 0, checked.stderr
    assert "no issues (0 silenced)" in checked.stdout


def test_production_settings_refuse_to_start_without_a_secret_key() -> None:
    started = run(sys.executable, "manage.py", "check", DJANGO_SETTINGS_MODULE="nkwatch.settings", SECRET_KEY="")

    assert started.returncode != 0
    assert "SECRET_KEY is not set" in started.stderr


def test_no_loose_ends_are_left_in_the_code() -> None:
    loose = re.compile(r"\b(?:TO" + "DO|FIX" + "ME|X{3})\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in OURS
        if path.suffix in (".py", ".html", ".css", ".js")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if loose.search(line)
    ]

    assert found == []


def test_templates_hold_nothing_inline() -> None:
    """The pages' content security policy allows no inline style, script or handler (pages.md, section 0)."""
    inline = re.compile(r"<style|\sstyle=|<script(?![^>]*(?:\ssrc=|application/ld\+json))|\son[a-z]+=", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in OURS
        if path.suffix == ".html"
        for match in inline.finditer(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_a_site_of_the_tests_keeps_every_file_of_its_own_outside_the_checkout(tmp_path: Path) -> None:
    settings = (ROOT / "nkwatch" / "settings.py").read_text()
    asked_for = set(re.findall(r"^(\w+_ROOT) = env\.path", settings, re.MULTILINE))

    folders = OwnSite(tmp_path, "sqlite://").environment

    assert asked_for == {name for name in folders if name.endswith("_ROOT")}
    assert all(Path(folders[name]).is_relative_to(tmp_path) for name in asked_for)
