"""How the API writes what all records share: dates, summaries of other records, addresses."""

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from nkwatch.editorial.api.selection import FIELDS, ShortSerializer
from nkwatch.editorial.api.views import resources
from nkwatch.editorial.edtf import bounds
from nkwatch.editorial.models import NumberedRecord
from nkwatch.editorial.text import split_list

NAMESPACE = "api"


def key_of(record: Any) -> str:
    """The number of a record, or what stands for it: a reason's slug, a country's code."""
    return record.label if isinstance(record, NumberedRecord) else str(getattr(record, "slug", record.pk))


def api_address(record: Any, request: Any) -> str:
    """Where the API serves a record."""
    resource = resources[type(record)].resource
    kwarg = "number" if isinstance(record, NumberedRecord) else "slug" if hasattr(record, "slug") else "code"
    return reverse(f"{NAMESPACE}:{resource}-detail", kwargs={kwarg: key_of(record)}, request=request)


def dated(text: str) -> dict[str, Any] | None:
    """An EDTF date with its bounds; None when there is none."""
    if not text:
        return None
    try:
        earliest, latest = bounds(text)
    except ValidationError:
        earliest = latest = None
    return {"edtf": text, "earliest": earliest and earliest.isoformat(), "latest": latest and latest.isoformat()}


class EDTFDateSerializer(serializers.Serializer):
    """A date as EDTF (ISO 8601-2), with the first and last day that it allows; null where a side is open."""

    edtf = serializers.CharField()
    earliest = serializers.DateField(allow_null=True)
    latest = serializers.DateField(allow_null=True)


@extend_schema_field(EDTFDateSerializer(allow_null=True))
class EDTFDate(serializers.CharField):
    """An EDTF date, or null."""

    def to_representation(self, value: Any) -> Any:
        return dated(value)


class SummarySerializer(ShortSerializer):
    """Another record, in short."""

    number = serializers.CharField()
    name = serializers.CharField()
    url = serializers.URLField()

    def in_short(self, instance: Any) -> dict[str, Any]:
        url = api_address(instance, self.context["request"])
        return {"number": key_of(instance), "name": str(instance), "url": url}


class ListedField(serializers.ListField):
    """Several values that editors keep in one field, a line each."""

    child = serializers.CharField()

    def to_representation(self, data: Any) -> list[str]:
        return split_list(data) if isinstance(data, str) else [str(value) for value in data]


class WordField(serializers.ChoiceField):
    """A word of a vocabulary, or null where none was chosen."""

    def __init__(self, choices: Any, **kwargs: Any) -> None:
        super().__init__(choices=choices, allow_null=True, **kwargs)

    def to_representation(self, value: Any) -> Any:
        return value or None


class RecordSerializer(serializers.Serializer):
    """The fields common to all records; told without those that the context leaves out (`?fields=`)."""

    is_selective = True

    number = serializers.SerializerMethodField(help_text="Permanent; a reason's slug, a country's code.")
    url = serializers.SerializerMethodField(help_text="Where the API serves it.")
    page = serializers.SerializerMethodField(help_text="Its page for readers; null where it has none.")
    updated = serializers.SerializerMethodField(help_text="When the record was last changed.")

    def get_fields(self) -> dict[str, Any]:
        fields, asked = super().get_fields(), self.context.get(FIELDS)
        return {name: field for name, field in fields.items() if name in asked} if asked else fields

    def get_number(self, record: Any) -> str:
        return key_of(record)

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, record: Any) -> str:
        return api_address(record, self.context["request"])

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_page(self, record: Any) -> str | None:
        if not hasattr(record, "get_absolute_url"):
            return None
        return self.context["request"].build_absolute_uri(record.get_absolute_url())

    @extend_schema_field({"type": ["string", "null"], "format": "date-time"})
    def get_updated(self, record: Any) -> str | None:
        updated = getattr(record, "updated", None)
        return updated and updated.isoformat().replace("+00:00", "Z")
