"""What lists of sources, statements and actors are counted by, beside their filters."""

from collections.abc import Iterable
from typing import Any

from babel import Locale, UnknownLocaleError
from django.db.models import Count, Q
from django.utils.translation import get_language

from nkwatch.editorial.public.facets import Counts, by, by_condition, by_record
from sources.models import Actor, Reason


def by_language(records: Any, day: Any) -> Iterable[tuple[Any, str, int]]:
    """By language, each by its name where there is one."""
    return [(code, name_of_language(code), n) for code, _, n in by("language")(records, day) if code]


def name_of_language(code: str) -> str:
    """The English name of a language (BCP 47); empty where there is none."""
    try:
        return Locale.parse(code, sep="-").get_display_name(Locale.parse(get_language() or "en", sep="-")) or ""
    except (UnknownLocaleError, ValueError):
        return ""


SOURCES: dict[str, Counts] = {
    "kind": by("kind"),
    "outlet": by_record("outlet", Actor),
    "language": by_language,
    "year": by("issued_latest__year"),
    "read": by("read"),
    "archived": by_condition(~Q(archive_url="")),
}


def by_capacity(quotes: Any, day: Any) -> Iterable[tuple[Any, str, int]]:
    return by("speaker__capacity")(quotes.filter(Actor.public_condition("speaker__")), day)


def by_reason(quotes: Any, day: Any) -> Iterable[tuple[Any, str, int]]:
    given = quotes.order_by().filter(Reason.public_condition("reasons__"))
    return list(given.values_list("reasons__slug", "reasons__label").annotate(n=Count("pk", distinct=True)))


QUOTES: dict[str, Counts] = {
    "speaker": by_record("speaker", Actor),
    "capacity": by_capacity,
    "reason": by_reason,
    "language": by_language,
}
ACTORS: dict[str, Counts] = {"kind": by("kind"), "capacity": by("capacity"), "country": by("country")}
