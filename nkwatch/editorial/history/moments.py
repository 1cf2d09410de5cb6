"""How a record stood at any moment, with its parts, as their versions tell it (domain.md, rule 7).

A record and its parts (citations, name variants) keep their versions apart. What one request or
command did to them is one act: so a moment is a version of the record with what was done to its parts in
the same act, or what was done to parts alone.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from nkwatch.editorial.bulk_versions import MADE, REMOVED, chunks, history_of, listed_then, lists_of

Key = tuple[Any, Any]
Standing = Mapping[Key, Any]
"""The version that held of each record at a moment: of the record itself and of its parts, by model and id."""

NOT_COMPARED = frozenset({"created", "updated"})


@dataclasses.dataclass(eq=False)
class Moment:
    """What was done at once to a record and its parts: the versions that it made, in their order."""

    key: str
    versions: list[Any]
    place: int = 0

    @property
    def signature(self) -> Any:
        """The version that tells who, when, why and through which door."""
        return self.versions[0]

    @property
    def rows(self) -> list[str]:
        """The rows of the import that it was, where it was one."""
        return list(dict.fromkeys(version.batch_row for version in self.versions if version.batch_row))


@dataclasses.dataclass(frozen=True)
class PartKind:
    """One kind of part: its model, the relation by which it belongs to its owner, and whose part it is."""

    model: Any
    owned_by: Any
    owner: Any


def part_kinds(model: Any) -> Iterator[PartKind]:
    """The kinds of parts that a record of `model` has, and theirs: a mission's coverages, and their citations."""
    for name in getattr(model, "parts", ()):
        relation = model._meta.get_field(name)
        yield PartKind(relation.related_model, relation.field, model)
        yield from part_kinds(relation.related_model)


def compared_fields(model: Any) -> list[Any]:
    """The fields of which versions tell, many-valued ones last; not those that only say when it was stored."""
    kept = [model._meta.get_field(field.name) for field in history_of(model).tracked_fields]
    return [*(f for f in kept if not f.primary_key and f.name not in NOT_COMPARED), *lists_of(model)]


def value_in(version: Any, field: Any) -> Any:
    """What a version holds in `field`: ids of related records, sorted where there are many."""
    return version.listed[field.name] if field.many_to_many else getattr(version, field.attname)


class Past:
    """All that versions tell of one record and of its parts, in moments, the oldest first.

    Asks one query for each kind of part and each many-valued field, however many versions there are;
    none where `versions` were read already, with those of other records (`versions_of`).
    """

    def __init__(self, model: Any, pk: Any, versions: Mapping[Key, list[Any]] | None = None) -> None:
        self.model, self.pk = model, pk
        self.kinds = {kind.model: kind for kind in part_kinds(model)}
        self._versions = versions_of(model, [pk])[pk] if versions is None else versions
        self._place_of: dict[Key, int] = {}
        self.moments = self._in_moments()
        for place, moment in enumerate(self.moments):
            moment.place = place
            for version in moment.versions:
                self._place_of[type(version), version.pk] = place

    @property
    def own_moments(self) -> list[Moment]:
        """The moments, without those of parts while they belonged to another record, before a merge say."""
        return [moment for moment in self.moments if any(map(self._is_of_this, moment.versions))]

    def _is_of_this(self, version: Any) -> bool:
        kind = self.kinds.get(version.instance_type)
        if kind is None or kind.owner is not self.model:
            return True
        versions = self._versions[kind.model, getattr(version, kind.model._meta.pk.attname)]
        place = versions.index(version)
        # What went away from this record is told with the version that names the other one.
        return any(getattr(kept, kind.owned_by.attname) == self.pk for kept in versions[max(place - 1, 0) : place + 1])

    def moment(self, key: str) -> Moment | None:
        """The moment that goes by `key`, as its page's address has it."""
        return next((moment for moment in self.moments if moment.key == key), None)

    def made_or_deleted(self, moment: Moment) -> str:
        """Whether the record itself, not a part, was made at `moment` ("+"), or deleted ("-"); else an empty string."""
        own = [version.history_type for version in moment.versions if version.instance_type is self.model]
        return next((kind for kind in own if kind in (MADE, REMOVED)), "")

    def before(self, moment: Moment) -> Moment | None:
        """The moment before, if there is one."""
        return self.moments[moment.place - 1] if moment.place else None

    def newest(self, key: Key) -> Any:
        """The newest version of the record or of a part."""
        return self._versions[key][-1]

    @property
    def latest(self) -> Moment | None:
        """The moment since which nothing changed."""
        return self.moments[-1] if self.moments else None

    def stood(self, moment: Moment | None) -> Standing:
        """The versions that held at `moment`, of the record and of what were its parts then; none before the first."""
        standing = self._standing(moment)
        return {key: version for key, version in standing.items() if self._belongs(key, version, standing)}

    def elsewhere(self, moment: Moment) -> Collection[Key]:
        """What was there at `moment` as part of another record, and belonged to this one at another time."""
        return self._standing(moment).keys() - self.stood(moment).keys()

    def _standing(self, moment: Moment | None) -> Standing:
        if moment is None:
            return {}
        last: dict[Key, Any] = {}
        for key, versions in self._versions.items():
            for version in versions:
                if self._place_of[type(version), version.pk] <= moment.place:
                    last[key] = version
        return {key: version for key, version in last.items() if version.history_type != REMOVED}

    def fields_of(self, model: Any) -> list[Any]:
        """What is compared of the record, or of a kind of part: whose part it is goes without saying."""
        owned_by = self.kinds[model].owned_by if model in self.kinds else None
        return [field for field in compared_fields(model) if field is not owned_by]

    def _belongs(self, key: Key, version: Any, standing: Standing) -> bool:
        kind = self.kinds.get(key[0])
        if kind is None or key == (self.model, self.pk):
            return True
        owner = kind.owner, getattr(version, kind.owned_by.attname)
        return owner == (self.model, self.pk) or (
            owner in standing and kind.owner is not self.model and self._belongs(owner, standing[owner], standing)
        )

    def _in_moments(self) -> list[Moment]:
        own = self._versions.get((self.model, self.pk), [])
        moments = {id(version): Moment(str(version.pk), [version]) for version in own}
        by_act: dict[Any, list[Any]] = defaultdict(list)
        for version in own:
            if version.act:
                by_act[version.act].append(version)
        alone: dict[Any, Moment] = {}
        for key, versions in self._versions.items():
            for version in versions if key != (self.model, self.pk) else ():
                if beside := by_act.get(version.act):
                    earlier = [mine for mine in beside if mine.history_date <= version.history_date]
                    moments[id((earlier or beside[:1])[-1])].versions.append(version)
                else:
                    act = version.act or (type(version), version.pk)
                    alone.setdefault(act, Moment(_key(version), [])).versions.append(version)
        for moment in alone.values():
            moment.versions.sort(key=_when)
        return sorted((*moments.values(), *alone.values()), key=lambda moment: _when(moment.signature))


