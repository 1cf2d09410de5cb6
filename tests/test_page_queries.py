"""Every page costs the same number of queries at 10 and at 1,000 records.

The numbers are those of one query for each relation that a page shows (each prefetch is one),
besides the record or the page of the list itself, and its count.
"""

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from missions.models import (
    ClosureEvent,
    Coverage,
    CoverageCitation,
    EventCitation,
    FigureCitation,
    Mission,
    MissionCitation,
    ReportedFigure,
    StatusSpan,
)
from sources.models import Actor, ActorName, Authorship, Quote, QuoteCitation, Reason, Reference, Source

pytestmark = pytest.mark.django_db

PUBLIC = {"state": "published"}


def make_rows(model, numbers, **values):
    """Published rows without the rules that derive, for size; `values` may depend on the number."""
    common = dict(PUBLIC) if hasattr(model, "state") else {}
    return model.objects.bulk_create(
        [
            model(**common, **{name: value(n) if callable(value) else value for name, value in values.items()})
            for n in numbers
        ]
    )


class Hub:
    """One record of each kind with `size` neighbours of each other kind."""

    def __init__(self) -> None:
        ones = [1]
        [self.actor] = make_rows(
            Actor, ones, number=1, kind="organisation", name="Hub", capacity="government", country_id="KR"
        )
        [self.source] = make_rows(Source, ones, number=1, title="Hub", outlet=self.actor)
        [self.reason] = make_rows(Reason, ones, slug="hub", label="Hub", definition="Hub")
        [self.quote] = make_rows(Quote, ones, number=1, text="Hub", speaker=self.actor)
        [self.mission] = make_rows(Mission, ones, number=1, sending_id="KP", host_id="ES", kind="embassy", name="Hub")
        [self.event] = make_rows(ClosureEvent, ones, number=1, mission=self.mission, stage="closed", date="2000")
        [self.figure] = make_rows(ReportedFigure, ones, number=1, metric="missions-abroad", low=5, as_of="2023")
        self.size = 1

    def grow(self, size: int) -> None:
        numbers = range(self.size + 1, size + 1)
        actors = make_rows(
            Actor,
            numbers,
            number=int,
            kind="person",
            name=str,
            capacity="government",
            country_id="KR",
            part_of=self.actor,
        )
        first = numbers[0]
        make_rows(ActorName, numbers, actor=lambda n: actors[n - first], name=str)
        make_rows(ActorName, numbers, actor=self.actor, name=str)
        sources = make_rows(
            Source, numbers, number=int, title=str, outlet=self.actor, issued="2023", republication_of=self.source
        )
        own = {"source": lambda n: sources[n - first]}
        make_rows(Authorship, numbers, **own, author=self.actor)
        make_rows(Authorship, numbers, source=self.source, author=lambda n: actors[n - first])
        make_rows(Reference, numbers, **own, cited_source=self.source)
        make_rows(Reference, numbers, source=self.source, cited_source=lambda n: sources[n - first])
        make_rows(Reason, numbers, slug=lambda n: f"r{n}", label=str, definition="…")
        claim = {
            **own,
            "basis": "attributed",
            "attributed_to_source": self.source,
            "attributed_to_actor": self.actor,
            "origin": self.actor,
            "origin_body": self.actor,
        }
        quotes = make_rows(
            Quote, numbers, number=int, text=str, said_on="2023", speaker=self.actor, on_behalf_of=self.actor
        )
        make_rows(QuoteCitation, numbers, quote=self.quote, **claim)
        make_rows(QuoteCitation, numbers, quote=lambda n: quotes[n - first], **claim)
        Quote.reasons.through.objects.bulk_create(
            [Quote.reasons.through(quote=quote, reason=self.reason) for quote in quotes]
        )
        missions = make_rows(
            Mission, numbers, number=int, sending_id="KP", host_id="ES", kind="consulate", city=str, name=str
        )
        make_rows(MissionCitation, numbers, mission=self.mission, **claim)
        events = make_rows(
            ClosureEvent,
            numbers,
            number=int,
            mission=self.mission,
            stage="reported",
            date="2023",
            duties_to=lambda n: missions[n - first],
        )
        others = make_rows(
            ClosureEvent,
            numbers,
            number=lambda n: 1_000_000 + n,
            mission=lambda n: missions[n - first],
            stage="reported",
            date="2023",
            duties_to=self.mission,
        )
        make_rows(EventCitation, numbers, event=self.event, **claim)
        make_rows(EventCitation, numbers, event=lambda n: events[n - first], **claim)
        ClosureEvent.quotes.through.objects.bulk_create(
            [
                ClosureEvent.quotes.through(closureevent=event, quote=quote)
                for pair in zip(events, quotes, strict=True)
                for event, quote in (pair, (self.event, pair[1]), (pair[0], self.quote))
                if quote != self.quote or event == events[0]
            ]
        )
        coverages = make_rows(Coverage, numbers, mission=self.mission, country_id="MT", starts=lambda n: f"{n:04d}")
        make_rows(CoverageCitation, numbers, coverage=lambda n: coverages[n - first], **claim)
        make_rows(Coverage, numbers, mission=lambda n: missions[n - first], country_id="ES")
        figures = make_rows(
            ReportedFigure, numbers, number=int, metric="missions-abroad", low=5, as_of="2023", speaker=self.actor
        )
        make_rows(FigureCitation, numbers, figure=self.figure, **claim)
        make_rows(FigureCitation, numbers, figure=lambda n: figures[n - first], **claim)
        deciding = list(zip(missions, others, strict=True))
        if self.size == 1:
            deciding.append((self.mission, self.event))
        spans = StatusSpan.objects.bulk_create(
            [
                StatusSpan(mission=mission, status="closing", since="2023", last_reported=datetime.date(2023, 12, 31))
                for mission, _ in deciding
            ]
        )
        StatusSpan.because.through.objects.bulk_create(
            [
                StatusSpan.because.through(statusspan=span, closureevent=event)
                for span, (_, event) in zip(spans, deciding, strict=True)
            ]
        )
        self.size = size
        with connection.cursor() as cursor:
            # As PostgreSQL does by itself soon after such a load; until then its plans are guesses.
            cursor.execute("ANALYZE")

    @property
    def addresses(self) -> list[str]:
        records = (self.mission, self.event, self.source, self.quote, self.actor, self.figure, self.reason)
        lists = ["/", "/missions/", "/events/", "/sources/", "/quotes/", "/actors/", "/figures/", "/reasons/"]
        return [*lists, *(record.get_absolute_url() for record in records)]


def queries(client: Client, addresses: list[str]) -> dict[str, int]:
    counts = {}
    for address in addresses:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        counts[address] = len(captured)
    return counts


def test_pages_cost_the_same_number_of_queries_at_10_and_at_1000_records(client: Client):
    hub = Hub()
    hub.grow(10)
    at_ten = queries(client, hub.addresses)
    hub.grow(1000)
    assert queries(client, hub.addresses) == at_ten


def test_no_page_costs_more_queries_than_the_relations_it_shows(client: Client):
    """The dearest list is the front page: missions, events, figures and reasons, each with what it names, and
    the duties and coverages that its map draws.

    Its chart takes four of them: spans, openings, totals of others, and who gave these; what is unsettled one,
    the contested events.

    The dearest page is a source's: nine relations for each of the five kinds of claim, what
    others support of the same records, and its own; on every page of a record, its past is one query more.
    """
    hub = Hub()
    hub.grow(10)
    counts = queries(client, hub.addresses)
    assert max(number for address, number in counts.items() if address.count("/") < 3) <= 28
    assert max(counts.values()) <= 62
