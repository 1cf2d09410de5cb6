"""Lists whole: a record a line (NDJSON), and as the files that the site's own lists are (contract.md, API v1)."""

from collections.abc import Iterator
from functools import reduce
from typing import Any, ClassVar

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.renderers import JSONRenderer

from nkwatch.editorial.api import keys
from nkwatch.editorial.api.selection import expand
from nkwatch.editorial.public.exports import GEOJSON, Export, Places, as_file, as_geojson_file

NDJSON, CSV = "ndjson", "csv"
MEDIA_TYPES = {NDJSON: "application/x-ndjson", CSV: "text/csv", GEOJSON: "application/geo+json"}
AT_A_TIME = 500
"""How many records of a stream are read at once: what is in memory, whatever the list's length."""


class Streaming:
    """Lists with all that the filters leave, in the order of the list; no query stays open for a slow reader."""

    request: Any
    resource: ClassVar[str]
    ending: str = ""
    """What the address of a whole list ends in."""
    media_types = MEDIA_TYPES
    export: ClassVar[Export | None] = None
    places: ClassVar[Places | None] = None

    @classmethod
    def endings(cls) -> list[str]:
        """What the address of the list may end in, in place of its slash."""
        return [NDJSON, *([CSV] if cls.export else []), *([GEOJSON] if cls.places else [])]

    def stream(self, request: Any) -> HttpResponseBase:
        """Every record of the list, one a line."""
        # What is asked for wrongly is refused before the first line is sent.
        records = self.filter_queryset(self.get_queryset())  # type: ignore[attr-defined]
        lines = self._lines(records) if request.method == "GET" else ()
        response = StreamingHttpResponse(lines, content_type=MEDIA_TYPES[NDJSON])
        if self.since:  # type: ignore[attr-defined]
            response["Next-Since"] = self.next_since()  # type: ignore[attr-defined]
        return response

    def file(self, request: Any) -> HttpResponseBase:
        """The list as the file that the site has of it."""
        self.fields = frozenset(["number"])  # The file brings along what it tells.
        records = self.filter_queryset(self.get_queryset())  # type: ignore[attr-defined]
        if self.ending == GEOJSON:
            assert self.places
            return as_geojson_file(self.resource, self.places.features(records, request))
        assert self.export
        return as_file(self.resource, self.ending, self.export, records)

    def _lines(self, queryset: Any) -> Iterator[bytes]:
        view: Any = self
        renderer = JSONRenderer()
        for records in self._portions(queryset):
            view.complete(records)
            answers = view.get_serializer(records, many=True).data
            expand(answers, view.expanding, view.in_full)
            # Together, since a compressed stream is sent on after each piece.
            yield b"".join(renderer.render(answer) + b"\n" for answer in answers)
        for tombstone in view.tombstones() if view.since else ():
            yield renderer.render(tombstone) + b"\n"

    def _portions(self, queryset: Any) -> Iterator[list[Any]]:
        order = keys.terms(queryset)
        anchor = None
        while records := keys.portion(queryset, order, anchor, False, AT_A_TIME):
            yield records
            if len(records) < AT_A_TIME:
                return
            anchor = [reduce(getattr, keys.field(term).split("__"), records[-1]) for term in order]
