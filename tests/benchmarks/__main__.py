"""Run a benchmark by its name."""

import sys

from tests.benchmarks import import_sheet

BENCHMARKS = {"import_sheet": import_sheet.main}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in BENCHMARKS:
        sys.exit(f"Name a benchmark: {', '.join(BENCHMARKS)}.")
    BENCHMARKS[sys.argv[1]](sys.argv[2:])
