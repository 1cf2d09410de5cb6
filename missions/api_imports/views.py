"""POST /api/v1/imports/: upload, choices, preview, confirmation, progress, undo."""

import dataclasses
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.exceptions import ValidationError as InvalidData
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from missions.api_imports import form
from missions.importing import jobs, preview
from missions.importing.files import choose, receive
from missions.importing.imports import RefusedHeaderError, UnreadableFileError
from missions.models import ClosureEvent
from nkwatch.editorial.api.desk_reads import DeskPaging
from nkwatch.editorial.api.parsing import PlainJSONParser
from nkwatch.editorial.api.saving import Refused
from nkwatch.editorial.api.steps import NothingSerializer
from nkwatch.editorial.api.tokens import require, require_permission
from nkwatch.editorial.api.views import READ_METHODS, StrictParameters
from nkwatch.editorial.api.writes import PRIVATE, READS, Scope, refusals
from nkwatch.editorial.desk import may_publish
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.importing.undo import undo
from nkwatch.editorial.models import ImportBatch
from nkwatch.editorial.versions import Door, changing

ROWS = "rows sent as text"
SHOW = OpenApiParameter("show", enum=list(preview.TABS), description="Only rows with this outcome.")
PAGE = OpenApiParameter("page", {"type": "integer", "minimum": 1, "maximum": 999_999})
NEXT = {
    "list": ("retrieve",),
    "create": ("retrieve", "update", "preview", "cancel"),
    "partial_update": ("preview",),
    "preview": ("confirm",),
    "confirm": ("retrieve", "undo"),
}
"""What an import goes on to from each step, by the names that operations have in the description."""


