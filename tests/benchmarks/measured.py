"""Measure one engine on one new database; run by `import_sheet` as a process of its own.

`python -m tests.benchmarks.measured nkwatch|plain FILE EARLIER` on the database of DATABASE_URL prints one JSON
line. EARLIER is a sheet that stands already: on empty tables PostgreSQL's planner knows nothing and chooses
badly for whole imports, which no database in use would show.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

TICKS = os.sysconf("SC_CLK_TCK")


def main(engine: str, path: str, earlier: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"
    django.setup()
    print(json.dumps({"nkwatch": measure_nkwatch, "plain": measure_plain}[engine](Path(path), Path(earlier))))


def measure_nkwatch(path: Path, earlier: Path) -> dict[str, Any]:
    from django.contrib.auth.models import Group, User
    from django.core.management import call_command

    from missions.importing.imports import import_sheet
    from missions.models import ClosureEvent, EventCitation
    from nkwatch.editorial.roles import EDITOR
    from sources.models import Actor, Quote, Reason, Source
    from tests.benchmarks.generate import AGENCIES, REASONS

    call_command("migrate", verbosity=0)
    editor = User.objects.create_user("editor", is_staff=True)
    editor.groups.add(Group.objects.get(name=EDITOR))
    for name in AGENCIES:
        Actor.objects.create(kind="organisation", name=name)
    for slug, label in REASONS.items():
        Reason.objects.create(slug=slug, label=label, definition=f"What is said of {label.lower()}.")

    def run(dry_run: bool, content: bytes) -> Any:
        report = import_sheet(content, "generated.csv", user=editor, door="import", dry_run=dry_run)
        if report.errors:
            raise SystemExit(f"The generated sheet has {len(report.errors)} errors; the first: {report.errors[0]}")
        return report

    run(False, earlier.read_bytes())
    _know_tables()
    events, before = ClosureEvent.objects.count(), _memory("VmRSS")
    content = path.read_bytes()
    found = {"preview": measured(lambda: run(True, content), before)}
    if ClosureEvent.objects.count() != events:
        raise SystemExit("The preview wrote something.")
    found["import"] = measured(lambda: run(False, content), before)
    counts = {"versions": sum(model.history.count() for model in (ClosureEvent, EventCitation, Source, Quote))}
    counts |= {model.__name__: model.objects.count() for model in (ClosureEvent, EventCitation, Source, Quote)}
    again: list[Any] = []
    found["again"] = measured(lambda: again.append(run(False, content)), before)
    report = again[0]
    return {**found, "wrote": counts, "again_wrote": report.written or report.counts["unchanged"] != report.rows}


def measure_plain(path: Path, earlier: Path) -> dict[str, Any]:
    import tablib
    from django.db import connection

    from tests.benchmarks.generate import AGENCIES
    from tests.benchmarks.plain.models import MODELS, Actor
    from tests.benchmarks.plain.resources import EventResource

    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)
    for name in AGENCIES:
        Actor.objects.create(name=name)

    def run(dry_run: bool, content: bytes) -> None:
        dataset = tablib.Dataset().load(content.decode(), format="csv")
        result = EventResource().import_data(dataset, dry_run=dry_run)
        if result.has_errors() or result.has_validation_errors():
            raise SystemExit(f"The plain resource refuses the generated sheet: {result.row_errors()[:1]}")

    run(False, earlier.read_bytes())
    _know_tables()
    before = _memory("VmRSS")
    content = path.read_bytes()
    found = {
        "preview": measured(lambda: run(True, content), before),
        "import": measured(lambda: run(False, content), before),
    }
    return {**found, "wrote": {model.__name__: model.objects.count() for model in MODELS}}


def measured(action: Callable[[], Any], memory_before: int) -> dict[str, float]:
    """Seconds of wall clock and of processors (this process, its children, the database's server), queries,
    and by how much memory grew at its peak since the file was opened."""
    from django.db import connection

    connection.ensure_connection()
    children, server = _children(), _server_seconds()
    with _counting() as queries:
        _forget_peak()
        wall, cpu = time.perf_counter(), time.process_time()
        action()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        grown = _memory("VmHWM") - memory_before
    after = _children()
    return {
        "wall": wall,
        "cpu": cpu + (after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime),
        "server_cpu": _server_seconds() - server,
        "queries": queries[0],
        "memory_mb": grown / 1024,
        "child_memory_mb": after.ru_maxrss / 1024,
    }


def _know_tables() -> None:
    """Let PostgreSQL count what stands in its tables, as its autovacuum does in time."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _children() -> resource.struct_rusage:
    return resource.getrusage(resource.RUSAGE_CHILDREN)


def _server_seconds() -> float:
    """What the PostgreSQL process of this connection has used; SQLite works in this process."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / TICKS


@contextmanager
def _counting() -> Iterator[list[int]]:
    from django.db import connection

    count = [0]

    def counted(execute: Any, *args: Any) -> Any:
        count[0] += 1
        return execute(*args)

    with connection.execute_wrapper(counted):
        yield count


def _forget_peak() -> None:
    """Let the kernel count this process's peak of memory from here (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    main(*sys.argv[1:])
