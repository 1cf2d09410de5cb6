"""Versions: every change from any door leaves who, when, why, which door, which row (domain.md, rule 7)."""

import contextlib
import dataclasses
import uuid
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from simple_history.models import HistoricalRecords


class Door(models.TextChoices):
    """Where a change came in."""

    ADMIN = "admin", "admin"
    IMPORT = "import", "import"
    API = "api", "API"
    COMMAND = "command", "command"


@dataclasses.dataclass(frozen=True)
class Change:
    """Who changes records now, through which door, and why; all that one request or command does is one act."""

    act: uuid.UUID | None = None
    door: str = Door.COMMAND
    user: AbstractBaseUser | None = None
    reason: str = ""
    batch: int | None = None
    row: str = ""
    token: str = ""

    @property
    def from_where(self) -> str:
        """The row of the import that says so, or the token by which a program did."""
        return self.row or self.by_token

    @property
    def by_token(self) -> str:
        """The token by which a program writes, if one does."""
        return f"token “{self.token}”" if self.token else ""


UNSIGNED = Change()
_current: ContextVar[Change] = ContextVar("current_change", default=UNSIGNED)


def current_change() -> Change:
    """The change under way: what `changing` was last given, else an unsigned command."""
    return _current.get()


def approved_by(reviewer: AbstractBaseUser) -> str:
    """Who approves now, for the reason of what is then written in its author's name; and with which token."""
    with_token = current_change().by_token
    return f"approved by {reviewer}" + (f" with {with_token}" if with_token else "")


@contextlib.contextmanager
def changing(**details: Any) -> Iterator[Change]:
    """Sign every version made inside the block; details not given are kept from the block outside.

    The outermost block is one act, such as a request: a record and the parts saved with it.
    """
    outside = _current.get()
    change = dataclasses.replace(outside, act=outside.act or uuid.uuid4(), **details)
    token = _current.set(change)
    try:
        yield change
    finally:
        _current.reset(token)


class Version(models.Model):
    """What nkwatch adds to each version that django-simple-history keeps."""

    door = models.CharField(max_length=10, choices=Door.choices, default=Door.COMMAND)
    batch = models.PositiveBigIntegerField("import batch", null=True, blank=True)
    batch_row = models.CharField("file and row of the import", max_length=200, blank=True)
    act = models.UUIDField(null=True, help_text="Versions that were made together have one act in common.")

    class Meta:
        abstract = True


def sign_version(sender: type[models.Model], history_instance: Any, **kwargs: Any) -> None:
    """Fill a version that is about to be stored from the change under way."""
    change = current_change()
    history_instance.door = change.door
    history_instance.batch = change.batch
    history_instance.batch_row = change.from_where
    history_instance.act = change.act
    if change.user is not None:
        history_instance.history_user = change.user
    if not history_instance.history_change_reason:
        history_instance.history_change_reason = change.reason or None


def versions(**kwargs: Any) -> HistoricalRecords:
    """The history of one editable model; derived columns are left out, since no editor changes them."""
    reason = models.TextField("reason for the change", null=True)
    return HistoricalRecords(bases=[Version], history_change_reason_field=reason, **kwargs)
