"""What only the production database can show: two reviewers at the same moment, each on a connection of their own."""

import threading

import pytest
from django.db import connection, connections

from missions.models import Mission
from tests.make import make_mission

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'",
        reason="Runs on PostgreSQL: set DATABASE_URL=postgres://user@host/name to have it.",
    ),
]


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
