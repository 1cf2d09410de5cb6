"""What readers are told changed between two public versions, in words (pages.md, Changes; domain.md, rule 7).

Every record that a past value names goes by the name it has now, and only while readers see it; a part
that was withdrawn since is told of without what it said.
"""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from nkwatch.editorial.edtf import EDTFField, day_in_words
from nkwatch.editorial.edtf import in_words as date_in_words
from nkwatch.editorial.history.comparison import NEW, OLD, Line, Piece, marked
from nkwatch.editorial.models import NumberedRecord, Publishable, State
from nkwatch.editorial.public.versions import ADDED, EMPTY, REMOVED, Difference
from nkwatch.editorial.words import field_name, listed, name_of, number_in_words

NOT_SHOWN = _("a record that is not shown")
VERBS = {
    ADDED: pgettext_lazy("what became of a part of a record", "added"),
    REMOVED: pgettext_lazy("what became of a part of a record", "withdrawn"),
    "changed": pgettext_lazy("what became of a part of a record", "changed"),
}
PARTS = {
    ADDED: _("%(words)s %(parts)s added"),
    REMOVED: _("%(words)s %(parts)s withdrawn"),
    "changed": _("%(words)s %(parts)s changed"),
}

Names = Mapping[Any, Mapping[Any, str]]


@dataclass(frozen=True)
class Told:
    """What became of a record (`title` is empty) or of a part of it, in lines to read.

    `is_shown` is false for a part that readers no longer see; `reason` is why it was withdrawn.
    """

    title: str
    what: str
    lines: list[Line] = field(default_factory=list)
    is_shown: bool = True
    reason: str = ""
    since: Mapping[str, datetime.datetime] = field(default_factory=dict)
    """From when readers saw what each line replaces, by field; of a part that was withdrawn, under ""."""

    @property
    def verb(self) -> str:
        return str(VERBS[self.what])

    @property
    def dated_lines(self) -> list[tuple[Line, datetime.datetime | None]]:
        """The lines, each with from when readers saw what it replaces."""
        return [(line, self.since.get(line.name)) for line in self.lines]

    @property
    def shown_since(self) -> datetime.datetime | None:
        """From when readers saw a part that was withdrawn."""
        return self.since.get("")


def in_words(differences: Iterable[tuple[Any, Difference]]) -> list[list[Told]]:
    """What became of each record and its parts; `differences` gives its model with what changed.

    Asks one query for each kind of part, and one for each kind of record that the values name.
    """
    differences = list(differences)
    entries = [(model, entry) for model, found in differences for entry in found]
    names, standing = _names(entries), _standing(entries)
    return [[_told(model, entry, names, standing) for entry in found] for model, found in differences]


def values_in_words(rows: Iterable[tuple[Any, Mapping[str, Any]]]) -> list[list[tuple[str, str, str]]]:
    """What each row holds: the name of each field that is not empty, its name for people, its value in words.

    `rows` gives models with stored values by field.
    """
    rows = list(rows)
    names = _names((model, {"model": model, "fields": {n: [None, v] for n, v in held.items()}}) for model, held in rows)
    return [
        [
            (name, _label(model, name), _in_words(model._meta.get_field(name), value, names))
            for name, value in held.items()
            if value not in EMPTY
        ]
        for model, held in rows
    ]


def summary(model: Any, difference: Difference) -> str:
    """What changed, without saying from what to what: "date and summary; one event citation added"."""
    own = model._meta.label_lower
    fields = [field_name(model, name) for entry in difference if entry["model"] == own for name in entry["fields"]]
    parts = Counter((entry["model"], entry["what"]) for entry in difference if entry["model"] != own)
    told = [listed(fields)] if fields else []
    for (label, what), number in parts.items():
        meta = apps.get_model(label)._meta
        kind = name_of(meta.verbose_name if number == 1 else meta.verbose_name_plural)
        told.append(str(PARTS[what] % {"words": number_in_words(number), "parts": kind}))
    return "; ".join(told)


def public_parts(model: Any, pks: Iterable[Any]) -> set[Any]:
    """Those of the parts that readers see now."""
    return set(model.objects.public().filter(pk__in=set(pks)).order_by().values_list("pk", flat=True))


