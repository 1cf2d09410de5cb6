"""What a reviewer tells an author when a record is handed back."""

from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone

from nkwatch.editorial.models.publishing import Publishable, State


class ReviewNoteQuerySet(models.QuerySet["ReviewNote"]):
    """Notes by whom they concern."""

    def open(self) -> Self:
        """Notes that no resubmission has answered."""
        return self.filter(answered__isnull=True)

    def open_for(self, user: Any) -> Self:
        """Unanswered notes to `user`, on records that are still drafts: what came back and waits for its author."""
        notes = self.open().filter(authors=user)
        kinds = ContentType.objects.filter(pk__in=notes.order_by().values("record_type"))
        still_draft = Q(pk__in=[])
        for kind in kinds:
            if model := kind.model_class():
                drafts = model._base_manager.filter(state=State.DRAFT).values("pk")
                still_draft |= Q(record_type=kind, record_id__in=drafts)
        return notes.filter(still_draft)

    def on_any(self, model: type[models.Model]) -> Self:
        """The notes on records of `model`; by its name, since the id of its content type is one more query."""
        return self.filter(record_type__app_label=model._meta.app_label, record_type__model=model._meta.model_name)

    def about(self, records: Iterable[Publishable]) -> Self:
        """The notes on any of `records`."""
        ids: dict[type[Publishable], list[int]] = {}
        for record in records:
            ids.setdefault(type(record), []).append(record.pk)
        condition = Q(pk__in=[])
        for model, keys in ids.items():
            condition |= Q(record_type=ContentType.objects.get_for_model(model), record_id__in=keys)
        return self.filter(condition)

    def answer(self, records: Iterable[Publishable]) -> int:
        """Mark the open notes on `records` as answered: they were handed in again."""
        return self.open().about(records).update(answered=timezone.now())


class ReviewNote(models.Model):
    """Why a record was handed back: written by the reviewer, read by those who wrote or submitted it."""

    record_type = models.ForeignKey(ContentType, on_delete=models.PROTECT)
    record_id = models.PositiveBigIntegerField()
    record = GenericForeignKey("record_type", "record_id")
    note = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="review_notes")
    made = models.DateTimeField(default=timezone.now)
    authors = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="notes_received",
        help_text="Who wrote or submitted the record, by its versions.",
    )
    answered = models.DateTimeField(null=True, blank=True, help_text="When the record was handed in again.")

    objects = ReviewNoteQuerySet.as_manager()

    class Meta:
        ordering = ["-made"]
        default_permissions = ()
        indexes = [models.Index(fields=["record_type", "record_id"])]

    def __str__(self) -> str:
        return f"note on {self.record}"
