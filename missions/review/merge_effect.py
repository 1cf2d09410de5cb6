"""What merging two records changes for readers of missions and events, in words (pages.md, B4)."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from missions.models import ClosureEvent, EventCitation, Mission
from missions.review.effect import in_words, shown
from sources.origins import records_affected_by


def look_at_merged(rows: Sequence[Any]) -> Callable[[], list[str]]:
    """Read what readers would see of all that rests on `rows`, in the midst of the merge that wrote them.

    Gives what says, once the merge was taken back, how that differs from what they see now. Of a mission or an
    event that was merged nothing is said: its number leads to the one that stays.
    """
    events = records_affected_by(rows, EventCitation)
    mission_of = dict(ClosureEvent.objects.filter(pk__in=events).values_list("pk", "mission_id"))
    missions = {row.pk for row in rows if isinstance(row, Mission)} | set(mission_of.values())
    after = shown(missions, events)

    def told() -> list[str]:
        before = shown(missions, events)
        gone_missions = before.status.keys() - after.status.keys()
        gone_events = before.support.keys() - after.support.keys()
        events_of: dict[int, list[ClosureEvent]] = defaultdict(list)
        for event in ClosureEvent.objects.filter(pk__in=mission_of.keys() - gone_events).order_by("pk"):
            events_of[mission_of[event.pk]].append(event)
        found = Mission.objects.select_related("sending", "host").filter(pk__in=missions - gone_missions).order_by("pk")
        lines = (in_words(mission, events_of[mission.pk], before, after) for mission in found)
        return [line for line in lines if line]

    return told