def _told(model: Any, entry: Mapping[str, Any], names: Names, standing: Mapping[Any, Mapping[Any, Any]]) -> Told:
    its = apps.get_model(entry["model"])
    lines = [_line(its, name, old, new, names) for name, (old, new) in entry["fields"].items()]
    since = {name: datetime.datetime.fromisoformat(made) for name, made in entry.get("since", {}).items()}
    if its is model:
        return Told("", entry["what"], lines, since=since)
    kind = capfirst(name_of(its._meta.verbose_name))
    is_public, reason = standing[its].get(entry["pk"], (False, ""))
    if not is_public:
        return Told(kind, entry["what"], is_shown=False, reason=reason, since=since)
    [(name, value)] = entry["about"].items()
    return Told(f"{kind}: {_in_words(its._meta.get_field(name), value, names)}", entry["what"], lines, since=since)


def _line(model: Any, name: str, old: Any, new: Any, names: Names) -> Line:
    column = model._meta.get_field(name)
    before, after = _in_words(column, old, names), _in_words(column, new, names)
    if before and after and _is_prose(column):
        pieces_old, pieces_new = marked(before, after)
    else:
        pieces_old = [Piece(OLD, before)] if before else []
        pieces_new = [Piece(NEW, after)] if after else []
    return Line(name, _label(model, name), pieces_old, pieces_new, is_changed=True)


def _label(model: Any, name: str) -> str:
    return capfirst(field_name(model, name))


def _is_prose(column: Any) -> bool:
    is_text = isinstance(column, models.CharField | models.TextField)
    return is_text and not isinstance(column, EDTFField) and not column.choices


def _in_words(column: Any, value: Any, names: Names) -> str:
    if value in EMPTY:
        return ""
    if column.related_model:
        rows = value if isinstance(value, list) else [value]
        return "; ".join(names[column.related_model].get(row, str(NOT_SHOWN)) for row in rows)
    if isinstance(column, EDTFField):
        return date_in_words(value)
    if isinstance(column, models.DateField):
        return day_in_words(datetime.date.fromisoformat(value))
    return str(dict(column.flatchoices).get(value, value))


def _names(entries: Iterable[tuple[Any, Mapping[str, Any]]]) -> Names:
    """What the records are called that the values name, as far as readers see them."""
    wanted: dict[Any, set[Any]] = defaultdict(set)
    for _model, entry in entries:
        model = apps.get_model(entry["model"]) if isinstance(entry["model"], str) else entry["model"]
        about = {name: [value] for name, value in entry.get("about", {}).items()}
        for name, values in (*entry["fields"].items(), *about.items()):
            if related := model._meta.get_field(name).related_model:
                for value in values:
                    wanted[related].update(value if isinstance(value, list) else [value])
    found: dict[Any, dict[Any, str]] = defaultdict(dict)
    for model, pks in wanted.items():
        rows = model.objects.public().named() if issubclass(model, Publishable) else model._base_manager.all()
        found[model] = {row.pk: _called(row) for row in rows.filter(pk__in=pks - {None})}
    return found


def _called(row: Any) -> str:
    return f"{row} ({row.label})" if isinstance(row, NumberedRecord) else str(row)


def _standing(entries: Iterable[tuple[Any, Mapping[str, Any]]]) -> Mapping[Any, Mapping[Any, Any]]:
    """Of each part: whether readers see it now, and why it was withdrawn."""
    wanted: dict[Any, set[Any]] = defaultdict(set)
    for model, entry in entries:
        if (its := apps.get_model(entry["model"])) is not model:
            wanted[its].add(entry["pk"])
    found: dict[Any, dict[Any, Any]] = {}
    for model, pks in wanted.items():
        rows = model._base_manager.filter(pk__in=pks).annotate(
            is_shown=models.Exists(model.objects.public().filter(pk=models.OuterRef("pk")))
        )
        columns = rows.order_by().values_list("pk", "is_shown", "state", "retraction_reason")
        found[model] = {
            pk: (is_shown, reason if state == State.RETRACTED else "") for pk, is_shown, state, reason in columns
        }
    return found
