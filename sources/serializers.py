"""How the API writes sources, statements and those who speak (contract.md, API v1)."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from nkwatch.editorial.api.selection import ShortSerializer
from nkwatch.editorial.api.serializers import (
    EDTFDate,
    ListedField,
    RecordSerializer,
    SummarySerializer,
    WordField,
)
from sources.models.vocabulary import ActorKind, Basis, Capacity, Read, Rendering, SourceKind, Stance, TranslatedBy


class CountrySummarySerializer(ShortSerializer):
    """A country, in short."""

    code = serializers.CharField()
    name = serializers.CharField()
    name_ko = serializers.CharField()


class CountrySerializer(RecordSerializer):
    """A country or territory."""

    code = serializers.CharField()
    name = serializers.CharField()
    name_ko = serializers.CharField()
    region = serializers.CharField()
    subregion = serializers.CharField()
    governed_by = CountrySummarySerializer(allow_null=True)


class CitationSerializer(serializers.Serializer):
    """What a source says about a record, and how it knows."""

    source = SummarySerializer()
    stance = serializers.ChoiceField(choices=Stance.choices)
    fact = serializers.CharField(help_text="The field supported; empty when it is the record as a whole.")
    basis = serializers.ChoiceField(choices=Basis.choices)
    attributed_to_source = SummarySerializer(allow_null=True)
    attributed_to_actor = SummarySerializer(allow_null=True)
    origin = serializers.SerializerMethodField(help_text="The body that the claim comes from in the end.")
    locator = serializers.CharField()
    wording = serializers.CharField()
    date = EDTFDate()
    date_worded = serializers.CharField()

    @extend_schema_field(SummarySerializer(allow_null=True))
    def get_origin(self, citation: Any) -> Any:
        """The body spoken for; a speaker of no known body is shown, though not counted (domain.md, rule 3)."""
        origin = citation.origin_body or citation.origin
        return SummarySerializer(context=self.context).to_representation(origin) if origin else None


class QuoteCitationSerializer(CitationSerializer):
    """A carrier of a statement, with its own rendering of the words."""

    rendering = serializers.ChoiceField(choices=Rendering.choices)


class ReferenceSerializer(serializers.Serializer):
    """One source that another names, as it is labelled there."""

    label = serializers.CharField()
    source = SummarySerializer(source="cited_source")


class ReferencedBySerializer(serializers.Serializer):
    """One source that names another, with the label it has there."""

    label = serializers.CharField()
    source = SummarySerializer()


class SourceSerializer(RecordSerializer):
    """A published item."""

    kind = serializers.ChoiceField(choices=SourceKind.choices)
    title = serializers.CharField()
    title_original = serializers.CharField()
    described_as = serializers.CharField()
    language = serializers.CharField()
    outlet = SummarySerializer(allow_null=True)
    authors = serializers.SerializerMethodField()
    issued = EDTFDate()
    issued_note = serializers.CharField()
    translated_by = WordField(TranslatedBy.choices)
    accessed_on = serializers.DateField(allow_null=True)
    summary = serializers.CharField()
    source_url = serializers.CharField()
    archive_url = serializers.CharField()
    read = serializers.ChoiceField(choices=Read.choices)
    republication_of = SummarySerializer(allow_null=True)
    republished_as = SummarySerializer(many=True)
    references = ReferenceSerializer(many=True)
    referenced_by = ReferencedBySerializer(many=True)
    relies_on = SummarySerializer(many=True, help_text="Sources that its claims are attributed to.")
    relied_on_by = SummarySerializer(many=True, help_text="Sources whose claims are attributed to it.")
    supports = SummarySerializer(many=True, help_text="Records that it is cited in support of.")

    @extend_schema_field(SummarySerializer(many=True))
    def get_authors(self, source: Any) -> Any:
        authors = [authorship.author for authorship in source.authorships.all()]
        return SummarySerializer(authors, many=True, context=self.context).data


class QuoteSerializer(RecordSerializer):
    """A statement."""

    text = serializers.CharField()
    text_original = serializers.CharField()
    language = serializers.CharField()
    translated_by = WordField(TranslatedBy.choices)
    speaker = SummarySerializer(allow_null=True)
    speaker_role = serializers.CharField()
    on_behalf_of = SummarySerializer(allow_null=True)
    said_on = EDTFDate()
    reasons = SummarySerializer(many=True)
    citations = QuoteCitationSerializer(many=True)


class ActorSerializer(RecordSerializer):
    """Who speaks or publishes."""

    kind = serializers.ChoiceField(choices=ActorKind.choices)
    name = serializers.CharField()
    name_variants = ListedField(source="names.all")
    part_of = SummarySerializer(allow_null=True)
    body = serializers.SerializerMethodField(help_text="Whom the actor speaks for; null when that is not known.")
    capacity = serializers.ChoiceField(choices=Capacity.choices)
    country = CountrySummarySerializer(allow_null=True)
    homepage = serializers.CharField()
    quotes = serializers.IntegerField(source="statements", help_text="How many statements.")
    sources = serializers.IntegerField(source="items", help_text="How many published items.")

    @extend_schema_field(SummarySerializer(allow_null=True))
    def get_body(self, actor: Any) -> Any:
        body = actor.body
        return SummarySerializer(context=self.context).to_representation(body) if body and body.is_public else None


class ReasonSerializer(RecordSerializer):
    """An explanation that somebody gave for closures."""

    slug = serializers.CharField()
    label = serializers.CharField()
    definition = serializers.CharField()
    quotes = serializers.IntegerField(source="statements", help_text="How many statements give it.")
