"""Sentences are composed from the records and true for none, one and many."""

from types import SimpleNamespace

import pytest

from missions.models import Stage
from missions.sentences import corroboration, event_sentence, with_article
from nkwatch.editorial.words import capital, counted, listed, number_in_words, when
from nkwatch.site.sentences import State, state_sentence


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (State(abroad=True), "No North Korean mission abroad is recorded yet."),
        (State(abroad=False), "No foreign mission in Pyongyang is recorded yet."),
        (State(abroad=True, recorded=1), "One North Korean mission abroad is recorded, not as closed or closing."),
        (State(abroad=True, recorded=13), "13 North Korean missions abroad are recorded, none as closed or closing."),
        (
            State(abroad=True, recorded=13, closed=9, closing=["DR Congo"], last_reported="December 2023"),
            "Nine North Korean missions abroad are recorded as closed and one (DR Congo) as closing, "
            "last reported December 2023; neither government has confirmed a completed closing.",
        ),
        (
            State(abroad=True, recorded=2, closed=1),
            "One North Korean mission abroad is recorded as closed; "
            "neither government has confirmed a completed closing.",
        ),
        (
            State(abroad=False, recorded=5, closed=4),
            "Four foreign missions in Pyongyang are recorded as closed; "
            "neither government has confirmed a completed closing.",
        ),
        (
            State(abroad=True, recorded=2, closed=1, closed_confirmed=1),
            "One North Korean mission abroad is recorded as closed; a government concerned has confirmed it.",
        ),
        (
            State(abroad=True, recorded=2, closed=2, closed_confirmed=2),
            "Two North Korean missions abroad are recorded as closed; "
            "a government concerned has confirmed each closing.",
        ),
        (
            State(abroad=True, recorded=9, closed=9, closed_confirmed=1),
            "Nine North Korean missions abroad are recorded as closed; "
            "a government concerned has confirmed one of the nine closings.",
        ),
        (
            State(abroad=True, recorded=1, closing=["Spain"], last_reported="1 November 2023"),
            "One North Korean mission abroad (Spain) is recorded as closing, last reported 1 November 2023; "
            "none is recorded as closed.",
        ),
        (
            State(abroad=True, recorded=2, closing=["Spain", "Nepal"], last_reported="November 2023"),
            "Two North Korean missions abroad (Spain and Nepal) are recorded as closing, "
            "the latest reported November 2023; none is recorded as closed.",
        ),
        (
            State(abroad=True, recorded=4, closing=["A", "B", "C", "D"], last_reported="2023"),
            "Four North Korean missions abroad are recorded as closing, the latest reported 2023; "
            "none is recorded as closed.",
        ),
        (
            State(abroad=True, recorded=6, closed=2, suspended=1, closing=["Spain"], last_reported="2023"),
            "Two North Korean missions abroad are recorded as closed, one as suspended and one (Spain) as closing, "
            "last reported 2023; neither government has confirmed a completed closing.",
        ),
        (State(abroad=True, recorded=1, suspended=1), "One North Korean mission abroad is recorded as suspended."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_state_of_one_direction_is_said_truly(state: State, sentence: str):
    assert state_sentence(state) == sentence


@pytest.mark.parametrize(
    ("origins", "sources", "country", "without", "sentence"),
    [
        (0, 0, "", 0, "No source supports it."),
        (0, 1, "", 1, "The only source does not say where it has this from."),
        (0, 3, "", 3, "Three sources do not say where they have this from."),
        (1, 4, "", 0, "Four sources, one origin."),
        (1, 1, "South Korea", 0, "One source, one origin, from South Korea."),
        (2, 5, "North Korea", 2, "Five sources, two origins, all from North Korea; two of the sources give none."),
        (3, 4, "", 1, "Four sources, three origins; one of the sources gives none."),
    ],
)
def test_corroboration_counts_origins_and_names_its_limits(origins, sources, country, without, sentence):
    assert corroboration(origins, sources, country, without) == sentence


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("", ""),
        ("2023-10-27", "on 27 October 2023"),
        ("2023-10", "in October 2023"),
        ("2023", "in 2023"),
        ("2023-10~", "about October 2023"),
        ("2023?", "in 2023 (uncertain)"),
        ("../2023-12-05", "by 5 December 2023"),
        ("2023-11-01/2023-12-05", "between 1 November and 5 December 2023"),
        ("2023-11-01/..", "from 1 November 2023 on"),
    ],
)
def test_a_date_takes_its_preposition(date: str, words: str):
    assert when(date) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Embassy of North Korea in Spain", "the embassy of North Korea in Spain"),
        ("Consulate General of North Korea in Hong Kong", "the consulate general of North Korea in Hong Kong"),
        ("The Mission", "the Mission"),
    ],
)
def test_a_mission_is_named_with_its_article(name: str, words: str):
    assert with_article(name) == words


def test_every_stage_has_a_sentence():
    for stage in Stage:
        event = SimpleNamespace(mission="Embassy of North Korea in Spain", stage=stage, date="2023-10")
        sentence = event_sentence(event)
        assert "the embassy of North Korea in Spain" in sentence[:1].lower() + sentence[1:]
        assert " in October 2023" in sentence


@pytest.mark.parametrize(
    ("stage", "date", "sentence"),
    [
        ("closed", "../2023-12-05", "The embassy of North Korea in Spain closed by 5 December 2023"),
        ("closed", "", "The embassy of North Korea in Spain closed; no date is given"),
        (
            "notified",
            "2023-11-01",
            "The embassy of North Korea in Spain gave notice on 1 November 2023 that it would close",
        ),
        ("announced", "2023-10", "The closing of the embassy of North Korea in Spain was announced in October 2023"),
    ],
)
def test_an_event_is_told_so_that_the_date_is_that_of_the_step(stage: str, date: str, sentence: str):
    event = SimpleNamespace(mission="Embassy of North Korea in Spain", stage=stage, date=date)
    assert event_sentence(event) == sentence


def test_numbers_nouns_and_lists_read_as_words():
    assert [number_in_words(n) for n in (0, 1, 12, 13)] == ["no", "one", "twelve", "13"]
    assert counted(1, "origin") == "one origin"
    assert counted(0, "source") == "no source"
    assert counted(2, "country", "countries") == "two countries"
    assert listed([]) == ""
    assert listed(["A"]) == "A"
    assert listed(["A", "B", "C"]) == "A, B and C"
    assert capital("five of them") == "Five of them"
