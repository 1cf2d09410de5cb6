"""What stands already of what a sheet names: read in a few queries, and asked without any (domain.md, rule 6).

The rules are those of `matching`; here is only what they look through. What the sheet itself adds
joins what stands, so that its later rows find it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Q

from nkwatch.editorial.models import DRAFT_LABEL, RECORD_NUMBER, ids_that_stay, one_that_stays
from nkwatch.editorial.text import fold
from sources.addresses import canonical_url
from sources.matching import by_name, country_in, fitting_quote, fitting_source, is_initials, only_one
from sources.models import Actor, Country, Quote, QuoteCitation, Reason, Source

AT_ONCE = 5_000
"""How many values one query looks for."""

LONGEST_LABEL = len("draft-") + 18
"""Longer texts, as most titles and addresses are, are no numbers of records."""

SOURCE_FIELDS = (
    "number",
    "title",
    "title_original",
    "described_as",
    "title_key",
    "canonical_url",
    "language",
    "archive_url",
    "read",
    "outlet",
    "issued",
    "issued_earliest",
    "issued_latest",
)


class Known:
    """A record that stands, or that the sheet adds: what matching and comparing need of it, and no more."""

    __slots__ = ("label", "name", "pk")

    def __init__(self, pk: int, label: str, name: str) -> None:
        self.pk, self.label, self.name = pk, label, name

    def __str__(self) -> str:
        return self.name

    @property
    def id(self) -> int:
        return self.pk


class KnownSource(Known):
    __slots__ = (
        "archive_url",
        "issued",
        "issued_earliest",
        "issued_latest",
        "language",
        "outlet_id",
        "read",
        "title",
        "title_key",
    )

    def __init__(self, source: Any, label: str, name: str) -> None:
        super().__init__(source.id, label, name)
        self.title, self.language, self.read = source.title, source.language, source.read
        self.archive_url = source.archive_url
        self.title_key, self.outlet_id, self.issued = source.title_key, source.outlet_id, source.issued
        self.issued_earliest, self.issued_latest = source.issued_earliest, source.issued_latest


class KnownQuote(Known):
    __slots__ = (
        "carriers",
        "language",
        "reasons",
        "relied_on",
        "said_on",
        "said_on_earliest",
        "said_on_latest",
        "speaker_role",
        "text",
        "text_original",
    )

    def __init__(self, quote: Any, label: str) -> None:
        super().__init__(quote.id, label, quote.text or quote.text_original)
        self.text, self.text_original, self.said_on = quote.text, quote.text_original, quote.said_on
        self.said_on_earliest, self.said_on_latest = quote.said_on_earliest, quote.said_on_latest
        self.language, self.speaker_role = quote.language, quote.speaker_role
        self.carriers: set[int] = set()
        self.reasons: set[int] = set()
        self.relied_on: dict[int, set[int]] | None = None

    def carry(self, source_id: int, by_source: int | None) -> None:
        """Note a carrier, and the source that it relies on for the quote."""
        self.carriers.add(source_id)
        if by_source:
            self.relied_on = self.relied_on or {}
            self.relied_on.setdefault(source_id, set()).add(by_source)


class SourceStock:
    """Countries, reasons, actors, sources and quotes that a sheet's cells name."""

    def __init__(self) -> None:
        countries = list(Country.objects.all())
        self.countries: dict[str, list[Country]] = by_name(countries)
        self.countries_by_code = {country.pk: country for country in countries}
        self.reasons: dict[str, Reason] = {}
        self.actors: dict[str, dict[int, Known]] = defaultdict(dict)
        self.sources_by_address: dict[str, KnownSource] = {}
        self.sources_by_title: dict[str, list[KnownSource]] = defaultdict(list)
        self.quotes: dict[int | None, list[KnownQuote]] = defaultdict(list)
        self.actors_by_label: dict[str, Known] = {}
        self.sources_by_label: dict[str, KnownSource] = {}
        self.originals: dict[int, int | None] = {}
        self.merged_titles: dict[str, list[KnownSource]] = defaultdict(list)
        """The sources that stay, by the titles of those merged into them."""
        self.merged_quotes: dict[int | None, list[KnownQuote]] = defaultdict(list)
        self.quotes_that_stay: dict[int, KnownQuote] = {}
        """For quotes that were merged, those that stay."""

    def look_up(
        self, sources: Collection[str], actors: Collection[str], speakers: Collection[str], quotes: bool
    ) -> None:
        """Read what these cells can mean: numbers, addresses, titles and names; and what those speakers said."""
        self._look_up_actors({*actors, *speakers})
        self._look_up_sources(sources)
        if quotes:
            self._look_up_quotes(speakers)
            for reason in Reason.objects.all():
                self.reasons[reason.label.casefold()] = self.reasons[reason.slug] = reason

    def country(self, text: str) -> Country | None:
        return country_in(self.countries, text)

    def actor(self, text: str) -> Known | None:
        """As `matching.actor_named`, or by number."""
        if found := self.actors_by_label.get(text):
            return found
        return only_one(() if is_initials(text) else self.actors[fold(text)].values(), text)

    def source_named(self, text: str) -> KnownSource | None:
        """As `matching.source_named`, or by number."""
        if found := self.sources_by_label.get(text):
            return found
        if text.startswith(("http://", "https://")):
            return self.sources_by_address.get(canonical_url(text))
        return only_one(self.sources_by_title[fold(text)] or self.merged_titles[fold(text)], text)

    def source_like(self, given: Any) -> KnownSource | None:
        """As `matching.same_source`."""
        if given.canonical_url:
            return self.sources_by_address.get(given.canonical_url)
        for titles in (self.sources_by_title, self.merged_titles):
            called = (source for source in titles[given.title_key] if source.outlet_id == given.outlet_id)
            if given.title_key and (found := fitting_source(given, called)):
                return found
        return None

    def quote_like(self, given: Any) -> KnownQuote | None:
        """As `matching.same_quote`."""
        if found := fitting_quote(given, self.quotes[given.speaker_id]):
            return found
        merged = fitting_quote(given, self.merged_quotes[given.speaker_id])
        return self.quotes_that_stay.get(merged.pk) if merged else None

    def reason(self, text: str) -> Reason | None:
        """As `matching.reason_named`."""
        return self.reasons.get(text) or self.reasons.get(text.casefold())

    def file_actor(self, known: Known, *keys: str) -> None:
        for key in keys:
            self.actors[key][known.pk] = known

    def file_source(self, known: KnownSource, address: str) -> None:
        self.sources_by_title[known.title_key].append(known)
        if address:
            self.sources_by_address[address] = known

    def file_quote(self, known: KnownQuote, speaker_id: int | None) -> None:
        self.quotes[speaker_id].append(known)

    def _look_up_actors(self, texts: Collection[str]) -> None:
        named = Actor.objects.exclude(kind=Actor.Kind.UNNAMED)
        # Their names lead to the actors that stay, as variants.
        merged = ids_that_stay(Actor)
        for keys in at_once({fold(text) for text in texts}):
            called = named.filter(Q(name_key__in=keys) | Q(names__name_key__in=keys)).prefetch_related("names")
            for actor in called:
                if actor.pk in merged:
                    continue
                known = Known(actor.pk, actor.label, actor.name)
                self.file_actor(known, actor.name_key, *(variant.name_key for variant in actor.names.all()))
        for label, actor in labelled(Actor, texts):
            self.actors_by_label[label] = Known(actor.pk, actor.label, actor.name)

    def _look_up_sources(self, texts: Collection[str]) -> None:
        seen: set[int] = set()
        stays, merged = ids_that_stay(Source), dict[int, Source]()
        addresses = {canonical_url(text) for text in texts if text.startswith(("http://", "https://"))}
        titles = {fold(text) for text in texts}
        for column, values in (("canonical_url", addresses), ("title_key", titles)):
            for some in at_once(values - {""}):
                for source in Source.objects.filter(**{f"{column}__in": some}).only(*SOURCE_FIELDS):
                    if source.pk in stays:
                        merged[source.pk] = source
                    elif source.pk not in seen:
                        self.file_source(KnownSource(source, source.label, source.name), source.canonical_url)
                    seen.add(source.pk)
        self._file_merged_sources(merged, stays)
        for label, source in labelled(Source, texts):
            self.sources_by_label[label] = KnownSource(source, source.label, source.name)
        self.originals = dict(
            Source.objects.filter(republication_of__isnull=False).values_list("pk", "republication_of")
        )

    def _file_merged_sources(self, merged: dict[int, Source], stays: dict[int, int]) -> None:
        kept = Source.objects.only(*SOURCE_FIELDS).in_bulk([stays[pk] for pk in merged])
        for pk, source in merged.items():
            stands = kept[stays[pk]]
            known = KnownSource(stands, stands.label, stands.name)
            known.outlet_id, known.issued = source.outlet_id, source.issued
            known.issued_earliest, known.issued_latest = source.issued_earliest, source.issued_latest
            self.merged_titles[source.title_key].append(known)
            if source.canonical_url:
                self.sources_by_address.setdefault(source.canonical_url, known)

    def _look_up_quotes(self, speakers: Iterable[str]) -> None:
        of: set[int | None] = {None}
        for text in speakers:
            of |= {known.pk for known in self.actors.get(fold(text), {}).values()}
            of |= {self.actors_by_label[text].pk} if text in self.actors_by_label else set()
        found: dict[int, KnownQuote] = {}
        stays = ids_that_stay(Quote)
        unsaid = Quote.objects.filter(speaker=None)
        for quotes in (unsaid, *(Quote.objects.filter(speaker__in=some) for some in at_once(of - {None}))):
            for quote in quotes:
                known = KnownQuote(quote, quote.label)
                if quote.pk in stays:
                    self.merged_quotes[quote.speaker_id].append(known)
                else:
                    found[quote.pk] = known
                    self.file_quote(known, quote.speaker_id)
        merged = [known.pk for listed in self.merged_quotes.values() for known in listed]
        for quote in Quote.objects.filter(pk__in={stays[pk] for pk in merged} - found.keys()):
            found[quote.pk] = KnownQuote(quote, quote.label)
        self.quotes_that_stay = {pk: found[stays[pk]] for pk in merged}
        for some in at_once(found):
            carried = QuoteCitation.objects.filter(quote__in=some)
            for quote_id, *carrier in carried.values_list("quote", "source", "attributed_to_source"):
                found[quote_id].carry(*carrier)
            given = Quote.reasons.through.objects.filter(quote__in=some)
            for quote_id, reason_id in given.values_list("quote", "reason"):
                found[quote_id].reasons.add(reason_id)


def at_once(values: Iterable[Any]) -> Iterator[Sequence[Any]]:
    """`values` in portions that one query can look for."""
    listed = list(values)
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]


def labelled(model: type[Any], texts: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """The records of `model` among whose numbers `texts` are (M-0017, or draft-12), each with that number.

    The number of one that was merged gives the one that stays.
    """
    numbers, drafts = set(), set()
    for text in texts:
        if len(text) > LONGEST_LABEL:
            continue
        if match := RECORD_NUMBER.fullmatch(text):
            numbers |= {int(match[2])} if match[1] == model.prefix else set()
        elif match := DRAFT_LABEL.fullmatch(text):
            drafts.add(int(match[1]))
    for column, values in (("number", numbers), ("pk", drafts)):
        for some in at_once(values):
            for record in model.objects.filter(**{f"{column}__in": some}):
                yield record.label, one_that_stays(record)
