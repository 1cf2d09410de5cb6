"""A report as a program sends it: the fields of the desk's own forms, as JSON.

Cards name what other cards bring by their place: `event-1` is the first event, `relies-1` the first of
what the report relies on, `new-1` the first new actor, or the first new mission.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ValidationError as InvalidData
from rest_framework.settings import api_settings

from missions.report_desk.fields import RecordsField
from missions.report_desk.forms import ReportForms
from missions.report_desk.naming import record_meant
from missions.report_desk.source_form import DIFFERENT, REPUBLICATION, SAME, SourceForm
from nkwatch.editorial.api.desk_form import StrictFields, key_in_address
from nkwatch.editorial.text import join_list
from sources.models import Source

NAMES = {"kind_of": "kind"}
"""What the API calls fields that forms call otherwise, since a form's cards have a kind of their own."""
LISTED = ("name_variants",)
"""Fields of several lines in forms, which are lists here."""
NOT_SENT = ("DELETE", "position")
MOST_LISTED = 50


def _field(name: str, field: Any) -> serializers.Field:
    """What takes the same as a field of a form."""
    told: dict[str, Any] = {"help_text": str(field.help_text)}
    told |= {"required": field.required} if field.initial is None else {"default": field.initial}
    if name in LISTED or isinstance(field, RecordsField | forms.MultipleChoiceField):
        child = serializers.CharField(max_length=500)
        return serializers.ListField(child=child, max_length=MOST_LISTED, **told)
    if isinstance(field, forms.IntegerField):
        return serializers.IntegerField(min_value=field.min_value, max_value=field.max_value, allow_null=True, **told)
    if isinstance(field, forms.ChoiceField):
        choices: list[Any] = [choice for choice in list(field.choices) if choice[0]]  # type: ignore[arg-type]
        return serializers.ChoiceField(choices=choices, allow_blank=not field.required, **told)
    longest = getattr(field, "max_length", None)
    return serializers.CharField(max_length=longest or 100, allow_blank=not field.required, **told)


def _fields(form: forms.BaseForm) -> dict[str, serializers.Field]:
    shown = ((name, field) for name, field in form.fields.items() if name not in NOT_SENT)
    return {NAMES.get(name, name): _field(name, field) for name, field in shown}


def _serializer(name: str, form: Any, **more: serializers.Field) -> type[serializers.Serializer]:
    values = {"__doc__": form.__doc__, **_fields(form()), **more}
    return type(f"Report{name}Serializer", (StrictFields, serializers.Serializer), values)


class AnswersField(serializers.DictField):
    """For each source that the report may be already, by number, what it is to this one."""

    child = serializers.ChoiceField(choices=[SAME, REPUBLICATION, DIFFERENT])


ReportSourceSerializer = _serializer("Source", SourceForm, answers=AnswersField(required=False, help_text="By number."))
CARDS = {prefix: _serializer(form.__name__.removesuffix("Form"), form) for prefix, form in ReportForms.CARDS.items()}


class ReportSerializer(StrictFields, serializers.Serializer):
    """A report whole: the source, what it relies on, and a card for each thing that it says."""

    source = ReportSourceSerializer()
    pasted = serializers.CharField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        max_length=settings.PASTE_LIMITS["characters"],
        help_text="The text or HTML of the report: kept privately with the source, never shown to readers.",
    )
    submit = serializers.BooleanField(default=False, help_text="Hand the new drafts in for review.")

    def get_fields(self) -> dict[str, Any]:
        most = settings.REPORT_MOST_CARDS
        cards = {name: card(many=True, required=False, max_length=most) for name, card in CARDS.items()}
        return {**super().get_fields(), **cards}


def as_form(data: Mapping[str, Any], request: Any) -> QueryDict:
    """What was sent, as the desk's forms take it. Raises InvalidData for answers about no source."""
    sent = QueryDict(mutable=True)
    sent["paste-pasted"] = data.get("pasted", "")
    source = dict(data["source"])
    for label, answer in source.pop("answers", {}).items():
        try:
            sent[f"source-answer_{record_meant(Source, label).pk}"] = answer
        except ValidationError as error:
            raise InvalidData({"source": {"answers": {label: error.messages}}}) from error
    _put(sent, "source", source, request)
    for prefix in CARDS:
        cards = data.get(prefix, ())
        sent[f"{prefix}-TOTAL_FORMS"], sent[f"{prefix}-INITIAL_FORMS"] = str(len(cards)), "0"
        for place, card in enumerate(cards):
            _put(sent, f"{prefix}-{place}", card, request)
    return sent


def _put(sent: QueryDict, prefix: str, values: Mapping[str, Any], request: Any) -> None:
    back = {name: own for own, name in NAMES.items()} if prefix.startswith(("actors", "missions")) else {}
    for name, value in values.items():
        at = f"{prefix}-{back.get(name, name)}"
        if isinstance(value, list) and name in ("authors", *LISTED):
            sent[at] = join_list(key_in_address(str(one), request) for one in value)
        elif isinstance(value, list):
            sent.setlist(at, [str(one) for one in value])
        elif value is not None:
            sent[at] = key_in_address(str(value), request)


def told_errors(report: ReportForms) -> dict[str, Any]:
    """What the forms refuse, by the places that the API calls them by: events.0.date."""
    found: dict[str, Any] = {}
    for prefix, errors in report.errors.items():
        if prefix == "paste":
            found["pasted"] = [message for messages in errors.values() for message in messages]
            continue
        name, _, place = prefix.rpartition("-") if prefix.rpartition("-")[2].isdecimal() else (prefix, "", "")
        about = found.setdefault(name, {})
        for at, messages in _named(errors, report):
            (about.setdefault(place, {}) if place else about)[at] = messages
    return found


def _named(errors: Mapping[str, Any], report: ReportForms) -> Iterator[tuple[str, Any]]:
    labels = {f"answer_{hit.source.pk}": hit.source.label for hit in report.hits}
    answers = {labels[at]: messages for at, messages in errors.items() if at in labels}
    if answers:
        yield "answers", answers
    for at, messages in errors.items():
        if at not in labels:
            yield api_settings.NON_FIELD_ERRORS_KEY if at == NON_FIELD_ERRORS else NAMES.get(at, at), messages
