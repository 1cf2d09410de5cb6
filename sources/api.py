"""The API's reads of sources, statements, actors, reasons and countries."""

from typing import Any, ClassVar

from django.db.models import Q

from nkwatch.editorial.api.merging import MergingViewSet
from nkwatch.editorial.api.steps import StepsViewSet
from nkwatch.editorial.api.views import RecordViewSet, addressed
from sources import filters, serializers, views
from sources.matching import same_actor, same_quote, same_source
from sources.models import Actor, Citation, Country, Quote, Reason, Source


class SourceViewSet(MergingViewSet):
    """Published items: what each says of others, and what it is cited for."""

    model = Source
    resource = "sources"
    examples: ClassVar[dict[str, Any]] = {
        "number": "S-0001",
        "asof": "2023-12-05",
        "kind": ["article"],
        "outlet": ["A-0044"],
        "language": ["en"],
        "year": ["2023"],
        "read": ["in-full"],
        "archived": "false",
    }
    bodies: ClassVar[dict[str, Any]] = {
        **StepsViewSet.bodies,
        "create": {
            "kind": "article",
            "title": "Envoys leave Madrid",
            "title_original": "Los enviados dejan Madrid",
            "language": "es",
            "translated_by": "nkwatch",
            "issued": "2023-11-08",
            "source_url": "https://iberian.example/envoys-leave",
            "accessed_on": "2023-11-09",
            "read": "in-full",
            "summary": "The paper’s reporter saw the flag come down.",
            "authors": [{"author": "A-0028"}],
            "references": [{"source": "S-0036", "label": "the party’s note"}],
        },
        "partial_update": {"accessed_on": "2023-12-06", "reason": "Read again on the site."},
        "merge": {"into": "S-0037", "into_version": "1.0.0", "reason": "One text at two addresses."},
    }
    export = views.SourceList.export
    serializer_class = serializers.SourceSerializer
    filterset_class = filters.SourceFilters
    only_for: ClassVar[dict[str, set[str]]] = {
        "outlet": {"outlet"},
        "authorships": {"authors"},
        "republication_of": {"republication_of"},
        "republished_as": {"republished_as"},
        "references": {"references"},
        "referenced_by": {"referenced_by"},
    }

    def same(self, candidate: Any, parts: Any) -> Any:
        return same_source(candidate)

    def get_queryset(self) -> Any:
        return Source.objects.public().newest_first().with_public_associations()

    def complete(self, records: list[Any]) -> None:
        """Tell each source what it is cited for, and whom its claims rely on: one query for each kind of claim."""
        if not self.tells("relies_on", "relied_on_by", "supports"):
            return
        own: dict[Any, list[Any]] = {source.pk: [] for source in records}
        others: dict[Any, list[Any]] = {source.pk: [] for source in records}
        for kind in Citation.kinds():
            claims = kind.objects.public().filter(Q(source__in=own) | Q(attributed_to_source__in=own))
            for claim in claims.with_records().with_sources():
                own.get(claim.source_id, []).append(claim)
                others.get(claim.attributed_to_source_id, []).append(claim)
        for source in records:
            told = own[source.pk]
            source.relies_on = _once(claim.attributed_to_source for claim in told)
            source.relied_on_by = _once(claim.source for claim in others[source.pk])
            source.supports = _once(
                addressed(claim.record) for claim in told if claim.stance == Citation.Stance.SUPPORTS
            )


def _once(records: Any) -> list[Any]:
    """Each record once, in the order of its first mention."""
    return list(dict.fromkeys(record for record in records if record is not None))


