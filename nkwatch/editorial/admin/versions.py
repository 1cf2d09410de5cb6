"""The desk's pages for the past of a record: its versions, any two compared, and the way back (pages.md, B5)."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import dateformat, timezone
from django.utils.text import capfirst
from simple_history.admin import SimpleHistoryAdmin

from nkwatch.editorial import desk
from nkwatch.editorial.admin.forms import RevertForm, messages_of
from nkwatch.editorial.history.comparison import ADDED, CHANGED, REMOVED, Told, differences, in_words
from nkwatch.editorial.history.moments import Moment, Past
from nkwatch.editorial.history.reverting import (
    ADD,
    CHANGE,
    CHANGED_SINCE,
    DELETE,
    LEAVE,
    RETRACT,
    SAME,
    plan_of_revert,
    revert,
    steps_in_words,
)
from nkwatch.editorial.models import merges_done_since

MOMENTS_ON_A_PAGE = 50
NOW = "now"


class VersionedAdmin(SimpleHistoryAdmin):
    """A record with its whole past, parts included: what was done when, by whom and why; compared, and put back."""

    may_be_reverted: ClassVar[bool] = True

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        pages = [("compare", self.compare_view), ("revert", self.revert_view)]
        ours = [
            path(f"<path:object_id>/{page}/", self.admin_site.admin_view(view), name=f"{name}_{page}")
            for page, view in pages
        ]
        return [*ours, *super().get_urls()]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Every moment of the record's past, newest first, any two of which can be chosen to be compared."""
        record, past = self._record_and_past(request, object_id)
        newest_first = past.own_moments[::-1]
        shown = Paginator(newest_first, MOMENTS_ON_A_PAGE).get_page(request.GET.get(PAGE_VAR))
        chosen = {side: past.moment(request.GET.get(side, "")) for side in ("from", "to")}
        elsewhere = [moment for moment in chosen.values() if moment and moment not in shown.object_list]
        rows = [(moment, moment in elsewhere) for moment in [*dict.fromkeys(elsewhere), *shown]]
        told = self._told(past, [moment for moment, _ in rows])
        latest, second = (*newest_first[:2], None, None)[:2]
        return self._page(
            request,
            "versions",
            f"Versions of {desk.named(record)}",
            record,
            rows=[
                (moment, told[moment.key], past.made_or_deleted(moment), is_elsewhere) for moment, is_elsewhere in rows
            ],
            shown=shown,
            pages=shown.paginator.get_elided_page_range(shown.number),
            page_var=PAGE_VAR,
            older=chosen["from"] or second,
            newer=chosen["to"] or latest,
            latest=latest,
            may_revert=self._may_revert(request, record),
        )

    def history_form_view(self, request: HttpRequest, object_id: str, version_id: str, **kwargs: Any) -> HttpResponse:
        """One version: what it changed, and how everything stood."""
        record, past = self._record_and_past(request, object_id)
        moment = past.moment(version_id)
        if moment is None:
            raise Http404
        return self._comparison(request, record, past, past.before(moment), moment)

    def compare_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Any two moments, the older first, whichever way round they were chosen."""
        record, past = self._record_and_past(request, object_id)
        newer = self._moment(past, request.GET.get("to") or NOW)
        asked = request.GET.get("from")
        older = self._moment(past, asked) if asked else past.before(newer)
        if older is not None and older.place > newer.place:
            older, newer = newer, older
        return self._comparison(request, record, past, older, newer)

    def revert_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say what bringing the record, or one field, back to a moment would do; once confirmed, do it."""
        record, past = self._record_and_past(request, object_id)
        if not self._may_revert(request, record):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        moment = self._moment(past, asked.get("to", ""))
        if (self.model, record.pk) not in past.stood(moment):
            raise Http404
        names = [name for name in asked.getlist("field") if name in {f.name for f in past.fields_of(self.model)}]
        try:
            with transaction.atomic():
                return self._reverted(request, record, past, moment, names)
        except (ValidationError, IntegrityError) as error:
            return self._asked_again(request, record, moment, names, messages_of(error))

    def _reverted(
        self, request: Any, record: Any, past: Past, moment: Moment, names: list[str], refused: Iterable[str] = ()
    ) -> HttpResponse:
        is_confirmed = request.method == "POST" and not refused
        if is_confirmed:
            record = self.model._base_manager.select_for_update().get(pk=record.pk)
            past = Past(self.model, record.pk)
        plan = plan_of_revert(record, past, moment, request.user, names)
        latest = past.latest.key if past.latest else ""
        form = RevertForm(
            request.POST if request.method == "POST" else None,
            needs_reason=plan.is_seen_by_readers,
            refused=refused,
            initial={"latest": latest},
        )
        if is_confirmed and form.is_valid():
            if form.cleaned_data["latest"] != latest:
                raise ValidationError(CHANGED_SINCE)
            waiting = revert(plan, request.user, form.cleaned_data["change_reason"])
            if plan.does_anything:
                self.log_change(request, record, f"{capfirst(plan.reason)}.")
            return self._told_after(request, record, moment, plan.does_anything, len(waiting))
        return self._page(
            request,
            "revert",
            f"Put {desk.named(record)} back",
            record,
            moment=moment,
            names=names,
            form=form,
            latest=latest,
            plan=plan,
            merged_since=merges_done_since(record, moment.signature.history_date),
            nothing=SAME,
            changes=steps_in_words(plan.of(CHANGE)),
            additions=steps_in_words(plan.of(ADD)),
            deletions=steps_in_words(plan.of(DELETE)),
            retractions=steps_in_words(plan.of(RETRACT)),
            left=steps_in_words(plan.of(LEAVE)),
        )

    def _asked_again(
        self, request: HttpRequest, record: Any, moment: Moment, names: list[str], refused: list[str]
    ) -> HttpResponse:
        """The page once more, with what was refused and with the reason that was typed; nothing was changed."""
        record.refresh_from_db()
        return self._reverted(request, record, Past(self.model, record.pk), moment, names, refused)

    def _told_after(self, request: Any, record: Any, moment: Moment, did: bool, waiting: int) -> HttpResponse:
        when = dateformat.format(timezone.localtime(moment.signature.history_date), "j F Y, H:i")
        if waiting:
            message = (
                f"Your change waits for a reviewer, and readers see no difference until it is approved: "
                f"{desk.named(record)}, back to {when}."
            )
            self.message_user(request, message, messages.WARNING)
        elif did:
            self.message_user(
                request, f"{desk.named(record)} was put back to how it stood on {when}.", messages.SUCCESS
            )
        return HttpResponseRedirect(self._url("history", record.pk))

    def _comparison(
        self, request: HttpRequest, record: Any, past: Past, older: Moment | None, newer: Moment
    ) -> HttpResponse:
        everything = in_words(differences(past, older, newer, everything=True))
        own = next((told for told in everything if told.is_own), None)
        parts = [told for told in everything if told is not own]
        changed = [told for told in parts if told.kind in (ADDED, REMOVED, CHANGED)]
        return self._page(
            request,
            "comparison",
            f"{desk.named(record)}, compared",
            record,
            older=older,
            newer=newer,
            latest=past.latest,
            before=past.before(newer),
            own=own,
            changed_parts=changed,
            same_parts=[told for told in parts if told not in changed],
            may_revert=self._may_revert(request, record),
        )

    def _told(self, past: Past, moments: Iterable[Moment]) -> dict[str, list[Told]]:
        """What each moment changed, in words; the first one only says that it was the first."""
        found = {
            moment.key: differences(past, before, moment)
            for moment in moments
            if (before := past.before(moment)) is not None
        }
        told = iter(in_words(difference for listed in found.values() for difference in listed))
        return {moment.key: [next(told) for _ in found.get(moment.key, ())] for moment in moments}

    def _record_and_past(self, request: HttpRequest, object_id: str) -> tuple[Any, Past]:
        """The record, or one that was deleted as its last version has it; with all that is known of its past."""
        try:
            pk = self.opts.pk.to_python(unquote(object_id))
        except ValidationError as error:
            raise Http404 from error
        past = Past(self.model, pk)
        record = self.model._base_manager.filter(pk=pk).first()
        own = [version for moment in past.moments for version in moment.versions if version.instance_type is self.model]
        if record is None and not own:
            raise Http404
        if record is None:
            record = own[-1].instance
            record._state.adding = True
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        return record, past

    def _moment(self, past: Past, key: str) -> Moment:
        moment = past.latest if key == NOW else past.moment(key)
        if moment is None:
            raise Http404
        return moment

    def _may_revert(self, request: HttpRequest, record: Any) -> bool:
        still_there = not record._state.adding
        return self.may_be_reverted and still_there and self.has_change_permission(request, record)

    def _url(self, page: str, pk: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=[pk])

    def _page(self, request: HttpRequest, name: str, title: str, record: Any, **context: Any) -> HttpResponse:
        pages = {page: self._url(page, record.pk) for page in ("history", "compare", "revert", "change")}
        request.current_app = self.admin_site.name
        own = {
            "title": title,
            "opts": self.opts,
            "object": record,
            "url_of": pages,
            "is_there": not record._state.adding,
        }
        return TemplateResponse(
            request, f"admin/{name}.html", {**self.admin_site.each_context(request), **own, **context}
        )
