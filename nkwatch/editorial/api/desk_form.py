"""A record as the desk has it: every field that editors set, its state, its parts. What is read so is written so.

Made from the models, so that the API takes what the admin takes. Other records are named by number
(A-0012, draft-7), slug or code, or by their address here; dates are EDTF.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Prefetch, Q
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse
from rest_framework.validators import UniqueValidator

from nkwatch.editorial.admin.forms import LONGEST_REASON
from nkwatch.editorial.api.errors import accepted_here
from nkwatch.editorial.api.serializers import key_of
from nkwatch.editorial.api.views import resources
from nkwatch.editorial.desk import all_parts
from nkwatch.editorial.models import DRAFT_LABEL, Merge, NumberedRecord, ProposedChange, State, numbered
from nkwatch.editorial.text import join_list, split_list

SLUG = re.compile(r"[-a-zA-Z0-9_]{1,50}", re.ASCII)
ADDRESS = re.compile(
    r"https?://(?P<host>[^/]+)/(?:api/v1/(?:desk/)?)?(?P<resource>[a-z]+)/"
    r"(?P<key>[A-Z]-\d{4,9}|draft-\d{1,18}|[-a-zA-Z0-9_]{1,50})(?:-[^/]*)?/?",
    re.ASCII,
)


def key_in_address(text: str, request: Any, model: type[Any] | None = None) -> str:
    """The number, slug or code in an address of a record here, of `model` where that is known; other text as it is.

    What is a draft does not tell its kind: its address is taken only where it is known to be of the kind that is meant.
    """
    found = ADDRESS.fullmatch(text.strip())
    if not found or found["host"] != request.get_host():
        return text
    is_meant = found["resource"] == resources[model].resource if model else not DRAFT_LABEL.fullmatch(found["key"])
    return found["key"] if is_meant else text


def named(model: type[Any], text: str, request: Any = None) -> Any:
    """The record that goes by `text`: a number, slug or code, or an address of this API; None for none."""
    text = (key_in_address(text, request, model) if request else text).strip()
    if issubclass(model, NumberedRecord):
        return numbered(model, text)
    if not SLUG.fullmatch(text):
        return None
    key = "slug" if hasattr(model, "slug") else "pk"
    return model._default_manager.filter(**{key: text}).first()


class RecordField(serializers.RelatedField):
    """Another record, by its number, slug or code."""

    default_error_messages: ClassVar = {
        "not_text": "Name the record by its number, slug or code, as text.",
        "unknown": "“{text}” is not a known {kind}: give its number, or add it first.",
    }

    def use_pk_only_optimization(self) -> bool:
        return False

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("not_text")
        model: Any = self.get_queryset().model
        found = named(model, data, self.context.get("request"))
        if found is None:
            self.fail("unknown", text=data, kind=model._meta.verbose_name)
        return found

    def to_representation(self, value: Any) -> str:
        return key_of(value)


class RecordFieldDescription(OpenApiSerializerFieldExtension):
    """How the description tells of it: no text names no record."""

    target_class = RecordField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {"type": "string", **({} if self.target.allow_null else {"minLength": 1})}


class DegreesField(serializers.DecimalField):
    """A latitude or longitude, as a number; of more decimals than are kept, those that are."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce_to_string=False, min_value=-180, max_value=180, **kwargs)

    def validate_precision(self, value: Any) -> Any:
        is_degrees = value.copy_abs() < 10**self.max_whole_digits
        return super().validate_precision(round(value, self.decimal_places) if is_degrees else value)

    def to_representation(self, value: Any) -> Any:
        return None if value is None else float(value)


class ListedTextField(serializers.ListField):
    """Several values that editors keep in one field."""

    child = serializers.CharField(max_length=500)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """The values in the one text that is kept, once as a list they are found good."""
        values = super().run_validation(data)
        return join_list(values) if isinstance(values, list) else values

    def to_representation(self, data: Any) -> list[str]:
        return split_list(data)


def _of_another_type(field: Any, value: Any) -> Any:
    """What is wrong with a value that is not of the type described, and that REST framework would make into one."""
    if isinstance(field, serializers.CharField) and isinstance(value, int | float):
        return [field.error_messages["invalid"]]
    if isinstance(field, serializers.BooleanField) and not isinstance(value, bool | None):
        return [field.error_messages["invalid"]]
    if isinstance(field, serializers.ManyRelatedField) and isinstance(value, dict):
        return [field.error_messages["not_a_list"].format(input_type="dict")]
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        children: Any = enumerate(value)
    elif isinstance(field, serializers.DictField) and isinstance(value, dict):
        children = value.items()
    else:
        return None
    return {str(at): wrong for at, child in children if (wrong := _of_another_type(field.child, child))}


