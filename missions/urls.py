"""Addresses of missions, events and figures, and of the list of statements, which missions filter."""

from django.urls import include, path

from missions import views
from missions.map.views import MissionMapFile, MissionsMapFile
from missions.models import ClosureEvent, Mission, ReportedFigure
from missions.pictures.views import StatusTrackFile, TimelineFile, figures_chart_paths, step_chart_paths
from nkwatch.editorial.public.pages import list_paths
from nkwatch.editorial.public.past_pages import past_paths

urlpatterns = [
    *list_paths("quotes", views.QuoteList),
    *list_paths("missions", views.MissionList),
    path("missions/map.svg", MissionsMapFile.as_view(), name="missions-map"),
    path("missions/<label:label>/", views.MissionDetail.as_view()),
    path("missions/<label:label>/track.svg", StatusTrackFile.as_view(), name="track.svg"),
    path("missions/<label:label>-<words:slug>/", views.MissionDetail.as_view(), name="mission"),
    path("missions/<label:label>-<words:slug>/map.svg", MissionMapFile.as_view(), name="mission-map"),
    *list_paths("events", views.EventList),
    path("events/timeline.svg", TimelineFile.as_view(), name="timeline.svg"),
    path("events/<label:label>/", views.EventDetail.as_view()),
    path("events/<label:label>-<words:slug>/", views.EventDetail.as_view(), name="event"),
    *list_paths("figures", views.FigureList),
    path("figures/", include(figures_chart_paths())),
    path("figures/", include(step_chart_paths("missions-open", abroad=True))),
    path("figures/", include(step_chart_paths("missions-open-in-pyongyang", abroad=False))),
    path("figures/<label:label>/", views.FigureDetail.as_view()),
    path("figures/<label:label>-<words:slug>/", views.FigureDetail.as_view(), name="figure"),
    *past_paths("missions", Mission),
    *past_paths("events", ClosureEvent),
    *past_paths("figures", ReportedFigure),
]
