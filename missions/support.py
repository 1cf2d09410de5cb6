"""How well an event or a status is supported, with the reasoning in words (domain.md, rule 4)."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from missions.models.missions import Mission
from missions.models.vocabulary import SupportLevel
from sources.models import Actor, Citation


class Support(NamedTuple):
    """The level, what is contested, how many origins and sources, whose country, and why."""

    level: SupportLevel
    contested: str
    origins: int
    sources: int
    one_country: str | None
    reasoning: str


def support(citations: Iterable[Citation], mission: Mission) -> Support:
    """Judge how well the cited event (or run of closing events) of `mission` is supported.

    `citations` are the public ones, with their stored origins. Those count that support the
    record as a whole or its date; disputes only flag.
    """
    citations = list(citations)
    counted = [c for c in citations if c.stance == Citation.Stance.SUPPORTS and c.fact in ("", "date")]
    bodies: dict[str, Actor] = {}
    read: dict[str, Actor] = {}
    for citation in counted:
        if body := citation.origin_body:
            # Government and state media of one country are one body; its government speaks for it,
            # since only that can confirm what happened on its own soil.
            known = bodies.get(body.body_key)
            if known is None or (confirms(body, mission) and not confirms(known, mission)):
                bodies[body.body_key] = body
            if citation.origin_mark != Citation.OriginMark.NOT_READ:
                read[body.body_key] = body
    judged = {key: body for key, body in bodies.items() if key in read} or dict(list(bodies.items())[:1])
    confirming = [body for body in bodies.values() if confirms(body, mission)]
    if confirming:
        level = SupportLevel.CONFIRMED
    elif len(read) >= 2:
        level = SupportLevel.CORROBORATED
    elif bodies:
        level = SupportLevel.SINGLE_ORIGIN
    elif counted:
        level = SupportLevel.ORIGIN_NOT_GIVEN
    else:
        level = SupportLevel.UNSOURCED
    countries = {body.country_id for body in judged.values()}
    one_country = countries.pop() if len(countries) == 1 else None
    return Support(
        level=level,
        contested=contested(citations),
        origins=len(judged),
        sources=len({c.source_id for c in counted}),
        one_country=one_country,
        reasoning=_reasoning(
            counted,
            origins=list(judged.values()),
            confirming=confirming,
            unread=[body for key, body in bodies.items() if key not in read],
        ),
    )


def confirms(body: Actor, mission: Mission) -> bool:
    """Whether `body` settles the matter: the sending state (its media too), or the host's government."""
    if not body.is_of_the_state:
        return False
    if body.country_id == mission.sending_id:
        return True
    hosts = {mission.host_id, mission.host.governed_by_id}
    return body.capacity == Actor.Capacity.GOVERNMENT and body.country_id in hosts


def contested(citations: Sequence[Citation]) -> str:
    """The facts that sources dispute, in words; empty when none is.

    A source may dispute outright; two that support an event on days which cannot be the same
    dispute its date.
    """
    facts = [c.fact_in_words or "that it happened" for c in citations if c.stance == Citation.Stance.DISPUTES]
    dated = [c for c in citations if c.stance == Citation.Stance.SUPPORTS and c.fact in ("", "date") and c.date]
    if any(_apart(one, other) or _apart(other, one) for one, other in combinations(dated, 2)):
        facts.append("date")
    return ", ".join(dict.fromkeys(facts))


def _apart(one: Citation, other: Citation) -> bool:
    return bool(one.date_latest and other.date_earliest and one.date_latest < other.date_earliest)


def _reasoning(
    counted: Sequence[Citation], origins: Sequence[Actor], confirming: Sequence[Actor], unread: Sequence[Actor]
) -> str:
    """Say what the level rests on, so that a reader can check it."""
    if not counted:
        return "No source supports it."
    carriers = _count(len({c.source_id for c in counted}), "source")
    if origins:
        parts = [f"{carriers}, {_count(len(origins), 'origin')}: {_listed(origins)}."]
    elif all(citation.origin_mark == Citation.OriginMark.NOT_GIVEN for citation in counted):
        return f"{carriers}, no origin given."
    else:
        parts = [f"{carriers}, no known origin."]
    if confirming:
        own_words = "says so itself" if len(confirming) == 1 else "say so themselves"
        parts.append(f"Confirmed, since {_listed(confirming)} {own_words}.")
    if unread:
        silent = "it does" if len(unread) == 1 else "they do"
        parts.append(f"Not read, only cited: {_listed(unread)}; {silent} not corroborate.")
    for mark, words in (
        (Citation.OriginMark.NOT_GIVEN, "Not counted, since no origin is given"),
        (Citation.OriginMark.UNNAMED, "Not counted, since the origin is somebody unnamed"),
    ):
        if marked := len({c.source_id for c in counted if c.origin_mark == mark}):
            parts.append(f"{words}: {_count(marked, 'source')}.")
    return " ".join(parts)


def _listed(bodies: Sequence[Actor]) -> str:
    return "; ".join(str(body) for body in bodies)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
