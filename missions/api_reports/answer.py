"""What came, or would come, of a report: part by part, and what readers will see of it once it is published."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from missions.report_desk.effects import Effect
from missions.report_desk.report_writer import SOURCE
from missions.report_desk.submission import Submitted
from missions.report_desk.writing import CITED, MATCHED, NEW
from nkwatch.editorial.api.desk_form import desk_address
from nkwatch.editorial.models import State

CITATION_ADDED = "citation-added"
OUTCOMES = {NEW: NEW, MATCHED: MATCHED, CITED: CITATION_ADDED}
PLACES = {"event": "events", "quote": "quotes", "figure": "figures", "relies": "relies"}


class PartRecordSerializer(serializers.Serializer):
    """The record that a part is now."""

    number = serializers.CharField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=State.choices)
    url = serializers.URLField(help_text="Where the desk reads it.")


class PartSerializer(serializers.Serializer):
    """One part of a report."""

    part = serializers.CharField(help_text="Its place in what was sent: source, events.0.")
    outcome = serializers.ChoiceField(choices=list(OUTCOMES.values()))
    stands = serializers.CharField(allow_null=True, help_text="The number of the record that it matched.")
    record = PartRecordSerializer(allow_null=True, help_text="Null in a dry run.")
    does = serializers.CharField(help_text="What it does, in words.")
    changes = serializers.ListField(
        child=serializers.CharField(), help_text="Fields that a record which stands is given, or proposed."
    )
    conflicts = serializers.ListField(child=serializers.CharField(), help_text="What other sources say against it.")
    origin = serializers.CharField(allow_blank=True, help_text="Which origin it adds to the support of an event.")
    effect = serializers.CharField(allow_blank=True, help_text="What readers will see change, of status and support.")


class ReportAnswerSerializer(serializers.Serializer):
    """What came of a report."""

    dry_run = serializers.BooleanField()
    written = serializers.BooleanField(help_text="Whether anything is on record that was not before.")
    submitted = serializers.BooleanField()
    proposed = serializers.IntegerField(help_text="How many changes of published records wait for a reviewer.")
    unknown = serializers.CharField(allow_blank=True, help_text="Why effects cannot be told just now.")
    parts = PartSerializer(many=True)


def answer(effects: Mapping[str, Effect], unknown: str, submitted: Submitted | None, request: Any) -> dict[str, Any]:
    """The answer: of a dry run without `submitted`."""
    names = list(submitted.cards if submitted else effects)
    return {
        "dry_run": submitted is None,
        "written": submitted is not None and submitted.wrote,
        "submitted": submitted is not None and submitted.in_review,
        "proposed": submitted.proposed if submitted else 0,
        "unknown": unknown,
        "parts": [_part(name, effects.get(name), submitted, request) for name in sorted(names, key=_order)],
    }


def _part(name: str, effect: Effect | None, submitted: Submitted | None, request: Any) -> dict[str, Any]:
    written = submitted.cards[name] if submitted else None
    record: Any = written.record if written else None
    outcome = effect.outcome if effect else written.outcome if written else NEW
    return {
        "part": place_of(name),
        "outcome": OUTCOMES[outcome],
        "stands": (effect.record if effect else "") or None,
        "record": record
        and {
            "number": record.label,
            "name": str(record),
            "state": record.state,
            "url": desk_address(record, request),
        },
        "does": effect.does if effect else "",
        "changes": list(effect.changes) if effect else [],
        "conflicts": list(effect.conflicts) if effect else [],
        "origin": effect.origin if effect else "",
        "effect": effect.readers if effect else "",
    }


def place_of(name: str) -> str:
    """Where a card stands in what was sent: `event-1` is events.0, `actors:new-2` is actors.1."""
    prefix, _, key = name.rpartition(":")
    start, _, number = key.rpartition("-")
    return f"{prefix or PLACES[start]}.{int(number) - 1}" if name != SOURCE else SOURCE


def _order(name: str) -> tuple[bool, str, int]:
    kind, _, number = place_of(name).partition(".")
    return kind != SOURCE, kind, int(number or 0)
