"""What the boxes of a report offer while a name is typed: the records that may be meant (pages.md, B1)."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse

from missions.models import ClosureEvent, Mission, ReportedFigure
from nkwatch.editorial.models import NumberedRecord, State
from nkwatch.editorial.text import fold
from sources.models import Actor, Country, Quote, Source

OFFERED = 8
LONGEST = 200

KINDS: dict[str, type[Any]] = {
    "mission": Mission,
    "actor": Actor,
    "source": Source,
    "country": Country,
    "event": ClosureEvent,
    "quote": Quote,
    "figure": ReportedFigure,
}
FOLDED: dict[type[Any], tuple[str, ...]] = {Actor: ("name_key", "names__name_key"), Source: ("title_key",)}
NAMED_WITH: dict[type[Any], tuple[str, ...]] = {Actor: ("country", "part_of"), Source: ("outlet",)}


def names_json(request: HttpRequest) -> JsonResponse:
    """The records of a `kind` that the words `q` may mean, each as the box takes it: its number, then its name.

    Raises Http404 for an unknown kind, PermissionDenied for whoever may not look at records of it.
    """
    model: Any = KINDS.get(request.GET.get("kind", ""))
    if model is None:
        raise Http404
    desk = admin.site._registry[model]
    if not desk.has_view_permission(request):
        raise PermissionDenied
    words = request.GET.get("q", "").replace("\0", "")[:LONGEST].strip()
    found = _found(request, desk, words) if words else []
    return JsonResponse({"found": [{"value": as_typed(record), "hint": _hint(record)} for record in found]})


def as_typed(record: Any) -> str:
    """A record as a box of the report takes it: the number decides, the name is for people."""
    return f"{record.label} {record}" if isinstance(record, NumberedRecord) else str(record)


def _found(request: HttpRequest, desk: Any, words: str) -> list[Any]:
    """What the admin's own search finds, and besides what another spelling of the name comes to."""
    standing = desk.get_queryset(request)
    if issubclass(desk.model, NumberedRecord):
        standing = standing.exclude(state=State.RETRACTED)
    found, _ = desk.get_search_results(request, standing, words)
    ids = set(found.order_by().values_list("pk", flat=True)[: OFFERED * 4])
    key = fold(words)
    for path in FOLDED.get(desk.model, ()) if key else ():
        ids.update(standing.filter(**{f"{path}__contains": key}).values_list("pk", flat=True)[:OFFERED])
    records = desk.model.objects.filter(pk__in=ids).select_related(*NAMED_WITH.get(desk.model, ()))
    return sorted(records, key=lambda record: (not fold(str(record)).startswith(key), str(record)))[:OFFERED]


def _hint(record: Any) -> str:
    """What tells namesakes apart."""
    if isinstance(record, Country):
        return ""
    parts = []
    if isinstance(record, Actor):
        parts = [record.get_capacity_display(), str(record.country or ""), str(record.part_of or "")]
    elif isinstance(record, Source):
        parts = [record.byline]
    if record.state != State.PUBLISHED:
        parts.append(record.get_state_display())
    return ", ".join(filter(None, parts))
