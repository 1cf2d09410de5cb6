"""Addresses of sources, quotes, actors and reasons; the list of quotes is in `missions.urls`."""

from django.urls import path

from nkwatch.editorial.public.pages import list_paths
from nkwatch.editorial.public.past_pages import past_paths
from sources import views
from sources.models import Actor, Quote, Reason, Source

urlpatterns = [
    *list_paths("sources", views.SourceList),
    path("sources/<label:label>/", views.SourceDetail.as_view()),
    path("sources/<label:label>-<words:slug>/", views.SourceDetail.as_view(), name="source"),
    path("quotes/<label:label>/", views.QuoteDetail.as_view()),
    path("quotes/<label:label>-<words:slug>/", views.QuoteDetail.as_view(), name="quote"),
    *list_paths("actors", views.ActorList),
    path("actors/<label:label>/", views.ActorDetail.as_view()),
    path("actors/<label:label>-<words:slug>/", views.ActorDetail.as_view(), name="actor"),
    *list_paths("reasons", views.ReasonList),
    path("reasons/<slug:slug>/", views.ReasonDetail.as_view(), name="reason"),
    *past_paths("sources", Source, views.SourceCitation),
    *past_paths("quotes", Quote),
    *past_paths("actors", Actor),
    *past_paths("reasons", Reason, key="<slug:slug>"),
]
