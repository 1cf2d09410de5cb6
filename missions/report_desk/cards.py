"""The cards of a report as plain forms: one for each event, quote, figure, reliance, new actor and new mission."""

import functools
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from missions.models import ClosureEvent, Metric, Mission, MissionKind, ReportedFigure, Stage
from missions.report_desk.dates import Reading, needs_day_of_report, readings
from missions.report_desk.fields import DateField, EventDateField, RecordField, TextField
from missions.report_desk.report import EventCard, FigureCard, NewActor, NewMission, QuoteCard, Reliance
from nkwatch.editorial.text import split_list
from sources.excerpts import paragraph_of, stands_in
from sources.models import Actor, Country, Quote, Source
from sources.models.vocabulary import ActorKind, Basis, Capacity, Rendering, Stance, TranslatedBy

LONG_TEXT = 20_000
KNOWN = "Its number, where several fit or none is found by itself."
NOT_IN_TEXT = "These words do not stand in the pasted text: copy them as printed; … stands for what is left out."


def choice(choices: Any, blank: str | None = None, **kwargs: Any) -> forms.ChoiceField:
    """A choice from a vocabulary, with an empty one called `blank` where that is given."""
    listed = [*choices.choices] if blank is None else [("", blank), *choices.choices]
    return forms.ChoiceField(choices=listed, required=blank is None, **kwargs)


def line(limit: int = 200, **kwargs: Any) -> TextField:
    return TextField(**{"max_length": limit, "required": False} | kwargs)


