"""Addresses of missions, events and figures, and of the list of statements, which missions filter."""

from django.urls import path

from missions import views
from missions.models import ClosureEvent, Mission, ReportedFigure
from nkwatch.editorial.pages import list_paths
from nkwatch.editorial.past_pages import past_paths

urlpatterns = [
    *list_paths("quotes", views.QuoteList),
    *list_paths("missions", views.MissionList),
    path("missions/<label:label>/", views.MissionDetail.as_view()),
    path("missions/<label:label>-<words:slug>/", views.MissionDetail.as_view(), name="mission"),
    *list_paths("events", views.EventList),
    path("events/<label:label>/", views.EventDetail.as_view()),
    path("events/<label:label>-<words:slug>/", views.EventDetail.as_view(), name="event"),
    *list_paths("figures", views.FigureList),
    path("figures/<label:label>/", views.FigureDetail.as_view()),
    path("figures/<label:label>-<words:slug>/", views.FigureDetail.as_view(), name="figure"),
    *past_paths("missions", Mission),
    *past_paths("events", ClosureEvent),
    *past_paths("figures", ReportedFigure),
]
