"""Addresses at which pictures, and the series behind them, are downloaded."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from missions.exports import SeriesPoints
from missions.figures import RecordedCounts, compare_all
from missions.models import Mission, ReportedFigure
from missions.pictures.figures_chart import OUR_NUMBER, figures_charts
from missions.pictures.status_track import drawing, track
from missions.pictures.step_chart import step_chart
from missions.pictures.stylesheet import stylesheet
from missions.series import missions_open
from nkwatch.editorial.asof import asof
from nkwatch.editorial.public.exports import ENDINGS, as_file
from nkwatch.editorial.public.pages import RecordDetail

MOST_FIGURES = 50


def refusal(request: HttpRequest) -> HttpResponse | None:
    """A day that cannot be read is refused where a file is asked for: nobody looks at a file for messages."""
    error = asof(request).error
    return HttpResponseBadRequest(f"{error}\n", content_type="text/plain; charset=utf-8") if error else None


def picture(request: HttpRequest, name: str, template: str, **context: Any) -> HttpResponse:
    """A picture with its own colours: no page's rules reach it once it is saved."""
    made_by = _("nkwatch, as of %(day)s.") % {"day": asof(request).in_words}
    context |= {"name": name, "stylesheet": stylesheet(), "made_by": made_by}
    answer = render(request, f"missions/pictures/{template}", context, content_type="image/svg+xml")
    answer["Content-Disposition"] = f'attachment; filename="{name}.svg"'
    return answer


class DayFile(View):
    """A file of what held on a day."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return refusal(request) or self.file(*args, **kwargs)

    def file(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        raise NotImplementedError


class StepChartFile(DayFile):
    abroad = True

    def file(self) -> HttpResponseBase:
        chart = step_chart(self.abroad, asof(self.request).day, ReportedFigure.objects.public())
        return picture(self.request, chart.name, "plot.svg", plot=chart.wide)


class FiguresChartFile(DayFile):
    """The numbers of one metric; the latest ones, as many as a page of the list shows."""

    def file(self, metric: str) -> HttpResponseBase:
        day, counts = asof(self.request).day, RecordedCounts()
        figures = ReportedFigure.objects.public().filter(metric=metric).by(day).with_speakers()
        charts = figures_charts(compare_all(figures[:MOST_FIGURES], counts), counts, day)
        if not charts:
            raise Http404("Nobody gave a number of it by that day.")
        return picture(self.request, charts[0].name, "plot.svg", plot=charts[0].wide)


class StatusTrackFile(RecordDetail):
    """The track of a mission's page."""

    model = Mission

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return refusal(request) or super().get(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        return Mission.objects.public().named().with_spans()

    def address_of(self, record: Any) -> str:
        return reverse("track.svg", args=[record.label])

    def answer(self, record: Any) -> HttpResponseBase:
        drawn = drawing(str(record), track(record.spans.all(), self.asof.day))
        return picture(self.request, f"{record.label}-status", "status_track.svg", drawing=drawn)


class SeriesFile(DayFile):
    name = ""
    abroad = True
    ending = ""

    def file(self) -> HttpResponseBase:
        series = missions_open(self.abroad, asof(self.request).day)
        return as_file(self.name, self.ending, SeriesPoints(), series.points)


def figures_chart_paths() -> list[URLPattern]:
    """The addresses of the charts of figures, one for each metric that the record counts."""
    view = FiguresChartFile.as_view()
    return [path(f"{metric}.svg", view, {"metric": metric}, name=f"{metric}.svg") for metric in OUR_NUMBER]


def step_chart_paths(name: str, abroad: bool) -> list[URLPattern]:
    """The addresses of a step chart: as a picture, and its series as a file."""
    files = [
        path(f"{name}.{ending}", SeriesFile.as_view(name=name, abroad=abroad, ending=ending), name=f"{name}.{ending}")
        for ending in ENDINGS
    ]
    return [path(f"{name}.svg", StepChartFile.as_view(abroad=abroad), name=f"{name}.svg"), *files]
