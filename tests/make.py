"""Plain helpers that make records: valid drafts with real data, each field open to be overridden.

A country may be given by its code (`host="FR"`). What is made is a draft; `publish` makes it public.
"""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models

from missions.models import ClosureEvent, Coverage, Mission, ReportedFigure
from nkwatch.editorial.derivation import deriving_once
from nkwatch.editorial.models import Publishable
from nkwatch.editorial.versions import changing
from sources.models import Actor, Citation, Country, Quote, Reason, Source


def _make(model: type[models.Model], defaults: dict[str, Any], overrides: dict[str, Any]) -> Any:
    values = {}
    for name, value in (defaults | overrides).items():
        is_country = model._meta.get_field(name).related_model is Country
        values[f"{name}_id" if is_country and isinstance(value, str) else name] = value
    return model.objects.create(**values)


def make_actor(**overrides: Any) -> Actor:
    return _make(
        Actor,
        {"kind": "organisation", "name": "Kyodo News", "capacity": "news-agency", "country": "JP"},
        overrides,
    )


def make_source(**overrides: Any) -> Source:
    return _make(
        Source,
        {
            "kind": "article",
            "title": "North Korea to close its embassy in Spain",
            "language": "en",
            "issued": "2023-11-01",
        },
        overrides,
    )


def make_reason(**overrides: Any) -> Reason:
    return _make(
        Reason,
        {
            "slug": "sanctions",
            "label": "Sanctions",
            "definition": "International sanctions cut the income on which the mission lived.",
        },
        overrides,
    )


def make_quote(**overrides: Any) -> Quote:
    return _make(
        Quote,
        {
            "text": "We are conducting operations to withdraw and establish diplomatic missions.",
            "said_on": "2023-11-03",
        },
        overrides,
    )


def make_mission(**overrides: Any) -> Mission:
    return _make(Mission, {"sending": "KP", "host": "ES", "kind": "embassy", "city": "Madrid"}, overrides)


def make_coverage(**overrides: Any) -> Coverage:
    if "mission" not in overrides:
        overrides["mission"] = make_mission(host="IT", city="Rome")
    return _make(Coverage, {"country": "ES", "starts": "2023-10"}, overrides)


def make_event(**overrides: Any) -> ClosureEvent:
    if "mission" not in overrides:
        overrides["mission"] = make_mission()
    return _make(ClosureEvent, {"stage": "notified", "date": "2023-10-26"}, overrides)


def make_figure(**overrides: Any) -> ReportedFigure:
    return _make(ReportedFigure, {"metric": "missions-abroad", "low": 53, "high": 53, "as_of": "2023-10"}, overrides)


def cite(record: Publishable, source: Source | None = None, **overrides: Any) -> Any:
    """Cite `source` for `record`, with the kind of citation that the record takes."""
    kind = next(k for k in Citation.kinds() if k._meta.get_field(k.record_field).related_model is type(record))
    attributed = any(overrides.get(name) for name in ("attributed_to_source", "attributed_to_actor"))
    defaults = {
        kind.record_field: record,
        "source": source or make_source(),
        "basis": "attributed" if attributed else "not-given",
    }
    return _make(kind, defaults, overrides)


def make_steps(*steps: tuple[str, str], **mission: Any) -> Mission:
    """A published mission with its steps, each a stage and a date, all told by one source."""
    made = make_mission(**{"city": "", **mission})
    source = make_source(title=f"All of {made}")
    with deriving_once():
        publish(made)
        for stage, date in steps:
            event = make_event(mission=made, stage=stage, date=date)
            cite(event, source)
            publish(event)
    return made


def publish(*records: Publishable, by: AbstractBaseUser | None = None) -> None:
    """Publish each record with its parts, and first what they name, in one act; what follows is derived once."""
    with changing(), deriving_once():
        for record in records:
            for row in (record, *record.iter_parts()):
                for relation in _named_by(row):
                    if relation != record and not relation.is_public:
                        publish(relation, by=by)
            record.refresh_from_db(fields=[name for name in ("state", "number") if hasattr(record, name)])
            if not record.is_public:
                record.publish(by=by)
            for part in record.iter_parts():
                if not part.is_public:
                    publish(part, by=by)


def _named_by(record: Publishable) -> list[Publishable]:
    relations = [getattr(record, f.name) for f in record._meta.concrete_fields if isinstance(f, models.ForeignKey)]
    return [relation for relation in relations if isinstance(relation, Publishable)]
