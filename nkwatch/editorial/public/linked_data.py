"""What all records share as JSON-LD, in the words of schema.org (pages.md, section 0)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest

CONTEXT = "https://schema.org"


def described(kind: str, request: HttpRequest, record: Any, **values: Any) -> dict[str, Any]:
    """A record as a thing of `kind`: who it is, where its page is, and those of `values` that say something."""
    address = request.build_absolute_uri(record.get_absolute_url())
    known = {name: value for name, value in values.items() if value not in (None, "", [], {})}
    identifier = getattr(record, "label", None)
    return {
        "@context": CONTEXT,
        "@type": kind,
        "@id": address,
        "mainEntityOfPage": address,
        **({"identifier": identifier} if identifier else {}),
        "name": str(record),
        **known,
    }


def named(kind: str, request: HttpRequest, record: Any) -> dict[str, Any] | None:
    """Another record, by its name and page; None without one."""
    if record is None:
        return None
    return {"@type": kind, "@id": request.build_absolute_uri(record.get_absolute_url()), "name": str(record)}


def item_list(request: HttpRequest, records: Iterable[Any], first: int) -> dict[str, Any]:
    """The records of one page of a list, counted from `first`."""
    return {
        "@context": CONTEXT,
        "@type": "ItemList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "url": request.build_absolute_uri(record.get_absolute_url()),
                "name": str(record),
            }
            for position, record in enumerate(records, first)
        ],
    }


def without_nothing(values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what says something."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
