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


IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of the version that is changed, as the record was last answered with.",
)


class Schema(AutoSchema):
    """Adds to each operation what its view says of itself: the errors, the forms of what is written."""

    @property
    def is_read(self) -> bool:
        return self.method == "GET"

    def get_override_parameters(self) -> list[Any]:
        """The shape of the number, slug or code at the end of a record's address; the version that is changed."""
        pattern = getattr(self.view, "key_pattern" if self.is_read else "any_key", None)
        if not pattern or not self.view.detail:
            return super().get_override_parameters()
        name = self.view.lookup_field
        key = OpenApiParameter(name, str, OpenApiParameter.PATH, required=True, pattern=f"^{pattern}$")
        return [key] if self.is_read else [key, IF_MATCH]

    def get_auth(self) -> list[dict[str, Any]]:
        """Who may ask: with a token alone where the view says so, or something is written."""
        ways = super().get_auth()
        needs_token = getattr(self.view, "needs_token", not self.is_read)
        return [way for way in ways if way or not needs_token]

    def get_request_serializer(self) -> Any:
        told = getattr(self.view, "body", None)
        return told() if told and not self.is_read else super().get_request_serializer()

    def get_response_serializers(self) -> Any:
        told = getattr(self.view, "answers", None)
        return told() if told and not self.is_read else super().get_response_serializers()

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        statuses = getattr(self.view, "error_statuses", lambda: ())()
        if direction == "response" and statuses:
            if self.is_read and hasattr(self.view, "last_modified"):
                bodies["304"] = {"description": "Nothing has changed since the answer that the caller has."}
            if "410" in statuses:
                bodies["301"] = {"description": "The record was merged into another one, to which this leads."}
            for status in sorted({*statuses, "401", "429"}):
                bodies[status] = self._get_response_for_code(ErrorsSerializer, status)
        return bodies
