"""How fast an event sheet is imported, beside the plain resource that django-import-export documents (issue 4).

Both read the same generated file on the same machine in one run, each in a process and on a database
of its own, where a smaller sheet stands already: first a preview, then the import. nkwatch also reads it
once more, which must write nothing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import django

from tests.benchmarks.databases import KINDS, NO_POSTGRESQL, NewDatabase

Measured = dict[str, Any]
Sheets = tuple[dict[int, Path], Path]
"""The sheets to read, by their number of rows, and the one that stands before."""

ROOT = Path(__file__).resolve().parents[2]
PEER_ROWS = 20_000
STEPS = {"nkwatch": ("preview", "import", "again"), "plain": ("preview", "import")}
HEAD = f"{'engine':8} {'rows':>7} {'step':8} {'wall s':>8} {'CPU s':>8} {'of server':>9} {'rows/s':>8}"
HEAD += f" {'ms/row':>7} {'queries/1000':>12} {'memory MB':>9} {'child MB':>8}"


def main(arguments: list[str]) -> None:
    options = _options(arguments)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"
    django.setup()
    ratios: dict[str, Any] = {"benchmark": "import_sheet"}
    databases = list(KINDS) if options.database == "both" else [options.database]
    with tempfile.TemporaryDirectory() as folder:
        sheets = _sheets(Path(folder), {*options.rows, *_peer_rows(options)}, options.rows_before)
        for kind in databases:
            with KINDS[kind]() as new_database:
                if new_database is None:
                    print(NO_POSTGRESQL)
                    continue
                print(f"\n{kind}\n{HEAD}")
                ours = {rows: _run("nkwatch", rows, sheets, new_database) for rows in options.rows}
                plain = {rows: _run("plain", rows, sheets, new_database) for rows in _peer_rows(options)}
            ratios[kind] = _ratios(ours, plain)
            _say(ratios[kind])
    print(json.dumps(ratios))


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks import_sheet", description=__doc__)
    parser.add_argument("--rows", type=_numbers, default=[PEER_ROWS], help="one size or several: 5000,20000,100000")
    parser.add_argument("--peer-rows", type=int, help="rows that the plain resource reads; the largest size, to 20,000")
    parser.add_argument("--rows-before", type=int, default=1000, help="rows of earlier years that stand already")
    parser.add_argument("--database", choices=[*KINDS, "both"], default="both")
    return parser.parse_args(arguments)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _peer_rows(options: argparse.Namespace) -> list[int]:
    if options.peer_rows is not None:
        return [options.peer_rows] if options.peer_rows else []
    return [max(rows for rows in [*options.rows, PEER_ROWS] if rows <= PEER_ROWS and rows <= max(options.rows))]


def _sheets(folder: Path, sizes: set[int], rows_before: int) -> Sheets:
    from tests.benchmarks.generate import EARLIER_YEARS, event_sheet

    sheets = {rows: folder / f"{rows}.csv" for rows in sizes}
    for rows, path in sheets.items():
        path.write_bytes(event_sheet(rows))
    earlier = folder / "earlier.csv"
    earlier.write_bytes(event_sheet(rows_before, years=EARLIER_YEARS))
    return sheets, earlier


def _run(engine: str, rows: int, sheets: Sheets, new_database: NewDatabase) -> Measured:
    url = new_database(f"{engine}_{rows}")
    command = [sys.executable, "-m", "tests.benchmarks.measured", engine, str(sheets[0][rows]), str(sheets[1])]
    environment = {**os.environ, "DATABASE_URL": url}
    done = subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    found: Measured = json.loads(done.stdout.splitlines()[-1])
    for step in STEPS[engine]:
        print(_line(engine, rows, step, found[step]), flush=True)
    print(f"{'':17}wrote {', '.join(f'{count} {name}' for name, count in found['wrote'].items())}")
    return found


def _line(engine: str, rows: int, step: str, found: Measured) -> str:
    thousands = rows / 1000
    return (
        f"{engine:8} {rows:7} {step:8} {found['wall']:8.2f} {_cpu(found):8.2f} {found['server_cpu']:9.2f} "
        f"{rows / found['wall']:8.0f} {_cpu(found) / thousands:7.3f} {found['queries'] / thousands:12.1f} "
        f"{found['memory_mb']:9.1f} {found['child_memory_mb']:8.1f}"
    )


def _cpu(*steps: Measured) -> float:
    """Processor seconds, those of the database's server too."""
    return float(sum(step["cpu"] + step["server_cpu"] for step in steps))


def _both(found: Measured) -> float:
    return _cpu(found["preview"], found["import"])


def _ratios(ours: dict[int, Measured], plain: dict[int, Measured]) -> dict[str, Any]:
    """Per row where the sizes differ; the largest size that both engines read, or the nearest."""
    compared = max((rows for rows in ours if rows in plain), default=max(ours))
    largest = ours[max(ours)]
    per_row = {rows: _both(found) / rows for rows, found in ours.items()}
    ratios: dict[str, Any] = {
        "rows": compared,
        "preview_to_import": ours[compared]["preview"]["wall"] / ours[compared]["import"]["wall"],
        "queries_per_1000_rows": {step: ours[compared][step]["queries"] * 1000 / compared for step in STEPS["nkwatch"]},
        "rows_per_second": compared / ours[compared]["import"]["wall"],
        "memory_mb_at_largest": max(largest[step]["memory_mb"] for step in ("preview", "import")),
        "cpu_ms_per_row": {str(rows): seconds * 1000 for rows, seconds in per_row.items()},
        "largest_to_smallest_per_row": per_row[max(per_row)] / per_row[min(per_row)],
        "second_import_writes_nothing": not any(found["again_wrote"] for found in ours.values()),
    }
    for rows, found in plain.items():
        ratios["plain_rows"] = rows
        ratios["plain_to_nkwatch_cpu"] = _both(found) / rows / per_row[compared]
        ratios["plain_cpu_ms_per_row"] = _both(found) * 1000 / rows
    return _rounded(ratios)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    return round(value, 3) if isinstance(value, float) else value


def _say(ratios: dict[str, Any]) -> None:
    if "plain_to_nkwatch_cpu" in ratios:
        read = "" if ratios["plain_rows"] == ratios["rows"] else f" (per row; it read {ratios['plain_rows']} rows)"
        print(f"The plain resource takes {ratios['plain_to_nkwatch_cpu']} times nkwatch's CPU{read}.")
    print(f"A preview takes {ratios['preview_to_import']} of an import's time.")
    nothing = "writes nothing" if ratios["second_import_writes_nothing"] else "WRITES AGAIN"
    print(f"The same file again {nothing}.")