class StrictFields:
    """Refuses a field that would have no effect, and says which there are; makes nothing of a value of another type."""

    takes_no_more = True

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            every: dict[str, Any] = self.fields  # type: ignore[attr-defined]
            accepted = accepted_here(name for name, field in every.items() if not field.read_only)
            problems = {name: [f"Unknown field; {accepted}"] for name in data if name not in every}
            for name, field in every.items():
                if name in data and not field.read_only and (wrong := _of_another_type(field, data[name])):
                    problems[name] = wrong
            if problems:
                raise serializers.ValidationError(problems)
        return super().to_internal_value(data)  # type: ignore[misc]


class DeskSerializer(StrictFields, serializers.ModelSerializer):
    """What all records and parts share here. Values are checked by the model's rules when they are stored."""

    serializer_related_field = RecordField
    state = serializers.ChoiceField(choices=State.choices, read_only=True)

    def get_fields(self) -> dict[str, Any]:
        """By the names that the public form has for the same."""
        names = self.Meta.model.api_names
        found = {}
        for name, field in super().get_fields().items():
            if name in names:
                field.source = name
            found[names.get(name, name)] = field
        return found

    def build_standard_field(self, field_name: str, model_field: Any) -> tuple[Any, dict[str, Any]]:
        if field_name in model_field.model.text_lists:
            return ListedTextField, {"required": False, "max_length": MOST_PARTS}
        kind, options = super().build_standard_field(field_name, model_field)
        options["validators"] = [v for v in options.get("validators", ()) if not isinstance(v, UniqueValidator)]
        if not options["validators"]:
            del options["validators"]
        return (DegreesField if isinstance(model_field, models.DecimalField) else kind), options


class WaitingSerializer(serializers.Serializer):
    """Something that waits for a reviewer beside the record's own state."""

    kind = serializers.ChoiceField(choices=["change", "merge"])
    id = serializers.IntegerField(help_text="By which it is approved, returned or withdrawn.")
    about = serializers.CharField(help_text="The record or part of it.")
    difference = serializers.JSONField(help_text="{field: {old, new}}, in stored values.")
    reason = serializers.CharField()
    by = serializers.CharField()
    made = serializers.DateTimeField()


class DeskRecordSerializer(DeskSerializer):
    """A whole record."""

    number = serializers.SerializerMethodField(help_text="Permanent once it was published; until then draft-…")
    url = serializers.SerializerMethodField(help_text="Where the desk's form of it is read.")
    retraction_reason = serializers.CharField(read_only=True)
    created = serializers.DateTimeField(read_only=True)
    updated = serializers.DateTimeField(read_only=True)
    waiting = serializers.SerializerMethodField(help_text="Changes and merges that wait for a reviewer.")
    reason = serializers.CharField(
        write_only=True,
        required=False,
        max_length=LONGEST_REASON,
        help_text="Why it changes; required where readers see what changes. Kept with the version.",
    )

    def get_number(self, record: Any) -> str:
        return key_of(record)

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, record: Any) -> str:
        return desk_address(record, self.context["request"])

    @extend_schema_field(WaitingSerializer(many=True))
    def get_waiting(self, record: Any) -> Any:
        return WaitingSerializer(record.waits, many=True).data


def desk_address(record: Any, request: Any) -> str:
    """Where the desk's form of a record is read."""
    return reverse(
        f"api:desk-{resources[type(record)].resource}-detail", kwargs={"key": key_of(record)}, request=request
    )


def note_waiting(records: Sequence[Any]) -> None:
    """Write into each record, all of one kind, what waits of it and its parts: two queries for all of them."""
    about: dict[tuple[type[Any], int], Any] = {}
    for record in records:
        record.waits = []
        about |= {(type(row), row.pk): (record, row) for row in (record, *all_parts(record))}
    ids: dict[type[Any], list[int]] = defaultdict(list)
    for model, pk in about:
        ids[model].append(pk)
    wanted = Q(pk__in=[])
    for model, pks in ids.items():
        wanted |= Q(record_type=ContentType.objects.get_for_model(model), record_id__in=pks)
    change: Any
    for change in ProposedChange.objects.waiting().filter(wanted).select_related("author", "record_type"):
        record, row = about[change.record_type.model_class(), change.record_id]
        difference = {row.api_names.get(name, name): told for name, told in change.difference.items()}
        record.waits.append(_waiting("change", change, str(row), difference, change.author))
    if records:
        _note_merges({record.pk: record for record in records})


