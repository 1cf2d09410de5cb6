"""Merges: two records that turned out to be one, and pairs that did not (pages.md, B4)."""

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from nkwatch.editorial.fields import one_of


class MergeState(models.TextChoices):
    """A merge waits for a reviewer where it changes what readers see and rule 8 asks for one."""

    WAITING = "waiting", "waiting for a reviewer"
    DONE = "done", "done"
    RETURNED = "returned", "returned"
    UNDONE = "undone", "undone"


class Merge(models.Model):
    """One record merged into another of its kind, whose number leads there from then on (domain.md, Models).

    The merged record stays in its table, retracted; one that readers never saw is removed, and
    its values are kept in `moved` and in its versions. `moved` holds every value that the merge
    changed, in the order of writing, so that it can be taken back. Where that takes two people,
    `undone_by` is who asked for it, and `note` why, until somebody else agrees (rule 8).
    """

    State = MergeState

    record_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    kept_id = models.PositiveBigIntegerField()
    merged_id = models.PositiveBigIntegerField()
    kept_label = models.CharField(max_length=30)
    merged_label = models.CharField(max_length=30, help_text="The number that leads to the kept record.")
    merged_name = models.CharField(max_length=200, blank=True)
    choices = models.JSONField(default=list, help_text="Fields in which the merged record's value was chosen.")
    moved = models.JSONField(default=list, help_text="What was written: record, field, old and new value.")
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=MergeState.choices)
    within = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="inner")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    token = models.CharField("API token", max_length=60, blank=True, help_text="By which it was asked for.")
    made = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided = models.DateTimeField(null=True)
    note = models.TextField("note to the author", blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made", "-pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["record_type", "kept_id"])]
        constraints = [
            one_of("editorial_merge_state", "state", MergeState),
            models.CheckConstraint(condition=~Q(kept_id=F("merged_id")), name="editorial_merge_of_two"),
            models.UniqueConstraint(
                fields=["record_type", "merged_id"], condition=Q(state="done"), name="editorial_merge_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged_label} into {self.kept_label}"

    @property
    def is_asked_back(self) -> bool:
        """Whether somebody asked to take it back, which waits for another reviewer."""
        return self.state == MergeState.DONE and self.undone_by_id is not None

    @property
    def model(self) -> type[Any]:
        """The kind of record that the two are."""
        model = self.record_type.model_class()
        assert model is not None, "a migration that removes a model removes its merges first"
        return model

    @property
    def kept(self) -> Any:
        """The record that stays; None where it is gone."""
        return self.model._base_manager.filter(pk=self.kept_id).first()

    @property
    def merged(self) -> Any:
        """The record that was merged; None once a draft was removed."""
        return self.model._base_manager.filter(pk=self.merged_id).first()


class NotTheSame(models.Model):
    """Two records of a kind that an editor has found to be two, so that they are not suggested again."""

    record_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    lower_id = models.PositiveBigIntegerField()
    higher_id = models.PositiveBigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-made", "-pk"]
        default_permissions = ()
        verbose_name_plural = "pairs that are not the same"
        constraints = [
            models.CheckConstraint(condition=Q(lower_id__lt=F("higher_id")), name="editorial_notthesame_in_order"),
            models.UniqueConstraint(fields=["record_type", "lower_id", "higher_id"], name="editorial_notthesame_once"),
        ]

    def __str__(self) -> str:
        return f"{self.record_type}: {self.lower_id} and {self.higher_id} are two"

    @classmethod
    def note(cls, one: models.Model, other: models.Model, by: Any) -> "NotTheSame":
        """Remember that the two are two, in whichever order they are given."""
        if type(one) is not type(other) or one.pk == other.pk:
            raise ValidationError("Give two records of one kind.")
        lower, higher = sorted((one.pk, other.pk))
        kind = ContentType.objects.get_for_model(one)
        return cls.objects.get_or_create(record_type=kind, lower_id=lower, higher_id=higher, defaults={"by": by})[0]


def _of_kind(model: type[models.Model]) -> dict[str, Any]:
    # By name, so that a query for readers costs no other one for the content type.
    return {"record_type__app_label": model._meta.app_label, "record_type__model": model._meta.model_name}


def merges_shown_on(model: type[models.Model]) -> models.QuerySet[Merge]:
    """The merges of this kind that readers are told of: those of records that they had seen."""
    return Merge.objects.filter(**_of_kind(model), state=MergeState.DONE).exclude(merged_label__startswith="draft-")


def merges_into(record: models.Model) -> list[Merge]:
    """What readers are told was merged into this record, directly or by way of others."""
    found: list[Merge] = []
    step = [record.pk]
    while step:
        merges = list(merges_shown_on(type(record)).filter(kept_id__in=step))
        found += merges
        step = [merge.merged_id for merge in merges]
    return found


def merge_of(record: models.Model) -> Merge:
    """The merge by which this record went into another. Raises Merge.DoesNotExist where none stands."""
    done = Merge.objects.select_related("within").filter(**_of_kind(type(record)), state=MergeState.DONE)
    return done.get(merged_id=record.pk)


def merges_done_since(record: models.Model, moment: Any) -> models.QuerySet[Merge]:
    """What was merged into this record itself after `moment`, and still is."""
    return Merge.objects.filter(
        **_of_kind(type(record)), kept_id=record.pk, state=MergeState.DONE, within=None, made__gt=moment
    )


def id_that_stays(model: type[models.Model], pk: int) -> int:
    """The id of the record that stays where `pk` was merged, and that one too; `pk` itself else."""
    done = Merge.objects.filter(**_of_kind(model), state=MergeState.DONE)
    while (kept := done.filter(merged_id=pk).values_list("kept_id", flat=True).first()) is not None:
        pk = kept
    return pk


def ids_that_stay(model: type[models.Model]) -> dict[int, int]:
    """For every record of this kind that was merged, the id of the one that stays in the end."""
    done = Merge.objects.filter(**_of_kind(model), state=MergeState.DONE)
    found = dict(done.values_list("merged_id", "kept_id"))
    for merged, kept in found.items():
        while kept in found:
            kept = found[kept]
        found[merged] = kept
    return found


def one_that_stays(record: Any) -> Any:
    """The record that `record` was merged into, along the whole chain; `record` itself where it was not."""
    if record is None or record.state != "retracted":
        return record
    pk = id_that_stays(type(record), record.pk)
    return record if pk == record.pk else type(record)._base_manager.get(pk=pk)


def without_merged(records: models.QuerySet) -> models.QuerySet:
    """`records` but for those that were merged into others."""
    about = {
        "record_type__app_label": records.model._meta.app_label,
        "record_type__model": records.model._meta.model_name,
    }
    done = Merge.objects.filter(**about, state=MergeState.DONE)
    return records.exclude(state="retracted", pk__in=done.values("merged_id"))
