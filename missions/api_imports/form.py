"""What a program says of an import, and what it is told."""

import dataclasses
from typing import Any

from rest_framework import serializers

from missions.importing.imports import EVENTS, KINDS
from missions.importing.jobs import progress_of
from missions.importing.preview import LONGEST_REASON, TABS, Page, Summary
from nkwatch.editorial.api.desk_form import StrictFields
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.models import ImportBatch

CELL, MOST = 500, 500
ORDERS = ("day-first", "month-first")


def _texts(**options: Any) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=CELL, allow_blank=True), max_length=MOST, **options
    )


def _by_column(child: serializers.Field, **options: Any) -> serializers.DictField:
    return serializers.DictField(child=child, **options)


class OptionsSerializer(StrictFields, serializers.Serializer):
    """How the sheet is read, and whom its names mean; what is left out is detected, or as the headers say."""

    sheet = serializers.CharField(required=False, allow_blank=True, max_length=100)
    encoding = serializers.CharField(required=False, allow_blank=True, max_length=40)
    delimiter = serializers.CharField(required=False, allow_blank=True, max_length=1, trim_whitespace=False)
    header_row = serializers.IntegerField(required=False, min_value=0, max_value=1_000)
    order = serializers.ChoiceField(required=False, choices=ORDERS, allow_blank=True)
    columns = _texts(
        required=False, help_text="For each header, by its place, the column that it is; empty sets it aside."
    )
    constants = _by_column(serializers.CharField(max_length=CELL), required=False)
    names = _by_column(_by_column(serializers.CharField(max_length=CELL)), required=False)
    mended = _by_column(_by_column(serializers.CharField(max_length=20_000, allow_blank=True)), required=False)
    clear = _texts(required=False)
    set_aside = _texts(required=False)


class SheetFileSerializer(StrictFields, serializers.Serializer):
    """A sheet, as a file."""

    file = serializers.FileField(allow_empty_file=True, help_text="CSV, TSV, XLSX or ODS.")
    kind = serializers.ChoiceField(choices=list(KINDS), default=EVENTS)


class SheetRowsSerializer(StrictFields, serializers.Serializer):
    """A sheet, as text."""

    rows = serializers.CharField(trim_whitespace=False, help_text="CSV or TSV with its header.")
    kind = serializers.ChoiceField(choices=list(KINDS), default=EVENTS)


class ConfirmationSerializer(StrictFields, serializers.Serializer):
    """The word that the previewed rows are to be written."""

    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="Kept with every version.")
    good_rows = serializers.BooleanField(
        default=False, help_text="Write the rows without errors, though others have some."
    )
    publish = serializers.BooleanField(default=False, help_text="Publish what the token's owner may publish.")


class UndoSerializer(StrictFields, serializers.Serializer):
    """Why an import is taken back."""

    reason = serializers.CharField(max_length=80)


class ProgressSerializer(serializers.Serializer):
    """How far an import is, in rows."""

    done = serializers.IntegerField()
    of = serializers.IntegerField()
    rows_per_second = serializers.FloatField(allow_null=True)
    seconds_left = serializers.FloatField(allow_null=True)
    note = serializers.CharField(allow_blank=True)


class ImportSerializer(serializers.Serializer):
    """An import: what came in, how far it is, what became of its rows."""

    id = serializers.IntegerField()
    url = serializers.HyperlinkedIdentityField(view_name="api:imports-detail", lookup_url_kwarg="id", lookup_field="pk")
    file = serializers.CharField()
    kind = serializers.CharField()
    stage = serializers.ChoiceField(choices=ImportBatch.Stage.choices)
    message = serializers.CharField()
    user = serializers.CharField(allow_null=True)
    token = serializers.CharField(allow_blank=True)
    started = serializers.DateTimeField()
    ended = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    options = serializers.SerializerMethodField()
    rows = serializers.IntegerField(source="rows_read")
    new = serializers.IntegerField()
    cited = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    progress = serializers.SerializerMethodField()

    def get_options(self, batch: ImportBatch) -> dict[str, Any]:
        return {name: value for name, value in batch.options.items() if name in OptionsSerializer().fields}

    def get_progress(self, batch: ImportBatch) -> ProgressSerializer:
        return ProgressSerializer(progress_of(batch)._asdict()).data


class ProblemSerializer(serializers.Serializer):
    """What is wrong with a cell, or to be looked at."""

    sort = serializers.CharField()
    column = serializers.CharField()
    value = serializers.CharField()
    message = serializers.CharField()


class LineSerializer(serializers.Serializer):
    """What one row would do."""

    row = serializers.IntegerField(help_text="As counted in the sheet; its header is row 1.")
    outcome = serializers.ChoiceField(choices=[tab for tab in TABS if tab not in ("all", "warning")])
    record = serializers.CharField(allow_blank=True)
    problems = ProblemSerializer(many=True)


class PreviewSerializer(serializers.Serializer):
    """What would happen; nothing is written."""

    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Rows by outcome.")
    proposed = serializers.IntegerField(help_text="Changes of published records that would wait for a reviewer.")
    notes = serializers.ListField(child=serializers.CharField())
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    rows = LineSerializer(many=True)


def told_preview(summary: Summary, page: Page) -> dict[str, Any]:
    """A page of a preview, as the API tells it."""
    rows = [
        {
            "row": line.row,
            "outcome": line.outcome,
            "record": line.record,
            "problems": [
                {name: getattr(told, name) for name in ("sort", "column", "value", "message")} for told in line.problems
            ],
        }
        for line in page.lines
    ]
    about = {"counts": summary.counts, "proposed": summary.proposed, "notes": summary.notes}
    return {**about, "page": page.number, "pages": page.last, "rows": rows}


def with_options(batch: ImportBatch, chosen: dict[str, Any]) -> SheetOptions:
    """The importer's choices, with those that were sent now."""
    told: dict[str, Any] = {n: tuple(value) if isinstance(value, list) else value for n, value in chosen.items()}
    return dataclasses.replace(SheetOptions.from_json(batch.options), **told)
