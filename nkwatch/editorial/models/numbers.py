"""Record numbers: permanent, given at first publication (domain.md, Models)."""

import re
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models import Q

from nkwatch.editorial.models.merges import id_that_stays, one_that_stays
from nkwatch.editorial.models.publishing import Publishable, State

DRAFT_LABEL = re.compile(r"draft-(\d{1,18})", re.ASCII)
RECORD_NUMBER = re.compile(r"([A-Z])-(\d{1,9})", re.ASCII)


class NumberSequence(models.Model):
    """The last number given to each kind of record: a row to lock, so that two publications never share one."""

    prefix = models.CharField(max_length=1, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    @classmethod
    def take(cls, prefix: str) -> int:
        """Take the next number; call inside the publishing transaction, so that a failure leaves no gap."""
        cls.objects.get_or_create(prefix=prefix)
        sequence = cls.objects.select_for_update().get(prefix=prefix)
        sequence.last += 1
        sequence.save()
        return sequence.last


class NumberedRecord(Publishable):
    """A record with a permanent number, given at first publication: M-0017."""

    prefix: ClassVar[str]

    number = models.PositiveIntegerField(null=True, blank=True, unique=True, editable=False)

    class Meta(Publishable.Meta):
        abstract = True
        constraints = [
            *Publishable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(number__isnull=False) | Q(state__in=["draft", "in-review"]),
                name="%(app_label)s_%(class)s_public_has_number",
            ),
        ]

    @property
    def label(self) -> str:
        """The record's number as people and programs write it: M-0017, or draft-12 before publication."""
        return f"{self.prefix}-{self.number:04d}" if self.number else f"draft-{self.pk}"

    def refuse_publishing(self, by: AbstractBaseUser | None) -> str:
        """As for any record; besides, one that was merged comes back by taking the merge back only."""
        if self.state == State.RETRACTED and (stays := one_that_stays(self)) != self:
            return f"it was merged into {stays.label}: take the merge back instead"
        return super().refuse_publishing(by)

    def before_publishing(self) -> None:
        # Asked of the database, under lock: another reviewer may have published it since this
        # copy was read, and a number is given once.
        self.number = type(self)._base_manager.select_for_update().values_list("number", flat=True).get(pk=self.pk)
        if self.number is None:
            self.number = NumberSequence.take(self.prefix)


def numbered(model: type[models.Model], text: str) -> Any:
    """The record of `model` that goes by a number as people write it (M-0017, or draft-12); None without one.

    The number of a record that was merged leads to the one that stays.
    """
    if draft := DRAFT_LABEL.fullmatch(text.strip()):
        if not hasattr(model, "prefix"):
            return None
        pk = int(draft[1])
        found = model._default_manager.filter(pk=pk).first()
        return one_that_stays(found or model._default_manager.filter(pk=id_that_stays(model, pk)).first())
    match = RECORD_NUMBER.fullmatch(text.strip())
    if match is None or match[1] != getattr(model, "prefix", ""):
        return None
    return one_that_stays(model._default_manager.filter(number=int(match[2])).first())
