"""A merge in words: the fields side by side, and what moves, counted and linked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.urls import NoReverseMatch, reverse

from nkwatch.editorial.desk import named
from nkwatch.editorial.merging.kinds import Kind
from nkwatch.editorial.merging.ledger import Ledger
from nkwatch.editorial.proposals import Line, lines_in_words

NAMED_OF_EACH = 20
"""So many rows of a kind are named; the others are counted."""


class FieldRow(NamedTuple):
    """One field of both records: in words, and whose value was picked (by id)."""

    name: str
    label: str
    values: list[tuple[int, str]]
    picked: int
    differs: bool


class Group(NamedTuple):
    """Rows of one kind of which the same becomes: a sentence, the first of them with their addresses, how many."""

    sentence: str
    rows: list[tuple[str, str, str]]
    number: int


SENTENCES = {
    "changes": "{number} {kind} changed",
    "moves": "{number} {kind} moved to {kept}",
    "folds": "{number} {kind} folded into one that says the same",
    "gains": "{number} {kind} added to {kept}",
}


def address_of(record: Any) -> str:
    """Where a record is edited; empty for what has no page."""
    try:
        return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])
    except NoReverseMatch:
        return ""


def field_rows(
    kind: Kind, records: Sequence[Any], kept: Any, sent: Mapping[str, Any] | None, choices: Iterable[str] | None = None
) -> list[FieldRow]:
    """The fields of two records: as sent, as chosen, else the kept one's value, the other's where it is empty."""
    merged = next(record for record in records if record.pk != kept.pk)
    by_number = {str(record.pk): record.pk for record in records}
    rows = []
    for name in kind.fields:
        column = kind.model._meta.get_field(name)
        values = {record.pk: getattr(record, column.attname) for record in records}
        picked = kept.pk
        if choices is not None:
            picked = merged.pk if name in set(choices) else kept.pk
        elif sent is not None and sent.get(f"field-{name}") in by_number:
            picked = by_number[sent[f"field-{name}"]]
        elif kind.is_empty(values[kept.pk]) and not kind.is_empty(values[merged.pk]):
            picked = merged.pk
        shown = [(record.pk, _shown(record, column)) for record in records]
        if any(text for _, text in shown):
            differs = len(set(values.values())) > 1
            rows.append(FieldRow(name, str(column.verbose_name), shown, picked, differs))
    return rows


def _shown(record: Any, column: Any) -> str:
    if column.choices:
        return str(getattr(record, f"get_{column.name}_display")())
    value = getattr(record, column.name)
    return "" if value is None else str(value)


def besides(ledger: Ledger, kept: Any, choices: Iterable[str]) -> list[Line]:
    """What the kept record takes over without being asked, field by field: names, reasons, an event's quotes."""
    model = type(kept)
    changed = {}
    for entry in ledger.entries:
        if entry["model"] == model._meta.label and entry["pk"] == kept.pk and "fields" in entry:
            for name, (old, new) in {**entry["fields"], **entry["lists"]}.items():
                if model._meta.get_field(name).name not in set(choices):
                    changed[name] = {"old": old, "new": new}
    return lines_in_words([(model, changed)])[0]


def in_words(ledger: Ledger, kept: Any, merged: Any) -> list[Group]:
    """What a merge does to other records than the two, by what becomes of them and their kind."""
    grouped: dict[tuple[str, Any], list[tuple[Any, str]]] = {}
    for line in ledger.lines:
        if line.row not in (kept, merged):
            grouped.setdefault((line.what, type(line.row)), []).append((line.row, line.words))
    found = []
    for what, sentence in SENTENCES.items():
        for (becomes, model), rows in grouped.items():
            if becomes != what:
                continue
            names = model._meta.verbose_name if len(rows) == 1 else model._meta.verbose_name_plural
            listed = [
                (named(row), "" if what == "gains" else address_of(row), words) for row, words in rows[:NAMED_OF_EACH]
            ]
            text = sentence.format(number=len(rows), kind=names, kept=kept.label)
            found.append(Group(text, listed, len(rows)))
    return found
