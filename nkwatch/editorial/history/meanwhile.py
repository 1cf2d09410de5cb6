"""What others did to a record while its form was open, merged with what was typed (pages.md, B).

Works on forms as they are sent, so that even what cannot be read as a date is compared and kept.
"""

import dataclasses
from typing import Any

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.http import QueryDict

from nkwatch.editorial import desk
from nkwatch.editorial.history import concurrency
from nkwatch.editorial.history.concurrency import Outcome
from nkwatch.editorial.proposals import lines_in_words, stored_value

CHOICE = "_choice-"
THEIRS = "theirs"
LONG = 1000
SEEN = "seen_version"
NOTHING_LOST = "Nothing was saved, and nothing that you typed is lost."
CHANGED_MEANWHILE = "The record has changed while you had it open"
UNKNOWN = "The form did not say which version it shows. Where it differs from the record, choose."


@dataclasses.dataclass
class FieldLine:
    """One field that somebody else has changed: in words before, now, and as typed here."""

    label: str
    old: str
    theirs: str
    mine: str
    outcome: str
    choice: str = ""
    """The name under which the choice is sent, where there is one."""


@dataclasses.dataclass
class Section:
    """What happened meanwhile to a record, or to one of its rows."""

    about: str
    who: list[str]
    what: str = ""
    note: str = ""
    lines: list[FieldLine] = dataclasses.field(default_factory=list)
    choice: str = ""
    """The name under which is sent whether a row that the other deleted stays deleted."""


def as_sent(form: forms.BaseForm) -> dict[str, list[str]]:
    """What a form would send of each model field if nothing were altered on it."""
    sent = {}
    for bound in form:
        if bound.name in (SEEN, "change_reason", "DELETE"):
            continue
        widget = bound.field.widget
        if isinstance(widget, RelatedFieldWidgetWrapper):
            widget = widget.widget
        value = bound.value()
        if isinstance(widget, forms.CheckboxInput):
            sent[bound.name] = ["on"] if value else []
        else:
            shown = widget.format_value(value)
            sent[bound.name] = [str(one) for one in shown] if isinstance(shown, list | tuple) else [str(shown or "")]
    return sent


class Rows:
    """The rows of one formset as they were sent, to be taken out, added to and put back in order."""

    def __init__(self, data: QueryDict, prefix: str) -> None:
        self.data, self.prefix = data, prefix
        numbers = [data.get(f"{prefix}-{name}", "") for name in ("INITIAL_FORMS", "TOTAL_FORMS")]
        self.readable = all(number.isdecimal() and int(number) <= LONG for number in numbers)
        initial, total = (int(number) if self.readable else 0 for number in numbers)
        rows = [self._row(number) for number in range(total)]
        self.stored, self.new = rows[:initial], rows[initial:]

    def _row(self, number: int) -> dict[str, list[str]]:
        start = f"{self.prefix}-{number}-"
        return {key[len(start) :]: self.data.getlist(key) for key in self.data if key.startswith(start)}

    def put_back(self) -> None:
        """Write the rows into the data, stored ones first, as a formset asks for it."""
        if not self.readable:
            return
        for key in [key for key in self.data if key[len(self.prefix) + 1 :].partition("-")[0].isdecimal()]:
            if key.startswith(f"{self.prefix}-"):
                del self.data[key]
        for number, row in enumerate([*self.stored, *self.new]):
            for name, values in row.items():
                self.data.setlist(f"{self.prefix}-{number}-{name}", values)
        self.data[f"{self.prefix}-INITIAL_FORMS"] = str(len(self.stored))
        self.data[f"{self.prefix}-TOTAL_FORMS"] = str(len(self.stored) + len(self.new))


def _first(values: list[str] | None) -> str:
    return values[0] if values else ""


def number_of(values: list[str] | None) -> int | None:
    word = _first(values)
    return int(word) if word.isdecimal() and len(word) < 19 else None


