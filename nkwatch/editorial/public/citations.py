"""How a record's page is cited, so that the citation goes on saying what its reader saw (pages.md, section 0)."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from nkwatch.editorial.models import NumberedRecord, PublicChange, Publishable, State
from nkwatch.editorial.public.citing import FORMATS, Format, Work, as_text
from nkwatch.editorial.public.words import summary

SITE = "nkwatch"
HISTORY_SHOWN = 5

Meta = list[tuple[str, str]]
"""Names and contents of the `<meta>` elements that reference managers read."""


@dataclass(frozen=True)
class Pinned:
    """A record at one of its public versions: `version` is 0 where no version of it is known."""

    record: Publishable
    version: int
    made: datetime.datetime
    address: str
    files: Sequence[tuple[Format, str]] = field(default_factory=list)

    @property
    def work(self) -> Work:
        """The page as what it is: a part of this site, in that version."""
        record = self.record
        number = record.label if isinstance(record, NumberedRecord) else str(getattr(record, "slug", ""))
        return Work(
            key="-".join(filter(None, [SITE, number, f"v{self.version}" if self.version else ""])),
            kind="webpage",
            title=str(record),
            url=self.address,
            container=SITE,
            issued=self.made.date().isoformat(),
            accessed=None if self.version else timezone.localdate(),
            language="en",
            number=number,
            version=str(self.version or ""),
        )

    @property
    def text(self) -> str:
        return as_text(self.work)

    @property
    def meta(self) -> Meta:
        """What reference managers read in the head of the page."""
        return [
            ("citation_title", self.work.title),
            ("citation_publisher", SITE),
            ("citation_publication_date", self.made.strftime("%Y/%m/%d")),
            ("citation_public_url", self.address),
            ("citation_language", "en"),
        ]


def version_path(record: Any, version: int) -> str:
    """The address of a public version of a record."""
    return f"{record.get_absolute_url()}versions/{version}/"


def citation_path(record: Any, ending: str) -> str:
    """The address of a citation file: that of the page, with an ending in place of its slash."""
    return f"{record.get_absolute_url().rstrip('/')}.{ending}"


def pinned(record: Any, version: int, made: datetime.datetime, request: HttpRequest) -> Pinned:
    """Pin the page of `record` to one public version."""
    path = version_path(record, version) if version else record.get_absolute_url()
    query = f"?version={version}" if version else ""
    files = [(found, f"{citation_path(record, ending)}{query}") for ending, found in FORMATS.items()]
    return Pinned(record, version, made, request.build_absolute_uri(path), files)


def past_of(record: Any, request: HttpRequest) -> dict[str, Any]:
    """What the page of a record says of its past: the latest changes, and how to cite it as it stands.

    Asks one query. The record is public, so that whatever became of it may be told.
    """
    if record.state != State.PUBLISHED:
        return {}  # An editor's preview of what is not published yet.
    told = list(PublicChange.objects.of(record).newest_first()[: HISTORY_SHOWN + 1])
    version = max((change.version for change in told), default=0)
    made = min((change.made for change in told if change.version == version), default=record.updated)
    pin = pinned(record, version, made, request)
    return {
        "pinned": pin,
        "citation_meta": pin.meta,
        "alternates": [(found.media_type, found.name, citation_path(record, found.ending)) for found, _ in pin.files],
        "told": [(change, summary(type(record), change.difference)) for change in told[:HISTORY_SHOWN]],
        "more_told": len(told) > HISTORY_SHOWN,
        "versions_path": f"{record.get_absolute_url()}versions/",
    }
