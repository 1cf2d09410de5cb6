"""What a first try on one's own machine needs in the environment, and nothing more."""

from pathlib import Path

from django.core.management.utils import get_random_secret_key

LOCAL = """\
# Written by `manage.py quickstart` for a try on this machine; production sets its own environment.
SECRET_KEY={key}
ALLOWED_HOSTS=127.0.0.1,localhost
HTTPS=off
FOUR_EYES=off
"""


def prepare_environment(folder: Path) -> bool:
    """Write `.env` in `folder` unless one stands there; say whether it was written."""
    path = folder / ".env"
    if path.exists():
        return False
    key = get_random_secret_key().replace("#", "-").replace("$", "-").replace("'", "-").replace('"', "-")
    path.touch(mode=0o600)
    path.write_text(LOCAL.format(key=key), encoding="utf-8")
    return True
