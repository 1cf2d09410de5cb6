"""Which sources, actors and quotes may be one, and what merging two of them means (domain.md, rule 6)."""

from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from nkwatch.editorial.merging.kinds import Kind, Twin, register_kind, register_twin
from nkwatch.editorial.merging.ledger import Ledger
from nkwatch.editorial.merging.likeness import Pair, days_between, grams, likely_pairs, rarest, words
from nkwatch.editorial.merging.merges import MERGEABLE
from nkwatch.editorial.models import State
from nkwatch.editorial.text import fold
from sources.matching import is_initials, same_citation, same_reference
from sources.models import Actor, ActorName, Authorship, CapturedCopy, Citation, Quote, Reference, Source
from sources.origins import records_affected_by

ALIKE_TITLES = 88
ALIKE_NAMES = 88
ALIKE_WORDS = 80
OTHER_OUTLET = 10
"""What a different outlet takes from the likeness of two sources: the second is often a republication."""

DAYS_APART = 3


class Item(NamedTuple):
    """A source or quote as pairs are judged: texts ready to compare, keys, date, and whose it is."""

    texts: tuple[str, ...]
    keys: tuple[Any, ...]
    when: tuple[Any, Any]
    whose: int | None


def likely_sources() -> list[Pair]:
    """Sources with one address but for its scheme and query, or with like titles near in time."""
    rows = Source.objects.filter(state__in=MERGEABLE).values_list(
        "pk", "title", "title_original", "described_as", "canonical_url", "issued_earliest", "issued_latest", "outlet"
    )
    listed = list(rows)
    rare = rarest({row[0]: words(" ".join(row[1:4])) for row in listed})
    items = {}
    for pk, title, original, described, address, earliest, latest, outlet in listed:
        texts = tuple(default_process(text) for text in (title or described, original))
        keys = (*rare[pk], *(("title", fold(text)) for text in (title, original) if text), ("address", _bare(address)))
        items[pk] = Item(texts, tuple(key for key in keys if key[1:] != ("",)), (earliest, latest), outlet)
    return likely_pairs(Source, items, lambda item: item.keys, _judge_sources)


def _bare(address: str) -> str:
    """An address without scheme, "www." and query, in which two addresses of one page differ."""
    return address.partition("://")[2].removeprefix("www.").partition("?")[0].rstrip("/")


def _judge_sources(one: Item, other: Item) -> tuple[float, str] | None:
    if set(one.keys) & {key for key in other.keys if key[0] == "address"}:
        return 100, "the same address, but for its beginning or its query"
    apart = days_between(one.when, other.when)
    if apart is not None and apart > DAYS_APART:
        return None
    score, of_what = _likeness(one, other, ALIKE_TITLES, ("titles", "original titles"))
    if not score:
        return None
    when = "undated" if apart is None else "the same days" if not apart else f"{apart} days apart"
    if one.whose and other.whose and one.whose != other.whose:
        return score - OTHER_OUTLET, f"{of_what}, {when}; other outlet: perhaps a republication"
    return score, f"{of_what}, {when}"


def _likeness(one: Item, other: Item, least: int, called: tuple[str, str]) -> tuple[float, str]:
    """How like the two are in the likest of their texts, from `least` on; 0 when they are not."""
    best, of_what = 0.0, ""
    for mine, theirs, name in zip(one.texts, other.texts, called, strict=True):
        score = fuzz.token_set_ratio(mine, theirs, score_cutoff=least) if mine and theirs else 0
        # The words of one may all stand in the other, which says much longer and other things.
        if score and fuzz.ratio(mine, theirs) < least / 2:
            score = 0
        if score > best:
            best, of_what = score, f"{name} {score:.0f} % alike"
    return best, of_what


def likely_quotes() -> list[Pair]:
    """Quotes of one speaker, or where one has none, near in time and in all but the same words."""
    rows = Quote.objects.filter(state__in=MERGEABLE).values_list(
        "pk", "text", "text_original", "said_on_earliest", "said_on_latest", "speaker"
    )
    listed = list(rows)
    rare = rarest({row[0]: words(f"{row[1]} {row[2]}") for row in listed})
    items = {
        pk: Item((default_process(text), default_process(original)), tuple(rare[pk]), (earliest, latest), speaker)
        for pk, text, original, earliest, latest, speaker in listed
    }
    return likely_pairs(Quote, items, lambda item: item.keys, _judge_quotes)


def _judge_quotes(one: Item, other: Item) -> tuple[float, str] | None:
    apart = days_between(one.when, other.when)
    if (apart is not None and apart > DAYS_APART) or (one.whose and other.whose and one.whose != other.whose):
        return None
    score, of_what = _likeness(one, other, ALIKE_WORDS, ("words", "original words"))
    who = "same speaker" if one.whose and one.whose == other.whose else "speaker not known of both"
    return (score, f"{of_what}, {who}") if score else None


class Called(NamedTuple):
    """An actor as pairs are judged: each name folded and in words, and what tells namesakes apart."""

    keys: frozenset[str]
    names: tuple[str, ...]
    kind: str
    country: str | None
    part_of: int | None


