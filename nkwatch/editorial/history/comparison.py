"""Comparing a record with itself at two moments: field by field, with the words that changed (pages.md, B5)."""

import dataclasses
import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst

from nkwatch.editorial.edtf import EDTFField
from nkwatch.editorial.history.moments import Key, Moment, Past, value_in

SAME, OLD, NEW = "same", "del", "ins"
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
EMPTY: tuple[Any, ...] = (None, "", [])

# A word with the spaces after it; Chinese and Japanese, which set no spaces, by the character.
WORD = re.compile(r"(?:[\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[^\W\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+|\W)\s*")
MOST_PAIRS_COMPARED = 2_000_000
"""Beyond so many pairs of words a text is marked from its first changed word to its last."""

Names = Mapping[type[models.Model], Mapping[Any, str]]


@dataclasses.dataclass(frozen=True)
class Piece:
    """Some words of a text: those of both versions, of the old one only, or of the new one only."""

    kind: str
    text: str


@dataclasses.dataclass(frozen=True)
class Line:
    """One field at both moments, in pieces; `is_changed` when they differ."""

    name: str
    label: str
    old: list[Piece]
    new: list[Piece]
    is_changed: bool
    is_handling: bool = False
    only_spaces: bool = False

    @property
    def old_text(self) -> str:
        return "".join(piece.text for piece in self.old)

    @property
    def new_text(self) -> str:
        return "".join(piece.text for piece in self.new)


@dataclasses.dataclass(frozen=True)
class Difference:
    """What became of a record, or of a part of it, between two moments."""

    model: Any
    pk: Any
    kind: str
    values: Mapping[str, tuple[Any, Any]]
    version: Any
    is_own: bool = True


@dataclasses.dataclass(frozen=True)
class Told:
    """A difference in words."""

    difference: Difference
    title: str
    changed: list[Line]
    unchanged: list[Line]
    history_url: str

    @property
    def kind(self) -> str:
        return self.difference.kind

    @property
    def is_own(self) -> bool:
        """Whether it is of the record itself, not of a part."""
        return self.difference.is_own


def differences(past: Past, older: Moment | None, newer: Moment | None, everything: bool = False) -> list[Difference]:
    """What became of the record and of each part from one moment to the other; None is before there was any.

    Without `everything` only what changed, and of that the fields that did.
    """
    then, later = past.stood(older), past.stood(newer)
    found = []
    for key in dict.fromkeys([*later, *then]):
        before, after = then.get(key), later.get(key)
        values = {f.name: (_value(before, f), _value(after, f)) for f in past.fields_of(key[0])}
        altered = {name for name, (old, new) in values.items() if _differ(old, new)}
        kind = ADDED if before is None else REMOVED if after is None else CHANGED if altered else SAME
        if everything or kind != SAME:
            told = {name: pair for name, pair in values.items() if everything or name in altered}
            version = after if after is not None else before
            found.append(Difference(*key, kind, told, version, is_own=key == (past.model, past.pk)))
    return found


def _value(version: Any, field: Any) -> Any:
    return None if version is None else value_in(version, field)


def _differ(old: Any, new: Any) -> bool:
    return old != new and not (_empty(old) and _empty(new))


def _empty(value: Any) -> bool:
    return value in EMPTY


def in_words(found: Iterable[Difference]) -> list[Told]:
    """Each difference as lines to read; what they name is fetched once for all of them."""
    found = list(found)
    names = _names(found)
    titles = _titles({(difference.model, difference.pk) for difference in found})
    return [_told(difference, names, titles) for difference in found]


def _told(difference: Difference, names: Names, titles: Mapping[Key, str]) -> Told:
    model, pk = difference.model, difference.pk
    lines = [_line(model._meta.get_field(name), *pair, names) for name, pair in difference.values.items()]
    title = titles.get((model, pk)) or _title_then(difference.version)
    return Told(
        difference,
        f"{capfirst(model._meta.verbose_name)} {pk}: {title}",
        [line for line in lines if line.is_changed],
        [line for line in lines if not line.is_changed and (line.old or line.new)],
        _history_url(model, pk),
    )


