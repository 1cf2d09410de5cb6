"""Words that rules, models and pages share (domain.md; values as in contract.md)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """Whether a mission is there, on a day."""

    OPEN = "open", pgettext_lazy("status of a mission", "open")
    CLOSING = "closing", pgettext_lazy("status of a mission", "closing")
    SUSPENDED = "suspended", pgettext_lazy("status of a mission", "suspended")
    CLOSED = "closed", pgettext_lazy("status of a mission", "closed")
    UNKNOWN = "unknown", pgettext_lazy("status of a mission", "unknown")


class SupportLevel(models.TextChoices):
    """How well an event or a status is supported (domain.md, rule 4)."""

    CONFIRMED = "confirmed", _("confirmed")
    CORROBORATED = "corroborated", _("corroborated")
    SINGLE_ORIGIN = "single-origin", _("single origin")
    ORIGIN_NOT_GIVEN = "origin-not-given", _("origin not given")
    UNSOURCED = "unsourced", _("unsourced")


class MissionKind(models.TextChoices):
    """What kind of post (contract.md, `kind` of mission)."""

    EMBASSY = "embassy", _("embassy")
    CONSULATE_GENERAL = "consulate-general", _("consulate general")
    CONSULATE = "consulate", _("consulate")
    PERMANENT_MISSION = "permanent-mission", _("permanent mission")
    REPRESENTATIVE_OFFICE = "representative-office", _("representative office")
    TRADE_MISSION = "trade-mission", _("trade mission")
    UNSPECIFIED = "unspecified", _("unspecified")


class Stage(models.TextChoices):
    """What kind of step (domain.md, stage table). It follows the origin's act, not the carrier's verb."""

    OPENED = "opened", pgettext_lazy("step of a mission", "opened")
    REOPENED = "reopened", pgettext_lazy("step of a mission", "reopened")
    SEEN_OPEN = "seen-open", pgettext_lazy("step of a mission", "seen open")
    REPORTED = "reported", pgettext_lazy("step of a mission", "reported to close")
    NOTIFIED = "notified", pgettext_lazy("step of a mission", "closing notified")
    ANNOUNCED = "announced", pgettext_lazy("step of a mission", "closing announced")
    FAREWELL = "farewell", pgettext_lazy("step of a mission", "farewell call")
    HOST_CONFIRMED = "host-confirmed", pgettext_lazy("step of a mission", "closing confirmed by the host")
    UNDER_WAY = "under-way", pgettext_lazy("step of a mission", "withdrawal under way")
    SUSPENDED = "suspended", pgettext_lazy("step of a mission", "suspended")
    CLOSED = "closed", pgettext_lazy("step of a mission", "closed")
    PLAN_REVERSED = "plan-reversed", pgettext_lazy("step of a mission", "plan reversed")
    DUTIES_TRANSFERRED = "duties-transferred", pgettext_lazy("step of a mission", "duties transferred")
    DOWNGRADED = "downgraded", pgettext_lazy("step of a mission", "downgraded")
    UPGRADED = "upgraded", pgettext_lazy("step of a mission", "upgraded")

    @property
    def towards(self) -> Status | None:
        """The status that a step of this stage leads to; None when it decides nothing."""
        return _TOWARDS.get(self)

    @property
    def implies_standing(self) -> bool:
        """Whether a mission that took this step must have stood before it."""
        return self not in (Stage.OPENED, Stage.REOPENED)


_TOWARDS = {
    Stage.OPENED: Status.OPEN,
    Stage.REOPENED: Status.OPEN,
    Stage.PLAN_REVERSED: Status.OPEN,
    Stage.REPORTED: Status.CLOSING,
    Stage.NOTIFIED: Status.CLOSING,
    Stage.ANNOUNCED: Status.CLOSING,
    Stage.HOST_CONFIRMED: Status.CLOSING,
    Stage.UNDER_WAY: Status.CLOSING,
    Stage.SUSPENDED: Status.SUSPENDED,
    Stage.CLOSED: Status.CLOSED,
}


class Metric(models.TextChoices):
    """What a reported figure counts."""

    MISSIONS_ABROAD = "missions-abroad", _("missions abroad")
    MISSIONS_IN_PYONGYANG = "missions-in-pyongyang", _("missions in Pyongyang")
    CLOSURES_PLANNED = "closures-planned", _("closures planned")
    CLOSURES_SO_FAR = "closures-so-far", _("closures so far")
    COUNTRIES_WITH_RELATIONS = "countries-with-relations", _("countries with relations")
