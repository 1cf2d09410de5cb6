"""Missions, what happened to them, and the numbers given of them (domain.md, Models)."""

from missions.models.events import ClosureEvent, EventCitation
from missions.models.figures import FigureCitation, ReportedFigure
from missions.models.missions import (
    Coverage,
    CoverageCitation,
    Mission,
    MissionCitation,
)
from missions.models.spans import StatusSpan
from missions.models.vocabulary import Metric, MissionKind, Stage, Status, SupportLevel

__all__ = [
    "ClosureEvent",
    "Coverage",
    "CoverageCitation",
    "EventCitation",
    "FigureCitation",
    "Metric",
    "Mission",
    "MissionCitation",
    "MissionKind",
    "ReportedFigure",
    "Stage",
    "Status",
    "StatusSpan",
    "SupportLevel",
]