def _note_merges(records: Mapping[int, Any]) -> None:
    kind = ContentType.objects.get_for_model(type(next(iter(records.values()))))
    of_these = Q(kept_id__in=records) | Q(merged_id__in=records)
    merges = Merge.objects.filter(of_these, record_type=kind, state=Merge.State.WAITING).select_related("by")
    for merge in merges.order_by("made", "pk"):
        for pk in {merge.kept_id, merge.merged_id} & records.keys():
            records[pk].waits.append(_waiting("merge", merge, str(merge), {}, merge.by))


def _waiting(kind: str, row: Any, about: str, difference: Any, by: Any) -> dict[str, Any]:
    shown = {"kind": kind, "id": row.pk, "about": about, "difference": difference}
    return {**shown, "reason": row.reason, "by": str(by), "made": row.made}


def edited_fields(model: Any, besides: str = "") -> list[str]:
    """The fields that editors set: as the admin has them, but for `besides`, the record that a part belongs to."""
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    return [
        field.name
        for field in fields
        if field.editable
        and not field.primary_key
        and field.name not in (*model.derived_fields, besides)
        and not (field.many_to_many and not field.remote_field.through._meta.auto_created)
    ]


class PartAsChanged:
    """What is sent of a part that stands: what is left out stays. What a new part needs, its model says."""

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()  # type: ignore[misc]
        for field in fields.values():
            field.required = False
        return fields


@cache
def desk_serializer(model: Any, of_changes: bool = False) -> type[DeskRecordSerializer]:
    """The desk's form of one kind of record; `of_changes`, what is sent to change one."""
    own = edited_fields(model)
    fields = [
        "number",
        "url",
        "state",
        "retraction_reason",
        "created",
        "updated",
        *own,
        *model.parts,
        "waiting",
        "reason",
    ]
    meta = type("Meta", (), {"model": model, "fields": fields, "validators": []})
    name = f"Desk{model.__name__}Serializer"
    about = f"{str(model._meta.verbose_name).capitalize()}, as the desk has it."
    return type(name, (DeskRecordSerializer,), {"Meta": meta, "__doc__": about, **_parts(model, of_changes)})


@cache
def part_serializer(model: Any, belongs_to: str, of_changes: bool) -> type[DeskSerializer]:
    """The desk's form of one kind of part; `of_changes`, of one that may stand already."""
    fields = ["id", "state", *edited_fields(model, belongs_to), *model.parts, "remove"]
    meta = type("Meta", (), {"model": model, "fields": fields, "validators": []})
    about = f"{str(model._meta.verbose_name).capitalize()}, as the desk has it."
    declared = {
        "id": serializers.IntegerField(
            required=False,
            min_value=1,
            max_value=2**63 - 1,
            help_text="To change one that stands; left out for a new one.",
        ),
        "remove": serializers.BooleanField(
            write_only=True, required=False, help_text="Take out one that readers have never seen."
        ),
    }
    name = f"Desk{model.__name__}{'Change' if of_changes else ''}Serializer"
    bases = (PartAsChanged, DeskSerializer) if of_changes else (DeskSerializer,)
    return type(name, bases, {"Meta": meta, "__doc__": about, **declared, **_parts(model, of_changes)})


def _parts(model: Any, of_changes: bool) -> dict[str, Any]:
    found = {}
    for name in model.parts:
        relation = model._meta.get_field(name)
        found[name] = part_serializer(relation.related_model, relation.field.name, of_changes)(
            many=True,
            required=False,
            max_length=MOST_PARTS,
            help_text="Named by id, changed; without one, added; others stay.",
        )
    return found


MOST_PARTS = 200
"""How many parts of one kind may be sent at once."""


def desk_records(model: Any) -> Any:
    """Records with all that their desk form tells, each relation asked for once."""
    relations = [field.name for field in model._meta.concrete_fields if field.is_relation]
    lists = [field.name for field in model._meta.many_to_many if field.name in edited_fields(model)]
    return model._base_manager.select_related(*relations).prefetch_related(*lists, *_prefetched_parts(model))


def _prefetched_parts(model: Any, before: str = "") -> list[Prefetch]:
    found = []
    for name in model.parts:
        part = model._meta.get_field(name).related_model
        relations = [field.name for field in part._meta.concrete_fields if field.is_relation]
        found.append(Prefetch(f"{before}{name}", part._base_manager.select_related(*relations)))
        found += _prefetched_parts(part, f"{before}{name}__")
    return found
