"""Pairs that may be one, found by their likeness; and what is remembered of pairs that are not (pages.md, B4)."""

import random
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from missions.merging import likely_events, likely_missions
from nkwatch.editorial.merging.likeness import MOST_IN_BLOCK, RAREST, likely_pairs, rarest, words
from nkwatch.editorial.merging.merges import merge
from nkwatch.editorial.merging.undo import undo
from nkwatch.editorial.models import NotTheSame
from sources.merging import likely_actors, likely_quotes, likely_sources
from sources.models import Quote, Source
from sources.stock import fold
from tests.make import make_actor, make_event, make_mission, make_quote, make_source, publish

pytestmark = pytest.mark.django_db


def pairs(found: Any) -> set[tuple[int, int]]:
    return {(pair.one, pair.other) for pair in found}


def of(one: Any, other: Any) -> tuple[int, int]:
    lower, higher = sorted((one.pk, other.pk))
    return lower, higher


SOURCES = [
    ({"title": "North Korea to close embassy in Spain"}, {"title": "N. Korea to close Spain embassy"}, True),
    ({"title": "Embassy in Lima shut"}, {"title": "North Korea to leave Kampala"}, False),
    (
        {"title": "", "title_original": "북한, 스페인 대사관 폐쇄"},
        {"title": "", "title_original": "스페인 대사관 북한 폐쇄"},
        True,
    ),
    (
        {"title": "Closed", "source_url": "https://www.a.example/x?ref=1"},
        {"title": "Other", "source_url": "http://a.example/x"},
        True,
    ),
    ({"issued": "2023-11-01"}, {"issued": "2023-11-03"}, True),
    ({"issued": "2023-11-01"}, {"issued": "2024-05-03"}, False),
    ({"issued": "2023-11-01"}, {"issued": ""}, True),
    ({"title": "Closures"}, {"title": "Closures of embassies, what they cost and who pays for them in the end"}, False),
]


@pytest.mark.parametrize(("one", "other", "alike"), SOURCES)
def test_sources_are_alike_by_address_or_by_title_and_day(one, other, alike):
    first, second = make_source(**one), make_source(**other)
    make_source(title="Something else altogether", issued="2023-11-01")

    assert pairs(likely_sources()) == ({of(first, second)} if alike else set())


def test_a_source_of_another_outlet_is_less_likely_and_said_to_be_perhaps_a_republication():
    make_source(outlet=make_actor())
    make_source(outlet=make_actor(name="Yonhap", country="KR"))

    [pair] = likely_sources()

    assert (pair.score, pair.why) == (
        90,
        "titles 100 % alike, the same days; other outlet: perhaps a republication",
    )


ACTORS = [
    ({"name": "Tae Yongho"}, {"name": "Thae Yong-ho"}, True),
    ({"name": "Kim Hyong Gil"}, {"name": "KIM Hyong-gil"}, True),
    ({"name": "Kim Hyong Gil"}, {"name": "Kim Jong Un"}, False),
    ({"name": "K."}, {"name": "K."}, False),
    ({"name": "Foreign Ministry", "country": "KP"}, {"name": "Foreign Ministry", "country": "ES"}, False),
    ({"name": "Foreign Ministry", "country": "KP"}, {"name": "Foreign Ministry", "country": None}, True),
    ({"kind": "unnamed", "name": "an official"}, {"kind": "unnamed", "name": "an official"}, False),
]


@pytest.mark.parametrize(("one", "other", "alike"), ACTORS)
def test_actors_are_alike_by_a_name_unless_something_tells_them_apart(one, other, alike):
    first, second = (make_actor(**({"kind": "person", "country": "KP"} | values)) for values in (one, other))

    assert pairs(likely_actors()) == ({of(first, second)} if alike else set())


def test_actors_are_alike_by_a_variant_in_another_script():
    first, second = make_actor(name="Tae Yongho", kind="person"), make_actor(name="태영호", kind="person")
    first.names.create(name="태영호")

    [pair] = likely_actors()

    assert ((pair.one, pair.other), pair.score, pair.why) == (of(first, second), 100, "a name in common")


QUOTES = [
    ({}, {"text": "We conduct operations to withdraw, and establish diplomatic missions"}, True),
    ({}, {"said_on": "2024-05-01"}, False),
    ({}, {"text": "Our embassy stays where it is."}, False),
    (
        {"text": "", "text_original": "우리는 철수하고 공관을 세운다"},
        {"text": "", "text_original": "공관을 세운다 우리는 철수하고"},
        True,
    ),
]


@pytest.mark.parametrize(("one", "other", "alike"), QUOTES)
def test_quotes_are_alike_by_their_words_and_days(one, other, alike):
    speaker = make_actor()
    first, second = make_quote(speaker=speaker, **one), make_quote(speaker=speaker, **other)

    assert pairs(likely_quotes()) == ({of(first, second)} if alike else set())


