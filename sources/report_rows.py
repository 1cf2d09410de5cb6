"""What the rows of a sheet say of reports, speakers and quotes, found without a query (event-sheet.md, point 2).

Sheets whose rows are reports of something build on this; the rules are those of `matching`.
"""

import datetime
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models

from nkwatch.editorial.bulk import NewRecords, clean_all
from nkwatch.editorial.edtf import Bounds, bounds
from nkwatch.editorial.importing.dates import Order, read_date
from nkwatch.editorial.importing.row_reports import Change
from nkwatch.editorial.importing.rows import Cells, Rows
from nkwatch.editorial.models import State
from nkwatch.editorial.text import as_cell, fold, split_list
from sources.addresses import canonical_url, is_private
from sources.matching import is_initials
from sources.models import Actor, Quote, QuoteCitation, Source
from sources.models.citations import attribution_comes_back
from sources.models.vocabulary import ActorKind, Basis, Read
from sources.stock import Known, KnownQuote, KnownSource, SourceStock

UNDATED = Bounds(None, None)
IN_REVIEW = State.IN_REVIEW.value
ATTRIBUTED = Basis.ATTRIBUTED.value
ORGANISATION, PERSON = ActorKind.ORGANISATION, ActorKind.PERSON
NEW = "a new record of this sheet"

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
    new_event: Any = None
    proposals: int = 0
    actors: dict[str, Known] = field(default_factory=dict)
    sources: dict[str, KnownSource] = field(default_factory=dict)
    once_right: list[Callable[[], Any]] = field(default_factory=list)

    def add(self, model: type[models.Model], record: Any, stand: Callable[[], Any]) -> None:
        """Add `record`; `stand` lets later rows find it, once this one is known to be right."""
        self.added.append((model, record))
        self.once_right.append(stand)


class ReportRows:
    """Plans what rows add of reports, speakers and quotes: each finds what stands and what rows before it add."""

    stock: SourceStock

    def __init__(
        self, stock: SourceStock, fresh: NewRecords, warn: Callable[[int, str, str, str], None], order: Order = ""
    ) -> None:
        """`warn` is told the row, the column, the value, and what to look at."""
        self.stock, self.fresh, self.warn = stock, fresh, warn
        self.read_date = functools.cache(functools.partial(read_date, order=order))
        self.rows = Rows([], [], ())
        self.reports: dict[tuple[str | None, ...], KnownSource] = {}
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
        if relied_on := texts("attributed_to_source"):
            self.introduced = rows.first_with("source_title") | rows.first_with("source_url")
            self.introducing = {self.introduced[text] for text in relied_on & {*self.introduced}}
        self.stock.look_up(
            sources=texts("source_url", "source_title") | relied_on,
            actors=texts("source_outlet", "attributed_to_actor"),
            speakers=texts("speaker"),
            quotes=bool(texts("quote", "quote_original")),
        )

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

    def _comes_back(self, record: Any, source: KnownSource, by_source: KnownSource) -> bool:
        relied_on = record.relied_on or {}
        return attribution_comes_back(
            source.pk,
            by_source.pk,
            relied_on=lambda step: set().union(*(relied_on.get(pk, ()) for pk in step)),
            originals=lambda step: {self.stock.originals[pk] for pk in step if pk in self.stock.originals},
        )

    def _quote(self, plan: RowPlan, source: KnownSource) -> KnownQuote | None:
        """The row's quote: the statement that stands already, or a new one, carried by the row's report."""
        read = plan.read
        if not (read.text("quote") or read.text("quote_original")):
            return None
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
            return None
        quote.said_on_earliest, quote.said_on_latest = bounds(said_on) if said_on else UNDATED
        known = read.attempt("quote", self.stock.quote_like, quote)
        read.raise_errors()
        if known is None:
            known = added = KnownQuote(quote, NEW)
            plan.add(Quote, quote, lambda: self.stock.file_quote(added, quote.speaker_id))
            plan.links += [(Quote, "reasons", quote.id, reason.pk) for reason in reasons]
            known.reasons = {reason.pk for reason in reasons}
            plan.told.append(Change("quote", "", known.name))
        else:
            self._compare_quote(plan, known, quote, {reason.pk for reason in reasons})
        if source.pk not in known.carriers:
            self._carry(plan, known, source)
        return known

    def _compare_quote(self, plan: RowPlan, known: KnownQuote, given: Any, reasons: set[int]) -> None:
        """A quote that stands is kept as it is; the row warns where it says otherwise."""
        for name, column in (("speaker_role",) * 2, ("said_on",) * 2, ("language", "quote_language")):
            value, stands = getattr(given, name), as_cell(getattr(known, name))
            if value and value != stands:
                kept = f"with “{stands}”, which is kept" if stands else "without it, and is kept as it is"
                self._warn(plan, column, f"the quote stands {kept}")
        if reasons and reasons != known.reasons:
            self._warn(plan, "reasons", "the quote stands with other reasons, which are kept: change them there")

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

    def _reasons(self, text: str) -> list[Any]:
        found = {name: self.stock.reason(name) for name in split_list(text)}
        if unknown := [name for name, reason in found.items() if reason is None]:
            raise ValidationError(f"unknown reason {', '.join(unknown)}: use a slug or label of the list of reasons")
        return list(found.values())

    def _new(self, plan: RowPlan, model: type[Any], columns: Mapping[str, str], **values: Any) -> Any:
        """A new record in review, with its id; None, and the errors noted by column, when its values are refused."""
        values["state"] = IN_REVIEW
        try:
            return self.fresh.make(model, values)
        except ValidationError as error:
            _note(error, plan, columns)
            return None

    def _clean(self, plan: RowPlan, model: type[Any], values: dict[str, Any]) -> None:
        """Note by column what is wrong with values for a record that stands already."""
        try:
            clean_all(model, values)
        except ValidationError as error:
            _note(error, plan, {})


def _note(error: ValidationError, plan: RowPlan, columns: Mapping[str, str]) -> None:
    for name, messages in error.message_dict.items():
        plan.read.refuse(columns.get(name, name), *messages)
