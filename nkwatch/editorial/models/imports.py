"""Imports: what came in, from where, and what became of each row."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from nkwatch.editorial.fields import one_of
from nkwatch.editorial.versions import Door


class ImportStage(models.TextChoices):
    """How far an import has come."""

    UPLOADED = "uploaded", "uploaded, not confirmed"
    QUEUED = "queued", "waiting for a worker"
    RUNNING = "running", "running"
    WRITTEN = "written", "written"
    UNCHANGED = "unchanged", "changed nothing"
    REFUSED = "refused", "refused"
    CANCELLED = "cancelled", "cancelled"
    FAILED = "failed", "failed"
    UNDONE = "undone", "undone"


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    """Imports by what became of them."""

    def failed(self) -> Self:
        """Those that wrote nothing by a fault or for errors, until a file of that name or content goes in later."""
        came_in = self.model._base_manager.filter(stage__in=[ImportStage.WRITTEN, ImportStage.UNCHANGED])
        later = came_in.filter(Q(digest=OuterRef("digest")) | Q(file=OuterRef("file")), started__gt=OuterRef("started"))
        return self.filter(~Exists(later), stage__in=[ImportStage.FAILED, ImportStage.REFUSED])

    def unconfirmed(self) -> Self:
        """Those uploaded, whose importer has not said yet that they should run."""
        return self.filter(stage=ImportStage.UPLOADED)

    def of(self, user: Any) -> Self:
        """Those that `user` made."""
        return self.filter(user=user)


class ImportBatch(models.Model):
    """One import, from its upload on: a file, or the set of files that is the starter data.

    The stage *written* is stored in the transaction that writes the rows, so that it is true
    whatever becomes of the process that runs the import.
    """

    Stage = ImportStage

    file = models.CharField(max_length=255)
    digest = models.CharField("SHA-256 of the file", max_length=64)
    door = models.CharField(max_length=10, choices=Door.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    token = models.CharField("API token", max_length=60, blank=True, help_text="By which it was sent.")
    started = models.DateTimeField(default=timezone.now)
    ended = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=9, choices=ImportStage.choices, default=ImportStage.WRITTEN)
    message = models.TextField("what happened", blank=True)
    kind = models.CharField("what the rows are", max_length=40, blank=True)
    options = models.JSONField(default=dict, help_text="How the importer had the sheet read (SheetOptions).")
    reason = models.CharField(max_length=100, blank=True, help_text="Why these rows are imported; kept with versions.")
    upload = models.CharField("kept file", max_length=255, blank=True)
    preview = models.CharField("kept preview", max_length=255, blank=True)
    rows_read = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    cited = models.PositiveIntegerField("adds a citation", default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField("rows with errors", default=0)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects: ClassVar[Any] = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "import batches"
        ordering = ["-started"]
        constraints = [one_of("editorial_importbatch_stage", "stage", ImportStage)]

    def __str__(self) -> str:
        return f"import {self.pk} of {self.file}"


class SheetShape(models.Model):
    """What the columns of sheets with these headers were last taken for, so that it is asked once."""

    kind = models.CharField(max_length=40)
    digest = models.CharField("SHA-256 of the folded headers", max_length=64)
    columns = models.JSONField(help_text="A column of nkwatch for each header; empty for one set aside.")
    constants = models.JSONField(default=dict, help_text="What every row is given for a column the sheet lacks.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    used = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "digest"], name="editorial_sheetshape_once")]

    def __str__(self) -> str:
        return f"columns of {self.kind}: {', '.join(filter(None, self.columns))}"


class ImportRow(models.Model):
    """What one row of a sheet did to one record."""

    class Outcome(models.TextChoices):
        NEW = "new", "new"
        CHANGED = "changed", "changed"

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    sheet = models.CharField(max_length=255)
    row = models.PositiveIntegerField(help_text="As counted in the sheet; its header is row 1.")
    key = models.CharField(max_length=100, blank=True, help_text="What the sheet itself calls the row.")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    record_type = models.ForeignKey(ContentType, on_delete=models.PROTECT)
    record_id = models.PositiveBigIntegerField()
    record = GenericForeignKey("record_type", "record_id")

    class Meta:
        ordering = ["batch", "sheet", "row"]
        indexes = [models.Index(fields=["record_type", "record_id"]), models.Index(fields=["sheet", "key"])]

    def __str__(self) -> str:
        return f"{self.sheet}, row {self.row}"
