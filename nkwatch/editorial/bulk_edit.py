"""Setting the same fields of many records at once, with every guard that one record has (domain.md, rules 7 and 8)."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction

from nkwatch.editorial import proposals
from nkwatch.editorial.derivation import deriving_once
from nkwatch.editorial.editing import edit
from nkwatch.editorial.models import Publishable
from nkwatch.editorial.proposals import Line
from nkwatch.editorial.versions import changing


class How(models.TextChoices):
    """What to do with a field that holds a list."""

    ADD = "add", "add these to what is there"
    REMOVE = "remove", "take these out"
    REPLACE = "replace", "replace what is there by these"


class Fate(StrEnum):
    """What becomes of a record."""

    CHANGED = "changes"
    PROPOSED = "waits for a reviewer"
    SAME = "stays as it is"
    REFUSED = "refused"


@dataclasses.dataclass(frozen=True)
class Setting:
    """One field, and what it is to hold; of a list, ids."""

    name: str
    value: Any
    how: str = How.REPLACE


@dataclasses.dataclass
class Row:
    """What the edit does to one record: old and new in words, and why it does not where it does not."""

    record: Any
    fate: Fate
    why: str = ""
    difference: dict[str, Any] = dataclasses.field(default_factory=dict)
    lines: list[Line] = dataclasses.field(default_factory=list)


class _OnlyToSeeError(Exception):
    """Ends a transaction that was opened to see what it would do."""


def preview(records: Sequence[Publishable], settings: Sequence[Setting], user: Any, may_change: Callable) -> list[Row]:
    """What `apply` would do now: it is done, looked at, and taken back, so that nothing is promised in vain."""
    rows: list[Row] = []
    try:
        with deriving_once():
            rows = [_edit(record, settings, user, "", may_change) for record in records]
            raise _OnlyToSeeError
    except _OnlyToSeeError:
        return _in_words(rows)


def apply(
    records: Iterable[Publishable], settings: Sequence[Setting], user: Any, may_change: Callable, reason: str
) -> list[Row]:
    """Set the fields in one transaction: one version a record, or a proposal where rule 8 asks for one.

    A record that its rules refuse is left as it is, and its row says why.
    """
    with changing(reason=reason), deriving_once():
        return [_edit(record, settings, user, reason, may_change) for record in records]


def _edit(record: Any, settings: Sequence[Setting], user: Any, reason: str, may_change: Callable) -> Row:
    changes = {setting.name: _new_value(record, setting) for setting in settings}
    difference = proposals.difference(record, changes)
    if not difference:
        return Row(record, Fate.SAME)
    if not may_change(record):
        return Row(record, Fate.REFUSED, f"you may not change {record._meta.verbose_name_plural}", difference)
    try:
        with transaction.atomic():
            edited = edit(record, changes, user, reason)
    except (ValidationError, IntegrityError) as error:
        return Row(record, Fate.REFUSED, in_one_line(error), difference)
    if edited.changed or edited.proposed:
        return Row(record, Fate.CHANGED if edited.changed else Fate.PROPOSED, "", difference)
    return Row(record, Fate.SAME, "the same change waits for a reviewer already", difference)


def _new_value(record: Any, setting: Setting) -> Any:
    if not record._meta.get_field(setting.name).many_to_many:
        return setting.value
    given = set(setting.value)
    there = {row.pk for row in getattr(record, setting.name).all()}
    return sorted({How.ADD: there | given, How.REMOVE: there - given, How.REPLACE: given}[How(setting.how)])


def _in_words(rows: list[Row]) -> list[Row]:
    lines = proposals.lines_in_words([(type(row.record), row.difference) for row in rows])
    for row, listed in zip(rows, lines, strict=True):
        row.lines = listed
    return rows


def in_one_line(error: Exception) -> str:
    """Why a record was refused, for a line of a table."""
    if not isinstance(error, ValidationError):
        return "the same stands already"
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(
        message if name == NON_FIELD_ERRORS else f"{name.replace('_', ' ').capitalize()}: {message}"
        for name, messages in error.message_dict.items()
        for message in messages
    )


def counts(rows: Iterable[Row]) -> dict[Fate, int]:
    """How many records share each fate; those that none shares are left out."""
    found = Counter(row.fate for row in rows)
    return {fate: found[fate] for fate in Fate if found[fate]}
