"""Changes to published records that wait for a reviewer."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone


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
    made = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=Decision.choices, default=Decision.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="decided_changes"
    )
    decided = models.DateTimeField(null=True, blank=True)
    note = models.TextField("note to the author", blank=True)

    class Meta:
        ordering = ["made"]
        default_permissions = ("view", "change")
        indexes = [models.Index(fields=["record_type", "record_id"])]

    def __str__(self) -> str:
        return f"change proposed to {self.record}"
