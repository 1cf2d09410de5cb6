"""How the cards of a report stand on the screen: which fields first, which behind “More” (pages.md, B1)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from missions.admin_report.telling import Line
from missions.models import ClosureEvent, Mission, ReportedFigure
from missions.report_desk.forms import ReportForms
from sources.models import Actor, Country, Quote, Source

REFERENCES: dict[type, tuple[str, str]] = {
    Mission: ("mission", "missions"),
    Actor: ("actor", "actors"),
    Source: ("source", "relies"),
    Country: ("country", ""),
    ClosureEvent: ("event", ""),
    Quote: ("quote", ""),
    ReportedFigure: ("figure", ""),
}
"""What a box that names a record is looked up as, and the kind of card that makes a new one."""

STANDING = ("known",)
"""Boxes that name what stands already, and never something new."""

ORGANISATIONS = ("outlet", "part_of")
"""Boxes in which somebody new is an organisation."""


@dataclass(frozen=True)
class Layout:
    """One kind of card: `rows` are always seen, all else stands behind “More”; `first` is where typing begins."""

    called: str
    adds: str
    shortcut: str
    heading: str
    rows: tuple[tuple[str, ...], ...]
    first: tuple[str, ...]
    about: str = ""


LAYOUTS: dict[str, Layout] = {
    "events": Layout(
        "Claim",
        "Add a claim",
        "C",
        "Claims",
        (
            ("excerpt",),
            ("mission", "stage"),
            ("date", "date_worded"),
            ("attributed_to_actor", "basis"),
        ),
        ("mission", "stage", "date"),
        "A step in a mission's life that the report tells.",
    ),
    "quotes": Layout(
        "Quote",
        "Add a quote",
        "Q",
        "Quotes",
        (("excerpt",), ("speaker", "speaker_role"), ("said_on", "rendering"), ("explains",)),
        ("speaker",),
        "Somebody's words.",
    ),
    "figures": Layout(
        "Figure",
        "Add a figure",
        "F",
        "Figures",
        (("excerpt",), ("metric", "worded"), ("low", "high"), ("speaker", "as_of")),
        ("metric", "worded"),
        "A number that somebody gives.",
    ),
    "relies": Layout(
        "Relies on",
        "Add what it relies on",
        "R",
        "Relies on",
        (("source", "actor"), ("title",), ("outlet", "issued"), ("label", "note")),
        ("source",),
        "Another item, or somebody, that the report names as where it knows from.",
    ),
    "actors": Layout(
        "New actor",
        "Add a new actor",
        "",
        "New people and organisations",
        (("name",), ("kind_of", "capacity"), ("country", "part_of")),
        ("kind_of",),
    ),
    "missions": Layout(
        "New mission",
        "Add a new mission",
        "",
        "New missions",
        (("sending", "host"), ("kind_of", "city")),
        ("host",),
    ),
}

SOURCE_ROWS = (("title",), ("outlet", "issued"), ("source_url",), ("kind", "language"))


@dataclass(frozen=True)
class Card:
    """One card as the templates draw it."""

    kind: str
    form: Any
    layout: Layout
    effect: Sequence[Line] = ()
    """What is told of the card."""

    @property
    def rows(self) -> list[list[Any]]:
        return [[self.form[name] for name in row if name in self.form.fields] for row in self.layout.rows]

    @property
    def more(self) -> list[Any]:
        return rest(self.form, self.layout.rows)

    @property
    def more_is_open(self) -> bool:
        """Whether what stands behind “More” has something wrong, so that it has to be seen."""
        return any(field.errors for field in self.more)

    @property
    def number(self) -> str:
        """The card's number among its kind, from 1; of the pattern for new ones, what the script replaces."""
        place = self.form.prefix.rpartition("-")[2]
        return str(int(place) + 1) if place.isdecimal() else "__number__"

    @property
    def key(self) -> str:
        return f"{self.form.kind}-{self.number}"


@dataclass(frozen=True)
class Stack:
    """All cards of one kind, and the pattern of a new one."""

    kind: str
    layout: Layout
    cards: list[Card]
    pattern: Card
    formset: Any


def stacks(report: ReportForms, told: Mapping[str, Sequence[Line]] | None = None) -> list[Stack]:
    """The cards of each kind, in the order of the screen; `told` by the prefix of the card."""
    return [_stack(report, kind, layout, told or {}) for kind, layout in LAYOUTS.items()]


def _stack(report: ReportForms, kind: str, layout: Layout, told: Mapping[str, Sequence[Line]]) -> Stack:
    formset = report.cards[kind]
    return Stack(
        kind,
        layout,
        [Card(kind, _prepared(form, layout), layout, told.get(form.prefix, ())) for form in formset.forms],
        Card(kind, _prepared(formset.empty_form, layout), layout),
        formset,
    )


def source_fields(report: ReportForms) -> tuple[list[list[Any]], list[Any]]:
    """The source's fields, those always seen row by row, and the others."""
    form = _prepared(report.source, None)
    rows = [[form[name] for name in row] for row in SOURCE_ROWS]
    asked = {f"answer_{hit.source.pk}" for hit in report.source.hits}
    return rows, [field for field in rest(form, SOURCE_ROWS) if field.name not in asked]


def rest(form: Any, rows: Iterable[Iterable[str]]) -> list[Any]:
    """The fields of `form` that no row names and that people see."""
    shown = {name for row in rows for name in row} | {"DELETE"}
    return [field for field in form.visible_fields() if field.name not in shown]


def _prepared(form: Any, layout: Layout | None) -> Any:
    """Tell the script what each box is for."""
    for name, attributes in _attributes(form, layout):
        form.fields[name].widget.attrs |= attributes
    return form


def _attributes(form: Any, layout: Layout | None) -> Iterator[tuple[str, dict[str, str]]]:
    for name, field in form.fields.items():
        if isinstance(field, forms.Field) and (kind := REFERENCES.get(getattr(field, "model", type(None)))):
            yield name, {"data-reference": kind[0]}
            if kind[1] and name not in STANDING:
                yield name, {"data-new": kind[1]}
            if name in ORGANISATIONS:
                yield name, {"data-new-as": Actor.Kind.ORGANISATION.value}
        if layout and name in layout.first:
            yield name, {"data-first": ""}