class Meanwhile:
    """What others did to a record and its rows since the form was loaded; `data` is the form, merged."""

    def __init__(self, data: QueryDict, user: Any) -> None:
        self.data, self.user = data.copy(), user
        self.sections: list[Section] = []
        self.marks: dict[str, str] = {}
        self.is_unknown = False

    def __bool__(self) -> bool:
        return bool(self.sections)

    @property
    def message(self) -> str:
        why = "Your form did not say which version it shows" if self.is_unknown else CHANGED_MEANWHILE
        return f"{NOTHING_LOST} {why}: look at what differs, above, then save again."

    def compare(self, model: Any, form_class: Any, pk: Any, prefix: str, sent: dict[str, list[str]]) -> None:
        """Compare one record or row with its newest version, and merge that into `sent`."""
        seen = number_of(sent.get(SEEN)) or 0
        base: Any = concurrency.version(model, pk, seen)
        newer = concurrency.versions_since(model(pk=pk), seen if base else 0)
        if not newer:
            return
        if base is None:
            self._compare_unknown(model, form_class, newer[0], prefix, sent)
            return
        changes = concurrency.changed_between(base, newer[0])
        sent[SEEN] = [str(newer[0].history_id)]
        before, now = (as_sent(form_class(instance=kept.instance)) for kept in (base, newer[0]))
        section = Section(desk.named(newer[0].instance), [concurrency.said_by(kept, self.user) for kept in newer])
        mine: dict[str, Any] = {}
        outcomes: dict[str, Outcome] = {}
        for name in changes:
            typed = sent.get(name, [])
            found = (
                concurrency.outcome(before[name], now[name], _as_shown(form_class, name, typed))
                if name in now
                else None
            )
            mine[name] = changes[name][1] if found is None else _stored(model, form_class, name, typed)
            if found is not None:
                outcomes[name] = found
            if found == Outcome.TAKEN_OVER:
                mine[name] = changes[name][0]
                sent[name] = now[name]
                self.marks[f"{prefix}{name}"] = f"Taken over from {newer[0].history_user or 'somebody else'}."
        for name, line in _in_words(model, changes, mine).items():
            found = outcomes.get(name)
            line.outcome = found or ""
            line.choice = f"{CHOICE}{prefix}{name}" if found == Outcome.BOTH else ""
            section.lines.append(line)
        if any(found != Outcome.SAME for found in outcomes.values()) or set(changes) - set(outcomes):
            self.sections.append(section)

    def _compare_unknown(
        self, model: Any, form_class: Any, newest: Any, prefix: str, sent: dict[str, list[str]]
    ) -> None:
        """A form that does not say what it was loaded from may undo anything: each difference is to be looked at."""
        sent[SEEN] = [str(newest.history_id)]
        now = as_sent(form_class(instance=newest.instance))
        differing = {
            name: sent.get(name, [])
            for name, values in now.items()
            if not concurrency.same(values, _as_shown(form_class, name, sent.get(name, [])))
        }
        if not differing:
            return
        self.is_unknown = True
        stands = {name: (None, _stored(model, form_class, name, now[name])) for name in differing}
        mine = {name: _stored(model, form_class, name, typed) for name, typed in differing.items()}
        section = Section(desk.named(newest.instance), [concurrency.said_by(newest, self.user)], note=UNKNOWN)
        for name, line in _in_words(model, stands, mine).items():
            line.old, line.outcome, line.choice = "not known", Outcome.BOTH, f"{CHOICE}{prefix}{name}"
            section.lines.append(line)
        self.sections.append(section)

    def compare_rows(self, formset_class: Any, prefix: str, parent: Any) -> None:
        """Compare the rows below a record: changed, deleted and added by others."""
        rows = Rows(self.data, prefix)
        if not rows.readable:
            return
        model, key = formset_class.model, formset_class.model._meta.pk.name
        there = {
            row.pk: row
            for row in model._base_manager.select_for_update().filter(**{formset_class.fk.name: parent}).order_by("pk")
        }
        shown = {number_of(sent.get(key)) for sent in rows.stored}
        gone = [sent for sent in rows.stored if (number_of(sent.get(key)) or None) not in {None, *there}]
        rows.stored = [sent for sent in rows.stored if sent not in gone]
        for number, sent in enumerate(rows.stored):
            self.compare(model, formset_class.form, number_of(sent.get(key)), f"{prefix}-{number}-", sent)
        for row in (row for pk, row in there.items() if pk not in shown):
            rows.stored.append(self._added(formset_class.form, row))
        for sent in gone:
            place = f"{prefix}-{len(rows.stored) + len(rows.new)}"
            if typed := self._gone(formset_class.form, model, sent, place):
                rows.new.append(typed)
        rows.put_back()

    def _added(self, form_class: Any, row: Any) -> dict[str, list[str]]:
        """Say that a row is new; it is shown as it would stand on a form opened now."""
        made = concurrency.versions_since(row, 0)
        who = [concurrency.said_by(made[-1], self.user)] if made else []
        self.sections.append(Section(desk.named(row), who, "was added, and stands below."))
        seen = [str(made[0].history_id)] if made else []
        return as_sent(form_class(instance=row)) | {row._meta.pk.name: [str(row.pk)], SEEN: seen}

    def _gone(self, form_class: Any, model: Any, sent: dict[str, list[str]], place: str) -> dict[str, list[str]] | None:
        """Say that a row is gone; what was altered in it comes back as a new row, and is returned."""
        if "DELETE" in sent:
            return None
        pk = number_of(sent.get(model._meta.pk.name))
        removal = concurrency.removal_of(model, pk)
        base = concurrency.version(model, pk, number_of(sent.get(SEEN)) or 0)
        who = [concurrency.said_by(removal, self.user)] if removal else []
        what = "was deleted" if removal else "no longer belongs to this record"
        section = Section(f"{str(model._meta.verbose_name).capitalize()} {pk}", who, f"{what}.")
        self.sections.append(section)
        before = as_sent(form_class(instance=base.instance)) if base else {}
        typed = {name: values for name, values in sent.items() if name in form_class.base_fields and name != SEEN}
        if all(concurrency.same(before.get(name, []), values) for name, values in typed.items()):
            return None
        section.what = f"{what} while you changed it. What you typed stands below as a new row."
        section.choice = f"{CHOICE}{place}"
        return typed


