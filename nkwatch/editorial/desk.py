"""What the desk does with a record and its parts: submit, withdraw, return, publish, retract (domain.md, rule 8)."""

from collections.abc import Callable, Container, Iterable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from nkwatch.editorial.derivation import deriving_once
from nkwatch.editorial.models import NumberedRecord, Publishable, ReviewNote, State
from nkwatch.editorial.versions import changing

BEEN_PUBLIC = (State.PUBLISHED, State.RETRACTED)
WAITING = (State.DRAFT, State.IN_REVIEW)
SUBMITTED, RETURNED = "submitted for review", "returned to draft"


def may_publish(user: Any, record: models.Model | type[models.Model]) -> bool:
    """Whether `user` is one of those who publish records of this kind."""
    return user.has_perm(f"{record._meta.app_label}.publish_{record._meta.model_name}")


def named(record: models.Model) -> str:
    """The record as messages call it: its number and name, or its kind and what it says."""
    if isinstance(record, NumberedRecord):
        return f"{record.label} “{record}”"
    return f"{str(record._meta.verbose_name).capitalize()} {record.pk} ({record})"


def all_parts(record: Publishable) -> Iterator[Publishable]:
    """The parts of a record, and theirs: a mission's coverages, and the citations of each."""
    for part in record.iter_parts():
        yield part
        yield from all_parts(part)


def named_by(record: Publishable) -> list[Publishable]:
    """The records that `record` names, without which it is not published; not those that rules fill in."""
    columns = [
        column
        for column in record._meta.concrete_fields
        if isinstance(column, models.ForeignKey) and column.name not in record.derived_fields
    ]
    return [named for column in columns if isinstance(named := getattr(record, column.name), Publishable)]


def in_review(record: Publishable) -> list[Publishable]:
    """The record and those of its parts that wait for a reviewer."""
    return [row for row in (record, *all_parts(record)) if row.state == State.IN_REVIEW]


def authors_of(record: Publishable) -> set[int]:
    """Users who wrote what is not public yet, or who handed it in last, by the record's versions."""
    handed_in = record.history.filter(history_change_reason=SUBMITTED, history_user__isnull=False)
    last = handed_in.order_by("-history_date", "-history_id").values_list("history_user_id", flat=True)[:1]
    return record.authors_since_public() | set(last)


def submit_with_parts(record: Publishable) -> list[str]:
    """Hand in a draft with the drafts among its parts; a public record's new parts are handed in alone."""
    drafts = [part for part in all_parts(record) if part.state == State.DRAFT]
    if record.state != State.DRAFT and not drafts:
        raise ValidationError(f"{named(record)} was not submitted: it is {record.get_state_display()} already.")
    submit_all([record, *drafts])
    return []


def submit_all(records: Iterable[Publishable]) -> None:
    """Hand in those of `records` that are drafts; notes with which any of them had been returned are answered."""
    records = list(records)
    with transaction.atomic(), changing(reason=SUBMITTED):
        hand_in(records)
        ReviewNote.objects.answer(records)


def return_with_parts(record: Publishable, by: Any, note: str) -> list[str]:
    """Hand back a record in review, with the parts that were handed in beside it, and tell its authors why.

    The note is kept with the record; where only parts of it wait, with each of them. Raises
    ValidationError without a note, and for what is not in review.
    """
    if not note.strip():
        raise ValidationError("Returning a record needs a note that tells its author why.")
    returned = in_review(record)
    if not returned:
        raise ValidationError(
            f"{named(record)} was not returned: it is {record.get_state_display()}, and only records in review are."
        )
    with transaction.atomic(), changing(reason=RETURNED):
        for row in returned:
            row.return_to_draft()
        if returned[0] is record:
            _tell(record, by, note, set().union(*(authors_of(row) for row in returned)))
        else:
            for part in returned:
                _tell(part, by, note, authors_of(part))
    return []


def _tell(record: Publishable, by: Any, note: str, authors: Iterable[int]) -> None:
    told = ReviewNote.objects.create(record=record, by=by, note=note.strip())
    told.authors.set(authors)


def withdraw_with_parts(record: Publishable, by: Any) -> list[str]:
    """Take back what one handed in oneself, without a note; of a public record, one's own parts alone.

    Raises ValidationError when nothing of it is in review, or others wrote it and handed it in.
    """
    waiting = in_review(record)
    if not waiting:
        raise ValidationError(
            f"{named(record)} was not withdrawn: it is {record.get_state_display()}, and only records in review are."
        )
    is_whole = waiting[0] is record and by.pk in authors_of(record)
    own = waiting if is_whole else [row for row in waiting if row is not record and by.pk in authors_of(row)]
    if not own:
        raise ValidationError(
            f"{named(record)} was not withdrawn: others wrote it and handed it in. A reviewer may return it."
        )
    with transaction.atomic(), changing(reason="withdrawn by its author"):
        for row in own:
            row.return_to_draft()
    return []


def refuse_with_parts(record: Publishable, by: Any, waiting: Container[str] = WAITING) -> str:
    """Say why `publish_with_parts` would publish nothing of `record`, or return an empty string.

    A part that may not be published holds nothing else up, unless no other part waits.
    """
    parts = [part for part in all_parts(record) if part.state in waiting]
    if record.state != State.PUBLISHED or not parts:
        return record.refuse_publishing(by)
    refused = [part.refuse_publishing(by) for part in parts]
    return "" if "" in refused else refused[0]


def publish_with_parts(
    record: Publishable,
    by: Any,
    missing: Callable[[Any], str] = lambda record: "",
    waiting: Container[str] = WAITING,
) -> list[str]:
    """Publish a record, and those of its parts that wait and may be public; a part that may not stays behind.

    Of a record that is public already, the new parts are published. Returns why each part stayed.
    `waiting` says in which states parts are taken: a reviewer who looks at what was handed in
    leaves drafts alone. `missing` is asked once everything is derived: what it answers takes the whole back, since a
    record may depend on parts that could not follow it.
    """
    name = named(record)
    left: list[str] = []
    with transaction.atomic(), changing(reason="published"):
        with deriving_once():
            parts = [part for part in all_parts(record) if part.state in waiting]
            if record.state != State.PUBLISHED or not parts:
                if problem := record.refuse_publishing(by):
                    raise ValidationError(f"{name} was not published: {problem}.")
                record.publish(by=by)
            for part in parts:
                if problem := part.refuse_publishing(by):
                    left.append(f"{named(part)} was not published: {problem}.")
                else:
                    part.publish(by=by)
        record.refresh_from_db()
        if problem := missing(record):
            raise ValidationError([f"{name} was not published: {problem}.", *left])
    return left


def hand_in(records: Iterable[Any]) -> None:
    """Hand in those of `records` that are drafts."""
    for record in records:
        if record.state == State.DRAFT:
            record.submit()


def retract(record: Publishable, reason: str) -> None:
    """Take a record from the pages; its parts go with it, since they are public only through it."""
    with changing(reason=f"retracted: {reason}"):
        record.retract(reason)


def publish_in_order(records: Iterable[Any], by: Any = None) -> list[Publishable]:
    """Publish `records` in an order in which what each one names is public before it; return those held back."""
    waiting = list(records)
    while waiting:
        held_back = []
        for record in waiting:
            record.refresh_from_db()
            if record.state not in WAITING or record.refuse_publishing(by):
                held_back.append(record)
            else:
                record.publish(by=by)
        if len(held_back) == len(waiting):
            break
        waiting = held_back
    return waiting
