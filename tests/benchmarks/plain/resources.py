"""An import as django-import-export's documentation would have a user write it.

After its pages "Getting started" and "Advanced usage": a `ModelResource` whose relations go through
`ForeignKeyWidget` and `ManyToManyWidget` by a unique field, are made in `before_import_row` with
`get_or_create` ("Creating non-existent relations"), and whose rows are told apart by a combination
of fields in `import_id_fields` ("Create or update model instances"). All options are the default ones.
"""

from typing import Any

from import_export import fields, resources
from import_export.widgets import ForeignKeyWidget, ManyToManyWidget

from tests.benchmarks.plain.models import Actor, Event, Mission, Quote, Source


class EventResource(resources.ModelResource):
    mission = fields.Field(column_name="mission", attribute="mission", widget=ForeignKeyWidget(Mission, field="name"))
    source = fields.Field(column_name="source", attribute="source", widget=ForeignKeyWidget(Source, field="key"))
    attributed_to_actor = fields.Field(
        column_name="attributed_to_actor",
        attribute="attributed_to_actor",
        widget=ForeignKeyWidget(Actor, field="name"),
    )
    quotes = fields.Field(
        column_name="quotes", attribute="quotes", widget=ManyToManyWidget(Quote, field="key", separator="|")
    )

    class Meta:
        model = Event
        import_id_fields = ("mission", "event", "date", "source")
        fields = (
            "mission",
            "event",
            "date",
            "date_wording",
            "source",
            "summary",
            "basis",
            "attributed_to_actor",
            "locator",
            "wording",
            "quotes",
        )

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """The sheet names missions and sources by several cells: give each row one column to look them up by."""
        if "mission" not in dataset.headers:
            rows = dataset.dict
            dataset.append_col([f"{row['host_country']}, {row['city']}".strip(", ") for row in rows], header="mission")
            dataset.append_col([row["source_url"] or row["source_title"] for row in rows], header="source")
            dataset.append_col([row["quote"] or row["quote_original"] for row in rows], header="quotes")

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        Mission.objects.get_or_create(
            name=row["mission"],
            defaults={"host_country": row["host_country"], "city": row["city"], "kind": row["mission_kind"]},
        )
        outlet, _ = Actor.objects.get_or_create(name=row["source_outlet"])
        Source.objects.get_or_create(
            key=row["source"],
            defaults={
                "url": row["source_url"],
                "title": row["source_title"],
                "outlet": outlet,
                "issued": row["source_issued"],
                "language": row["source_language"],
                "archive_url": row["source_archive_url"],
            },
        )
        if row["attributed_to_actor"]:
            Actor.objects.get_or_create(name=row["attributed_to_actor"])
        if row["quotes"]:
            speaker, _ = Actor.objects.get_or_create(name=row["speaker"])
            Quote.objects.get_or_create(
                key=row["quotes"],
                defaults={
                    "text": row["quote"],
                    "text_original": row["quote_original"],
                    "language": row["quote_language"],
                    "speaker": speaker,
                    "speaker_role": row["speaker_role"],
                    "said_on": row["said_on"],
                    "reasons": row["reasons"],
                },
            )
