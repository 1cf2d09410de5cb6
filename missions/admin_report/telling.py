"""What each card says of itself as it stands: what it will do, what it still lacks, what its date can mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from missions.report_desk.effects import Effect, ReportEffects, effects_of
from missions.report_desk.forms import ReportForms

DOES, CONFLICT, LACKS, WRONG = "does", "conflict", "lacks", "wrong"


@dataclass(frozen=True)
class Line:
    """One line below a card's heading; an `offer` is a value for the field `fills`, to be taken by a press."""

    kind: str
    text: str
    fills: str = ""
    offer: str = ""


Told = dict[str, list[Line]]
"""The lines of each form, by its prefix."""


def told_of(report: ReportForms) -> Told:
    """The lines of every form of a report that is still being filled in; nothing is written, nothing is refused.

    The report's forms are judged by this: draw another instance of them.
    """
    report.is_valid()
    effects = effects_of(report.report(tolerant=True), report.user)
    told = {form.prefix: list(_lines(form, effects)) for form in _cards(report)}
    if effects.unknown:
        told["source"] = [Line(LACKS, effects.unknown)]
    return told


def _cards(report: ReportForms) -> list[Any]:
    return [report.source, *(form for cards in report.cards.values() for form in cards.forms)]


def name_of(form: Any) -> str:
    """What the writing of a report calls a form: the key of its card; those of newcomers by their kind as well."""
    if form.prefix == "source":
        return "source"
    kind = form.prefix.rpartition("-")[0]
    return f"{kind}:{form.key}" if kind in ("actors", "missions") else form.key


def _lines(form: Any, effects: ReportEffects) -> Iterator[Line]:
    name = name_of(form)
    if effect := effects.cards.get(name):
        yield from _doing(effect)
    elif problems := [problem for problem in effects.problems if problem.card == name]:
        yield from (Line(WRONG, problem.message) for problem in problems)
    elif not getattr(form, "is_blank", False):
        yield from _wrong(form)
    yield from _dates(form)


def _doing(effect: Effect) -> Iterator[Line]:
    against = {f"conflicts with {conflict}" for conflict in effect.conflicts}
    for sentence in effect.sentences:
        yield Line(CONFLICT if sentence in against else DOES, sentence[:1].upper() + sentence[1:])


def _wrong(form: Any) -> Iterator[Line]:
    """Why a card that was begun cannot be taken: what it lacks in one line, and what is wrong of what it has."""
    told = [form[name] for name in form.errors if name in form.fields and not name.startswith("answer_")]
    if lacking := [str(field.label).lower() for field in told if not field.value()]:
        yield Line(LACKS, f"Not complete yet: {', '.join(lacking)}.")
    yield from (Line(WRONG, message) for field in told if field.value() for message in field.errors)


def _dates(form: Any) -> Iterator[Line]:
    """What a worded date can mean: shown beside the date that stands, offered where it is another."""
    if getattr(form, "date_waits_for_report", False):
        worded = form["date_worded"].value()
        yield Line(LACKS, f"“{worded}” is read against the day of the report: give that as Issued.")
    for reading in getattr(form, "date_readings", ()):
        field = form["date"]
        how = reading.note or "the date in its words"
        if reading.date == field.value():
            yield Line(LACKS, f"Date: {how}: {reading.date}.")
        else:
            yield Line(LACKS, f"Date: {how}:", field.html_name, reading.date)
