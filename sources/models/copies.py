"""Captured copies: what an editor saw of a source, kept in case it goes (domain.md, rule 7)."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import Storage, storages
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from nkwatch.editorial.versions import versions
from sources.captured import ENDINGS, examine
from sources.models.publications import Source

FIXED = "What was captured stays as it is: add another copy instead."


def private_storage() -> Storage:
    """Where files are kept that no address of the public site leads to (settings, STORAGES)."""
    return storages["private"]


def where_kept(copy: models.Model, name: str) -> str:
    """A name that nobody can guess and that says nothing of the file."""
    return f"copies/{uuid.uuid4().hex}"


def today() -> Any:
    return timezone.localdate()


class CapturedCopy(models.Model):
    """A source as somebody saved it: a PDF, a web page, a picture of it. Private, and never changed."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="captured_copies")
    file = models.FileField(
        upload_to=where_kept, storage=private_storage, max_length=200, help_text="PDF, HTML, PNG, JPEG or WebP."
    )
    media_type = models.CharField(
        "kind of file",
        max_length=20,
        choices=[(kind, name.upper()) for kind, name in ENDINGS.items()],
        blank=True,
        editable=False,
    )
    sha256 = models.CharField("SHA-256", max_length=64, blank=True, editable=False)
    size = models.PositiveBigIntegerField("bytes", default=0, editable=False)
    original_name = models.CharField("name of the file", max_length=255, blank=True, editable=False)
    captured_on = models.DateField(default=today, help_text="The day on which the source looked like this.")
    text = models.TextField(
        blank=True,
        help_text="The article’s words, to compare new reports with; only the desk sees them. "
        "Left empty, they are read from a web page.",
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    added = models.DateTimeField(auto_now_add=True)

    history: ClassVar[Any] = versions()

    class Meta:
        verbose_name_plural = "captured copies"
        ordering = ["-captured_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "sha256"],
                name="sources_capturedcopy_once",
                violation_error_message="This very file is kept for this source already.",
            ),
            models.CheckConstraint(condition=~Q(sha256=""), name="sources_capturedcopy_is_hashed"),
        ]

    def __str__(self) -> str:
        return f"{self.get_media_type_display()} of {self.captured_on} of “{self.source}”"

    def get_download_url(self) -> str:
        """Where the desk, and nobody else, may fetch it."""
        return reverse("admin:sources_capturedcopy_download", args=[self.pk])

    def clean(self) -> None:
        """Say what the file is, from its content, and refuse what is not kept; a kept file is never exchanged."""
        super().clean()
        if self.pk:
            if type(self)._base_manager.values_list("file", flat=True).get(pk=self.pk) != self.file.name:
                raise ValidationError({"file": FIXED})
            return
        if not self.file:
            return
        try:
            found = examine(self.file.file, self.file.size)
        except ValidationError as error:
            raise ValidationError({"file": error.messages}) from error
        self.media_type, self.sha256, self.size = found.media_type, found.sha256, found.size
        self.original_name = self.original_name or str(self.file.name)[-255:]
        self.text = self.text or found.text
        if self.source_id:
            self._refuse_twins()

    def _refuse_twins(self) -> None:
        kept = type(self)._base_manager.filter(source=self.source_id)
        if twin := kept.filter(sha256=self.sha256).first():
            raise ValidationError({"file": f"This very file is kept for this source already, as {twin}."})
        most = settings.CAPTURED_COPY_LIMITS["of_one_source"]
        if kept.count() >= most:
            raise ValidationError({"source": f"{most} copies of this source are kept already, and no more are taken."})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Validate and store. Raises ValidationError."""
        self.full_clean()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Remove the copy and its file; the version that stays tells its hash, and who removed it."""
        storage, name = self.file.storage, str(self.file.name)
        transaction.on_commit(lambda: storage.delete(name))
        return super().delete(*args, **kwargs)
