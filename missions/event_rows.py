"""What each row of an event sheet adds and changes, found without a query (event-sheet.md, point 2)."""

import datetime
import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models

from missions.event_words import country_meant, mission_kind_meant, stage_meant
from missions.models import ClosureEvent, EventCitation, Mission, MissionKind, Stage
from missions.models.missions import NORTH_KOREA
from missions.stock import EventStock, KnownEvent
from nkwatch.editorial.bulk import NewRecords, clean_all, cleaner, row_of
from nkwatch.editorial.desk import BEEN_PUBLIC
from nkwatch.editorial.edtf import Bounds, bounds
from nkwatch.editorial.models import State
from nkwatch.editorial.rows import Cells, Rows
from nkwatch.editorial.sheet_dates import UNKNOWN, Order, read_date
from nkwatch.editorial.sheets import Change, RowReport
from nkwatch.editorial.text import as_cell, fold, split_list
from sources.addresses import canonical_url, is_private
from sources.matching import is_initials
from sources.models import Actor, Country, Quote, QuoteCitation, Source
from sources.models.citations import attribution_comes_back
from sources.models.vocabulary import ActorKind, Read
from sources.stock import Known, KnownQuote, KnownSource

MAY_LIE_AHEAD = (Stage.ANNOUNCED.value, Stage.REPORTED.value)
UNDATED = Bounds(None, None)
IN_REVIEW = State.IN_REVIEW.value
ATTRIBUTED = EventCitation.Basis.ATTRIBUTED.value
ORGANISATION, PERSON = ActorKind.ORGANISATION, ActorKind.PERSON
NEW = "a new record of this sheet"
CITY = cleaner(Mission._meta.get_field("city"))

SOURCE_COLUMNS = {
    "title": "source_title",
    "source_url": "source_url",
    "outlet": "source_outlet",
    "issued": "source_issued",
    "language": "source_language",
    "archive_url": "source_archive_url",
}
QUOTE_COLUMNS = {
    "text": "quote",
    "text_original": "quote_original",
    "language": "quote_language",
    "rendering": "quote_kind",
    "name": "speaker",
}


class GivenEvent(NamedTuple):
    """The event as a row has it, for the rules of matching."""

    mission: Mission
    stage: Stage
    date: str
    date_earliest: datetime.date | None
    date_latest: datetime.date | None

    def __str__(self) -> str:
        return f"{self.mission}: {self.stage.label}"


class GivenSource(NamedTuple):
    """The report as a row has it, for the rules of matching."""

    name: str
    title_key: str
    canonical_url: str
    outlet_id: int | None
    issued: str
    issued_earliest: datetime.date | None
    issued_latest: datetime.date | None


@dataclass(slots=True)
class RowPlan:
    """One row on its way: what it adds and changes, kept apart until the whole row is known to be right."""

    number: int
    read: Cells
    added: list[tuple[type[models.Model], Any]] = field(default_factory=list)
    links: list[tuple[type[models.Model], str, int, int]] = field(default_factory=list)
    changed: list[tuple[type[models.Model], int, dict[str, Any]]] = field(default_factory=list)
    told: list[Change] = field(default_factory=list)
    about: int = 0
    new_event: KnownEvent | None = None
    proposals: int = 0
    actors: dict[str, Known] = field(default_factory=dict)
    sources: dict[str, KnownSource] = field(default_factory=dict)
    once_right: list[Callable[[], Any]] = field(default_factory=list)

    def add(self, model: type[models.Model], record: Any, stand: Callable[[], Any]) -> None:
        """Add `record`; `stand` lets later rows find it, once this one is known to be right."""
        self.added.append((model, record))
        self.once_right.append(stand)


