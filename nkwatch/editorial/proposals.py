"""Changes to published records that wait for a second pair of eyes (domain.md, rule 8)."""

import dataclasses
import datetime
import decimal
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from simple_history.models import ModelChange, ModelDelta

from nkwatch.editorial.desk import BEEN_PUBLIC, may_publish, named
from nkwatch.editorial.models import ProposedChange, Publishable, State
from nkwatch.editorial.versions import approved_by, changing, current_change

Decision = ProposedChange.Decision
TIME_STAMPS = ("created", "updated")
EMPTY = "(empty)"
WITHDRAWN = "withdrawn by its author"


def must_propose(record: Publishable, user: Any) -> bool:
    """Whether a change that `user` makes to `record` has to wait for approval.

    Drafts are free. What readers have seen is changed at once by reviewers only, and never by a
    token; with FOUR_EYES on, what can change a mission's status is changed by nobody alone.
    """
    if record.state not in BEEN_PUBLIC:
        return False
    if current_change().token:
        return True
    return (settings.FOUR_EYES and record.decides_status) or not may_publish(user, record)


def stored_value(field: Any, value: Any) -> Any:
    """A field's value as JSON keeps it: ids for relations, ISO for dates, text for decimals, a file's name."""
    if isinstance(field, models.ManyToManyField):
        return sorted(getattr(row, "pk", row) for row in value)
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(field, models.FileField):
        return str(value)
    return f"{value.normalize():f}" if isinstance(value, decimal.Decimal) else value


def current_value(record: Publishable, field: Any) -> Any:
    """What the record holds in `field` now, as `stored_value` writes it."""
    if isinstance(field, models.ManyToManyField):
        return stored_value(field, getattr(record, field.name).all())
    return stored_value(field, getattr(record, field.attname))


