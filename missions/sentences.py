"""Sentences about missions and events, composed from the records and never typed in."""

from collections.abc import Iterable, Sequence
from typing import Any

from missions.models import Stage, Status, SupportLevel
from nkwatch.editorial.edtf import in_words
from nkwatch.editorial.words import capital, counted, listed, number_in_words, when

_WHAT_HAPPENED = {
    Stage.OPENED: "{mission} opened{when}",
    Stage.REOPENED: "{mission} reopened{when}",
    Stage.SEEN_OPEN: "{mission} was seen open{when}",
    Stage.REPORTED: "{mission} was reported{when} to be about to close",
    Stage.NOTIFIED: "{mission} gave notice{when} that it would close",
    Stage.ANNOUNCED: "The closing of {mission} was announced{when}",
    Stage.FAREWELL: "A farewell call was made from {mission}{when}",
    Stage.HOST_CONFIRMED: "The host confirmed{when} that {mission} would close",
    Stage.UNDER_WAY: "The withdrawal from {mission} was under way{when}",
    Stage.SUSPENDED: "{mission} suspended its work{when}",
    Stage.CLOSED: "{mission} closed{when}",
    Stage.PLAN_REVERSED: "The plan to close {mission} was reversed{when}",
    Stage.DUTIES_TRANSFERRED: "The duties of {mission} were transferred{when}",
    Stage.DOWNGRADED: "{mission} was downgraded{when}",
    Stage.UPGRADED: "{mission} was upgraded{when}",
}


def with_article(name: str) -> str:
    """A mission's name inside a sentence: "the embassy of North Korea in Spain, Madrid"."""
    kind, _, rest = name.partition(" of ")
    return f"the {kind.lower()} of {rest}" if rest else f"the {name.removeprefix('The ')}"


def event_sentence(event: Any) -> str:
    """What happened, and when: the title of an event's page."""
    return _happened(event, f" {when(event.date)}") if event.date else f"{what_happened(event)}; no date is given"


def what_happened(event: Any) -> str:
    """What happened, where its date stands beside it."""
    return _happened(event, "")


def _happened(event: Any, dated: str) -> str:
    mission = with_article(str(event.mission))
    return capital(_WHAT_HAPPENED[Stage(event.stage)].format(mission=mission, when=dated))


def corroboration(origins: int, sources: int, one_country: str, without_origin: int = 0) -> str:
    """How many origins stand behind a claim, and the limits of that."""
    if not sources:
        return "No source supports it."
    if not origins:
        if sources == 1:
            return "The only source does not say where it has this from."
        return f"{capital(counted(sources, 'source'))} do not say where they have this from."
    sentence = f"{capital(counted(sources, 'source'))}, {counted(origins, 'origin')}"
    if one_country:
        sentence += f", {'all ' if origins > 1 else ''}from {one_country}"
    if without_origin:
        gives = "gives" if without_origin == 1 else "give"
        sentence += f"; {number_in_words(without_origin)} of the sources {gives} none"
    return f"{sentence}."


def last_reported(span: Any) -> str:
    """When a closing was last reported, as its source dates it: a month stays a month (domain.md, rule 1)."""
    if not span.last_reported:
        return ""
    dates = [event.date for event in span.because.all() if event.date_latest == span.last_reported]
    return in_words(min(dates, key=len)) if dates else in_words(span.last_reported.isoformat())


def verdict(span: Any, disputed: Iterable[str] = ()) -> str:
    """What holds of a mission on a day, what that rests on, and what it does not show.

    It continues the status word, which stands before it with its shape.
    """
    sentences = [_STANDING[Status(span.status)](span)]
    if span.support_level:
        sentences.append(_rests_on(span))
    if span.may_be_closing and span.status == Status.OPEN:
        sentences.append("It may be closing: the day lies in the window that a source gives for a step towards it.")
    if span.may_have_closed:
        sentences.append("It may have closed already: the day lies in the window that a source gives for the closing.")
    if span.seen_open_after_closing:
        sentences.append("A source saw it open after that: the two conflict.")
    if facts := list(dict.fromkeys(disputed)):
        sentences.append(f"Sources dispute: {listed(facts)}.")
    text = " ".join(sentences)
    return text if text[0] in ",.:" else f" {text}"