def lines(rows: int, limit: int = LONG_TEXT, **kwargs: Any) -> TextField:
    return line(limit, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class CardForm(forms.Form):
    """One card. `pasted` is the text of the report, `issued` its date as EDTF, `event_keys` the keys of its events."""

    kind: ClassVar[str]
    makes: ClassVar[Callable[..., Any]]
    left_out: ClassVar[tuple[str, ...]] = ("DELETE", "position")

    def __init__(
        self,
        *args: Any,
        pasted: str = "",
        issued: str = "",
        reasons: Any = (),
        event_keys: Any = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.pasted, self.report_issued, self.reasons, self.event_keys = pasted, issued, reasons, event_keys

    @property
    def key(self) -> str:
        """What other cards call this one: `event-1`, `new-1`; by its place, so that it needs no field."""
        place = (self.prefix or "").rpartition("-")[2]
        return f"{self.kind}-{int(place) + 1}" if place.isdecimal() else ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing was filled in, so that it is left out."""
        return self.empty_permitted and not self.has_changed()

    def card(self) -> Any:
        """What the card says, for the report. Only for valid cards."""
        values = {name: value for name, value in self.cleaned_data.items() if name not in self.left_out}
        return self.makes(key=self.key, **{n: tuple(v) if isinstance(v, list) else v for n, v in values.items()})


class ClaimForm(CardForm):
    """What every claim has: the words as printed, where they stand, and how the report knows."""

    excerpt = lines(3, label="Words as printed", help_text="Select them in the text, or copy them; a short extract.")
    position = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    locator = line(100, label="Where", help_text="¶4, p. 12; found by itself when the text was pasted.")
    basis = choice(
        Basis,
        "as the origin says",
        label="How it knows",
        help_text="Attributed: it says that somebody SAID so. Empty: attributed with an origin, else not given.",
    )
    attributed_to_actor = RecordField(Actor, label="Said by", help_text="Who is said to have said it.")
    attributed_to_source = RecordField(
        Source, label="By way of", help_text="The item relied on: S-0004, or relies-1 for a card below."
    )

    def clean_excerpt(self) -> str:
        excerpt = self.cleaned_data["excerpt"]
        if excerpt and self.pasted and not stands_in(excerpt, self.pasted):
            raise ValidationError(NOT_IN_TEXT)
        return excerpt

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.is_blank:
            return cleaned
        attributed = bool(cleaned.get("attributed_to_actor") or cleaned.get("attributed_to_source"))
        failed = {"basis", "attributed_to_actor", "attributed_to_source"} & set(self.errors)
        if not failed and cleaned["basis"] and (cleaned["basis"] == Basis.ATTRIBUTED) != attributed:
            self.add_error(
                "basis",
                "An attributed claim names the source or the actor that said it; any other basis names neither.",
            )
        if cleaned.get("excerpt") and not cleaned.get("locator") and self.pasted:
            place = paragraph_of(cleaned["excerpt"], self.pasted, cleaned.get("position"))
            cleaned["locator"] = f"¶{place}" if place else ""
        return cleaned


class EventForm(ClaimForm):
    """A step in a mission's life (domain.md, stage table)."""

    kind, makes = "event", EventCard

    known = RecordField(ClosureEvent, label="It is this event", help_text=KNOWN)
    mission = RecordField(
        Mission, required=True, help_text="Number, name, or country; new-1 for a new mission on a card below."
    )
    stage = choice(Stage, "choose", help_text="The act of whoever is behind the news, not the paper's verb.")
    date_worded = line(200, label="Date in its words", help_text="“on Wednesday”.")
    date = EventDateField(label="Date", help_text="EDTF: 2023-10-27, 2023-10, ../2023-12-05; or unknown.")
    date_note = line(300, label="How the date was read", help_text="Wednesday, read against 2023-11-01.")
    stance = choice(Stance, initial=Stance.SUPPORTS.value)
    duties_to = RecordField(Mission, label="Duties go to", help_text="The mission that takes over.")
    summary = lines(2, 2_000, help_text="One sentence of your own.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].required = True

    @functools.cached_property
    def date_readings(self) -> list[Reading]:
        """What the worded date can mean, for the editor to confirm; nothing when no date is worded."""
        return readings(str(self["date_worded"].value() or ""), self.report_issued)

    @property
    def date_waits_for_report(self) -> bool:
        """Whether the worded date cannot be read before the day of the report is given."""
        return not self.report_issued and needs_day_of_report(str(self["date_worded"].value() or ""))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.is_blank:
            return cleaned
        if self.has_error("date", "required") and self.date_readings:
            del self.errors["date"]
            self.add_error("date", ValidationError(self._to_confirm(), code="confirm"))
        elif cleaned.get("date") and not cleaned.get("date_note"):
            meant = (reading for reading in self.date_readings if reading.date == cleaned["date"])
            cleaned["date_note"] = next((reading.note for reading in meant), "")
        return cleaned

    def _to_confirm(self) -> str:
        found = " or ".join(reading.date for reading in self.date_readings)
        against = f", read against {self.report_issued}," if self.report_issued else ""
        return f"“{self['date_worded'].value()}”{against} can be {found}: confirm it by choosing or writing the date."


class QuoteForm(ClaimForm):
    """What somebody said, and what it explains."""

    kind, makes = "quote", QuoteCard

    known = RecordField(Quote, label="It is this quote", help_text=KNOWN)
    text = lines(3, help_text="In English; the words as printed when left empty.")
    text_original = lines(3, label="Original words")
    language = line(35, label="Language of the original words", help_text="BCP 47: ko, es.")
    translated_by = choice(TranslatedBy, "not translated")
    speaker = RecordField(Actor, help_text="Number or name; new-1 for a new actor on a card below.")
    speaker_role = line(200, label="Role at the time")
    on_behalf_of = RecordField(Actor)
    said_on = DateField(help_text="As EDTF.")
    reasons = forms.MultipleChoiceField(required=False)
    rendering = choice(Rendering, initial=Rendering.VERBATIM.value)
    explains = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple, label="Explains")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["reasons"].choices = self.reasons
        fields["explains"].choices = [(key, f"Claim {key.rpartition('-')[2]}") for key in self.event_keys]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.is_blank or self.has_error("text") or self.has_error("text_original"):
            return cleaned
        if not (cleaned.get("text") or cleaned.get("text_original")):
            if cleaned.get("excerpt"):
                cleaned["text"] = cleaned["excerpt"]
            elif not self.has_error("excerpt"):
                self.add_error("text", "Give the words, in English or in the original language.")
        return cleaned


class FigureForm(ClaimForm):
    """A number that somebody gave."""

    kind, makes = "figure", FigureCard

    known = RecordField(ReportedFigure, label="It is this figure", help_text=KNOWN)
    metric = choice(Metric, "choose", label="Of what")
    low = forms.IntegerField(required=False, min_value=0, max_value=100_000, label="At least")
    high = forms.IntegerField(required=False, min_value=0, max_value=100_000, label="At most")
    worded = line(200, label="As worded", help_text="“over 50”, “dozens”.")
    speaker = RecordField(Actor, help_text="Who gave it.")
    as_of = DateField(label="As of", help_text="The day or days that the number is true of, as EDTF.")
    since = DateField(label="Counted since", help_text="As EDTF, if said.")
    note = lines(2, 2_000, help_text="“including the four set to close”.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["metric"].required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.is_blank or {"low", "high", "worded"} & set(self.errors):
            return cleaned
        low, high = cleaned.get("low"), cleaned.get("high")
        if low is None and high is None and not cleaned.get("worded"):
            self.add_error("worded", "Give a number, or the words that stand for one.")
        if low is not None and high is not None and low > high:
            self.add_error("low", "“At least” cannot be more than “at most”.")
        return cleaned


class RelianceForm(CardForm):
    """What the report relies on: a known source, one known only from this report, or an actor."""

    kind, makes = "relies", Reliance

    label = line(40, help_text="As printed: n19.")
    note = line(500, label="What for")
    source = RecordField(Source, label="Known source", help_text="Number, address or title.")
    title = line(1_000, label="Title of a new one")
    described_as = line(500, help_text="What it is, when it has no title: “note of the embassy printed by PCPE”.")
    outlet = RecordField(Actor)
    issued = DateField(help_text="As EDTF.")
    source_url = forms.URLField(required=False, max_length=2_000, label="Address", assume_scheme="https")
    language = line(35, help_text="BCP 47: en, ko.")
    actor = RecordField(Actor, label="Or an actor", help_text="Whose words it relies on, no item being named.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.is_blank or self.errors:
            return cleaned
        of_new_one = ("title", "described_as", "outlet", "issued", "source_url", "language")
        new = [name for name in of_new_one if cleaned[name]]
        given = [name for name in ("source", "actor") if cleaned[name]] + (["title"] if new else [])
        if not given:
            self.add_error("source", "Name what it relies on: a known source, a new one by title, or an actor.")
        elif len(given) > 1:
            self.add_error(given[-1], "One card names one thing: a known source, or a new one, or an actor.")
        elif new and not (cleaned["title"] or cleaned["described_as"]):
            self.add_error("title", "Give its title, or say under “described as” what it is.")
        return cleaned


class ActorForm(CardForm):
    """Somebody who is not on record yet."""

    kind, makes = "new", NewActor

    name = line(200, required=True, help_text="The usual English name.")
    kind_of = choice(ActorKind, initial=ActorKind.PERSON.value, label="Kind")
    name_variants = lines(2, 2_000, label="Other spellings", help_text="In any script; one a line.")
    part_of = RecordField(Actor, help_text="The ministry, agency or party that they belong to.")
    capacity = choice(Capacity, initial=Capacity.OTHER.value)
    country = RecordField(Country, help_text="Code or name.")

    def card(self) -> NewActor:
        values = {name: value for name, value in self.cleaned_data.items() if name not in self.left_out}
        values["name_variants"] = tuple(split_list(values["name_variants"]))
        return NewActor(key=self.key, kind=values.pop("kind_of"), **values)


class MissionForm(CardForm):
    """A mission that is not on record yet."""

    kind, makes = "new", NewMission

    sending = RecordField(Country, initial="KP", required=True, label="Sending country")
    host = RecordField(Country, required=True, label="Host country")
    kind_of = choice(MissionKind, "unspecified", label="Kind")
    city = line(100, help_text="Only where a source names it.")

    def card(self) -> NewMission:
        values = {name: value for name, value in self.cleaned_data.items() if name not in self.left_out}
        return NewMission(key=self.key, kind=values.pop("kind_of"), **values)


def formset(form: type[CardForm]) -> type[forms.BaseFormSet]:
    """A set of cards of one kind; blank ones are left out, and ones marked DELETE."""
    most = settings.REPORT_MOST_CARDS
    return forms.formset_factory(form, extra=0, can_delete=True, max_num=most, absolute_max=most, validate_max=True)
