"""What the desk does with a record and its parts: submit, publish, return, retract (domain.md, rule 8)."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from nkwatch.editorial.derivation import deriving_once
from nkwatch.editorial.models import NumberedRecord, Publishable, State
from nkwatch.editorial.versions import changing

BEEN_PUBLIC = (State.PUBLISHED, State.RETRACTED)
WAITING = (State.DRAFT, State.IN_REVIEW)


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


def submit_with_parts(record: Publishable) -> list[str]:
    """Hand in a draft with the drafts among its parts; a public record's new parts are handed in alone."""
    drafts = [part for part in all_parts(record) if part.state == State.DRAFT]
    with transaction.atomic(), changing(reason="submitted for review"):
        if record.state == State.DRAFT:
            record.submit()
        elif not drafts:
            raise ValidationError(f"{named(record)} was not submitted: it is {record.get_state_display()} already.")
        for part in drafts:
            part.submit()
    return []


def return_with_parts(record: Publishable) -> list[str]:
    """Hand back a record in review, with the parts that were handed in beside it."""
    parts = [part for part in all_parts(record) if part.state == State.IN_REVIEW]
    with transaction.atomic(), changing(reason="returned to draft"):
        if record.state == State.IN_REVIEW:
            record.return_to_draft()
        elif not parts:
            raise ValidationError(
                f"{named(record)} was not returned: it is {record.get_state_display()}, and only records in review are."
            )
        for part in parts:
            part.return_to_draft()
    return []


def publish_with_parts(record: Publishable, by: Any, missing: Callable[[Any], str] = lambda record: "") -> list[str]:
    """Publish a record, and those of its parts that wait and may be public; a part that may not stays behind.

    Of a record that is public already, the new parts are published. Returns why each part stayed.
    `missing` is asked once everything is derived: what it answers takes the whole back, since a
    record may depend on parts that could not follow it.
    """
    name = named(record)
    left: list[str] = []
    with transaction.atomic(), changing(reason="published"):
        with deriving_once():
            parts = [part for part in all_parts(record) if part.state in WAITING]
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
