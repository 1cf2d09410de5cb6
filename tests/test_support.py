"""Rule 4 of domain.md: how well an event or a status is supported, sentence by sentence."""

import datetime
import itertools
from typing import Any

import pytest

from missions.models import ClosureEvent, Mission, SupportLevel
from missions.support import support
from sources.models import Actor, Citation
from sources.origins import public_citations
from tests.make import cite, make_actor, make_event, make_mission, make_source, publish

pytestmark = pytest.mark.django_db


def government(country: str, name: str = "Ministry of Foreign Affairs", **overrides: Any) -> Actor:
    return make_actor(**{"name": name, "capacity": "government", "country": country} | overrides)


def state_media(country: str, name: str = "State agency", **overrides: Any) -> Actor:
    return make_actor(**{"name": name, "capacity": "state-media", "country": country} | overrides)


def paper(name: str, country: str = "ES") -> Actor:
    return make_actor(name=name, capacity="newspaper", country=country)


def said_by(event: ClosureEvent, actor: Actor | None = None, **overrides: Any) -> Citation:
    """A source of its own that supports `event`: by hearsay of `actor`, or of nobody it names."""
    source = overrides.pop("source", None) or make_source(title=f"What {actor or 'nobody'} said")
    return cite(event, source, attributed_to_actor=actor, **overrides)


def unread(event: ClosureEvent, outlet: Actor) -> Citation:
    return cite(event, attributed_to_source=make_source(title=f"{outlet} report", outlet=outlet, read="only-cited"))


def published(event: ClosureEvent) -> ClosureEvent:
    publish(event)
    event.refresh_from_db()
    return event


def span_on(mission: Mission, day: str) -> Any:
    (found,) = Mission.objects.as_of(datetime.date.fromisoformat(day)).get(pk=mission.pk).spans_on_day
    return found


# *confirmed*: a body is government or state media of the sending country, or government of the host or of
# what governs it.


@pytest.mark.parametrize(
    ("host", "speaker", "country", "level"),
    [
        ("ES", government, "KP", SupportLevel.CONFIRMED),
        ("ES", state_media, "KP", SupportLevel.CONFIRMED),
        ("ES", government, "ES", SupportLevel.CONFIRMED),
        ("ES", state_media, "ES", SupportLevel.SINGLE_ORIGIN),
        ("ES", government, "KR", SupportLevel.SINGLE_ORIGIN),
        ("HK", government, "HK", SupportLevel.CONFIRMED),
        ("HK", government, "CN", SupportLevel.CONFIRMED),
        ("HK", state_media, "CN", SupportLevel.SINGLE_ORIGIN),
        ("CN", government, "HK", SupportLevel.SINGLE_ORIGIN),
    ],
)
def test_only_the_sending_state_or_the_hosts_government_confirms(
    host: str, speaker: Any, country: str, level: SupportLevel
) -> None:
    event = make_event(mission=make_mission(host=host, city=""))
    said_by(event, speaker(country))

    assert published(event).support_level == level


def test_in_pyongyang_the_host_is_north_korea_and_its_media_do_not_confirm() -> None:
    event = make_event(mission=make_mission(sending="RO", host="KP", city="Pyongyang"), stage="closed")
    said_by(event, state_media("KP", "KCNA"))

    assert published(event).support_level == SupportLevel.SINGLE_ORIGIN


def test_a_newspaper_of_the_sending_country_confirms_nothing() -> None:
    event = make_event(mission=make_mission(sending="RO", host="KP", city="Pyongyang"), stage="closed")
    said_by(event, paper("Adevărul", "RO"))

    assert published(event).support_level == SupportLevel.SINGLE_ORIGIN


@pytest.mark.parametrize("government_first", [True, False])
def test_a_government_confirms_whatever_its_state_media_say_before_or_after_it(government_first: bool) -> None:
    event = make_event()
    speakers = [government("ES"), state_media("ES", "RTVE")]
    for speaker in speakers if government_first else reversed(speakers):
        said_by(event, speaker)

    published(event)

    assert (event.support_level, event.support_origins) == (SupportLevel.CONFIRMED, 1)