def _line(field: Any, old: Any, new: Any, names: Names) -> Line:
    is_changed = _differ(old, new)
    only_spaces = False
    if field.many_to_many:
        pieces_old, pieces_new = _listed(field, old or [], new or [], names)
    elif is_changed and _is_prose(field):
        pieces_old, pieces_new = marked(old or "", new or "")
        only_spaces = not any(piece.kind != SAME and piece.text.strip() for piece in (*pieces_old, *pieces_new))
    else:
        mark = (OLD, NEW) if is_changed else (SAME, SAME)
        pieces_old, pieces_new = (
            [Piece(kind, _in_words(field, value, names))] if not _empty(value) else []
            for kind, value in zip(mark, (old, new), strict=True)
        )
    label = capfirst(str(field.verbose_name))
    return Line(field.name, label, pieces_old, pieces_new, is_changed, not field.editable, only_spaces)


def _is_prose(field: Any) -> bool:
    is_text = isinstance(field, models.CharField | models.TextField)
    return is_text and not isinstance(field, EDTFField) and not field.choices


def _listed(field: Any, old: list[Any], new: list[Any], names: Names) -> tuple[list[Piece], list[Piece]]:
    """The rows of a many-valued field, each marked where only one of the two has it."""

    def pieces(rows: list[Any], others: list[Any], kind: str) -> list[Piece]:
        called = [(SAME if row in others else kind, names[field.related_model].get(row, _gone(row))) for row in rows]
        separated = ("; " if place < len(called) else "" for place in range(1, len(called) + 1))
        return [
            piece
            for (kind, name), separator in zip(called, separated, strict=True)
            for piece in (Piece(kind, name), Piece(SAME, separator))
            if piece.text
        ]

    return pieces(old, new, OLD), pieces(new, old, NEW)


def _in_words(field: Any, value: Any, names: Names) -> str:
    if field.related_model:
        return names[field.related_model].get(value, _gone(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(dict(field.flatchoices).get(value, value))


def _gone(pk: Any) -> str:
    return f"{pk}, no longer there"


def marked(old: str, new: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces, with the words that only one of them has marked."""
    before, after = WORD.findall(old), WORD.findall(new)
    same = [word.strip() for word in before] == [word.strip() for word in after]
    keys = (before, after) if same else ([w.strip() for w in before], [w.strip() for w in after])
    pieces_old: list[Piece] = []
    pieces_new: list[Piece] = []
    for tag, i1, i2, j1, j2 in _opcodes(*keys):
        is_same = tag == "equal"
        _add(pieces_old, SAME if is_same else OLD, before[i1:i2])
        _add(pieces_new, SAME if is_same else NEW, after[j1:j2])
    return pieces_old, pieces_new


def _add(pieces: list[Piece], kind: str, words: list[str]) -> None:
    if text := "".join(words):
        pieces.append(Piece(kind, text))


def _opcodes(before: list[str], after: list[str]) -> Iterable[tuple[str, int, int, int, int]]:
    """Which words are the same and which not: those at both ends first, which a long text mostly is."""
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    i, j = len(before) - end, len(after) - end
    yield "equal", 0, start, 0, start
    if (i - start) * (j - start) > MOST_PAIRS_COMPARED:
        yield "replace", start, i, start, j
    else:
        matcher = difflib.SequenceMatcher(None, before[start:i], after[start:j], autojunk=False)
        for tag, *places in matcher.get_opcodes():
            i1, i2, j1, j2 = (place + start for place in places)
            yield tag, i1, i2, j1, j2
    yield "equal", i, len(before), j, len(after)


def _alike(before: list[str], after: list[str]) -> int:
    """How many words both begin with."""
    shorter = min(len(before), len(after))
    return next((n for n in range(shorter) if before[n] != after[n]), shorter)


def _names(found: Iterable[Difference]) -> Names:
    """What the records are called that the differences name, by model and id."""
    wanted: dict[Any, set[Any]] = defaultdict(set)
    for difference in found:
        for name, pair in difference.values.items():
            if related := difference.model._meta.get_field(name).related_model:
                for value in pair:
                    wanted[related].update(value if isinstance(value, list) else [value])
    return defaultdict(
        dict,
        {
            model: {row.pk: str(row) for row in model._base_manager.filter(pk__in=ids - {None}).select_related()}
            for model, ids in wanted.items()
        },
    )


def _titles(keys: set[Key]) -> Mapping[Key, str]:
    ids: dict[Any, set[Any]] = defaultdict(set)
    for model, pk in keys:
        ids[model].add(pk)
    return {
        (model, row.pk): str(row)
        for model, listed in ids.items()
        for row in model._base_manager.filter(pk__in=listed).select_related()
    }


def _title_then(version: Any) -> str:
    try:
        return str(version.instance)
    except ObjectDoesNotExist:
        return "no longer there"


def _history_url(model: Any, pk: Any) -> str:
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_history", args=[pk])
    except NoReverseMatch:
        return ""
