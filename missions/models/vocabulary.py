"""Words that rules, models and pages share (domain.md; values as in contract.md)."""

from django.db import models


class Status(models.TextChoices):
    """Whether a mission is there, on a day."""

    OPEN = "open", "open"
    CLOSING = "closing", "closing"
    SUSPENDED = "suspended", "suspended"
    CLOSED = "closed", "closed"
    UNKNOWN = "unknown", "unknown"


class SupportLevel(models.TextChoices):
    """How well an event or a status is supported (domain.md, rule 4)."""

    CONFIRMED = "confirmed", "confirmed"
    CORROBORATED = "corroborated", "corroborated"
    SINGLE_ORIGIN = "single-origin", "single origin"
    ORIGIN_NOT_GIVEN = "origin-not-given", "origin not given"
    UNSOURCED = "unsourced", "unsourced"


class MissionKind(models.TextChoices):
    """What kind of post (contract.md, `kind` of mission)."""

    EMBASSY = "embassy", "embassy"
    CONSULATE_GENERAL = "consulate-general", "consulate general"
    CONSULATE = "consulate", "consulate"
    PERMANENT_MISSION = "permanent-mission", "permanent mission"
    REPRESENTATIVE_OFFICE = "representative-office", "representative office"
    TRADE_MISSION = "trade-mission", "trade mission"
    UNSPECIFIED = "unspecified", "unspecified"


class Stage(models.TextChoices):
    """What kind of step (domain.md, stage table). It follows the origin's act, not the carrier's verb."""

    OPENED = "opened", "opened"
    REOPENED = "reopened", "reopened"
    SEEN_OPEN = "seen-open", "seen open"
    REPORTED = "reported", "reported to close"
    NOTIFIED = "notified", "closing notified"
    ANNOUNCED = "announced", "closing announced"
    FAREWELL = "farewell", "farewell call"
    HOST_CONFIRMED = "host-confirmed", "closing confirmed by the host"
    UNDER_WAY = "under-way", "withdrawal under way"
    SUSPENDED = "suspended", "suspended"
    CLOSED = "closed", "closed"
    PLAN_REVERSED = "plan-reversed", "plan reversed"
    DUTIES_TRANSFERRED = "duties-transferred", "duties transferred"
    DOWNGRADED = "downgraded", "downgraded"
    UPGRADED = "upgraded", "upgraded"

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

    MISSIONS_ABROAD = "missions-abroad", "missions abroad"
    MISSIONS_IN_PYONGYANG = "missions-in-pyongyang", "missions in Pyongyang"
    CLOSURES_PLANNED = "closures-planned", "closures planned"
    CLOSURES_SO_FAR = "closures-so-far", "closures so far"
    COUNTRIES_WITH_RELATIONS = "countries-with-relations", "countries with relations"
