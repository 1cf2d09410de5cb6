"""What readers are told of a record's past: published, corrected, retracted, merged (domain.md, rule 7)."""

from typing import Any, ClassVar, Self

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from nkwatch.editorial.fields import one_of
from nkwatch.editorial.models.publishing import State, top_kinds
from nkwatch.editorial.text import validate_visible_text
from nkwatch.editorial.versions import versions


class ChangeKind(models.TextChoices):
    """What became of a record, or of its parts, as readers saw it."""

    CORRECTION = "correction", _("correction")
    ADDITION = "addition", _("addition")
    MERGE = "merge", _("merge")
    RETRACTION = "retraction", _("retraction")
    RESTORATION = "restoration", _("published again")


GONE = (ChangeKind.RETRACTION, ChangeKind.MERGE)


class PublicChangeQuerySet(models.QuerySet["PublicChange"]):
    """Changes by whether readers may see them, and by what they are about."""

    def public(self) -> Self:
        """Those of records that readers see now; of a retracted or merged one, only that it went.

        Asked row by row, so that a page of changes costs the same however many records there are.
        """
        shown = Q(pk__in=[])
        for model in top_kinds():
            rows = model._base_manager.filter(pk=OuterRef("record_id"))
            is_public = Exists(rows.filter(model.public_condition()))
            is_gone = Exists(rows.filter(state=State.RETRACTED))
            of_kind = Q(record_type__app_label=model._meta.app_label, record_type__model=model._meta.model_name)
            shown |= of_kind & (Q(is_public) | Q(is_gone, kind__in=GONE))
        return self.filter(shown).select_related("record_type", "merge")

    def of_kind(self, model: type[models.Model]) -> Self:
        """Those of records of `model`; by its name, since the id of its content type is one more query."""
        return self.filter(record_type__app_label=model._meta.app_label, record_type__model=model._meta.model_name)

    def of(self, record: models.Model) -> Self:
        """Those of one record, the newest first."""
        return self.of_kind(type(record)).filter(record_id=record.pk)

    def in_order_of_telling(self, record: models.Model) -> models.QuerySet[Any, str]:
        """The keys of the changes of one record in the order in which they came to be told."""
        return self.of(record).order_by("pk").values_list("key", flat=True)

    def newest_first(self) -> Self:
        """By their time; those of one moment by their id, so that the order is one and the same everywhere."""
        return self.order_by("-made", "-pk")


class PublicChange(models.Model):
    """One act that changed what readers see of one record: a row of the changes page.

    Derived from the versions of the record and of its parts (`nkwatch.editorial.public.changes`), but for
    `why` and `told_by`, which a reviewer may write for readers. Who made the change, and the reason that the
    desk keeps with it, are not here: nobody has said that readers may know them.
    """

    Kind = ChangeKind

    is_derived: ClassVar[bool] = True
    """Rules store these anew: a merge leaves them alone."""

    record_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    record_id = models.PositiveBigIntegerField()
    record = GenericForeignKey("record_type", "record_id")
    key = models.CharField(max_length=60, help_text="The act, or the version, that it was.")
    kind = models.CharField(max_length=11, choices=ChangeKind.choices)
    made = models.DateTimeField()
    version = models.PositiveIntegerField(default=0, help_text="The public version that it left; 0: it was withdrawn.")
    difference = models.JSONField(default=list, help_text="What changed of the record and its parts, in stored values.")
    reason = models.TextField(blank=True, help_text="Of a retraction: the reason that readers are told.")
    merge = models.ForeignKey("editorial.Merge", null=True, on_delete=models.SET_NULL, related_name="+")
    why = models.TextField(
        "why, for readers",
        blank=True,
        validators=[validate_visible_text],
        help_text="What was wrong, and how that is known. Shown on the changes page.",
    )
    told_by = models.CharField(
        "who told us",
        max_length=200,
        blank=True,
        validators=[validate_visible_text],
        help_text="Shown on the changes page. Leave it empty for whoever did not agree to be named.",
    )

    objects: ClassVar[Any] = PublicChangeQuerySet.as_manager()
    history = versions(excluded_fields=["kind", "made", "version", "difference", "reason", "merge"])

    class Meta:
        ordering = ["-made", "-pk"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["-made", "-id"], name="editorial_change_newest"),
            models.Index(fields=["kind", "-made", "-id"], name="editorial_change_of_kind"),
            models.Index(fields=["record_type", "record_id", "-made"], name="editorial_change_of_record"),
        ]
        constraints = [
            one_of("editorial_publicchange_kind", "kind", ChangeKind),
            models.UniqueConstraint(fields=["record_type", "record_id", "key"], name="editorial_publicchange_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.record}"

    @property
    def is_gone(self) -> bool:
        """Whether it took the record from the pages."""
        return self.kind in GONE
