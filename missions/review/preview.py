"""The public page of a record as readers would see it once a row of the review queue is approved (pages.md, B2).

The row is published, or its change applied, for good measure with what it names; the page is
rendered by its own view, for an anonymous reader; and all of it is rolled back.
"""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import resolve

from missions.review.effect import do_not_wait_long
from nkwatch.editorial import desk, proposals
from nkwatch.editorial.derivation import deriving_once
from nkwatch.editorial.models import ProposedChange, Publishable, State
from nkwatch.editorial.review import decisions
from nkwatch.editorial.review.queue import Row, find, owner_of

KEPT_FROM_REQUEST = ("SERVER_NAME", "SERVER_PORT", "HTTP_HOST", "wsgi.url_scheme", "REMOTE_ADDR")


def preview_page(request: HttpRequest, key: str) -> HttpResponse:
    """The page, marked as a preview and never to be kept.

    Raises NotWaitingError, and ValidationError where nothing could be published yet.
    """
    user: Any = request.user
    row = find(key, user)
    if row is None or row.record is None:
        raise decisions.NotWaitingError
    with transaction.atomic():
        do_not_wait_long()
        with deriving_once():
            record, beside = _published(row)
        record = _page_of(record)
        answer = _read(request, record.get_absolute_url(), [desk.named(other) for other in beside])
        transaction.set_rollback(True)
    page = HttpResponse(answer.content, status=answer.status_code)
    page["X-Robots-Tag"] = "noindex"
    return page


def _published(row: Row) -> tuple[Any, list[Publishable]]:
    """The record as it would be, and what had to be published with it since it names that."""
    beside: list[Publishable] = []
    if row.change:
        proposals.apply(ProposedChange.objects.get(pk=row.change.pk))
        return row.record, beside
    waiting = list(row.waiting)
    if not row.is_whole and row.record.state in desk.WAITING:
        waiting.insert(0, row.record)
    for record in waiting:
        for named in desk.named_by(record):
            _publish_first(named, beside, {(type(other), other.pk) for other in waiting})
    if waiting[0] is row.record:
        desk.publish_with_parts(row.record, None, waiting=(State.IN_REVIEW,))
    else:
        for part in waiting:
            type(part)._base_manager.get(pk=part.pk).publish()
    return row.record, beside


def _publish_first(record: Publishable, beside: list[Publishable], passed: set[Any]) -> None:
    """Publish what is named and waits, and before it what that names."""
    if record.state not in desk.WAITING or (type(record), record.pk) in passed:
        return
    passed.add((type(record), record.pk))
    for named in desk.named_by(record):
        _publish_first(named, beside, passed)
    type(record)._base_manager.get(pk=record.pk).publish()
    record.refresh_from_db()
    beside.append(record)


def _page_of(record: Any) -> Any:
    """The record as it is now; of a part, what it belongs to, since parts have no pages."""
    return owner_of(type(record)._base_manager.get(pk=record.pk))


def _read(request: HttpRequest, address: str, beside: list[str]) -> HttpResponse:
    """What an anonymous reader would be answered at `address`."""
    view, args, kwargs = resolve(address)
    asked = HttpRequest()
    asked.method = "GET"
    asked.path = asked.path_info = address
    asked.META = {name: value for name, value in request.META.items() if name in KEPT_FROM_REQUEST}
    asked.META |= {"QUERY_STRING": "", "PATH_INFO": address}
    asked.GET = QueryDict("")
    asked.user = AnonymousUser()
    asked.resolver_match = resolve(address)
    asked.preview = {"beside": beside}  # type: ignore[attr-defined]
    answer = view(asked, *args, **kwargs)
    if hasattr(answer, "render"):
        answer.render()
    return answer
