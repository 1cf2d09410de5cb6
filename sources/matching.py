"""Same thing, once: which record stands already for a country, actor, source or quote (domain.md, rule 6)."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from nkwatch.editorial.models import NumberedRecord, one_that_stays
from nkwatch.editorial.text import fold
from sources.addresses import canonical_url
from sources.models import Actor, Citation, Country, Quote, Reason, Reference, Source

SAME_WORDS = 90
"""From this text ratio (0 to 100) on, two quotes of one speaker are the same statement."""

Record = TypeVar("Record")


def only_one(found: Iterable[Record], named: object) -> Record | None:
    """The single fit, None without any; several equal fits of what is `named` so are an error that lists them.

    Of records that were merged, the one that stays is the fit.
    """
    fits = list({(type(fit), getattr(fit, "pk", None)): fit for fit in map(_standing, found)}.values())
    if len(fits) > 1:
        listed = "; ".join(f"{getattr(fit, 'label', '')} {fit}" for fit in fits[:5])
        raise ValidationError(f"Several records fit “{named}”: {listed}. Give the number of the one meant.")
    return fits[0] if fits else None


def _standing(fit: Any) -> Any:
    return one_that_stays(fit) if isinstance(fit, NumberedRecord) else fit


def with_days_in_common(name: str, records: Iterable[Any], candidate: Any) -> list[Any]:
    """Those of `records` whose EDTF date `name` shares a day with the candidate's; undated fits only undated."""
    dates = _dates(name)
    date, earliest, latest = dates(candidate)
    found = []
    for record in records:
        its_date, its_earliest, its_latest = dates(record)
        if date and its_date:
            before = its_latest and earliest and its_latest < earliest
            after = latest and its_earliest and latest < its_earliest
            fits = not (before or after)
        else:
            fits = date == its_date
        if fits:
            found.append(record)
    return found


@functools.cache
def _dates(name: str) -> Callable[[Any], tuple[Any, Any, Any]]:
    return attrgetter(name, f"{name}_earliest", f"{name}_latest")


def days_apart(name: str, record: Any) -> int:
    """How wide the date `name` of `record` is, in days; used to prefer the narrowest fit."""
    earliest, latest = getattr(record, f"{name}_earliest"), getattr(record, f"{name}_latest")
    return (latest - earliest).days if earliest and latest else 1_000_000


def country_named(text: str) -> Country | None:
    """The country that goes by `text`: code, English or Korean name, or a listed variant."""
    if by_code := Country.objects.filter(pk=text.upper()).first():
        return by_code
    return country_in(by_name(Country.objects.all()), text)


def country_in(named: Mapping[str, Sequence[Country]], text: str) -> Country | None:
    """The country that goes by `text` among those `named`, by folded name."""
    coded = [country for country in named.get(fold(text), ()) if country.pk == text.upper()]
    return only_one(coded or named.get(fold(text), ()), text)


def by_name(records: Iterable[Any]) -> dict[str, list[Any]]:
    """`records` under each of their `names`, folded."""
    found: dict[str, list[Any]] = {}
    for record in records:
        for key in dict.fromkeys(map(fold, record.names)):
            if key:
                found.setdefault(key, []).append(record)
    return found


def reason_named(text: str) -> Reason | None:
    return Reason.objects.filter(Q(slug=text) | Q(label__iexact=text)).first()


def actor_named(text: str) -> Actor | None:
    """The one actor of this name; unnamed actors are never found by what they are called."""
    return only_one(_actors_called([text]).exclude(kind=Actor.Kind.UNNAMED), text)


def source_named(text: str) -> Source | None:
    """The one source of this address or title."""
    if text.startswith(("http://", "https://")):
        return one_that_stays(Source.objects.filter(canonical_url=canonical_url(text)).first())
    return only_one(Source.objects.filter(title_key=fold(text)), text)


