"""Taking a merge back: everything as it was, but for what was edited since (pages.md, B4; domain.md, rule 7)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from nkwatch.editorial.bulk_versions import store_versions
from nkwatch.editorial.derivation import deriving_once
from nkwatch.editorial.desk import BEEN_PUBLIC, may_publish, named
from nkwatch.editorial.locks import one_import_at_a_time
from nkwatch.editorial.merging.kinds import look_at, plainly
from nkwatch.editorial.merging.ledger import Entry, model_of, remove
from nkwatch.editorial.merging.merges import kind_of
from nkwatch.editorial.models import Merge, Publishable
from nkwatch.editorial.proposals import store_in_one_version, stored_value
from nkwatch.editorial.public.changes import note_merge
from nkwatch.editorial.versions import approved_by, changing


@dataclass
class Unmerged:
    """What taking a merge back does, or did: the rows brought back, and why each other value was left alone."""

    restored: list[Any] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)
    waits: bool = False
    """Whether it can change a mission's status, and waits for another reviewer to agree."""
    seen: Sequence[Callable[[], list[str]]] = ()

    @property
    def effect(self) -> list[str]:
        """What changes for readers of what rules derive, as `Plan.effect` of a merge."""
        return [words for told in self.seen for words in told()]


def plan_of_undo(merge: Merge, by: Any) -> Unmerged:
    """What `undo` would do now; nothing is written in the end. Raises ValidationError where it would refuse."""
    with transaction.atomic():
        done = _undo(merge, by)
        done.seen = look_at(done.restored)
        transaction.set_rollback(True)
    return done


def undo(merge: Merge, by: Any, reason: str = "") -> Unmerged:
    """Take a merge back, in one transaction, and say what was left alone; or ask for it.

    With FOUR_EYES on nobody alone takes back what can change a mission's status: the first who wants
    to is noted, and nothing changes until another one does the same (rule 8), in the first one's name.
    Raises ValidationError when it was taken back already, was part of another merge, or a merge on
    top of it has to go first.
    """
    with transaction.atomic():
        one_import_at_a_time()
        plan = plan_of_undo(merge, by)
        if plan.waits:
            asked = Merge.objects.filter(pk=merge.pk, state=Merge.State.DONE, undone_by=None)
            if not asked.update(undone_by=by, note=reason.strip()):
                raise ValidationError("You asked for this already: another reviewer must take it back.")
            done = plan
        else:
            done = _undo(merge, by, reason)
            merge.refresh_from_db()
            asked_by = merge.undone_by or by
            note = merge.note or reason.strip()
            if asked_by.pk != by.pk:
                note = f"{note} ({approved_by(by)})".strip()
            for part in (Merge.objects.filter(pk=merge.pk), merge.inner):
                part.update(state=Merge.State.UNDONE, undone_by=asked_by, undone=timezone.now(), note=note)
            for taken_back in (Merge.objects.get(pk=merge.pk), *merge.inner.all()):
                note_merge(taken_back)
    merge.refresh_from_db()
    return done


def leave_merged(merge: Merge, by: Any) -> None:
    """Refuse, or withdraw, what was asked: the merge stands. Raises ValidationError for who may not decide it."""
    with transaction.atomic():
        asked = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
        if not asked.is_asked_back:
            raise ValidationError(f"Nobody asks to take {asked} back: it is {asked.get_state_display()}.")
        if not may_publish(by, asked.model) and by.pk != asked.undone_by_id:
            raise ValidationError("Only who asked for it or a reviewer leaves it merged.")
        Merge.objects.filter(pk=merge.pk).update(undone_by=None, note="")
    merge.refresh_from_db()


def _undo(merge: Merge, by: Any, reason: str = "") -> Unmerged:
    merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    _refuse(merge)
    done, seen = Unmerged(), set[type[Publishable]]()
    agreed = merge.is_asked_back and merge.undone_by_id != by.pk
    author, why = (merge.undone_by, merge.note) if agreed else (by, reason.strip())
    approved = f", {approved_by(by)}" if agreed else ""
    because = f"merge of {merge} taken back{approved}" + (f": {why}" if why else "")
    kept, merged = merge.kept, merge.merged
    kind = kind_of(kept)
    stand: dict[tuple[Any, int], Any] = {}
    with changing(user=author, reason=because, batch=None, row=""), deriving_once():
        if set(merge.choices) & set(kind.held_once):
            # Each takes back what the other has now, and no two may have it at once.
            for record in filter(None, (kept, merged)):
                stand[type(record), record.pk] = record
                kind.model._base_manager.filter(pk=record.pk).update(**kind.set_free(record))
        for entry in reversed(merge.moved):
            try:
                row = _take_back(entry, stand, done)
            except (ValidationError, IntegrityError) as error:
                told = error.messages if isinstance(error, ValidationError) else ["something like it stands already."]
                raise ValidationError([f"The merge cannot be taken back: {message}" for message in told]) from error
            if isinstance(row, Publishable) and row.state in BEEN_PUBLIC:
                seen.add(type(row))
        for model in seen:
            if not may_publish(by, model):
                kinds = model._meta.verbose_name_plural
                raise ValidationError(f"Readers see {kinds} that this merge moved: a reviewer must take it back.")
    done.waits = settings.FOUR_EYES and not agreed and any(model.decides_status for model in seen)
    return done


