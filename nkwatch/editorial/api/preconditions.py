"""Two programs, one record: a change says which version it was made for (`If-Match`; domain.md, rule 7)."""

import re
from collections.abc import Sequence
from typing import Any

from rest_framework.exceptions import APIException, ErrorDetail

from nkwatch.editorial import proposals
from nkwatch.editorial.desk import named
from nkwatch.editorial.history import concurrency

ETAG = re.compile(r'(?:W/)?"([^"]*)"')
VERSION = re.compile(r"(\d{1,18})(?:\.\d{1,18})*", re.ASCII)
SENT_WITHOUT = (
    "Say which version you change: send If-Match with the ETag that this record, or its last change, was answered with."
)


class PreconditionRequired(APIException):
    """No version was named (RFC 6585)."""

    status_code = 428
    default_code = "precondition_required"
    default_detail = SENT_WITHOUT


class PreconditionFailed(APIException):
    """The record has a newer version; the errors tell what changed meanwhile, `etag` what it has now."""

    status_code = 412
    default_code = "stale"

    def __init__(self, detail: Any, etag: str) -> None:
        super().__init__(detail)
        self.etag = etag


def etag_of(record: Any) -> str:
    """The tag of the version of a record and its parts that stands now."""
    return f'"{concurrency.fingerprints([record])[record.pk]}"'


def check(request: Any, record: Any) -> None:
    """Let a change go on only where it was made for the version that stands.

    Raises PreconditionRequired, and PreconditionFailed with what somebody else has changed.
    """
    asked = ETAG.findall(request.headers.get("If-Match", ""))
    if not asked:
        raise PreconditionRequired
    check_seen(record, asked)


def check_seen(record: Any, asked: Sequence[str]) -> None:
    """As `check`, of a record that `asked` names the versions of: tags without their quotes."""
    etag = etag_of(record)
    if etag.strip('"') not in asked:
        raise PreconditionFailed(_difference(record, asked[0]), etag)


def _difference(record: Any, asked: str) -> dict[str, list[ErrorDetail]]:
    """What changed since the version asked for, by field; the whole in a sentence before it."""
    code = PreconditionFailed.default_code
    seen = VERSION.fullmatch(asked)
    base = concurrency.version(type(record), record.pk, int(seen[1])) if seen else None
    if base is None:
        return {"": [ErrorDetail(f"If-Match names no version of {named(record)}: read it again.", code)]}
    newer = concurrency.versions_since(record, int(seen[1])) if seen else []
    if not newer:
        return {"": [ErrorDetail(f"Citations or other parts of {named(record)} have changed: read it again.", code)]}
    told = {"": [ErrorDetail(f"{named(record)} has changed, by {concurrency.said_by(newer[0])}: read it again.", code)]}
    altered = {
        name: {"old": old, "new": new} for name, (old, new) in concurrency.changed_between(base, newer[0]).items()
    }
    [lines] = proposals.lines_in_words([(type(record), altered)])
    for name, line in zip(altered, lines, strict=True):
        told[name] = [ErrorDetail(f"{line.old} → {line.new}", "changed")]
    return told
