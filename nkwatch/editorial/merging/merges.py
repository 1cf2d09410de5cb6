"""Doing a merge: at once, or by way of a reviewer (pages.md, B4; domain.md, rules 7 and 8)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from nkwatch.editorial.derivation import deriving_once
from nkwatch.editorial.desk import may_publish, named
from nkwatch.editorial.locks import one_import_at_a_time
from nkwatch.editorial.merging.kinds import Kind, absorb, joined_lists, kinds, look_at, plainly, retire
from nkwatch.editorial.merging.ledger import Ledger
from nkwatch.editorial.models import Merge, NumberedRecord, ProposedChange, State
from nkwatch.editorial.proposals import WITHDRAWN, current_value, must_propose
from nkwatch.editorial.public.changes import note_merge
from nkwatch.editorial.versions import approved_by, changing, current_change

ONE_IS_GONE = "One of the two is no longer there: somebody deleted it, or merged it into another."
IS_WAITING = Q(state=Merge.State.WAITING) | Q(state=Merge.State.DONE, undone_by__isnull=False)
"""Merges that wait for a second person: to be done, or to be taken back."""

MERGEABLE = (State.DRAFT, State.IN_REVIEW, State.PUBLISHED)


@dataclass
class Plan:
    """What a merge would do, or why it is refused, found by doing it and taking it back."""

    ledger: Ledger
    problems: Sequence[str] = ()
    seen: Sequence[Callable[[], list[str]]] = ()

    @property
    def effect(self) -> list[str]:
        """What changes for readers of what rules derive: “Spain: closing → closed; origins 1 → 2”."""
        return [words for told in self.seen for words in told()]

    def must_wait(self, user: Any) -> bool:
        """Whether a reviewer has to confirm what `user` asks for (rule 8): as for any change of each row."""
        return any(must_propose(row, user) for row in self.ledger.was_public)


def kind_of(record: Any) -> Kind:
    return next(kind for kind in kinds() if kind.model is type(record))


def may_merge(user: Any, kind: Kind) -> bool:
    """Whether `user` may merge records of this kind, or propose to."""
    return user.has_perm(f"{kind.model._meta.app_label}.change_{kind.slug}")


def plan_of_merge(kept: Any, merged: Any, choices: Iterable[str] = ()) -> Plan:
    """What merging would do now; nothing is written in the end."""
    ledger = Ledger()
    try:
        with transaction.atomic():
            _write(kept, merged, choices, ledger)
            seen = look_at([line.row for line in ledger.lines])
            transaction.set_rollback(True)
    except ValidationError as error:
        return Plan(ledger, error.messages)
    return Plan(ledger, seen=seen)


def merge(kept: Any, merged: Any, by: Any, reason: str, choices: Sequence[str] = ()) -> Merge:
    """Merge two records, or propose it where rule 8 asks for a second pair of eyes; the state says which.

    `choices` names the fields in which the kept record takes the merged one's value. All is written
    in one transaction, each record once, and what follows is derived once.
    Raises ValidationError in plain words where the two cannot be one as they stand.
    """
    _refuse_reason(reason)
    with transaction.atomic():
        one_import_at_a_time()
        plan = plan_of_merge(kept, merged, choices)
        if plan.problems:
            raise ValidationError(list(plan.problems))
        if plan.must_wait(by):
            return _propose(kept, merged, by, reason, choices)
        return _do(_row(kept, merged, by, reason, choices))


def confirm(waiting: Merge, by: Any) -> None:
    """Do a merge that somebody proposed, in its author's name; `by` is another one where it can change a status."""
    with transaction.atomic():
        one_import_at_a_time()
        proposed = Merge.objects.select_for_update(of=("self",)).get(pk=waiting.pk)
        kept, merged = proposed.kept, proposed.merged
        if proposed.state != Merge.State.WAITING:
            raise ValidationError(f"{proposed} was not merged: it is {proposed.get_state_display()}.")
        if kept is None or merged is None:
            raise ValidationError(ONE_IS_GONE)
        plan = plan_of_merge(kept, merged, proposed.choices)
        if problems := plan.problems or refuse_confirming(proposed, plan, by):
            raise ValidationError(list(problems))
        proposed.decided_by, proposed.decided = by, timezone.now()
        _do(proposed)
    waiting.refresh_from_db()


