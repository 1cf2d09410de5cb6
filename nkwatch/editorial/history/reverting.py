"""Bringing a record, or one field of it, back to how it stood: as a new version (pages.md, B5; domain.md, rule 7).

History is never rewritten, and a revert is a change like any other: it is validated, and where rule 8
asks for a second pair of eyes it waits for one. What a version never brings back is what the desk
decides: state, number, retraction. So a part that was made since is taken away as parts are: a draft is
deleted, one that readers have seen is retracted; a draft that was deleted since comes back as a draft.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from nkwatch.editorial import desk, proposals
from nkwatch.editorial.derivation import deriving_once
from nkwatch.editorial.history.comparison import CHANGED, Difference, Told, in_words
from nkwatch.editorial.history.moments import Key, Moment, Past, value_in
from nkwatch.editorial.models import State, ids_that_stay
from nkwatch.editorial.versions import changing

CHANGE, ADD, DELETE, RETRACT, LEAVE = "change", "add", "delete", "retract", "leave"
CAME_SINCE = "it came from another record since, and stays here"
SAME = "It says the same now as it did then: there is nothing to put back."
CHANGED_SINCE = "Somebody changed the record while this page was open: look again at what would happen."


@dataclass
class Step:
    """What a revert does to the record or to one of its parts, or why it leaves something as it is."""

    act: str
    model: Any
    pk: Any
    record: Any = None
    values: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """By field: what it holds now, and what it is to hold."""
    waits: bool = False
    why: str = ""
    version: Any = None
    """The version whose values it puts back."""

    @property
    def key(self) -> Key:
        return self.model, self.pk


def steps_in_words(steps: Iterable[Step]) -> list[tuple[Step, Told]]:
    """Each step with what it is about, and what it changes, in words; one fetch for all of them."""
    steps = list(steps)
    told = in_words(Difference(step.model, step.pk, CHANGED, step.values, step.version) for step in steps)
    return list(zip(steps, told, strict=True))


@dataclass
class Plan:
    """What a revert would do, in the order in which it does it."""

    past: Past
    moment: Moment
    steps: list[Step] = field(default_factory=list)

    def of(self, *acts: str) -> list[Step]:
        return [step for step in self.steps if step.act in acts]

    @property
    def does_anything(self) -> bool:
        return any(step.act != LEAVE for step in self.steps)

    @property
    def is_seen_by_readers(self) -> bool:
        """Whether it touches anything that has been public, so that it needs a reason."""
        return any(
            step.record is not None and step.record.state in desk.BEEN_PUBLIC for step in self.of(CHANGE, RETRACT)
        )

    @property
    def reason(self) -> str:
        """How its versions name it, before the reason that was given."""
        then = timezone.localtime(self.moment.signature.history_date)
        return f"reverted to the version of {then:%Y-%m-%d %H:%M}"


def plan_of_revert(record: Any, past: Past, moment: Moment, user: Any, fields: Collection[str] = ()) -> Plan:
    """What bringing `record` back to `moment` would do, writing nothing; of `fields` alone, if any are named.

    Raises ValidationError where no version of the record from then is kept.
    """
    plan = Plan(past, moment)
    then = past.stood(moment)
    version = then.get((past.model, past.pk))
    if version is None:
        raise ValidationError(f"No version of {desk.named(record)} from then is kept.")
    names = set(fields) or {field.name for field in past.fields_of(past.model)}
    plan.steps += _put_back(record, version, past, user, names)
    if not fields:
        now = {(type(part), part.pk): part for part in desk.all_parts(record)}
        elsewhere = past.elsewhere(moment)
        came = [key for key in now if key in elsewhere]
        plan.steps += [Step(LEAVE, *key, now[key], why=CAME_SINCE, version=past.newest(key)) for key in came]
        made = {key: part for key, part in now.items() if key not in came}
        plan.steps = [*_take_away(made, then, past, user), *plan.steps, *_parts_put_back(now, then, past, user)]
    return plan


def revert(plan: Plan, user: Any, reason: str) -> list[Any]:
    """Do what `plan` says, in one transaction, and return the proposed changes that now wait.

    Raises ValidationError, naming the record, when a rule refuses it: then nothing is changed.
    """
    waiting = []
    because = ": ".join(filter(None, [plan.reason, reason.strip()]))
    with transaction.atomic(), changing(reason=because), deriving_once():
        for step in plan.steps:
            try:
                proposed = DOES[step.act](step, user, because, reason.strip())
            except ValidationError as refused:
                said = " ".join(refused.messages)
                ((_, told),) = steps_in_words([step])
                raise ValidationError(f"{told.title} cannot be put back: {said}") from refused
            if proposed:
                waiting.append(proposed)
    return waiting


def _put_back(record: Any, version: Any, past: Past, user: Any, names: Collection[str]) -> list[Step]:
    """The step that gives a record the values it had, and one for each value that is out of reach."""
    model, steps, values = type(record), [], {}
    for column in past.fields_of(model):
        if column.name not in names or not column.editable:
            continue
        old = value_in(version, column)
        if proposals.difference(record, {column.name: old}):
            old = _where_it_is_now(column, old)
        if not proposals.difference(record, {column.name: old}):
            continue
        pair = _now(record, column), old
        if _is_gone(column, old):
            why = f"{column.verbose_name}: what it named then is no longer there"
            steps.append(Step(LEAVE, model, record.pk, record, {column.name: pair}, why=why, version=version))
        else:
            values[column.name] = pair
    if values:
        waits = proposals.must_propose(record, user)
        steps.insert(0, Step(CHANGE, model, record.pk, record, values, waits, version=version))
    return steps


def _now(record: Any, column: Any) -> Any:
    if column.many_to_many:
        return sorted(getattr(record, column.name).values_list("pk", flat=True))
    return getattr(record, column.attname)


def _where_it_is_now(column: Any, value: Any) -> Any:
    """What a field named, by the records that stay: one that was merged since is found in the one it went into."""
    if not column.related_model or value is None:
        return value
    stays = ids_that_stay(column.related_model)
    return sorted({stays.get(pk, pk) for pk in value}) if column.many_to_many else stays.get(value, value)


def _is_gone(column: Any, value: Any) -> bool:
    """Whether any record that the field named is no longer there."""
    if not column.related_model or value is None:
        return False
    ids = value if column.many_to_many else [value]
    return column.related_model._base_manager.filter(pk__in=ids).count() < len(ids)


def _take_away(now: Mapping[Key, Any], then: Mapping[Key, Any], past: Past, user: Any) -> list[Step]:
    """Parts that were made since: drafts go, with their own parts; what readers have seen is retracted."""
    steps: list[Step] = []
    for key, part in now.items():
        kind = past.kinds[type(part)]
        owner = kind.owner, getattr(part, kind.owned_by.attname)
        if key in then or owner in {step.key for step in steps if step.act == DELETE}:
            continue
        if part.state == State.RETRACTED:
            steps.append(Step(LEAVE, *key, part, why="made since, and retracted already"))
        elif part.state == State.PUBLISHED:
            waits = proposals.must_propose(part, user)
            steps.append(Step(RETRACT, *key, part, waits=waits))
        elif user.has_perm(f"{part._meta.app_label}.delete_{part._meta.model_name}"):
            steps.append(Step(DELETE, *key, part))
        else:
            steps.append(Step(LEAVE, *key, part, why="made since, and you may not delete it"))
    return steps


def _parts_put_back(now: Mapping[Key, Any], then: Mapping[Key, Any], past: Past, user: Any) -> list[Step]:
    """Parts that stood then: those that still do get their values back, those deleted since come back as drafts."""
    steps: list[Step] = []
    for key, version in then.items():
        model, pk = key
        if key == (past.model, past.pk):
            continue
        if part := now.get(key):
            steps += _put_back(part, version, past, user, {column.name for column in past.fields_of(model)})
            if part.state == State.RETRACTED and version.state != State.RETRACTED:
                why = "retracted since, and stays so until a reviewer publishes it again"
                steps.append(Step(LEAVE, model, pk, part, why=why, version=version))
        elif model._base_manager.filter(pk=pk).exists():
            steps.append(Step(LEAVE, model, pk, why="moved to another record since, and stays there", version=version))
        else:
            steps.append(_made_again(model, pk, version, past))
    return steps


def _made_again(model: Any, pk: Any, version: Any, past: Past) -> Step:
    """The step that makes a part again which was deleted since, or why it cannot be."""
    values = {c.name: (None, _where_it_is_now(c, value_in(version, c))) for c in past.fields_of(model) if c.editable}
    step = Step(ADD, model, pk, values=values, version=version)
    if gone := [name for name, (_, old) in values.items() if _is_gone(model._meta.get_field(name), old)]:
        step.act, step.why = LEAVE, f"deleted since, and what it named is no longer there: {', '.join(gone)}"
        return step
    try:
        for constraint in model._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint):
                constraint.validate(model, _built(step))
    except ValidationError as twice:
        step.act, step.why = LEAVE, f"deleted since, and not made twice: {' '.join(twice.messages).rstrip('.')}"
    return step


def _built(step: Step) -> Any:
    """A part as its version had it, not stored."""
    kept = [column for column in step.model._meta.concrete_fields if hasattr(step.version, column.attname)]
    values = {column.attname: getattr(step.version, column.attname) for column in kept if column.editable}
    for name, (_, value) in step.values.items():
        column = step.model._meta.get_field(name)
        if not column.many_to_many:
            values[column.attname] = value
    return step.model(**values | {step.model._meta.pk.attname: step.pk})


def _change(step: Step, user: Any, because: str, reason: str) -> Any:
    new = {name: value for name, (_, value) in step.values.items()}
    if step.waits:
        return proposals.propose_once(step.record, new, user, because)
    many = {column.name for column in step.model._meta.many_to_many}
    for name, value in new.items():
        if name not in many:
            setattr(step.record, step.model._meta.get_field(name).attname, value)
    proposals.store_in_one_version(step.record, {name: value for name, value in new.items() if name in many})
    return None


def _add(step: Step, user: Any, because: str, reason: str) -> None:
    """Make a draft again that was deleted, under its old id, so that its history goes on."""
    _built(step).save(force_insert=True)


def _retract(step: Step, user: Any, because: str, reason: str) -> Any:
    if step.waits:
        changes = {"state": State.RETRACTED, "retraction_reason": reason}
        return proposals.propose_once(step.record, changes, user, because)
    step.record.retract(reason)
    return None


def _delete(step: Step, user: Any, because: str, reason: str) -> None:
    step.record.delete()


def _leave(step: Step, user: Any, because: str, reason: str) -> None:
    """What stays as it is."""


DOES = {CHANGE: _change, ADD: _add, DELETE: _delete, RETRACT: _retract, LEAVE: _leave}
