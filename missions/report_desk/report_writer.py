"""What each card of a report writes: events, quotes and figures with their citations, and whom they name."""

import datetime
import hashlib
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.html import escape

from missions.matching import same_event, same_figure, same_mission
from missions.models import ClosureEvent, EventCitation, FigureCitation, Mission, MissionKind, ReportedFigure
from missions.report_desk.naming import country
from missions.report_desk.report import (
    EventCard,
    FigureCard,
    NewActor,
    NewMission,
    Problem,
    QuoteCard,
    Reliance,
    Report,
)
from missions.report_desk.writing import CITED, MATCHED, Writer
from nkwatch.editorial.text import fold
from sources.matching import reason_named, same_actor, same_quote, same_reference, same_source
from sources.models import Actor, ActorName, Authorship, CapturedCopy, Citation, Quote, QuoteCitation, Reference, Source

SOURCE = "source"
"""What the source's form is called among the cards."""


class ReportWriter(Writer):
    """Writes one report, in an order in which what each card names is there before it."""

    source: Source
    kept: CapturedCopy | None = None

    def __init__(self, report: Report, user: Any, tries: bool = False) -> None:
        super().__init__(user, tries)
        self.report = report

    def write(self) -> None:
        unnamed = [actor for actor in self.report.actors if actor.kind == Actor.Kind.UNNAMED]
        for actor in _bodies_first([actor for actor in self.report.actors if actor not in unnamed]):
            self._actor(actor)
        for reliance in self.report.relies:
            self._relied_on(reliance)
        with self.card(SOURCE):
            self._source()
        if SOURCE not in self.written:
            return
        for actor in unnamed:
            self._actor(actor)
        for mission in self.report.missions:
            self._mission(mission)
        for reliance in self.report.relies:
            self._reference(reliance)
        for card in self.report.events:
            with self.card(card.key):
                self._event(card)
        for quote in self.report.quotes:
            with self.card(quote.key):
                self._quote(quote)
        self._attach_quotes()
        for figure in self.report.figures:
            with self.card(figure.key):
                self._figure(figure)
        for actor in unnamed:
            self._refuse_nobody(actor)

    def _actor(self, card: NewActor) -> None:
        name = f"actors:{card.key}"
        with self.card(name):
            values = {
                "part_of": self.meant(Actor, card.part_of, "part_of"),
                "country": country(card.country) if card.country else None,
            }
            candidate = Actor(kind=card.kind, name=card.name, capacity=card.capacity, **values)
            actor, outcome, changes = self.find_or_make(
                candidate, lambda one: self._actor_like(one, card.name_variants), values
            )
            spelt = {actor.name, *actor.names.values_list("name", flat=True)}
            for variant in [v for v in card.name_variants if v not in spelt]:
                self.make(ActorName(actor=actor, name=variant))
            self.found += actor.names.filter(name__in=card.name_variants).exclude(pk__in=self.made_ids(ActorName))
            self.introduce(Actor, card.key, actor)
            self.note(name, actor, outcome, changes=changes)

    def _actor_like(self, candidate: Actor, variants: Iterable[str]) -> Actor | None:
        try:
            return same_actor(candidate, variants) or self._unnamed_before(candidate)
        except ValidationError as error:
            raise ValidationError({"name": error}) from error

    def _unnamed_before(self, candidate: Actor) -> Actor | None:
        """Somebody unnamed is known again only as whom this very source called so before."""
        if candidate.kind != Actor.Kind.UNNAMED or candidate.part_of:
            return None
        called = {"kind": Actor.Kind.UNNAMED, "name_key": fold(candidate.name)}
        for kind in Citation.kinds():
            cited = kind._default_manager.filter(source=self.source)
            if found := Actor.objects.filter(**called, pk__in=cited.values("attributed_to_actor")).first():
                return found
        said = Quote.objects.filter(citations__source=self.source)
        given = ReportedFigure.objects.filter(citations__source=self.source)
        return Actor.objects.filter(**called, pk__in=said.values("speaker")).first() or (
            Actor.objects.filter(**called, pk__in=given.values("speaker")).first()
        )

    def _refuse_nobody(self, card: NewActor) -> None:
        """Somebody unnamed is known by what they are named for; without that, each telling would make another."""
        report = self.report
        cards = (*report.events, *report.quotes, *report.figures, *report.relies)
        if not any(card.key in vars(other).values() for other in cards):
            message = f"No card names “{card.name}”: name them by {card.key} where they said it, or take this card out."
            self.problems.append(Problem(f"actors:{card.key}", "name", message))

    def _source(self) -> None:
        said = self.report.source
        values = {
            "republication_of": self.meant(Source, said.republication_of, "republication_of"),
            "outlet": self.meant(Actor, said.outlet, "outlet"),
            "accessed_on": datetime.date.fromisoformat(said.accessed_on) if said.accessed_on else None,
            **{name: getattr(said, name) for name in TEXTS},
        }
        candidate = Source(kind=said.kind, read=said.read, **values)
        known = self.meant(Source, said.known, "known")
        self.source, outcome, changes = self.find_or_make(candidate, lambda one: known or _same_source(one), values)
        authors = [self.meant(Actor, name, "authors") for name in said.authors]
        authorships = list(self.source.authorships.all())
        self.found += authorships
        there = {authorship.author_id for authorship in authorships}
        for position, author in enumerate((a for a in authors if a.pk not in there), len(there) + 1):
            self.make(Authorship(source=self.source, author=author, position=position))
        self.note(SOURCE, self.source, outcome, changes=changes)

    def keep_copy(self) -> None:
        """Keep what was pasted with the source, for the desk alone: once, whoever pastes it again."""
        if not self.report.text:
            return
        page = self.report.html or f"<!doctype html><html><body><pre>{escape(self.report.text)}</pre></body></html>"
        # The mark tells a browser what the page itself may say otherwise.
        content = page.encode("utf-8-sig", errors="replace")
        with self.card(SOURCE):
            kept = self.source.captured_copies.filter(sha256=hashlib.sha256(content).hexdigest())
            if not kept.exists():
                self.kept = CapturedCopy.objects.create(
                    source=self.source,
                    file=ContentFile(content, name="pasted.html"),
                    text=self.report.text,
                    added_by=self.user,
                )

    def _relied_on(self, card: Reliance) -> None:
        """The source or actor that a card names, so that other cards can be attributed to it."""
        with self.card(card.key):
            if card.actor:
                actor = self.meant(Actor, card.actor, "actor")
                self.introduce(Actor, card.key, actor)
                self.note(card.key, actor, MATCHED)
                return
            source, outcome = self.meant(Source, card.source, "source"), MATCHED
            if source is None:
                candidate = Source(
                    outlet=self.meant(Actor, card.outlet, "outlet"),
                    read=Source.Read.ONLY_CITED,
                    **{name: getattr(card, name) for name in RELIED_ON_TEXTS},
                )
                source, outcome, _ = self.find_or_make(candidate, _same_source, {})
            self.introduce(Source, card.key, source)
            self.note(card.key, source, outcome)

    def _reference(self, card: Reliance) -> None:
        written = self.written.get(card.key)
        if written is None:
            return
        with self.card(card.key):
            if card.actor:
                self._refuse_idle(card, written.record)
                return
            candidate = Reference(source=self.source, cited_source=written.record, label=card.label, note=card.note)
            if written.record == self.source:
                raise ValidationError({"source": "A report does not rely on itself: name another source."})
            reference, _, _ = self.find_or_make(candidate, same_reference, {"note": card.note})
            written.citation = reference

    def _refuse_idle(self, card: Reliance, actor: Actor) -> None:
        """An actor alone is no source to refer to: it is kept as the origin of what cards attribute to it."""
        claims = (*self.report.events, *self.report.quotes, *self.report.figures)
        if not any(claim.attributed_to_actor in (card.key, card.actor) for claim in claims):
            message = f"Nothing in this report is attributed to {actor}: name {card.key} as who said it in a card."
            raise ValidationError({"actor": message})

    def _mission(self, card: NewMission) -> None:
        name = f"missions:{card.key}"
        with self.card(name):
            sending, host = country(card.sending), country(card.host)
            candidate = Mission(sending=sending, host=host, kind=card.kind or MissionKind.UNSPECIFIED, city=card.city)
            candidate.clean()
            mission, outcome, _ = self.find_or_make(candidate, same_mission, {})
            self.introduce(Mission, card.key, mission)
            self.note(name, mission, outcome)

    def _event(self, card: EventCard) -> None:
        own = {
            "date_note": card.date_note,
            "summary": card.summary,
            "duties_to": self.meant(Mission, card.duties_to, "duties_to"),
        }
        mission = self.meant(Mission, card.mission, "mission")
        candidate = ClosureEvent(mission=mission, stage=card.stage, date=card.date, **own)
        known = self.meant(ClosureEvent, card.known, "known")
        if known and (known.mission_id, known.stage) != (mission.pk, card.stage):
            raise ValidationError({"known": f"{known.label} is “{known}”: this card names another mission or stage."})
        event, outcome, changes = self.find_or_make(
            candidate, lambda one: known or same_event(one, self.source, card.date), own
        )
        citation = EventCitation(
            event=event, source=self.source, stance=card.stance, date=card.date, date_worded=card.date_worded
        )
        citation, is_new = self.cite(citation, card, card.excerpt)
        outcome = CITED if outcome == MATCHED and is_new else outcome
        self.note(card.key, event, outcome, citation=citation, changes=changes)

    def _quote(self, card: QuoteCard) -> None:
        own = {name: getattr(card, name) for name in ("text_original", "language", "speaker_role", "translated_by")}
        own |= {"on_behalf_of": self.meant(Actor, card.on_behalf_of, "on_behalf_of")}
        reasons = [_reason(name) for name in card.reasons]
        candidate = Quote(
            text=card.text, speaker=self.meant(Actor, card.speaker, "speaker"), said_on=card.said_on, **own
        )
        known = self.meant(Quote, card.known, "known")
        quote, outcome, changes = self.find_or_make(
            candidate, lambda one: known or same_quote(one), own | {"reasons": reasons}
        )
        citation = QuoteCitation(quote=quote, source=self.source, rendering=card.rendering)
        citation, is_new = self.cite(citation, card, card.excerpt or card.text or card.text_original)
        outcome = CITED if outcome == MATCHED and is_new else outcome
        self.note(card.key, quote, outcome, citation=citation, changes=changes)

    def _attach_quotes(self) -> None:
        """Have each event show the quotes that explain it: all together, as one version or one proposal."""
        for name, event in self.written.items():
            quotes = [
                self.written[card.key].record
                for card in self.report.quotes
                if name in card.explains and card.key in self.written
            ]
            if quotes:
                shown = {quote.pk: quote for quote in [*event.record.quotes.all(), *quotes]}
                event.changes += self.change(event.record, {"quotes": list(shown.values())})

    def _figure(self, card: FigureCard) -> None:
        names = ("metric", "low", "high", "worded", "as_of")
        own = {"since": card.since, "note": card.note}
        candidate = ReportedFigure(
            speaker=self.meant(Actor, card.speaker, "speaker"), **{name: getattr(card, name) for name in names}, **own
        )
        known = self.meant(ReportedFigure, card.known, "known")
        figure, outcome, changes = self.find_or_make(candidate, lambda one: known or same_figure(one), own)
        citation, is_new = self.cite(FigureCitation(figure=figure, source=self.source), card, card.excerpt)
        outcome = CITED if outcome == MATCHED and is_new else outcome
        self.note(card.key, figure, outcome, citation=citation, changes=changes)


TEXTS = (
    "title",
    "title_original",
    "described_as",
    "language",
    "translated_by",
    "issued",
    "issued_note",
    "source_url",
    "archive_url",
    "summary",
)
RELIED_ON_TEXTS = ("title", "described_as", "issued", "source_url", "language")


def _same_source(candidate: Source) -> Source | None:
    try:
        return same_source(candidate)
    except ValidationError as error:
        raise ValidationError({"title": error}) from error


def _reason(name: str) -> Any:
    if found := reason_named(name):
        return found
    raise ValidationError({"reasons": f"“{name}” is not a known reason: use a slug or label of the list of reasons."})


def _bodies_first(actors: list[NewActor]) -> list[NewActor]:
    """In an order in which the body that one is part of comes before them; a circle stays as it is."""
    keys = {actor.key for actor in actors}
    ordered: list[NewActor] = []
    while waiting := [actor for actor in actors if actor not in ordered]:
        there = {actor.key for actor in ordered}
        ready = [actor for actor in waiting if actor.part_of not in keys - there]
        ordered += ready or waiting
    return ordered
