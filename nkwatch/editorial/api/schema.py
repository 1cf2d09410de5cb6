"""How the API describes itself: every answer of every address, errors in their one form."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_doc
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from nkwatch.editorial.api.mirroring import Mirroring
from nkwatch.editorial.api.selection import EXPAND, FIELDS, Selecting
from nkwatch.editorial.public.exports import GEOJSON

SINCE_PARAMETER = OpenApiParameter(
    "since",
    OpenApiTypes.DATETIME,
    description="Only records of which readers saw something new since this moment, or day, of their claims and other "
    "parts too, of the sources and bodies that claims rest on, and of missions their steps; and what went since. "
    "Where very much changed, all records that may be among them.",
)
_WHOLE = {
    "stream": "The whole list, one record a line; with `since`, what went comes last, and the header `Next-Since` says "
    "from when to ask the next time.",
    "file": "The whole list, as the file that the site has of it.",
}


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
    examples=[OpenApiExample("A version", value='"1.0.0"')],
)


class Schema(AutoSchema):
    """Adds to each operation what its view says of itself: the errors, the forms of what is written, examples."""

    @property
    def is_read(self) -> bool:
        return self.method == "GET"

    def get_override_parameters(self) -> list[Any]:
        """The shape of the number, slug or code at the end of an address, what selects, the version that is changed."""
        pattern = getattr(self.view, "any_key", None) or getattr(self.view, "key_pattern", None)
        if not pattern:
            return super().get_override_parameters()
        found = super().get_override_parameters()
        if self.is_read and self.view.action != "file" and isinstance(self.view, Selecting):
            found += _selecting(self.view)
        if self.view.detail:
            name = self.view.lookup_field
            found.append(OpenApiParameter(name, str, OpenApiParameter.PATH, required=True, pattern=f"^{pattern}$"))
            found += [] if self.is_read else [IF_MATCH]
        elif self._is_mirrored and self.is_read and self.view.action != "file":
            found.append(SINCE_PARAMETER)
        return found

    def get_auth(self) -> list[dict[str, Any]]:
        """Who may ask: with a token alone where the view says so, or something is written."""
        ways = super().get_auth()
        needs_token = getattr(self.view, "needs_token", not self.is_read)
        return [way for way in ways if way or not needs_token]

    def get_request_serializer(self) -> Any:
        told = getattr(self.view, "body", None)
        return told() if told and not self.is_read else super().get_request_serializer()

    def _get_parameters(self) -> list[dict[str, Any]]:
        """Each parameter with what it means and an example, which the tests send."""
        parameters = super()._get_parameters()
        filters = self.view.filterset_class.base_filters if hasattr(self.view, "filterset_class") else {}
        for parameter in parameters:
            name, is_list = parameter["name"], parameter["schema"].get("type") == "array"
            if name in filters:
                several = " Repeat it for any of several." if is_list else ""
                parameter["description"] = (
                    f"{filters[name].extra.get('help_text') or f'{filters[name].label}.'}{several}"
                )
            if "examples" not in parameter:
                parameter["example"] = self.view.example_of(name)
        return parameters

    def get_filter_backends(self) -> list[Any]:
        """Lists told whole are filtered as those in portions are."""
        return self.view.filter_backends if self._is_whole else super().get_filter_backends()

    def get_response_serializers(self) -> Any:
        told = getattr(self.view, "answers", None)
        if told and not self.is_read:
            return told()
        if not self._is_whole:
            return super().get_response_serializers()
        if self.view.action == "stream":
            told = super().get_response_serializers()
        else:
            told = OpenApiTypes.OBJECT if self.view.ending == GEOJSON else OpenApiTypes.STR
        return {(200, self.view.media_types[self.view.ending]): told}

    def get_tags(self) -> list[str]:
        return [getattr(self.view, "tag", None) or self.view.resource]

    def get_operation_id(self) -> str:
        """What a generated client calls it: missions_list, missions_submit, missions_csv."""
        if self._is_whole:
            return f"{self.view.resource}_{self.view.ending}"
        told = super().get_operation_id().replace("partial_update", "update")
        steps = [step.__name__ for step in getattr(type(self.view), "get_extra_actions", list)()]
        return told.rpartition("_")[0] if self._action in steps else told

    def get_examples(self) -> list[OpenApiExample]:
        """What is sent, as the view shows it; the tests send it."""
        sent = getattr(self.view, "bodies", {}).get(self._action)
        if sent is None or self.is_read:
            return []
        return [OpenApiExample("Made up", value=sent, request_only=True)]

    def get_description(self) -> str:
        return _WHOLE[self._action] if self._is_whole else super().get_description()

    def get_summary(self) -> str:
        """What lists of operations show of each: the first sentence of its description, of a list what is in it."""
        told = get_doc(type(self.view)) if self._action == "list" else self.get_description()
        return told.partition("\n\n")[0].partition(". ")[0].removesuffix(".").replace("`", "")

    def _links(self) -> dict[str, Any]:
        """What an answer leads to: a list to its records, a draft to its review (`leads_to` of the view)."""
        told: dict[str, Any] = getattr(self.view, "leads_to", dict)()
        return {name: {"operationId": name, "parameters": parameters} for name, parameters in told.items()}

    @property
    def _is_mirrored(self) -> bool:
        return isinstance(self.view, Mirroring) and type(self.view).is_mirrored()

    @property
    def _action(self) -> str:
        return getattr(self.view, "action", self.method.lower())

    @property
    def _is_whole(self) -> bool:
        return self._action in _WHOLE

    def _get_paginator(self) -> Any:
        paginator = super()._get_paginator()
        if paginator and self._is_mirrored:
            tombstone = self.resolve_serializer(self.view.tombstone_serializer, "response").ref
            paginator.described = {
                "gone": {
                    "type": "array",
                    "items": tombstone,
                    "description": "With `since`, at the end of the list: the records that readers no longer see.",
                },
                "next_since": {
                    "type": "string",
                    "format": "date-time",
                    "description": "With `since`: from when to ask the next time. Keep the one of the first portion.",
                },
            }
        return paginator

    def _insert_field_validators(self, field: Any, schema: dict[str, Any]) -> None:
        """What may be empty, or of a format: formats are but notes in OpenAPI 3.1, so that what is empty is both."""
        super()._insert_field_validators(field, schema)
        if {"type": "string", "maxLength": 0} in schema.get("oneOf", ()):
            schema["anyOf"] = schema.pop("oneOf")

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> dict[str, Any]:
        """Lists of parts: how many there may be."""
        schema = super()._map_serializer_field(field, direction, bypass_extensions)
        if isinstance(field, serializers.ListSerializer) and field.max_length and direction == "request":
            schema["maxItems"] = field.max_length
        return schema

    def _map_basic_serializer(self, serializer: Any, direction: Literal["request", "response"]) -> Any:
        """Records: no field is told for certain, since a caller may ask for some only. What is sent: no other field."""
        schema = super()._map_basic_serializer(serializer, direction)
        if getattr(serializer, "is_selective", False) and direction == "response":
            schema.pop("required", None)
        if direction == "request" and getattr(serializer, "takes_no_more", False):
            schema["additionalProperties"] = False
        return schema

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        statuses = getattr(self.view, "error_statuses", lambda: ())()
        if direction == "response" and statuses:
            if self.is_read and hasattr(self.view, "last_modified"):
                bodies["304"] = {"description": "Nothing has changed since the answer that the caller has."}
            if "410" in statuses:
                bodies["301"] = {"description": "The record was merged into another one, to which this leads."}
                bodies["302"] = {"description": "To a token: a draft, which the desk reads at the address given."}
            if links := self._links():
                for status in bodies.keys() & {"200", "201", "202"}:
                    bodies[status]["links"] = links
            for status in sorted({*statuses, "401", "429"}):
                bodies[status] = self._get_response_for_code(ErrorsSerializer, status)
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
