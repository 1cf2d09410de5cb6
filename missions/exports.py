"""What is exported in columns of its own: events as the event sheet has them (event-sheet.md), and series."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django.db.models import Prefetch

from missions.event_sheet import EventReportSheet
from missions.models import ClosureEvent, EventCitation
from missions.series import Point
from nkwatch.editorial.public.exports import ROWS_AT_A_TIME, Cell
from sources.models import Citation

NO_DATE = "unknown"
"""What the event sheet wants in the cell of a date that nobody gives."""


class EventReports:
    """The export of events. What `reasons` and the columns of quotes hold goes out with the quotes themselves."""

    columns = ["number", *EventReportSheet.event_columns, *EventReportSheet.citation_columns]

    def rows(self, records: Any) -> Iterator[list[Cell]]:
        supporting = EventCitation.objects.public().filter(stance=Citation.Stance.SUPPORTS, fact__in=["", "date"])
        citations = Prefetch("citations", supporting.with_public_associations())
        events = records.prefetch_related(None).named().with_duties().prefetch_related(citations)
        for event in events.iterator(chunk_size=ROWS_AT_A_TIME):
            for citation in reports(event.citations.all()):
                yield _row(event, citation)


class SeriesPoints:
    """The export of how many missions stood: the numbers of a row hold from its day until the next row's."""

    columns: ClassVar[list[str]] = list(Point._fields)

    def rows(self, records: Iterable[Point]) -> Iterator[list[Cell]]:
        for day, *numbers in records:
            yield [day.isoformat(), *numbers]


def reports(citations: Any) -> list[EventCitation]:
    """Citations of an event as a whole; where there are none, those of its date.

    A row of the event sheet says that the event happened, so that a citation of its date alone
    would come back as more than it is.
    """
    return [c for c in citations if not c.fact] or list(citations)


def _row(event: ClosureEvent, citation: EventCitation) -> list[Cell]:
    mission, source = event.mission, citation.source
    return [
        event.label,
        mission.host_id,
        event.stage,
        citation.date or event.date or NO_DATE,
        citation.date_worded,
        event.date_note,
        source.source_url,
        source.name,
        source.outlet.name if source.outlet else "",
        source.issued,
        source.language,
        source.archive_url,
        mission.sending_id,
        mission.city,
        mission.label,
        mission.kind,
        event.summary,
        event.duties_to.label if event.duties_to else "",
        citation.stance,
        citation.basis,
        citation.attributed_to_source.label if citation.attributed_to_source else "",
        citation.attributed_to_actor.label if citation.attributed_to_actor else "",
        citation.locator,
        citation.wording,
    ]
