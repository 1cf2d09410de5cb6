"""Changes to published records that wait for a reviewer."""

import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

RETURNED_IS_NEWS = datetime.timedelta(days=60)


class ProposedChangeQuerySet(models.QuerySet["ProposedChange"]):
    """Proposed changes by what they wait for."""

    def waiting(self) -> Self:
        """Those that wait for a reviewer."""
        return self.filter(state=ProposedChange.Decision.WAITING)

    def returned_to(self, user: Any, day: datetime.date) -> Self:
        """What `user` proposed and a reviewer handed back by `day`, until they propose for that record again.

        After 60 days it is taken that they let it be. What they withdrew themselves did not come back.
        """
        again = self.model._base_manager.filter(
            author=user,
            record_type=OuterRef("record_type"),
            record_id=OuterRef("record_id"),
            made__gt=OuterRef("decided"),
        )
        returned = self.filter(author=user, state=ProposedChange.Decision.RETURNED).exclude(decided_by=user)
        return returned.filter(~Exists(again), decided__date__gte=day - RETURNED_IS_NEWS)


class ProposedChange(models.Model):
    """A change to a published record that waits for a reviewer (domain.md, rule 8)."""

    class Decision(models.TextChoices):
        WAITING = "waiting", "waiting"
        APPROVED = "approved", "approved"
        RETURNED = "returned", "returned"

    record_type = models.ForeignKey(ContentType, on_delete=models.PROTECT)
    record_id = models.PositiveBigIntegerField()
    record = GenericForeignKey("record_type", "record_id")
    base_version = models.PositiveBigIntegerField("version it was made against")
    difference = models.JSONField(help_text="{field: {old, new}}, in stored values.")
    reason = models.TextField(blank=True)
    batch = models.PositiveBigIntegerField("import batch", null=True, blank=True, db_index=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proposed_changes")
    token = models.CharField("API token", max_length=60, blank=True, help_text="By which its author proposed it.")
    made = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=Decision.choices, default=Decision.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="decided_changes"
    )
    decided = models.DateTimeField(null=True, blank=True)
    note = models.TextField("note to the author", blank=True)

    objects: ClassVar[Any] = ProposedChangeQuerySet.as_manager()

    class Meta:
        ordering = ["made"]
        default_permissions = ("view", "change")
        indexes = [models.Index(fields=["record_type", "record_id"])]

    def __str__(self) -> str:
        return f"change proposed to {self.record}"
