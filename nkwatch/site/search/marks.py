"""Where in a text the answer stands: the same words, folded by the same function, that the index found."""

from collections.abc import Iterable, Iterator, Sequence

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from nkwatch.editorial.folding import Term, terms, units
from nkwatch.site.search.query import Phrase, Query
from nkwatch.site.search.spellings import Spellings, parts_only

EXCERPT = 200
BEFORE = 60
READ_FOR_MARKS = 20_000

Span = tuple[int, int]


class Marker:
    """Marks in texts what a query asks for."""

    def __init__(self, query: Query, names: Spellings) -> None:
        self.names = names
        self.phrases: dict[str, list[Phrase]] = {}
        self.syllables: set[str] = set()
        for phrase in query.phrases:
            self.phrases.setdefault(phrase[0], []).append(phrase)
            if len(phrase) == 1 and len(phrase[0]) == 1:
                self.syllables.add(phrase[0])

    def spans(self, text: str) -> list[Span]:
        """Where what is asked for stands in `text`, in its order, none overlapping."""
        text = text[:READ_FOR_MARKS]
        found = list(terms(text))
        return _merged(text, [*self._in_words(found), *self._of_places(parts_only(found)), *self._of_syllables(text)])

    def marked(self, text: str) -> SafeString:
        """The whole text, escaped, with what is asked for in `<mark>`."""
        return _with_marks(text, self.spans(text))

    def shortened(self, text: str) -> SafeString:
        """As `marked`, of a long text the part around what is found, or else its beginning."""
        if len(text) <= EXCERPT:
            return self.marked(text)
        return _around(text, self.spans(text))

    def excerpt(self, texts: Iterable[str]) -> SafeString:
        """Of the first text in which something is found, the words around that; nothing where there is none."""
        for text in texts:
            if spans := self.spans(text):
                return _around(text, spans)
        return SafeString("")

    def _in_words(self, found: Sequence[Term]) -> Iterator[Span]:
        for at, term in enumerate(found):
            for phrase in self.phrases.get(term.word, ()):
                there = found[at : at + len(phrase)]
                if tuple(one.word for one in there) == phrase:
                    yield term.start, there[-1].end

    def _of_places(self, found: Sequence[Term]) -> Iterator[Span]:
        for place in self.names.named_in([term.word for term in found]):
            if any(key in self.phrases for key in place.keys):
                yield found[place.at].start, found[place.at + place.length - 1].end

    def _of_syllables(self, text: str) -> Iterator[Span]:
        if not self.syllables:
            return
        for at, character in enumerate(text):
            if not character.isascii() and self.syllables.intersection(units(character)):
                yield at, at + 1


def _merged(text: str, spans: Iterable[Span]) -> list[Span]:
    """The spans, those that overlap, or that only blanks part, as one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and not text[merged[-1][1] : start].strip():
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _around(text: str, spans: Sequence[Span]) -> SafeString:
    first, first_end = spans[0] if spans else (0, 0)
    start = 0 if first <= BEFORE * 2 else _word_border(text, first - BEFORE)
    end = len(text) if len(text) - start <= EXCERPT * 1.2 else max(_word_border(text, start + EXCERPT), first_end)
    inside = [(a - start, min(b, end) - start) for a, b in spans if start <= a < end]
    return format_html(
        "{}{}{}", "… " if start else "", _with_marks(text[start:end], inside), " …" if end < len(text) else ""
    )


def _word_border(text: str, at: int) -> int:
    """The start of a word near `at`, or `at` in scripts without blanks."""
    blank = text.find(" ", at, at + 30)
    return blank + 1 if blank >= 0 else at


def _with_marks(text: str, spans: Iterable[Span]) -> SafeString:
    pieces, at = [], 0
    for start, end in spans:
        pieces += [escape(text[at:start]), format_html("<mark>{}</mark>", text[start:end])]
        at = end
    return mark_safe("".join([*pieces, escape(text[at:])]))
