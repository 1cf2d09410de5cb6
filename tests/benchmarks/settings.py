"""The tests' settings, with the models that the plain resource of the benchmark writes to."""

from tests.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.benchmarks.plain"]  # noqa: F405
