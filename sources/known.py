"""Whether a report is on record already: the same address, a title near by, or text in common (domain.md, rule 6)."""

import datetime
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from nkwatch.editorial.edtf import bounds
from sources.addresses import archived_address, canonical_url
from sources.models import CapturedCopy, Citation, QuoteCitation, Source

SURE = 90
"""From this score on, an editor must say what the source is to the report."""
NEAR_TITLE = 85
LIKE_TITLE = 60
"""What titles must have in common on the whole, since a short one may stand in many a long one."""
SHOWN_AT_MOST = 6
TEXTS_COMPARED = 200
"""How many kept texts are compared: of sources with the nearest dates, since a text is printed again within days."""
WORDINGS_COMPARED = 60_000
"""How many excerpts and quotes of the record are looked for in the text, the newest first."""
WORDS_IN_A_ROW = 5
LEAST_IN_COMMON = 0.15
"""Less text than this is what reports of one event have in common anyway."""


@dataclass(frozen=True)
class Hit:
    """A source that the report may be, or may print again: `score` is 0 to 100, `why` says so in words."""

    source: Source
    why: str
    score: float
    same_address: bool = False
    same_name: bool = False
    """Whether it has the same title or description, outlet and date, as which it is the same where no address is."""

    @property
    def is_same(self) -> bool:
        """Whether domain.md, rule 6 has it that this is the report, so that nobody need be asked."""
        return self.same_address or self.same_name

    @property
    def is_sure(self) -> bool:
        """Whether it is too like to be passed over."""
        return self.score >= SURE


@dataclass(frozen=True)
class _Sign:
    score: float
    why: str
    same_address: bool = False


def known_sources(
    url: str = "", archive_url: str = "", titles: Sequence[str] = (), text: str = "", issued: str = ""
) -> list[Hit]:
    """The sources that a report with this address, these titles and this text may be; the likeliest first.

    Drafts are among them, so that two editors do not tell the same report. However large the record,
    a bounded part of it is compared (`TEXTS_COMPARED`, `WORDINGS_COMPARED`).
    """
    signs: dict[int, list[_Sign]] = defaultdict(list)
    for found in (_by_address(url, archive_url), _by_title(titles), _by_text(text, issued), _by_wording(text)):
        for pk, sign in found:
            signs[pk].append(sign)
    best = sorted(signs, key=lambda pk: (-max(sign.score for sign in signs[pk]), -len(signs[pk]), pk))[:SHOWN_AT_MOST]
    sources = Source.objects.select_related("outlet").in_bulk(best)
    return [
        Hit(
            source=sources[pk],
            why="; ".join(sign.why for sign in signs[pk]),
            score=round(max(sign.score for sign in signs[pk]), 1),
            same_address=any(sign.same_address for sign in signs[pk]),
        )
        for pk in best
    ]


def of_address(sources: Any, url: str) -> list[Source]:
    """Those of `sources` (a queryset) that stand at this address, or of which an archived copy does."""
    given, canonical = _spellings(url)
    found = sources.filter(Q(canonical_url__in=canonical) | Q(archive_url__in=given | canonical))
    return list(found.order_by("pk")[:SHOWN_AT_MOST])


def _spellings(*urls: str) -> tuple[set[str], set[str]]:
    """The addresses, with those of which they are archived copies; and all of these as they are compared."""
    given = {form for url in urls if url for form in (url, archived_address(url)) if form}
    return given, {canonical_url(url) for url in given}


def _by_address(*urls: str) -> Iterable[tuple[int, _Sign]]:
    given, canonical = _spellings(*urls)
    if not given:
        return
    for pk in Source.objects.filter(canonical_url__in=canonical).values_list("pk", flat=True):
        yield pk, _Sign(100, "the same address", same_address=True)
    for pk in Source.objects.filter(archive_url__in=given | canonical).values_list("pk", flat=True):
        yield pk, _Sign(100, "the same archived copy")


