"""How the API writes missions, events and figures (contract.md, API v1)."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from missions.figures import Comparison
from missions.models.vocabulary import Metric, MissionKind, Stage, Status, SupportLevel
from nkwatch.editorial.api.serializers import EDTFDate, ListedField, RecordSerializer, SummarySerializer
from sources.serializers import CitationSerializer, CountrySummarySerializer
from sources.serializers import QuoteSerializer as StatementSerializer


class SupportSerializer(serializers.Serializer):
    """How well an event or a status is supported, and why (domain.md, rule 4)."""

    level = serializers.ChoiceField(choices=SupportLevel.choices)
    contested = serializers.CharField(help_text="The facts that sources dispute; empty when none is.")
    origins = serializers.IntegerField()
    sources = serializers.IntegerField()
    one_country = CountrySummarySerializer(allow_null=True)
    reasoning = serializers.CharField()


class ServiceSerializer(serializers.Serializer):
    """A country, and the mission through which it is served or serves; from and to as far as known."""

    mission = SummarySerializer()
    country = CountrySummarySerializer()

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python, so that no attribute can have that name."""
        return {**super().get_fields(), "from": EDTFDate(), "to": EDTFDate()}


class MissionSerializer(RecordSerializer):
    """A mission, as it stood on a day."""

    sending = CountrySummarySerializer()
    host = CountrySummarySerializer()
    kind = serializers.ChoiceField(choices=MissionKind.choices)
    city = serializers.CharField()
    name = serializers.CharField()
    name_original = serializers.CharField()
    other_names = ListedField()
    address = serializers.CharField()
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    established = EDTFDate()
    status = serializers.ChoiceField(choices=Status.choices, source="span.status")
    status_since = EDTFDate(source="span.since", help_text="The date of the step that decides the status.")
    may_be_closing = serializers.BooleanField(source="span.may_be_closing")
    may_have_closed = serializers.BooleanField(source="span.may_have_closed")
    presumed_open = serializers.BooleanField(source="span.presumed_open")
    last_reported = serializers.DateField(source="span.last_reported", allow_null=True)
    status_support = SupportSerializer(allow_null=True, help_text="Null where no dated step decides the status.")
    last_seen_open = serializers.DateField(source="span.last_seen_open", allow_null=True)
    covered_by = ServiceSerializer(
        many=True, help_text="Missions that serve its host country in its stead, each with the country it stands in."
    )
    covers = ServiceSerializer(many=True, help_text="Countries that it serves besides its host.")
    events = SummarySerializer(many=True, source="events_by_then")
    citations = CitationSerializer(many=True)


class EventSerializer(RecordSerializer):
    """A dated step in a mission’s life."""

    mission = SummarySerializer()
    stage = serializers.ChoiceField(choices=Stage.choices)
    date = EDTFDate()
    date_note = serializers.CharField()
    summary = serializers.CharField()
    duties_to = SummarySerializer(allow_null=True)
    support = serializers.SerializerMethodField()
    quotes = SummarySerializer(many=True)
    citations = CitationSerializer(many=True)

    @extend_schema_field(SupportSerializer)
    def get_support(self, event: Any) -> Any:
        names = ("level", "contested", "origins", "sources", "one_country", "reasoning")
        return SupportSerializer().to_representation({name: getattr(event, f"support_{name}") for name in names})


class FigureSerializer(RecordSerializer):
    """A number that somebody gave."""

    metric = serializers.ChoiceField(choices=Metric.choices)
    low = serializers.IntegerField(allow_null=True)
    high = serializers.IntegerField(allow_null=True)
    worded = serializers.CharField()
    since = EDTFDate()
    as_of = EDTFDate()
    speaker = SummarySerializer(allow_null=True)
    note = serializers.CharField()
    recorded = serializers.IntegerField(source="compared.recorded", allow_null=True, help_text="Our number.")
    comparison = serializers.ChoiceField(choices=Comparison.choices, source="compared.comparison")
    citations = CitationSerializer(many=True)


class QuoteSerializer(StatementSerializer):
    """A statement, with the events that it is about."""

    events = SummarySerializer(many=True)
