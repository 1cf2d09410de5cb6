"""How the API describes itself: every answer of every address, errors in their one form."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers


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
        """The shape of the number, slug or code at the end of a record's address."""
        pattern = getattr(self.view, "key_pattern", None)
        if not pattern or not self.view.detail:
            return super().get_override_parameters()
        name = self.view.lookup_field
        return [OpenApiParameter(name, str, OpenApiParameter.PATH, required=True, pattern=f"^{pattern}$")]

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
