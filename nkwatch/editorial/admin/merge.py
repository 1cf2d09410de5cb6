"""The admin's pages for merging: suggested pairs, two records side by side, what is not the same (pages.md, B4)."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from nkwatch.editorial.admin.merges import desk_page, index, kind_in_address, merge_page, refuse_what_was_not_seen, tell
from nkwatch.editorial.desk import named
from nkwatch.editorial.history.concurrency import carried
from nkwatch.editorial.merging import merges
from nkwatch.editorial.merging.kinds import Kind, in_place_of, kind_called
from nkwatch.editorial.merging.words import address_of, besides, field_rows, in_words
from nkwatch.editorial.models import Merge, NotTheSame

PAIRS_A_PAGE = 25


class MergeForm(forms.Form):
    """Why the two are one; kept with the versions of everything that moves."""

    reason = forms.CharField(
        max_length=200,
        label="Why the two are one",
        help_text="One sentence: “the same report, entered from two sheets”.",
        error_messages={"required": "Say in a sentence why the two are one."},
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


def _record(kind: Kind, pk: int) -> Any:
    return get_object_or_404(kind.model._base_manager.select_related(), pk=pk)


def suggestions(request: HttpRequest, kind: str) -> HttpResponse:
    """Pairs of one kind that may be one, the likeliest first."""
    found = kind_in_address(request, kind)
    pairs = Paginator(list(found.suggest()), PAIRS_A_PAGE).get_page(request.GET.get("page"))
    waiting = {
        frozenset((merge.kept_id, merge.merged_id)): merge
        for merge in Merge.objects.filter(record_type=found.type, state=Merge.State.WAITING)
    }
    ids = {pk for pair in pairs for pk in (pair.one, pair.other)}
    records = {record.pk: record for record in found.model._base_manager.filter(pk__in=ids).select_related()}
    return desk_page(
        request,
        "suggestions",
        f"Merge {found.model._meta.verbose_name_plural}",
        kind=found,
        opts=found.model._meta,
        pairs=pairs,
        rows=[
            (pair, records[pair.one], records[pair.other], waiting.get(frozenset((pair.one, pair.other))))
            for pair in pairs
        ],
    )


def pair(request: HttpRequest, kind: str, one: int, other: int) -> HttpResponse:
    """Two records side by side: which stays, each field's value, what moves; and the merge itself."""
    found = kind_in_address(request, kind)
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
            refuse_what_was_not_seen(sent, records)
            done = merges.merge(kept, merged, request.user, form.cleaned_data["reason"], choices)
        except ValidationError as error:
            problems = error.messages
        else:
            tell(request, done)
            return HttpResponseRedirect(reverse("admin:merge:merge", args=[done.pk]))
    plan = merges.plan_of_merge(kept, merged, choices)
    return desk_page(
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
        seen=carried(records),
        besides=besides(plan.ledger, kept, choices),
        groups=in_words(plan.ledger, kept, merged),
        effect=plan.effect,
        is_seen_by_readers=bool(plan.ledger.was_public),
        notes=[(text, kind_called(type(row)._meta.model_name), row, beside) for text, row, beside in plan.ledger.notes],
        must_wait=not plan.problems and plan.must_wait(request.user),
        were_two=_said_to_be_two(found, one, other),
        waiting=merges.waiting_of(*records),
    )


def _chosen_to_stay(records: tuple[Any, Any], sent: Any) -> tuple[Any, Any]:
    if sent and sent.get("keep") in {str(record.pk) for record in records}:
        kept, merged = sorted(records, key=lambda record: str(record.pk) != sent["keep"])
        return kept, merged
    return in_place_of(*records)


def _said_to_be_two(kind: Kind, one: int, other: int) -> NotTheSame | None:
    lower, higher = sorted((one, other))
    return NotTheSame.objects.filter(record_type=kind.type, lower_id=lower, higher_id=higher).first()


def not_the_same(request: HttpRequest, kind: str) -> HttpResponse:
    """The pairs found to be two; here one is noted (`one`, `other`), or taken back (`back`)."""
    found = kind_in_address(request, kind)
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
    return desk_page(request, "not_the_same", title, kind=found, opts=found.model._meta, pairs=page, rows=rows)


def _posted(request: HttpRequest, kind: Kind, name: str) -> Any:
    number = request.POST.get(name, "")
    if not number.isdecimal():
        raise Http404("Two records are needed.")
    return _record(kind, int(number[:18]))


app_name = "merge"
urlpatterns = [
    path("", admin.site.admin_view(index), name="index"),
    path("merged/<int:number>/", admin.site.admin_view(merge_page), name="merge"),
    path("<slug:kind>/", admin.site.admin_view(suggestions), name="suggestions"),
    path("<slug:kind>/not-the-same/", admin.site.admin_view(not_the_same), name="not_the_same"),
    path("<slug:kind>/<int:one>/<int:other>/", admin.site.admin_view(pair), name="pair"),
]
