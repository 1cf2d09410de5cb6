"""Origins, support and spans are derived once, stored, and proven (domain.md, Rules, last line).

Hypothesis makes a small record, then changes it through the ordinary doors in random order. What
is stored after each round must be what deriving everything anew would store, and what the rules
say when asked directly.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from missions.derivation import FLOOR, mission_spans, store_support_and_spans
from missions.models import ClosureEvent, EventCitation, FigureCitation, Mission, ReportedFigure, Stage, StatusSpan
from missions.support import support
from nkwatch.editorial.derivation import deriving_once, deriving_up_to
from nkwatch.editorial.models import Publishable
from sources.models import Actor, Citation, Source
from sources.origins import origin_of, public_citations, store_origins
from tests.make import cite, make_actor, make_event, make_figure, make_mission, make_source, publish

pytestmark = pytest.mark.django_db

DATES = ["", "2023-10", "2023-10-26", "../2023-12-05", "2023-11-01/2023-12-05", "2024-01-10", "2023-11/.."]
CAPACITIES = ["government", "state-media", "newspaper", "party"]
COUNTRIES = ["KP", "ES", "CN", "KR"]
HOSTS = ["ES", "HK", "IT"]
MODELS = [Actor, Source, Mission, ClosureEvent, ReportedFigure, EventCitation, FigureCitation]


def attempt(change: Any, *args: Any) -> None:
    """Do as an editor would: what the rules refuse is left undone."""
    with contextlib.suppress(ValidationError), transaction.atomic():
        change(*args)


def one_of_or_none(data: st.DataObject, model: type[Publishable]) -> Any:
    return data.draw(st.sampled_from([None, *model.objects.order_by("pk")]))


def draw_citation(data: st.DataObject) -> dict[str, Any]:
    basis = data.draw(st.sampled_from(["attributed", "attributed", "own-reporting", "not-given"]))
    attributed = basis == "attributed"
    return {
        "basis": basis,
        "attributed_to_source": one_of_or_none(data, Source) if attributed else None,
        "attributed_to_actor": one_of_or_none(data, Actor) if attributed else None,
        "stance": data.draw(st.sampled_from(["supports", "supports", "supports", "disputes"])),
        "fact": data.draw(st.sampled_from(["", "", "", "note"])),
        "date": data.draw(st.sampled_from(DATES)),
    }


def draw_change(data: st.DataObject, model: type[Publishable]) -> dict[str, Any]:
    """New values for one field, or for a few that only make sense together."""

    def pick(name: str, values: Any) -> tuple[str, Any]:
        return name, lambda: data.draw(st.sampled_from(list(values)))

    def relate(name: str, to: type[Publishable]) -> tuple[str, Any]:
        return name, lambda: one_of_or_none(data, to)

    fields = {
        Actor: [
            pick("kind", ["person", "organisation", "unnamed"]),
            pick("capacity", CAPACITIES),
            pick("country_id", COUNTRIES),
            relate("part_of", Actor),
        ],
        Source: [
            relate("outlet", Actor),
            relate("republication_of", Source),
            pick("read", ["in-full", "in-part", "only-cited"]),
        ],
        Mission: [pick("host_id", HOSTS), pick("established", DATES)],
        ClosureEvent: [relate("mission", Mission), pick("stage", Stage.values), pick("date", DATES)],
        ReportedFigure: [relate("speaker", Actor)],
        EventCitation: [relate("event", ClosureEvent), relate("source", Source)],
        FigureCitation: [relate("figure", ReportedFigure), relate("source", Source)],
    }[model]
    if issubclass(model, Citation) and data.draw(st.booleans()):
        changed = draw_citation(data)
        return changed | ({"fact": ""} if model is EventCitation else {})
    name, draw = data.draw(st.sampled_from(fields))
    value = draw()
    required = {"mission", "event", "figure", "source"}
    return {} if value is None and name in required else {name: value}


def make_a_record(data: st.DataObject) -> None:
    for n in range(4):
        attempt(
            lambda n=n: make_actor(
                name=f"Actor {n}",
                kind=data.draw(st.sampled_from(["person", "organisation", "organisation", "unnamed"])),
                capacity=data.draw(st.sampled_from(CAPACITIES)),
                country=data.draw(st.sampled_from(COUNTRIES)),
                part_of=one_of_or_none(data, Actor),
            )
        )
    for n in range(4):
        make_source(
            title=f"Source {n}",
            outlet=one_of_or_none(data, Actor),
            republication_of=one_of_or_none(data, Source),
            read=data.draw(st.sampled_from(["in-full", "in-full", "only-cited"])),
        )
    missions = [make_mission(host=host, established=data.draw(st.sampled_from(DATES))) for host in HOSTS[:2]]
    for _ in range(4):
        make_event(
            mission=data.draw(st.sampled_from(missions)),
            stage=data.draw(st.sampled_from(Stage)),
            date=data.draw(st.sampled_from(DATES)),
        )
    figure = make_figure()
    for _ in range(data.draw(st.integers(4, 9))):
        record = data.draw(st.sampled_from([*ClosureEvent.objects.order_by("pk"), figure]))
        source = data.draw(st.sampled_from(list(Source.objects.order_by("pk"))))
        values = draw_citation(data) | ({"fact": ""} if record != figure else {})
        attempt(lambda record=record, source=source, values=values: cite(record, source, **values))


def change_something(data: st.DataObject) -> None:
    model = data.draw(st.sampled_from(MODELS))
    records = list(model.objects.order_by("pk"))
    if not records:
        return
    record: Any = data.draw(st.sampled_from(records))
    match data.draw(st.sampled_from(["edit", "edit", "publish", "retract"])):
        case "edit":
            for name, value in draw_change(data, model).items():
                setattr(record, name, value)
            attempt(record.save)
        case "publish":
            attempt(publish, record)
        case "retract":
            attempt(record.retract, "Recorded by mistake.")


def stored() -> dict[str, list[Any]]:
    """Everything derived that readers can see."""
    origins = {
        kind.__name__: list(
            kind.objects.public().order_by("pk").values_list("pk", "origin", "origin_body", "origin_mark")
        )
        for kind in Citation.kinds()
    }
    support_of_events = list(ClosureEvent.objects.public().order_by("pk").values("pk", *ClosureEvent.derived_fields))
    names = [field.attname for field in StatusSpan._meta.concrete_fields if not field.primary_key]
    spans = [
        ({name: getattr(span, name) for name in names}, sorted(event.pk for event in span.because.all()))
        for span in StatusSpan.objects.order_by("mission", "pk").prefetch_related("because")
    ]
    return {**origins, "support": support_of_events, "spans": spans}


def derive_everything_anew() -> None:
    for kind in Citation.kinds():
        record_model = kind._meta.get_field(kind.record_field).related_model
        store_origins(kind, list(record_model.objects.values_list("pk", flat=True)))
    store_support_and_spans(list(Mission.objects.values_list("pk", flat=True)))


def compare_with_the_rules() -> None:
    """Ask each rule directly, and find its answer stored."""
    for kind in (EventCitation, FigureCitation):
        ids = list(kind._meta.get_field(kind.record_field).related_model.objects.values_list("pk", flat=True))
        for citations in public_citations(kind, ids).values():
            for citation in citations:
                said = origin_of(citation, citations)
                assert (citation.origin, citation.origin_body, citation.origin_mark) == (
                    said.actor,
                    said.body,
                    str(said.mark),
                )
    events = list(ClosureEvent.objects.public().select_related("mission__host"))
    citations_of = public_citations(EventCitation, [event.pk for event in events])
    for event in events:
        judged = support(citations_of[event.pk], event.mission)
        assert (event.support_level, event.support_contested, event.support_reasoning) == (
            judged.level,
            judged.contested,
            judged.reasoning,
        )
        assert (event.support_origins, event.support_sources, event.support_one_country_id) == (
            judged.origins,
            judged.sources,
            judged.one_country,
        )
    for mission in Mission.objects.all():
        public = [event for event in events if event.mission_id == mission.pk]
        expected = [
            (span.starts, span.ends, span.standing.status, span.standing.since, sorted(span.standing.because))
            for span in (mission_spans(mission, public) if mission.is_public else [])
        ]
        kept = [
            (span.starts, span.ends, span.status, span.since, sorted(event.pk for event in span.because.all()))
            for span in mission.spans.order_by("pk")
        ]
        assert kept == expected


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """Each example starts from an empty record."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_is_stored_is_what_deriving_everything_anew_gives(data: st.DataObject) -> None:
    with undone(), deriving_up_to(FLOOR):
        make_a_record(data)
        for event in ClosureEvent.objects.order_by("pk"):
            attempt(publish, event)
        attempt(publish, ReportedFigure.objects.get())
        for _ in range(data.draw(st.integers(1, 4))):
            at_once = data.draw(st.booleans())
            with deriving_once() if at_once else contextlib.nullcontext():
                for _ in range(3):
                    change_something(data)

            compare_with_the_rules()
            kept = stored()
            derive_everything_anew()
            assert stored() == kept


