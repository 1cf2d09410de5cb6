"""What a first try on one's own machine needs: an environment, and a worker; nothing more."""

import logging
import threading
from pathlib import Path

from django.core.management.utils import get_random_secret_key

LOCAL = """\
# Written by `manage.py quickstart` for a try on this machine; production sets its own environment.
SECRET_KEY={key}
ALLOWED_HOSTS=127.0.0.1,localhost
HTTPS=off
FOUR_EYES=off
TASKS=worker
"""

logger = logging.getLogger(__name__)


def prepare_environment(folder: Path) -> bool:
    """Write `.env` in `folder` unless one stands there; say whether it was written."""
    path = folder / ".env"
    if path.exists():
        return False
    key = get_random_secret_key().replace("#", "-").replace("$", "-").replace("'", "-").replace('"', "-")
    path.touch(mode=0o600)
    path.write_text(LOCAL.format(key=key), encoding="utf-8")
    return True


def start_worker() -> None:
    """Start a worker for large imports inside this process, as a thread: however the server ends, it ends too.

    An import that it was at is rolled back then, and found out to have stopped when somebody looks.
    """
    threading.Thread(target=_work, name="worker", daemon=True).start()


def _work() -> None:
    # Asked for only here, since the environment is prepared before there are models.
    from django.db import OperationalError
    from django_tasks_db.management.commands.db_worker import Worker

    while True:
        try:
            Worker(
                queue_names=["default"],
                interval=1,
                batch=False,
                backend_name="default",
                startup_delay=False,
                max_tasks=None,
                worker_id="quickstart",
                excluded_queue_names=[],
            ).run()
        except OperationalError:
            logger.warning("The worker found the database busy, and goes on.", exc_info=True)