class ImportViewSet(StrictParameters, GenericViewSet):
    """Imports: each is uploaded, looked at, confirmed; it is written wholly or not at all."""

    queryset = ImportBatch.objects.all()
    serializer_class = form.ImportSerializer
    http_method_names = (*READ_METHODS, "post", "patch")
    lookup_field = "id"
    lookup_value_converter = "int"
    filter_backends: ClassVar[list[Any]] = []
    pagination_class = DeskPaging
    needs_token = True
    tag = "imports"
    examples: ClassVar[dict[str, Any]] = {"id": 1, "show": "cited", "page": 1, "page_size": 10}
    bodies: ClassVar[dict[str, Any]] = {
        "create": {
            "kind": "event reports",
            "rows": "host_country,event,date,source_title,source_url\n"
            "Spain,closed,2023-11-08,Envoys leave Madrid,https://iberian.example/envoys-leave\n",
        },
        "partial_update": {"order": "day-first", "constants": {"sending_country": "North Korea"}},
        "confirm": {"reason": "Read in the week of 6 November.", "good_rows": True},
        "cancel": {},
        "undo": {"reason": "It was the wrong file."},
    }
    sent: ClassVar[dict[str, Any]] = {
        "create": {
            PlainJSONParser.media_type: form.SheetRowsSerializer,
            MultiPartParser.media_type: form.SheetFileSerializer,
        },
        "partial_update": form.OptionsSerializer,
        "confirm": form.ConfirmationSerializer,
        "cancel": NothingSerializer,
        "undo": form.UndoSerializer,
    }

    def accepted(self) -> Any:
        return {"list": DeskPaging.parameters, "preview": ("show", "page")}.get(self.action, ()), ()

    def body(self) -> Any:
        """The form of what is sent, by its media type where there are several."""
        return self.sent[self.action]

    def answers(self) -> dict[int, Any]:
        return {201 if self.action == "create" else 200: form.ImportSerializer}

    def error_statuses(self) -> tuple[str, ...]:
        reads = ("400", "403", "404", "405")
        return reads if self.action in ("list", "retrieve") else (*reads, "409", "415")

    def leads_to(self) -> dict[str, dict[str, str]]:
        """From an upload to its preview, its confirmation, and back (OpenAPI)."""
        place = "$response.body#/results/0/id" if self.action == "list" else "$response.body#/id"
        if self.action == "preview":
            place = "$request.path.id"
        return {f"imports_{name}": {"id": place} for name in NEXT.get(self.action, ())}

    def get_parsers(self) -> list[Any]:
        """A sheet may come as a file in a form; all else is JSON."""
        takes_files = self.request is not None and self.action_map.get(self.request.method.lower()) == "create"
        return [PlainJSONParser(), MultiPartParser()] if takes_files else [PlainJSONParser()]

    @property
    def _is_file(self) -> bool:
        return self.action == "create" and self.request.content_type.startswith("multipart/")

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action:
            require(request, Scope.READ if request.method in READS else Scope.DRAFT)
            require_permission(request, "add", ClosureEvent)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response["Cache-Control"] = PRIVATE
        return super().finalize_response(request, response, *args, **kwargs)

    def get_queryset(self) -> Any:
        """One's own imports; reviewers see all."""
        found = ImportBatch.objects.select_related("user").order_by("-started", "-pk")
        return found if may_publish(self.request.user, ClosureEvent) else found.of(self.request.user)

    def list(self, request: Any) -> Response:
        """Imports, newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Any, **kwargs: Any) -> Response:
        """An import: how far it is, and what became of it."""
        return self._told(self._batch())

    def create(self, request: Any) -> Response:
        """Upload a sheet, as a file or as text. Nothing is written before it is confirmed."""
        sent = self._read()
        if "file" in sent and sent["file"].size > settings.SHEET_LIMITS["bytes"]:
            raise InvalidData(
                {"file": f"The file is larger than {settings.SHEET_LIMITS['bytes'] // 1_000_000} MB: split it."}
            )
        content, name = (sent["file"].read(), sent["file"].name) if "file" in sent else (sent["rows"].encode(), ROWS)
        jobs.remove_old_uploads()
        try:
            options = SheetOptions(kind=sent["kind"])
            batch = receive(content, name, request.user, options, door=Door.API, token=request.auth.name)
        except UnreadableFileError as error:
            raise InvalidData({"file" if "file" in sent else "rows": str(error)}) from error
        return self._told(batch, status=201)

    def partial_update(self, request: Any, **kwargs: Any) -> Response:
        """Say how the sheet is read, what its columns are, whom its names mean; mend cells."""
        batch, sent = self._own(), self._read()
        self._refuse_unless_waiting(batch)
        choose(batch, form.with_options(batch, sent))
        return self._told(batch)

    @extend_schema(parameters=[SHOW, PAGE], responses=form.PreviewSerializer)
    @action(detail=True, methods=["get"])
    def preview(self, request: Any, **kwargs: Any) -> Response:
        """Row by row what would happen; nothing is written."""
        batch = self._batch()
        self._refuse_unless_waiting(batch)
        show, page = request.query_params.get("show", preview.ALL), request.query_params.get("page", "1")
        if show not in preview.TABS:
            raise InvalidData({"show": f"“{show}” is not accepted; accepted here: {', '.join(preview.TABS)}."})
        if not (page.isascii() and page.isdecimal() and 0 < int(page[:7]) < 1_000_000 and len(page) < 7):
            raise InvalidData({"page": f"“{page}” is not accepted: give a whole number from 1 on."})
        try:
            kept = preview.prepare(batch)
        except (UnreadableFileError, RefusedHeaderError) as error:
            raise Refused(str(error)) from error
        told = form.told_preview(preview.summary(kept), preview.page(kept, show, int(page)))
        return Response(form.PreviewSerializer(told).data)

    @action(detail=True, methods=["post"])
    def confirm(self, request: Any, **kwargs: Any) -> Response:
        """Write what the preview showed: at once, or by a worker; `progress` then tells how far it is."""
        batch, sent = self._own(), self._read()
        if sent["publish"]:
            require(request, Scope.PUBLISH)
            require_permission(request, "publish", ClosureEvent)
        with transaction.atomic():
            locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
            self._refuse_unless_waiting(locked)
            if not preview.is_kept(locked):
                raise Refused("Look at its preview first: the choices have changed since, or nobody has.")
            if problem := preview.refuse_confirming(locked, sent["good_rows"], sent["reason"]):
                raise Refused(problem)
            told = dataclasses.replace(SheetOptions.from_json(locked.options), **sent)
            locked.options, locked.reason, locked.token = told.as_json(), sent["reason"], request.auth.name
            locked.save(update_fields=["options", "reason", "token"])
        with refusals():
            jobs.confirm(locked)
        return self._told(locked)

    @action(detail=True, methods=["post"])
    def cancel(self, request: Any, **kwargs: Any) -> Response:
        """Stop an import that waits or runs; nothing of it stays."""
        batch = self._own()
        self._read()
        jobs.ask_to_cancel(batch)
        return self._told(batch)

    @action(detail=True, methods=["post"])
    def undo(self, request: Any, **kwargs: Any) -> Response:
        """Take an import back, but for what readers have seen, which the desk takes back."""
        batch, sent = self._batch(), self._read()
        with refusals(), changing(door=Door.API, user=request.user, token=request.auth.name):
            undo(batch, request.user, sent["reason"])
        batch.refresh_from_db()
        return self._told(batch)

    def _batch(self) -> ImportBatch:
        found: ImportBatch = get_object_or_404(self.get_queryset(), pk=min(self.kwargs["id"], 2**63 - 1))
        return found

    def _own(self) -> ImportBatch:
        """The import, for whoever made it: it is written in their name."""
        batch = self._batch()
        if batch.user_id != self.request.user.pk:
            raise PermissionDenied("It is written in the name of whoever uploaded it, who alone chooses and confirms.")
        return batch

    def _refuse_unless_waiting(self, batch: ImportBatch) -> None:
        if batch.stage != ImportBatch.Stage.UPLOADED:
            raise Refused(f"The import is {batch.get_stage_display()}: only before it is confirmed can this be done.")

    def _read(self) -> dict[str, Any]:
        body = self.body()
        if isinstance(body, dict):
            body = body[(MultiPartParser if self._is_file else PlainJSONParser).media_type]
        sent = body(data=self.request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return dict(sent.validated_data)

    def _told(self, batch: ImportBatch, status: int = 200) -> Response:
        told = self.get_serializer(batch).data
        return Response(told, status=status, headers={"Location": told["url"]} if status == 201 else None)
