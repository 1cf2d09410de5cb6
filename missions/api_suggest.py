"""GET /api/v1/suggest/?q=&kind=: the records that a name may mean."""

from typing import Any, ClassVar

from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from missions.models import Mission
from nkwatch.editorial.api.candidates import AskView, CandidateSerializer, candidate
from nkwatch.editorial.text import fold
from sources.models import Actor, ActorName, Country, Reason, Source

OFFERED = 8
LONGEST = 200
KINDS: dict[str, Any] = {"mission": Mission, "actor": Actor, "source": Source, "country": Country, "reason": Reason}
WRITTEN = {
    Mission: ("name", "name_original", "other_names", "city", "host__name", "host__name_ko", "sending__name"),
    Source: ("title_original",),
    Reason: ("label", "slug"),
}
"""Where the words are looked for as they are written."""
FOLDED = {Actor: "name_key", Source: "title_key"}
"""Where they are looked for without case, hyphens and accents."""
NAMED_WITH = {Actor: ("country",), Mission: ("sending", "host")}
"""What is known to everybody. Whatever else is named comes with `told`, as far as the caller may see it."""


class SuggestionQuerySerializer(serializers.Serializer):
    """What is asked for."""

    q = serializers.CharField(max_length=LONGEST)
    kind = serializers.ChoiceField(choices=list(KINDS))


class SuggestionsSerializer(serializers.Serializer):
    """The records that may be meant, the likeliest first."""

    results = CandidateSerializer(many=True)


class SuggestView(AskView):
    """Candidates for a name."""

    parameters = ("q", "kind")
    examples: ClassVar[dict[str, Any]] = {"q": "Spain", "kind": "mission"}

    @extend_schema(
        operation_id="suggest",
        parameters=[
            OpenApiParameter("q", {"type": "string", "maxLength": LONGEST, "minLength": 1}, required=True),
            OpenApiParameter("kind", enum=list(KINDS), required=True),
        ],
        responses=SuggestionsSerializer,
    )
    def get(self, request: Any) -> Response:
        """The records of a kind that may be meant by some words of a name. A token is told of drafts too."""
        asked = SuggestionQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        model, words = KINDS[asked.validated_data["kind"]], asked.validated_data["q"]
        key = fold(words)
        found = self._found(model, words, key) if key else []
        return Response({"results": [candidate(record, request, _hint(record)) for record in found]})

    def _found(self, model: Any, words: str, key: str) -> list[Any]:
        if model is Country:
            countries = Country.objects.all()
            return _best((c for c in countries if any(key in fold(name) for name in c.names)), key)
        wanted = Q(pk__in=[])
        for path in WRITTEN.get(model, ()):
            wanted |= Q(**{f"{path}__icontains": words})
        if model in FOLDED:
            wanted |= Q(**{f"{FOLDED[model]}__contains": key})
        if model is Actor:
            wanted |= Q(pk__in=self.seen(ActorName).filter(name_key__contains=key).values("actor"))
        seen = self.told(model).filter(wanted).select_related(*NAMED_WITH.get(model, ()))
        return _best(seen.order_by("pk")[: OFFERED * 8], key)


def _best(found: Any, key: str) -> list[Any]:
    """Those of that very name first, then those that begin with it."""

    def place(record: Any) -> tuple[bool, bool, str]:
        name = fold(str(record))
        return name != key, not name.startswith(key), str(record)

    return sorted(found, key=place)[:OFFERED]


def _hint(record: Any) -> str:
    if isinstance(record, Actor):
        above = record.part_of if record.part_of and record.part_of.is_public else None
        return ", ".join(filter(None, [record.get_capacity_display(), str(record.country or ""), str(above or "")]))
    if isinstance(record, Source):
        return record.byline
    if isinstance(record, Mission):
        return ", ".join(filter(None, [record.get_kind_display(), record.city]))
    return ""
