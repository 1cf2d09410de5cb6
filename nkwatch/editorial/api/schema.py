"""How the API describes itself: every answer of every address, errors in their one form."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from nkwatch.editorial.api.selection import EXPAND, FIELDS


class ErrorSerializer(serializers.Serializer):
    """One thing that was wrong."""

    code = serializers.CharField()
    detail = serializers.CharField(help_text="What was wrong, and what would be accepted.")
    attr = serializers.CharField(allow_null=True, help_text="The parameter it is about.")


class ErrorsSerializer(serializers.Serializer):
    """The one form of every error."""

    type = serializers.ChoiceField(choices=["validation_error", "client_error", "server_error"])
    errors = ErrorSerializer(many=True)


class Schema(AutoSchema):
    """Adds to each operation the errors that it can answer with."""

    def get_override_parameters(self) -> list[Any]:
        """The shape of the number, slug or code at the end of a record's address, and what selects."""
        pattern = getattr(self.view, "key_pattern", None)
        if not pattern:
            return super().get_override_parameters()
        selecting = [*super().get_override_parameters(), *_selecting(self.view)]
        if not self.view.detail:
            return selecting
        name = self.view.lookup_field
        return [OpenApiParameter(name, str, OpenApiParameter.PATH, required=True, pattern=f"^{pattern}$"), *selecting]

    def _map_basic_serializer(self, serializer: Any, direction: Literal["request", "response"]) -> Any:
        """Records: no field is told for certain, since a caller may ask for some only."""
        schema = super()._map_basic_serializer(serializer, direction)
        if getattr(serializer, "is_selective", False) and direction == "response":
            schema.pop("required", None)
        return schema

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        statuses = getattr(self.view, "error_statuses", lambda: ())()
        if direction == "response":
            if statuses:
                bodies["304"] = {"description": "Nothing has changed since the answer that the caller has."}
            if "410" in statuses:
                bodies["301"] = {"description": "The record was merged into another one, to which this leads."}
            bodies |= {status: self._get_response_for_code(ErrorsSerializer, status) for status in statuses}
        return bodies


def _selecting(view: Any) -> list[OpenApiParameter]:
    """What `?fields=` and `?expand=` take of this resource."""
    told = {
        FIELDS: ("Tell these fields only, with commas between them; all of them unless told.", view.every_field()),
        EXPAND: (
            "Tell these related records in full, with commas between them: what their own addresses answer stands "
            "where they are named in short. They are told though `fields` leaves them out.",
            view.expandable(),
        ),
    }
    return [
        OpenApiParameter(
            name,
            {"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(words)}},
            description=description,
            style="form",
            explode=False,
        )
        for name, (description, words) in told.items()
        if words
    ]