def _refuse(merge: Merge) -> None:
    if merge.state != Merge.State.DONE:
        raise ValidationError(f"{merge} is {merge.get_state_display()}: only a merge that was done is taken back.")
    if merge.within is not None:
        raise ValidationError(f"{merge} is part of the merge of {merge.within}: take that one back.")
    later = Merge.objects.filter(record_type=merge.record_type, merged_id=merge.kept_id, state=Merge.State.DONE).first()
    if later is not None:
        raise ValidationError(f"{later} was merged since: take that back first.")
    if merge.kept is None:
        raise ValidationError(f"{merge.kept_label} is no longer there.")


def _take_back(entry: Entry, stand: dict[tuple[Any, int], Any], done: Unmerged) -> Any:
    model = model_of(entry)
    if "removed" in entry:
        return _stand_again(model, entry, done)
    row = stand.get((model, entry["pk"])) or model._base_manager.filter(pk=entry["pk"]).first()
    if row is None:
        done.left_alone.append(f"{model._meta.verbose_name} {entry['pk']} is no longer there.")
        return None
    if "made" in entry:
        return _unmake(row, entry, done)
    with plainly(row):
        return _restore(row, entry, done, must_save=(model, entry["pk"]) in stand)


def _restore(row: Any, entry: Entry, done: Unmerged, must_save: bool) -> Any:
    """Bring back each value that is still as the merge left it."""
    by_column = {column.attname: column for column in row._meta.concrete_fields}
    changed = must_save or not (entry["fields"] or entry["lists"])
    for name, (old, new) in entry["fields"].items():
        column = by_column[name]
        if stored_value(column, getattr(row, name)) == new:
            setattr(row, name, column.to_python(old))
            changed = True
        else:
            done.left_alone.append(f"{named(row)}: {column.verbose_name} was changed since.")
    lists = {}
    for name, (old, new) in entry["lists"].items():
        now = set(getattr(row, name).values_list("pk", flat=True))
        lists[name] = sorted((now - (set(new) - set(old))) | (set(old) - set(new)))
    if changed or lists:
        if isinstance(row, Publishable):
            store_in_one_version(row, lists)
        else:
            row.save()
        done.restored.append(row)
    return row


def _stand_again(model: Any, entry: Entry, done: Unmerged) -> Any:
    """Put back what the merge took out, a draft or a file, with its id, its lists, and a version that says so."""
    columns = {column.attname: column for column in model._meta.concrete_fields}
    values = {name: columns[name].to_python(value) for name, value in entry["removed"].items()}
    row = model(**values)
    model._base_manager.bulk_create([row])
    # As stored, the times of its making and of its last change would be now.
    times = {
        name: values[name]
        for name, column in columns.items()
        if getattr(column, "auto_now", False) or getattr(column, "auto_now_add", False)
    }
    model._base_manager.filter(pk=row.pk).update(**times)
    for name, time in times.items():
        setattr(row, name, time)
    for name, ids in entry["lists"].items():
        getattr(row, name).through._base_manager.bulk_create(
            [_link(row, name, pk) for pk in ids],
        )
    store_versions([row], "+")
    done.restored.append(row)
    return row


def _link(row: Any, name: str, pk: int) -> Any:
    many = row._meta.get_field(name)
    through: Any = many.remote_field.through
    return through(**{f"{many.m2m_field_name()}_id": row.pk, f"{many.m2m_reverse_field_name()}_id": pk})


def _unmake(row: Any, entry: Entry, done: Unmerged) -> Any:
    """Take out a row that the merge made (a name): it goes as it came, its versions stay."""
    by_column = {column.attname: column for column in row._meta.concrete_fields}
    if any(stored_value(by_column[name], getattr(row, name)) != value for name, value in entry["made"].items()):
        done.left_alone.append(f"{named(row)} was changed since, and stays.")
        return row
    remove(row)
    done.restored.append(row)
    return row
