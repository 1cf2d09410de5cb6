"""Sentences about missions and events, composed from the records and never typed in."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from missions.models import Stage, Status, SupportLevel
from nkwatch.editorial.edtf import in_words
from nkwatch.editorial.words import capital, counted, listed, number_in_words, when

SOURCES = ngettext_lazy("%(words)s source", "%(words)s sources", "number")
ORIGINS = ngettext_lazy("%(words)s origin", "%(words)s origins", "number")

MISSIONS_ABROAD = ngettext_lazy(
    "%(words)s North Korean mission abroad", "%(words)s North Korean missions abroad", "number"
)
MISSIONS_IN_PYONGYANG = ngettext_lazy(
    "%(words)s foreign mission in Pyongyang", "%(words)s foreign missions in Pyongyang", "number"
)

_WHAT_HAPPENED = {
    Stage.OPENED: gettext_lazy("%(mission)s opened%(when)s"),
    Stage.REOPENED: gettext_lazy("%(mission)s reopened%(when)s"),
    Stage.SEEN_OPEN: gettext_lazy("%(mission)s was seen open%(when)s"),
    Stage.REPORTED: gettext_lazy("%(mission)s was reported%(when)s to be about to close"),
    Stage.NOTIFIED: gettext_lazy("%(mission)s gave notice%(when)s that it would close"),
    Stage.ANNOUNCED: gettext_lazy("The closing of %(mission)s was announced%(when)s"),
    Stage.FAREWELL: gettext_lazy("A farewell call was made from %(mission)s%(when)s"),
    Stage.HOST_CONFIRMED: gettext_lazy("The host confirmed%(when)s that %(mission)s would close"),
    Stage.UNDER_WAY: gettext_lazy("The withdrawal from %(mission)s was under way%(when)s"),
    Stage.SUSPENDED: gettext_lazy("%(mission)s suspended its work%(when)s"),
    Stage.CLOSED: gettext_lazy("%(mission)s closed%(when)s"),
    Stage.PLAN_REVERSED: gettext_lazy("The plan to close %(mission)s was reversed%(when)s"),
    Stage.DUTIES_TRANSFERRED: gettext_lazy("The duties of %(mission)s were transferred%(when)s"),
    Stage.DOWNGRADED: gettext_lazy("%(mission)s was downgraded%(when)s"),
    Stage.UPGRADED: gettext_lazy("%(mission)s was upgraded%(when)s"),
}


def with_article(name: str) -> str:
    """A mission's name inside a sentence: "the embassy of North Korea in Spain, Madrid"."""
    kind, _of, rest = name.partition(" of ")
    if rest:
        return _("the %(kind)s of %(rest)s") % {"kind": kind.lower(), "rest": rest}
    return _("the %(name)s") % {"name": name.removeprefix("The ")}


def event_sentence(event: Any) -> str:
    """What happened, and when: the title of an event's page."""
    if event.date:
        return _happened(event, f" {when(event.date)}")
    return _("%(sentence)s; no date is given") % {"sentence": what_happened(event)}


def what_happened(event: Any) -> str:
    """What happened, where its date stands beside it."""
    return _happened(event, "")


def _happened(event: Any, dated: str) -> str:
    words = {"mission": with_article(str(event.mission)), "when": dated}
    return capital(str(_WHAT_HAPPENED[Stage(event.stage)] % words))


def corroboration(origins: int, sources: int, one_country: str, without_origin: int = 0) -> str:
    """How many origins stand behind a claim, and the limits of that."""
    if not sources:
        return _("No source supports it.")
    if not origins:
        if sources == 1:
            return _("The only source does not say where it has this from.")
        return _("%(sources)s do not say where they have this from.") % {"sources": capital(counted(sources, SOURCES))}
    sentence = _("%(sources)s, %(origins)s") % {
        "sources": capital(counted(sources, SOURCES)),
        "origins": origins_in_words(origins, one_country),
    }
    if without_origin:
        phrase = ngettext(
            "%(sentence)s; %(words)s of the sources gives none",
            "%(sentence)s; %(words)s of the sources give none",
            without_origin,
        )
        sentence = phrase % {"sentence": sentence, "words": number_in_words(without_origin)}
    return f"{sentence}."


