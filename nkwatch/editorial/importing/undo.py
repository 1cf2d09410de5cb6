"""Taking an import back as a whole (event-sheet.md, point 7).

What it created is removed, or retracted if readers have ever seen it; what it changed returns to the
version before; changes it proposed are withdrawn. A record that was changed since, or that others
have come to use, is listed and left alone. Handing in and publishing are no change of a record.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from nkwatch.editorial.bulk_versions import CHANGED, REMOVED, chunks, listed_then, lists_of, store_versions
from nkwatch.editorial.derivation import deriving_once, rederive
from nkwatch.editorial.desk import BEEN_PUBLIC, may_publish
from nkwatch.editorial.importing.traces import Changed, Key, Traces, kinds, lists_naming, traces_of
from nkwatch.editorial.locks import one_import_at_a_time
from nkwatch.editorial.models import ImportBatch, ProposedChange, State
from nkwatch.editorial.models.imports import ImportStage
from nkwatch.editorial.proposals import propose_retraction, store_in_one_version
from nkwatch.editorial.versions import changing, current_change

EDITED = "it was changed since"
RETRACTED = "it was retracted already"
PUBLISHED = "it was published since, with what the import changed"
NO_VERSION = "no version of it from before the import is kept"
NEEDS_ANOTHER = "a mission's status may hang on it, so that another reviewer must approve its retraction, as proposed"
STATUS_ALONE = "a mission's status may hang on it: propose to change it back"
APPROVED = "a reviewer has approved a change that the import proposed"


@dataclass
class Undone:
    """What taking an import back does, or did: the records, and why each that stays was left alone."""

    removed: list[Any] = field(default_factory=list)
    retracted: list[Any] = field(default_factory=list)
    restored: list[Any] = field(default_factory=list)
    left_alone: list[tuple[Any, str]] = field(default_factory=list)
    withdrawn: list[ProposedChange] = field(default_factory=list)

    def in_words(self) -> str:
        """The numbers, in one sentence."""
        told = Counter(
            {
                "removed": len(self.removed),
                "retracted": len(self.retracted),
                "brought back to the version before": len(self.restored),
                "proposed changes withdrawn": len(self.withdrawn),
                "left alone": len(self.left_alone),
            }
        )
        return (", ".join(f"{number:,} {words}" for words, number in told.items() if number) or "nothing to do") + "."


def plan_of_undo(batch: ImportBatch) -> Undone:
    """What `undo` would do now; writes nothing. Raises ValidationError where it would refuse."""
    _refuse(batch)
    traces = traces_of(batch.pk)
    restorable, left = _sorted_out(traces, four_eyes=settings.FOUR_EYES)
    return _plan(traces, restorable, left, batch)


def undo(batch: ImportBatch, user: Any = None, reason: str = "") -> Undone:
    """Take back what the import did, in one transaction, and say what became of each record.

    `reason` is what readers are told of records that are retracted. Without a `user` it is the
    machine's own operator who asks (a command), who may do all. Raises ValidationError when the
    import is undone already or wrote nothing, or when readers have seen what `user` may not retract.
    """
    told = reason.strip() or f"The import of {batch.file} that brought it in was taken back."
    with transaction.atomic():
        one_import_at_a_time()
        _refuse(ImportBatch.objects.select_for_update().get(pk=batch.pk))
        traces = traces_of(batch.pk, lock=True)
        restorable, left = _sorted_out(traces, four_eyes=user is not None and settings.FOUR_EYES)
        because = f"undo of import {batch.pk}" + (f": {reason.strip()}" if reason.strip() else "")
        signed = changing(**({"user": user} if user else {}), batch=None, row="", reason=because)
        with signed, deriving_once():
            restored = {key: change for key, change in restorable.items() if _restore(change, left, key)}
            done = _plan(traces, restored, left, batch)
            _refuse_user(user, done)
            _withdraw(done.withdrawn, user, because)
            _remove(done.removed)
            _retract(done.retracted, told)
            for record in _to_propose(done):
                propose_retraction(record, user, told)
        batch.stage, batch.undone_by, batch.message = ImportStage.UNDONE, user, f"Taken back: {done.in_words()}"
        batch.save(update_fields=["stage", "undone_by", "message"])
    return done


def _refuse(batch: ImportBatch) -> None:
    if batch.stage == ImportStage.UNDONE:
        raise ValidationError(f"{str(batch).capitalize()} was taken back already.")
    if batch.stage != ImportStage.WRITTEN:
        raise ValidationError(f"{str(batch).capitalize()} wrote nothing: it is {batch.get_stage_display()}.")


def _refuse_user(user: Any, done: Undone) -> None:
    at_once = [*done.retracted, *(record for record in done.restored if record.state in BEEN_PUBLIC)]
    if at_once and current_change().token:
        raise ValidationError("Readers have seen what this import brought: it is taken back in the admin, by no token.")
    seen = [*at_once, *_to_propose(done)]
    for model in {type(record) for record in seen}:
        if user is not None and not may_publish(user, model):
            kind = model._meta.verbose_name_plural
            raise ValidationError(f"Readers have seen {kind} that this import brought: a reviewer must take it back.")


def _to_propose(done: Undone) -> list[Any]:
    """The records that are to be retracted, once somebody else approves it."""
    return [record for record, why in done.left_alone if why == NEEDS_ANOTHER]


def _sorted_out(traces: Traces, four_eyes: bool) -> tuple[dict[Key, Changed], dict[Key, str]]:
    """The changed records that may return to the version before; and of all others that stay as they are, why.

    With `four_eyes` nobody takes back alone what readers see of a mission's status (domain.md, rule 8).
    """
    left: dict[Key, str] = {}
    for key, record in traces.made.items():
        if record.state == State.RETRACTED:
            left[key] = RETRACTED
        elif key in traces.edited:
            left[key] = EDITED
        elif four_eyes and record.decides_status and record.state == State.PUBLISHED:
            left[key] = NEEDS_ANOTHER
    restorable = {}
    for key, change in traces.changed.items():
        if key in traces.edited:
            left[key] = EDITED
        elif change.before is None:
            left[key] = NO_VERSION
        elif change.record.state in BEEN_PUBLIC and change.before.state not in BEEN_PUBLIC:
            left[key] = PUBLISHED
        elif four_eyes and change.record.decides_status and change.record.state in BEEN_PUBLIC:
            left[key] = STATUS_ALONE
        else:
            restorable[key] = change
    return restorable, left


def _plan(traces: Traces, restored: dict[Key, Changed], left: dict[Key, str], batch: ImportBatch) -> Undone:
    left = dict(left)
    going = {key: record for key, record in traces.made.items() if key not in left}
    while kept := {key: why for key in going if (why := _why_kept(key, going, restored, traces))}:
        left |= kept
        going = {key: record for key, record in going.items() if key not in kept}
    waiting, approved = _proposed(batch)
    return Undone(
        removed=[record for record in going.values() if record.state not in BEEN_PUBLIC],
        retracted=[record for record in going.values() if record.state in BEEN_PUBLIC],
        restored=[change.record for change in restored.values()],
        left_alone=[
            *((traces.record(key), why) for key, why in left.items()),
            *((change.record, APPROVED) for change in approved if change.record),
        ],
        withdrawn=waiting,
    )


def _why_kept(key: Key, going: dict[Key, Any], restored: dict[Key, Changed], traces: Traces) -> str:
    """Why a record that the import made must stay: somebody uses it, or it is part of one that stays."""
    for user in traces.users[key]:
        if user not in going and user not in restored:
            return f"{traces.called(user)} uses it"
    owner = traces.owners.get(key)
    if owner in traces.made and owner not in going and not any(part not in traces.made for part in traces.parts[owner]):
        return f"it belongs to {traces.called(owner)}, which stays"
    return ""


def _proposed(batch: ImportBatch) -> tuple[list[ProposedChange], list[ProposedChange]]:
    """The changes that the import proposed: those that wait, and those that were approved."""
    made = list(ProposedChange.objects.filter(batch=batch.pk).prefetch_related("record"))
    decisions = ProposedChange.Decision
    return (
        [change for change in made if change.state == decisions.WAITING],
        [change for change in made if change.state == decisions.APPROVED],
    )


def _restore(change: Changed, left: dict[Key, str], key: Key) -> bool:
    """Bring a record back to the version before the import; where that cannot stand any more, leave it alone."""
    record, before = change.record, change.before
    record.refresh_from_db()
    for name, value in change.values_before().items():
        setattr(record, name, value)
    lists = {}
    for many in lists_of(type(record)):
        lists[many.name] = listed_then(type(record), many, [before.pk]).get(before.pk, set())
        if many.related_model._base_manager.filter(pk__in=lists[many.name]).count() < len(lists[many.name]):
            left[key] = "what it named before is no longer there"
            return False
    try:
        with transaction.atomic():
            store_in_one_version(record, lists)
    except ValidationError as refused:
        left[key] = f"its version from before cannot stand any more: {' '.join(refused.messages)}"
        return False
    return True


def _withdraw(proposed: list[ProposedChange], user: Any, note: str) -> None:
    ProposedChange.objects.filter(pk__in=[change.pk for change in proposed]).update(
        state=ProposedChange.Decision.RETURNED, decided_by=user, decided=timezone.now(), note=note
    )


def _remove(records: list[Any]) -> None:
    """Remove records that readers never saw, with a version each that says so.

    Their links to each other need no order: both databases look at foreign keys when the
    transaction ends, and what others use was left alone.
    """
    for model, removed in _by_model(records).items():
        store_versions(removed, REMOVED)
        for chunk in chunks(record.pk for record in removed):
            for through, column in lists_naming(model):
                through._base_manager.filter(**{f"{column}__in": chunk}).delete()
            # Without Django's collector, which would fetch every relation of every row and store a second version.
            removing = model._base_manager.filter(pk__in=chunk)
            removing._raw_delete(removing.db)


def _retract(records: list[Any], reason: str) -> None:
    now = timezone.now()
    for model, retracted in _by_model(records).items():
        for record in retracted:
            record.state, record.retraction_reason, record.updated = State.RETRACTED, reason, now
        for chunk in chunks(record.pk for record in retracted):
            model._base_manager.filter(pk__in=chunk).update(
                state=State.RETRACTED, retraction_reason=reason, updated=now
            )
        store_versions(retracted, CHANGED)
    if records:
        rederive(records)


def _by_model(records: list[Any]) -> dict[Any, list[Any]]:
    grouped: dict[Any, list[Any]] = {model: [] for model in kinds()}
    for record in records:
        grouped[type(record)].append(record)
    return grouped
