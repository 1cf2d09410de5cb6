"""Pages that span both apps."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from missions.figures import compare_all
from missions.map.missions_map import missions_map
from missions.models import (
    ClosureEvent,
    EventCitation,
    Mission,
    MissionCitation,
    ReportedFigure,
    Status,
    SupportLevel,
)
from missions.pictures.step_chart import step_chart
from missions.sentences import last_reported
from missions.unsettled import unsettled
from nkwatch.editorial.public.exports import files_called
from nkwatch.editorial.public.pages import PublicPage
from nkwatch.site.context import LISTS
from nkwatch.site.data import dataset
from nkwatch.site.sentences import State, state_sentence
from sources.models import Actor, Citation, Quote, Source
from sources.reasons import reasons_by_capacity
from sources.views import statements_by

ORDER = (Status.CLOSED, Status.CLOSING, Status.SUSPENDED, Status.UNKNOWN, Status.OPEN)
NAMED_AT_MOST = 15
"""Up to so many missions of one status are named on the home page."""


SERIES = [
    ("figures", words, [("SVG", f"{name}.svg"), *files_called(name)])
    for name, words in (
        ("missions-open", gettext_lazy("Missions standing on each day, abroad")),
        ("missions-open-in-pyongyang", gettext_lazy("Missions standing on each day, in Pyongyang")),
    )
]


@dataclass
class Direction:
    """The missions of one direction as they stand on the day, each with its span."""

    abroad: bool
    missions: Sequence[Any]

    @property
    def name(self) -> str:
        """What lists call it in an address."""
        return "abroad" if self.abroad else "in-pyongyang"

    def with_status(self, status: str) -> list[Any]:
        return [mission for mission in self.missions if mission.span.status == status]

    @property
    def totals(self) -> list[tuple[Status, int]]:
        """Closed, closing and open always; suspended and unknown where there are any."""
        always = (Status.CLOSED, Status.CLOSING, Status.OPEN)
        found = [(status, len(self.with_status(status))) for status in ORDER]
        return [(status, number) for status, number in found if number or status in always]

    @property
    def units(self) -> list[Any]:
        """One mark for each mission, those of one status together."""
        return sorted(self.missions, key=lambda mission: ORDER.index(mission.span.status))

    @property
    def by_name(self) -> list[tuple[Status, list[Any]]]:
        """The missions of each status, in the order of their names, where they are few enough to be read."""
        found = [(status, self.with_status(status)) for status in ORDER]
        return [
            (status, sorted(missions, key=lambda mission: mission.far_side.name))
            for status, missions in found
            if 0 < len(missions) <= NAMED_AT_MOST
        ]

    @property
    def in_doubt_or_gone(self) -> list[Any]:
        """Closed, closing and suspended missions, the latest first."""
        moved = [m for m in self.missions if m.span.status in (Status.CLOSED, Status.CLOSING, Status.SUSPENDED)]
        return sorted(moved, key=lambda m: m.span.starts or datetime.date.min, reverse=True)

    @property
    def presumed_open(self) -> int:
        return sum(mission.span.presumed_open for mission in self.missions)

    @property
    def by_a_step(self) -> int:
        """How many stand as they do because of a step, neither presumed nor unknown."""
        return len(self.missions) - self.presumed_open - len(self.with_status(Status.UNKNOWN))

    @property
    def sourced(self) -> int:
        """How many of them a source names, one by one."""
        return sum(mission.is_sourced for mission in self.missions)

    @property
    def sentence(self) -> str:
        closed, closing = self.with_status(Status.CLOSED), self.with_status(Status.CLOSING)
        latest = max(closing, key=lambda mission: mission.span.last_reported, default=None)
        return state_sentence(
            State(
                abroad=self.abroad,
                recorded=len(self.missions),
                closed=len(closed),
                closed_confirmed=sum(mission.span.support_level == SupportLevel.CONFIRMED for mission in closed),
                closing=[mission.far_side.name for mission in closing],
                suspended=len(self.with_status(Status.SUSPENDED)),
                last_reported=last_reported(latest.span) if latest else "",
            )
        )


class Home(PublicPage, TemplateView):
    """The state of things, how it is counted, what happened last, and how it compares with others' totals."""

    template_name = "site/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        missions, sourced = list(self._missions()), self._sourced()
        for mission in missions:
            mission.span = mission.spans_on_day[0]
            mission.is_sourced = mission.pk in sourced
        events, figures = ClosureEvent.objects.public().named(), ReportedFigure.objects.public()
        if not self.asof.is_today:
            events, figures = events.by(self.asof.day), figures.by(self.asof.day)
        directions = [
            Direction(abroad, [mission for mission in missions if mission.is_abroad == abroad])
            for abroad in (True, False)
        ]
        compared = compare_all(figures.with_public_associations()[:10])
        return super().get_context_data(
            **self._map(directions[0].missions),
            abroad=directions[0],
            in_pyongyang=directions[1],
            directions=directions,
            events=events[:5],
            compared=compared,
            unsettled=unsettled(missions, events.contested()[:3], compared, self.asof.day),
            chart=step_chart(abroad=True, day=self.asof.day, figures=ReportedFigure.objects.public()),
            downloads=[(name, words, files_called(name)) for name, words in LISTS] + SERIES,
            matrix=reasons_by_capacity(statements_by(self.asof)),
            linked_data=dataset(self.request),
            alternates=[
                ("application/atom+xml", _("Events"), reverse("events.atom")),
                ("application/atom+xml", _("Corrections"), reverse("corrections.atom")),
            ],
            anything=any(model.objects.public().exists() for model in (Mission, Source, Quote, Actor)),
            **kwargs,
        )

    def _map(self, abroad: Sequence[Any]) -> dict[str, Any]:
        """The map of North Korea's missions abroad, where there are any: those in Pyongyang stand in one place."""
        if not abroad:
            return {"map": None}
        world = {"extent": "world"}
        drawn = missions_map(abroad, self.asof, self.request.GET.get("extent") == "world")
        return {
            "map": drawn,
            "map_world": f"{self.request.path}{self.asof.carry(**world)}",
            "map_results": f"{self.request.path}{self.asof.carry()}",
            "map_file": reverse("missions-map")
            + self.asof.carry(direction="abroad", **(world if drawn.is_world else {})),
        }

    def _missions(self) -> Any:
        return Mission.objects.public().named().by_direction().as_of(self.asof.day)

    def _sourced(self) -> set[int]:
        """The missions that a public source supports, in themselves or in a step of theirs.

        Fetched apart, since a test of existence beside each mission has the database go through
        all citations once a mission wherever its statistics are young.
        """
        supporting = {"stance": Citation.Stance.SUPPORTS}
        of_itself = MissionCitation.objects.public().filter(**supporting).order_by()
        of_a_step = EventCitation.objects.public().filter(**supporting).order_by()
        return set(
            of_itself.values_list("mission", flat=True).union(of_a_step.values_list("event__mission", flat=True))
        )


class About(PublicPage, TemplateView):
    """What the record is, how it is made, and what it does not have."""

    template_name = "site/about.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            four_eyes=settings.FOUR_EYES,
            levels=SupportLevel.choices,
            **kwargs,
        )
