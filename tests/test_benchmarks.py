"""The benchmarks run, and say what they found in one line of JSON (contract.md, Commands)."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_import_benchmark_measures_both_engines_and_writes_nothing_twice():
    options = ["--rows", "60", "--rows-before", "10", "--database", "sqlite"]
    command = [sys.executable, "-m", "tests.benchmarks", "import_sheet", *options]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)

    ratios = json.loads(done.stdout.splitlines()[-1])["sqlite"]

    assert (ratios["rows"], ratios["plain_rows"], ratios["second_import_writes_nothing"]) == (60, 60, True)
    assert ratios["plain_to_nkwatch_cpu"] > 0