def _in_words(model: Any, changes: dict[str, Any], mine: dict[str, Any]) -> dict[str, FieldLine]:
    changed = {name: {"old": old, "new": new} for name, (old, new) in changes.items()}
    typed = {name: {"old": None, "new": mine[name]} for name in changes}
    of_theirs, of_mine = lines_in_words([(model, changed), (model, typed)])
    return {
        name: FieldLine(theirs.field, theirs.old, theirs.new, own.new, "")
        for name, theirs, own in zip(changes, of_theirs, of_mine, strict=True)
    }


READ_IN_MANY_WAYS = (forms.DateField, forms.DecimalField, forms.IntegerField)


def _read(form_class: Any, name: str, values: list[str]) -> Any:
    """A date or number that was typed; None for anything else, and for what cannot be read."""
    field = form_class.base_fields[name]
    if not isinstance(field, READ_IN_MANY_WAYS):
        return None
    try:
        return field.to_python(_first(values))
    except ValidationError:
        return None


def _as_shown(form_class: Any, name: str, values: list[str]) -> list[str]:
    """What was typed, as the form itself would write it: 2023-11-01 and 01/11/2023 are one day."""
    value = _read(form_class, name, values)
    return values if value is None else [str(form_class.base_fields[name].widget.format_value(value))]


def _stored(model: Any, form_class: Any, name: str, values: list[str]) -> Any:
    """What was typed, as `lines_in_words` reads it; what names nothing is left out."""
    field = model._meta.get_field(name)
    if not field.related_model:
        value = _read(form_class, name, values)
        return _first(values) if value is None else stored_value(field, value)
    to_key = field.related_model._meta.pk.to_python
    keys = [to_key(value) for value in values if value and (value.isdecimal() or not _has_numbers(field))]
    return keys if field.many_to_many else next(iter(keys), None)


def _has_numbers(field: Any) -> bool:
    return field.related_model._meta.pk.get_internal_type().endswith(("AutoField", "IntegerField"))
