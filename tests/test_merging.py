"""Merging two records into one, and taking it back (pages.md, B4; domain.md, rules 6 to 8)."""

from typing import Any

import pytest
from django.core.management import call_command

from missions.models import StatusSpan
from nkwatch.editorial.bulk_versions import listed_now, lists_of
from nkwatch.editorial.import_traces import kinds
from nkwatch.editorial.merge_undo import undo
from nkwatch.editorial.merges import confirm, merge
from nkwatch.editorial.models import Merge
from tests.make import (
    cite,
    make_actor,
    make_coverage,
    make_event,
    make_figure,
    make_mission,
    make_quote,
    make_reason,
    make_source,
    publish,
)

pytestmark = pytest.mark.django_db


def record() -> dict[str, Any]:
    """Everything that stands, in every table of records, but for when it was stored."""
    found: dict[str, Any] = {}
    for model in kinds():
        rows = {row.pop("id"): row for row in model._base_manager.values()}
        for row in rows.values():
            del row["updated"]
        for many in lists_of(model):
            for pk, listed in listed_now(model, many, rows.keys()).items():
                rows[pk][many.name] = listed
        found[model.__name__] = rows
    spans = StatusSpan.objects.prefetch_related("because")
    found["spans"] = [
        (*(getattr(span, c.attname) for c in span._meta.concrete_fields if c.name != "id"), *span.because.all())
        for span in spans
    ]
    return found


@pytest.fixture
def two_of_each(db: None) -> dict[str, tuple[Any, Any]]:
    """A published pair of each kind, tied to each other's neighbours on every side."""
    ministry = make_actor(name="Foreign Ministry", capacity="government", country="KP")
    kyodo, twin = make_actor(), make_actor(name="Kyodo Tsushin", homepage="https://kyodo.example/")
    twin.names.create(name="共同通信")
    member = make_actor(name="Kyodo Seoul bureau", part_of=twin)
    source = make_source(source_url="https://a.example/madrid", outlet=kyodo)
    copy = make_source(title="N. Korea to close embassy in Spain", source_url="https://b.example/es", outlet=twin)
    reprint = make_source(title="Reprint", republication_of=copy, outlet=member)
    other = make_source(title="Another report", issued="2023-11-02", outlet=twin)
    copy.authorships.create(author=member)
    copy.references.create(cited_source=other, label="n1")
    reprint.references.create(cited_source=copy, label="n2")
    reason = make_reason()
    quote = make_quote(speaker=ministry)
    same = make_quote(text="We conduct operations to withdraw and establish missions.", speaker=twin, said_on="")
    same.reasons.add(reason)
    cite(quote, source, attributed_to_actor=ministry)
    cite(same, other, attributed_to_actor=twin)
    mission, double = make_mission(), make_mission(city="", kind="unspecified", name="NK mission in Spain")
    cite(mission, source)
    cite(double, copy, fact="host")
    rome = make_mission(host="IT", city="Rome")
    make_coverage(mission=double, country="AD")
    event, step = make_event(mission=mission), make_event(mission=mission, date="2023-10", summary="Notified.")
    later = make_event(mission=double, stage="closed", date="2023-12", duties_to=rome)
    handed = make_event(mission=rome, stage="duties-transferred", date="2023-12", duties_to=double)
    event.quotes.add(quote)
    step.quotes.add(same)
    cite(event, source, attributed_to_actor=ministry)
    cite(step, copy)
    cite(step, other, attributed_to_source=copy)
    cite(later, other, attributed_to_actor=twin)
    cite(handed, reprint)
    figure = make_figure(speaker=twin)
    cite(figure, copy)
    publish(ministry, kyodo, twin, member, source, copy, reprint, other, reason, quote, same, mission, double, rome)
    publish(event, step, later, handed, figure)
    return {
        "actor": (kyodo, twin),
        "source": (source, copy),
        "quote": (quote, same),
        "mission": (mission, double),
        "event": (event, step),
    }


KINDS = ("actor", "source", "quote", "mission", "event")


def is_clean() -> bool:
    call_command("check_record", verbosity=0)
    return True


def merged(kept: Any, other: Any, reviewer: Any, administrator: Any, *choices: str) -> Merge:
    done = merge(kept, other, reviewer, "The same, entered twice", choices)
    if done.state == "waiting":
        confirm(done, administrator)
    assert done.state == "done"
    return done


@pytest.mark.parametrize("kind", KINDS)
def test_a_merge_moves_all_and_taken_back_leaves_the_record_as_it_was(kind, two_of_each, reviewer, administrator):
    kept, other = two_of_each[kind]
    before = record()
    done = merged(kept, other, reviewer, administrator)
    assert is_clean()

    undo(done, administrator)

    assert record() == before
    assert is_clean()