def test_state_media_that_belong_to_the_hosts_government_do_not_confirm() -> None:
    event = make_event()
    said_by(event, state_media("ES", "RTVE", part_of=government("ES", "Government of Spain")))

    assert published(event).support_level == SupportLevel.SINGLE_ORIGIN


# Else *corroborated*: two or more bodies.


def test_two_bodies_corroborate() -> None:
    event = make_event()
    said_by(event, paper("El País"))
    said_by(event, paper("Le Monde", "FR"))

    published(event)

    assert (event.support_level, event.support_origins) == (SupportLevel.CORROBORATED, 2)


def test_two_officials_of_one_body_do_not_corroborate() -> None:
    event, ministry = make_event(), government("KR")
    for name in ("Lim Soo-suk", "Koo Byoung-sam"):
        said_by(event, government("KR", name, kind="person", part_of=ministry))

    published(event)

    assert (event.support_level, event.support_origins) == (SupportLevel.SINGLE_ORIGIN, 1)


def test_government_and_state_media_of_one_country_do_not_corroborate_each_other() -> None:
    event = make_event()
    said_by(event, government("RU"))
    said_by(event, state_media("RU", "TASS"))

    assert published(event).support_level == SupportLevel.SINGLE_ORIGIN


def test_what_was_not_read_never_corroborates() -> None:
    event = make_event()
    said_by(event, paper("El País"))
    unread(event, paper("Chosun Sinbo", "JP"))

    published(event)

    assert (event.support_level, event.support_origins) == (SupportLevel.SINGLE_ORIGIN, 1)
    assert "Not read, only cited: Chosun Sinbo; it does not corroborate." in event.support_reasoning


def test_two_that_were_not_read_do_not_corroborate_each_other() -> None:
    event = make_event()
    unread(event, paper("Chosun Sinbo", "JP"))
    unread(event, paper("Le Monde", "FR"))

    published(event)

    assert (event.support_level, event.support_origins) == (SupportLevel.SINGLE_ORIGIN, 1)


def test_a_body_that_was_read_once_counts_even_where_another_carrier_only_cites_it() -> None:
    event, le_monde = make_event(), paper("Le Monde", "FR")
    said_by(event, paper("El País"))
    said_by(event, le_monde)
    unread(event, le_monde)

    assert published(event).support_level == SupportLevel.CORROBORATED
    assert "Not read" not in event.support_reasoning


# Else *single origin* ("4 sources, 1 origin").


def test_four_sources_with_one_origin_are_a_single_origin() -> None:
    event, yonhap = make_event(), paper("Yonhap", "KR")
    for title in ("ABC", "BBC", "CNN", "DW"):
        said_by(event, yonhap, source=make_source(title=title))

    published(event)

    assert event.support_level == SupportLevel.SINGLE_ORIGIN
    assert (event.support_sources, event.support_origins) == (4, 1)
    assert event.support_reasoning.startswith("4 sources, 1 origin: Yonhap.")


# Else *origin not given*.


def test_sources_that_name_nobody_leave_the_origin_not_given() -> None:
    event = make_event()
    cite(event, make_source(title="ABC"))
    cite(event, make_source(title="BBC"))

    published(event)

    assert (event.support_level, event.support_origins) == (SupportLevel.ORIGIN_NOT_GIVEN, 0)
    assert event.support_reasoning == "2 sources, no origin given."


def test_somebody_unnamed_without_a_body_is_shown_and_not_counted() -> None:
    event = make_event()
    said_by(event, make_actor(kind="unnamed", name="a diplomatic source", capacity="other", country=None))

    published(event)

    assert (event.support_level, event.support_origins) == (SupportLevel.ORIGIN_NOT_GIVEN, 0)
    assert event.support_reasoning == (
        "1 source, no known origin. Not counted, since the origin is somebody unnamed: 1 source."
    )


