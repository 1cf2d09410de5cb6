"""The admin's pages for merges done and waiting: found again, confirmed, returned, taken back (pages.md, B4)."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from nkwatch.editorial.desk import may_publish, named
from nkwatch.editorial.history.concurrency import Seen, carried
from nkwatch.editorial.merging import merges
from nkwatch.editorial.merging import undo as merge_undo
from nkwatch.editorial.merging.kinds import Kind, kind_called, kinds
from nkwatch.editorial.merging.words import address_of, besides, field_rows, in_words
from nkwatch.editorial.models import Merge, NotTheSame

MERGES_A_PAGE = 50


class NoteForm(forms.Form):
    """The words that go with a decision about a merge."""

    note = forms.CharField(max_length=200, required=False, widget=forms.TextInput(attrs={"class": "vTextField"}))


class ChoiceForm(forms.Form):
    """Which merges to show."""

    q = forms.CharField(max_length=200, required=False, label="Number, name or reason")
    kind = forms.ChoiceField(required=False, label="Of")
    state = forms.ChoiceField(required=False, choices=[("", "any"), *Merge.State.choices], label="State")

    def __init__(self, *args: Any, own: list[Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [("", "any kind"), *((kind.slug, kind.plural) for kind in own)]
        self.fields["kind"].choices = offered  # type: ignore[attr-defined]

    def condition(self) -> Q:
        """What was asked for; what is not offered counts as not asked."""
        self.full_clean()
        asked = Q()
        if slug := self.cleaned_data.get("kind"):
            asked &= Q(record_type__model=slug)
        if state := self.cleaned_data.get("state"):
            asked &= Q(state=state)
        for word in self.cleaned_data.get("q", "").split():
            fields = ("merged_label", "kept_label", "merged_name", "reason", "by__username")
            found = Q()
            for name in fields:
                found |= Q(**{f"{name}__icontains": word})
            asked &= found
        return asked


def desk_page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/merge/{template}.html", context)


def kind_in_address(request: HttpRequest, slug: str) -> Kind:
    """The kind in the address, for whoever may merge it."""
    kind = kind_called(slug)
    if kind is None:
        raise Http404("No records of this kind are merged.")
    if not merges.may_merge(request.user, kind):
        raise PermissionDenied
    return kind


def tell(request: HttpRequest, done: Merge) -> None:
    """Say what became of a merge."""
    if done.state == Merge.State.WAITING:
        text = f"Merging {done} waits for a reviewer; until it is confirmed, readers see no difference."
        messages.warning(request, text)
    else:
        messages.success(request, f"{done.merged_label} was merged into {done.kept_label}.")


def refuse_what_was_not_seen(sent: Any, records: Sequence[Any]) -> None:
    """Raise ValidationError where a record, or a part of it, has changed since the page was shown (pages.md, B)."""
    changed = Seen.read(sent.getlist("_seen")).changed(records)
    if said := [f"{named(record)}: {changed[record.pk]}" for record in records if record.pk in changed]:
        raise ValidationError(said)


def index(request: HttpRequest) -> HttpResponse:
    """The kinds, the merges that wait for a reviewer, and all others, to be looked through."""
    own = [kind for kind in kinds() if merges.may_merge(request.user, kind)]
    if not own:
        raise PermissionDenied
    form = ChoiceForm(request.GET, own=own)
    about = Merge.objects.filter(record_type__in=[kind.type for kind in own], within=None)
    about = about.select_related("by", "record_type", "undone_by")
    found = about.filter(form.condition())
    asked = request.GET.copy()
    asked.pop("page", None)
    return desk_page(
        request,
        "index",
        "Merge records",
        kinds=[(kind, NotTheSame.objects.filter(record_type=kind.type).count()) for kind in own],
        waiting=merges.waiting_for(request.user),
        form=form,
        is_narrowed=bool(form.condition()),
        pairs=Paginator(found, MERGES_A_PAGE).get_page(request.GET.get("page")),
        asked=asked.urlencode(),
    )


def merge_page(request: HttpRequest, number: int) -> HttpResponse:
    """One merge: what it moved, or would; confirming, returning or taking it back."""
    found = get_object_or_404(Merge.objects.select_related("by", "decided_by", "undone_by", "within"), pk=number)
    kind = kind_in_address(request, str(found.model._meta.model_name))
    problems: list[str] = []
    form = NoteForm(request.POST if request.method == "POST" else None)
    act = next((act for act in ACTS if act in request.POST), None)
    if act and form.is_valid():
        try:
            ACTS[act](request, found, form.cleaned_data["note"])
            return HttpResponseRedirect(request.path)
        except ValidationError as error:
            problems = error.messages
    kept = found.kept
    return desk_page(
        request,
        "merge",
        f"Merge of {found}",
        merge=found,
        kind=kind,
        opts=kind.model._meta,
        kept=kept,
        kept_address=address_of(kept) if kept else "",
        form=form,
        problems=problems,
        may_decide=may_publish(request.user, kind.model),
        **_prospect(found, kind, request.user),
    )


def _prospect(found: Merge, kind: Kind, user: Any) -> dict[str, Any]:
    """What confirming a merge that waits would do, or taking back one that was done; or why it is refused."""
    kept, merged = found.kept, found.merged
    if found.state == Merge.State.WAITING:
        if not (kept and merged):
            return {"refused": [merges.ONE_IS_GONE]}
        plan = merges.plan_of_merge(kept, merged, found.choices)
        return {
            "seen": carried((kept, merged)),
            "rows": field_rows(kind, (kept, merged), kept, None, found.choices),
            "besides": besides(plan.ledger, kept, found.choices),
            "groups": in_words(plan.ledger, kept, merged),
            "effect": plan.effect,
            "is_seen_by_readers": True,
            "refused": plan.problems or merges.refuse_confirming(found, plan, user),
        }
    if found.state == Merge.State.DONE and not found.within:
        try:
            undoing = merge_undo.plan_of_undo(found, user)
        except ValidationError as error:
            return {"refused": error.messages}
        return {"plan": undoing, "effect": undoing.effect, "is_asker": found.undone_by_id == user.pk}
    return {}


def _confirm(request: Any, found: Merge, note: str) -> None:
    refuse_what_was_not_seen(request.POST, [record for record in (found.kept, found.merged) if record])
    merges.confirm(found, request.user)
    tell(request, found)


def _return(request: Any, found: Merge, note: str) -> None:
    merges.return_(found, request.user, note)
    messages.success(request, f"Merging {found} was returned to {found.by}.")


def _take_back(request: Any, found: Merge, note: str) -> None:
    done = merge_undo.undo(found, request.user, note)
    if done.waits:
        text = f"Taking the merge of {found} back waits for another reviewer; until then nothing changes."
        messages.warning(request, text)
        return
    for line in done.left_alone:
        messages.warning(request, f"Left alone: {line}")
    messages.success(request, f"The merge of {found} was taken back.")


def _leave(request: Any, found: Merge, note: str) -> None:
    merge_undo.leave_merged(found, request.user)
    messages.success(request, f"The merge of {found} stands.")


ACTS: dict[str, Callable[[Any, Merge, str], None]] = {
    "confirm": _confirm,
    "return": _return,
    "take_back": _take_back,
    "leave": _leave,
}
