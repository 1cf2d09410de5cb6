"""Settings for the tests: what an environment would say, then nkwatch's own settings."""

import atexit
import os
import shutil
import tempfile

os.environ.update(
    SECRET_KEY="only-for-tests-and-long-enough-not-to-warn-0123456789abcdef",
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    HTTPS="off",
    FOUR_EYES="on",
    DEBUG="off",
    API_REQUESTS_PER_ADDRESS="1000000",
    API_REQUESTS_PER_TOKEN="1000000",
)

from nkwatch.settings import *  # noqa: F403

# Nothing is collected for tests, and WhiteNoise warns of a folder that is not there.
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("whitenoise.")]  # noqa: F405
# What is written for readers to download goes with the tests.
MEDIA_ROOT = f"{tempfile.mkdtemp(prefix='nkwatch-tests-')}/media"
atexit.register(shutil.rmtree, os.path.dirname(MEDIA_ROOT), ignore_errors=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "private": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {
    alias: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": alias}
    for alias in ("default", "progress")
}
