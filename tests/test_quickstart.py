"""The first command: what it prepares, what it says, and that it may be run again."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py as a newcomer does: in a process of its own, with nothing set but what is given."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    return subprocess.run(
        [sys.executable, str(folder / "manage.py"), *command],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the project as a fresh clone has it: without environment, database or built files."""
    for name in ("manage.py", "nkwatch", "missions", "sources", "templates"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "manage.py").unlink()
    (tmp_path / "manage.py").write_text((ROOT / "manage.py").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def test_without_a_secret_key_nothing_starts_and_a_sentence_says_what_to_do(tmp_path, clone):
    tried = run(clone, "check", DATABASE_URL=f"sqlite:///{tmp_path}/record.sqlite3", SECRET_KEY="")

    assert tried.returncode != 0
    assert "SECRET_KEY is not set" in tried.stderr
    assert "quickstart" in tried.stderr


def test_quickstart_prepares_everything_once(tmp_path, clone):
    local = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/record.sqlite3",
        "SECRET_KEY": "only-for-this-test-0123456789-0123456789-0123456789",
        "FOUR_EYES": "off",
        "STATIC_ROOT": f"{tmp_path}/static",
    }
    first = run(clone, "quickstart", "--no-serve", **local)
    second = run(clone, "quickstart", "--no-serve", **local)

    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert re.search(r"\d{3,} new, 0 changed, 0 unchanged", first.stdout)
    assert re.search(r"0 new, 0 changed, \d{3,} unchanged", second.stdout)
    password = re.search(r"administrator, password (\S+)", first.stdout)
    assert password and len(password[1]) >= 16
    assert password[1] not in second.stdout


def test_the_secret_key_of_a_first_try_is_made_once_and_kept_private(tmp_path):
    from nkwatch.site.local import prepare_environment

    assert prepare_environment(tmp_path)
    made = (tmp_path / ".env").read_text(encoding="utf-8")
    assert not prepare_environment(tmp_path)

    assert (tmp_path / ".env").read_text(encoding="utf-8") == made
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    assert re.search(r"^SECRET_KEY=.{50}$", made, re.MULTILINE)