def test_quotes_of_two_speakers_are_two():
    make_quote(speaker=make_actor())
    make_quote(speaker=make_actor(name="Yonhap"))

    assert likely_quotes() == []


MISSIONS = [
    ({}, {"city": ""}, True),
    ({}, {"kind": "unspecified"}, True),
    ({}, {"kind": "consulate", "city": "Barcelona"}, False),
    ({"name": "House of Korea"}, {"name": "House of Korea", "kind": "trade-mission"}, True),
    ({}, {"host": "IT"}, False),
]


@pytest.mark.parametrize(("one", "other", "alike"), MISSIONS)
def test_missions_are_alike_where_sender_host_kind_and_city_fit(one, other, alike):
    first, second = make_mission(**one), make_mission(**other)

    assert pairs(likely_missions()) == ({of(first, second)} if alike else set())


EVENTS = [
    ("2023-10-26", "2023-10", True),
    ("2023-10-26", "2023-10-27", True),
    ("2023-10-26", "2023-10-29", False),
    ("2023-10-26", "", False),
    ("", "", True),
]


@pytest.mark.parametrize(("one", "other", "alike"), EVENTS)
def test_events_are_alike_by_mission_stage_and_days(one, other, alike):
    mission = make_mission()
    first, second = make_event(mission=mission, date=one), make_event(mission=mission, date=other)
    make_event(mission=mission, stage="closed", date=one)

    assert pairs(likely_events()) == ({of(first, second)} if alike else set())


def test_retracted_records_are_left_out():
    first, second = make_source(), make_source()
    publish(first, second)
    second.retract("Not so.")

    assert likely_sources() == []


def test_not_the_same_is_remembered_in_either_order_and_can_be_taken_back(editor):
    first, second = make_source(), make_source()
    noted = NotTheSame.note(second, first, editor)
    assert NotTheSame.note(first, second, editor) == noted
    assert likely_sources() == []

    noted.delete()

    assert pairs(likely_sources()) == {of(first, second)}


def test_what_is_not_the_same_is_remembered_of_the_record_that_one_was_merged_into(editor):
    first, second, third = (make_source() for _ in range(3))
    NotTheSame.note(second, third, editor)

    done = merge(first, second, editor, "The same")
    assert likely_sources() == []

    undo(done, editor)
    assert pairs(likely_sources()) == {of(first, second), of(first, third)}


def test_only_two_records_of_one_kind_are_not_the_same(editor):
    source = make_source()
    for other in (source, make_quote()):
        with pytest.raises(ValidationError, match="two records of one kind"):
            NotTheSame.note(source, other, editor)


def two_thousand_texts(seed: int) -> list[str]:
    """Texts of which the last ten say all but the same as the first ten."""
    chance = random.Random(seed)
    names = [f"{chance.choice('bdgklmnprst')}{chance.choice('aeiou')}{n:x}" for n in range(400)]
    plain = ["north", "korea", "embassy", "to", "close", "in", "after", "decades", "대사관", "폐쇄"]
    texts = [" ".join(chance.choice(plain if chance.random() < 0.6 else names) for _ in range(12)) for _ in range(1990)]
    return texts + [f"{text} indeed" for text in texts[:10]]


@pytest.mark.parametrize("seed", [1, 2])
def test_among_two_thousand_sources_and_quotes_those_alike_are_found(seed, django_assert_num_queries):
    speaker, texts = make_actor(), two_thousand_texts(seed)
    Source.objects.bulk_create(
        Source(
            title=text, title_key=fold(text), issued="2023", issued_earliest="2023-01-01", issued_latest="2023-12-31"
        )
        for text in texts
    )
    Quote.objects.bulk_create(Quote(text=text, speaker=speaker) for text in texts)

    with django_assert_num_queries(6):
        # For each kind its records, the pairs known to be two, and into what any of these was merged.
        found = likely_sources(), likely_quotes()

    for model, listed in zip((Source, Quote), found, strict=True):
        first = model.objects.order_by("pk").first().pk
        assert {(first + n, first + 1990 + n) for n in range(10)} <= pairs(listed)


def test_of_two_million_pairs_only_those_that_share_a_rare_word_are_compared():
    listed = dict(enumerate(map(words, two_thousand_texts(seed=1))))
    rare = rarest(listed)
    compared = []

    likely_pairs(Source, rare, lambda item: item, lambda one, other: compared.append((one, other)))

    assert all(set(one) & set(other) for one, other in compared)
    assert 10 <= len(compared) <= len(listed) * RAREST * MOST_IN_BLOCK / 2
