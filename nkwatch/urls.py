"""The whole site map."""

from django.contrib import admin
from django.contrib.sitemaps.views import index as sitemap_index
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path

from missions.admin_report import report_urls
from nkwatch.site import changes_pages, data, feeds, sitemaps, views
from nkwatch.site.search.views import Search
from nkwatch.site.suggesting.views import Suggest, Suggested

desk = [
    path("merge/", include("nkwatch.editorial.admin.merge")),
    path("review/", include("missions.review.admin")),
    *report_urls(),
    *admin.site.get_urls(),
]

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("about/", views.About.as_view(), name="about"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path(
        "sitemap.xml", sitemap_index, {"sitemaps": sitemaps.SITEMAPS, "sitemap_url_name": "sitemap-of"}, name="sitemap"
    ),
    path("sitemap-<str:section>.xml", sitemap, {"sitemaps": sitemaps.SITEMAPS}, name="sitemap-of"),
    path("data/", data.DataPage.as_view(), name="data"),
    path("data/nkwatch.sqlite3", data.download_database, name="nkwatch.sqlite3"),
    path("data/datapackage.json", data.datapackage, name="datapackage.json"),
    path("changes/", changes_pages.Changes.as_view(), name="changes"),
    path("changes.json", changes_pages.ChangesJSON.as_view(), name="changes.json"),
    path("changes.atom", feeds.ChangeFeed(), name="changes.atom"),
    path("corrections.atom", feeds.CorrectionFeed(), name="corrections.atom"),
    path("events.atom", feeds.EventFeed(), name="events.atom"),
    path("missions/<label:label>.atom", feeds.MissionFeed(), name="mission.atom"),
    path("countries/<slug:code>.atom", feeds.CountryFeed(), name="country.atom"),
    path("search/", Search.as_view(), name="search"),
    path("suggest/", Suggest.as_view(), name="suggest"),
    path("suggest/thanks/", Suggested.as_view(), name="suggested"),
    path("", include("missions.urls")),
    path("", include("sources.urls")),
    path("api/", include("nkwatch.site.api_urls")),
    path("admin/", include((desk, "admin"))),
]

handler404 = "nkwatch.site.errors.not_found"
