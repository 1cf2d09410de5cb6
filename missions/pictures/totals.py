"""Reported figures as charts draw them: a diamond, its bounds, and its label."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from missions.models import ReportedFigure
from missions.pictures.plot import Total
from nkwatch.editorial.words import when

SHORT = 16
"""How long a number in words may be to stand in a chart as it was said."""


def total_of(figure: ReportedFigure, result: str = "") -> Total | None:
    """A figure as a chart draws it, with the `result` of its comparison; None where it gives no number, or no day."""
    if figure.as_of_latest is None or (figure.low is None and figure.high is None):
        return None
    said, who = number_as_said(figure), str(figure.speaker) if figure.speaker else ""
    short = f"{said}: {result}" if result else said
    speaker = who or _("Speaker not stated")
    told = f"{speaker}: {figure.as_said}, {figure.get_metric_display()}, {when(figure.as_of)}"
    return Total(
        low=figure.low,
        high=figure.high,
        earliest=figure.as_of_earliest or figure.as_of_latest,
        latest=figure.as_of_latest,
        labels=[*([f"{said}, {who}: {result}" if result else f"{said}, {who}"] if who else []), short, said],
        told=f"{told}; {result}." if result else f"{told}.",
    )


def number_as_said(figure: ReportedFigure) -> str:
    """The number as it was said where that is short, else in digits: "over 50", "at least 24", "up to 12"."""
    if len(figure.as_said) <= SHORT:
        return figure.as_said
    if figure.low is None:
        return _("up to %(number)s") % {"number": figure.high}
    if figure.high is None:
        return _("at least %(number)s") % {"number": figure.low}
    return between(figure.low, figure.high)


def between(low: int, high: int) -> str:
    """A number, or the least and the most that it can be."""
    return str(low) if low == high else _("%(least)s to %(most)s") % {"least": low, "most": high}


def bound_key(totals: Iterable[Total]) -> list[tuple[str, str]]:
    """What arrows mean, where there are any."""
    return [("bound", _("Given as “over” or “up to” that number"))] if any(total.arrow for total in totals) else []
