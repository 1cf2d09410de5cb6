"""The whole site map."""

from django.contrib import admin
from django.urls import include, path

from missions.admin_report import report_urls
from nkwatch.site import views
from nkwatch.site.search.views import Search
from nkwatch.site.suggesting.views import Suggest, Suggested

desk = [
    path("merge/", include("nkwatch.editorial.admin_merge")),
    path("review/", include("missions.admin_review")),
    *report_urls(),
    *admin.site.get_urls(),
]

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("search/", Search.as_view(), name="search"),
    path("suggest/", Suggest.as_view(), name="suggest"),
    path("suggest/thanks/", Suggested.as_view(), name="suggested"),
    path("", include("missions.urls")),
    path("", include("sources.urls")),
    path("api/", include("nkwatch.site.api_urls")),
    path("admin/", include((desk, "admin"))),
]
