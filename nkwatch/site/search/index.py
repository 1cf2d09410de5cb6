"""Keeps the search index: what of the public records can be found by which words.

It is a rule of derivation (`nkwatch.editorial.derivation`): it runs inside every transaction that
changes public records, whatever door they come through, so that a retracted record is gone from it at once.
"""

import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection
from django.utils import timezone

from missions.models import ClosureEvent, Coverage, EventCitation, Mission, ReportedFigure
from nkwatch.editorial.bulk_versions import chunks
from nkwatch.editorial.folding import terms
from nkwatch.editorial.text import fold
from nkwatch.site.models import SearchEntry
from nkwatch.site.search.content import KINDS, Content, Kind
from nkwatch.site.search.spellings import Spellings, parts_only, spellings
from sources.models import Actor, ActorName, Authorship, Quote, QuoteCitation, Reason, Source
from sources.origins import records_affected_by

MOST_TERMS = 10_000
"""So many words of a record are kept; a record with more is found by its first ones."""

LONGEST_NAME_AS_ONE = 40
AT_ONCE = 1_000

# The names of a mission, or of an outlet, stand in the entries of all that is about it.
TEXTS_REMEMBERED = 5_000
LONGEST_REMEMBERED = 80

Ids = dict[Any, set[int]]

DERIVED = ("number", "day", "name_terms", "terms", "words")


def index_changed(changed: Sequence[Any]) -> None:
    """Store anew what can be found of the records that `changed` bears on."""
    affected = _affected(changed)
    if any(affected.values()):
        index(affected)


def index(ids: Ids) -> None:
    """Store anew what can be found of the records `ids`, by model; of those that are not public, nothing."""
    names = spellings()
    for kind in KINDS:
        for some in chunks(sorted(ids.get(kind.model, ())), AT_ONCE):
            _store(kind, some, names)


def rebuild() -> int:
    """Build the whole index anew; returns how many records can be found."""
    SearchEntry.objects.all().delete()
    index({kind.model: set(kind.model.objects.public().values_list("pk", flat=True)) for kind in KINDS})
    return SearchEntry.objects.count()


def findings() -> Iterator[str]:
    """What is off in the index, one line each: for `check_record`."""
    names = spellings()
    for kind in KINDS:
        stored = {entry.record_id: entry for entry in SearchEntry.objects.filter(kind=kind.name).order_by("record_id")}
        public = sorted(kind.model.objects.public().values_list("pk", flat=True))
        for some in chunks(public, AT_ONCE):
            for record in kind.read(some):
                yield from _compared(kind, record, stored.pop(record.pk, None), names)
        for entry in stored.values():
            yield f"search index: {kind.model.prefix}-{entry.number:04d} can be found, though it is not public"
    if problem := _broken_index():
        yield f"search index: {problem}; run rebuild_search"


def _compared(kind: Kind, record: Any, stored: SearchEntry | None, names: Spellings) -> Iterator[str]:
    if stored is None:
        yield f"search index: {record.label} cannot be found; run rebuild_search"
    elif _values(stored) != _values(_entry(kind, record.pk, kind.content(record), names)):
        yield f"search index: {record.label} is found by other words than it has; run rebuild_search"


def _broken_index() -> str:
    """What SQLite says of its own index, which triggers keep; PostgreSQL's is a column that it fills itself."""
    if connection.vendor != "sqlite":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'site_searchentry'")
        if cursor.fetchone()[0] < 3:
            return "the triggers that keep it are missing"
        cursor.execute("SELECT count(*) FROM site_searchindex_docsize")
        if cursor.fetchone()[0] != SearchEntry.objects.count():
            return "its words are not those of its entries"
    return ""


def _store(kind: Kind, ids: Sequence[int], names: Spellings) -> None:
    # Locked, since another transaction may change the same records: whoever comes second reads what the first wrote.
    standing = {
        entry.record_id: entry
        for entry in SearchEntry.objects.select_for_update().filter(kind=kind.name, record_id__in=ids).order_by("pk")
    }
    now = timezone.now()
    moved = []
    for record in kind.read(ids).order_by("pk"):
        entry = _entry(kind, record.pk, kind.content(record), names)
        stored = standing.pop(record.pk, None)
        if stored is None or _values(stored) != _values(entry):
            entry.stored = now
            moved.append(entry)
    if standing:
        SearchEntry.objects.filter(pk__in=[entry.pk for entry in standing.values()]).delete()
    SearchEntry.objects.bulk_create(
        moved,
        update_conflicts=True,
        unique_fields=["kind", "record_id"],
        update_fields=[*DERIVED, "stored"],
    )


