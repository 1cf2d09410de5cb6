"""Rule 3 of domain.md: where a citation's claim comes from in the end, sentence by sentence."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from missions.models import EventCitation
from sources.models import Actor
from sources.origins import origin_of
from tests.make import cite, make_actor, make_event, make_figure, make_mission, make_quote, make_source, publish

pytestmark = pytest.mark.django_db


def origin(citation: Any) -> tuple[Actor | None, Actor | None, str]:
    citation.refresh_from_db()
    return citation.origin, citation.origin_body, citation.origin_mark


def make_outlet(name: str, country: str = "ES", **overrides: Any) -> Actor:
    return make_actor(name=name, country=country, **({"capacity": "newspaper"} | overrides))


def make_ministry(country: str = "ES", **overrides: Any) -> Actor:
    return make_actor(name="Ministry of Foreign Affairs", capacity="government", country=country, **overrides)


# The named actor.


def test_the_origin_is_the_actor_that_is_named() -> None:
    ministry = make_ministry()
    citation = cite(make_event(), make_source(outlet=make_outlet("El País")), attributed_to_actor=ministry)

    publish(citation)

    assert origin(citation) == (ministry, ministry, "")


def test_where_one_relays_anothers_words_the_origin_is_the_one_relayed() -> None:
    embassy = make_actor(name="Embassy of the DPRK in Spain", capacity="government", country="KP")
    note = make_source(title="Note to the Spanish people", outlet=make_outlet("PCPE", capacity="party"))
    citation = cite(make_event(), attributed_to_source=note, attributed_to_actor=embassy)

    publish(citation)

    assert origin(citation) == (embassy, embassy, "")


# Else the attributed source, continued through that source's own citation of the same record.


def test_else_it_is_the_outlet_of_the_attributed_source() -> None:
    yonhap = make_outlet("Yonhap", "KR")
    citation = cite(make_event(), attributed_to_source=make_source(title="Yonhap report", outlet=yonhap))

    publish(citation)

    assert origin(citation) == (yonhap, yonhap, "")


def test_the_chain_goes_on_through_each_sources_own_citation_of_the_record() -> None:
    event, ministry = make_event(), make_ministry()
    first, second, third = (make_source(title=title, outlet=make_outlet(title)) for title in ("ABC", "Reuters", "AP"))
    cite(event, first, attributed_to_actor=ministry)
    cite(event, second, attributed_to_source=first)
    citation = cite(event, third, attributed_to_source=second)

    publish(event)

    assert origin(citation) == (ministry, ministry, "")


def test_what_the_attributed_source_says_of_another_record_does_not_lead_on() -> None:
    yonhap = make_outlet("Yonhap", "KR")
    report = make_source(title="Yonhap report", outlet=yonhap)
    elsewhere = cite(
        make_event(mission=make_mission(host="AO", city="Luanda")), report, attributed_to_actor=make_ministry()
    )
    citation = cite(make_event(), attributed_to_source=report)

    publish(elsewhere, citation)

    assert origin(citation) == (yonhap, yonhap, "")


def test_what_the_attributed_source_disputes_does_not_lead_on() -> None:
    event, yonhap = make_event(), make_outlet("Yonhap", "KR")
    report = make_source(title="Yonhap report", outlet=yonhap)
    cite(event, report, stance="disputes", attributed_to_actor=make_ministry())
    citation = cite(event, attributed_to_source=report)

    publish(event)

    assert origin(citation) == (yonhap, yonhap, "")


def test_of_several_claims_of_the_attributed_source_the_one_on_the_same_fact_leads_on() -> None:
    event, ministry, embassy = make_event(), make_ministry(), make_ministry("KP")
    report = make_source(title="Yonhap report")
    cite(event, report, attributed_to_actor=ministry)
    cite(event, report, fact="date", attributed_to_actor=embassy)
    citation = cite(event, fact="date", attributed_to_source=report)

    publish(event)

    assert origin(citation) == (embassy, embassy, "")


# Else, for a republication, the original's.


def test_a_republication_has_the_origin_of_its_original() -> None:
    event, ministry = make_event(), make_ministry()
    original = make_source(title="Original", outlet=make_outlet("Yonhap", "KR"))
    again = make_source(title="Reprint", outlet=make_outlet("Korea Times", "KR"), republication_of=original)
    cite(event, original, attributed_to_actor=ministry)
    citation = cite(event, again)

    publish(event)

    assert origin(citation) == (ministry, ministry, "")


def test_own_reporting_printed_again_is_that_of_the_first_printing() -> None:
    yonhap = make_outlet("Yonhap", "KR")
    original = make_source(title="Original", outlet=yonhap)
    again = make_source(title="Reprint", outlet=make_outlet("Korea Times", "KR"), republication_of=original)
    once_more = make_source(title="Reprint of the reprint", outlet=make_outlet("MSN", "US"), republication_of=again)
    citation = cite(make_event(), once_more, basis="own-reporting")

    publish(citation)

    assert origin(citation) == (yonhap, yonhap, "")


def test_a_reprint_of_a_reprint_has_the_origin_of_the_original() -> None:
    event, ministry = make_event(), make_ministry()
    original = make_source(title="Original")
    again = make_source(title="Reprint", republication_of=original)
    citation = cite(event, make_source(title="Reprint of the reprint", republication_of=again))
    cite(event, original, attributed_to_actor=ministry)

    publish(event)

    assert origin(citation) == (ministry, ministry, "")


def test_an_attribution_to_a_reprint_leads_to_the_outlet_of_the_original() -> None:
    yonhap = make_outlet("Yonhap", "KR")
    original = make_source(title="Original", outlet=yonhap)
    again = make_source(title="Reprint", outlet=make_outlet("MSN", "US"), republication_of=original)
    citation = cite(make_event(), attributed_to_source=again)

    publish(citation)

    assert origin(citation) == (yonhap, yonhap, "")


def test_a_retracted_original_is_not_named_as_an_origin() -> None:
    event, korea_times = make_event(), make_outlet("Korea Times", "KR")
    original = make_source(title="Original", outlet=make_outlet("Yonhap", "KR"))
    again = make_source(title="Reprint", outlet=korea_times, republication_of=original)
    citation = cite(event, again, basis="own-reporting")
    publish(event)

    original.refresh_from_db()
    original.retract("Recorded by mistake.")

    assert origin(citation) == (korea_times, korea_times, "")


# With own reporting, the carrier's outlet.


def test_the_origin_of_own_reporting_is_the_carriers_outlet() -> None:
    el_pais = make_outlet("El País")
    citation = cite(make_event(), make_source(outlet=el_pais), basis="own-reporting")

    publish(citation)

    assert origin(citation) == (el_pais, el_pais, "")


# Then reduced to the body.


def test_an_official_speaks_for_the_organisation_they_belong_to() -> None:
    ministry = make_ministry("KR")
    spokesman = make_actor(kind="person", name="Lim Soo-suk", capacity="government", country="KR", part_of=ministry)
    citation = cite(make_event(), attributed_to_actor=spokesman)

    publish(citation)

    assert origin(citation) == (spokesman, ministry, "")


def test_an_unnamed_speaker_speaks_for_the_organisation_they_belong_to() -> None:
    kyodo = make_outlet("Kyodo News", "JP")
    unnamed = make_actor(kind="unnamed", name="a Kyodo correspondent", capacity="other", country=None, part_of=kyodo)
    citation = cite(make_event(), attributed_to_actor=unnamed)

    publish(citation)

    assert origin(citation) == (unnamed, kyodo, "")


@pytest.mark.parametrize("capacity", ["former-official", "academic", "analyst", "party", "witness"])
def test_anyone_else_is_their_own_body(capacity: str) -> None:
    institute = make_actor(name="Institute", capacity="think-tank", country="KR")
    person = make_actor(kind="person", name="Tae Yongho", capacity=capacity, country="KR", part_of=institute)
    citation = cite(make_event(), attributed_to_actor=person)

    publish(citation)

    assert origin(citation) == (person, person, "")


def test_government_and_state_media_of_one_country_count_as_one_body() -> None:
    ministry, kcna = make_ministry("KP"), make_outlet("KCNA", "KP", capacity="state-media")

    assert ministry.body.body_key == kcna.body.body_key


def test_those_of_two_countries_do_not() -> None:
    assert make_ministry("KP").body.body_key != make_ministry("CN").body.body_key


def test_private_media_of_one_country_stay_bodies_of_their_own() -> None:
    assert make_outlet("El País").body.body_key != make_outlet("ABC").body.body_key


def test_state_media_that_belong_to_the_government_still_speak_for_themselves() -> None:
    government = make_actor(name="Government of China", capacity="government", country="CN")
    xinhua = make_outlet("Xinhua", "CN", capacity="state-media", part_of=government)

    assert xinhua.body == xinhua


# A source that was *only cited* carries no citations of its own.


def test_a_source_that_was_never_read_carries_no_claims() -> None:
    unread = make_source(title="Chosun Sinbo report", read="only-cited")

    with pytest.raises(ValidationError) as refusal:
        cite(make_event(), unread)

    assert refusal.value.message_dict["source"] == [
        "“Chosun Sinbo report” was only cited, never read, so it carries no claims of its own: "
        "cite the source that was read, attributed to this one."
    ]


# A chain that ends at an unread source ends at its outlet, marked *not read*.


def test_a_chain_that_ends_at_an_unread_source_ends_at_its_outlet_marked_not_read() -> None:
    event, sinbo = make_event(), make_outlet("Chosun Sinbo", "JP")
    read = make_source(title="NK News report")
    cite(event, read, attributed_to_source=make_source(title="Sinbo report", outlet=sinbo, read="only-cited"))
    citation = cite(event, make_source(title="Another paper"), attributed_to_source=read)

    publish(event)

    assert origin(citation) == (sinbo, sinbo, "not-read")


# Unnamed without a body, and *not given*: shown, not counted.


def test_somebody_unnamed_without_a_body_is_shown_and_has_no_body_to_count() -> None:
    unnamed = make_actor(kind="unnamed", name="a diplomatic source", capacity="other", country=None)
    citation = cite(make_event(), attributed_to_actor=unnamed)

    publish(citation)

    assert origin(citation) == (unnamed, None, "unnamed")


def test_a_claim_whose_basis_is_not_given_has_no_origin() -> None:
    citation = cite(make_event(), make_source(outlet=make_outlet("El País")))

    publish(citation)

    assert origin(citation) == (None, None, "not-given")


def test_a_chain_that_ends_at_a_claim_without_basis_has_no_origin() -> None:
    event, report = make_event(), make_source(title="Yonhap report", outlet=make_outlet("Yonhap", "KR"))
    cite(event, report)
    citation = cite(event, make_source(title="Another paper"), attributed_to_source=report)

    publish(event)

    assert origin(citation) == (None, None, "not-given")


# Cycles are refused on save.


def test_two_sources_cannot_rely_on_each_other_for_one_record() -> None:
    event = make_event()
    one, other = make_source(title="One"), make_source(title="Other")
    cite(event, one, attributed_to_source=other)

    with pytest.raises(ValidationError) as refusal:
        cite(event, other, attributed_to_source=one)

    assert refusal.value.message_dict["attributed_to_source"] == [
        "“One” itself relies on “Other” for this: the attribution runs in a circle."
    ]


def test_a_longer_circle_is_refused_too() -> None:
    event = make_event()
    first, second, third = (make_source(title=title) for title in ("First", "Second", "Third"))
    cite(event, first, attributed_to_source=second)
    cite(event, second, attributed_to_source=third)

    with pytest.raises(ValidationError, match="runs in a circle"):
        cite(event, third, attributed_to_source=first)


def test_an_edit_that_closes_a_circle_is_refused() -> None:
    event = make_event()
    one, other = make_source(title="One"), make_source(title="Other")
    cite(event, one, attributed_to_source=other)
    claim = cite(event, other)
    claim.basis, claim.attributed_to_source = "attributed", one

    with pytest.raises(ValidationError, match="runs in a circle"):
        claim.save()


def test_two_sources_may_rely_on_each_other_for_different_records() -> None:
    one, other = make_source(title="One"), make_source(title="Other")
    cite(make_event(), one, attributed_to_source=other)

    assert cite(make_figure(), other, attributed_to_source=one).pk


def test_a_circle_that_bypassed_validation_ends_without_an_origin() -> None:
    event = make_event()
    one, other = make_source(title="One"), make_source(title="Other")
    publish(event.mission, one, other)
    claims = EventCitation.objects.bulk_create(
        [
            EventCitation(event=event, source=one, basis="attributed", attributed_to_source=other),
            EventCitation(event=event, source=other, basis="attributed", attributed_to_source=one),
        ]
    )

    assert origin_of(claims[0], claims) == (None, None, "not-given")


# Origins are stored when what they rest on changes.


def test_origins_move_when_the_chain_moves() -> None:
    event, ministry, report = make_event(), make_ministry(), make_source(title="Yonhap report")
    own = cite(event, report, attributed_to_actor=ministry)
    citation = cite(event, make_source(title="Another paper"), attributed_to_source=report)
    publish(event)
    assert origin(citation) == (ministry, ministry, "")

    own.refresh_from_db()
    own.retract("Misread.")

    assert origin(citation) == (None, None, "unnamed")


def test_origins_move_when_an_actors_body_moves() -> None:
    first, second = make_ministry("KR"), make_actor(name="Prime Minister's Office", capacity="government", country="KR")
    official = make_actor(kind="person", name="Lim Soo-suk", capacity="government", country="KR", part_of=first)
    citation = cite(make_event(), attributed_to_actor=official)
    publish(citation, second)

    official.refresh_from_db()
    official.part_of = second
    official.save()

    assert origin(citation) == (official, second, "")


def test_origins_move_when_the_outlet_of_a_distant_original_moves() -> None:
    government = make_actor(name="Cabinet", capacity="government", country="KR")
    bureau = make_actor(kind="person", name="Press secretary", capacity="other", country="KR", part_of=government)
    original = make_source(title="Original", outlet=bureau)
    again = make_source(title="Reprint", republication_of=make_source(title="Reprint 1", republication_of=original))
    citation = cite(make_event(), attributed_to_source=again)
    publish(citation)
    assert origin(citation) == (bureau, bureau, "")

    bureau.refresh_from_db()
    bureau.capacity = "government"
    bureau.save()

    assert origin(citation) == (bureau, government, "")


def test_both_records_are_derived_again_when_a_citation_moves_from_one_to_the_other() -> None:
    event, report = make_event(), make_source(title="Yonhap report", outlet=make_outlet("Yonhap", "KR"))
    other = make_event(mission=event.mission, stage="announced")
    ministry = make_ministry()
    moving = cite(event, report, attributed_to_actor=ministry)
    staying = cite(event, make_source(title="Another paper"), attributed_to_source=report)
    publish(event, cite(other))

    moving.refresh_from_db()
    moving.event = other
    moving.save()

    assert origin(moving) == (ministry, ministry, "")
    assert origin(staying) == (report.outlet, report.outlet, "")


def test_no_body_that_was_retracted_is_named() -> None:
    ministry = make_ministry("KR")
    official = make_actor(kind="person", name="Lim Soo-suk", capacity="government", country="KR", part_of=ministry)
    citation = cite(make_event(), attributed_to_actor=official)
    publish(citation)

    ministry.refresh_from_db()
    ministry.retract("Recorded twice.")

    assert origin(citation) == (official, None, "unnamed")


def test_every_kind_of_citation_has_its_origin() -> None:
    ministry = make_ministry()
    citations = [cite(record, attributed_to_actor=ministry) for record in (make_quote(), make_figure(), make_mission())]

    publish(*citations)

    assert [origin(citation) for citation in citations] == [(ministry, ministry, "")] * 3


def test_a_circle_closed_by_a_republication_is_refused() -> None:
    event = make_event()
    original = make_source(title="Original")
    copy = make_source(title="Copy", republication_of=original)

    with pytest.raises(ValidationError, match="runs in a circle"):
        cite(event, original, attributed_to_source=copy)