def test_one_that_names_nobody_adds_nothing_to_one_that_does() -> None:
    event = make_event()
    said_by(event, paper("El País"))
    cite(event, make_source(title="ABC"))

    published(event)

    assert (event.support_level, event.support_sources, event.support_origins) == (SupportLevel.SINGLE_ORIGIN, 2, 1)
    assert event.support_reasoning == ("2 sources, 1 origin: El País. Not counted, since no origin is given: 1 source.")


# Supporting citations of the record as a whole or of its date.


@pytest.mark.parametrize(("fact", "counted"), [("", True), ("date", True), ("duties_to", False), ("summary", False)])
def test_citations_of_the_record_as_a_whole_or_of_its_date_count(fact: str, counted: bool) -> None:
    event = make_event()
    said_by(event, paper("El País"))
    said_by(event, paper("Le Monde", "FR"), fact=fact)

    assert (published(event).support_level == SupportLevel.CORROBORATED) is counted


@pytest.mark.parametrize("stance", ["disputes", "mentions"])
def test_citations_that_do_not_support_are_not_counted(stance: str) -> None:
    event = make_event()
    said_by(event, paper("El País"))
    said_by(event, government("ES"), stance=stance)

    published(event)

    assert (event.support_level, event.support_sources) == (SupportLevel.SINGLE_ORIGIN, 1)


# When all bodies share a country it is named.


def test_the_country_that_all_bodies_share_is_named() -> None:
    event = make_event()
    said_by(event, paper("Yonhap", "KR"))
    said_by(event, government("KR"))

    published(event)

    assert event.support_level == SupportLevel.CORROBORATED
    assert event.support_one_country_id == "KR"


def test_bodies_of_two_countries_name_none() -> None:
    event = make_event()
    said_by(event, paper("Yonhap", "KR"))
    said_by(event, paper("El País", "ES"))

    assert published(event).support_one_country is None


def test_a_body_of_no_known_country_leaves_none_to_name() -> None:
    event = make_event()
    said_by(event, paper("Yonhap", "KR"))
    said_by(event, make_actor(kind="person", name="A traveller", capacity="witness", country=None))

    assert published(event).support_one_country is None


# *Contested* is a flag beside it that names the disputed fact.


@pytest.mark.parametrize(
    ("fact", "named"), [("", "that it happened"), ("date", "date"), ("duties_to", "duties to"), ("stage", "stage")]
)
def test_a_dispute_names_the_disputed_fact_and_leaves_the_level_alone(fact: str, named: str) -> None:
    event = make_event()
    said_by(event, government("ES"))
    said_by(event, paper("El País"), stance="disputes", fact=fact)

    published(event)

    assert (event.support_level, event.support_contested) == (SupportLevel.CONFIRMED, named)


def test_dates_that_cannot_both_be_true_contest_the_date() -> None:
    event = make_event(date="2023-10")
    said_by(event, paper("El País"), date="2023-10-26")
    said_by(event, paper("ABC"), date="2023-10-30/2023-10-31")

    assert published(event).support_contested == "date"


@pytest.mark.parametrize(
    ("one", "other"), [("2023-10-26", "2023-10"), ("../2023-12-05", "2023-11"), ("2023-10/..", "2023"), ("2023", "")]
)
def test_dates_that_can_both_be_true_contest_nothing(one: str, other: str) -> None:
    event = make_event(date="2023")
    said_by(event, paper("El País"), date=one)
    said_by(event, paper("ABC"), date=other)

    assert published(event).support_contested == ""


def test_a_fact_disputed_twice_is_named_once() -> None:
    event = make_event()
    said_by(event, government("ES"), date="2023-10-26")
    said_by(event, paper("ABC"), stance="disputes", fact="date", date="2023-11-01")
    said_by(event, paper("El País"), stance="disputes", fact="date")
    said_by(event, paper("El Mundo"), date="2023-11-02")

    assert published(event).support_contested == "date"


# The reasoning in words.


def test_the_reasoning_says_who_confirmed() -> None:
    event = make_event()
    said_by(event, paper("El País"))
    said_by(event, government("ES", "Spanish Foreign Ministry"))

    assert published(event).support_reasoning == (
        "2 sources, 2 origins: El País; Spanish Foreign Ministry. "
        "Confirmed, since Spanish Foreign Ministry says so itself."
    )


