"""What each card of a report will do, before anything is written (pages.md, B1).

Nothing is reckoned here: the report is written and published as ever, what follows is read, and all
of it is rolled back, as a sheet's preview does (`missions.review.effect`).
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib.humanize.templatetags.humanize import ordinal
from django.db import OperationalError, transaction

from missions.figures import Compared, Comparison, RecordedCounts, compare
from missions.importing.effect import BUSY, IN_ORDER
from missions.models import ClosureEvent, EventCitation, FigureCitation, ReportedFigure
from missions.report_desk.conflicts import conflicts
from missions.report_desk.report import Problem, Report
from missions.report_desk.submission import REASON, write
from missions.report_desk.writing import CITED, MATCHED, NEW, Writer, Written
from missions.review.effect import SUPPORT_OF_NONE, do_not_wait_long, in_words, publish_as_if, shown
from nkwatch.editorial.desk import WAITING, all_parts, named
from nkwatch.editorial.importing.traces import relations_of
from nkwatch.editorial.locks import is_busy
from nkwatch.editorial.models import Publishable
from nkwatch.editorial.versions import Door, changing
from sources.models import Actor, Citation, Reference, Source

# Actors and sources twice: some are part of, or print again, others that the same report brings.
GROUPS = (Actor, Source, *IN_ORDER, Reference, ReportedFigure, FigureCitation)


@dataclasses.dataclass(frozen=True)
class Effect:
    """What one card does, in words for the desk and in parts for programs; empty parts say nothing."""

    card: str
    outcome: str
    record: str = ""
    """The number of the record that stands: E-0103; empty for a new one."""
    does: str = ""
    """ "new"; "matches E-0103 and adds a citation". """
    origin: str = ""
    """ "2nd origin for Spain, closed". """
    conflicts: tuple[str, ...] = ()
    """ "S-0004: closed / withdrawal under way". """
    readers: str = ""
    """ "Spain: closing → closed; origins 1 → 2". """
    changes: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """All of it, in the order in which an editor wants to know it."""
        against = [f"conflicts with {conflict}" for conflict in self.conflicts]
        return [words for words in (self.does, self.origin, *against, self.readers) if words]


@dataclasses.dataclass(frozen=True)
class ReportEffects:
    """What a report would do: by the key of each card ("source" for the report itself), and what is wrong with it."""

    cards: dict[str, Effect]
    problems: tuple[Problem, ...] = ()
    unknown: str = ""
    """Why nothing can be told just now."""

    def as_json(self) -> dict[str, Any]:
        """The same for a script."""
        return {
            "cards": {
                key: dataclasses.asdict(effect) | {"sentences": effect.sentences} for key, effect in self.cards.items()
            },
            "problems": [dataclasses.asdict(problem) for problem in self.problems],
            "unknown": self.unknown,
        }


def effects_of(report: Report, user: Any) -> ReportEffects:
    """What each card of `report` would do if it were written by `user` and published. Leaves no trace.

    Cards that cannot be taken are left out, and `problems` says why.
    """
    try:
        with transaction.atomic(), changing(door=Door.ADMIN, user=user, reason=REASON):
            do_not_wait_long()
            found = _tried(report, user)
            transaction.set_rollback(True)
    except OperationalError as error:
        if not is_busy(error):
            raise
        return ReportEffects({}, unknown=BUSY)
    return found


def _tried(report: Report, user: Any) -> ReportEffects:
    writer = write(report, user, tries=True)
    claims = {name: written for name, written in writer.written.items() if isinstance(written.record, ClosureEvent)}
    events = {written.record.pk: written.record.mission_id for written in claims.values()}
    against = {name: conflicts(written.record, written.citation) for name, written in claims.items()}
    before = shown(set(events.values()), events)
    publish_as_if(_fresh(_to_publish(writer)))
    after = shown(set(events.values()), events)
    derived = EventCitation.objects.select_related("origin_body").in_bulk(
        [written.citation.pk for written in claims.values()]
    )
    effects = {}
    for name, written in writer.written.items():
        effect = _plain(written, is_new=any(written.record is record for record in writer.made))
        if name in claims:
            event = written.record
            counts = before.support.get(event.pk, SUPPORT_OF_NONE)[0], after.support.get(event.pk, SUPPORT_OF_NONE)[0]
            effect = dataclasses.replace(
                effect,
                origin=_origin(event, derived[written.citation.pk], *counts),
                conflicts=against[name],
                readers=in_words(event.mission, [event], before, after),
            )
        effects[name] = effect
    figures = {name: w.record for name, w in writer.written.items() if isinstance(w.record, ReportedFigure)}
    if figures:
        recorded = RecordedCounts()
        for name, figure in figures.items():
            effects[name] = dataclasses.replace(effects[name], readers=_compared(compare(figure, recorded)))
    return ReportEffects(effects, tuple(writer.problems))


def _plain(written: Written, is_new: bool) -> Effect:
    """What becomes of the card's record, before what readers see."""
    record: Any = written.record
    number = "" if is_new else record.label
    does = {
        NEW: f"new {record._meta.verbose_name}",
        MATCHED: f"is {named(record)}, which says this already"
        if isinstance(written.citation, Citation)
        else f"is {named(record)}",
        CITED: f"matches {number} and adds a citation",
    }[written.outcome]
    if written.outcome != NEW and written.changes:
        fields = ", ".join(str(record._meta.get_field(name).verbose_name) for name in dict.fromkeys(written.changes))
        does += f"; {'gives it' if record.state in WAITING else 'proposes for it'}: {fields}"
    return Effect(written.card, written.outcome, number, does, changes=tuple(written.changes))


