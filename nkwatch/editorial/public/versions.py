"""The versions of a record that readers could see, numbered for good (domain.md, rule 7; pages.md, section 0).

A draft, a change that waits and what one editor tells another make no public version; whatever
readers could see of the record or of its parts, and see changed, makes the next one. All that one
act did (a request, an import) is one version. Numbers never change: versions are only added, and what
a long import wrote before another change, but readers saw after it, comes after it here as well.

What was retracted and came back otherwise than it was stays as it is now: what it said before was taken
from readers (it may have named somebody), so that no earlier version tells it again, nor any difference.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nkwatch.editorial.history.moments import Key, Moment, Past, Standing, value_in
from nkwatch.editorial.models import ChangeKind, State
from nkwatch.editorial.proposals import stored_value

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
EMPTY: tuple[Any, ...] = (None, "", [])

Difference = list[dict[str, Any]]
"""What became of a record and its parts: {model, pk, what, fields: {name: [old, new]}}, in stored values.

Of a part, `about` is besides the one field by which people know it: {name: value}. `since` says from
when readers saw what was replaced: {name: time}, of a part that was withdrawn {"": time}.
"""


@dataclass(frozen=True)
class Step:
    """One act that changed what readers saw of a record.

    `version` is the number of the public version that it left, 0 where it took the record from the
    pages; `standing` holds what readers saw from then on, less what has been taken from them since.
    The whole is `withheld` where the record was retracted later and came back otherwise.
    """

    key: str
    made: datetime.datetime
    kind: ChangeKind
    version: int
    standing: Standing
    difference: Difference = field(default_factory=list)
    reason: str = ""
    withheld: bool = False


def steps(past: Past, told: Sequence[str] = ()) -> list[Step]:
    """What readers could see happen to a record, the oldest first.

    `told` are the keys of those steps that have been told already, in the order in which they were.
    """
    own = past.model, past.pk
    back = _came_back_otherwise(past)
    found: list[Step] = []
    last: dict[Key, Any] = {}
    shown: Standing = {}
    seen: Standing = {}
    seen_since: dict[tuple[Key, str], str] = {}
    version = 0
    for key, moments in _in_order_of(told, _acts(past)):
        for version_then in (version_then for moment in moments for version_then in moment.versions):
            stands = last.get(_key(version_then))
            if stands is None or _when(stands) <= _when(version_then):
                last[_key(version_then)] = version_then
        standing = _public(past, last)
        made = moments[-1].signature.history_date
        if own in standing:
            difference = differing(past, seen, standing)
            _note_times(difference, made.isoformat(), seen_since)
            difference = difference if seen else []
            kept = {at: version_then for at, version_then in standing.items() if not _is_taken(at, version_then, back)}
            if own not in shown:
                version += bool(difference or not seen)
                kind = ChangeKind.RESTORATION if seen else ChangeKind.ADDITION
                if difference:
                    found = [replace(step, standing={}, difference=[], withheld=True) for step in found]
                found.append(Step(key, made, kind, version, kept))
            elif difference:
                version += 1
                told_of_it = _told_still(difference, seen, standing, back)
                found.append(Step(key, made, kind_of(difference), version, kept, told_of_it))
            seen = standing
        elif own in shown:
            reason = getattr(last[own], "retraction_reason", "")
            found.append(Step(key, made, ChangeKind.RETRACTION, 0, {}, reason=reason))
        shown = standing
    return found


def _came_back_otherwise(past: Past) -> dict[Key, Any]:
    """Of each part that was retracted and came back otherwise: when it did."""
    back: dict[Key, Any] = {}
    seen: dict[Key, Any] = {}
    retracted: set[Key] = set()
    for version in (version for moment in past.moments for version in moment.versions):
        key = _key(version)
        if version.history_type == "-":
            continue
        if version.state == State.RETRACTED and key in seen:
            retracted.add(key)
        elif version.state == State.PUBLISHED:
            if key in retracted and differing(past, {key: seen[key]}, {key: version}):
                back[key] = _when(version)
            retracted.discard(key)
            seen[key] = version
    return back


def _is_taken(key: Key, version: Any, back: Mapping[Key, Any]) -> bool:
    return key in back and _when(version) < back[key]


def _told_still(difference: Difference, before: Standing, after: Standing, back: Mapping[Key, Any]) -> Difference:
    """A difference without the parts whose old or new values have been taken from readers since."""
    taken = {
        (key[0]._meta.label_lower, key[1])
        for key in back
        if any(key in standing and _is_taken(key, standing[key], back) for standing in (before, after))
    }
    return [entry for entry in difference if (entry["model"], entry["pk"]) not in taken]


def steps_since(past: Past, told: Mapping[str, int]) -> list[Step]:
    """As `steps`, with what is new after what has been told, which keeps its numbers: `told` gives them by key."""
    found = steps(past, list(told))
    if any(step.version != told.get(step.key, step.version) for step in found):
        found = steps(past, [*told, *(step.key for step in found if step.key not in told)])
    return found


def public_versions(past: Past, told: Sequence[str] = ()) -> list[Step]:
    """The public versions of a record, the first one first; `told` as `steps` takes it."""
    found: dict[int, Step] = {}
    for step in steps(past, told):
        if step.version:
            found.setdefault(step.version, step)
    return list(found.values())


def public_fields(past: Past, model: Any) -> list[Any]:
    """The fields of a record, or of a kind of part, that readers are shown: no state, and no word for the desk."""
    return [field for field in past.fields_of(model) if field.editable and field.name not in model.for_the_desk]


def differing(past: Past, then: Standing, later: Standing) -> Difference:
    """What readers saw change from one standing to the other."""
    found = []
    for key in dict.fromkeys([*later, *then]):
        before, after = then.get(key), later.get(key)
        if before is after:
            continue
        fields = {}
        for column in public_fields(past, key[0]):
            old, new = _value(before, column), _value(after, column)
            if old != new and not (old in EMPTY and new in EMPTY):
                fields[column.name] = [old, new]
        what = ADDED if before is None else REMOVED if after is None else CHANGED
        if fields or what != CHANGED:
            entry = {"model": key[0]._meta.label_lower, "pk": key[1], "what": what, "fields": fields}
            if key[0] is not past.model:
                entry["about"] = _about(past, key[0], after if after is not None else before)
            found.append(entry)
    return found


def _about(past: Past, model: Any, version: Any) -> dict[str, Any]:
    """The field by which a part is known: the record that it names (its source, its author), or its words."""
    columns = public_fields(past, model)
    column = next((column for column in columns if column.many_to_one), columns[0])
    return {column.name: _value(version, column)}


def _note_times(difference: Difference, made: str, seen_since: dict[tuple[Key, str], str]) -> None:
    """Say from when readers saw each value that was replaced, and remember from when they see the new ones."""
    for entry in difference:
        key = entry["model"], entry["pk"]
        shown = seen_since.get((key, ""), made)
        if entry["what"] == ADDED:
            seen_since[key, ""] = made
        elif entry["what"] == REMOVED:
            entry["since"] = {"": shown}
        else:
            entry["since"] = {
                name: seen_since.get((key, name), shown)
                for name, (old, _) in entry["fields"].items()
                if old not in EMPTY
            }
        seen_since.update({(key, name): made for name in entry["fields"]})


def kind_of(difference: Difference) -> ChangeKind:
    """A correction replaces or takes away something that readers could see; what only adds is an addition.

    So a new source, a name in another script or a field filled that was empty corrects nothing, while a
    date made more exact does: what stood there before was less than right.
    """
    for changed in difference:
        if changed["what"] == REMOVED:
            return ChangeKind.CORRECTION
        if changed["what"] == CHANGED and any(_is_replaced(old, new) for old, new in changed["fields"].values()):
            return ChangeKind.CORRECTION
    return ChangeKind.ADDITION


def _is_replaced(old: Any, new: Any) -> bool:
    if isinstance(old, list):
        return not set(old) <= set(new or [])
    return old not in EMPTY


def _acts(past: Past) -> Iterator[tuple[str, list[Moment]]]:
    """The moments of each act together, in the order in which acts ended, under the key of the act."""
    acts: dict[str, list[Moment]] = {}
    for moment in past.moments:
        key = act_key(moment.signature.act, moment.key)
        acts[key] = [*acts.pop(key, []), moment]
    yield from acts.items()


def _in_order_of(told: Sequence[str], acts: Iterator[tuple[str, list[Moment]]]) -> Iterator[tuple[str, list[Moment]]]:
    """The acts, those that have been told in the order in which they were."""
    found = dict(acts)
    in_turn = iter([key for key in told if key in found])
    known = set(told)
    for key in found:
        key_then = next(in_turn) if key in known else key
        yield key_then, found[key_then]


def _when(version: Any) -> Any:
    return version.history_date, version.history_id


def act_key(act: Any, version: Any) -> str:
    """What an act goes by; a version that was signed with none is an act of its own."""
    return str(act or version)


def _public(past: Past, last: Mapping[Key, Any]) -> Standing:
    own = past.model, past.pk

    def is_shown(key: Key) -> bool:
        version = last.get(key)
        if version is None or version.history_type == "-" or version.state != State.PUBLISHED:
            return False
        if key == own:
            return True
        kind = past.kinds[key[0]]
        return is_shown((kind.owner, getattr(version, kind.owned_by.attname)))

    return {key: version for key, version in last.items() if is_shown(key)}


def _key(version: Any) -> Key:
    model = version.instance_type
    return model, getattr(version, model._meta.pk.attname)


def _value(version: Any, column: Any) -> Any:
    if version is None:
        return None
    value = value_in(version, column)
    return value if column.many_to_many else stored_value(column, value)
