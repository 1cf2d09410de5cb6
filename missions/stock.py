"""What stands already of the missions and events that a sheet names (domain.md, rule 6); as `sources.stock`."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType

from missions.matching import fitting_event, fitting_mission
from missions.models import ClosureEvent, EventCitation, Mission, Stage
from nkwatch.editorial.models import ProposedChange, ids_that_stay
from nkwatch.editorial.text import fold
from sources.matching import by_name, only_one
from sources.models import Country
from sources.stock import Known, SourceStock, at_once, labelled

EVENT_FIELDS = (
    "number",
    "mission",
    "stage",
    "state",
    "date",
    "date_earliest",
    "date_latest",
    "date_note",
    "summary",
    "duties_to",
    "updated",
)

STAGE_LABELS = {stage.value: stage.label for stage in Stage}

CitationKey = tuple[int, int, int | None, int | None]
"""What tells the citations of events apart: event, source, attributed source, attributed actor."""


class KnownEvent(Known):
    __slots__ = (
        "cited",
        "date",
        "date_earliest",
        "date_latest",
        "date_note",
        "duties_to",
        "mission",
        "mission_id",
        "quotes",
        "relied_on",
        "stage",
        "state",
        "summary",
        "updated",
    )

    def __init__(self, event: Any, label: str, mission: Mission) -> None:
        super().__init__(event.id, label, "")
        self.mission = mission
        self.mission_id, self.stage, self.state = event.mission_id, event.stage, event.state
        self.date, self.date_earliest, self.date_latest = event.date, event.date_earliest, event.date_latest
        self.date_note, self.summary, self.duties_to = event.date_note, event.summary, event.duties_to_id
        self.updated = event.updated
        # Tuples, since most events have one report and no quote, and there may be many events.
        self.cited: tuple[tuple[int, str], ...] = ()
        self.quotes: tuple[int, ...] = ()
        self.relied_on: dict[int, set[int]] | None = None

    def cite(self, source_id: int, date: str) -> None:
        if (source_id, date) not in self.cited:
            self.cited = (*self.cited, (source_id, date))

    def show(self, quote_id: int) -> None:
        self.quotes = (*self.quotes, quote_id)

    def __str__(self) -> str:
        return f"{self.mission}: {STAGE_LABELS[self.stage]}"


class KnownCitation:
    """A citation of an event, and what the sheet may change in it."""

    __slots__ = ("basis", "id", "locator", "stance", "state", "wording")

    def __init__(self, pk: int, stance: str, basis: str, locator: str, wording: str, state: str) -> None:
        self.id, self.stance, self.basis, self.locator, self.wording = pk, stance, basis, locator, wording
        self.state = state

    def __str__(self) -> str:
        return "the citation"


class EventStock(SourceStock):
    """The missions and events that a sheet's cells name, besides sources and speakers."""

    def __init__(self) -> None:
        super().__init__()
        self.missions_there: dict[tuple[str, str], list[Mission]] = defaultdict(list)
        self.missions: dict[int, Mission] = {}
        self.missions_named: dict[str, list[Mission]] = {}
        self.missions_by_label: dict[str, Mission] = {}
        self.events: dict[tuple[int, str], list[KnownEvent]] = defaultdict(list)
        self.merged_events: dict[tuple[int, str], list[KnownEvent]] = defaultdict(list)
        self.events_that_stay: dict[int, KnownEvent] = {}
        """For events that were merged, those that stay."""
        self.citations: dict[CitationKey, Any] = {}
        self.claimed: set[int] = set()
        """The citations that a row of the sheet is about already: what it says of them is kept."""
        self.proposed: dict[tuple[type[Any], int], list[Any]] = {}

    def look_up_events(self, hosts: Iterable[Country | None], missions: Collection[str]) -> None:
        """Read the missions in `hosts`, and those that `missions` name, with all their events."""
        everywhere = list(Mission.objects.all())
        for mission in everywhere:
            self.add_mission(mission)
        if missions:
            self.missions_named = by_name(everywhere)
            self.missions_by_label = dict(labelled(Mission, missions))
        inside = {host.pk for host in hosts if host}
        by_pk = {mission.pk: mission for mission in everywhere if mission.host_id in inside}
        found: dict[int, KnownEvent] = {}
        stays, missions_that_stay = ids_that_stay(ClosureEvent), ids_that_stay(Mission)
        for some in at_once(by_pk):
            for event in ClosureEvent.objects.filter(mission__in=some).only(*EVENT_FIELDS).order_by("pk"):
                known = KnownEvent(event, event.label, by_pk[event.mission_id])
                if event.pk in stays:
                    of = missions_that_stay.get(event.mission_id, event.mission_id)
                    self.merged_events[of, event.stage].append(known)
                else:
                    found[event.pk] = known
                    self.file_event(known)
        self.events_that_stay = {merged: found[kept] for merged, kept in stays.items() if kept in found}
        for some in at_once(found):
            self._look_up_citations(some, found)
        self._look_up_proposals()

    def mission_named(self, text: str) -> Mission | None:
        """As `matching.mission_named`, or by number."""
        return self.missions_by_label.get(text) or only_one(self.missions_named.get(fold(text), ()), text)

    def mission_like(self, given: Mission) -> Mission | None:
        """As `matching.same_mission`."""
        return fitting_mission(given, self.missions_there[given.sending_id, given.host_id])

    def event_like(self, given: Any, source_id: int | None, date: str) -> KnownEvent | None:
        """As `matching.same_event`, for a report of it by that source with that date."""
        there = self.events[given.mission.id, given.stage]
        if not there:
            return None
        cited = (source_id, date)
        if found := fitting_event(given, there, [event for event in there if cited in event.cited]):
            return found
        merged = fitting_event(given, self.merged_events[given.mission.id, given.stage])
        return self.events_that_stay.get(merged.pk) if merged else None

    def add_mission(self, mission: Mission) -> None:
        self.missions[mission.pk] = mission
        self.missions_there[mission.sending_id, mission.host_id].append(mission)

    def file_event(self, known: KnownEvent) -> None:
        self.events[known.mission_id, known.stage].append(known)

    def add_citation(self, citation: Any, event: KnownEvent) -> None:
        """Let a citation stand that the sheet adds; no later row of the sheet changes what it says."""
        self.claimed.add(citation.id)
        self._file(
            citation, event, citation.source_id, citation.attributed_to_source_id, citation.attributed_to_actor_id
        )

    def _look_up_citations(self, some: Collection[int], events: dict[int, KnownEvent]) -> None:
        cited = EventCitation.objects.filter(event__in=some, fact="").values_list(
            "event", "source", "attributed_to_source", "attributed_to_actor", "date",
            "pk", "stance", "basis", "locator", "wording", "state",
        )  # fmt: skip
        for event_id, source_id, by_source, by_actor, date, *values in cited:
            known: Any = values
            event = events[event_id]
            self._file(KnownCitation(*known), event, source_id, by_source, by_actor)
            event.cite(source_id, date)
        for event_id, source_id, date in (
            EventCitation.objects.filter(event__in=some).exclude(fact="").values_list("event", "source", "date")
        ):
            events[event_id].cite(source_id, date)
        quoted = ClosureEvent.quotes.through.objects.filter(closureevent__in=some)
        for event_id, quote_id in quoted.values_list("closureevent", "quote"):
            events[event_id].show(quote_id)

    def _look_up_proposals(self) -> None:
        for model in (ClosureEvent, EventCitation):
            for change in ProposedChange.objects.filter(
                state=ProposedChange.Decision.WAITING, record_type=ContentType.objects.get_for_model(model)
            ):
                self.proposed.setdefault((model, change.record_id), []).append(change.difference)

    def _file(self, known: Any, event: KnownEvent, source_id: int, by_source: int | None, by_actor: int | None) -> None:
        self.citations[event.pk, source_id, by_source, by_actor] = known
        if by_source:
            event.relied_on = event.relied_on or {}
            event.relied_on.setdefault(source_id, set()).add(by_source)
