"""The review queue: what waits, what each row changes for readers, and the answers to it (pages.md, B2).

The addresses stand beside the admin's own (`nkwatch.urls`). Nothing is kept in the session; which
page of which choice one was on comes along with each form.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from missions.models import ClosureEvent
from missions.review.merge_queue import waiting_merges
from missions.review.preview import preview_page
from missions.review.queue_effect import effects, sentence
from nkwatch.editorial import proposals
from nkwatch.editorial.desk import may_publish
from nkwatch.editorial.models import ProposedChange
from nkwatch.editorial.review import decisions
from nkwatch.editorial.review import queue as review
from nkwatch.editorial.review.effects import Effect
from nkwatch.editorial.review.queue import CHANGE, IMPORTED, MINE, OTHERS, STATUS, Choice, Queue, Row
from sources.models import Citation

ROWS_ON_A_PAGE = 50
CONTESTED = "contested"
FROM_THE_TOP = ""
ASKED = ("whose", "kind", "flag", "page")


def contested(kind: Any) -> Q:
    """Whether sources dispute a record of this kind, or it is the claim that disputes another."""
    if issubclass(kind, Citation):
        return Q(stance=Citation.Stance.DISPUTES)
    return ~Q(support_contested="") if kind is ClosureEvent else Q(pk__in=[])


FLAGS = {CONTESTED: contested}


class ChoiceForm(forms.Form):
    """Which rows to show."""

    whose = forms.ChoiceField(
        required=False,
        choices=[("", "everybody’s"), (MINE, "mine"), (OTHERS, "others’")],
        label="Handed in by",
    )
    kind = forms.ChoiceField(required=False, label="About")
    flag = forms.ChoiceField(
        required=False,
        label="Only",
        choices=[
            ("", "all"),
            (CONTESTED, "contested"),
            (STATUS, "what may change a status"),
            (IMPORTED, "from an import"),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind._meta.model_name, kind._meta.verbose_name_plural) for kind in review.top_kinds()]
        self.fields["kind"].choices = [("", "anything"), *kinds, (CHANGE, "proposed changes")]  # type: ignore[attr-defined]

    def chosen(self) -> Choice:
        """What was asked for; what is not offered counts as not asked."""
        self.full_clean()
        return Choice(**{name: self.cleaned_data.get(name, "") for name in ("whose", "kind", "flag")})


@require_safe
@never_cache
def queue_page(request: HttpRequest) -> HttpResponse:
    """What waits, oldest first."""
    _refuse_outsiders(request)
    return _page(request, request.GET)


@require_POST
def approve(request: HttpRequest, key: str) -> HttpResponse:
    """Approve one row, as it was shown, and go on to the next."""
    _refuse_who_may_not_publish(request)
    _done(request, key, request.POST.get("seen", ""))
    return _on_to(request, _place(request))


@require_POST
def hand_back(request: HttpRequest, key: str) -> HttpResponse:
    """Return one row to its authors; without a note the page comes back with what was typed."""
    _refuse_who_may_not_publish(request)
    note = request.POST.get("note", "")
    try:
        called = decisions.hand_back(key, _user(request), note)
    except decisions.NotWaitingError as gone:
        messages.error(request, " ".join(gone.messages))
    except ValidationError as refused:
        return _page(request, QueryDict(request.POST.get("back", "")), kept={key: (note, " ".join(refused.messages))})
    else:
        messages.success(request, f"{called} was returned with your note.")
    return _on_to(request, _place(request))


@require_POST
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    """Take back what one handed in or proposed oneself."""
    _refuse_outsiders(request)
    try:
        called = decisions.withdraw(key, _user(request))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, f"{called} was withdrawn.")
    return _on_to(request, _place(request))


@require_POST
def approve_selected(request: HttpRequest) -> HttpResponse:
    """Approve several rows at once, except those that change a status: each of these is looked at alone."""
    _refuse_who_may_not_publish(request)
    keys = list(dict.fromkeys(request.POST.getlist("selected")))[:ROWS_ON_A_PAGE]
    if not keys:
        messages.warning(request, "Nothing was selected: tick the rows to approve.")
    approved = sum(_done(request, key, request.POST.get(f"seen-{key}", ""), with_others=True) for key in keys)
    if approved:
        messages.success(request, f"{approved} row{'' if approved == 1 else 's'} approved.")
    return _on_to(request, FROM_THE_TOP)


def _done(request: HttpRequest, key: str, seen: str, with_others: bool = False) -> bool:
    """Whether the row was approved; people are told, of success only where it was approved alone."""
    try:
        called, left = decisions.approve(key, _user(request), seen, _missing_once_public, with_others)
    except ValidationError as refused:
        for message in refused.messages:
            messages.error(request, message)
        return False
    for message in left:
        messages.warning(request, message)
    if not with_others:
        messages.success(request, f"{called} was approved.")
    return True


def _missing_once_public(record: Any) -> str:
    model_admin: Any = admin.site.get_model_admin(type(record))
    return str(model_admin.missing_once_public(record))


def _user(request: HttpRequest) -> Any:
    return request.user


def _refuse_outsiders(request: HttpRequest) -> None:
    """Raise PermissionDenied for staff without a role at the desk."""
    if not Queue(_user(request), Choice(), FLAGS).kinds:
        raise PermissionDenied


def _refuse_who_may_not_publish(request: HttpRequest) -> None:
    if not any(may_publish(request.user, kind) for kind in review.top_kinds()):
        raise PermissionDenied


def _place(request: HttpRequest) -> str:
    """Where on the page the row stood, so that the one that takes its place is next."""
    place = request.POST.get("place", "")
    return place if place.isascii() and place.isdecimal() and len(place) < 4 else FROM_THE_TOP


def _on_to(request: HttpRequest, place: str) -> HttpResponseRedirect:
    """Back to the page of the queue one came from, at a row."""
    back = QueryDict(request.POST.get("back", ""))
    query = QueryDict(mutable=True)
    for name in ASKED:
        if back.get(name):
            query[name] = back[name]
    if place:
        query["at"] = place
    return HttpResponseRedirect(reverse("admin:review") + (f"?{query.urlencode()}" if query else ""))


def _page(
    request: HttpRequest, asked: Mapping[str, Any], kept: Mapping[str, tuple[str, str]] | None = None
) -> HttpResponse:
    """The queue as `asked`; `kept` is what was typed into a row that was refused, and why it was."""
    user = _user(request)
    form = ChoiceForm(asked)
    choice = form.chosen()
    queue = Queue(user, choice, FLAGS)
    shown = Paginator(queue.keys(), ROWS_ON_A_PAGE).get_page(asked.get("page", 1))
    rows = queue.rows(list(shown))
    told = effects(rows)
    lines = proposals.in_words([row.change for row in rows if row.change])
    at = str(asked.get("at", ""))
    focus = min(int(at), len(rows) - 1) if at.isascii() and at.isdecimal() and len(at) < 4 else -1
    back = _query(choice, shown.number)
    context = {
        **admin.site.each_context(request),
        "title": "Review queue",
        "form": form,
        "is_narrowed": choice != Choice(),
        "rows": [
            _shown(row, place, user, told[row.key], lines, (kept or {}).get(row.key, ("", "")), focus == place)
            for place, row in enumerate(rows)
        ],
        "count": shown.paginator.count,
        "pages": shown,
        "before": _query(choice, shown.number - 1),
        "after": _query(choice, shown.number + 1),
        "back": back,
        "may_publish": any(may_publish(user, kind) for kind in review.top_kinds()),
        "merges": waiting_merges(user) if choice == Choice() and shown.number == 1 else [],
        "proposals_url": reverse("admin:editorial_proposedchange_changelist"),
    }
    return TemplateResponse(request, "admin/review/queue.html", context)


def _query(choice: Choice, page: int) -> str:
    query = QueryDict(mutable=True)
    for name, value in (("whose", choice.whose), ("kind", choice.kind), ("flag", choice.flag), ("page", str(page))):
        if value and value != "1":
            query[name] = value
    return query.urlencode()


def _shown(
    row: Row,
    place: int,
    user: Any,
    effect: Effect,
    lines: Mapping[int, Any],
    kept: tuple[str, str],
    has_focus: bool,
) -> dict[str, Any]:
    """What the page tells of one row, and which answers it offers."""
    problem = decisions.refuse(row, user)
    alone = "It changes a status: approve it alone." if effect.changes_status and not problem else ""
    return {
        "key": row.key,
        "place": place,
        "sentence": sentence(row),
        "effect": effect.words,
        "lines": lines.get(row.change.pk, ()) if row.change else (),
        "reason": row.change.reason if row.change else "",
        "authors": row.authors,
        "since": row.since,
        "seen": row.seen,
        "problem": problem,
        "may_decide": row.record is not None and may_publish(user, row.record),
        "can_withdraw": user.get_username() in row.authors,
        "not_in_batch": alone,
        "edit_url": _edit_url(row),
        "can_preview": row.record is not None,
        "note": kept[0],
        "refused": kept[1],
        "has_focus": has_focus,
    }


def _edit_url(row: Row) -> str:
    if row.record is None:
        assert isinstance(row.change, ProposedChange)
        return reverse("admin:editorial_proposedchange_change", args=[row.change.pk])
    meta = row.record._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.record.pk])


def _staff(page: Callable[..., HttpResponse]) -> Any:
    return admin.site.admin_view(page)


@require_safe
@never_cache
def preview(request: HttpRequest, key: str) -> HttpResponse:
    """The public page as it would be once the row is approved."""
    _refuse_outsiders(request)
    try:
        return preview_page(request, key)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return HttpResponseRedirect(reverse("admin:review"))


urlpatterns = [
    path("", _staff(queue_page), name="review"),
    path("approve/", _staff(approve_selected), name="review_approve_selected"),
    path("<slug:key>/approve/", _staff(approve), name="review_approve"),
    path("<slug:key>/return/", _staff(hand_back), name="review_return"),
    path("<slug:key>/withdraw/", _staff(withdraw), name="review_withdraw"),
    path("<slug:key>/preview/", _staff(preview), name="review_preview"),
]