class EventRows:
    """Plans the rows of one sheet, in order: each finds what stands and what the rows before it add."""

    def __init__(
        self,
        stock: EventStock,
        fresh: NewRecords,
        warn: Callable[[int, str, str, str], None],
        order: Order = "",
        clear: Iterable[str] = (),
        signed: bool = True,
    ) -> None:
        """`signed` says whether somebody's name stands behind the import, who may propose changes."""
        self.stock, self.fresh, self.warn = stock, fresh, warn
        self.clear, self.signed = frozenset(clear), signed
        self.today = datetime.date.today()
        self.read_date = functools.cache(functools.partial(read_date, order=order))
        self._country = functools.cache(functools.partial(country_meant, named=stock.country))
        self.reports: dict[tuple[str | None, ...], KnownSource] = {}
        self.posts: dict[tuple[Any, ...], Mission] = {}
        self.outlets: set[str] = set()
        self.introduced: dict[str, int] = {}
        self.introducing: set[int] = set()
        self.row_sources: dict[int, KnownSource] = {}

    def look_up(self, rows: Rows) -> None:
        """Read all that these rows can mean, and note which row introduces which report."""

        def texts(*columns: str) -> set[str]:
            return set().union(*map(rows.texts, columns))

        self.rows = rows
        self.outlets = {fold(text) for text in texts("source_outlet")}
        if texts("attributed_to_source"):
            self.introduced = rows.first_with("source_title") | rows.first_with("source_url")
            self.introducing = {
                self.introduced[text] for text in rows.texts("attributed_to_source") & {*self.introduced}
            }
        self.stock.look_up(
            sources=texts("source_url", "source_title", "attributed_to_source"),
            actors=texts("source_outlet", "attributed_to_actor"),
            speakers=texts("speaker"),
            quotes=bool(texts("quote", "quote_original")),
        )
        hosts = texts("host_country", "duties_to")
        self.stock.look_up_events(filter(None, map(self._maybe_country, hosts)), texts("mission", "duties_to"))

    def _maybe_country(self, text: str) -> Country | None:
        try:
            return self.stock.country(text)
        except ValidationError:
            return None

    def take(self, number: int, row: Mapping[str, str]) -> tuple[RowPlan, RowReport]:
        """Plan one row. Raises ValidationError by column, and then has changed nothing."""
        read = Cells(row)
        plan = RowPlan(number, read)
        read.look_through(functools.partial(self._warn, plan))
        stage = read("event", stage_meant, needed="is empty")
        date = read("date", self.read_date, needed=f"is empty: write {UNKNOWN} when no date is known")
        host = read("host_country", self._country, needed="is empty")
        sending = read("sending_country", self._country) or self.stock.countries_by_code[NORTH_KOREA]
        duties_to = read("duties_to", self._successor)
        self._refuse_lost_words(read)
        source = self._source(plan)
        read.raise_errors()
        assert source is not None, "a row without its report was refused"
        mission = self._mission(plan, sending, host)
        event, is_new = self._event(plan, mission, stage, date, source, duties_to)
        citation_is_new = self._citation(plan, event, source, date)
        self._quote(plan, event, source)
        read.raise_errors()
        self._warn_of_dates(plan, event, source, date)
        plan.once_right.append(lambda: event.cite(source.pk, date))
        if number in self.introducing:
            plan.once_right.append(lambda: self.row_sources.__setitem__(number, source))
        outcome = _outcome(plan, is_new, citation_is_new)
        since = event.updated.isoformat() if event.updated and outcome not in ("new", "unchanged") else ""
        return plan, RowReport(number, outcome, f"“{source}” on {event}", tuple(plan.told), since)

    def enter(self, plan: RowPlan) -> None:
        """Let what a planned row adds stand, for the next rows and for the next `store`."""
        for model, record in plan.added:
            self.fresh.add(model, record, plan.number)
        for link in plan.links:
            self.fresh.link(*link)
        if plan.changed:
            plan.changed = [change for change in plan.changed if not self._changes_what_is_held(*change)]
        for stand in plan.once_right:
            stand()

    def _changes_what_is_held(self, model: type[models.Model], pk: int, values: Mapping[str, Any]) -> bool:
        """Change a record of the sheet's own before it is stored; False for one that is stored."""
        held = self.fresh.held(model, pk)
        if held is not None:
            for name, value in values.items():
                field: Any = model._meta.get_field(name)
                setattr(held, field.attname, value)
        return held is not None

    def _warn(self, plan: RowPlan, column: str, message: str) -> None:
        self.warn(plan.number, column, plan.read.text(column), message)

    def _refuse_lost_words(self, read: Cells) -> None:
        """Speakers and reasons live on quotes; without one they would be lost."""
        if not (read.text("quote") or read.text("quote_original")):
            for column in ("speaker", "speaker_role", "said_on", "reasons"):
                if read.text(column):
                    read.refuse(column, "needs a quote: without one it would be lost")

    # The report

    def _source(self, plan: RowPlan) -> KnownSource | None:
        """The report of a row: known by address or title, or new, with what the row says of it.

        One that a row before introduced in the very same words needs no second look.
        """
        read = plan.read
        words = tuple(map(read.row.get, SOURCE_COLUMNS.values()))
        if found := self.reports.get(words):
            return found
        title, url = read.text("source_title"), read.text("source_url")
        if not (title or url):
            read.refuse("source_url", "Every row needs its report: give source_url or source_title.")
            return None
        if title and not fold(title):
            read.refuse("source_title", "has neither a letter nor a digit: write the title, or leave the cell empty")
        issued = read("source_issued", self.read_date) or ""
        outlet = self._actor(plan, read.text("source_outlet"), ORGANISATION, "source_outlet")
        address = read.attempt("source_url", canonical_url, url) or ""
        given = GivenSource(
            title, fold(title), address, outlet.pk if outlet else None, issued, *(bounds(issued) if issued else UNDATED)
        )
        known = read.attempt(
            "source_url" if url else "source_title",
            self.stock.source_like if url or outlet or issued else self._source_called,
            given,
        )
        if known is not None:
            self._compare_source(plan, known, given, outlet)
            return known
        if url and is_private(url):
            self._warn(plan, "source_url", "points into a private network: readers cannot follow it")
        return self._new_source(plan, given, words)

    def _source_called(self, given: GivenSource) -> KnownSource | None:
        """A title alone means the source of which no more is known, where there is one."""
        return self.stock.source_like(given) or self.stock.source_named(given.name)

    def _new_source(self, plan: RowPlan, given: GivenSource, words: tuple[str | None, ...]) -> KnownSource | None:
        read = plan.read
        url = read.text("source_url")
        source = self._new(
            plan,
            Source,
            SOURCE_COLUMNS,
            title=read.text("source_title"),
            described_as="" if given.name else f"report at {url}"[:500],
            source_url=url,
            archive_url=read.text("source_archive_url"),
            language=read.text("source_language"),
            issued=given.issued,
            outlet_id=given.outlet_id,
        )
        if source is None:
            return None
        name = source.title or source.described_as
        source.canonical_url, source.title_key = given.canonical_url, fold(name)
        source.issued_earliest, source.issued_latest = given.issued_earliest, given.issued_latest
        known = KnownSource(source, NEW, name)

        def stand() -> None:
            self.reports[words] = known
            self.stock.file_source(known, source.canonical_url)

        plan.add(Source, source, stand)
        return known

    def _compare_source(self, plan: RowPlan, known: KnownSource, given: GivenSource, outlet: Known | None) -> None:
        """A source that stands is kept as it is; the row warns where it says otherwise."""
        if known.read == Read.ONLY_CITED:
            plan.read.refuse(
                "source_url" if plan.read.text("source_url") else "source_title",
                f"“{known}” was only cited, never read, so it carries no claims of its own: "
                "cite the source that was read, attributed to this one.",
            )
        said = {
            "title": (given.name, known.title if given.title_key != fold(known.title) else given.name),
            "outlet": (outlet and outlet.pk, known.outlet_id),
            "issued": (given.issued, known.issued),
            "language": (plan.read.text("source_language"), known.language),
            "archive_url": (plan.read.text("source_archive_url"), known.archive_url),
        }
        for name, (value, stands) in said.items():
            if value and not stands:
                self._warn(plan, f"source_{name}", "the source stands without it, and is kept as it is")
            elif value and value != stands:
                words = "another outlet" if name == "outlet" else f"“{stands}”"
                self._warn(plan, f"source_{name}", f"the source stands with {words}, which is kept")

    def _actor(self, plan: RowPlan, text: str, kind: ActorKind, column: str) -> Known | None:
        """Who goes by `text`: somebody known, or somebody new, who is an organisation if any row has it as outlet."""
        if not text:
            return None
        key = fold(text)
        if key in plan.actors:
            return plan.actors[key]
        known = plan.read.attempt(column, self.stock.actor, text)
        if known is None and column not in plan.read.errors:
            if is_initials(text):
                plan.read.refuse(column, "is initials alone: write the whole name, or the actor's number")
                return None
            kind = ORGANISATION if key in self.outlets else kind
            actor = self._new(plan, Actor, {"name": column}, kind=kind, name=text)
            if actor is None:
                return None
            actor.name_key = key
            known = plan.actors[key] = Known(actor.id, NEW, actor.name)
            plan.add(Actor, actor, lambda: self.stock.file_actor(known, key))
        return known

    # The mission and the event

    def _successor(self, text: str) -> Mission:
        """The mission that takes over, by number or name, or by the country in which it is the only one."""
        if found := self.stock.mission_named(text):
            return found
        host = self._country(text)
        sending = self.stock.countries_by_code[NORTH_KOREA]
        found = self.stock.mission_like(Mission(sending=sending, host=host, kind=MissionKind.UNSPECIFIED))
        if found is None:
            raise ValidationError(f"No mission in {host} is on record: add it first, or leave the cell empty.")
        return found

    def _mission(self, plan: RowPlan, sending: Country, host: Country) -> Mission:
        """The mission of the row: the one named, which must stand in the host country, or the one that fits."""
        read = plan.read
        if named := read.text("mission"):
            found = read.attempt("mission", self.stock.mission_named, named)
            if found is None:
                read.refuse("mission", f"“{named}” is not a known mission: give its number or name, or leave it empty.")
            elif found.host_id != host.pk:
                read.refuse("mission", f"“{found}” stands in {found.host}, not in {host}.")
            read.raise_errors()
            return found
        there = self.stock.missions_there[sending.code, host.code]
        words = (sending.code, host.code, len(there), read.text("mission_kind"), read.text("city"))
        if known := self.posts.get(words):
            return known
        kind = read("mission_kind", mission_kind_meant) or MissionKind.UNSPECIFIED
        city = read("city", CITY) or ""
        given = Mission(sending=sending, host=host, kind=kind, city=city, state=IN_REVIEW)
        found = read.attempt(
            "mission_kind" if read.text("mission_kind") else "host_country", self.stock.mission_like, given
        )
        if found is None and not read.errors:
            read.attempt("host_country", given.clean)
            given.pk = self.fresh.new_id(Mission)
            values = {field.attname: getattr(given, field.attname) for field in Mission._meta.concrete_fields}
            plan.add(Mission, row_of(Mission)(**values), lambda: self.stock.add_mission(given))
        read.raise_errors()
        if found is not None:
            self.posts[words] = found
        return found or given

    def _event(
        self, plan: RowPlan, mission: Mission, stage: Stage, date: str, source: KnownSource, duties_to: Mission | None
    ) -> tuple[KnownEvent, bool]:
        """The event of the row, and whether it is new; one that stands is given only what it lacks."""
        read = plan.read
        earliest, latest = bounds(date) if date else UNDATED
        given = GivenEvent(mission, stage, date, earliest, latest)
        known = read.attempt("event", self.stock.event_like, given, source.pk, date)
        successor = duties_to.id if duties_to else None
        if successor == mission.id:
            read.refuse("duties_to", "A mission cannot take over from itself.")
        read.raise_errors()
        own = {"date_note": read.text("date_note"), "summary": read.text("summary")}
        self._clean(plan, ClosureEvent, {}, own)
        read.raise_errors()
        if known is not None:
            self._complete_event(plan, known, own | {"duties_to": successor})
            return known, False
        event = self._new(
            plan, ClosureEvent, {}, mission_id=mission.id, stage=stage, date=date,
            date_earliest=earliest, date_latest=latest, duties_to_id=successor, **own,
        )  # fmt: skip
        read.raise_errors()
        assert event is not None, "an event that could not be made raised its errors"
        added = plan.new_event = KnownEvent(event, NEW, mission)
        plan.add(ClosureEvent, event, lambda: self.stock.file_event(added))
        return added, True

    def _complete_event(self, plan: RowPlan, known: KnownEvent, own: Mapping[str, Any]) -> None:
        altered = {}
        for name, value in own.items():
            stands = getattr(known, name)
            stands = as_cell(stands) if isinstance(stands, str) else stands
            cleared = not value and self._clears(ClosureEvent, name)
            if (cleared and stands) or (value and not stands):
                altered[name] = value
            elif value and value != stands:
                self._warn(plan, name, f"{known.label} stands with “{self._in_words(stands)}”, which is kept")
        self._change(plan, ClosureEvent, known, altered)

    def _clears(self, model: type[models.Model], name: str) -> bool:
        """Whether a blank cell erases this field: where the importer said so, and it may be blank."""
        return name in self.clear and bool(getattr(model._meta.get_field(name), "blank", False))

    def _in_words(self, value: Any) -> str:
        """A value of an event or citation; the one that is no text is the mission that takes over."""
        return str(self.stock.missions[value]) if isinstance(value, int) else value or ""

    # The citation and the quote

    def _citation(self, plan: RowPlan, event: KnownEvent, source: KnownSource, date: str) -> bool:
        """The citation that ties the report to the event; whether it is new. One that stands may change."""
        read = plan.read
        named = read.text("attributed_to_source")
        if named and (
            named in (read.text("source_url"), read.text("source_title")) or self.introduced.get(named) == plan.number
        ):
            read.refuse("attributed_to_source", f"“{named}” is the report itself, and cannot be its own origin.")
            read.raise_errors()
        by_source = read("attributed_to_source", functools.partial(self._attributed_source, plan))
        by_actor = read("attributed_to_actor", self._attributed_actor)
        attributed = bool(named or read.text("attributed_to_actor"))
        values = {
            "stance": read.text("stance"),
            "basis": read.text("basis") or (ATTRIBUTED if attributed else ""),
            "locator": read.text("locator"),
            "wording": read.text("wording"),
        }
        if (values["basis"] == ATTRIBUTED) != attributed:
            read.refuse("basis", "An attributed claim names the source or the actor that said it; any other neither.")
        if by_source and (by_source.pk == source.pk or self._comes_back(event, source, by_source)):
            read.refuse("attributed_to_source", f"“{source}” cannot be its own origin, whatever the way round.")
        self._clean(plan, EventCitation, {}, {name: value for name, value in values.items() if value})
        read.raise_errors()
        key = (event.pk, source.pk, by_source.pk if by_source else None, by_actor.pk if by_actor else None)
        if known := self.stock.citations.get(key):
            plan.about = known.id
            self._change_citation(plan, known, values)
            return False
        earliest, latest = bounds(date) if date else UNDATED
        citation = self._new(
            plan, EventCitation, {"date_worded": "date_wording"}, event_id=event.pk, source_id=source.pk, date=date,
            date_earliest=earliest, date_latest=latest, date_worded=read.text("date_wording"),
            attributed_to_source_id=key[2], attributed_to_actor_id=key[3],
            **{name: value for name, value in values.items() if value},
        )  # fmt: skip
        read.raise_errors()
        assert citation is not None, "a citation that could not be made raised its errors"
        plan.about = citation.id
        plan.add(EventCitation, citation, lambda: self.stock.add_citation(citation, event))
        return True

    def _change_citation(self, plan: RowPlan, known: Any, values: Mapping[str, str]) -> None:
        altered = {}
        for name, value in values.items():
            stands = as_cell(getattr(known, name))
            cleared = not value and self._clears(EventCitation, name)
            if not (value or cleared) or value == stands:
                continue
            if stands and known.id in self.stock.claimed:
                self._warn(plan, name, f"another row of the sheet gives “{stands}”, which is kept")
            else:
                altered[name] = value
        plan.once_right.append(lambda: self.stock.claimed.add(known.id))
        self._change(plan, EventCitation, known, altered)

    def _attributed_source(self, plan: RowPlan, text: str) -> KnownSource:
        if found := plan.sources.get(text) or self.stock.source_named(text):
            return found
        if text in self.introduced:
            # Another row has it as its report, whichever of the two comes first.
            number = self.introduced[text]
            if number in self.row_sources:
                return self.row_sources[number]
            other = RowPlan(number, Cells(self.rows[number]), actors=plan.actors)
            other.read.look_through(lambda column, message: None)
            found = self._source(other)
            if found is not None and not other.read.errors:
                plan.added += other.added
                plan.once_right += other.once_right
                plan.sources[text] = found
                return found
        raise ValidationError(f"“{text}” is not a known source: give its number, its address or its title.")

    def _attributed_actor(self, text: str) -> Known:
        if found := self.stock.actor(text):
            return found
        raise ValidationError(f"“{text}” is not a known actor: give its number or name, or add it first.")

    def _comes_back(self, record: KnownEvent | KnownQuote, source: KnownSource, by_source: KnownSource) -> bool:
        relied_on = record.relied_on or {}
        return attribution_comes_back(
            source.pk,
            by_source.pk,
            relied_on=lambda step: set().union(*(relied_on.get(pk, ()) for pk in step)),
            originals=lambda step: {self.stock.originals[pk] for pk in step if pk in self.stock.originals},
        )

    def _quote(self, plan: RowPlan, event: KnownEvent, source: KnownSource) -> None:
        """The row's quote: the statement that stands already, or a new one, carried by the row's report."""
        read = plan.read
        if not (read.text("quote") or read.text("quote_original")):
            return
        if not read.text("speaker"):
            self._warn(plan, "quote", "has no speaker: who said it?")
        speaker = self._actor(plan, read.text("speaker"), PERSON, "speaker")
        reasons = read("reasons", self._reasons) or []
        said_on = read("said_on", self.read_date) or ""
        quote = self._new(
            plan, Quote, QUOTE_COLUMNS, text=read.text("quote"), text_original=read.text("quote_original"),
            language=read.text("quote_language"), speaker_id=speaker.pk if speaker else None,
            speaker_role=read.text("speaker_role"), said_on=said_on,
        )  # fmt: skip
        if quote is None:
            return
        quote.said_on_earliest, quote.said_on_latest = bounds(said_on) if said_on else UNDATED
        known = read.attempt("quote", self.stock.quote_like, quote)
        read.raise_errors()
        if known is None:
            known = added = KnownQuote(quote, NEW)
            plan.add(Quote, quote, lambda: self.stock.file_quote(added, quote.speaker_id))
            plan.links += [(Quote, "reasons", quote.id, reason.pk) for reason in reasons]
            known.reasons = {reason.pk for reason in reasons}
            plan.told.append(Change("quote", "", known.name))
        elif reasons and {reason.pk for reason in reasons} != known.reasons:
            self._warn(plan, "reasons", "the quote stands with other reasons, which are kept: change them there")
        if source.pk not in known.carriers:
            self._carry(plan, known, source)
        if known.pk not in event.quotes:
            self._attach(plan, known, event)

    def _carry(self, plan: RowPlan, quote: KnownQuote, source: KnownSource) -> None:
        read = plan.read
        by_source = read("attributed_to_source", functools.partial(self._attributed_source, plan))
        by_actor = read("attributed_to_actor", self._attributed_actor)
        if by_source and self._comes_back(quote, source, by_source):
            read.refuse(
                "attributed_to_source", f"“{by_source}” relies on “{source}” for this quote: it runs in a circle."
            )
        carrier = self._new(
            plan, QuoteCitation, QUOTE_COLUMNS, quote_id=quote.pk, source_id=source.pk,
            rendering=read.text("quote_kind") or QuoteCitation.Rendering.VERBATIM,
            wording=read.text("quote"), locator=read.text("locator"),
            basis=read.text("basis") or (ATTRIBUTED if by_source or by_actor else QuoteCitation.Basis.NOT_GIVEN),
            attributed_to_source_id=by_source.pk if by_source else None,
            attributed_to_actor_id=by_actor.pk if by_actor else None,
        )  # fmt: skip
        if carrier is not None:
            plan.add(QuoteCitation, carrier, lambda: quote.carry(source.pk, by_source.pk if by_source else None))
            if quote.label != NEW and not plan.told:
                plan.told.append(Change("quote", "", f"{quote.label}, carried by this source too"))

    def _attach(self, plan: RowPlan, quote: KnownQuote, event: KnownEvent) -> None:
        """Have the event show the quote: one that is not stored yet gets it with its first version."""
        if event is plan.new_event or event.pk < 0 or self.fresh.held(ClosureEvent, event.pk) is not None:
            plan.links.append((ClosureEvent, "quotes", event.pk, quote.pk))
        else:
            self._propose_or_change(plan, ClosureEvent, event, {"quotes": sorted([*event.quotes, quote.pk])})
        plan.once_right.append(lambda: event.show(quote.pk))

    def _reasons(self, text: str) -> list[Any]:
        found = {name: self.stock.reason(name) for name in split_list(text)}
        if unknown := [name for name, reason in found.items() if reason is None]:
            raise ValidationError(f"unknown reason {', '.join(unknown)}: use a slug or label of the list of reasons")
        return list(found.values())

    # What a row makes and changes

    def _new(self, plan: RowPlan, model: type[Any], columns: Mapping[str, str], **values: Any) -> Any:
        """A new record in review, with its id; None, and the errors noted by column, when its values are refused."""
        values["state"] = IN_REVIEW
        return self._noting_errors(plan, columns, lambda: self.fresh.make(model, values))

    def _clean(self, plan: RowPlan, model: type[Any], columns: Mapping[str, str], values: dict[str, Any]) -> None:
        """Note by column what is wrong with values for a record that may stand already."""
        self._noting_errors(plan, columns, lambda: clean_all(model, values))

    @staticmethod
    def _noting_errors(plan: RowPlan, columns: Mapping[str, str], action: Callable[[], Any]) -> Any:
        try:
            return action()
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                plan.read.refuse(columns.get(name, name), *messages)
            return None

    def _change(self, plan: RowPlan, model: type[models.Model], known: Any, altered: Mapping[str, Any]) -> None:
        """Note changes of fields that a record stands with; what was proposed already counts as said."""
        if not altered:
            return
        told = self._propose_or_change(plan, model, known, altered)
        for name, value in altered.items():
            if name in told:
                field: Any = model._meta.get_field(name)
                old = self._in_words(getattr(known, name))
                plan.told.append(Change(str(field.verbose_name), old, self._in_words(value)))
            plan.once_right.append(functools.partial(setattr, known, name, value))

    def _propose_or_change(
        self, plan: RowPlan, model: type[models.Model], known: Any, altered: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Note a change of a record that stands; what of it nobody has proposed already."""
        if known.state in BEEN_PUBLIC:
            waiting = self.stock.proposed.get((model, known.id), ())
            altered = {name: value for name, value in altered.items() if not _is_proposed(waiting, name, value)}
            if altered and not self.signed:
                plan.read.refuse("", f"This would change {known}, which is published: say who proposes it.")
            plan.proposals += bool(altered)
        if altered:
            plan.changed.append((model, known.id, dict(altered)))
        return altered

    def _warn_of_dates(self, plan: RowPlan, event: KnownEvent, source: KnownSource, date: str) -> None:
        earliest = bounds(date).earliest if date else None
        if earliest and event.stage not in MAY_LIE_AHEAD:
            if earliest > self.today:
                self._warn(plan, "date", "lies in the future")
            if source.issued_latest and source.issued_latest < earliest:
                self._warn(plan, "date", "is later than the report of it")
        if not (date and event.cited):
            return
        if others := sorted(other for by, other in event.cited if by == source.pk and other and other != date):
            self._warn(plan, "date", f"the same source gives {others[0]} as well")


def _is_proposed(waiting: Iterable[Mapping[str, Any]], name: str, value: Any) -> bool:
    """Whether a waiting change gives the field this value; of a list, all of it."""
    proposed = [difference[name]["new"] for difference in waiting if name in difference]
    return any(set(value) <= set(new) if isinstance(value, list) else value == new for new in proposed)


def _outcome(plan: RowPlan, event_is_new: bool, citation_is_new: bool) -> str:
    if event_is_new:
        return "new"
    if citation_is_new:
        return "cited"
    return "changed" if plan.changed or plan.added or plan.links else "unchanged"
