"""The whole site map."""

from django.contrib import admin
from django.urls import include, path

from nkwatch.site import views

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("", include("missions.urls")),
    path("", include("sources.urls")),
    path("api/", include("nkwatch.site.api_urls")),
    path("admin/merge/", include("nkwatch.editorial.admin_merge")),
    path("admin/", admin.site.urls),
]