def _closed(span: Any) -> str:
    return f"{when(span.since)}." if span.since else "on a day that no source gives."


def _closing(span: Any) -> str:
    first = min(span.because.all(), key=lambda event: event.date_latest, default=None)
    since = f", first reported {when(first.date)}" if first else ""
    return f"{since}; last reported {last_reported(span)}. Nothing recorded here says that it has closed."


def _suspended(span: Any) -> str:
    return f"{when(span.since)}."


def _open(span: Any) -> str:
    if span.presumed_open:
        return ", presumed: no source says so, but a later step implies that the mission stood."
    seen = f" It was last seen open {when(span.last_seen_open.isoformat())}." if span.last_seen_open else ""
    if not span.since:
        return f".{seen}"
    return (f": opened {when(span.since)}." if "/" in span.since else f"since {in_words(span.since)}.") + seen


def _unknown(span: Any) -> str:
    return ": no dated step is recorded from which it would follow."


_STANDING = {
    Status.CLOSED: _closed,
    Status.CLOSING: _closing,
    Status.SUSPENDED: _suspended,
    Status.OPEN: _open,
    Status.UNKNOWN: _unknown,
}
_WHAT_RESTS = {
    Status.CLOSED: "That it closed",
    Status.CLOSING: "The closing",
    Status.SUSPENDED: "The suspension",
    Status.OPEN: "That it is open",
}


def _rests_on(span: Any) -> str:
    what = _WHAT_RESTS.get(span.status, "This")
    if span.support_level == SupportLevel.ORIGIN_NOT_GIVEN:
        return f"{what} rests on sources that do not say where they have it from."
    sentence = f"{what} rests on {counted(span.support_origins, 'origin')}"
    if span.support_one_country:
        all_of_them = "all " if span.support_origins > 1 else ""
        sentence += f", {all_of_them}from {span.support_one_country}"
    if span.support_level == SupportLevel.CONFIRMED:
        return f"{sentence}; a government concerned has confirmed it."
    return f"{sentence}; neither government has confirmed it."


def still_missing(mission: Any, span: Any) -> list[str]:
    """What a reader, or an editor, would want to know next of this mission."""
    missing = []
    if span.status == Status.CLOSED and not is_day(span.since):
        missing.append("The day it closed")
    if span.status == Status.CLOSING:
        missing.append("Whether it has closed, and when")
    if span.presumed_open or span.status == Status.UNKNOWN:
        missing.append("A source that says whether it is open")
    if not mission.established:
        missing.append("When it opened")
    if not mission.city:
        missing.append("The city")
    if mission.kind == mission.Kind.UNSPECIFIED:
        missing.append("What kind of mission it is")
    if span.support_level in (SupportLevel.SINGLE_ORIGIN, SupportLevel.ORIGIN_NOT_GIVEN):
        missing.append("A second origin" if span.support_origins else "An origin for what the sources say")
    return missing


def is_day(date: str) -> bool:
    """Whether an EDTF date names one day."""
    return len(date) == len("2023-12-05") and "X" not in date


def support_in_words(event: Any, citations: Sequence[Any]) -> str:
    """The corroboration line of an event, from its stored support and its public supporting claims."""
    counted_claims = [c for c in citations if c.stance == c.Stance.SUPPORTS and c.fact in ("", "date")]
    without = {c.source_id for c in counted_claims if not c.origin_body_id}
    country = str(event.support_one_country or "")
    return corroboration(event.support_origins, event.support_sources, country, len(without))


def missions_in_words(number: int, abroad: bool) -> str:
    """A number of missions of one direction: "nine North Korean missions abroad"."""
    noun = "mission" if number in (0, 1) else "missions"
    if abroad:
        return f"{number_in_words(number)} North Korean {noun} abroad"
    return f"{number_in_words(number)} foreign {noun} in Pyongyang"
