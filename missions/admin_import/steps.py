"""What the wizard's pages share: who may see an import, at which stage which page is shown, and the frame around it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from missions.importing.imports import RefusedHeaderError, UnreadableFileError
from missions.models import ClosureEvent
from nkwatch.editorial.desk import may_publish
from nkwatch.editorial.models import ImportBatch

Stage = ImportBatch.Stage
View = Callable[..., HttpResponseBase]

WAITING = (Stage.UPLOADED,)
UNDER_WAY = (Stage.QUEUED, Stage.RUNNING)
ENDED = tuple(stage for stage in Stage if stage not in (*WAITING, *UNDER_WAY))

STEPS = [
    ("missions_import_columns", "Columns"),
    ("missions_import_names", "Names"),
    ("missions_import_preview", "Preview"),
    ("missions_import_progress", "Import"),
    ("missions_import_result", "Result"),
]


def address(page: str, batch: ImportBatch) -> str:
    """Where a page of the wizard shows this import."""
    return reverse(f"admin:{page}", args=[batch.pk])


def to(page: str, batch: ImportBatch, query: str = "") -> HttpResponseRedirect:
    """Go on to another page of the wizard."""
    return HttpResponseRedirect(address(page, batch) + (f"?{query}" if query else ""))


def may_import(request: HttpRequest) -> None:
    """Raise PermissionDenied for whoever may not add events."""
    if not request.user.has_perm("missions.add_closureevent"):
        raise PermissionDenied


def batch_for(request: HttpRequest, number: int) -> ImportBatch:
    """The import, for whoever made it and for reviewers. Raises Http404 for others."""
    may_import(request)
    batch = get_object_or_404(ImportBatch.objects.select_related("user"), pk=number)
    if not (is_own(request, batch) or may_publish(request.user, ClosureEvent)):
        raise Http404
    return batch


def is_own(request: HttpRequest, batch: ImportBatch) -> bool:
    """Whether the import is the user's: it is written in their name, so nobody else chooses or confirms."""
    return batch.user_id == request.user.pk


def step(*stages: str, own: bool = False, post_only: bool = False) -> Callable[[View], View]:
    """Show a page to whoever may see the import while it is at one of `stages`; else the page for its stage.

    `own`: only whoever made the import may send the page's form. A file that can no longer be read
    leads back to the upload, with the reason.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def shown(request: HttpRequest, batch: int, **kwargs: Any) -> HttpResponseBase:
            found = batch_for(request, batch)
            if own and request.method == "POST" and not is_own(request, found):
                raise PermissionDenied
            _refuse_null_characters(request)
            if found.stage not in stages or (post_only and request.method != "POST"):
                return current_page(request, batch)
            try:
                return view(request, found, **kwargs)
            except UnreadableFileError as error:
                messages.error(request, str(error))
                return HttpResponseRedirect(reverse("admin:missions_import"))
            except RefusedHeaderError as error:
                messages.error(request, str(error))
                return to("missions_import_columns", found)

        return shown

    return wrap


def _refuse_null_characters(request: HttpRequest) -> None:
    """Raise BadRequest for what no browser sends and no database stores; forms refuse it themselves."""
    if any("\x00" in text for _, texts in request.POST.lists() for text in texts):
        raise BadRequest("What was sent has a null character.")


def current_page(request: HttpRequest, batch: int) -> HttpResponse:
    """Go where an import stands: its columns, its progress or its result."""
    found = batch_for(request, batch)
    if found.stage in UNDER_WAY:
        return to("missions_import_progress", found)
    if found.stage in WAITING:
        return to("missions_import_preview" if found.preview else "missions_import_columns", found)
    return to("missions_import_result", found)


def page(
    request: HttpRequest, template: str, title: str, batch: ImportBatch | None = None, here: str = "", **context: Any
) -> HttpResponse:
    """One page of the wizard, in the admin's frame; `here` is the name of its address."""
    context = {
        **admin.site.each_context(request),
        "title": title,
        "opts": ClosureEvent._meta,
        "batch": batch,
        "kind": batch.kind.replace("_", " ") if batch else "",
        "is_own": batch is not None and is_own(request, batch),
        "steps": _steps(batch, here) if batch else [],
        **context,
    }
    return TemplateResponse(request, f"admin/import/{template}.html", context)


def _steps(batch: ImportBatch, here: str) -> list[dict[str, Any]]:
    """The way through the wizard: what lies behind is linked while choices can still be changed."""
    names = [name for name, _ in STEPS]
    place = names.index(here) if here in names else len(names)
    return [
        {
            "label": label,
            "is_here": name == here,
            "url": address(name, batch) if number < place and batch.stage in WAITING else "",
        }
        for number, (name, label) in enumerate(STEPS)
    ]
