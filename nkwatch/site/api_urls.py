"""Addresses of the API, its description and its documentation (contract.md, API v1)."""

from functools import cache
from typing import Any

from django.urls import URLPattern, include, path, re_path
from django.views.generic import TemplateView
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter, SimpleRouter

from missions.api import EventViewSet, FigureViewSet, MissionViewSet, QuoteViewSet
from missions.api_imports.views import ImportViewSet
from missions.api_reports.views import ReportsView
from missions.api_suggest import SuggestView
from nkwatch.editorial.api.desk_reads import desk_of
from nkwatch.editorial.api.streaming import NDJSON
from nkwatch.editorial.api.views import READ_METHODS, NotHere, RecordViewSet, StrictParameters, Unchanging
from nkwatch.editorial.api.writes import WritableViewSet
from nkwatch.editorial.public.pages import PublicPage
from nkwatch.site.data import LICENCE
from sources.api import ActorViewSet, CountryViewSet, ReasonViewSet, SourceViewSet
from sources.api_lookup import LookupView

READS: tuple[type[RecordViewSet], ...] = (
    MissionViewSet,
    EventViewSet,
    SourceViewSet,
    QuoteViewSet,
    ActorViewSet,
    FigureViewSet,
    ReasonViewSet,
    CountryViewSet,
)


class Index(StrictParameters, Unchanging, DefaultRouter.APIRootView):
    """What the API has, each with its address."""

    http_method_names = READ_METHODS


class Start(PublicPage, TemplateView):
    """How to begin with the API, for people: what is shown there is what works (the tests run it)."""

    template_name = "site/api.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        site = self.request.build_absolute_uri("/").rstrip("/")
        return super().get_context_data(lists=[reads.resource for reads in READS], site=site, licence=LICENCE, **kwargs)


class Router(DefaultRouter):
    APIRootView = Index
    include_format_suffixes = False


class SchemaView(StrictParameters, Unchanging, SpectacularJSONAPIView):
    """The API's description as OpenAPI."""

    renderer_classes: list[type[object]] = [OpenApiJsonRenderer2]
    http_method_names = READ_METHODS

    @extend_schema(exclude=True)
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return Response(_description())

    def last_modified(self) -> None:
        """It changes with the code, not with the record."""
        return None


@cache
def _description() -> Any:
    """Made once in each process: it takes more than a second, and changes with the code alone."""
    return SchemaView.generator_class().get_schema(public=True)


router = Router(use_regex_path=False)
desk_router = SimpleRouter(use_regex_path=False)
desk_router.register("imports", ImportViewSet, basename="imports")
for reads in READS:
    router.register(reads.resource, reads, basename=reads.resource)
    if issubclass(reads, WritableViewSet):
        desk_router.register(f"desk/{reads.resource}", desk_of(reads), basename=f"desk-{reads.resource}")


def whole_lists() -> list[URLPattern]:
    """The addresses of lists as files and streams: /api/v1/missions.ndjson."""
    found = []
    for reads in READS:
        for ending in reads.endings():
            action = "stream" if ending == NDJSON else "file"
            name = f"{reads.resource}.{ending}"
            found.append(path(f"v1/{name}", reads.as_view({"get": action}, detail=False, ending=ending), name=name))
    return found


app_name = "api"
urlpatterns = [
    path("", Start.as_view(), name="index"),
    *whole_lists(),
    path("v1/", include([*desk_router.urls, *router.urls])),
    path("v1/lookup/", LookupView.as_view(), name="lookup"),
    path("v1/suggest/", SuggestView.as_view(), name="suggest"),
    path("v1/reports/", ReportsView.as_view(), name="reports"),
    path("v1/schema/", SchemaView.as_view(), name="schema"),
    path("v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
    re_path(r"[\s\S]*/\Z", NotHere.as_view()),
]