def refuse_confirming(waiting: Merge, plan: Plan, by: Any) -> list[str]:
    """Why `by` may not confirm a merge that waits; empty when they may."""
    for model in {type(row) for row in plan.ledger.was_public} | {waiting.model}:
        if not may_publish(by, model):
            return [f"You may not publish {model._meta.verbose_name_plural}: a reviewer must confirm this merge."]
    can_change_status = any(row.decides_status for row in plan.ledger.was_public)
    if settings.FOUR_EYES and can_change_status and by.pk == waiting.by_id:
        return ["It can change a mission's status and you proposed it: another reviewer must confirm it."]
    return []


def waiting_of(one: Any, other: Any) -> Merge | None:
    """The merge of these two that waits for a reviewer, whichever of them is to stay."""
    of_two = Q(kept_id=one.pk, merged_id=other.pk) | Q(kept_id=other.pk, merged_id=one.pk)
    waiting = Merge.objects.filter(of_two, record_type=ContentType.objects.get_for_model(one))
    return waiting.filter(state=Merge.State.WAITING).first()


def waiting_for(user: Any) -> models.QuerySet[Merge]:
    """What waits of merges, oldest first, of kinds that `user` may merge."""
    own = [kind.type for kind in kinds() if may_merge(user, kind)]
    found = Merge.objects.filter(IS_WAITING, record_type__in=own, within=None)
    return found.select_related("by", "undone_by", "record_type").order_by("made", "pk")


def return_(waiting: Merge, by: Any, note: str) -> None:
    """Hand a proposed merge back, or withdraw one's own; both records stay as they are, and its author is told why."""
    if not note.strip() and by.pk != waiting.by_id:
        raise ValidationError("Returning a merge needs a note that tells its author why.")
    with transaction.atomic():
        proposed = Merge.objects.select_for_update(of=("self",)).get(pk=waiting.pk)
        if proposed.state != Merge.State.WAITING:
            raise ValidationError(f"{proposed} was not returned: it is {proposed.get_state_display()}.")
        if not may_publish(by, proposed.model) and by.pk != proposed.by_id:
            raise ValidationError("Only its author or a reviewer returns a merge.")
        proposed.state, proposed.note = Merge.State.RETURNED, note.strip() or WITHDRAWN
        proposed.decided_by, proposed.decided = by, timezone.now()
        proposed.save()
    waiting.refresh_from_db()


def withdraw(waiting: Merge, by: Any) -> None:
    """Take back a merge that one proposed oneself. Raises ValidationError once it is decided, and for others."""
    if by.pk != waiting.by_id:
        raise ValidationError(f"{waiting} was not withdrawn: somebody else proposed it.")
    return_(waiting, by, WITHDRAWN)


def _refuse_reason(reason: str) -> None:
    if not reason.strip():
        raise ValidationError("Say in a sentence why the two are one.")


def _row(kept: Any, merged: Any, by: Any, reason: str, choices: Sequence[str]) -> Merge:
    return Merge(
        record_type=ContentType.objects.get_for_model(kept),
        kept_id=kept.pk,
        merged_id=merged.pk,
        kept_label=kept.label,
        merged_label=merged.label,
        merged_name=str(merged)[:200],
        choices=list(choices),
        reason=reason.strip()[:200],
        by=by,
        token=current_change().token,
    )


def _propose(kept: Any, merged: Any, by: Any, reason: str, choices: Sequence[str]) -> Merge:
    proposed = _row(kept, merged, by, reason, choices)
    if already := waiting_of(kept, merged):
        raise ValidationError(f"Merging {already} is proposed already, and waits for a reviewer.")
    proposed.state = Merge.State.WAITING
    proposed.save()
    return proposed


def _do(done: Merge) -> Merge:
    """Write the merge that `done` describes, and keep what was written with it."""
    ledger = Ledger()
    approved = f", {approved_by(done.decided_by)}" if done.decided_by else ""
    signed: dict[str, Any] = {"user": done.by, "token": done.token, "batch": None, "row": ""}
    with changing(**signed, reason=f"merge of {done}{approved}: {done.reason}"):
        _write(done.kept, done.merged, done.choices, ledger)
    done.moved, done.state, done.made = ledger.entries, Merge.State.DONE, timezone.now()
    done.save()
    note_merge(done)
    for survivor, loser in ledger.folded:
        if isinstance(loser, NumberedRecord):
            inner = _row(survivor, loser, done.by, done.reason, [])
            inner.state, inner.within = Merge.State.DONE, done
            inner.save()
            note_merge(inner)
    return done


