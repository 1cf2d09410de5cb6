"""Whether a report is on record already: the same address, a title near by, or text in common (domain.md, rule 6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sources.models import Source


@dataclass(frozen=True)
class Hit:
    """A source that the report may be, or may print again: `score` is 0 to 100, `why` says so in words."""

    source: Source
    why: str
    score: float
    same_address: bool = False


def known_sources(
    url: str = "", archive_url: str = "", titles: Sequence[str] = (), text: str = "", but: int | None = None
) -> list[Hit]:
    """The sources that a report with this address, these titles and this text may be; the likeliest first."""
    return []
