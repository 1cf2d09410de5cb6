"""What is derived of a mission's status, stored so that any day can be asked for."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from missions.models.events import ClosureEvent
from missions.models.missions import Mission
from missions.models.vocabulary import Status, SupportLevel
from nkwatch.editorial.edtf import in_words
from nkwatch.editorial.fields import one_of
from sources.models import Country


class StatusSpan(models.Model):
    """A mission's status, its marks and its support over days on which nothing of them changes.

    Derived by `missions.derivation`, never edited. The spans of a mission cover all time, without
    gap or overlap: from `starts` (None: always) up to, not including, `ends` (None: to this day and on).
    """

    is_derived: ClassVar[bool] = True
    """Rules store these anew: a merge leaves them alone."""

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="spans")
    starts = models.DateField(null=True)
    ends = models.DateField(null=True)
    status = models.CharField(max_length=9, choices=Status.choices)
    presumed_open = models.BooleanField(default=False)
    may_be_closing = models.BooleanField(default=False)
    may_have_closed = models.BooleanField(default=False)
    seen_open_after_closing = models.BooleanField(default=False)
    since = models.CharField("date of the deciding step", max_length=40, blank=True)
    last_reported = models.DateField(null=True)
    last_seen_open = models.DateField(null=True)
    because = models.ManyToManyField(ClosureEvent, related_name="+")
    support_level = models.CharField(max_length=16, choices=SupportLevel.choices, blank=True)
    support_origins = models.PositiveIntegerField(default=0)
    support_one_country = models.ForeignKey(Country, null=True, on_delete=models.SET_NULL, related_name="+")
    support_reasoning = models.TextField(blank=True)

    class Meta:
        ordering = ["mission", F("starts").asc(nulls_first=True)]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["mission", "starts", "ends"])]
        constraints = [
            one_of("missions_statusspan_status", "status", Status),
            models.CheckConstraint(
                condition=Q(starts__isnull=True) | Q(ends__isnull=True) | Q(ends__gt=F("starts")),
                name="missions_statusspan_has_days",
            ),
            models.UniqueConstraint(fields=["mission", "starts"], name="missions_statusspan_once"),
        ]

    def __str__(self) -> str:
        return f"{self.mission}: {self.status} from {self.starts or 'the beginning'}"

    @property
    def marks(self) -> list[str]:
        """The marks beside the status, in words (pages.md, section 0)."""
        shown = {
            _("presumed open"): self.presumed_open,
            _("may be closing"): self.may_be_closing,
            _("may have closed"): self.may_have_closed,
            _("seen open after it was recorded as closed"): self.seen_open_after_closing,
        }
        return [words for words, holds in shown.items() if holds]

    @property
    def since_in_words(self) -> str:
        return in_words(self.since)
