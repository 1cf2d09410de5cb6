"""The state of things in one true sentence, composed from the records (pages.md, Home)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from missions.sentences import missions_in_words
from nkwatch.editorial.words import capital, listed, number_in_words

NAMED_AT_MOST = 3

_CLOSED = ngettext_lazy("%(missions)s is recorded as closed", "%(missions)s are recorded as closed", "number")
_SUSPENDED = ngettext_lazy("%(missions)s is recorded as suspended", "%(missions)s are recorded as suspended", "number")
_CLOSING = ngettext_lazy("%(missions)s is recorded as closing", "%(missions)s are recorded as closing", "number")
_SUSPENDED_TOO = ngettext_lazy("%(words)s as suspended", "%(words)s as suspended", "number")
_CLOSING_TOO = ngettext_lazy("%(words)s as closing", "%(words)s as closing", "number")


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
        none = _("No North Korean mission abroad is recorded yet.")
        return none if state.abroad else _("No foreign mission in Pyongyang is recorded yet.")
    if not (state.closed or state.closing or state.suspended):
        sentence = ngettext(
            "%(missions)s is recorded, not as closed or closing.",
            "%(missions)s are recorded, none as closed or closing.",
            state.recorded,
        )
        return sentence % {"missions": capital(missions_in_words(state.recorded, state.abroad))}
    return _("%(counts)s%(confirmation)s.") % {"counts": _counts(state), "confirmation": _confirmation(state)}


def _counts(state: State) -> str:
    """ "Nine … are recorded as closed and one (DR Congo) as closing, last reported December 2023"."""
    names = listed(state.closing) if len(state.closing) <= NAMED_AT_MOST else ""
    told: list[str] = []
    for number, first, too, named in (
        (state.closed, _CLOSED, _CLOSED, ""),
        (state.suspended, _SUSPENDED, _SUSPENDED_TOO, ""),
        (len(state.closing), _CLOSING, _CLOSING_TOO, names),
    ):
        if number:
            told.append(_one_count(number, too if told else first, state.abroad, named))
    if not (state.closing and state.last_reported):
        return listed(told)
    reported = ngettext(
        "%(counts)s, last reported %(date)s", "%(counts)s, the latest reported %(date)s", len(state.closing)
    )
    return reported % {"counts": listed(told), "date": state.last_reported}


def _one_count(number: int, phrase: str | Promise, abroad: bool, names: str) -> str:
    """How many stand in one way; `names` are said of those that are few."""
    words, missions = number_in_words(number), capital(missions_in_words(number, abroad))
    if names:
        words, missions = (_("%(count)s (%(names)s)") % {"count": count, "names": names} for count in (words, missions))
    return str(phrase % {"number": number, "words": words, "missions": missions})


def _confirmation(state: State) -> str:
    """Whether the sending or the host government, or its own media, says that a closing is complete."""
    if not state.closed:
        return _("; none is recorded as closed") if state.closing else ""
    if not state.closed_confirmed:
        return _("; neither government has confirmed a completed closing")
    if state.closed_confirmed == state.closed:
        return ngettext(
            "; a government concerned has confirmed it",
            "; a government concerned has confirmed each closing",
            state.closed,
        )
    sentence = ngettext(
        "; a government concerned has confirmed %(confirmed)s of the %(words)s closings",
        "; a government concerned has confirmed %(confirmed)s of the %(words)s closings",
        state.closed_confirmed,
    )
    return sentence % {"confirmed": number_in_words(state.closed_confirmed), "words": number_in_words(state.closed)}
