"""What the desk has, drafts and all, for tokens: at addresses of its own, so that what anybody reads stays the same."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from nkwatch.editorial.api.desk_form import desk_records, desk_serializer, note_waiting
from nkwatch.editorial.api.paging import Paging
from nkwatch.editorial.api.tokens import require, require_permission
from nkwatch.editorial.api.views import READ_METHODS, StrictParameters, resources
from nkwatch.editorial.api.writes import PRIVATE, VERSION, Scope, desk_answer, record_in_address
from nkwatch.editorial.models import State

STATE = OpenApiParameter("state", enum=State.values, description="Only records in this state; all without it.")
MINE = OpenApiParameter("mine", enum=["true"], description="Only drafts that the token's owner began.")


class DeskPaging(Paging):
    """By page alone."""

    parameters = ("page", "page_size")

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [one for one in super().get_schema_operation_parameters(view) if one["name"] in self.parameters]


class DeskViewSet(StrictParameters, GenericViewSet):
    """One kind of record in every state, last changed first."""

    model: ClassVar[Any]
    key_pattern: ClassVar[str]
    lookup_field = "key"
    lookup_value_converter = "str"
    http_method_names = READ_METHODS
    filter_backends: ClassVar[list[Any]] = []
    pagination_class = DeskPaging
    needs_token = True
    tag = "desk"
    examples: ClassVar[dict[str, Any]] = {"state": "published", "mine": "true", "page": 1, "page_size": 10}

    def accepted(self) -> Any:
        return (() if self.detail else ("state", "mine", *DeskPaging.parameters)), ()

    def error_statuses(self) -> tuple[str, ...]:
        return ("400", "403", "404", "405")

    def leads_to(self) -> dict[str, dict[str, str]]:
        """A list to its records, each of them to its change and its review (OpenAPI)."""
        writes: Any = resources[self.model]
        if not self.detail:
            return {f"desk_{writes.resource}_retrieve": {"key": "$response.body#/results/0/number"}}
        here = {writes.lookup_field: "$response.body#/number", **VERSION}
        return {f"{writes.resource}_{step}": here for step in ("update", "submit", "approve")}

    def get_serializer_class(self) -> Any:
        return desk_serializer(self.model)

    def get_queryset(self) -> Any:
        return desk_records(self.model).order_by("-updated", "-pk")

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response["Cache-Control"] = PRIVATE
        return super().finalize_response(request, response, *args, **kwargs)

    @extend_schema(parameters=[STATE, MINE])
    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """The records, each with its parts and what waits of it."""
        self._require()
        found = self.get_queryset()
        if state := request.query_params.get("state"):
            if state not in State.values:
                raise ValidationError(
                    {"state": f"“{state}” is not accepted; accepted here: {', '.join(State.values)}."}
                )
            found = found.filter(state=state)
        if mine := request.query_params.get("mine"):
            if mine != "true":
                raise ValidationError({"mine": f"“{mine}” is not accepted: give true, or leave it out."})
            found = found.filter(pk__in=self.model.objects.drafts_of(request.user).values("pk"))
        page = self.paginate_queryset(found)
        note_waiting(page)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """One record, with the tag of its version: what a change of it sends as If-Match."""
        self._require()
        return desk_answer(request, record_in_address(self.model, self.kwargs["key"]))

    def _require(self) -> None:
        require(self.request, Scope.READ)
        require_permission(self.request, "view", self.model)


def desk_of(writes: Any) -> type[DeskViewSet]:
    """The desk's reads of the records that a viewset writes."""
    model = writes.model
    about = f"{str(model._meta.verbose_name_plural).capitalize()} in every state, for tokens."
    values = {"model": model, "key_pattern": writes.any_key, "__doc__": about}
    values["examples"] = DeskViewSet.examples | {DeskViewSet.lookup_field: writes.example_of(writes.lookup_field)}
    return type(f"Desk{model.__name__}ViewSet", (DeskViewSet,), values)
