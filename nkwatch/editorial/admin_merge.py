"""The admin's pages for merging: suggested pairs, two records side by side, merges done and waiting (pages.md, B4)."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse

from nkwatch.editorial import merge_undo, merges
from nkwatch.editorial.desk import may_publish, named
from nkwatch.editorial.merge_words import address_of, field_rows, in_words
from nkwatch.editorial.merging import Kind, in_place_of, kind_called, kinds
from nkwatch.editorial.models import Merge, NotTheSame

PAIRS_A_PAGE = 25
RECENT = 50


class MergeForm(forms.Form):
    """Why the two are one; kept with the versions of everything that moves."""

    reason = forms.CharField(
        max_length=200,
        label="Why the two are one",
        help_text="One sentence: “the same report, entered from two sheets”.",
        error_messages={"required": "Say in a sentence why the two are one."},
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class NoteForm(forms.Form):
    """The words that go with a decision about a merge."""

    note = forms.CharField(max_length=200, required=False, widget=forms.TextInput(attrs={"class": "vTextField"}))


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/merge/{template}.html", context)


def _kind(request: HttpRequest, slug: str) -> Kind:
    """The kind in the address, for whoever may merge it."""
    kind = kind_called(slug)
    if kind is None:
        raise Http404("No records of this kind are merged.")
    if not merges.may_merge(request.user, kind):
        raise PermissionDenied
    return kind


def _record(kind: Kind, pk: int) -> Any:
    return get_object_or_404(kind.model._base_manager.select_related(), pk=pk)


def index(request: HttpRequest) -> HttpResponse:
    """The kinds, the merges that wait for a reviewer, and those done last."""
    own = [kind for kind in kinds() if merges.may_merge(request.user, kind)]
    if not own:
        raise PermissionDenied
    about = Merge.objects.filter(record_type__in=[kind.type for kind in own], within=None)
    about = about.select_related("by", "record_type")
    return _page(
        request,
        "index",
        "Merge records",
        kinds=own,
        waiting=about.filter(state=Merge.State.WAITING).order_by("made"),
        recent=about.exclude(state=Merge.State.WAITING)[:RECENT],
    )


def suggestions(request: HttpRequest, kind: str) -> HttpResponse:
    """Pairs of one kind that may be one, the likeliest first."""
    found = _kind(request, kind)
    pairs = Paginator(list(found.suggest()), PAIRS_A_PAGE).get_page(request.GET.get("page"))
    ids = {pk for pair in pairs for pk in (pair.one, pair.other)}
    records = {record.pk: record for record in found.model._base_manager.filter(pk__in=ids).select_related()}
    return _page(
        request,
        "suggestions",
        f"Merge {found.model._meta.verbose_name_plural}",
        kind=found,
        opts=found.model._meta,
        pairs=pairs,
        rows=[(pair, records[pair.one], records[pair.other]) for pair in pairs],
    )


def pair(request: HttpRequest, kind: str, one: int, other: int) -> HttpResponse:
    """Two records side by side: which stays, each field's value, what moves; and the merge itself."""
    found = _kind(request, kind)
    if one == other:
        raise Http404("A record is not merged with itself.")
    records = _record(found, one), _record(found, other)
    sent = request.POST if request.method == "POST" else None
    kept, merged = _chosen_to_stay(records, sent)
    rows = field_rows(found, records, kept, sent)
    choices = [row.name for row in rows if row.picked == merged.pk]
    is_merging = sent is not None and "look" not in sent
    form = MergeForm(sent if is_merging else None, initial={"reason": sent.get("reason", "")} if sent else None)
    problems: list[str] = []
    if is_merging and form.is_valid():
        try:
            done = merges.merge(kept, merged, request.user, form.cleaned_data["reason"], choices)
        except ValidationError as error:
            problems = error.messages
        else:
            _tell(request, done)
            return HttpResponseRedirect(reverse("admin:merge:merge", args=[done.pk]))
    plan = merges.plan_of_merge(kept, merged, choices)
    return _page(
        request,
        "pair",
        f"Merge two {found.model._meta.verbose_name_plural}",
        kind=found,
        opts=found.model._meta,
        records=[(record, address_of(record)) for record in records],
        kept=kept,
        merged=merged,
        rows=rows,
        form=form,
        problems=problems or plan.problems,
        groups=in_words(plan.ledger, kept, merged),
        notes=[(text, kind_called(type(row)._meta.model_name), row, beside) for text, row, beside in plan.ledger.notes],
        must_wait=not plan.problems and plan.must_wait(request.user),
        were_two=_said_to_be_two(found, one, other),
    )


def _chosen_to_stay(records: tuple[Any, Any], sent: Any) -> tuple[Any, Any]:
    if sent and sent.get("keep") in {str(record.pk) for record in records}:
        kept, merged = sorted(records, key=lambda record: str(record.pk) != sent["keep"])
        return kept, merged
    return in_place_of(*records)


