"""What only the production database can show: two at the same moment, each on a connection of their own.

These tests flush the database. They stand in a module of their own, which brings back the reference
data when it is done: pytest-xdist runs small modules last, whatever order pytest-django gives them.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from missions.importing.jobs import progress_of
from missions.models import ClosureEvent, EventCitation, Mission
from missions.report_desk.submission import submit_report
from nkwatch.editorial.models import ApiToken, ImportBatch
from sources.models import Country, Source
from tests.make import make_mission
from tests.reports import only, report
from tests.test_import_jobs import ROWS, uploaded

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'",
        reason="Runs on PostgreSQL: set DATABASE_URL=postgres://user@host/name to have it.",
    ),
]


@pytest.fixture(autouse=True, scope="module")
def reference_data_for_the_next_module(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    yield
    with django_db_blocker.unblock():
        connection.creation.deserialize_db_from_string(connection._test_serialized_contents)
        connection.close()


def test_two_publications_at_once_give_two_numbers():
    missions = [make_mission(host=host, city="") for host in ("ES", "IT", "UG", "AO", "NP", "BD", "SN", "GN")]
    together = threading.Barrier(len(missions))
    failures = []

    def publish(pk: int) -> None:
        try:
            together.wait(timeout=30)
            Mission.objects.get(pk=pk).publish()
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=publish, args=[mission.pk]) for mission in missions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert failures == []
    assert sorted(Mission.objects.values_list("number", flat=True)) == list(range(1, len(missions) + 1))
    assert connection.vendor == "postgresql"


def test_one_that_is_silent_but_holds_its_transaction_is_not_taken_for_dead(settings):
    settings.IMPORT_SILENT_SECONDS = 0
    batch = uploaded(*ROWS)
    ImportBatch.objects.filter(pk=batch.pk).update(stage="running")
    asked = []

    def ask() -> None:
        asked.append(progress_of(ImportBatch.objects.get(pk=batch.pk)))
        connections.close_all()

    with transaction.atomic():
        ImportBatch.objects.select_for_update().get(pk=batch.pk)
        asking = threading.Thread(target=ask)
        asking.start()
        asking.join(timeout=30)
    batch.refresh_from_db()
    assert (len(asked), batch.stage, connection.vendor) == (1, "running", "postgresql")

    progress_of(batch)
    assert batch.stage == "failed"


def test_one_report_sent_twice_at_once_is_written_once():
    make_mission()
    user = User.objects.create(username="editor")
    told = only(report().events[0])
    together = threading.Barrier(2)
    wrote, failures = [], []

    def send() -> None:
        try:
            together.wait(timeout=30)
            wrote.append(submit_report(told, user=user).wrote)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert (failures, sorted(wrote)) == ([], [False, True])
    assert EventCitation.objects.count() == 1
    assert connection.vendor == "postgresql"


@pytest.mark.parametrize(("has_key", "times"), [(False, 15), (True, 35)])
def test_one_report_posted_eight_times_at_once_is_written_once(has_key: bool, times: int):
    """All are answered; without a key one alone says that it wrote, with one all say what the first did."""
    make_mission()
    user = User.objects.create_superuser("reporter", password="a-long-password-1")
    token = ApiToken.make(user, "monitor")[1]
    together = threading.Barrier(8, timeout=60)
    titles = [country.name for country in Country.objects.order_by("code")]

    def post(time: int) -> tuple[int, bool]:
        day = f"{1990 + time}-11-08"
        event = {"mission": "Spain", "stage": "closed", "date": day, "basis": "own-reporting"}
        sent = {"source": {"title": titles[time], "issued": day}, "events": [event]}
        headers = {"authorization": f"Token {token}", **({"idempotency-key": f"run {time}"} if has_key else {})}
        together.wait()
        try:
            told = Client().post("/api/v1/reports/", sent, content_type="application/json", headers=headers)
        finally:
            connections.close_all()
        assert told.status_code < 300, told.json()
        return told.status_code, told.json()["written"]

    expected = [(201, True)] * 8 if has_key else [(200, False)] * 7 + [(201, True)]
    with ThreadPoolExecutor(8) as programs:
        for time in range(1, times + 1):
            assert sorted(programs.map(post, [time] * 8)) == expected
            for kind in (Source, ClosureEvent, EventCitation):
                assert kind.objects.count() == time