def _write(kept: Any, merged: Any, choices: Iterable[str], ledger: Ledger) -> None:
    kind = kind_of(kept)
    model = kind.model
    locked = model._base_manager.select_for_update().in_bulk([kept.pk, merged.pk])
    if len(locked) < 2:
        raise ValidationError("Choose two records that both stand.")
    kept, merged = locked[kept.pk], locked[merged.pk]
    _refuse(kept, merged, kind)
    chosen = [name for name in kind.fields if name in set(choices)]
    with deriving_once():
        old_name = str(kept)
        handed_over = _choose(kept, merged, chosen, kind, ledger)
        kind.take_over(kept, merged, old_name)
        with plainly(kept):
            ledger.change(kept, dict(joined_lists(kept, merged, ledger)), what="changes")
        absorb(kept, merged, ledger)
        kind.inherit(kept, merged, old_name, ledger)
        retire(merged, kept, ledger, **handed_over)
        _rebase_proposals(ledger)
    for row in {(type(line.row), line.row.pk): line.row for line in ledger.lines if line.what == "moves"}.values():
        with plainly(row):
            row.clean()
    kind.check(kept)


def _refuse(kept: Any, merged: Any, kind: Kind) -> None:
    """Refuse what cannot be merged at all."""
    for record in (kept, merged):
        if record.state not in MERGEABLE:
            raise ValidationError(f"{named(record)} is {record.get_state_display()}: only what stands is merged.")
    if merged.state == State.PUBLISHED and kept.state != State.PUBLISHED:
        raise ValidationError(
            f"Readers see {named(merged)} and not {named(kept)}: "
            "let the published one stay, or publish the other first."
        )
    for one, other in ((kept, merged), (merged, kept)):
        for column in kind.model._meta.concrete_fields:
            if column.related_model is kind.model and getattr(one, column.attname) == other.pk:
                raise ValidationError(
                    f"{named(one)} names {named(other)} as “{column.verbose_name}”, so they are two. "
                    "If that is wrong, empty that field first."
                )
    if problem := kind.refuse(kept, merged):
        raise ValidationError(problem)


def _choose(kept: Any, merged: Any, chosen: Sequence[str], kind: Kind, ledger: Ledger) -> dict[str, Any]:
    """Set the chosen values on the kept record; what the merged one is given for those held once only."""
    held = [name for name in kind.held_once if name in chosen]
    handed_over = {}
    for name in chosen:
        column = kind.model._meta.get_field(name).attname
        if name in held:
            handed_over[column] = getattr(kept, column)
        setattr(kept, column, getattr(merged, column))
    if held:
        ledger.hold(merged)
        kind.model._base_manager.filter(pk=merged.pk).update(**kind.set_free(merged))
    return handed_over


def _rebase_proposals(ledger: Ledger) -> None:
    """Changes that wait are now made against what was merged, and name what stays."""
    stays = {(type(merged), merged.pk): kept.pk for kept, merged in ledger.joined}
    for change in ProposedChange.objects.filter(state=ProposedChange.Decision.WAITING):
        record: Any = change.record
        if record is None:
            continue
        moved = any(type(record) is type(kept) and record.pk == kept.pk for kept, _ in ledger.joined)
        difference = {}
        for name, values in change.difference.items():
            column = record._meta.get_field(name)
            new = _following(values["new"], column, stays)
            old = current_value(record, column) if moved else values["old"]
            if old != new:
                difference[name] = {"old": old, "new": new}
        if moved:
            change.base_version = record.history.aggregate(latest=models.Max("history_id"))["latest"]
        if difference != change.difference:
            change.difference = difference
            if not difference:
                change.state = ProposedChange.Decision.RETURNED
                change.note = "A merge has made this change already."
        ledger.change_if_different(change)


def _following(value: Any, column: Any, stays: dict[tuple[Any, int], int]) -> Any:
    if isinstance(value, list):
        return sorted({stays.get((column.related_model, pk), pk) for pk in value})
    return stays.get((column.related_model, value), value) if column.related_model else value