class QuoteViewSet(MergingViewSet):
    """Statements: the words, the speaker, and each carrier’s rendering."""

    model = Quote
    resource = "quotes"
    examples: ClassVar[dict[str, Any]] = {
        "number": "Q-0001",
        "asof": "2023-12-05",
        "speaker": ["A-0001"],
        "capacity": ["government"],
        "reason": ["sanctions-cut-income"],
        "language": ["ko"],
    }
    bodies: ClassVar[dict[str, Any]] = {
        **StepsViewSet.bodies,
        "create": {
            "text": "There was no money left for the heating.",
            "language": "en",
            "speaker": "A-0057",
            "speaker_role": "driver",
            "said_on": "2023-11-08",
            "reasons": ["financial-hardship"],
            "citations": [
                {
                    "source": "S-0006",
                    "rendering": "verbatim",
                    "basis": "attributed",
                    "attributed_to_actor": "A-0057",
                    "wording": "There was no money left for the heating.",
                    "locator": "¶6",
                }
            ],
        },
        "partial_update": {"speaker_role": "Spokesperson", "reason": "As the agency has it."},
        "merge": {"into": "Q-0004", "into_version": "1.0.0", "reason": "One remark, in two translations."},
    }
    export = views.QuoteList.export
    serializer_class = serializers.QuoteSerializer
    filterset_class = filters.QuoteFilters
    only_for: ClassVar[dict[str, set[str]]] = {
        "speaker": {"speaker"},
        "on_behalf_of": {"on_behalf_of"},
        "reasons": {"reasons"},
        "citations": {"citations"},
    }

    def same(self, candidate: Any, parts: Any) -> Any:
        return same_quote(candidate)

    def get_queryset(self) -> Any:
        return Quote.objects.public().newest_first().with_public_associations()


class ActorViewSet(MergingViewSet):
    """Those who speak and publish."""

    model = Actor
    resource = "actors"
    links: ClassVar[dict[str, tuple[str, str]]] = {
        "sources_list": ("outlet", "number"),
        "quotes_list": ("speaker", "number"),
    }
    examples: ClassVar[dict[str, Any]] = {
        "number": "A-0001",
        "kind": ["organisation"],
        "capacity": ["news-agency"],
        "country": ["KR"],
    }
    bodies: ClassVar[dict[str, Any]] = {
        **StepsViewSet.bodies,
        "create": {
            "kind": "organisation",
            "name": "Iberian Post",
            "capacity": "newspaper",
            "country": "ES",
            "homepage": "https://iberian.example/",
            "name_variants": [{"name": "Correo Ibérico"}],
        },
        "partial_update": {"name_variants": [{"name": "DPRK government"}], "reason": "Reports call it so."},
        "merge": {"into": "A-0044", "into_version": "1.0.0", "reason": "One office under two names."},
    }
    export = views.ActorList.export
    serializer_class = serializers.ActorSerializer
    filterset_class = filters.ActorFilters
    only_for: ClassVar[dict[str, set[str]]] = {"names": {"name_variants"}, "part_of": {"part_of", "body"}}

    def same(self, candidate: Any, parts: Any) -> Any:
        return same_actor(candidate, [row["name"] for row in parts.get("names", ())])

    def get_queryset(self) -> Any:
        return Actor.objects.public().in_order("name").with_public_associations().with_counts()


class ReasonViewSet(StepsViewSet):
    """Explanations that somebody gave for closures."""

    model = Reason
    resource = "reasons"
    links: ClassVar[dict[str, tuple[str, str]]] = {
        "quotes_list": ("reason", "number"),
    }
    examples: ClassVar[dict[str, Any]] = {"slug": "sanctions-cut-income"}
    bodies: ClassVar[dict[str, Any]] = {
        **StepsViewSet.bodies,
        "create": {
            "slug": "pressure-by-the-host",
            "label": "Pressure by the host",
            "definition": "The host country asks the mission to leave, or makes it hard to stay.",
        },
        "partial_update": {"label": "Sanctions cut the income", "reason": "As the others are worded."},
    }
    export = views.ReasonList.export
    lookup_field = "slug"
    key_pattern = "[-a-zA-Z0-9_]{1,50}"
    serializer_class = serializers.ReasonSerializer
    filterset_class = filters.ReasonFilters

    def get_queryset(self) -> Any:
        return Reason.objects.public().in_order("label").with_counts()


class CountryViewSet(RecordViewSet):
    """Countries and territories, by ISO 3166-1 code."""

    model = Country
    resource = "countries"
    links: ClassVar[dict[str, tuple[str, str]]] = {
        "missions_list": ("host", "code"),
        "actors_list": ("country", "code"),
    }
    examples: ClassVar[dict[str, Any]] = {"code": "ES", "region": ["Africa"]}
    lookup_field = "code"
    key_pattern = "[A-Z]{2}"
    serializer_class = serializers.CountrySerializer
    filterset_class = filters.CountryFilters

    def get_queryset(self) -> Any:
        return Country.objects.in_order("name").select_related("governed_by")
