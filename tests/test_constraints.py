"""The database itself refuses nonsense, whatever writes to it; validation says so in the editor's words."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from missions.models import ClosureEvent, Coverage, EventCitation, Mission, MissionCitation, ReportedFigure, StatusSpan
from sources.models import Actor, ActorName, Authorship, Country, Quote, QuoteCitation, Reason, Reference, Source
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
)

pytestmark = pytest.mark.django_db


def update(record: Any, **values: Any) -> None:
    """Write past all validation, as a careless command would."""
    with transaction.atomic():
        type(record).objects.filter(pk=record.pk).update(**values)


def make_name() -> ActorName:
    return ActorName.objects.create(actor=make_actor(), name="共同通信")


def make_authorship() -> Authorship:
    return Authorship.objects.create(source=make_source(), author=make_actor())


def make_reference() -> Reference:
    return Reference.objects.create(source=make_source(), cited_source=make_source(title="Cited"), label="n19")


EVERY_RECORD = {
    "actor": make_actor,
    "spelling": make_name,
    "source": make_source,
    "author": make_authorship,
    "reference": make_reference,
    "reason": make_reason,
    "quote": make_quote,
    "citation of a quote": lambda: cite(make_quote()),
    "mission": make_mission,
    "citation of a mission": lambda: cite(make_mission()),
    "coverage": make_coverage,
    "citation of a coverage": lambda: cite(make_coverage()),
    "event": make_event,
    "citation of an event": lambda: cite(make_event()),
    "figure": make_figure,
    "citation of a figure": lambda: cite(make_figure()),
}
EVERY_CITATION = {name: make for name, make in EVERY_RECORD.items() if name.startswith("citation")}
EVERY_NUMBERED = {name: EVERY_RECORD[name] for name in ("actor", "source", "quote", "mission", "event", "figure")}


def each(makers: dict[str, Callable[[], Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("make", makers.values(), ids=makers)


# What holds of every record.


@each(EVERY_RECORD)
def test_a_state_outside_the_four_is_refused(make: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError):
        update(make(), state="hidden")


@each(EVERY_RECORD)
def test_a_retraction_without_a_reason_is_refused(make: Callable[[], Any]) -> None:
    values = {"number": 1} if make in EVERY_NUMBERED.values() else {}

    with pytest.raises(IntegrityError):
        update(make(), state="retracted", **values)


@each(EVERY_NUMBERED)
@pytest.mark.parametrize("values", [{"state": "published"}, {"state": "retracted", "retraction_reason": "Twice."}])
def test_a_record_that_was_public_has_a_number(make: Callable[[], Any], values: dict[str, str]) -> None:
    with pytest.raises(IntegrityError):
        update(make(), **values)


@pytest.mark.parametrize("model", [Actor, Source])
def test_a_number_is_given_once(model: Any) -> None:
    make = {Actor: make_actor, Source: make_source}[model]
    one, other = make(), make()
    update(one, number=7)

    with pytest.raises(IntegrityError):
        update(other, number=7)


@each(EVERY_CITATION)
@pytest.mark.parametrize(
    "values", [{"stance": "doubts"}, {"basis": "rumour"}, {"date_earliest": "2023-12-05", "date_latest": "2023-11-01"}]
)
def test_a_citation_keeps_to_the_vocabulary_and_to_dates_in_order(
    make: Callable[[], Any], values: dict[str, str]
) -> None:
    with pytest.raises(IntegrityError):
        update(make(), **values)


@each(EVERY_CITATION)
def test_an_attributed_claim_names_whom_it_is_attributed_to(make: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError):
        update(make(), basis="attributed")


@each(EVERY_CITATION)
@pytest.mark.parametrize("basis", ["own-reporting", "not-given"])
@pytest.mark.parametrize("attributed_to", ["attributed_to_source", "attributed_to_actor"])
def test_any_other_claim_names_nobody(make: Callable[[], Any], basis: str, attributed_to: str) -> None:
    named = make_actor() if attributed_to == "attributed_to_actor" else make_source(title="Another")

    with pytest.raises(IntegrityError):
        update(make(), basis=basis, **{attributed_to: named})


@each(EVERY_CITATION)
def test_a_claim_is_not_attributed_to_its_own_carrier(make: Callable[[], Any]) -> None:
    citation = make()

    with pytest.raises(IntegrityError):
        update(citation, basis="attributed", attributed_to_source=citation.source)


@each(EVERY_CITATION)
@pytest.mark.parametrize("attributed", [False, True])
def test_one_source_makes_one_claim_once(make: Callable[[], Any], attributed: bool) -> None:
    citation = make()
    if attributed:
        update(citation, basis="attributed", attributed_to_actor=make_actor())
        citation.refresh_from_db()
    citation.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        type(citation).objects.bulk_create([citation])


def test_one_source_may_give_one_fact_from_two_origins() -> None:
    event, source = make_event(), make_source()
    cite(event, source, attributed_to_actor=make_actor())

    assert cite(event, source, attributed_to_actor=make_actor(name="Yonhap", country="KR")).pk
    assert cite(event, source, fact="date").pk


# What holds of one kind.


@pytest.mark.parametrize(
    ("make", "values"),
    [
        (make_actor, {"kind": "robot"}),
        (make_actor, {"capacity": "spy"}),
        (make_actor, {"homepage": "javascript:alert(1)"}),
        (make_actor, {"homepage": "ftp://kyodo.example/"}),
        (make_actor, {"part_of": F("id")}),
        (make_source, {"kind": "rumour"}),
        (make_source, {"read": "skimmed"}),
        (make_source, {"translated_by": "a friend"}),
        (make_source, {"source_url": "javascript:alert(1)"}),
        (make_source, {"source_url": "file:///etc/passwd"}),
        (make_source, {"source_url": " https://example.org/"}),
        (make_source, {"archive_url": "data:text/html,hello"}),
        (make_source, {"title": ""}),
        (make_source, {"issued_earliest": "2023-12-05", "issued_latest": "2023-11-01"}),
        (make_source, {"republication_of": F("id")}),
        (make_reference, {"cited_source": F("source")}),
        (make_quote, {"text": ""}),
        (make_quote, {"translated_by": "a friend"}),
        (make_quote, {"said_on_earliest": "2023-12-05", "said_on_latest": "2023-11-01"}),
        (lambda: cite(make_quote()), {"rendering": "by heart"}),
        (make_mission, {"kind": "castle"}),
        (make_mission, {"host": "KP"}),
        (make_mission, {"sending": "FR"}),
        (make_mission, {"latitude": 91, "longitude": 0}),
        (make_mission, {"latitude": 40, "longitude": -181}),
        (make_mission, {"latitude": 40}),
        (make_mission, {"longitude": 3}),
        (make_mission, {"established_earliest": "2023-12-05", "established_latest": "2023-11-01"}),
        (make_coverage, {"starts_earliest": "2023-12-05", "starts_latest": "2023-11-01"}),
        (make_coverage, {"ends_earliest": "2022-01-01", "ends_latest": "2022-01-01"}),
        (make_event, {"stage": "cancelled"}),
        (make_event, {"support_level": "certain"}),
        (make_event, {"date_earliest": "2023-12-05", "date_latest": "2023-11-01"}),
        (make_event, {"duties_to": F("mission")}),
        (make_figure, {"metric": "ambassadors"}),
        (make_figure, {"low": 54}),
        (make_figure, {"low": None, "high": None}),
        (make_figure, {"since_earliest": "2023-12-05", "since_latest": "2023-11-01"}),
        (make_figure, {"as_of_earliest": "2023-12-05", "as_of_latest": "2023-11-01"}),
    ],
)
def test_nonsense_is_refused_by_the_database(make: Callable[[], Any], values: dict[str, Any]) -> None:
    record = make()

    with pytest.raises(IntegrityError):
        update(record, **values)


@pytest.mark.parametrize(
    ("make", "values"),
    [
        (make_actor, {"homepage": "http://english.kyodonews.net/"}),
        (make_source, {"source_url": "https://example.org/1", "archive_url": "http://archive.example/1"}),
        (make_source, {"title": "", "described_as": "note of the embassy printed by PCPE"}),
        (make_quote, {"text": "", "text_original": "철수 및 신설 사업을 진행하고 있다"}),
        (make_mission, {"latitude": -90, "longitude": 180}),
        (make_figure, {"low": None, "high": 12}),
        (make_figure, {"low": 51, "high": None}),
        (make_figure, {"low": None, "high": None, "worded": "dozens"}),
        (make_event, {"date_earliest": None, "date_latest": "2023-12-05"}),
    ],
)
def test_what_makes_sense_is_taken(make: Callable[[], Any], values: dict[str, Any]) -> None:
    record = make()

    update(record, **values)

    record.refresh_from_db()
    record.full_clean()


@pytest.mark.parametrize(
    ("make", "model", "values"),
    [
        (make_name, ActorName, {"name": "共同通信"}),
        (make_authorship, Authorship, {}),
        (make_reference, Reference, {"label": "n19"}),
        (make_mission, Mission, {"kind": "embassy", "city": "MADRID"}),
        (make_coverage, Coverage, {"starts": "2023-10"}),
    ],
)
def test_the_same_thing_is_not_recorded_twice(make: Callable[[], Any], model: Any, values: dict[str, str]) -> None:
    record = make()
    relations = {
        f.name: getattr(record, f.name) for f in model._meta.concrete_fields if f.is_relation and f.many_to_one
    }

    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.bulk_create([model(**relations, **values)])


def test_two_sources_do_not_share_an_address() -> None:
    make_source(source_url="https://example.org/1")
    other = make_source(title="Another")

    with pytest.raises(IntegrityError):
        update(other, canonical_url="https://example.org/1")


def test_sources_without_an_address_may_be_many() -> None:
    make_source()

    assert make_source(title="Another").canonical_url == ""


def test_two_reasons_do_not_share_a_slug() -> None:
    make_reason()

    with pytest.raises(IntegrityError), transaction.atomic():
        Reason.objects.bulk_create([Reason(slug="sanctions", label="Again", definition="The same.")])


def test_a_territory_does_not_govern_itself() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Country.objects.filter(code="HK").update(governed_by="HK")


def test_a_span_of_status_has_days_and_a_known_status() -> None:
    mission = make_mission()

    for values in ({"status": "gone"}, {"status": "open", "starts": "2023-12-05", "ends": "2023-12-05"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            StatusSpan.objects.bulk_create([StatusSpan(mission=mission, **values)])


# The same refusals, in the editor's words, and before anything is written.


def refused(make: Callable[..., Any], **values: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refusal:
        make(**values)
    return refusal.value.message_dict


@pytest.mark.parametrize(
    ("make", "values", "field", "words"),
    [
        (make_mission, {"host": "KP"}, "__all__", "A mission stands in another country than the one that sends it."),
        (make_mission, {"sending": "FR"}, "__all__", "North Korea must be the sending or the host country."),
        (make_mission, {"latitude": 40}, "__all__", "Give latitude (-90 to 90) and longitude (-180 to 180) together."),
        (make_coverage, {"ends": "2022"}, "__all__", "A coverage cannot end before it starts."),
        (make_figure, {"low": 54}, "__all__", "“At least” cannot be more than “at most”."),
        (make_figure, {"low": None, "high": None}, "__all__", "Give a number, or the words that stand for one."),
        (make_quote, {"text": ""}, "__all__", "Give the words, in English or in the original language."),
        (make_source, {"title": ""}, "__all__", "Give the source a title, or say under “described as” what it is."),
        (
            make_source,
            {"source_url": "javascript:alert(1)"},
            "source_url",
            "Only web addresses that begin with http:// or https:// are kept.",
        ),
        (
            make_actor,
            {"homepage": "ftp://kyodo.example/"},
            "homepage",
            "Only web addresses that begin with http:// or https:// are kept.",
        ),
        (
            make_source,
            {"title": "Closed\u202eniaps"},
            "title",
            "The text has an invisible character (U+202E at position 7): delete it or type the words again.",
        ),
    ],
)
def test_validation_says_what_was_wrong(
    make: Callable[..., Any], values: dict[str, Any], field: str, words: str
) -> None:
    assert refused(make, **values) == {field: [words]}


def test_a_second_mission_of_the_same_kind_and_place_is_refused_in_words() -> None:
    make_mission()

    assert refused(make_mission, city="madrid") == {
        "__all__": ["This mission stands already: same sender, host, kind and city."]
    }


def test_a_known_address_is_refused_with_the_source_that_has_it() -> None:
    known = make_source(title="Known", source_url="https://example.org/1?utm_source=x")

    assert refused(make_source, source_url="http://example.org:80/1#top") == {
        "source_url": [f"This address is known: it is {known.label}, “Known”."]
    }


@pytest.mark.parametrize("overrides", [{"basis": "attributed"}, {"basis": "own-reporting", "with_actor": True}])
def test_a_basis_and_an_attribution_that_do_not_fit_are_refused_in_words(overrides: dict[str, Any]) -> None:
    overrides = dict(overrides)
    if overrides.pop("with_actor", False):
        overrides["attributed_to_actor"] = make_actor()
    event, source = make_event(), make_source()

    assert refused(cite, record=event, source=source, **overrides) == {
        "__all__": ["An attributed claim names the source or the actor that said it; any other basis names neither."]
    }


def test_a_second_claim_with_the_same_attribution_is_refused_in_words() -> None:
    event, source = make_event(), make_source()
    cite(event, source)

    assert refused(cite, record=event, source=source) == {
        "__all__": ["This source is cited for this already, with the same attribution."]
    }


def test_a_claim_attributed_to_its_own_carrier_is_refused_in_words() -> None:
    event, source = make_event(), make_source()

    messages = refused(cite, record=event, source=source, attributed_to_source=source)

    assert messages["attributed_to_source" if "attributed_to_source" in messages else "__all__"] in (
        ["A source cannot be its own origin: choose “own reporting”."],
        [f"“{source}” itself relies on “{source}” for this: the attribution runs in a circle."],
    )


def test_a_fact_that_the_record_does_not_have_is_refused_with_those_it_has() -> None:
    event, source = make_event(), make_source()

    (message,) = refused(cite, record=event, source=source, fact="colour")["fact"]

    assert message.startswith("“colour” is not a field of closure event: date, date_note, duties_to")


@pytest.mark.parametrize("fact", ["support_level", "date_earliest", "number", "state"])
def test_what_no_editor_writes_is_no_fact_to_cite(fact: str) -> None:
    assert "fact" in refused(cite, record=make_event(), source=make_source(), fact=fact)


def test_a_source_is_not_a_republication_of_its_own_republication() -> None:
    original = make_source(title="Original")
    again = make_source(title="Reprint", republication_of=original)
    original.republication_of = again

    with pytest.raises(ValidationError, match="“Reprint” is itself a republication of this source: one must go"):
        original.save()


@pytest.mark.parametrize("model", [Source, Actor])
def test_nothing_is_a_republication_or_a_part_of_itself(model: Any) -> None:
    record, field = (make_source(), "republication_of") if model is Source else (make_actor(), "part_of")
    setattr(record, field, record)

    with pytest.raises(ValidationError) as refusal:
        record.save()

    assert field in refusal.value.message_dict


def test_two_bodies_are_not_part_of_each_other() -> None:
    ministry = make_actor(name="Ministry")
    department = make_actor(name="Department", part_of=ministry)
    ministry.part_of = department

    with pytest.raises(ValidationError, match="Department is itself part of Ministry: one of the two must go"):
        ministry.save()


def test_a_refused_write_leaves_nothing_behind() -> None:
    refused(make_mission, host="KP")
    refused(make_figure, low=54)

    assert not Mission.objects.exists()
    assert not ReportedFigure.objects.exists()
    assert not Mission.history.exists()


def test_bulk_writes_are_held_to_the_same_rules() -> None:
    mission, source, event, quote = make_mission(), make_source(), None, make_quote()
    event = make_event(mission=mission)

    for model, rows in (
        (Mission, [Mission(sending_id="FR", host_id="ES")]),
        (Source, [Source(title="X", source_url="javascript:alert(1)")]),
        (ClosureEvent, [ClosureEvent(mission=mission, stage="cancelled")]),
        (Quote, [Quote()]),
        (EventCitation, [EventCitation(event=event, source=source, basis="attributed")]),
        (MissionCitation, [MissionCitation(mission=mission, source=source, stance="doubts")]),
        (QuoteCitation, [QuoteCitation(quote=quote, source=source, rendering="by heart")]),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.bulk_create(rows)
