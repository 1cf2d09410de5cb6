"""A report as plain forms (pages.md, B1): all that is typed is in them, and comes back as it was typed."""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.utils import ErrorDict
from django.http import QueryDict

from missions.models import Mission
from missions.report_desk.cards import (
    ActorForm,
    CardForm,
    EventForm,
    FigureForm,
    MissionForm,
    QuoteForm,
    RelianceForm,
    formset,
)
from missions.report_desk.naming import is_key, key_in, record_meant
from missions.report_desk.report import Problem, Report
from missions.report_desk.source_form import PasteForm, SourceForm
from nkwatch.editorial.importing.dates import read_date
from sources.known import Hit, known_sources
from sources.matching import actor_named, same_source
from sources.models import Actor, Reason, Source
from sources.pasted import Pasted


class ReportForms:
    """The forms of one report, each under its prefix: `paste`, `source`, and a formset for each kind of card.

    Without `data` they are empty but for what `pasted` lets guess. With `data` nothing is read twice:
    `is_valid` checks all, `report` gives what they say. `without_errors` is for showing them again
    while the editor is still at it (a card more, another text pasted).
    """

    CARDS: ClassVar[Mapping[str, type[CardForm]]] = {
        "events": EventForm,
        "quotes": QuoteForm,
        "figures": FigureForm,
        "relies": RelianceForm,
        "actors": ActorForm,
        "missions": MissionForm,
    }

    def __init__(self, data: Any = None, *, user: Any, pasted: Pasted | None = None) -> None:
        self.data, self.user = data, user
        self.paste = PasteForm(data, prefix="paste", initial={"url": pasted.url if pasted else ""})
        self.pasted = pasted or self._read_pasted()
        guesses = {} if self.is_bound else _guesses(self.pasted)
        self.source = SourceForm(data, prefix="source", hits=self.hits, initial=guesses.get("source"))
        self.cards = {prefix: self._formset(prefix, form, guesses.get(prefix)) for prefix, form in self.CARDS.items()}
        self.events, self.quotes, self.figures = (self.cards[name] for name in ("events", "quotes", "figures"))
        self.relies, self.actors, self.missions = (self.cards[name] for name in ("relies", "actors", "missions"))

    @classmethod
    def with_another(cls, data: Any, prefix: str, *, user: Any) -> Self:
        """The forms as typed, with one more empty card of a kind, and no word yet of what is wrong."""
        more = data.copy()
        name = f"{prefix}-TOTAL_FORMS"
        more[name] = str(_count(more, prefix) + 1)
        return cls(more, user=user).without_errors()

    @classmethod
    def read_again(cls, data: Any, *, user: Any) -> Self:
        """The forms as typed, what is empty in the source's filled in with what another paste lets guess."""
        typed = data.copy() if isinstance(data, QueryDict) else dict(data)
        pasted = cls(data, user=user).pasted
        if typed.get("source-outlet"):
            pasted = dataclasses.replace(pasted, outlet="")
        if typed.get("source-authors"):
            pasted = dataclasses.replace(pasted, authors=())
        there = _count(typed, "actors")
        guesses = _guesses(pasted, there)
        for name, guess in guesses["source"].items():
            if guess and not typed.get(f"source-{name}"):
                typed[f"source-{name}"] = guess
        for number, newcomer in enumerate(guesses["actors"], there):
            for name, guess in newcomer.items():
                typed[f"actors-{number}-{name}"] = guess
        typed["actors-TOTAL_FORMS"] = str(there + len(guesses["actors"]))
        typed.setdefault("actors-INITIAL_FORMS", "0")
        return cls(typed, user=user).without_errors()

    @property
    def is_bound(self) -> bool:
        return self.data is not None

    @property
    def all_forms(self) -> list[Any]:
        """Every form: paste and source first, then the cards."""
        return [self.paste, self.source, *(form for cards in self.cards.values() for form in cards.forms)]

    @functools.cached_property
    def hits(self) -> list[Hit]:
        """The sources that the report may be already, by its address, titles and text."""
        told = self._told
        if self.is_bound:
            url, archive_url = told("source-source_url") or self.pasted.url, told("source-archive_url")
            titles = [told(f"source-{name}") for name in NAMED_BY]
        else:
            url, archive_url, titles = self.pasted.url, self.pasted.archive_url, [self.pasted.title]
        found = known_sources(url, archive_url, [t for t in titles if t], self.pasted.text, self._issued)
        same = self._same_by_name(url)
        return [dataclasses.replace(hit, same_name=True) if hit.source == same else hit for hit in found]

    def without_errors(self) -> Self:
        """Show what was typed without judging it yet."""
        for form in self.all_forms:
            form._errors = ErrorDict()
        for cards in self.cards.values():
            cards._errors, cards._non_form_errors = [form.errors for form in cards.forms], cards.error_class()
        return self

    def is_valid(self) -> bool:
        """Whether the report can be written as far as its forms can tell; every error stands beside its field."""
        parts = [self.paste, self.source, *self.cards.values()]
        fine = [part.is_valid() for part in parts]
        self._refuse_unknown_keys()
        return all(fine) and not self.errors

    def report(self, tolerant: bool = False) -> Report:
        """What the forms say. Only when valid; `tolerant` leaves out the cards that are not, to show the others."""
        said: Any = {prefix: tuple(form.card() for form in self._filled(prefix, tolerant)) for prefix in self.CARDS}
        return Report(source=self.source.reported(), text=self.pasted.text, html=self.pasted.html, **said)

    def add_problems(self, problems: list[Problem]) -> None:
        """Put beside its field what only writing the report could find out."""
        by_key = {form.key: form for cards in (self.events, self.quotes, self.figures, self.relies) for form in cards}
        for problem in problems:
            form = by_key.get(problem.card) or self._newcomer(problem.card) or self.source
            name = {"kind": "kind_of"}.get(problem.field, problem.field) if form is not self.source else problem.field
            form.add_error(name if name in form.fields else None, problem.message)

    @property
    def errors(self) -> dict[str, dict[str, list[str]]]:
        """All errors, by the prefix of the form and by field; for pages and programs. Cards to be deleted have none."""
        found = {
            str(form.prefix): {name: list(errors) for name, errors in form.errors.items()}
            for form in self.all_forms
            if not self._told(f"{form.prefix}-DELETE")
        }
        for prefix, cards in self.cards.items():
            found[prefix] = {NON_FIELD_ERRORS: list(cards.non_form_errors())} if cards.non_form_errors() else {}
        return {prefix: errors for prefix, errors in found.items() if errors}

    def _read_pasted(self) -> Pasted:
        return self.paste.read if self.is_bound and not self.paste.errors else Pasted()

    def _told(self, name: str) -> str:
        return str(self.data.get(name) or "") if self.data is not None else ""

    def _same_by_name(self, url: str) -> Source | None:
        """The source that this is without an address: by title or description, outlet and date (domain.md, rule 6)."""
        called = {name: self._told(f"source-{name}").strip() for name in NAMED_BY}
        if url or not any(called.values()):
            return None
        try:
            outlet = self._outlet()
            is_new = bool(self._told("source-outlet").strip()) and outlet is None
            return None if is_new else same_source(Source(**called, outlet=outlet, issued=self._issued))
        except ValidationError:
            return None

    def _outlet(self) -> Actor | None:
        """The outlet as far as it is on record, also where a card brings it as new: then by the card's name."""
        told = self._told("source-outlet").strip()
        if not (key := key_in(Actor, told)):
            return record_meant(Actor, told) if told else None
        return actor_named(self._told(f"actors-{int(key.rpartition('-')[2]) - 1}-name"))

    @functools.cached_property
    def _issued(self) -> str:
        try:
            return read_date(self._told("source-issued")) if self.is_bound else self.pasted.issued
        except ValidationError:
            return ""

    def _formset(self, prefix: str, form: type[CardForm], initial: Any) -> Any:
        count = int(self._told("events-TOTAL_FORMS")) if self._told("events-TOTAL_FORMS").isdecimal() else 0
        shared = {
            "pasted": self.pasted.text,
            "issued": self._issued,
            "reasons": self._reasons if form is QuoteForm else (),
            "event_keys": [f"event-{number}" for number in range(1, min(count, 100) + 1)],
        }
        data = self.data
        if data is not None and f"{prefix}-TOTAL_FORMS" not in data:
            # A page without these cards sends nothing of them, not even their number.
            data = {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
        return formset(form)(data, prefix=prefix, initial=initial, form_kwargs=shared)

    @functools.cached_property
    def _reasons(self) -> list[tuple[str, str]]:
        return list(Reason.objects.values_list("slug", "label"))

    def _filled(self, prefix: str, tolerant: bool = False) -> list[Any]:
        cards = self.cards[prefix]
        return [
            form
            for form in cards.forms
            if not form.is_blank and not cards._should_delete_form(form) and (form.is_valid() or not tolerant)
        ]

    def _newcomer(self, card: str) -> Any:
        prefix, _, key = card.partition(":")
        return next((form for form in self.cards[prefix] if form.key == key), None) if prefix in self.cards else None

    def _refuse_unknown_keys(self) -> None:
        """A key that no card bears means nobody."""
        keys = {
            model: {form.key for prefix in prefixes for form in self._filled(prefix)}
            for model, prefixes in BROUGHT_BY.items()
        }
        for form in [self.source, *(form for prefix in self.CARDS for form in self._filled(prefix))]:
            for name, field in form.fields.items():
                model: Any = getattr(field, "model", None)
                value = getattr(form, "cleaned_data", {}).get(name) or ""
                for said in value if isinstance(value, tuple) else (value,):
                    if model in keys and is_key(model, said) and said not in keys[model]:
                        form.add_error(name, f"No card of this report has the key {said}: add it, or name another.")


NAMED_BY = ("title", "title_original", "described_as")
"""The fields of the source that say what it is called."""

BROUGHT_BY: Mapping[Any, tuple[str, ...]] = {
    Actor: ("actors", "relies"),
    Source: ("relies",),
    Mission: ("missions",),
}
"""The cards that bring records of each kind, whose keys fields for such records take."""


def _count(data: Any, prefix: str) -> int:
    """How many cards of a kind were sent; what is no number is none."""
    told = str(data.get(f"{prefix}-TOTAL_FORMS") or "")
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 4 else 0


def _guesses(pasted: Pasted, there: int = 0) -> dict[str, Any]:
    """What the forms begin with: the guesses of what was pasted; who is not on record yet gets a card.

    `there` tells how many such cards stand already.
    """
    newcomers: list[dict[str, str]] = []

    def named(name: str, kind: str) -> str:
        try:
            known = actor_named(name)
        except ValidationError:
            return name
        if known is None:
            newcomers.append({"name": name, "kind_of": kind})
        return f"{known.label} {known}" if known else f"new-{there + len(newcomers)} {name}"

    source = {
        "title": pasted.title,
        "source_url": pasted.url,
        "archive_url": pasted.archive_url,
        "issued": pasted.issued,
        "language": pasted.language,
        "outlet": named(pasted.outlet, Actor.Kind.ORGANISATION) if pasted.outlet else "",
        "authors": "; ".join(named(name, Actor.Kind.PERSON) for name in pasted.authors),
    }
    return {"source": source, "actors": newcomers}
