"""The names that records go by, read once and looked up in memory (pages.md, B3: matching)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from django.db import models
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from missions.event_words import AMBIGUOUS_COUNTRIES
from missions.models import Mission
from nkwatch.editorial.models import ids_that_stay
from nkwatch.editorial.text import fold, split_list
from sources.addresses import canonical_url
from sources.matching import is_initials
from sources.models import Actor, ActorName, Country, Quote, Reason, Source

NEAR_ENOUGH = 60
"""From this likeness (0 to 100) on, a name is offered as one that may be meant."""

CANDIDATES = 3


class Finding(StrEnum):
    """What looking for a text came to."""

    EXACT = "matched"
    VARIANT = "matched by another name"
    IN_SHEET = "another row of this sheet"
    SEVERAL = "several fit"
    NONE = "no match"
    NOT_TRIED = "not tried"


SETTLED = frozenset({Finding.EXACT, Finding.VARIANT, Finding.IN_SHEET})


class Known(NamedTuple):
    """One name of one record: its text, the record's number or code and what it is called, if it is the main name."""

    name: str
    number: str
    called: str
    is_main: bool


class Candidate(NamedTuple):
    """A record that may be meant, and how like its nearest name is (0 to 100)."""

    number: str
    called: str
    name: str
    score: int


@dataclass
class Names:
    """Every name of one kind of record, to look texts up in."""

    known: list[Known]
    ambiguous: Mapping[str, str] = field(default_factory=dict)
    key: Callable[[str], str] = fold
    by_key: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    by_number: dict[str, Known] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)
    """The numbers of records that were merged, and those that they lead to."""

    def __post_init__(self) -> None:
        for name in self.known:
            self.by_key[self.key(name.name)].append(name)
            if name.is_main:
                self.by_number.setdefault(name.number, name)

    @cached_property
    def _spellings(self) -> tuple[tuple[Any, list[str]], ...]:
        """Each way to compare, with every name prepared for it: by words, and by letters alone."""
        by_words = [default_process(name.name) for name in self.known]
        return (fuzz.token_set_ratio, by_words), (fuzz.ratio, [fold(name.name) for name in self.known])

    def look_up(self, text: str) -> tuple[Finding, tuple[Known, ...]]:
        """The records that go by `text`: by number, by their main name, else by another name."""
        number = text.strip()
        if by_number := self.by_number.get(self.merged.get(number, number)):
            return Finding.EXACT, (by_number,)
        key = self.key(text)
        if key in self.ambiguous:
            return Finding.SEVERAL, ()
        fits = {name.number: name for name in reversed(self.by_key.get(key, ()) if key else ())}
        if len(fits) > 1:
            return Finding.SEVERAL, tuple(fits.values())
        for name in fits.values():
            return (Finding.EXACT if name.is_main else Finding.VARIANT), (name,)
        return Finding.NONE, ()

    def candidates(self, text: str) -> list[Candidate]:
        """The records whose names are most like `text`, the nearest first."""
        best: dict[str, Candidate] = {}
        for (scorer, choices), wanted in zip(self._spellings, (default_process(text), fold(text)), strict=True):
            found = process.extract(wanted, choices, scorer=scorer, score_cutoff=NEAR_ENOUGH, limit=CANDIDATES * 4)
            for _, score, place in found:
                name = self.known[place]
                if name.number not in best or best[name.number].score < score:
                    best[name.number] = Candidate(name.number, name.called, name.name, int(score))
        return sorted(best.values(), key=lambda candidate: (-candidate.score, candidate.called))[:CANDIDATES]


def _countries() -> Names:
    known = []
    for country in Country.objects.all():
        for name in dict.fromkeys(country.names):
            is_main = name in (country.name, country.name_ko, country.code, country.alpha3)
            known.append(Known(name, country.code, country.name, is_main))
    return Names(known, ambiguous=AMBIGUOUS_COUNTRIES)


def _standing(model: Any, records: Iterable[Any]) -> tuple[list[tuple[Any, Any]], dict[str, str]]:
    """Each record with the one that stays for it, itself mostly; and the numbers that lead to another."""
    found = {record.pk: record for record in records}
    stays = ids_that_stay(model)
    pairs = [(record, found.get(stays.get(pk, pk), record)) for pk, record in found.items()]
    return pairs, {record.label: kept.label for record, kept in pairs if kept is not record}


def _missions() -> Names:
    known = []
    missions, merged = _standing(Mission, Mission.objects.only("number", "name", "name_original", "other_names"))
    for mission, kept in missions:
        for name in filter(None, [mission.name, mission.name_original, *split_list(mission.other_names)]):
            known.append(Known(name, kept.label, kept.name, kept is mission and name == mission.name))
    return Names(known, merged=merged)


def _actors() -> Names:
    actors, merged = _standing(Actor, Actor.objects.only("number", "name", "kind"))
    named = {actor.pk: actor for actor, kept in actors if kept is actor and actor.kind != Actor.Kind.UNNAMED}
    known = [Known(actor.name, actor.label, actor.name, True) for actor in named.values()]
    for pk, name in ActorName.objects.values_list("actor", "name"):
        if pk in named:
            known.append(Known(name, named[pk].label, named[pk].name, False))
    return Names([name for name in known if not is_initials(name.name)], merged=merged)


def _sources() -> Names:
    known = []
    listed = Source.objects.only("number", "title", "described_as", "title_original", "canonical_url")
    sources, merged = _standing(Source, listed)
    for source, kept in sources:
        for name in filter(None, [source.name, source.canonical_url]):
            known.append(Known(name, kept.label, kept.name, kept is source and name == source.name))
    return Names(known, key=_address_or_title, merged=merged)


def _address_or_title(text: str) -> str:
    return canonical_url(text) if text.startswith(("http://", "https://")) else fold(text)


def _reasons() -> Names:
    known = [Known(name, r.slug, r.label, True) for r in Reason.objects.all() for name in (r.slug, r.label)]
    return Names(known, key=str.casefold)


def _quotes() -> Names:
    known = []
    quotes, merged = _standing(Quote, Quote.objects.only("number", "text", "text_original"))
    for quote, kept in quotes:
        for words in filter(None, [quote.text, quote.text_original]):
            known.append(Known(words, kept.label, str(kept), kept is quote and words == quote.text))
    return Names(known, key=str, merged=merged)


READERS: Mapping[type[models.Model], Callable[[], Names]] = {
    Country: _countries,
    Mission: _missions,
    Actor: _actors,
    Source: _sources,
    Reason: _reasons,
    Quote: _quotes,
}
"""How all the names of a kind are read; kinds that go by key or number only are not among them."""
