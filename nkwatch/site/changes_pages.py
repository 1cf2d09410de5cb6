"""The addresses of the changes: for people, and for programs that keep up with the record."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from nkwatch.editorial.models import ChangeKind, PublicChange
from nkwatch.editorial.public.pages import PublicPage
from nkwatch.editorial.public.times import MAY_COME_LATE, as_time, read_time
from nkwatch.editorial.public.words import Told
from nkwatch.editorial.words import name_of
from nkwatch.site.changes import KINDS, NAMES, Asked, ToldChange, after, before, cursor_of, in_numbers, tell
from nkwatch.site.suggesting.answers import Answered, answered_suggestions

PAGE = 50
CORRECTIONS_SHOWN = 10
ANSWERS_SHOWN = 10
JSON_PAGE = 500
LATELY = datetime.timedelta(days=30)
"""From how long ago the page says how much has changed."""


class Changes(PublicPage, TemplateView):
    """Corrections first; then what was added, merged and retracted; 50 a page, by place in time."""

    template_name = "site/changes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        errors: dict[str, list[str]] = {}
        asked, place = Asked(), self.request.GET.get("before", "")
        try:
            asked = Asked.read(self.request.GET.dict())
            if since := self.request.GET.get("since", "").strip():
                asked = asked.on(read_time(since))
            changes = asked.changes()
            is_whole = not (asked.kind or place)
            listed = changes.exclude(kind=ChangeKind.CORRECTION) if not asked.kind else changes
            if place:
                listed = before(listed, place)
        except ValidationError as error:
            errors, place, is_whole = error.message_dict, "", True
            changes = asked.changes()
            listed = changes.exclude(kind=ChangeKind.CORRECTION)
        rows = list(listed.newest_first()[: PAGE + 1])
        corrections = changes.filter(kind=ChangeKind.CORRECTION).newest_first() if is_whole else changes.none()
        first = list(corrections[: CORRECTIONS_SHOWN + 1])
        told = tell([*first[:CORRECTIONS_SHOWN], *rows[:PAGE]])
        shown = min(len(first), CORRECTIONS_SHOWN)
        lately = asked if asked.since else asked.on(read_time(str(timezone.localdate() - LATELY)))
        return super().get_context_data(
            asked=asked,
            errors=errors,
            typed=self.request.GET,
            kinds=ChangeKind.choices,
            records=[(name, name_of(model._meta.verbose_name_plural)) for name, model in KINDS.items()],
            is_whole=is_whole,
            since=lately.since,
            in_numbers=in_numbers(lately.changes()),
            answered=answered_suggestions(ANSWERS_SHOWN, asked.record) if is_whole and not asked.of else [],
            corrections=told[:shown],
            more_corrections=self._link(asked, kind=ChangeKind.CORRECTION) if len(first) > CORRECTIONS_SHOWN else "",
            changes=told[shown:],
            older=self._link(asked, before=cursor_of(rows[PAGE - 1])) if len(rows) > PAGE else "",
            is_continued=bool(place),
            alternates=[
                ("application/atom+xml", _("All changes"), reverse("changes.atom")),
                ("application/atom+xml", _("Corrections and retractions"), reverse("corrections.atom")),
                ("application/json", _("Changes for programs"), reverse("changes.json")),
            ],
            **kwargs,
        )

    def _link(self, asked: Asked, **more: str) -> str:
        """The query string of a link to changes that stays on the day of the page."""
        return self.asof.carry(**asked.parameters(**more))

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        if context["errors"]:
            response.status_code = 400
        return response


class ChangesJSON(View):
    """All changes since a moment, the oldest first, so that a program can keep a copy in step.

    `since=` takes a moment or a day. An answer holds 500 changes; `next` leads on, and at the end
    `next_since` is the moment to ask from the next time. It lies a little before the last change, since
    what a long import changes is seen when the import is done: take a change whose `id` is known
    already as the same one. A record that was retracted or merged is a tombstone (`gone`), as are those in
    `gone_with_it`; take what the copy holds of it away. The first answer has besides what was answered to
    readers whose suggestions were taken up, the latest first.
    """

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            asked = Asked.read(request.GET.dict())
            changes = asked.changes()
            since, moment = request.GET.get("since", ""), None
            if since:
                moment = read_time(since)
                changes = changes.filter(made__gte=moment)
            if place := request.GET.get("after", ""):
                changes = after(changes, place)
        except ValidationError as error:
            return JsonResponse({"errors": error.message_dict}, status=400)
        rows = list(changes.order_by("made", "pk")[: JSON_PAGE + 1])
        following = None
        if len(rows) > JSON_PAGE:
            query = asked.query(since=since, after=cursor_of(rows[JSON_PAGE - 1]))
            following = request.build_absolute_uri(f"{request.path}{query}")
        answered = [] if place or asked.kind or asked.of else answered_suggestions(about=asked.record, since=moment)
        return JsonResponse(
            {
                "changes": [as_data(told, request) for told in tell(rows[:JSON_PAGE])],
                "suggestions_taken_up": [_answer(one, request) for one in answered],
                "next": following,
                "next_since": None
                if following
                else (as_time(rows[-1].made - MAY_COME_LATE) if rows else since or None),
            },
            json_dumps_params={"ensure_ascii": False},
        )


def as_data(told: ToldChange, request: HttpRequest) -> dict[str, Any]:
    """A change for programs: values in words, records by their numbers."""
    change = told.change
    page = told.record.get_absolute_url() if told.record is not None else ""
    return {
        "id": change.pk,
        "kind": change.kind,
        "records": NAMES[told.model],
        "number": told.number,
        "name": str(told.record) if told.record is not None else None,
        "made": as_time(change.made),
        "version": change.version or None,
        "page": request.build_absolute_uri(page) if page else None,
        "version_page": request.build_absolute_uri(told.address) if change.version and told.address else None,
        "gone": told.record is None,
        "gone_with_it": told.gone_with_it,
        "merged_into": told.kept.label if change.kind == ChangeKind.MERGE and told.kept is not None else None,
        "reason": change.reason,
        "why": change.why if told.record is not None else "",
        "told_by": change.told_by if told.record is not None else "",
        "changed": [_part(part) for part in told.told],
    }


def _answer(answered: Answered, request: HttpRequest) -> dict[str, Any]:
    page = answered.record.get_absolute_url() if answered.record is not None else ""
    return {
        "answered": as_time(answered.answered),
        "number": answered.label or None,
        "page": request.build_absolute_uri(page) if page else None,
        "answer": answered.answer,
        "told_by": answered.told_by,
    }


def _part(part: Told) -> dict[str, Any]:
    return {
        "part": part.title or None,
        "what": part.what,
        "reason": part.reason,
        "fields": [
            {
                "field": line.name,
                "label": line.label,
                "old": line.old_text,
                "new": line.new_text,
                "shown_since": since and as_time(since),
            }
            for line, since in part.dated_lines
            if part.is_shown
        ],
    }


def _next_since(rows: Sequence[PublicChange], since: str) -> str | None:
    return as_time(rows[-1].made - MAY_COME_LATE) if rows else since or None
