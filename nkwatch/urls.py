"""The whole site map."""

from django.contrib import admin
from django.urls import include, path

from missions.admin_report import report_urls
from nkwatch.site import views

admin_pages, app_name, namespace = admin.site.urls

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("", include("missions.urls")),
    path("", include("sources.urls")),
    path("api/", include("nkwatch.site.api_urls")),
    path("admin/merge/", include("nkwatch.editorial.admin_merge")),
    path("admin/review/", include("missions.admin_review")),
    path("admin/", ([*report_urls(), *admin_pages], app_name, namespace)),
]