def origins_in_words(origins: int, one_country: str) -> str:
    """A number of origins, and the country that all of them are of: "three origins, all from Spain"."""
    phrase = counted(origins, ORIGINS)
    if not one_country:
        return phrase
    from_one = ngettext("%(origins)s, from %(country)s", "%(origins)s, all from %(country)s", origins)
    return from_one % {"origins": phrase, "country": one_country}


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
        sentences.append(_("It may be closing: the day lies in the window that a source gives for a step towards it."))
    if span.may_have_closed:
        sentences.append(
            _("It may have closed already: the day lies in the window that a source gives for the closing.")
        )
    if span.seen_open_after_closing:
        sentences.append(_("A source saw it open after that: the two conflict."))
    if facts := list(dict.fromkeys(disputed)):
        sentences.append(_("Sources dispute: %(facts)s.") % {"facts": listed(facts)})
    text = " ".join(sentences)
    return text if text[0] in ",.:" else f" {text}"


def _closed(span: Any) -> str:
    return f"{when(span.since)}." if span.since else _("on a day that no source gives.")


def _closing(span: Any) -> str:
    first = min(span.because.all(), key=lambda event: event.date_latest, default=None)
    if first is None:
        sentence = _("; last reported %(last)s. Nothing recorded here says that it has closed.")
        return sentence % {"last": last_reported(span)}
    sentence = _(", first reported %(first)s; last reported %(last)s. Nothing recorded here says that it has closed.")
    return sentence % {"first": when(first.date), "last": last_reported(span)}


def _suspended(span: Any) -> str:
    return f"{when(span.since)}."


def _open(span: Any) -> str:
    if span.presumed_open:
        return _(", presumed: no source says so, but a later step implies that the mission stood.")
    seen = ""
    if span.last_seen_open:
        seen = " " + _("It was last seen open %(when)s.") % {"when": when(span.last_seen_open.isoformat())}
    if not span.since:
        return f".{seen}"
    if "/" in span.since:
        return _(": opened %(when)s.") % {"when": when(span.since)} + seen
    return _("since %(date)s.") % {"date": in_words(span.since)} + seen


def _unknown(span: Any) -> str:
    return _(": no dated step is recorded from which it would follow.")


_STANDING = {
    Status.CLOSED: _closed,
    Status.CLOSING: _closing,
    Status.SUSPENDED: _suspended,
    Status.OPEN: _open,
    Status.UNKNOWN: _unknown,
}
_RESTS_ON = {
    Status.CLOSED: gettext_lazy("That it closed rests on %(what)s."),
    Status.CLOSING: gettext_lazy("The closing rests on %(what)s."),
    Status.SUSPENDED: gettext_lazy("The suspension rests on %(what)s."),
    Status.OPEN: gettext_lazy("That it is open rests on %(what)s."),
    Status.UNKNOWN: gettext_lazy("This rests on %(what)s."),
}


def _rests_on(span: Any) -> str:
    return str(_RESTS_ON[Status(span.status)] % {"what": _support(span)})


def _support(span: Any) -> str:
    """What a status rests on, as a sentence ends."""
    if span.support_level == SupportLevel.ORIGIN_NOT_GIVEN:
        return _("sources that do not say where they have it from")
    origins = origins_in_words(span.support_origins, str(span.support_one_country or ""))
    if span.support_level == SupportLevel.CONFIRMED:
        return _("%(origins)s; a government concerned has confirmed it") % {"origins": origins}
    return _("%(origins)s; neither government has confirmed it") % {"origins": origins}


def still_missing(mission: Any, span: Any) -> list[str]:
    """What a reader, or an editor, would want to know next of this mission."""
    missing = []
    if span.status == Status.CLOSED and not is_day(span.since):
        missing.append(_("The day it closed"))
    if span.status == Status.CLOSING:
        missing.append(_("Whether it has closed, and when"))
    if span.presumed_open or span.status == Status.UNKNOWN:
        missing.append(_("A source that says whether it is open"))
    if not mission.established:
        missing.append(_("When it opened"))
    if not mission.city:
        missing.append(_("The city"))
    if mission.kind == mission.Kind.UNSPECIFIED:
        missing.append(_("What kind of mission it is"))
    if span.support_level in (SupportLevel.SINGLE_ORIGIN, SupportLevel.ORIGIN_NOT_GIVEN):
        missing.append(_("A second origin") if span.support_origins else _("An origin for what the sources say"))
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
    return counted(number, MISSIONS_ABROAD if abroad else MISSIONS_IN_PYONGYANG)
