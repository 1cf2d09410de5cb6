"""Which missions and events may be one, and what merging two of them means (domain.md, rule 6)."""

from typing import Any, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from missions.matching import same_coverage
from missions.models import ClosureEvent, Coverage, Mission, MissionKind, Stage
from missions.review.merge_effect import look_at_merged
from nkwatch.editorial.merging.kinds import Kind, Twin, register_kind, register_look, register_twin
from nkwatch.editorial.merging.likeness import Pair, days_between, likely_pairs
from nkwatch.editorial.merging.merges import MERGEABLE
from nkwatch.editorial.text import fold, join_list, split_list

ALIKE_NAMES = 92


class Post(NamedTuple):
    """A mission as pairs are judged."""

    sending: str
    host: str
    kind: str
    city: str
    names: tuple[str, ...]


def likely_missions() -> list[Pair]:
    """Missions of one sender in one host, of a kind and city that fit or of like names."""
    rows = Mission.objects.filter(state__in=MERGEABLE).values_list(
        "pk", "sending", "host", "kind", "city", "name", "name_original", "other_names"
    )
    items = {
        pk: Post(
            sending, host, kind, fold(city), tuple(map(default_process, filter(None, [*names, *split_list(other)])))
        )
        for pk, sending, host, kind, city, *names, other in rows
    }
    return likely_pairs(Mission, items, lambda item: [(item.sending, item.host)], _judge_missions)


def _judge_missions(one: Post, other: Post) -> tuple[float, str] | None:
    kinds_fit = one.kind == other.kind or MissionKind.UNSPECIFIED in (one.kind, other.kind)
    cities_fit = one.city == other.city or not (one.city and other.city)
    alike = max((fuzz.token_set_ratio(mine, theirs) for mine in one.names for theirs in other.names), default=0)
    if kinds_fit and cities_fit:
        same = [word for word, fits in (("kind", one.kind == other.kind), ("city", one.city == other.city)) if fits]
        return max(
            90, alike
        ), f"same sender and host, {' and '.join(['same ' + w for w in same] or ['kind and city fit'])}"
    if alike >= ALIKE_NAMES and (kinds_fit or cities_fit):
        return alike - 10, f"same sender and host, names {alike:.0f} % alike"
    return None


class Dated(NamedTuple):
    """An event as pairs are judged."""

    mission: int
    stage: str
    date: str
    when: tuple[Any, Any]


def likely_events() -> list[Pair]:
    """Events of one mission and stage whose dates overlap, or follow on one another."""
    rows = ClosureEvent.objects.filter(state__in=MERGEABLE).values_list(
        "pk", "mission", "stage", "date", "date_earliest", "date_latest"
    )
    items = {pk: Dated(mission, stage, date, (earliest, latest)) for pk, mission, stage, date, earliest, latest in rows}
    return likely_pairs(ClosureEvent, items, lambda item: [(item.mission, item.stage)], _judge_events)


def _judge_events(one: Dated, other: Dated) -> tuple[float, str] | None:
    step = f"same mission, both {Stage(one.stage).label}"
    if one.date == other.date:
        return 100, f"{step}, the same date" if one.date else f"{step}, both undated"
    apart = days_between(one.when, other.when)
    if apart is None or apart > 1:
        return None
    return (95, f"{step}, dates overlap") if not apart else (85, f"{step}, on days that follow each other")


def same_step(row: ClosureEvent) -> ClosureEvent | None:
    """The event of the same mission, stage and date."""
    return (
        ClosureEvent.objects.filter(mission=row.mission, stage=row.stage, date=row.date, state__in=MERGEABLE)
        .exclude(pk=row.pk)
        .first()
    )


def take_over_names(kept: Mission, merged: Mission, old_name: str) -> None:
    """The names of both lead to the one that stays; one made up of kind and place says nothing new."""
    known = {fold(name) for name in kept.names}
    made_up = {fold(name) for name in (kept.composed_name, merged.composed_name)}
    new = {fold(name): name for name in [old_name, *merged.names] if name and fold(name) not in known | made_up}
    if new:
        kept.other_names = join_list([*split_list(kept.other_names), *new.values()])


def refuse_two_countries(kept: Mission, merged: Mission) -> str:
    if (kept.sending_id, kept.host_id) != (merged.sending_id, merged.host_id):
        return f"{kept.label} and {merged.label} have another sender or host: they are two missions."
    return ""


def register() -> None:
    """Make these kinds known to the desk; called when the app is ready."""
    register_kind(
        Kind(
            Mission,
            likely_missions,
            fields=(
                "sending", "host", "kind", "city", "name", "name_original", "other_names", "address", "latitude",
                "longitude", "established",
            ),
            held_once=("kind", "city"),
            set_free=lambda mission: {"city": f"merging {mission.pk}"},
            refuse=refuse_two_countries,
            take_over=take_over_names,
            says_nothing=(MissionKind.UNSPECIFIED.value,),
        )
    )  # fmt: skip
    register_kind(
        Kind(
            ClosureEvent,
            likely_events,
            fields=("mission", "stage", "date", "date_note", "summary", "duties_to"),
        )
    )
    register_twin(Twin(Coverage, same_coverage))
    register_twin(Twin(ClosureEvent, same_step, may_both_stand=True))
    register_look(look_at_merged)
