"""The state of things in one true sentence, composed from the records (pages.md, Home)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from missions.sentences import missions_in_words
from nkwatch.editorial.words import capital, listed, number_in_words

NAMED_AT_MOST = 3


@dataclass
class State:
    """How the missions of one direction stand on a day."""

    abroad: bool
    recorded: int = 0
    closed: int = 0
    closed_confirmed: int = 0
    closing: Sequence[str] = field(default_factory=list)
    suspended: int = 0
    last_reported: str = ""


def state_sentence(state: State) -> str:
    """Say how many are recorded as closed, closing and suspended, and whether a government confirmed it."""
    if not state.recorded:
        return f"{capital(missions_in_words(0, state.abroad))} is recorded yet."
    if not (state.closed or state.closing or state.suspended):
        verb = "is" if state.recorded == 1 else "are"
        none = "not" if state.recorded == 1 else "none"
        missions = capital(missions_in_words(state.recorded, state.abroad))
        return f"{missions} {verb} recorded, {none} as closed or closing."
    return f"{_counts(state)}{_confirmation(state)}."


def _counts(state: State) -> str:
    """ "Nine … are recorded as closed and one (DR Congo) as closing, last reported December 2023"."""
    parts = [(number, words) for number, words in ((state.closed, "closed"), (state.suspended, "suspended")) if number]
    told: list[str] = []
    for number, words in parts:
        told.append(_one_count(number, words, state.abroad, first=not told))
    if state.closing:
        names = f" ({listed(state.closing)})" if len(state.closing) <= NAMED_AT_MOST else ""
        number = len(state.closing)
        if told:
            told.append(f"{number_in_words(number)}{names} as closing")
        else:
            verb = "is" if number == 1 else "are"
            told.append(f"{capital(missions_in_words(number, state.abroad))}{names} {verb} recorded as closing")
    reported = ""
    if state.closing and state.last_reported:
        reported = f", {'last reported' if len(state.closing) == 1 else 'the latest reported'} {state.last_reported}"
    return f"{listed(told)}{reported}"


def _one_count(number: int, words: str, abroad: bool, first: bool) -> str:
    if not first:
        return f"{number_in_words(number)} as {words}"
    return f"{capital(missions_in_words(number, abroad))} {'is' if number == 1 else 'are'} recorded as {words}"


def _confirmation(state: State) -> str:
    """Whether the sending or the host government, or its own media, says that a closing is complete."""
    if not state.closed:
        return "; none is recorded as closed" if state.closing else ""
    if not state.closed_confirmed:
        return "; neither government has confirmed a completed closing"
    if state.closed_confirmed == state.closed:
        return "; a government concerned has confirmed " + ("it" if state.closed == 1 else "each closing")
    of_them = f"{number_in_words(state.closed_confirmed)} of the {number_in_words(state.closed)} closings"
    return f"; a government concerned has confirmed {of_them}"