def quote_worded(text: str) -> Quote | None:
    """The one quote with exactly these words."""
    return only_one(Quote.objects.filter(Q(text=text) | Q(text_original=text)), text)


def _actors_called(names: Iterable[str]) -> "models.QuerySet[Actor]":
    keys = [fold(name) for name in names if not is_initials(name)]
    return Actor.objects.filter(Q(name_key__in=keys) | Q(names__name_key__in=keys)).distinct()


@functools.lru_cache(maxsize=10_000)
def is_initials(name: str) -> bool:
    """Whether a name is initials alone ("K.", "J. P."), which fit too many people to identify one."""
    return all(len(part) == 1 for part in name.replace(".", " ").split())


def same_actor(candidate: Actor, names: Iterable[str] = ()) -> Actor | None:
    """The actor that `candidate` is: one folded name in common, and nothing known that differs.

    Country, kind and superior organisation tell namesakes apart ("Ministry of Foreign Affairs" is
    three ministries). Somebody unnamed is the same only within one body.
    """
    found = _actors_called([candidate.name, *names]).filter(kind=candidate.kind)
    if candidate.kind == Actor.Kind.UNNAMED:
        found = found.filter(part_of=candidate.part_of) if candidate.part_of else found.none()
    for relation in ("country", "part_of"):
        known = getattr(candidate, relation)
        if known is not None:
            found = found.filter(Q(**{relation: known}) | Q(**{f"{relation}__isnull": True}))
    return only_one(found, candidate.name)


def same_source(candidate: Source) -> Source | None:
    """The source that `candidate` is: by its address; without one, by title or description, outlet and date."""
    candidate.canonical_url = canonical_url(candidate.source_url)
    if candidate.canonical_url:
        return one_that_stays(Source.objects.filter(canonical_url=candidate.canonical_url).first())
    EDTF_ISSUED.set_bounds(candidate)
    called = Source.objects.filter(title_key=fold(candidate.name), outlet=candidate.outlet).exclude(title_key="")
    return fitting_source(candidate, called)


def fitting_source(candidate: Any, called: Iterable[Any]) -> Any:
    """Of the sources of that title and outlet, the one issued on a day that fits."""
    return only_one(with_days_in_common("issued", called, candidate), candidate.name)


EDTF_ISSUED: Any = Source._meta.get_field("issued")
EDTF_SAID_ON: Any = Quote._meta.get_field("said_on")


def same_quote(candidate: Quote) -> Quote | None:
    """The quote that `candidate` is: one speaker, a day in common, and all but the same words."""
    EDTF_SAID_ON.set_bounds(candidate)
    return fitting_quote(candidate, Quote.objects.filter(speaker=candidate.speaker))


def fitting_quote(candidate: Any, of_speaker: Iterable[Any]) -> Any:
    """Of one speaker's quotes, the one said on a day that fits, in all but the same words."""
    then = with_days_in_common("said_on", of_speaker, candidate)
    return only_one((quote for quote in then if _same_words(quote, candidate)), candidate)


def _same_words(one: Any, other: Any) -> bool:
    pairs = ((one.text, other.text), (one.text_original, other.text_original))
    return any(
        a and b and fuzz.ratio(a, b, processor=default_process, score_cutoff=SAME_WORDS) >= SAME_WORDS for a, b in pairs
    )


def same_reference(candidate: Reference) -> Reference | None:
    return Reference.objects.filter(
        source=candidate.source, cited_source=candidate.cited_source, label=candidate.label
    ).first()


def same_citation(candidate: Citation) -> Citation | None:
    """The citation that `candidate` is: one source, record, fact and attribution."""
    return (
        type(candidate)
        .objects.filter(
            **{candidate.record_field: candidate.record},
            source=candidate.source,
            fact=candidate.fact,
            attributed_to_source=candidate.attributed_to_source,
            attributed_to_actor=candidate.attributed_to_actor,
        )
        .first()
    )