def _by_title(titles: Sequence[str]) -> Iterable[tuple[int, _Sign]]:
    wanted = [default_process(_normal(title)) for title in titles]
    if not any(wanted):
        return
    names: dict[tuple[int, int], str] = {}
    columns = ("title", "title_original", "described_as")
    for pk, *called in Source.objects.order_by().values_list("pk", *columns):
        for place, name in enumerate(called):
            if name:
                names[pk, place] = _normal(name)
    processed = {key: default_process(name) for key, name in names.items()}
    for title in filter(None, wanted):
        near = process.extract(
            title,
            processed,
            scorer=fuzz.token_set_ratio,
            processor=None,
            score_cutoff=NEAR_TITLE,
            limit=SHOWN_AT_MOST * 5,
        )
        for name, score, (pk, place) in near:
            if fuzz.token_sort_ratio(title, name) < LIKE_TITLE:
                continue
            same = "the same title" if title == name else "a title near by"
            yield pk, _Sign(score if title == name else min(score, 99.0), f"{same}: “{names[pk, place]}”")


def _normal(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _words(text: str) -> list[str]:
    return default_process(_normal(text)).split()


def _rows_of_words(words: Sequence[str], length: int = WORDS_IN_A_ROW) -> set[tuple[str, ...]]:
    return set(zip(*(words[start:] for start in range(length)), strict=False))


def _by_text(text: str, issued: str) -> Iterable[tuple[int, _Sign]]:
    """Sources of which a text is kept that has much in common with this one."""
    wanted = _rows_of_words(_words(text))
    if not wanted:
        return
    for pk, kept in _texts_near(issued):
        other = _rows_of_words(_words(kept))
        if not other:
            continue
        common = len(wanted & other)
        share = common / min(len(wanted), len(other))
        if share >= LEAST_IN_COMMON:
            yield (
                pk,
                _Sign(
                    min(100.0, 60 + 60 * share),
                    f"{share:.0%} of the shorter of this text and the one kept of it stand in both",
                ),
            )


def _texts_near(issued: str) -> Iterable[tuple[int, str]]:
    """The kept texts, of sources with the nearest dates first; without a date, those captured last."""
    kept = CapturedCopy.objects.exclude(text="").order_by("-captured_on", "-pk")
    try:
        day = bounds(issued).latest if issued else None
    except ValidationError:
        day = None
    half = TEXTS_COMPARED // 2
    if day is None:
        chosen = list(kept.values_list("pk", flat=True)[:TEXTS_COMPARED])
    else:
        dated = kept.filter(source__issued_latest__isnull=False).order_by()
        before = dated.filter(source__issued_latest__lte=day + datetime.timedelta(1)).order_by("-source__issued_latest")
        after = dated.filter(source__issued_latest__gt=day + datetime.timedelta(1)).order_by("source__issued_latest")
        undated = kept.filter(source__issued_latest__isnull=True)
        chosen = [pk for some in (before, after) for pk in some.values_list("pk", flat=True)[:half]]
        chosen += undated.values_list("pk", flat=True)[: half // 2]
    return CapturedCopy.objects.filter(pk__in=chosen).order_by("pk").values_list("source", "text")


def _by_wording(text: str) -> Iterable[tuple[int, _Sign]]:
    """Sources of which excerpts or quotes on record stand in this text."""
    words = _words(text)
    begins = _rows_of_words(words)
    if not begins:
        return
    whole = f" {' '.join(words)} "
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for source, wording in _wordings():
        if len(wording) < WORDS_IN_A_ROW * 3:
            continue
        own = _words(wording)
        if tuple(own[:WORDS_IN_A_ROW]) in begins and f" {' '.join(own)} " in whole:
            found[source][wording] = len(own)
    for pk, matched in found.items():
        count = sum(matched.values())
        longest = max(matched, key=lambda wording: matched[wording])
        excerpts = "an excerpt" if len(matched) == 1 else f"{len(matched)} excerpts"
        shown = longest if len(longest) <= 120 else f"{longest[:119]}…"
        # One statement is printed in many reports: what tells the same one is how much of the text they are.
        score = 60.0 + 100.0 * count / len(words) + 5.0 * len(matched)
        yield pk, _Sign(min(99.0, score), f"{excerpts} on record of it, {count} words, in this text: “{shown}”")


def _wordings() -> Iterable[tuple[int, str]]:
    for kind in Citation.kinds():
        cited: Any = kind._default_manager.exclude(wording="").order_by("-pk")
        yield from cited.values_list("source", "wording")[:WORDINGS_COMPARED]
    carried = QuoteCitation.objects.order_by("-pk")
    for name in ("text", "text_original"):
        said = carried.exclude(**{f"quote__{name}": ""}).exclude(**{f"quote__{name}": F("wording")})
        yield from said.values_list("source", f"quote__{name}")[:WORDINGS_COMPARED]
