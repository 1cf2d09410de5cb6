"""What each row of an event sheet adds and changes, found without a query (event-sheet.md, point 2)."""

import datetime
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models

from missions.event_words import country_meant, mission_kind_meant, stage_meant
from missions.models import ClosureEvent, EventCitation, Mission, MissionKind, Stage
from missions.models.missions import NORTH_KOREA
from missions.stock import EventStock, KnownEvent
from nkwatch.editorial.bulk import NewRecords, cleaner, row_of
from nkwatch.editorial.desk import BEEN_PUBLIC
from nkwatch.editorial.edtf import bounds
from nkwatch.editorial.importing.dates import UNKNOWN, Order
from nkwatch.editorial.importing.row_reports import Change, RowReport
from nkwatch.editorial.importing.rows import Cells, Rows
from nkwatch.editorial.text import as_cell
from sources.models import Country
from sources.report_rows import ATTRIBUTED, IN_REVIEW, NEW, UNDATED, ReportRows, RowPlan
from sources.stock import KnownQuote, KnownSource

MAY_LIE_AHEAD = (Stage.ANNOUNCED.value, Stage.REPORTED.value)
CITY = cleaner(Mission._meta.get_field("city"))


class GivenEvent(NamedTuple):
    """The event as a row has it, for the rules of matching."""

    mission: Mission
    stage: Stage
    date: str
    date_earliest: datetime.date | None
    date_latest: datetime.date | None

    def __str__(self) -> str:
        return f"{self.mission}: {self.stage.label}"


class EventRows(ReportRows):
    """Plans the rows of one event sheet, in order: each finds what stands and what the rows before it add."""

    stock: EventStock

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
        super().__init__(stock, fresh, warn, order)
        self.clear, self.signed = frozenset(clear), signed
        self.today = datetime.date.today()
        self._country = functools.cache(functools.partial(country_meant, named=stock.country))
        self.posts: dict[tuple[Any, ...], Mission] = {}

    def look_up(self, rows: Rows) -> None:
        """As for any reports; besides, the missions and events that these rows can mean."""
        super().look_up(rows)
        successors = rows.texts("duties_to")
        hosts = filter(None, map(self._maybe_country, rows.texts("host_country") | successors))
        self.stock.look_up_events(hosts, rows.texts("mission") | successors)

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
        quote = self._quote(plan, source)
        read.raise_errors()
        if quote is not None and quote.pk not in event.quotes:
            self._attach(plan, quote, event)
            read.raise_errors()
        self._warn_of_dates(plan, event, source, date)
        plan.once_right.append(lambda: event.cite(source.pk, date))
        if number in self.introducing:
            plan.once_right.append(lambda: self.row_sources.__setitem__(number, source))
        outcome = _outcome(plan, is_new, citation_is_new)
        since = event.updated.isoformat() if event.updated and outcome not in ("new", "unchanged") else ""
        return plan, RowReport(number, outcome, f"“{source}” on {event}", tuple(plan.told), since)

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
        if known is not None:
            self._clean(plan, ClosureEvent, own)
            read.raise_errors()
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
        key = (event.pk, source.pk, by_source.pk if by_source else None, by_actor.pk if by_actor else None)
        known = self.stock.citations.get(key)
        if known or read.errors:
            self._clean(plan, EventCitation, dict(values))
        read.raise_errors()
        if known:
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

    def _attach(self, plan: RowPlan, quote: KnownQuote, event: KnownEvent) -> None:
        """Have the event show the quote: one that is not stored yet gets it with its first version."""
        if event is plan.new_event or event.pk < 0 or self.fresh.held(ClosureEvent, event.pk) is not None:
            plan.links.append((ClosureEvent, "quotes", event.pk, quote.pk))
        else:
            self._propose_or_change(plan, ClosureEvent, event, {"quotes": sorted([*event.quotes, quote.pk])})
        plan.once_right.append(lambda: event.show(quote.pk))

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
