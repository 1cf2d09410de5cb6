"""Lists in portions: by page with a count, or by key without one (contract.md, API v1)."""

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.paginator import InvalidPage, Paginator
from django.db.models import OrderBy
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from nkwatch.editorial.api import keys

SIZE, MOST = 50, 200
KEY = r"[A-Za-z0-9_-]{1,60}"
CURSOR = re.compile(rf"(?:(?P<side>after|before):(?P<key>{KEY}))?", re.ASCII)
WHOLE = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


class Paging(BasePagination):
    """Answers `count`, `next`, `previous`, `results`; asked with a cursor, the same less the count.

    A cursor names the record that the portion comes after or before, in whatever order is asked
    for; so a list that grows meanwhile repeats nothing and leaves nothing out, and one that loses
    that very record goes on from where it stood.
    """

    parameters: tuple[str, ...] = ("page", "page_size", "cursor")
    described: ClassVar[dict[str, Any]] = {}
    """What else an answer may tell, for the description of the API."""

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        self.address = request.build_absolute_uri()
        self.size = _whole(request, "page_size", SIZE, MOST)
        page = _whole(request, "page", 1)
        if "cursor" in request.query_params:
            return self._by_key(queryset, request.query_params["cursor"], view)
        return self._by_page(queryset, page)

    def _by_page(self, queryset: Any, number: int) -> list[Any]:
        try:
            page = Paginator(queryset, self.size).page(number)
        except InvalidPage as error:
            raise NotFound(f"The list has no page {number}.") from error
        self.answer: dict[str, Any] = {
            "count": page.paginator.count,
            "next": self._at_page(page.next_page_number()) if page.has_next() else None,
            "previous": self._at_page(page.previous_page_number()) if page.has_previous() else None,
        }
        return list(page.object_list)

    def _at_page(self, number: int) -> str:
        if number == 1:
            return remove_query_param(self.address, "page")
        return replace_query_param(self.address, "page", number)

    def _by_key(self, queryset: Any, cursor: str, view: Any) -> list[Any]:
        asked = CURSOR.fullmatch(cursor)
        if not asked:
            raise ValidationError({"cursor": "This is no cursor. Leave it empty to start, then follow “next”."})
        backwards = asked["side"] == "before"
        order = keys.terms(queryset)
        anchor = self._anchor(view, asked["key"], order) if asked["key"] else None
        found = keys.portion(queryset, order, anchor, backwards, self.size + 1)
        more, portion = len(found) > self.size, found[: self.size]
        if backwards:
            portion.reverse()
        has_next = bool(portion) and (backwards or more)
        has_previous = bool(portion) and (more if backwards else bool(asked["key"]))
        self.answer = {
            "next": self._at_key("after", view.key_of(portion[-1])) if has_next else None,
            "previous": self._at_key("before", view.key_of(portion[0])) if has_previous else None,
        }
        return portion

    def _anchor(self, view: Any, key: str, order: Sequence[OrderBy]) -> Sequence[Any]:
        values = view.once_public_records().filter(**view.lookup(key)).values_list(*map(keys.field, order)).first()
        if values is None:
            raise NotFound(f"No public record {key} is there to go on from: start again with an empty cursor.")
        return values

    def _at_key(self, side: str, key: str) -> str:
        return replace_query_param(remove_query_param(self.address, "page"), "cursor", f"{side}:{key}")

    def get_paginated_response(self, data: Any) -> Response:
        return Response({**self.answer, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "description": "Left out where the list is paged by cursor."},
                "next": link,
                "previous": link,
                "results": schema,
                **self.described,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        def parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
            return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}

        return [
            parameter("page", "A page by its number.", {"type": "integer", "minimum": 1, "maximum": 999_999_999}),
            parameter(
                "page_size",
                f"How many records at a time; {SIZE} unless told.",
                {"type": "integer", "minimum": 1, "maximum": MOST},
            ),
            {
                **parameter(
                    "cursor",
                    "Page by key, without a count, in place of `page`: empty to start, then follow `next`.",
                    {"type": "string", "pattern": f"^((after|before):{KEY})?$"},
                ),
                "allowEmptyValue": True,
            },
        ]


def _whole(request: Any, name: str, default: int, most: int = 999_999_999) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not WHOLE.fullmatch(text) or int(text) > most:
        raise ValidationError({name: f"“{text}” is not accepted: give a whole number from 1 to {most}."})
    return int(text)
