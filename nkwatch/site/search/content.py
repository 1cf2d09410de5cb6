"""What of each kind of record can be found: its names, the names of what it is about, and its words.

Everything here is reached through the public gate; what a page shows as the place where a query was
found are the same texts, so that nothing is found that is not shown, nor shown that is not public.
"""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from missions.models import ClosureEvent, Mission, MissionKind, ReportedFigure
from missions.sentences import event_sentence
from nkwatch.site.search.spellings import place_word
from sources.models import Actor, Country, Quote, Source
from sources.querysets import public

KINDS_IN_KOREAN = {
    MissionKind.EMBASSY: "대사관",
    MissionKind.CONSULATE_GENERAL: "총영사관",
    MissionKind.CONSULATE: "영사관",
    MissionKind.PERMANENT_MISSION: "상임대표부",
    MissionKind.REPRESENTATIVE_OFFICE: "대표부",
    MissionKind.TRADE_MISSION: "무역대표부",
    MissionKind.UNSPECIFIED: "공관",
}
"""What Korean sources call each kind of mission, so that 스페인 대사관 finds the embassy in Spain."""


@dataclass(frozen=True)
class Content:
    """What can be found of one record.

    `heading` is what lists call it; `names` are its other names, `of_others` the names of what it is
    about or by, and `texts` its own words. `places` are words of places that it belongs to, named or not.
    """

    number: int
    day: datetime.date | None
    heading: str
    names: Sequence[str] = ()
    of_others: Sequence[str] = ()
    texts: Sequence[str] = ()
    places: Sequence[str] = ()
    is_composed: bool = False
    """Whether the heading is a sentence made of other records' names."""


@dataclass(frozen=True)
class Kind:
    """A kind of record that can be found: `name` as in the address of its list, `label` as a heading."""

    name: str
    label: str | Promise
    model: Any
    records: Callable[[Any], Any]
    content: Callable[[Any], Content]

    def read(self, ids: Iterable[int]) -> Any:
        """The public ones among the records `ids`, with what their content is made of."""
        return self.records(self.model.objects.public().filter(pk__in=ids))


def _some(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))


def _place(country: Country) -> str:
    return place_word(country.code.lower())


def _both_names(*countries: Country) -> list[str]:
    return [name for country in countries for name in (country.name, country.name_ko)]


def _all_names(country: Country) -> list[str]:
    codes = (country.code, country.alpha3)
    return [name for name in country.names if name not in codes]


def _names_of(actor: Any) -> list[str]:
    return [actor.name, *(variant.name for variant in actor.names.all())] if actor else []


def _actors() -> Any:
    return public("sources.Actor").prefetch_related(Prefetch("names", public("sources.ActorName")))


def _missions(missions: Any) -> Any:
    coverages = public("missions.Coverage").select_related("country")
    return missions.named().prefetch_related(Prefetch("coverages", coverages))


def _mission(mission: Mission) -> Content:
    served = [coverage.country for coverage in mission.coverages.all()]
    return Content(
        number=mission.number or 0,
        day=None,
        heading=mission.name,
        names=_some(
            *mission.names[1:],
            mission.city,
            mission.get_kind_display(),
            *_all_names(mission.host),
            *_all_names(mission.sending),
            KINDS_IN_KOREAN[MissionKind(mission.kind)],
        ),
        texts=_some(
            mission.address, *(gettext("Also serves %(country)s") % {"country": country.name} for country in served)
        ),
        places=[*map(_place, (mission.host, mission.sending))],
    )


def _events(events: Any) -> Any:
    return events.named().prefetch_related(Prefetch("citations", public("missions.EventCitation")))


def _event(event: ClosureEvent) -> Content:
    mission = event.mission
    return Content(
        number=event.number or 0,
        day=event.date_latest,
        heading=event_sentence(event),
        of_others=_some(
            *mission.names,
            mission.city,
            event.get_stage_display(),
            *_both_names(mission.host, mission.sending),
            KINDS_IN_KOREAN[MissionKind(mission.kind)],
        ),
        texts=_some(event.summary, *(citation.wording for citation in event.citations.all()), event.date_note),
        places=[*map(_place, (mission.host, mission.sending))],
        is_composed=True,
    )


def _quotes(quotes: Any) -> Any:
    return quotes.prefetch_related(
        Prefetch("speaker", _actors()),
        Prefetch("on_behalf_of", _actors()),
        Prefetch("reasons", public("sources.Reason")),
        Prefetch("citations", public("sources.QuoteCitation")),
    )


def _quote(quote: Quote) -> Content:
    return Content(
        number=quote.number or 0,
        day=quote.said_on_latest,
        heading=quote.text or quote.text_original,
        names=_some(quote.text_original if quote.text else ""),
        of_others=_some(*_names_of(quote.speaker), *_names_of(quote.on_behalf_of)),
        texts=_some(
            quote.speaker_role,
            *(reason.label for reason in quote.reasons.all()),
            *(citation.wording for citation in quote.citations.all()),
        ),
    )


def _sources(sources: Any) -> Any:
    authorships = public("sources.Authorship").prefetch_related(Prefetch("author", _actors()))
    return sources.prefetch_related(Prefetch("outlet", _actors()), Prefetch("authorships", authorships))


def _source(source: Source) -> Content:
    authors = [name for authorship in source.authorships.all() for name in _names_of(authorship.author)]
    return Content(
        number=source.number or 0,
        day=source.issued_latest,
        heading=source.name,
        names=_some(source.title_original, source.described_as),
        of_others=_some(*_names_of(source.outlet), *authors),
        texts=_some(source.summary, source.issued_note),
    )


def _people(actors: Any) -> Any:
    return actors.select_related("country").prefetch_related(
        Prefetch("names", public("sources.ActorName")), Prefetch("part_of", _actors())
    )


def _person(actor: Actor) -> Content:
    return Content(
        number=actor.number or 0,
        day=None,
        heading=actor.name,
        names=_some(*_names_of(actor)[1:]),
        texts=_some(
            actor.get_capacity_display(),
            *_names_of(actor.part_of),
            *(_both_names(actor.country) if actor.country else ()),
        ),
        places=[_place(actor.country)] if actor.country else [],
    )


def _figures(figures: Any) -> Any:
    return figures.prefetch_related(Prefetch("speaker", _actors()))


def _figure(figure: ReportedFigure) -> Content:
    return Content(
        number=figure.number or 0,
        day=figure.as_of_latest,
        heading=str(figure),
        names=_some(*(str(number) for number in (figure.low, figure.high) if number is not None)),
        of_others=_some(*_names_of(figure.speaker)),
        texts=_some(figure.note),
    )


KINDS = (
    Kind("missions", _("Missions"), Mission, _missions, _mission),
    Kind("events", _("Events"), ClosureEvent, _events, _event),
    Kind("quotes", _("Quotes"), Quote, _quotes, _quote),
    Kind("sources", _("Sources"), Source, _sources, _source),
    Kind("actors", _("People and organisations"), Actor, _people, _person),
    Kind("figures", _("Figures"), ReportedFigure, _figures, _figure),
)
"""Every kind, in the order in which the page groups them."""
