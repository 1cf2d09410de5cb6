"""The whole site map."""

from django.contrib import admin
from django.urls import include, path

from nkwatch.site import views

desk = [path("merge/", include("nkwatch.editorial.admin_merge")), *admin.site.get_urls()]

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("", include("missions.urls")),
    path("", include("sources.urls")),
    path("api/", include("nkwatch.site.api_urls")),
    path("admin/", include((desk, "admin"))),
]
