"""A report for the tests: its text, and its cards as an editor would make them. All of it is made up."""

import dataclasses
from typing import Any

from missions.report_desk.report import (
    EventCard,
    FigureCard,
    NewActor,
    NewMission,
    QuoteCard,
    Reliance,
    Report,
    ReportedSource,
)

ADDRESS = "https://iberian.example/envoys-leave"
TEXT = """Envoys leave Madrid
By Ana Ruiz
8 November 2023

The flag over North Korea’s villa in Madrid came down on Wednesday, and the gates were locked for good.
“There was no money left for the heating, let alone for a party,” said Pak Chol, who worked there as a driver.
A note of three lines had told a small friendly party in October that the mission in Peru would go as well.
A count by the Lima Institute puts the missions that are left at “about forty-five”.
"""


def report(**overrides: Any) -> Report:
    """One report: a closing seen by the paper itself, one told by another document, a quote, a figure."""
    values: dict[str, Any] = {
        "source": ReportedSource(
            title="Envoys leave Madrid",
            outlet="new-1",
            authors=("new-2",),
            issued="2023-11-08",
            language="en",
            source_url=ADDRESS,
        ),
        "actors": (
            NewActor(key="new-1", name="Iberian Post", kind="organisation", capacity="newspaper", country="ES"),
            NewActor(key="new-2", name="Ana Ruiz", part_of="new-1"),
            NewActor(key="new-3", name="Pak Chol", name_variants=("박철",), capacity="witness", country="KP"),
            NewActor(key="new-4", name="Lima Institute", kind="organisation", capacity="think-tank", country="PE"),
        ),
        "missions": (NewMission(key="new-1", host="PE", kind="embassy", city="Lima"),),
        "relies": (
            Reliance(key="relies-1", described_as="note to a small friendly party", issued="2023-10", label="n1"),
        ),
        "events": (
            EventCard(
                key="event-1",
                mission="Spain",
                stage="closed",
                date="2023-11-08",
                date_worded="on Wednesday",
                date_note="Wednesday, read against 2023-11-08",
                excerpt="came down on Wednesday, and the gates were locked for good",
                locator="¶4",
                basis="own-reporting",
                summary="The paper saw the embassy close.",
            ),
            EventCard(
                key="event-2",
                mission="new-1",
                stage="notified",
                date="2023-10",
                excerpt="the mission in Peru would go as well",
                attributed_to_source="relies-1",
            ),
        ),
        "quotes": (
            QuoteCard(
                key="quote-1",
                text="There was no money left for the heating, let alone for a party",
                excerpt="There was no money left for the heating, let alone for a party",
                speaker="new-3",
                speaker_role="driver",
                said_on="2023-11-08",
                reasons=("financial-hardship",),
                explains=("event-1", "event-2"),
                attributed_to_actor="new-3",
            ),
        ),
        "figures": (
            FigureCard(
                key="figure-1",
                metric="missions-abroad",
                worded="about forty-five",
                as_of="2023-11",
                speaker="new-4",
                attributed_to_actor="new-4",
            ),
        ),
        "text": TEXT,
    }
    return Report(**values | overrides)


def only(card: EventCard | QuoteCard | FigureCard, **overrides: Any) -> Report:
    """A report with that one card, by a paper of its own."""
    cards = {"events": (), "quotes": (), "figures": (), "relies": (), "missions": ()}
    cards[{"event": "events", "quote": "quotes", "figure": "figures"}[card.key.partition("-")[0]]] = (card,)
    return report(**cards | overrides)


def changed(card: Any, **values: Any) -> Any:
    """The same card with other values."""
    return dataclasses.replace(card, **values)
