"""The API's writes: new drafts, changes, and the steps to publication, by the desk's own rules (domain.md, rule 8).

The third door beside the admin and the import: nothing is decided here. A token's change to what
readers see always waits for a reviewer.
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from nkwatch.editorial.api import preconditions
from nkwatch.editorial.api.desk_form import desk_address, desk_records, desk_serializer, named, note_waiting
from nkwatch.editorial.api.saving import Refused, change, create
from nkwatch.editorial.api.tokens import may_see_the_desk, require, require_permission
from nkwatch.editorial.api.views import READ_METHODS, RecordViewSet
from nkwatch.editorial.history.concurrency import one_save_at_a_time
from nkwatch.editorial.models import DRAFT_LABEL, ApiToken, NumberedRecord
from nkwatch.editorial.versions import Door, changing

Scope = ApiToken.Scope
READS = ("GET", "HEAD")
PRIVATE = "private, no-store"
VERSION = {"If-Match": "$response.header.ETag"}
"""Where an answer of the desk has what its next change sends, for the links of the description."""


@contextlib.contextmanager
def signed(request: Any) -> Iterator[None]:
    """Write in the name of the token's owner, one after the other, all or nothing; each version names the token."""
    with (
        changing(door=Door.API, user=request.user, token=request.auth.name),
        transaction.atomic(),
    ):
        one_save_at_a_time()
        yield


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Tell what the desk refuses to do."""
    try:
        yield
    except ValidationError as error:
        raise Refused(error.messages) from error


def desk_answer(request: Any, record: Any, status: int = 200) -> Response:
    """The record as the desk has it now, with the tag of its version, or of one that was overtaken as it was read."""
    tag = preconditions.etag_of(record)
    fresh = desk_records(type(record)).get(pk=record.pk)
    note_waiting([fresh])
    model: Any = type(record)
    shown = desk_serializer(model)(fresh, context={"request": request})
    headers = {"ETag": tag, "Cache-Control": PRIVATE}
    if status == 201:
        headers["Location"] = desk_address(fresh, request)
    return Response(shown.data, status=status, headers=headers)


def record_in_address(model: Any, key: str, for_change: bool = False) -> Any:
    """The record, whatever its state, by number, draft label, slug or code; locked where it is to be changed."""
    found = named(model, key)
    if found is None or (isinstance(found, NumberedRecord) and found.label != key):
        raise NotFound(f"No {model._meta.verbose_name} has the number {key}.")
    if for_change:
        found = model._base_manager.select_for_update(of=("self",)).filter(pk=found.pk).first()
        if found is None:
            raise NotFound(f"{key} is no longer there.")
    return found


class WritableViewSet(RecordViewSet):
    """Reads for anybody, and writes for tokens: POST a draft, PATCH, and the desk's steps as POST /{number}/{step}/."""

    http_method_names = (*READ_METHODS, "post", "patch")
    any_key: ClassVar[str]
    """The shape of what the address of a record in any state ends with."""
    bodies: ClassVar[dict[str, Any]] = {}
    """What may be sent, by action, made up beside the starter data, for the description of the API."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "model" in cls.__dict__:
            is_numbered = issubclass(cls.model, NumberedRecord)
            cls.any_key = (
                rf"({cls.model.prefix}-[0-9]{{4,9}}|draft-[0-9]{{1,18}})" if is_numbered else str(cls.key_pattern)
            )

    def error_statuses(self) -> tuple[str, ...]:
        """Those of reads; of writes, those besides that the desk's rules and the version asked for bring."""
        if self.request.method in READS:
            return super().error_statuses()
        more = ("404", "412", "428") if self.detail else ()
        return ("400", "403", "405", "409", "415", *more)

    def body(self) -> Any:
        """The form of what is sent."""
        return desk_serializer(self.model, of_changes=self.action == "partial_update")

    def answers(self) -> dict[int, Any]:
        """The forms of what is answered, by status."""
        return dict.fromkeys({"create": (201,), "partial_update": (200, 202)}[self.action], desk_serializer(self.model))

    def same(self, candidate: Any, parts: Mapping[str, Any]) -> Any:
        """The record that a new one is already (domain.md, rule 6); None for none."""
        return None

    def accepted(self) -> Any:
        return super().accepted() if self.request.method in READS else ((), ())

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """A token reads what everybody does, with the tag that its changes need; nothing of it is kept on the way."""
        response = super().dispatch(request, *args, **kwargs)
        if getattr(self.request, "auth", None) and response.status_code == 200 and request.method in READS:
            response["Cache-Control"] = PRIVATE
            if self.detail and may_see_the_desk(self.request, self.model):
                response["ETag"] = self.tag
        if isinstance(failed := getattr(self, "failed", None), preconditions.PreconditionFailed):
            response["ETag"] = failed.etag
        return response

    def handle_exception(self, exc: Exception) -> Response:
        self.failed = exc
        return super().handle_exception(exc)

    def get_object(self) -> Any:
        """The record; the tag is of no newer version than what is told of it."""
        found = super().get_object()
        if may_see_the_desk(self.request, self.model):
            self.tag = preconditions.etag_of(found)
            found = super().get_object()
        return found

    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The record as readers see it; a token that asks for a draft is led to where the desk reads it."""
        key = self.kwargs[self.lookup_field]
        if request.auth and DRAFT_LABEL.fullmatch(key):
            require(request, Scope.READ)
            require_permission(request, "view", self.model)
            return HttpResponseRedirect(desk_address(record_in_address(self.model, key), request))
        return super().retrieve(request, *args, **kwargs)

    def create(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """A new record, always a draft, with its citations and other parts."""
        require(request, Scope.DRAFT)
        require_permission(request, "add", self.model)
        data = self.read_body(desk_serializer(self.model))
        with signed(request):
            record = create(self.model, data, request.user, self.same)
            return desk_answer(request, record, status=201)

    def partial_update(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Change what is sent, and nothing else. 202 where it, or a part of it, waits for a reviewer."""
        require(request, Scope.DRAFT)
        require_permission(request, "change", self.model)
        data = self.read_body(desk_serializer(self.model, of_changes=True), partial=True)
        with self.changed() as record:
            waits = change(record, data, request.user)
            return desk_answer(request, record, status=202 if waits else 200)

    def read_body(self, serializer: Any, **options: Any) -> dict[str, Any]:
        """What was sent, checked by field."""
        sent = serializer(data=self.request.data, context={"request": self.request}, **options)
        sent.is_valid(raise_exception=True)
        return dict(sent.validated_data)

    @contextlib.contextmanager
    def changed(self) -> Iterator[Any]:
        """The record in the address, which nobody else changes meanwhile, for a change made for this version of it."""
        with signed(self.request):
            record = record_in_address(self.model, self.kwargs[self.lookup_field], for_change=True)
            preconditions.check(self.request, record)
            yield record