def test_the_reasoning_names_both_governments_where_both_confirm() -> None:
    event = make_event()
    said_by(event, government("KP", "Embassy of the DPRK"))
    said_by(event, government("ES", "Spanish Foreign Ministry"))

    assert published(event).support_reasoning.endswith(
        "Confirmed, since Embassy of the DPRK; Spanish Foreign Ministry say so themselves."
    )


def test_the_order_of_citations_changes_neither_level_nor_counts() -> None:
    event = make_event()
    said_by(event, government("ES"))
    said_by(event, state_media("ES", "RTVE"))
    said_by(event, paper("Yonhap", "KR"), date="2023-10-27")
    unread(event, paper("Chosun Sinbo", "JP"))
    publish(event)
    citations = public_citations(type(event.citations.first()), [event.pk])[event.pk]

    judged = {support(order, event.mission)[:5] for order in itertools.permutations(citations)}

    assert judged == {(SupportLevel.CONFIRMED, "", 2, 4, None)}


# Only what readers can see supports.


def test_a_draft_citation_and_one_of_a_retracted_source_support_nothing() -> None:
    event = make_event()
    said_by(event, paper("El País"))
    second = said_by(event, paper("Le Monde", "FR"))
    published(event)
    said_by(event, government("ES"))

    second.refresh_from_db()
    second.source.retract("Withdrawn by its publisher.")
    event.refresh_from_db()

    assert (event.support_level, event.support_sources) == (SupportLevel.SINGLE_ORIGIN, 1)


# Support of a status.


def make_spanish_closing() -> tuple[Mission, ClosureEvent, ClosureEvent, ClosureEvent]:
    """Notified by the embassy, confirmed by Spain, then closed as a newspaper has it."""
    mission = make_mission()
    reported = make_event(mission=mission, stage="reported", date="2023-10-24")
    confirmed = make_event(mission=mission, stage="host-confirmed", date="2023-10-30")
    closed = make_event(mission=mission, stage="closed", date="../2023-12-05")
    said_by(reported, paper("Yonhap", "KR"))
    said_by(confirmed, government("ES"))
    said_by(closed, paper("Nikkei", "JP"))
    publish(reported, confirmed, closed)
    return mission, reported, confirmed, closed


def test_a_closing_is_supported_by_all_counted_closing_steps_together() -> None:
    mission, reported, confirmed, _ = make_spanish_closing()

    before, after = span_on(mission, "2023-10-25"), span_on(mission, "2023-11-02")

    assert (before.status, before.support_level, before.support_origins) == ("closing", SupportLevel.SINGLE_ORIGIN, 1)
    assert (after.status, after.support_level, after.support_origins) == ("closing", SupportLevel.CONFIRMED, 2)
    assert set(after.because.all()) == {reported, confirmed}


def test_a_completed_closing_is_supported_by_its_own_step_alone() -> None:
    mission, _, _, closed = make_spanish_closing()

    found = span_on(mission, "2023-12-05")

    assert found.status == "closed"
    assert set(found.because.all()) == {closed}
    assert (found.support_level, found.support_origins) == (SupportLevel.SINGLE_ORIGIN, 1)
    assert found.support_reasoning == "1 source, 1 origin: Nikkei."
    assert found.support_one_country_id == "JP"


def test_what_is_only_presumed_is_supported_by_nothing() -> None:
    mission, *_ = make_spanish_closing()

    found = span_on(mission, "2023-10-23")

    assert (found.presumed_open, found.support_level, found.support_reasoning) == (True, "", "")


def test_the_support_of_a_status_follows_its_events() -> None:
    mission, _, confirmed, _ = make_spanish_closing()

    confirmed.refresh_from_db()
    confirmed.retract("Spain said nothing of the kind.")

    found = span_on(mission, "2023-11-02")
    assert (found.support_level, found.support_origins) == (SupportLevel.SINGLE_ORIGIN, 1)
