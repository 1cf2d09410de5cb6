"""Whom a field of a report means: by number, by name, or by the key of a card of the same report."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from missions.event_words import country_meant
from missions.matching import mission_named, same_mission
from missions.models import Mission, MissionKind
from missions.models.missions import NORTH_KOREA
from nkwatch.editorial.models import numbered
from sources.matching import actor_named, country_named, source_named
from sources.models import Actor, Country, Source

NUMBER = re.compile(r"(?:[A-Z]-\d{1,9}|draft-\d{1,18})(?!\S)")
KEYS: Mapping[type[models.Model], re.Pattern[str]] = {
    Actor: re.compile(r"new-\d{1,3}|relies-\d{1,3}"),
    Source: re.compile(r"relies-\d{1,3}"),
    Mission: re.compile(r"new-\d{1,3}"),
}
"""What the keys look like under which cards of one report bring records of their own."""


def is_key(model: type[models.Model], text: str) -> bool:
    """Whether `text` names a card of the report, not a record that stands."""
    return model in KEYS and bool(KEYS[model].fullmatch(text))


def key_in(model: type[models.Model], text: str) -> str:
    """The key of a card that `text` begins with, whatever name stands behind it; empty for anything else."""
    first = text.strip().partition(" ")[0]
    return first if is_key(model, first) else ""


def record_meant(model: type[Any], text: str) -> Any:
    """The record of `model` that `text` means: its number, with or without its name behind, or its name.

    Raises ValidationError when it is not known, or several go by that name.
    """
    text = text.strip()
    found = numbered(model, match[0]) if (match := NUMBER.match(text)) else _NAMED.get(model, _nothing)(text)
    if found is None:
        kind = model._meta.verbose_name
        raise ValidationError(f"“{text}” is not a known {kind}: give its number or name, or add it as new.")
    return found


def country(text: str) -> Country:
    """The country that `text` means, by code or name. Raises ValidationError."""
    return country_meant(text.strip(), _country_named)


def _country_named(text: str) -> Country | None:
    """By the names that people write most, which needs no look at all the others; else by any name."""
    found = Country.objects.filter(Q(name__iexact=text) | Q(name_ko=text))[:2]
    return found[0] if len(found) == 1 else country_named(text)


def _mission(text: str) -> Mission | None:
    """By name; else by the country in which North Korea has that one mission."""
    if found := mission_named(text):
        return found
    try:
        host = country(text)
    except ValidationError:
        return None
    return same_mission(Mission(sending_id=NORTH_KOREA, host=host, kind=MissionKind.UNSPECIFIED))


def _nothing(text: str) -> None:
    """What has no name of its own goes by its number alone."""


_NAMED: Mapping[type[models.Model], Callable[[str], Any]] = {
    Actor: actor_named,
    Source: source_named,
    Mission: _mission,
}
