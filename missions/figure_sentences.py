"""Why a number that somebody gave agrees with the record, differs, or cannot be compared (domain.md, rule 5)."""

from django.utils.translation import gettext as _

from missions.figures import Compared, Comparison
from missions.models import Metric, ReportedFigure


def comparison_sentence(figure: ReportedFigure, compared: Compared) -> str:
    """How the number stands to the record, and why they differ or cannot be compared."""
    if compared.comparison == Comparison.NOT_COMPARABLE:
        told = _why_not_comparable(figure)
    elif compared.comparison == Comparison.DIFFERS:
        is_fewer = figure.low is not None and compared.recorded is not None and compared.recorded < figure.low
        told = _("This record had only %(recorded)s then.") if is_fewer else _("This record had %(recorded)s by then.")
    elif compared.comparison == Comparison.WITHIN:
        told = _("This record had %(recorded)s then, which the words allow.")
    else:
        told = _("This record had %(recorded)s then, too.")
    return told % {"recorded": compared.recorded}


def _why_not_comparable(figure: ReportedFigure) -> str:
    """What keeps the number from being held against the record; %(recorded)s stands for ours."""
    if figure.metric == Metric.COUNTRIES_WITH_RELATIONS:
        return _("This record does not count countries with relations.")
    if not figure.as_of:
        return _("It is not said on which day it was true.")
    if figure.low is None and figure.high is None:
        return _("It gives no number.")
    if figure.metric == Metric.CLOSURES_SO_FAR:
        return _("It is not said since when it counts, and this record has closings of other years.")
    return _("A total; this record names only %(recorded)s of the missions that stood then, one by one.")
