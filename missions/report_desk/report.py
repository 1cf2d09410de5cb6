"""One report as an editor or a program tells it: the source, and a card for each thing it says (pages.md, B1).

Other records are named in text, as people write them: by number (A-0012, or draft-7), by name, or, where
the report itself brings them, by the key of their card (`new-1`, `relies-1`). Dates are EDTF.
"""

import dataclasses

from sources.models.vocabulary import ActorKind, Capacity, Read, Rendering, SourceKind, Stance


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReportedSource:
    """The report itself: `known` names the source that it is already; else it is matched by rule 6, or new."""

    known: str = ""
    republication_of: str = ""
    kind: str = SourceKind.ARTICLE.value
    title: str = ""
    title_original: str = ""
    described_as: str = ""
    language: str = ""
    translated_by: str = ""
    outlet: str = ""
    authors: tuple[str, ...] = ()
    issued: str = ""
    issued_note: str = ""
    source_url: str = ""
    archive_url: str = ""
    accessed_on: str = ""
    read: str = Read.IN_FULL.value
    summary: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Card:
    """What every card of a claim says: the words as printed, where they stand, and how the report knows.

    `known` numbers the record that it is about; else that is matched by rule 6, or new.
    """

    key: str = ""
    known: str = ""
    excerpt: str = ""
    locator: str = ""
    basis: str = ""
    attributed_to_actor: str = ""
    attributed_to_source: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class EventCard(Card):
    """A step in a mission's life."""

    mission: str
    stage: str
    date: str = ""
    date_worded: str = ""
    date_note: str = ""
    stance: str = Stance.SUPPORTS.value
    duties_to: str = ""
    summary: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class QuoteCard(Card):
    """What somebody said; `explains` holds the keys of the event cards that it explains."""

    text: str = ""
    text_original: str = ""
    language: str = ""
    translated_by: str = ""
    speaker: str = ""
    speaker_role: str = ""
    on_behalf_of: str = ""
    said_on: str = ""
    reasons: tuple[str, ...] = ()
    rendering: str = Rendering.VERBATIM.value
    explains: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class FigureCard(Card):
    """A number that somebody gave."""

    metric: str
    low: int | None = None
    high: int | None = None
    worded: str = ""
    speaker: str = ""
    as_of: str = ""
    since: str = ""
    note: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reliance:
    """What the report relies on: a source that is known, one known only from this report, or an actor."""

    key: str = ""
    source: str = ""
    title: str = ""
    described_as: str = ""
    outlet: str = ""
    issued: str = ""
    source_url: str = ""
    language: str = ""
    actor: str = ""
    label: str = ""
    note: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewActor:
    """Somebody who is not on record yet, whom cards name by `key`."""

    key: str = ""
    name: str
    kind: str = ActorKind.PERSON.value
    name_variants: tuple[str, ...] = ()
    part_of: str = ""
    capacity: str = Capacity.OTHER.value
    country: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewMission:
    """A mission that is not on record yet, which cards name by `key`."""

    key: str = ""
    host: str
    sending: str = "KP"
    kind: str = ""
    city: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Report:
    """A report whole. `text` and `html` are what was pasted: kept as a private copy, never shown to readers."""

    source: ReportedSource
    events: tuple[EventCard, ...] = ()
    quotes: tuple[QuoteCard, ...] = ()
    figures: tuple[FigureCard, ...] = ()
    relies: tuple[Reliance, ...] = ()
    actors: tuple[NewActor, ...] = ()
    missions: tuple[NewMission, ...] = ()
    text: str = ""
    html: str = ""


@dataclasses.dataclass(frozen=True)
class Problem:
    """Why something of a report cannot be taken: `card` is a card's key, or "source"; `field` may be empty."""

    card: str
    field: str
    message: str


class RefusedReportError(Exception):
    """The report was refused as it stands; nothing of it was written."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{p.card} {p.field}: {p.message}" for p in problems))
        self.problems = problems
