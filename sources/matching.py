"""Same thing, once: which record stands already for a country, actor, source or quote (domain.md, rule 6)."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from nkwatch.editorial.text import fold
from sources.addresses import canonical_url
from sources.models import Actor, Citation, Country, Quote, Reason, Reference, Source

SAME_WORDS = 90
"""From this text ratio (0 to 100) on, two quotes of one speaker are the same statement."""

Record = TypeVar("Record", bound=models.Model)


def only_one(found: Iterable[Record], what: str) -> Record | None:
    """The single fit, None without any; several equal fits are an error that lists them."""
    fits = list(found)
    if len(fits) > 1:
        listed = "; ".join(f"{getattr(fit, 'label', fit.pk)} {fit}" for fit in fits[:5])
        raise ValidationError(f"Several records fit {what}: {listed}. Give the number of the one meant.")
    return fits[0] if fits else None


def overlapping(name: str, record: Any) -> Q:
    """Records whose EDTF date `name` shares a day with that of `record`; undated fits only undated."""
    earliest, latest = getattr(record, f"{name}_earliest"), getattr(record, f"{name}_latest")
    if not getattr(record, name):
        return Q(**{name: ""})
    condition = ~Q(**{name: ""})
    if latest:
        condition &= Q(**{f"{name}_earliest__isnull": True}) | Q(**{f"{name}_earliest__lte": latest})
    if earliest:
        condition &= Q(**{f"{name}_latest__isnull": True}) | Q(**{f"{name}_latest__gte": earliest})
    return condition


def days_apart(name: str, record: Any) -> int:
    """How wide the date `name` of `record` is, in days; used to prefer the narrowest fit."""
    earliest, latest = getattr(record, f"{name}_earliest"), getattr(record, f"{name}_latest")
    return (latest - earliest).days if earliest and latest else 1_000_000


def country_named(text: str) -> Country | None:
    """The country that goes by `text`: code, English or Korean name, or a listed variant."""
    if by_code := Country.objects.filter(pk=text.upper()).first():
        return by_code
    key = fold(text)
    return only_one((country for country in Country.objects.all() if key in map(fold, country.names)), f"“{text}”")


def reason_named(text: str) -> Reason | None:
    return Reason.objects.filter(Q(slug=text) | Q(label__iexact=text)).first()


def actor_named(text: str) -> Actor | None:
    """The one actor of this name; unnamed actors are never found by what they are called."""
    return only_one(_actors_called([text]).exclude(kind=Actor.Kind.UNNAMED), f"“{text}”")


def source_named(text: str) -> Source | None:
    """The one source of this address or title."""
    if text.startswith(("http://", "https://")):
        return Source.objects.filter(canonical_url=canonical_url(text)).first()
    return only_one(Source.objects.filter(title_key=fold(text)), f"“{text}”")


def quote_worded(text: str) -> Quote | None:
    """The one quote with exactly these words."""
    return only_one(Quote.objects.filter(Q(text=text) | Q(text_original=text)), f"“{text}”")


def _actors_called(names: Iterable[str]) -> "models.QuerySet[Actor]":
    keys = [fold(name) for name in names if not is_initials(name)]
    return Actor.objects.filter(Q(name_key__in=keys) | Q(names__name_key__in=keys)).distinct()


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
    return only_one(found, f"“{candidate.name}”")


def same_source(candidate: Source) -> Source | None:
    """The source that `candidate` is: by its address; without one, by title or description, outlet and date."""
    candidate.canonical_url = canonical_url(candidate.source_url)
    if candidate.canonical_url:
        return Source.objects.filter(canonical_url=candidate.canonical_url).first()
    EDTF_ISSUED.set_bounds(candidate)
    found = Source.objects.filter(
        overlapping("issued", candidate), title_key=fold(candidate.name), outlet=candidate.outlet
    ).exclude(title_key="")
    return only_one(found, f"“{candidate.name}”")


EDTF_ISSUED: Any = Source._meta.get_field("issued")
EDTF_SAID_ON: Any = Quote._meta.get_field("said_on")


def same_quote(candidate: Quote) -> Quote | None:
    """The quote that `candidate` is: one speaker, a day in common, and all but the same words."""
    EDTF_SAID_ON.set_bounds(candidate)
    found = Quote.objects.filter(overlapping("said_on", candidate), speaker=candidate.speaker)
    return only_one((quote for quote in found if _same_words(quote, candidate)), f"“{candidate}”")


def _same_words(one: Quote, other: Quote) -> bool:
    pairs = ((one.text, other.text), (one.text_original, other.text_original))
    return any(a and b and fuzz.ratio(a, b, processor=default_process) >= SAME_WORDS for a, b in pairs)


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