def _key(version: Any) -> str:
    return f"{version.instance_type._meta.model_name}-{version.pk}"


def _when(version: Any) -> Any:
    return version.history_date, version.pk


def versions_of(model: Any, pks: Collection[Any]) -> dict[Any, Mapping[Key, list[Any]]]:
    """The versions of each of these records and of whatever was ever a part of it, by model and id, oldest first.

    Asks one query for each kind of part and each many-valued field, for all the records together.
    """
    found: dict[Key, list[Any]] = {}
    parts_of: dict[Key, set[Key]] = defaultdict(set)
    _collect(model, pks, found)
    owners: dict[Any, Collection[Any]] = {model: pks}
    for kind in part_kinds(model):
        column = kind.owned_by.attname
        ids: set[Any] = set()
        for chunk in chunks(owners.get(kind.owner, ())):
            owned = history_of(kind.model).objects.filter(**{f"{column}__in": chunk})
            ids.update(owned.order_by().values_list("id", flat=True).distinct())
        _collect(kind.model, ids, found)
        owners[kind.model] = ids
        for pk in ids:
            for version in found[kind.model, pk]:
                parts_of[kind.owner, getattr(version, column)].add((kind.model, pk))
    return {pk: {key: found[key] for key in _with_parts((model, pk), parts_of) if key in found} for pk in pks}


def _with_parts(key: Key, parts_of: Mapping[Key, set[Key]]) -> Iterator[Key]:
    yield key
    for part in sorted(parts_of.get(key, ()), key=lambda part: (part[0]._meta.label, part[1])):
        yield from _with_parts(part, parts_of)


def _collect(model: Any, ids: Collection[Any], found: dict[Key, list[Any]]) -> None:
    pk = model._meta.pk.attname
    for chunk in chunks(ids):
        versions = history_of(model).objects.filter(**{f"{pk}__in": chunk}).select_related("history_user")
        listed_in_order = list(versions.order_by("history_date", "history_id"))
        ids_then = [version.pk for version in listed_in_order]
        lists = {field.name: listed_then(model, field, ids_then) for field in lists_of(model)}
        for version in listed_in_order:
            version.listed = {name: sorted(listed.get(version.pk, ())) for name, listed in lists.items()}
            found.setdefault((model, getattr(version, pk)), []).append(version)
