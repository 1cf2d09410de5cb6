"""The event sheet: one row is one report of one event (event-sheet.md).

The record behind a row is the citation that ties its source to its event. The source, mission and
event of a row are found by the *same thing, once* rules, or made.
"""

import datetime
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

import tablib
from django.core.exceptions import ValidationError

from missions.matching import mission_named, same_event, same_mission
from missions.models import ClosureEvent, EventCitation, Mission, MissionKind, Stage
from missions.models.missions import NORTH_KOREA
from nkwatch.editorial.edtf import bounds
from nkwatch.editorial.models import numbered
from nkwatch.editorial.sheet_dates import UNKNOWN, Order, read_date
from nkwatch.editorial.text import fold, split_list
from sources.matching import (
    actor_named,
    country_named,
    reason_named,
    same_citation,
    same_quote,
    same_source,
    source_named,
)
from sources.models import Actor, Country, Quote, QuoteCitation, Source
from sources.models.vocabulary import ActorKind
from sources.resources import CitationSheet

# Words that reports and editors use for each stage, besides its value (event-sheet.md, `event`).
STAGE_WORDS = {
    Stage.CLOSED: "closure; shut; shut down; shuttered; withdrawn; closed down; 폐쇄; 철수; 철수 완료",
    Stage.UNDER_WAY: "withdrawal; withdrawing; closing; in process; 철수 중",
    Stage.REPORTED: "to close; planned closure; 폐쇄 보도",
    Stage.NOTIFIED: "notification; note; 통보",
    Stage.ANNOUNCED: "announcement; announced closure; 발표",
    Stage.HOST_CONFIRMED: "host confirmation; confirmed by host; 확인",
    Stage.FAREWELL: "farewell visit; farewell call; 이임 인사; 작별 인사",
    Stage.OPENED: "opening; established; 개설",
    Stage.REOPENED: "reopening; 재개설; 재개",
    Stage.SEEN_OPEN: "open; operating; 운영",
    Stage.SUSPENDED: "suspension; 중단",
    Stage.PLAN_REVERSED: "reversed; closure cancelled; 철회",
    Stage.DUTIES_TRANSFERRED: "duties transfer; transfer of duties; 업무 이관",
    Stage.DOWNGRADED: "downgrade; 격하",
    Stage.UPGRADED: "upgrade; 격상",
}
STAGES = {fold(word): stage for stage, words in STAGE_WORDS.items() for word in [stage.value, *split_list(words)]}
MAY_LIE_AHEAD = (Stage.ANNOUNCED, Stage.REPORTED)
AMBIGUOUS_COUNTRIES = {
    fold("Congo"): "DR Congo or Republic of the Congo",
    fold("Korea"): "North Korea or South Korea",
}

Read = TypeVar("Read")


