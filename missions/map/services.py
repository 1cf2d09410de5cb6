"""Which mission serves which country on a day, as arcs show it: by its own coverage, or by duties handed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from missions.map.places import Place, place_in, place_of
from missions.models import ClosureEvent, Coverage, Mission
from nkwatch.editorial.asof import AsOf
from nkwatch.editorial.edtf import in_words


@dataclass(frozen=True)
class Service:
    """A mission that serves a country, with the mission there that it stands in for, where one is recorded."""

    mission: Any
    country: Any
    instead_of: Any
    since: str

    @property
    def place(self) -> Place:
        """Where the arc ends."""
        return place_of(self.instead_of) if self.instead_of else place_in(self.country)

    def __str__(self) -> str:
        words = {"mission": self.mission, "country": self.country, "date": in_words(self.since)}
        if not self.since:
            return _("%(mission)s serves %(country)s") % words
        return _("%(mission)s serves %(country)s (%(date)s)") % words


def services(missions: Sequence[Any], asof: AsOf) -> list[Service]:
    """The public services on the day that one of `missions` gives, or that its host is given in its stead."""
    here = {mission.pk for mission in missions}
    served = {(mission.sending_id, mission.host_id): mission for mission in missions}
    found = {}
    for event in _handovers(here):
        if asof.is_today or event.has_come(asof.day):
            found[event.duties_to.pk, event.mission.host_id] = Service(
                event.duties_to, event.mission.host, event.mission, event.date
            )
    for coverage in _coverages(here, {host for _sending, host in served}, asof):
        mission, country = coverage.mission, coverage.country
        instead_of = served.get((mission.sending_id, country.pk))
        if mission.pk in here or instead_of:
            found.setdefault((mission.pk, country.pk), Service(mission, country, instead_of, coverage.starts))
    return list(found.values())


def _handovers(missions: set[int]) -> Any:
    events = ClosureEvent.objects.public().filter(Mission.public_condition("duties_to__"))
    of_them = events.filter(Q(mission__in=missions) | Q(duties_to__in=missions))
    return of_them.named().select_related("duties_to__sending", "duties_to__host")


def _coverages(missions: set[int], hosts: set[str], asof: AsOf) -> Any:
    coverages = Coverage.objects.public().in_force(asof.day).named()
    return coverages.filter(Q(mission__in=missions) | Q(country__in=hosts))
