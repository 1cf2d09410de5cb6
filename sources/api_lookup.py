"""GET /api/v1/lookup/?url=: is this address known?"""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from nkwatch.editorial.api.candidates import AskView, CandidateSerializer, candidate
from sources.addresses import canonical_url
from sources.known import of_address
from sources.models import Source

LONGEST = 2_000


class AskedAddressSerializer(serializers.Serializer):
    """The address that is asked about."""

    url = serializers.CharField(max_length=LONGEST)


class LookupSerializer(serializers.Serializer):
    """The sources that stand at an address, however it is spelt, or of which an archived copy does."""

    canonical = serializers.CharField(help_text="The address as all spellings of it are compared.")
    known = serializers.BooleanField()
    sources = CandidateSerializer(many=True)


class LookupView(AskView):
    """Whether an address is known."""

    parameters = ("url",)
    examples: ClassVar[dict[str, Any]] = {
        "url": "http://imnews.imbc.com/news/2023/politics/article/6550229_36119.html?utm_source=feed"
    }

    @extend_schema(
        operation_id="lookup",
        parameters=[OpenApiParameter("url", {"type": "string", "maxLength": LONGEST, "minLength": 1}, required=True)],
        responses=LookupSerializer,
    )
    def get(self, request: Any) -> Response:
        """The sources of which this is the address, or that of an archived copy. A token is told of drafts too."""
        asked = AskedAddressSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        url = asked.validated_data["url"]
        found = of_address(self.told(Source), url)
        told = [candidate(source, request, source.byline) for source in found]
        return Response({"canonical": canonical_url(url), "known": bool(told), "sources": told})
