"""Prove the record: `uv run manage.py check_record` (contract.md, Commands)."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from missions.derivation import store_support_and_spans
from missions.models import ClosureEvent, Mission, StatusSpan
from nkwatch.editorial.edtf import EDTFField
from nkwatch.editorial.proving import found_by_others
from nkwatch.editorial.text import fold
from sources.addresses import canonical_url
from sources.models import Actor, ActorName, Citation, Source
from sources.origins import store_origins

Snapshot = dict[tuple[str, str], Any]


class Command(BaseCommand):
    """Derives everything again, compares it with what is stored, and puts back what was stored."""

    help = "Re-derive everything and say what is off."

    def handle(self, *args: Any, **options: Any) -> None:
        off = [*misread_dates(), *stale_keys(), *stale_derivations(), *found_by_others()]
        for line in off:
            self.stdout.write(line)
        if off:
            raise CommandError(f"{len(off)} stored value{'s are' if len(off) > 1 else ' is'} off.")
        self.stdout.write("The record is clean: every stored origin, support, status, bound and key follows from it.")


def misread_dates() -> Iterator[str]:
    """Dates whose stored bounds are not those of the date."""
    for model in apps.get_models():
        dates = [field for field in model._meta.concrete_fields if isinstance(field, EDTFField)]
        if not dates or model._meta.label.split(".")[1].startswith("Historical"):
            continue
        for record in model._default_manager.iterator():
            for date in dates:
                stored = (getattr(record, f"{date.name}_earliest"), getattr(record, f"{date.name}_latest"))
                date.set_bounds(record)
                if stored != (getattr(record, f"{date.name}_earliest"), getattr(record, f"{date.name}_latest")):
                    yield f"{model._meta.verbose_name} {_label(record)}: the bounds of {date.verbose_name} are off"


def stale_keys() -> Iterator[str]:
    """Keys for matching that are not those of the name or address."""
    for named in (Actor, ActorName):
        for actor in named._default_manager.iterator():
            if actor.name_key != fold(actor.name):
                yield f"{named._meta.verbose_name} {_label(actor)}: its name key is off"
    for source in Source.objects.iterator():
        if source.title_key != fold(source.name):
            yield f"source {source.label}: its title key is off"
        if source.canonical_url != canonical_url(source.source_url):
            yield f"source {source.label}: its canonical address is off"


def stale_derivations() -> Iterator[str]:
    """Origins, support and spans that do not follow from the records."""
    with transaction.atomic():
        stored = derived_values()
        for kind in Citation.kinds():
            store_origins(kind, kind.objects.values_list(kind.record_field, flat=True).distinct())
        store_support_and_spans(list(Mission.objects.values_list("pk", flat=True)))
        derived = derived_values()
        transaction.set_rollback(True)
    for where in sorted(stored.keys() | derived.keys()):
        if stored.get(where) != derived.get(where):
            yield f"{where[0]} {where[1]}: stored {stored.get(where)}, derived {derived.get(where)}"


def derived_values() -> Snapshot:
    """Everything that is derived, by where it stands; spans by their mission."""
    values: Snapshot = {}
    derived_models: list[Any] = [*Citation.kinds(), ClosureEvent]
    for model in derived_models:
        for record in model.objects.public():
            derived = tuple(getattr(record, model._meta.get_field(name).attname) for name in model.derived_fields)
            values[str(model._meta.verbose_name), _label(record)] = derived
    spans = StatusSpan.objects.select_related("mission").prefetch_related("because").order_by("mission", "starts")
    for span in spans:
        columns = [f.attname for f in span._meta.concrete_fields if not f.primary_key]
        row = (*(getattr(span, column) for column in columns), sorted(event.pk for event in span.because.all()))
        values.setdefault(("status of mission", span.mission.label), []).append(row)
    return values


def _label(record: models.Model) -> str:
    return getattr(record, "label", str(record.pk))