def _values(entry: SearchEntry) -> tuple[Any, ...]:
    return tuple(getattr(entry, name) for name in DERIVED)


def _entry(kind: Kind, pk: int, content: Content, names: Spellings) -> SearchEntry:
    own = [*([] if content.is_composed else [content.heading]), *content.names]
    named = [*_words([content.heading, *content.names, *content.of_others], names), *content.places]
    named += (key for name in own if " " in name and 0 < len(key := fold(name)) <= LONGEST_NAME_AS_ONE)
    told = list(islice(_words(content.texts, names), MOST_TERMS))
    return SearchEntry(
        kind=kind.name,
        record_id=pk,
        number=content.number,
        day=content.day,
        name_terms=_between_blanks(named[:MOST_TERMS]),
        terms=_between_blanks([*named, *told][:MOST_TERMS]),
        words=" ".join(sorted(set(_words_as_written([*own, *content.texts])))),
    )


def _between_blanks(words: Sequence[str]) -> str:
    return f" {' '.join(words)} " if words else ""


def _words(texts: Iterable[str], names: Spellings) -> Iterator[str]:
    """The folded words of `texts`; then those of the places that they name."""
    places: dict[str, None] = {}
    for text in texts:
        words, named = _remembered(text, names) if len(text) <= LONGEST_REMEMBERED else _words_and_places(text, names)
        yield from words
        places.update(dict.fromkeys(named))
    yield from places


def _words_and_places(text: str, names: Spellings) -> tuple[list[str], list[str]]:
    found = list(terms(text))
    named = names.named_in([term.word for term in parts_only(found)])
    return [term.word for term in found], [key for place in named for key in place.keys]


_remembered = functools.lru_cache(maxsize=TEXTS_REMEMBERED)(_words_and_places)


def _words_as_written(texts: Iterable[str]) -> Iterator[str]:
    """The words of `texts` in small letters, as a spelling is suggested; no numbers, and nothing of a letter or two."""
    for text in texts:
        for chunk in text.split():
            word = chunk.casefold().strip("“”„‘’'\"«»()[]{}.,:;!?…–—-·。、，；：？！（）「」『』《》〈〉")
            if len(word) > 2 and any(character.isalpha() for character in word):
                yield word


def _affected(changed: Sequence[Any]) -> Ids:
    """The records whose words may differ now that `changed` did, by model."""
    of: dict[type[Any], set[int]] = defaultdict(set)
    for record in changed:
        of[type(record)].add(record.pk)
    actors = of[Actor] | _ids(ActorName, of[ActorName], "actor_id")
    missions = of[Mission] | _ids(Coverage, of[Coverage], "mission_id")
    quotes = records_affected_by(changed, QuoteCitation)
    events = records_affected_by(changed, EventCitation)
    sources = of[Source] | _ids(Authorship, of[Authorship], "source_id")
    figures = set(of[ReportedFigure])
    if missions:
        events |= set(ClosureEvent.objects.filter(mission__in=missions).values_list("pk", flat=True))
    if of[Reason]:
        through = Quote.reasons.through.objects.filter(reason__in=of[Reason])
        quotes |= set(through.values_list("quote_id", flat=True))
    if actors:
        quotes |= _pointing(Quote, actors, "speaker", "on_behalf_of")
        sources |= _pointing(Source, actors, "outlet", "authorships__author")
        figures |= _pointing(ReportedFigure, actors, "speaker")
        actors |= _pointing(Actor, actors, "part_of")
    return {
        Mission: missions,
        ClosureEvent: events,
        Quote: quotes,
        Source: sources,
        Actor: actors,
        ReportedFigure: figures,
    }


def _ids(part: Any, ids: set[int], owner: str) -> set[int]:
    """The owners that the parts `ids` have or had: one that was moved is missing from the one that it left."""
    if not ids:
        return set()
    had = part.history.filter(id__in=ids).order_by().values_list(owner, flat=True).distinct()
    return set(part.objects.filter(pk__in=ids).values_list(owner, flat=True)) | set(had)


def _pointing(model: Any, ids: set[int], *relations: str) -> set[int]:
    found: set[int] = set()
    for relation in relations:
        found |= set(model.objects.filter(**{f"{relation}__in": ids}).values_list("pk", flat=True))
    return found
