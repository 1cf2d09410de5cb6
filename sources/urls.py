"""Addresses of sources, quotes, actors and reasons."""

from django.urls import path

from sources import views

urlpatterns = [
    path("sources/", views.SourceList.as_view(), name="sources"),
    path("sources/<label:label>/", views.SourceDetail.as_view()),
    path("sources/<label:label>-<words:slug>/", views.SourceDetail.as_view(), name="source"),
    path("quotes/", views.QuoteList.as_view(), name="quotes"),
    path("quotes/<label:label>/", views.QuoteDetail.as_view()),
    path("quotes/<label:label>-<words:slug>/", views.QuoteDetail.as_view(), name="quote"),
    path("actors/", views.ActorList.as_view(), name="actors"),
    path("actors/<label:label>/", views.ActorDetail.as_view()),
    path("actors/<label:label>-<words:slug>/", views.ActorDetail.as_view(), name="actor"),
    path("reasons/", views.ReasonList.as_view(), name="reasons"),
    path("reasons/<slug:slug>/", views.ReasonDetail.as_view(), name="reason"),
]
