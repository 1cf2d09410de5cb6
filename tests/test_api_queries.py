"""Every endpoint of the API costs the same number of queries at 10 and at 1,000 records.

Each answer costs one query for the records, one for the newest change to the public record, and one
for each relation told; a list by page one more for its count, a list by cursor none.
"""

import pytest
from django.test import Client

from tests.test_page_queries import Hub, queries

pytestmark = pytest.mark.django_db

# Claims cost eight: they themselves, their carriers, the sources and actors that they are attributed
# to, their origins and the bodies of those, and for the two kinds of source their outlets.
DETAILS = {
    # Spans and the events they rest on, claims, events and whom those hand over to, duties taken
    # over, coverages to and fro, the carriers that support the status.
    "missions/M-0001/": 18,
    # Claims, and quotes; who takes over where anybody does.
    "events/E-0001/": 11,
    # Outlet, authors, republications and references to and fro, with outlets; of each of the five
    # kinds of claim the claims, what they are about, and the sources at both ends.
    "sources/S-0001/": 32,
    # Speaker, on whose behalf, reasons, claims, events.
    "quotes/Q-0001/": 13,
    # Names, and who is part of it.
    "actors/A-0001/": 4,
    # Speaker, claims, and the spans of all missions.
    "figures/F-0001/": 11,
    "reasons/hub/": 2,
    "countries/ES/": 2,
}
LISTS = {
    "missions/?ordering=number": 19,
    "events/?ordering=number": 13,
    "sources/?ordering=number": 35,
    "quotes/?ordering=number": 15,
    "actors/?ordering=number": 6,
    "figures/?ordering=number": 13,
    "reasons/?ordering=slug": 3,
    "countries/?ordering=code": 3,
}
CURSORS = {f"{address}&cursor=": number - 1 for address, number in LISTS.items()}


def test_each_endpoint_costs_what_it_tells_at_10_and_at_1000_records(client: Client):
    expected = {f"/api/v1/{address}": number for address, number in (DETAILS | LISTS | CURSORS).items()}
    hub = Hub()
    hub.grow(10)
    assert queries(client, list(expected)) == expected
    hub.grow(1000)
    assert queries(client, list(expected)) == expected
