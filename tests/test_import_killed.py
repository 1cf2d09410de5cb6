"""What only processes show of an import: kill -9 at any moment, and the same file twice at one moment.

Nothing or everything is written, and the batch says which (event-sheet.md, points 4 and 6).
"""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.own_site import Desk, OwnSite, Process, own_site

ROWS = 1_500
KILLS = 20
HOSTS = ("PE", "KW", "MX", "IT", "ES", "UG", "AO", "NP", "BD", "SN", "GN", "MY", "PT", "JO", "TZ", "ET")

UPLOAD = """
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from nkwatch.editorial.models import ImportBatch
with open({path!r}, "rb") as sheet:
    stored = default_storage.save("uploads/sheet", ContentFile(sheet.read()))
batch = ImportBatch.objects.create(
    file="events.csv", digest="0" * 64, door="import", stage="uploaded", upload=stored, rows_read={rows}
)
print(batch.pk)
"""
CONFIRM = """
from django.conf import settings
from missions.importing.jobs import confirm
from nkwatch.editorial.models import ImportBatch
settings.IMPORT_INLINE_ROWS = {inline}
confirm(ImportBatch.objects.get(pk={batch}))
"""
# Whoever looks at a batch finds out what became of it; a minute of silence is not waited for here.
LOOK = """
from django.conf import settings
from missions.importing.jobs import progress_of
from nkwatch.editorial.models import ImportBatch
settings.IMPORT_SILENT_SECONDS = 0
batch = ImportBatch.objects.get(pk={batch})
progress_of(batch)
print(batch.stage)
"""
COUNT = """
from missions.models import EventCitation
from nkwatch.editorial.models import ImportRow
from sources.models import Source
made = [EventCitation.objects, Source.objects, ImportRow.objects, EventCitation.history.filter(history_type="+")]
print(*(records.count() for records in made))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSite]:
    with own_site(tmp_path_factory.mktemp("site")) as site:
        yield site


def sheet(folder: Path, number: int) -> Path:
    """A sheet whose every row is a report that no other sheet has."""
    lines = ["host_country,event,date,source_url,source_title,summary"]
    for row in range(ROWS):
        day = f"2017-{row % 12 + 1:02}-{row // 12 % 28 + 1:02}"
        source = f"https://example.org/{number}/{row},Report {number} of {row}"
        lines.append(f"{HOSTS[row % len(HOSTS)]},announced,{day},{source},대사관 {row}")
    path = folder / f"events-{number}.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def uploaded(desk: Desk, path: Path) -> int:
    return int(desk.do(UPLOAD.format(path=str(path), rows=ROWS)))


def counted(desk: Desk) -> list[int]:
    return [int(count) for count in desk.do(COUNT).split()]


def work(workers: Process, seconds: float) -> None:
    """Have a worker take what waits; kill it after so many seconds, unless it has ended by then."""
    workers.tell()
    worker = int(workers.answer())
    if not workers.answers_within(seconds):
        os.kill(worker, signal.SIGKILL)
    workers.answer()


def end_of(desk: Desk, batch: int) -> str:
    """What became of an import; PostgreSQL notices a killed client only when it is done with its last statement."""
    until = time.monotonic() + 60
    while (stage := desk.do(LOOK.format(batch=batch))) == "running" and time.monotonic() < until:
        continue
    return stage


def test_a_worker_killed_at_any_moment_leaves_everything_or_nothing(tmp_path, site):
    moments = random.Random(4)
    found = set()
    with site.desk() as desk, site.workers() as workers:
        batch = uploaded(desk, sheet(tmp_path, 0))
        desk.do(CONFIRM.format(batch=batch, inline=0))
        began = time.monotonic()
        work(workers, seconds=60)
        duration = time.monotonic() - began
        assert (desk.do(LOOK.format(batch=batch)), counted(desk)) == ("written", [ROWS] * 4)

        for number in range(1, KILLS + 1):
            before = counted(desk)
            batch = uploaded(desk, sheet(tmp_path, number))
            desk.do(CONFIRM.format(batch=batch, inline=0))
            work(workers, seconds=duration * (number - moments.random()) / KILLS)

            stage = end_of(desk, batch)
            written = {after - earlier for after, earlier in zip(counted(desk), before, strict=True)}
            found.add(stage)
            assert (stage, written) in [("written", {ROWS}), ("failed", {0}), ("queued", {0})]
            if stage == "queued":
                # Killed before it took the import: whoever looks hands it over again, and the next worker takes it.
                work(workers, seconds=60)
                assert desk.do(LOOK.format(batch=batch)) == "written"
    assert "failed" in found


def both_confirm(one: Desk, other: Desk, batches: tuple[int, int]) -> list[str]:
    """Confirm at the same moment, each in a process of its own; the stages that come of it, and what is made."""
    before = counted(one)
    for desk, batch in zip((one, other), batches, strict=True):
        desk.begin(CONFIRM.format(batch=batch, inline=ROWS))
    for desk in (one, other):
        desk.end_of()
    assert {after - earlier for after, earlier in zip(counted(one), before, strict=True)} == {ROWS}
    return sorted(one.do(LOOK.format(batch=batch)) for batch in batches)


def test_the_same_file_twice_at_the_same_moment_is_written_once(tmp_path, site):
    with site.desk() as one, site.desk() as other:
        path = sheet(tmp_path, KILLS + 1)
        batches = uploaded(one, path), uploaded(other, path)

        assert both_confirm(one, other, batches) == ["unchanged", "written"]


def test_one_batch_confirmed_twice_at_the_same_moment_runs_once(tmp_path, site):
    with site.desk() as one, site.desk() as other:
        batch = uploaded(one, sheet(tmp_path, KILLS + 2))

        assert both_confirm(one, other, (batch, batch)) == ["written", "written"]


ASK = """
import time
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from nkwatch.editorial.models import ApiToken
user = User.objects.filter(is_superuser=True).first() or User.objects.create_superuser("program")
token, secret = ApiToken.make(user, "monitor {number}")
{hold}
settings.ALLOWED_HOSTS = ["testserver"]
client = Client(raise_request_exception=False, headers={{"authorization": f"Token {{secret}}"}})
began = time.monotonic()
read = client.get("/api/v1/missions/", secure=True)
waited = time.monotonic() - began > settings.DATABASES["default"]["OPTIONS"].get("timeout", 20) / 2
{hurry}
made = {{"kind": "person", "name": "Ri"}}
written = client.post("/api/v1/actors/", made, content_type="application/json", secure=True)
print(read.status_code, waited, written.status_code, written.get("Retry-After", ""))
"""
# As an import does: on SQLite nobody else writes meanwhile.
HOLD = """
import sqlite3
with connection.cursor() as cursor:
    cursor.execute("PRAGMA database_list")
    [(_, _, path)] = cursor.fetchall()
holder = sqlite3.connect(path, isolation_level=None)
holder.execute("BEGIN IMMEDIATE")
"""
# Who writes waits for a tenth of a second here.
HURRY = 'connection.connection.execute("PRAGMA busy_timeout = 100")'


def test_a_program_reads_on_while_an_import_is_written_and_is_told_when_to_write(site):
    with site.desk() as desk:
        assert desk.do(ASK.format(number=1, hold="", hurry="")) == "200 False 201"
        if site.environment["DATABASE_URL"].startswith("sqlite"):
            assert desk.do(ASK.format(number=2, hold=HOLD, hurry=HURRY)) == "200 False 503 30"
