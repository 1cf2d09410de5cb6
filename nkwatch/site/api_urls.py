"""Addresses of the API, its description and its documentation (contract.md, API v1)."""

from typing import Any

from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter, SimpleRouter

from missions.api import EventViewSet, FigureViewSet, MissionViewSet, QuoteViewSet
from missions.api_imports.views import ImportViewSet
from missions.api_reports.views import ReportsView
from missions.api_suggest import SuggestView
from nkwatch.editorial.api.desk_reads import desk_of
from nkwatch.editorial.api.views import NotHere, RecordViewSet, StrictParameters, Unchanging
from nkwatch.editorial.api.writes import WritableViewSet
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

    http_method_names = ("get", "head")


class Router(DefaultRouter):
    APIRootView = Index
    include_format_suffixes = False


class SchemaView(StrictParameters, Unchanging, SpectacularJSONAPIView):
    """The API's description as OpenAPI."""

    renderer_classes: list[type[object]] = [OpenApiJsonRenderer2]
    http_method_names = ("get", "head")

    @extend_schema(exclude=True)
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().get(request, *args, **kwargs)

    def last_modified(self) -> None:
        """It changes with the code, not with the record."""
        return None


router = Router(use_regex_path=False)
desk_router = SimpleRouter(use_regex_path=False)
desk_router.register("imports", ImportViewSet, basename="imports")
for reads in READS:
    router.register(reads.resource, reads, basename=reads.resource)
    if issubclass(reads, WritableViewSet):
        desk_router.register(f"desk/{reads.resource}", desk_of(reads), basename=f"desk-{reads.resource}")

app_name = "api"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="api:docs", http_method_names=["get", "head"]), name="index"),
    path("v1/", include([*desk_router.urls, *router.urls])),
    path("v1/lookup/", LookupView.as_view(), name="lookup"),
    path("v1/suggest/", SuggestView.as_view(), name="suggest"),
    path("v1/reports/", ReportsView.as_view(), name="reports"),
    path("v1/schema/", SchemaView.as_view(), name="schema"),
    path("v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
    re_path(r".*/$", NotHere.as_view()),
]
