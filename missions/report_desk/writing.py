"""Writes what a report says: each record found by *same thing, once* or made (domain.md, rule 6).

What stands is given only what it lacks: at once while it is a draft, as a proposed change once it has
been public (rule 8). Nothing that a card says gets lost: words that a citation has no room for go to its note.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction

from missions.report_desk.naming import is_key, record_meant
from missions.report_desk.report import Card, Problem
from nkwatch.editorial.desk import BEEN_PUBLIC, named
from nkwatch.editorial.models import Publishable
from nkwatch.editorial.proposals import difference, propose_once, store_in_one_version
from sources.matching import same_citation
from sources.models import Actor, Citation, Source
from sources.models.vocabulary import Basis

NEW, MATCHED, CITED, CHANGED, PROPOSED = "new", "matched", "cited", "changed", "proposed"

CARD_FIELDS = {"wording": "excerpt", "event": "mission", "described_as": "title"}
"""What a card calls the fields that its records call otherwise."""

Values = Mapping[str, Any]


@dataclass
class Written:
    """What one card wrote: its record, whether that is new, and the citation that ties the report to it."""

    card: str
    record: Any
    outcome: str
    citation: Any = None
    changes: list[str] = field(default_factory=list)


class Writer:
    """Records of one report by the keys of its cards, what was made of them, and what could not be."""

    def __init__(self, user: Any, tries: bool = False) -> None:
        """`tries` leaves out versions, for a transaction that is rolled back."""
        self.user, self.tries = user, tries
        self.written: dict[str, Written] = {}
        self.made: list[Publishable] = []
        self.found: list[Publishable] = []
        self.problems: list[Problem] = []
        self.proposed = self.changed = 0
        self._by_key: dict[tuple[type[models.Model], str], Any] = {}

    @contextlib.contextmanager
    def card(self, name: str) -> Iterator[None]:
        """Write one card whole or not at all, and note why not."""
        made, found, counts = len(self.made), len(self.found), (self.proposed, self.changed)
        try:
            with transaction.atomic():
                yield
        except ValidationError as error:
            del self.made[made:], self.found[found:]
            self.proposed, self.changed = counts
            self.written.pop(name, None)
            self.problems += [
                Problem(name, "" if at == NON_FIELD_ERRORS else CARD_FIELDS.get(at, at), message)
                for at, messages in _by_field(error).items()
                for message in messages
            ]

    def note(self, name: str, record: Any, outcome: str, **more: Any) -> Written:
        """Note what a card wrote."""
        written = self.written[name] = Written(name, record, outcome, **more)
        return written

    def introduce(self, model: type[models.Model], key: str, record: Any) -> None:
        """Let other cards name `record` by the key of its card."""
        self._by_key[model, key] = record

    def meant(self, model: type[models.Model], text: str, at: str) -> Any:
        """The record that a card's field `at` names; None for an empty one. Raises ValidationError by field."""
        if not text:
            return None
        try:
            if not is_key(model, text):
                return record_meant(model, text)
            if (model, text) not in self._by_key:
                raise ValidationError(f"The card {text} brings no {model._meta.verbose_name}.")
        except ValidationError as error:
            raise ValidationError({at: error}) from error
        return self._by_key[model, text]

    def find_or_make(
        self, candidate: Any, matching: Callable[[Any], Any], completes: Values
    ) -> tuple[Any, str, list[str]]:
        """The record that `matching` finds for the candidate, given what it lacks of `completes`; or it, as a draft.

        What is wrong with a field of the candidate is told before anything is looked for.
        """
        unasked = {field.name for field in candidate._meta.concrete_fields if field.is_relation or not field.editable}
        candidate.clean_fields(exclude=unasked)
        known = matching(candidate)
        if known is None:
            self.make(candidate, {name: rows for name, rows in completes.items() if rows and _is_list(candidate, name)})
            return candidate, NEW, []
        self.found.append(known)
        changes = self.complete(known, completes)
        return known, MATCHED, changes

    def make(self, record: Any, lists: Values = MappingProxyType({})) -> None:
        """Save a new draft, with what its many-valued fields hold."""
        if lists and not self.tries:
            store_in_one_version(record, lists)
        else:
            if self.tries:
                record.skip_history_when_saving = True
            record.save()
            for name, rows in lists.items():
                getattr(record, name).set(rows)
        self.made.append(record)

    def made_ids(self, model: type[models.Model]) -> list[int]:
        """The ids of the records of `model` that are new."""
        return [record.pk for record in self.made if type(record) is model]

    def complete(self, record: Any, values: Values) -> list[str]:
        """Give a record the values for fields that are empty in it; the names of those fields."""
        lacking = {name: value for name, value in values.items() if value and _is_empty(record, name)}
        return self.change(record, lacking) if lacking else []

    def change(self, record: Any, changes: Values) -> list[str]:
        """Change a draft at once, propose the change of a record that has been public; the names of the fields.

        What waits as a proposal already is no change.
        """
        altered = difference(record, changes)
        if not altered:
            return []
        if record.state in BEEN_PUBLIC:
            if propose_once(record, changes, self.user, reason="report added") is None:
                return []
            self.proposed += 1
            return list(altered)
        lists = {}
        for name in altered:
            if _is_list(record, name):
                lists[name] = changes[name]
            else:
                setattr(record, name, changes[name])
        store_in_one_version(record, lists)
        self.changed += 1
        return list(altered)

    def cite(self, candidate: Any, card: Card, wording: str) -> tuple[Any, bool]:
        """The citation that ties the report to a record, and whether it is new; one that stands keeps its words."""
        candidate.wording, candidate.locator = wording, card.locator
        candidate.attributed_to_actor = self.meant(Actor, card.attributed_to_actor, "attributed_to_actor")
        candidate.attributed_to_source = self.meant(Source, card.attributed_to_source, "attributed_to_source")
        attributed = candidate.attributed_to_actor or candidate.attributed_to_source
        candidate.basis = card.basis or (Basis.ATTRIBUTED if attributed else Basis.NOT_GIVEN)
        known = same_citation(candidate) if candidate.record.pk and candidate.source.pk else None
        if known is None:
            self.make(candidate)
            return candidate, True
        self.found.append(known)
        self._add_to(known, candidate)
        return known, False

    def _add_to(self, known: Citation, candidate: Citation) -> None:
        if known.stance != candidate.stance:
            raise ValidationError(
                {
                    "stance": f"{named(known.source)} is cited for this already and {known.get_stance_display()} it: "
                    "change that citation, if the report says otherwise."
                }
            )
        names = ("date", "date_worded", "rendering") if known.wording == candidate.wording else ("date", "date_worded")
        values = {name: getattr(candidate, name) for name in names if hasattr(candidate, name)}
        if not known.wording:
            values |= {"wording": candidate.wording, "locator": candidate.locator}
        changes = {name: value for name, value in values.items() if value and _is_empty(known, name)}
        if known.basis == Basis.NOT_GIVEN and candidate.basis == Basis.OWN_REPORTING:
            changes["basis"] = candidate.basis
        if known.wording and candidate.wording not in ("", known.wording):
            more = ": ".join(filter(None, [candidate.locator, f"“{candidate.wording}”"]))
            if more not in known.note:
                changes["note"] = "\n".join(filter(None, [known.note, more]))
        self.change(known, changes)


def _is_list(record: Any, name: str) -> bool:
    return bool(record._meta.get_field(name).many_to_many)


def _is_empty(record: Any, name: str) -> bool:
    value = getattr(record, name)
    return not (value.exists() if isinstance(value, models.Manager) else value)


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    return error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