def _said_to_be_two(kind: Kind, one: int, other: int) -> NotTheSame | None:
    lower, higher = sorted((one, other))
    return NotTheSame.objects.filter(record_type=kind.type, lower_id=lower, higher_id=higher).first()


def _tell(request: HttpRequest, done: Merge) -> None:
    if done.state == Merge.State.WAITING:
        text = f"Merging {done} waits for a reviewer; until it is confirmed, readers see no difference."
        messages.warning(request, text)
    else:
        messages.success(request, f"{done.merged_label} was merged into {done.kept_label}.")


def not_the_same(request: HttpRequest, kind: str) -> HttpResponse:
    """The pairs found to be two; here one is noted (`one`, `other`), or taken back (`back`)."""
    found = _kind(request, kind)
    if request.method == "POST":
        if (back := request.POST.get("back", "")).isdecimal():
            NotTheSame.objects.filter(record_type=found.type, pk=int(back[:18])).delete()
            messages.success(request, "The two may be suggested again.")
            return HttpResponseRedirect(reverse("admin:merge:not_the_same", args=[kind]))
        one, other = (_posted(request, found, name) for name in ("one", "other"))
        try:
            NotTheSame.note(one, other, request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, f"{named(one)} and {named(other)} are two; they are not suggested again.")
        return HttpResponseRedirect(reverse("admin:merge:suggestions", args=[kind]))
    noted = NotTheSame.objects.filter(record_type=found.type).select_related("by")
    page = Paginator(noted, PAIRS_A_PAGE).get_page(request.GET.get("page"))
    ids = {pk for two in page for pk in (two.lower_id, two.higher_id)}
    records = {record.pk: record for record in found.model._base_manager.filter(pk__in=ids).select_related()}
    rows = [(two, records.get(two.lower_id), records.get(two.higher_id)) for two in page]
    title = f"{str(found.model._meta.verbose_name_plural).capitalize()} that are not the same"
    return _page(request, "not_the_same", title, kind=found, opts=found.model._meta, pairs=page, rows=rows)


def _posted(request: HttpRequest, kind: Kind, name: str) -> Any:
    number = request.POST.get(name, "")
    if not number.isdecimal():
        raise Http404("Two records are needed.")
    return _record(kind, int(number[:18]))


def merge_page(request: HttpRequest, number: int) -> HttpResponse:
    """One merge: what it moved, or would; confirming, returning or taking it back."""
    found = get_object_or_404(Merge.objects.select_related("by", "decided_by", "undone_by", "within"), pk=number)
    kind = _kind(request, str(found.model._meta.model_name))
    kept, merged = found.kept, found.merged
    problems: list[str] = []
    if request.method == "POST":
        form = NoteForm(request.POST)
        act = next((act for act in ACTS if act in request.POST), None)
        if act and form.is_valid():
            try:
                ACTS[act](request, found, form.cleaned_data["note"])
                return HttpResponseRedirect(request.path)
            except ValidationError as error:
                problems = error.messages
    else:
        form = NoteForm()
    context: dict[str, Any] = {}
    if found.state == Merge.State.WAITING and kept and merged:
        plan = merges.plan_of_merge(kept, merged, found.choices)
        refused = plan.problems or merges.refuse_confirming(found, plan, request.user)
        context = {
            "groups": in_words(plan.ledger, kept, merged),
            "rows": field_rows(kind, (kept, merged), kept, None, found.choices),
            "refused": refused,
            "may_return": may_publish(request.user, kind.model) or found.by_id == request.user.pk,
        }
    elif found.state == Merge.State.DONE and not found.within:
        try:
            context = {"plan": merge_undo.plan_of_undo(found, request.user)}
        except ValidationError as error:
            context = {"refused": error.messages}
    return _page(
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
        **context,
    )


def _confirm(request: Any, found: Merge, note: str) -> None:
    merges.confirm(found, request.user)
    _tell(request, found)


def _return(request: Any, found: Merge, note: str) -> None:
    merges.return_(found, request.user, note)
    messages.success(request, f"Merging {found} was returned to {found.by}.")


def _take_back(request: Any, found: Merge, note: str) -> None:
    done = merge_undo.undo(found, request.user, note)
    for line in done.left_alone:
        messages.warning(request, f"Left alone: {line}")
    messages.success(request, f"The merge of {found} was taken back.")


ACTS: dict[str, Callable[[Any, Merge, str], None]] = {
    "confirm": _confirm,
    "return": _return,
    "take_back": _take_back,
}

app_name = "merge"
urlpatterns = [
    path("", admin.site.admin_view(index), name="index"),
    path("merged/<int:number>/", admin.site.admin_view(merge_page), name="merge"),
    path("<slug:kind>/", admin.site.admin_view(suggestions), name="suggestions"),
    path("<slug:kind>/not-the-same/", admin.site.admin_view(not_the_same), name="not_the_same"),
    path("<slug:kind>/<int:one>/<int:other>/", admin.site.admin_view(pair), name="pair"),
]
