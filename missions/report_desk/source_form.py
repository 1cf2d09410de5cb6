"""The report itself as plain forms: what was pasted, and its source."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from missions.report_desk.cards import choice, line, lines
from missions.report_desk.fields import DateField, RecordField, RecordsField
from missions.report_desk.report import ReportedSource
from sources.known import Hit
from sources.models import Actor, Source
from sources.models.vocabulary import Read, SourceKind, TranslatedBy
from sources.pasted import Pasted, read_pasted

SAME, REPUBLICATION, DIFFERENT = "same", "republication", "different"
ANSWERS = [
    (SAME, "It is this one: add to it"),
    (REPUBLICATION, "A republication of this one"),
    (DIFFERENT, "It is different"),
]
SAME_ADDRESS = "this very address, so it is the same: open it, or mend the address."
SAME_NAME = (
    "the same title, outlet and date, and this report has no address, so it is the same: "
    "open it, or give the address, outlet or date that tells them apart."
)


class PasteForm(forms.Form):
    """What was pasted: an address, or the text or HTML of a report."""

    pasted = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        label="Address, text or HTML of the report",
        help_text="Kept as a private copy, never shown to readers. Nothing is fetched.",
    )
    url = line(2_000, label="Its address, when you paste text")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        try:
            self.read = read_pasted(cleaned.get("pasted", ""), cleaned.get("url", ""))
        except ValidationError as error:
            self.read = Pasted()
            self.add_error("pasted", error)
        return cleaned


class SourceForm(forms.Form):
    """The source that the report is. For each source that it may be already, `answer_<id>` asks what it is to it."""

    known = RecordField(Source, label="It is this source", help_text="What the cards say is added to it.")
    republication_of = RecordField(Source, help_text="The original, when this is the same text printed again.")
    kind = choice(SourceKind, initial=SourceKind.ARTICLE.value)
    title = line(1_000, help_text="In English.")
    title_original = line(1_000, label="Original title")
    described_as = line(500, help_text="Names it when it has no title.")
    language = line(35, help_text="BCP 47: en, ko, es, zh-Hant.")
    translated_by = choice(TranslatedBy, "not translated", label="Title translated by")
    outlet = RecordField(Actor, help_text="Who published it: number or name; new-1 for a new actor on a card below.")
    authors = RecordsField(Actor, max_length=1_000, help_text="Several with semicolons between.")
    issued = DateField(help_text="When it was published, as EDTF.")
    issued_note = line(500, label="How that date is known")
    source_url = line(2_000, label="Address")
    archive_url = line(2_000, label="Archived copy")
    accessed_on = forms.DateField(required=False)
    read = choice(Read, initial=Read.IN_FULL.value)
    summary = lines(2, 5_000, help_text="Your own words, not the article's.")

    def __init__(self, *args: Any, hits: Iterable[Hit] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hits = list(hits)
        for hit in self.hits:
            self.fields[f"answer_{hit.source.pk}"] = forms.ChoiceField(
                choices=ANSWERS, required=False, widget=forms.RadioSelect, label=f"{hit.source.label} {hit.source}"
            )

    def questions(self) -> list[tuple[Hit, Any]]:
        """Each source that the report may be already, with the field that asks what it is to it."""
        return [(hit, self[f"answer_{hit.source.pk}"]) for hit in self.hits]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for hit in self.hits:
            self._take_answer(cleaned, hit)
        if cleaned.get("known") and cleaned["known"] == cleaned.get("republication_of"):
            self.add_error("republication_of", "A source cannot be a republication of itself.")
        named = ("known", "title", "title_original", "described_as", "source_url")
        if not any(cleaned.get(name) or self.has_error(name) for name in named):
            self.add_error("title", "Give the report a title, or say under “described as” what it is.")
        return cleaned

    def _take_answer(self, cleaned: dict[str, Any], hit: Hit) -> None:
        name, label = f"answer_{hit.source.pk}", hit.source.label
        answer = cleaned.pop(name, "")
        settled = label in (cleaned.get("known"), cleaned.get("republication_of"))
        if not answer and hit.is_same:
            answer = SAME
        if not answer and not settled and hit.is_sure:
            self.add_error(name, f"{label} may be the same report ({hit.why}): say what it is to this one.")
        if answer in (REPUBLICATION, DIFFERENT) and hit.is_same:
            self.add_error(name, f"{label} has {SAME_ADDRESS if hit.same_address else SAME_NAME}")
        field = {SAME: "known", REPUBLICATION: "republication_of"}.get(answer)
        if field and cleaned.get(field) not in (None, "", label):
            self.add_error(name, f"Only one source can be meant; {cleaned[field]} is named already.")
        elif field:
            cleaned[field] = label

    def reported(self) -> ReportedSource:
        """The source for the report; of a form that is not valid, what is right of it."""
        values = dict(self.cleaned_data)
        day = values.pop("accessed_on", None)
        return ReportedSource(accessed_on=day.isoformat() if day else "", **values)