class EventReportSheet(CitationSheet):
    """Rows of the event sheet: a source's report of an event, with the quote it carries."""

    required = ("host_country", "event", "date")
    event_columns: ClassVar[tuple[str, ...]] = (
        "host_country",
        "event",
        "date",
        "date_wording",
        "date_note",
        "source_url",
        "source_title",
        "source_outlet",
        "source_issued",
        "source_language",
        "source_archive_url",
        "sending_country",
        "city",
        "mission",
        "mission_kind",
        "summary",
        "duties_to",
    )
    quote_columns: ClassVar[tuple[str, ...]] = (
        "reasons",
        "quote",
        "quote_kind",
        "quote_original",
        "quote_language",
        "speaker",
        "speaker_role",
        "said_on",
    )
    citation_columns: ClassVar[tuple[str, ...]] = (
        "stance",
        "basis",
        "attributed_to_source",
        "attributed_to_actor",
        "locator",
        "wording",
    )
    aliases: ClassVar[Mapping[str, str]] = {
        "host_country": "host; country; location; 주재국; 국가",
        "event": "stage; event_type; status; 사건; 구분",
        "date": "event_date; when; 날짜; 일자",
        "source_url": "url; link; 링크; 출처; source",
        "source_title": "title; 제목",
        "source_outlet": "outlet; publisher; 매체",
        "source_issued": "issued; published; 보도일",
        "source_language": "language; 언어",
        "sending_country": "sender; sending; 파견국",
        "mission": "post; embassy; 공관",
        "mission_kind": "kind; type; 종류",
        "city": "도시",
        "summary": "description; notes; 내용; 요약",
        "reasons": "reason; cause; 이유",
        "attributed_to_source": "via",
        "attributed_to_actor": "according_to",
        "locator": "page; paragraph",
        "wording": "excerpt",
        "speaker": "발언자",
        "quote": "발언",
    }

    class Meta(CitationSheet.Meta):
        model = EventCitation

    def __init__(self, *args: Any, order: Order = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        self.place = 0
        self.made_event = False
        self.candidate = EventCitation()

    def columns(self) -> list[str]:
        return [*self.event_columns, *self.quote_columns, *self.citation_columns]

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        if not {"source_url", "source_title"} & set(self.headers):
            raise ValidationError("missing column source_url or source_title: every row needs its report")

    def in_order(self, row: Mapping[str, str]) -> tuple[Any, ...]:
        """Narrowest date first, then by what the row says, so that the order of rows does not matter."""
        try:
            earliest, latest = bounds(read_date(row.get("date", ""), self.order))
        except ValidationError:
            earliest = latest = None
        width = (latest - earliest).days if earliest and latest else 1_000_000
        return width, sorted(row.items())

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        super().before_import_row(row, **kwargs)
        self.place = self._row_number(kwargs["row_number"])

    def outcome(self, record: Any, import_type: str) -> str:
        """A row whose event stood already, and gained a source by it, is *cited*."""
        found = super().outcome(record, import_type)
        return "cited" if found == "new" and not self.made_event else found

    def warn_cell(self, read: "_Cells", column: str, message: str) -> None:
        self.warn(self.place, column, read.text(column), message)

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> EventCitation | None:
        """Find or make the source, mission and event of the row, then the citation between them."""
        read = _Cells(row)
        stage = read("event", self._stage, needed=True)
        date = read("date", lambda text: read_date(text, self.order), needed=True)
        host = read("host_country", _country, needed=True)
        sending = read("sending_country", _country) or Country.objects.get(pk=NORTH_KOREA)
        source = self._source(read)
        duties_to = read("duties_to", self._successor)
        self._refuse_lost_words(read)
        read.raise_errors()
        mission = self._mission(read, sending, host)
        if source.pk is None:
            self.add_part(source)
        if mission.pk is None:
            self.add_part(mission)
        event = self._event(read, mission, stage, date, source, duties_to)
        self._warn_of_dates(read, event, source, date)
        candidate = EventCitation(event=event, source=source)
        self.import_instance(candidate, row, handles=self.handles)
        self._infer_basis(candidate, read)
        self.candidate = candidate
        known: Any = same_citation(candidate)
        return known

    def init_instance(self, row: Any = None) -> EventCitation:
        return self.candidate

    def import_field(self, field: Any, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        """The citation's own cells; its date is the row's, as this carrier gives it."""
        if field.column_name in self.citation_columns:
            super().import_field(field, instance, row, is_m2m, **kwargs)

    @staticmethod
    def _stage(text: str) -> Stage:
        if stage := STAGES.get(fold(text)):
            return stage
        raise ValidationError(f"“{text}” is not a known event: write one of {', '.join(Stage.values)}.")

    def _source(self, read: "_Cells") -> Source:
        """The report: known by address or title, or new, with what the row says of it."""
        issued = read("source_issued", lambda text: read_date(text, self.order)) or ""
        outlet = read("source_outlet", self._outlet)
        given = Source(
            title=read.text("source_title"),
            source_url=read.text("source_url"),
            archive_url=read.text("source_archive_url"),
            language=read.text("source_language"),
            outlet=outlet,
            issued=issued,
            accessed_on=None,
        )
        if not (given.title or given.source_url):
            read.refuse("source_url", "Every row needs its report: give source_url or source_title.")
            return given
        known = read.attempt("source_url" if given.source_url else "source_title", lambda: self._known_source(given))
        if known is None:
            given.described_as = "" if given.title else f"report at {given.source_url}"
            read.attempt("source_url", lambda: given.full_clean(validate_unique=False, validate_constraints=False))
            return given
        told: dict[str, Any] = {"title": given.title, "outlet": outlet, "issued": issued, "language": given.language}
        for name, value in told.items():
            stands = getattr(known, name)
            if value and stands and value != stands and not (name == "title" and fold(value) == known.title_key):
                self.warn_cell(read, f"source_{name}", f"the source stands with “{stands}”, which is kept")
        return known

    def _known_source(self, given: Source) -> Source | None:
        if given.source_url or given.outlet or given.issued:
            return same_source(given)
        return source_named(given.title)

    def _outlet(self, text: str) -> Actor:
        return _actor(text) or self._new_actor(Actor(kind=ActorKind.ORGANISATION, name=text))

    def _speaker(self, text: str) -> Actor:
        return _actor(text) or self._new_actor(Actor(kind=ActorKind.PERSON, name=text))

    def _new_actor(self, actor: Actor) -> Actor:
        self.add_part(actor)
        return actor

    def _successor(self, text: str) -> Mission:
        """The mission that takes over, by number or name, or by the country in which it is the only one."""
        if found := numbered(Mission, text) or mission_named(text):
            return found
        host = _country(text)
        found = same_mission(Mission(sending_id=NORTH_KOREA, host=host, kind=MissionKind.UNSPECIFIED))
        if found is None:
            raise ValidationError(f"No mission in {host} is on record: add it first, or leave the cell empty.")
        return found

    def _mission(self, read: "_Cells", sending: Country, host: Country) -> Mission:
        """The mission of the row: the one named, which must stand in the host country, or the one that fits."""
        named = read.text("mission")
        if named:
            found = read.attempt("mission", lambda: numbered(Mission, named) or mission_named(named))
            if found is None:
                read.refuse("mission", f"“{named}” is not a known mission: give its number or name, or leave it empty.")
            elif found.host_id != host.pk:
                read.refuse("mission", f"“{found}” stands in {found.host}, not in {host}.")
            read.raise_errors()
            return found
        kind = read("mission_kind", _mission_kind) or MissionKind.UNSPECIFIED
        given = Mission(sending=sending, host=host, kind=kind, city=read.text("city"))
        told = "mission_kind" if read.text("mission_kind") else "host_country"
        found = read.attempt(told, lambda: same_mission(given))
        if found is None:
            read.attempt("host_country", lambda: given.full_clean(validate_unique=False))
        read.raise_errors()
        return found or given

    def _event(
        self, read: "_Cells", mission: Mission, stage: Stage, date: str, source: Source, duties_to: Mission | None
    ) -> ClosureEvent:
        given = ClosureEvent(mission=mission, stage=stage, date=date)
        own = {"date_note": read.text("date_note"), "summary": read.text("summary"), "duties_to": duties_to}
        known = read.attempt("event", lambda: same_event(given, source, date))
        read.raise_errors()
        self.made_event = known is None
        if known is None:
            for name, value in own.items():
                setattr(given, name, value or getattr(given, name))
            self.add_part(given)
            return given
        missing = {name: value for name, value in own.items() if value and not getattr(known, name)}
        if missing:
            self.change(known, missing)
        for name, value in own.items():
            if value and getattr(known, name) != value and name not in missing:
                self.warn_cell(read, name, f"{known.label} stands with “{getattr(known, name)}”, which is kept")
        return known

    def _infer_basis(self, citation: EventCitation, read: "_Cells") -> None:
        """A row that names who said so, and nothing of the basis, is attributed."""
        citation.date = citation.date or self._read_date(read)
        citation.date_worded = citation.date_worded or read.text("date_wording")
        if not read.text("basis") and (citation.attributed_to_source_id or citation.attributed_to_actor_id):
            citation.basis = citation.Basis.ATTRIBUTED

    def _refuse_lost_words(self, read: "_Cells") -> None:
        """Speakers and reasons live on quotes; without one they would be lost."""
        if not (read.text("quote") or read.text("quote_original")):
            for column in ("speaker", "speaker_role", "said_on", "reasons"):
                if read.text(column):
                    read.refuse(column, "needs a quote: without one it would be lost")

    def _read_date(self, read: "_Cells") -> str:
        return read_date(read.text("date"), self.order)

    def _warn_of_dates(self, read: "_Cells", event: ClosureEvent, source: Source, date: str) -> None:
        earliest = bounds(date).earliest if date else None
        if earliest and earliest > datetime.date.today() and Stage(event.stage) not in MAY_LIE_AHEAD:
            self.warn_cell(read, "date", "lies in the future")
        issued = bounds(source.issued).latest if source.issued else None
        if earliest and issued and issued < earliest and Stage(event.stage) not in MAY_LIE_AHEAD:
            self.warn_cell(read, "date", "is later than the report of it")
        others = event.citations.filter(source=source).exclude(date="").exclude(date=date)
        if date and others.exists():
            self.warn_cell(read, "date", f"the same source gives {others[0].date} as well")

    def changes_parts(self, instance: EventCitation, row: dict[str, Any]) -> bool:
        quote = self._quote(instance, _Cells(row), make=False)
        return quote is not None and (quote.pk is None or not self._carries(instance, quote))

    def save_parts(self, instance: EventCitation, row: dict[str, Any]) -> None:
        """The row's quote: the statement that stands already, or a new one, carried by the row's source."""
        read = _Cells(row)
        quote = self._quote(instance, read, make=True)
        if quote is None or (quote.pk and self._carries(instance, quote)):
            return
        if quote.pk is None:
            self.add_part(quote)
            quote.reasons.set(read("reasons", _reasons) or [])
        if not quote.citations.filter(source=instance.source).exists():
            self.add_part(
                QuoteCitation(
                    quote=quote,
                    source=instance.source,
                    rendering=read.text("quote_kind") or QuoteCitation.Rendering.VERBATIM,
                    wording=read.text("quote"),
                    locator=instance.locator,
                    basis=instance.basis,
                    attributed_to_source=instance.attributed_to_source,
                    attributed_to_actor=instance.attributed_to_actor,
                )
            )
        if not instance.event.quotes.filter(pk=quote.pk).exists():
            self.change(instance.event, {"quotes": [*instance.event.quotes.all(), quote]})

    @staticmethod
    def _carries(citation: EventCitation, quote: Quote) -> bool:
        return (
            quote.citations.filter(source=citation.source).exists()
            and citation.event.quotes.filter(pk=quote.pk).exists()
        )

    def _quote(self, citation: EventCitation, read: "_Cells", make: bool) -> Quote | None:
        if not (read.text("quote") or read.text("quote_original")):
            return None
        speaker_named = read.text("speaker")
        speaker = _actor(speaker_named) if speaker_named else None
        if speaker is None and speaker_named:
            speaker = Actor(kind=ActorKind.PERSON, name=speaker_named)
            if make:
                self.add_part(speaker)
        given = Quote(
            text=read.text("quote"),
            text_original=read.text("quote_original"),
            language=read.text("quote_language"),
            speaker=speaker,
            speaker_role=read.text("speaker_role"),
            said_on=read("said_on", lambda text: read_date(text, self.order)) or "",
        )
        if speaker is not None and speaker.pk is None:
            return given
        return same_quote(given) or given


class _Cells:
    """The cells of one row, read one by one: what cannot be read is noted by column, and raised together."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.row = row
        self.errors: dict[str, list[str]] = {}

    def text(self, column: str) -> str:
        return str(self.row.get(column) or "").strip()

    def __call__(self, column: str, reader: Callable[[str], Read], needed: bool = False) -> Any:
        """What `reader` makes of a cell; None for an empty one, which is refused when it is needed."""
        text = self.text(column)
        if text:
            return self.attempt(column, lambda: reader(text))
        if needed:
            self.refuse(column, f"is empty{f': write {UNKNOWN} when no date is known' if column == 'date' else ''}")
        return None

    def attempt(self, column: str, action: Callable[[], Read]) -> Any:
        """Do `action`; note a refusal under `column`."""
        try:
            return action()
        except ValidationError as error:
            self.refuse(column, *error.messages)
            return None

    def refuse(self, column: str, *messages: str) -> None:
        self.errors.setdefault(column, []).extend(messages)

    def raise_errors(self) -> None:
        if self.errors:
            raise ValidationError(self.errors)


def _country(text: str) -> Country:
    if meant := AMBIGUOUS_COUNTRIES.get(fold(text)):
        raise ValidationError(f"“{text}” alone is ambiguous: write {meant}.")
    if found := country_named(text):
        return found
    raise ValidationError(f"“{text}” is not a known country: write its ISO code, or its English or Korean name.")


def _actor(text: str) -> Actor | None:
    """The actor of this number or name."""
    return numbered(Actor, text) or actor_named(text)


def _mission_kind(text: str) -> MissionKind:
    kinds = {fold(word): kind for kind in MissionKind for word in (kind.value, kind.label)}
    if found := kinds.get(fold(text)):
        return found
    raise ValidationError(f"“{text}” is not a kind of mission: write one of {', '.join(MissionKind.values)}.")


def _reasons(text: str) -> list[Any]:
    found = {name: reason_named(name) for name in split_list(text)}
    if unknown := [name for name, reason in found.items() if reason is None]:
        raise ValidationError(f"unknown reason {', '.join(unknown)}: use a slug or label of the list of reasons")
    return list(found.values())
