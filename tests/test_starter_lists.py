"""The lists of the starter data, as filtered pages and as files: the same checks as in `test_filters` and
`test_exports`, on real records, which are loaded once for all of them."""

import re

import pytest
import tablib
from django.core.management import call_command
from django.db import transaction
from django.http import QueryDict
from django.test import Client

from missions.event_sheet import EventReportSheet
from nkwatch.editorial.importing.columns import Handles, unguard
from nkwatch.editorial.models import ImportBatch
from nkwatch.editorial.versions import changing
from tests.test_exports import ENDINGS, SHEETS, download, load_again
from tests.test_exports import LISTS as SHEET_LISTS
from tests.test_filters import LISTS, choices, filtering, read, records, words

pytestmark = pytest.mark.django_db

FILTERS = [
    *(
        ("missions", name)
        for name in ("direction", "status", "host", "sending", "kind", "region", "closed_year", "origins")
    ),
    *(
        ("events", name)
        for name in ("stage", "mission", "host", "region", "date_from", "date_to", "support", "contested")
    ),
    *(("sources", name) for name in ["kind", "outlet", "language", "year", "read", "archived"]),
    *(("quotes", name) for name in ["speaker", "capacity", "reason", "mission", "language"]),
    *(("actors", name) for name in ["kind", "capacity", "country"]),
    *(("figures", name) for name in ["metric", "speaker"]),
]


@pytest.fixture(scope="module")
def starter(django_db_setup, django_db_blocker):
    """The starter data, loaded once for this module; each test that wants it goes back to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_starter")
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("day", ["", "2023-11-20"])
@pytest.mark.parametrize("name", LISTS)
def test_each_number_is_that_of_the_records_found_by_choosing_it(starter, name: str, day: str):
    offered = choices(name, day=day)
    assert offered
    for field, counted in offered.items():
        for value, number in counted.items():
            query = QueryDict(mutable=True)
            query[field] = value
            assert filtering(name, query.urlencode(), day).apply(records(name)).count() == number, (field, value)


def test_every_filter_of_the_lists_stands_on_the_page_with_its_choices(starter):
    pages = {name: read(Client(), f"/{name}/") for name in LISTS}
    for name, field in FILTERS:
        assert f'id="filter-{field}"' in pages[name], (name, field)
        offered = filtering(name).fields(records(name))
        kinds = {one.name: one.kind for one in offered}
        assert kinds[field] == "day" or any(one.choices for one in offered if one.name == field)


@pytest.mark.parametrize(("name", "field"), FILTERS)
def test_a_wrong_value_gets_a_message_at_its_field_and_takes_nothing_from_the_list(starter, name: str, field: str):
    page = read(Client(), f"/{name}/?{field}=no+such+value!")

    assert re.search(rf'<(p|span) class="field-error" id="error-{field}">[^<]*left out', page)
    assert f'<a href="#filter-{field}">' in page
    assert "no such value!" in words(page) or 'value="no such value!"' in page
    assert filtering(name, f"{field}=no+such+value!").apply(records(name)).count() == records(name).count()


@pytest.mark.parametrize("ending", ENDINGS)
def test_real_records_go_out_and_come_in_again_without_a_change(starter, ending):
    for name in SHEET_LISTS:
        rows = download(f"/{name}.{ending}")
        assert rows, name
        assert load_again(name, rows) == (0, 0, len(rows)), name


def test_the_files_of_a_list_hold_all_its_records_in_the_columns_of_its_sheet(starter):
    for name in SHEET_LISTS:
        sheet = SHEETS[name]
        rows = download(f"/{name}.json")
        number = [] if name == "reasons" else ["number"]
        assert list(rows[0]) == [*number, *sheet.for_export().columns()]
        assert len(rows) == sheet._meta.model.objects.public().count()


def test_the_three_formats_say_the_same(starter):
    for name in (*SHEET_LISTS, "events"):
        texts = [
            [["" if cell is None else str(cell) for cell in map(unguard, row.values())] for row in rows]
            for rows in (download(f"/{name}.{ending}") for ending in ENDINGS)
        ]
        assert texts[0] == texts[1] == texts[2], name


def test_lists_link_to_their_files_on_the_day_they_show(starter, client):
    for name in (*SHEET_LISTS, "events"):
        page = client.get(f"/{name}/").content.decode()
        day = client.get(f"/{name}/?asof=2023-12-31").content.decode()
        for ending in ENDINGS:
            assert f'<a href="/{name}.{ending}">{ending.upper()}</a>' in page
            assert f'href="/{name}.{ending}?asof=2023-12-31"' in day


def test_one_record_gives_one_workbook_byte_for_byte(starter, client):
    first, second = (b"".join(client.get("/missions.xlsx").streaming_content) for _ in range(2))

    assert first == second


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_event_sheet_goes_out_and_comes_in_again_without_a_change(starter, administrator, ending):
    rows = [{column: cell or "" for column, cell in row.items()} for row in download(f"/events.{ending}")]
    batch = ImportBatch.objects.create(file="events.csv", digest="0" * 64, door="command")
    sheet = EventReportSheet("events.csv", batch, Handles())

    with changing(user=administrator):
        sheet.load(tablib.Dataset(*[tuple(row.values()) for row in rows], headers=list(rows[0])))

    assert (batch.new, batch.changed, batch.unchanged) == (0, 0, len(rows))
    assert (sheet.made, sheet.proposed) == ([], 0)