# Three changes that once left something behind, and the order of the rules.


def test_support_reads_the_origins_of_the_same_change() -> None:
    event = make_event()
    publish(cite(event, attributed_to_actor=make_actor()))

    event.refresh_from_db()

    assert event.support_level == "single-origin"


def test_an_event_that_moves_leaves_no_span_behind() -> None:
    event, other = make_event(stage="closed"), make_mission(host="IT", city="Rome")
    cite(event)
    publish(event, other)

    event.refresh_from_db()
    event.mission = other
    event.save()

    assert not StatusSpan.objects.filter(mission__host="ES", status="closed").exists()
    assert StatusSpan.objects.filter(mission=other, status="closed").exists()


def test_a_citation_that_moves_leaves_no_support_behind() -> None:
    event = make_event()
    other = make_event(mission=event.mission, stage="closed", date="2023-12-05")
    moving = cite(event, attributed_to_actor=make_actor())
    staying, first_of_other = cite(event, make_source(title="Another")), cite(other, make_source(title="Third"))
    publish(moving, staying, first_of_other)

    moving.refresh_from_db()
    moving.event = other
    moving.save()

    event.refresh_from_db()
    other.refresh_from_db()
    assert (event.support_level, other.support_level) == ("origin-not-given", "single-origin")


def test_a_retracted_mission_has_no_spans() -> None:
    event = make_event(stage="closed")
    cite(event)
    publish(event)
    mission = Mission.objects.get()

    mission.retract("Recorded twice.")
    assert not mission.spans.exists()

    mission.publish()
    assert mission.spans.filter(status="closed").exists()


def test_changes_made_at_once_are_derived_at_the_end_and_undone_with_their_transaction() -> None:
    event = make_event(stage="closed")
    cite(event)
    with deriving_once():
        publish(event)
        assert not StatusSpan.objects.exists()
    assert StatusSpan.objects.filter(status="closed").exists()

    with pytest.raises(RuntimeError), deriving_once():
        ClosureEvent.objects.get().retract("Misread.")
        raise RuntimeError

    assert StatusSpan.objects.filter(status="closed").exists()
    assert ClosureEvent.objects.get().is_public


def test_deriving_again_without_a_change_writes_nothing(django_assert_num_queries: Any) -> None:
    event = make_event(stage="closed")
    cite(event)
    publish(event)
    spans = set(StatusSpan.objects.values_list("pk", flat=True))

    # Missions, events, citations, spans and their events are read; no row is written.
    with django_assert_num_queries(5):
        store_support_and_spans([event.mission_id])

    assert set(StatusSpan.objects.values_list("pk", flat=True)) == spans