def _origin(event: ClosureEvent, citation: EventCitation, before: int, after: int) -> str:
    what = f"{event.mission.far_side}, {event.get_stage_display()}"
    if citation.stance != Citation.Stance.SUPPORTS:
        return f"{citation.get_stance_display()} it: no origin for {what}"
    if citation.origin_mark == Citation.OriginMark.UNNAMED:
        return "the origin is somebody unnamed: shown, not counted"
    if citation.origin_body is None:
        return "origin not given: shown, not counted"
    if citation.origin_mark == Citation.OriginMark.NOT_READ:
        return f"from {citation.origin_body}, not read: does not corroborate"
    if after > before:
        return f"{ordinal(after)} origin for {what}"
    return f"no new origin for {what}: {citation.origin_body} counts already"


def _compared(found: Compared) -> str:
    """How a figure will stand to what the record counts (domain.md, rule 5)."""
    if found.recorded is None or found.comparison == Comparison.NOT_COMPARABLE:
        return ""
    return f"{found.comparison.label}: the record counts {found.recorded}"


def _to_publish(writer: Writer) -> set[tuple[Any, int]]:
    """What the report makes, what of it waits already with its parts, and all that these name that waits."""
    waiting: list[Publishable] = [record for record in writer.found if record.state in WAITING]
    open_: list[Any] = [*writer.made, *waiting, *(part for record in waiting for part in all_parts(record))]
    found: set[tuple[Any, int]] = set()
    while open_:
        record = open_.pop()
        if (type(record), record.pk) in found or record.state not in WAITING:
            continue
        found.add((type(record), record.pk))
        named_ = (getattr(record, relation.name) for relation in relations_of(type(record)))
        open_ += [other for other in named_ if other is not None]
    return found


def _fresh(keys: Iterable[tuple[Any, int]]) -> Iterable[list[Any]]:
    """The records anew, model by model, each read once those that it names are public."""
    ids: dict[Any, list[int]] = defaultdict(list)
    for model, pk in keys:
        ids[model].append(pk)
    for model in GROUPS:
        yield (
            list(model._base_manager.filter(pk__in=ids[model], state__in=WAITING).order_by("pk")) if ids[model] else []
        )