def likely_actors() -> list[Pair]:
    """Actors with like names in any script, unless kind, country or organisation tell them apart."""
    rows = Actor.objects.filter(state__in=MERGEABLE).values_list("pk", "name", "kind", "country", "part_of")
    names: dict[int, list[str]] = {row[0]: [row[1]] for row in rows}
    for pk, name in ActorName.objects.filter(actor__in=names).values_list("actor", "name"):
        names[pk].append(name)
    items = {}
    for pk, _, kind, country, part_of in rows:
        called = [name for name in names[pk] if not is_initials(name)]
        items[pk] = Called(
            frozenset(filter(None, map(fold, called))), tuple(map(default_process, called)), kind, country, part_of
        )
    return likely_pairs(Actor, items, _keys_of_actor, _judge_actors)


def _keys_of_actor(item: Called) -> list[str]:
    return [gram for key in item.keys for gram in (key, *grams(key, 4 if key.isascii() else 2))]


def _judge_actors(one: Called, other: Called) -> tuple[float, str] | None:
    known_to_differ = any(
        mine is not None and theirs is not None and mine != theirs
        for mine, theirs in ((one.country, other.country), (one.part_of, other.part_of))
    )
    if one.kind != other.kind or known_to_differ:
        return None
    if one.kind == Actor.Kind.UNNAMED and (one.part_of is None or one.part_of != other.part_of):
        return None
    if one.keys & other.keys:
        return 100, "a name in common"
    best = max(
        (fuzz.ratio(mine, theirs, score_cutoff=ALIKE_NAMES) for mine in one.keys for theirs in other.keys), default=0
    )
    for mine in one.names:
        for theirs in other.names:
            if len(mine.split()) > 1 and len(theirs.split()) > 1:
                best = max(best, min(fuzz.token_set_ratio(mine, theirs, score_cutoff=ALIKE_NAMES), 99))
    return (best, f"names {best:.0f} % alike") if best else None


def inherit_names(kept: Actor, merged: Actor, old_name: str, ledger: Ledger) -> None:
    """The names of both lead to the one that stays, in any spelling that either had."""
    seen = State.PUBLISHED if merged.state == State.PUBLISHED else State.DRAFT
    for name, state in ((merged.name, seen), (old_name, kept.state)):
        if name == kept.name:
            continue
        variant = ActorName.objects.filter(actor=kept, name=name).first()
        if variant is None:
            state = State.PUBLISHED if state == kept.state == State.PUBLISHED else State.DRAFT
            ledger.make(ActorName(actor=kept, name=name, state=state), "a name of the merged one")
        elif variant.state == State.RETRACTED:
            variant.state, variant.retraction_reason = State.PUBLISHED, ""
            ledger.change(variant, what="gains")


def refuse_circles(kept: Source) -> None:
    """Refuse a claim that would in the end be attributed to its own carrier (domain.md, rule 3)."""
    for kind in Citation.kinds():
        records = records_affected_by([kept], kind)
        relying = kind.objects.filter(**{f"{kind.record_field}__in": records}, attributed_to_source__isnull=False)
        for citation in relying.exclude(state=State.RETRACTED):
            try:
                citation.clean()
            except ValidationError as error:
                raise ValidationError([f"{citation}: {message}" for message in error.messages]) from error


def same_authorship(row: Authorship) -> Authorship | None:
    return Authorship.objects.filter(source=row.source, author=row.author).exclude(pk=row.pk).first()


def same_name(row: ActorName) -> ActorName | None:
    return ActorName.objects.filter(actor=row.actor, name=row.name).exclude(pk=row.pk).first()


def same_copy(row: CapturedCopy) -> CapturedCopy | None:
    """The copy of the same source that is the very same file."""
    return CapturedCopy.objects.filter(source=row.source, sha256=row.sha256).exclude(pk=row.pk).first()


def register() -> None:
    """Make these kinds known to the desk; called when the app is ready."""
    register_kind(
        Kind(
            Source,
            likely_sources,
            fields=(
                "kind", "title", "title_original", "described_as", "language", "translated_by", "outlet", "issued",
                "issued_note", "source_url", "archive_url", "accessed_on", "read", "republication_of", "summary",
            ),
            held_once=("source_url",),
            set_free=lambda source: {"canonical_url": ""},
            check=refuse_circles,
        )
    )  # fmt: skip
    register_kind(
        Kind(
            Actor,
            likely_actors,
            fields=("kind", "name", "part_of", "capacity", "country", "homepage"),
            inherit=inherit_names,
            says_nothing=("other",),
        )
    )
    register_kind(
        Kind(
            Quote,
            likely_quotes,
            fields=(
                "text", "text_original", "language", "translated_by", "speaker", "speaker_role", "on_behalf_of",
                "said_on",
            ),
        )
    )  # fmt: skip
    register_twin(Twin(Citation, same_citation, says_nothing=("not-given",)))
    register_twin(Twin(Reference, same_reference))
    register_twin(Twin(Authorship, same_authorship, ignoring=("position",)))
    register_twin(Twin(ActorName, same_name))
    register_twin(Twin(CapturedCopy, same_copy))
