"""Addresses of missions, events and figures."""

from django.urls import path

from missions import views

urlpatterns = [
    path("missions/", views.MissionList.as_view(), name="missions"),
    path("missions/<label:label>/", views.MissionDetail.as_view()),
    path("missions/<label:label>-<words:slug>/", views.MissionDetail.as_view(), name="mission"),
    path("events/", views.EventList.as_view(), name="events"),
    path("events/<label:label>/", views.EventDetail.as_view()),
    path("events/<label:label>-<words:slug>/", views.EventDetail.as_view(), name="event"),
    path("figures/", views.FigureList.as_view(), name="figures"),
    path("figures/<label:label>/", views.FigureDetail.as_view()),
    path("figures/<label:label>-<words:slug>/", views.FigureDetail.as_view(), name="figure"),
]
