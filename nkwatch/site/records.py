"""Records of any kind by their number, as readers write it."""

import re
from collections.abc import Iterable
from typing import Any

from missions.models import ClosureEvent, Mission, ReportedFigure
from nkwatch.editorial.models import NumberedRecord, numbered
from sources.models import Actor, Quote, Source

NUMBERED: tuple[type[NumberedRecord], ...] = (Mission, ClosureEvent, Source, Quote, Actor, ReportedFigure)

_NUMBER = re.compile(r"([A-Z])[-‐‑–]?([0-9]{1,9})", re.IGNORECASE)


def record_seen(text: str) -> Any:
    """The record that goes by a number (M-0017, s4) and is public or has been; None without one.

    The number of a merged record leads to the one that stays; drafts have no number yet.
    """
    match = _NUMBER.fullmatch(text.strip())
    model = next((model for model in NUMBERED if match and model.prefix == match[1].upper()), None)
    return numbered(model, f"{match[1].upper()}-{match[2]}") if match and model else None


def records_shown(labels: Iterable[str]) -> dict[str, Any]:
    """The public records that go by the numbers `labels`, one query a kind; of a merged one, the one that stays."""
    asked: dict[str, set[int]] = {}
    for label in labels:
        prefix, _, digits = label.partition("-")
        asked.setdefault(prefix, set()).add(int(digits))
    found = {
        record.label: record
        for model in NUMBERED
        if model.prefix in asked
        for record in model.objects.public().named().filter(number__in=asked[model.prefix])
    }
    for label in set(labels) - set(found):
        record = record_seen(label)
        if record is not None and record.is_public:
            found[label] = record
    return found
