#!/usr/bin/env python
"""Django's command line for nkwatch."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nkwatch.settings")
    if sys.argv[1:2] == ["quickstart"] and "SECRET_KEY" not in os.environ:
        # Settings refuse to load without a secret key, so the first try gets one before they do.
        from nkwatch.site.local import prepare_environment

        prepare_environment(Path(__file__).resolve().parent)
    execute_from_command_line(sys.argv)