def difference(record: Publishable, changes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What `changes` would alter in `record`: {field: {old, new}}, in stored values."""
    found = {}
    for name, value in changes.items():
        field = record._meta.get_field(name)
        old, new = current_value(record, field), stored_value(field, value)
        if old != new:
            found[name] = {"old": old, "new": new}
    return found


def propose(record: Publishable, changes: Mapping[str, Any], user: User, reason: str = "") -> ProposedChange | None:
    """Note `changes` for a reviewer and leave the record as it is; None when nothing would change."""
    altered = difference(record, changes)
    if not altered:
        return None
    return ProposedChange.objects.create(
        record_type=ContentType.objects.get_for_model(record),
        record_id=record.pk,
        base_version=_latest_version(record),
        difference=altered,
        reason=reason,
        batch=current_change().batch,
        author=user,
        token=current_change().token,
    )


def propose_once(
    record: Publishable, changes: Mapping[str, Any], user: User, reason: str = ""
) -> ProposedChange | None:
    """As `propose`; None as well when the same change waits already, as when a sheet is read again."""
    altered = difference(record, changes)
    waiting = ProposedChange.objects.filter(
        record_type=ContentType.objects.get_for_model(record), record_id=record.pk, state=Decision.WAITING
    )
    if any(change.difference == altered for change in waiting):
        return None
    return propose(record, changes, user, reason)


def propose_retraction(record: Publishable, user: User, reason: str) -> ProposedChange | None:
    """Note that a published record should be retracted, with the reason that readers are to be told."""
    if not reason.strip():
        raise ValidationError("A retraction needs a reason that readers can be told.")
    return propose_once(
        record, {"state": State.RETRACTED, "retraction_reason": reason.strip()}, user, reason="retraction"
    )


def propose_publishing_again(record: Publishable, user: User) -> ProposedChange | None:
    """Note that a retracted record should be public again."""
    changes = {"state": State.PUBLISHED, "retraction_reason": ""}
    return propose_once(record, changes, user, reason="to be published again")


def approve(change: ProposedChange, by: User) -> None:
    """Apply a proposed change in its author's name, with what follows from it, in one transaction."""
    with transaction.atomic():
        change = _locked(change)
        if problem := refuse_approving(change, by):
            raise ValidationError(f"{_called(change)} was not approved: {problem}.")
        approval = approved_by(by) + (f": {change.reason}" if change.reason else "")
        with changing(user=change.author, token=change.token, reason=approval):
            apply(change)
        _decide(change, Decision.APPROVED, by)


def return_(change: ProposedChange, by: User, note: str) -> None:
    """Hand a proposed change back; the record stays as it is, and its author is told why."""
    with transaction.atomic():
        change = _locked(change)
        if problem := _refuse_deciding(change, by):
            raise ValidationError(f"{_called(change)} was not returned: {problem}.")
        if not note.strip():
            raise ValidationError("Returning a change needs a note that tells its author why.")
        change.note = note.strip()
        _decide(change, Decision.RETURNED, by)


def withdraw(change: ProposedChange, by: User) -> None:
    """Take back a change that one proposed oneself. Raises ValidationError once it is decided, and for others."""
    with transaction.atomic():
        change = _locked(change)
        if change.state != Decision.WAITING:
            raise ValidationError(f"{_called(change)} was not withdrawn: it is {change.get_state_display()} already.")
        if by.pk != change.author_id:
            raise ValidationError(f"{_called(change)} was not withdrawn: somebody else proposed it.")
        change.note = WITHDRAWN
        _decide(change, Decision.RETURNED, by)


def refuse_approving(change: ProposedChange, by: User) -> str:
    """Say why `by` may not approve `change` now, or return an empty string."""
    if problem := _refuse_deciding(change, by):
        return problem
    record: Any = change.record
    if settings.FOUR_EYES and record.decides_status and by.pk == change.author_id:
        return "it can change a mission's status and you proposed it: another reviewer must approve it"
    if fields := _changed_since(change):
        return f"the record has changed since: {', '.join(fields)}. Return it, so that its author can look again"
    return ""


def _refuse_deciding(change: ProposedChange, by: User) -> str:
    record: Any = change.record
    if change.state != Decision.WAITING:
        return f"it is {change.get_state_display()} already"
    if record is None:
        return "the record is no longer there"
    if not may_publish(by, record):
        return f"you may not publish {record._meta.verbose_name_plural}"
    return ""


def _called(change: ProposedChange) -> str:
    return f"The change to {named(change.record)}" if change.record else f"Change {change.pk}"


def _locked(change: ProposedChange) -> ProposedChange:
    return ProposedChange.objects.select_for_update(of=("self",)).get(pk=change.pk)


def _decide(change: ProposedChange, decision: Decision, by: Any) -> None:
    change.state, change.decided_by, change.decided = decision, by, timezone.now()
    change.save()


def _latest_version(record: Publishable) -> int:
    return record.history.aggregate(latest=models.Max("history_id"))["latest"] or 0


def _changed_since(change: ProposedChange) -> list[str]:
    """The fields, in words, in which the record differs from the version the change was made against."""
    record: Any = change.record
    versions = record.history.in_bulk([change.base_version, _latest_version(record)])
    base = versions.pop(change.base_version, None)
    if base is None or not versions:
        return []
    delta = compare(next(iter(versions.values())), base)
    return [_field_in_words(type(record), name) for name in delta.changed_fields]


def compare(newer: Any, older: Any, **kwargs: Any) -> ModelDelta:
    """What two versions differ in, for `diff_against` leaves out what no form sets: state, number, retraction."""
    delta = newer.diff_against(older, **kwargs)
    unseen = [
        ModelChange(field.name, getattr(older, field.attname), getattr(newer, field.attname))
        for field in older.tracked_fields
        if not field.editable and field.name not in TIME_STAMPS
    ]
    changes = [*delta.changes, *(change for change in unseen if change.old != change.new)]
    return dataclasses.replace(delta, changes=changes, changed_fields=[change.field for change in changes])


def apply(change: ProposedChange) -> None:
    """Set the new values and save, as one version: many-valued fields first, without one of their own.

    Where the state itself is to change, the record is retracted or published, with the guards of that.
    """
    record: Any = change.record
    if "state" in change.difference:
        if change.difference["state"]["new"] == State.PUBLISHED:
            record.publish()
        else:
            record.retract(change.difference["retraction_reason"]["new"])
        return
    lists = {}
    for name, values in change.difference.items():
        field = record._meta.get_field(name)
        if isinstance(field, models.ManyToManyField):
            lists[name] = values["new"]
        else:
            setattr(record, field.attname, field.to_python(values["new"]))
    store_in_one_version(record, lists)


def store_in_one_version(record: Any, lists: Mapping[str, Iterable[Any]]) -> None:
    """Save `record` and its many-valued fields so that history shows one version, not one a field."""
    is_new = record._state.adding
    record.skip_history_when_saving = True
    try:
        if is_new:
            record.save()
        for name, rows in lists.items():
            getattr(record, name).set(rows)
    finally:
        del record.skip_history_when_saving
    record.save()
    if is_new:
        # Saved twice, it would seem to have been changed before it began.
        record.history.update(history_type="+")


def waiting_for_approval(proposed: Sequence[ProposedChange]) -> str:
    """What an author is told of changes that wait."""
    about = "; ".join(named(change.record) for change in proposed if change.record)
    return f"Your change waits for a reviewer, and readers see no difference until it is approved: {about}."


class Line(NamedTuple):
    """One field of a proposed change, in words."""

    field: str
    old: str
    new: str


def in_words(changes: Sequence[ProposedChange]) -> dict[int, list[Line]]:
    """Each change as lines to read; the records that they name are fetched once for all of them."""
    lines = lines_in_words([(_model(change), change.difference) for change in changes])
    return {change.pk: listed for change, listed in zip(changes, lines, strict=True)}


def lines_in_words(differences: Sequence[tuple[type[Any], Mapping[str, Mapping[str, Any]]]]) -> list[list[Line]]:
    """Differences ({field: {old, new}}, in stored values) of records of these models, each as lines to read."""
    names = _names_of_related(differences)
    return [
        [
            Line(
                _field_in_words(model, name),
                _value_in_words(model._meta.get_field(name), values["old"], names),
                _value_in_words(model._meta.get_field(name), values["new"], names),
            )
            for name, values in difference.items()
        ]
        for model, difference in differences
    ]


def _model(change: ProposedChange) -> type[Any]:
    model = ContentType.objects.get_for_id(change.record_type_id).model_class()
    assert model is not None, "a migration that removes a model decides the changes proposed to it first"
    return model


def _field_in_words(model: type[models.Model], name: str) -> str:
    return str(getattr(model._meta.get_field(name), "verbose_name", name))


def _names_of_related(
    differences: Iterable[tuple[type[Any], Mapping[str, Mapping[str, Any]]]],
) -> dict[type[models.Model], dict[Any, str]]:
    wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
    for model, difference in differences:
        for name, values in difference.items():
            if related := model._meta.get_field(name).related_model:
                for value in values.values():
                    wanted[related].update(value if isinstance(value, list) else [value])
    return {
        model: {row.pk: str(row) for row in model._base_manager.filter(pk__in=ids - {None}).select_related()}
        for model, ids in wanted.items()
    }


def _value_in_words(field: Any, value: Any, names: Mapping[type[models.Model], Mapping[Any, str]]) -> str:
    if value in (None, "", []):
        return EMPTY
    if field.related_model:
        listed = value if isinstance(value, list) else [value]
        return "; ".join(names[field.related_model].get(pk, f"{pk}, no longer there") for pk in listed)
    return str(dict(field.flatchoices).get(value, value))
