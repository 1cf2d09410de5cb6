"""The data page: what it says of files is true of them, and the files hold what readers see and nothing else."""

import contextlib
import hashlib
import json
import re
import sqlite3
import tempfile
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from frictionless import Package, Resource, Schema, system

from missions.models import ClosureEvent
from nkwatch.editorial.versions import changing
from nkwatch.site.data import Stamp, write_database
from nkwatch.site.tables import tables
from tests.make import (
    cite,
    make_actor,
    make_coverage,
    make_event,
    make_figure,
    make_mission,
    make_quote,
    make_reason,
    make_source,
)
from tests.make import publish as publish_plainly

pytestmark = pytest.mark.django_db

MARKER = "Xylophon"
TABLE = "SELECT name FROM sqlite_master WHERE type = 'table'"


@pytest.fixture(autouse=True)
def downloads_of_this_test(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")


def make_world() -> ClosureEvent:
    rome, madrid = make_mission(host="IT", city="Rome"), make_mission(city="Madrid", established="2013")
    event = make_event(mission=madrid, duties_to=rome)
    speaker = make_actor(name="Ministry", capacity="government", country="KR")
    quote = make_quote(speaker=speaker)
    quote.reasons.add(make_reason())
    event.quotes.add(quote)
    figure, coverage = make_figure(speaker=speaker), make_coverage(mission=rome)
    source = make_source(outlet=make_actor(name="Outlet"), accessed_on="2024-01-30")
    source.references.create(cited_source=make_source(title="Endnote"), label="n1")
    for record in (event, madrid, quote, figure, coverage):
        cite(record, source, attributed_to_actor=speaker, wording="As printed.", note=f"{MARKER}: ask again")
    with changing(reason="published"):
        publish_plainly(source, *quote.reasons.all(), quote, rome, madrid, event, figure, coverage)
    return event


def make_drafts(event: ClosureEvent) -> None:
    draft = make_source(title=f"{MARKER} draft", summary=MARKER)
    cite(event, draft, wording=MARKER)
    event.mission.coverages.create(country_id="MT")
    make_event(mission=event.mission, stage="closed", date="2023-12", summary=MARKER)
    make_actor(name=MARKER)


def text(client: Client, address: str = "/data/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


@contextlib.contextmanager
def opened(content: bytes):
    with tempfile.NamedTemporaryFile(suffix=".sqlite3") as file:
        file.write(content)
        file.flush()
        with contextlib.closing(sqlite3.connect(file.name)) as database:
            yield database


def test_an_empty_site_has_its_dictionary_and_says_nothing_of_rows(client: Client):
    page = text(client)
    assert "Dictionary" in page
    assert "0 rows" in page
    assert client.get("/data/datapackage.json").json()["resources"]


def test_every_size_and_checksum_is_that_of_the_file(client: Client):
    make_world()
    page = text(client)
    found = re.findall(
        r'<a href="(/\w+\.\w+)">\w+</a></td> <td>([^<]+)</td> <td><code class="sum">(\w{64})</code>', page
    )
    assert len(found) >= 7 * 3
    for address, _size, checksum in found:
        assert hashlib.sha256(client.get(address).getvalue()).hexdigest() == checksum, address
    [whole] = re.findall(r"SHA-256 <code class=\"sum\">(\w{64})</code>", page)
    assert hashlib.sha256(client.get("/data/nkwatch.sqlite3").getvalue()).hexdigest() == whole


def test_checksums_follow_the_record(client: Client):
    event = make_world()
    before = text(client)
    event.date_note = "Read again."
    event.save()
    assert text(client) != before
    make_drafts(event)
    after = text(client)
    make_actor(name="Another draft")
    assert text(client) == after


def test_the_database_has_every_table_with_its_rows_and_its_dictionary(client: Client):
    make_world()
    with opened(client.get("/data/nkwatch.sqlite3").getvalue()) as database:
        names = {name for (name,) in database.execute(TABLE)}
        assert names == {table.name for table in tables()} | {"about", "dictionary"}
        rows = {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
        assert {name for name, number in rows.items() if not number} == set()
        assert rows["missions"] == 2
        ends = "JOIN missions m ON e.mission = m.number JOIN missions t ON e.duties_to = t.number"
        joined = database.execute(f"SELECT e.number, m.city, t.city FROM events e {ends}")
        assert joined.fetchall() == [("E-0001", "Madrid", "Rome")]
        [(coverage,)] = database.execute("SELECT coverage FROM coverage_citations")
        assert coverage == "M-0001 ES"
        described = database.execute("SELECT count(*) FROM dictionary").fetchone()[0]
        assert described == sum(len(table.columns) for table in tables())


def test_no_file_holds_a_draft_a_word_for_the_desk_or_an_id_of_the_database(client: Client):
    make_actor(name="So that ids and numbers differ")
    event = make_world()
    make_drafts(event)
    with opened(client.get("/data/nkwatch.sqlite3").getvalue()) as database:
        assert MARKER not in "\n".join(database.iterdump())
        names = [name for (name,) in database.execute(TABLE)]
        for name in names:
            columns = {row[1] for row in database.execute(f'PRAGMA table_info("{name}")')}
            assert not columns & {"id", "state", "created", "origin_id", "retraction_reason"}
    assert MARKER not in text(client)
    assert MARKER not in text(client, "/data/datapackage.json")


def test_a_record_under_a_retracted_one_is_in_no_table(client: Client):
    event = make_world()
    event.mission.retract("It was entered twice.")
    with opened(client.get("/data/nkwatch.sqlite3").getvalue()) as database:
        assert database.execute("SELECT count(*) FROM events").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM status_spans WHERE mission = 'M-0002'").fetchone() == (0,)


def test_the_data_package_describes_the_files_that_are_there(client: Client, tmp_path: Path):
    make_world()
    package = client.get("/data/datapackage.json").json()
    assert Package.metadata_validate is not None
    assert list(Package.metadata_validate(package)) == []
    places = [resource["name"] for resource in package["resources"] if resource["format"] == "geojson"]
    assert places == ["missions-places", "events-places"]
    with system.use_context(trusted=True):
        for resource in package["resources"]:
            address = resource["path"].removeprefix("http://testserver")
            content = client.get(address).getvalue()
            assert resource["bytes"] == len(content)
            assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
            if resource["format"] == "geojson":
                assert json.loads(content)["type"] == "FeatureCollection"
                continue
            path = tmp_path / address.strip("/")
            path.write_bytes(content)
            report = Resource(path=str(path), schema=Schema.from_descriptor(resource["schema"])).validate()
            assert report.valid, (address, report.flatten(["message"]))


def test_the_dictionary_follows_the_fields(client: Client):
    make_world()
    page = text(client)
    assert "one of: opened, reopened, seen-open" in page
    assert "the number of a record: M-0001 (mission)" in page
    assert "As EDTF. Never a day that no source gives" in page
    every = [column for table in tables() for column in table.columns]
    assert [column.name for column in every if not column.meaning] == []


def test_the_page_costs_the_same_queries_however_many_records_there_are(client: Client, django_assert_num_queries):
    """Files are measured once for each state of the record; after that, the stamp and a first row of each table."""
    make_world()
    text(client)
    with CaptureQueriesContext(connection) as captured:
        text(client)
    number = len(captured)
    with changing(reason="published"):
        publish_plainly(*(make_reason(slug=f"r{n}") for n in range(30)))
    text(client)
    with django_assert_num_queries(number):
        text(client)


def test_the_database_is_written_a_part_at_a_time(tmp_path: Path):
    with changing(reason="published"):
        publish_plainly(*(make_reason(slug=f"r{number}") for number in range(5)))
    path = tmp_path / "whole.sqlite3"
    write_database(path, Stamp())
    with contextlib.closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT slug FROM reasons").fetchall() == [(f"r{number}",) for number in range(5)]
