"""What the API's reads share: published records for anybody, strict about what is asked (contract.md, API v1)."""

import datetime
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from typing import Any, ClassVar

from django.apps import apps
from django.db.models import Count, Max, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.functional import cached_property
from django.utils.http import http_date
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView
from rest_framework.viewsets import ReadOnlyModelViewSet

from nkwatch.editorial.api.errors import accepted_here
from nkwatch.editorial.api.mirroring import SINCE, Mirroring
from nkwatch.editorial.api.selection import EXPAND, FIELDS, Selecting
from nkwatch.editorial.api.streaming import Streaming
from nkwatch.editorial.models import NumberedRecord, Publishable, State, one_that_stays
from nkwatch.editorial.public.pages import retracted_record

READ_METHODS = ("get", "head", "options")


class Gone(APIException):
    """The record was retracted; readers are told why."""

    status_code = 410
    default_code = "gone"


class Merged(Exception):  # noqa: N818 (no error: the answer leads on)
    """The record was merged into another one, `stays`."""

    def __init__(self, stays: Any) -> None:
        super().__init__(stays)
        self.stays = stays


class TellsMethods:
    """Answers a caller who asks which methods an address takes."""

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Which methods there are, in the header Allow."""
        return Response(status=HTTPStatus.NO_CONTENT)


class StrictParameters(TellsMethods):
    """Refuses a parameter that would have no effect, and says which there are."""

    parameters: tuple[str, ...] = ()
    repeatable: tuple[str, ...] = ()
    may_be_empty = ("cursor",)
    examples: ClassVar[dict[str, Any]] = {}
    """A value for each parameter that finds something in the starter data, for the description of the API."""

    @classmethod
    def example_of(cls, parameter: str) -> Any:
        """What a parameter may be given as."""
        return cls.examples[parameter]

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if request.method not in self.allowed_methods:  # type: ignore[attr-defined]
            return  # The answer will be that there is no such method here.
        single, repeatable = self.accepted()
        every = {*single, *repeatable}
        problems: dict[str, str] = {}
        for name, values in request.query_params.lists():
            if name not in every:
                problems[name] = f"Unknown parameter; {accepted_here(every)}"
            elif name in single and len(values) > 1:
                problems[name] = "Given more than once: give one value."
            elif "" in values and name not in self.may_be_empty:
                problems[name] = "Given without a value: leave it out, or give one."
        if problems:
            raise ValidationError(problems)

    def accepted(self) -> tuple[Iterable[str], Iterable[str]]:
        """The parameters that may be given once, and those that may be repeated."""
        return self.parameters, self.repeatable


class Unchanging(TellsMethods):
    """Answers 304 to a caller who has the same answer already."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        if request.method not in ("GET", "HEAD") or response.status_code != 200:
            return response
        modified = self.last_modified()
        if response.streaming:
            etag = self._etag_of_whole(request, response)
        else:
            response.render()
            etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        response["ETag"] = etag
        response["Cache-Control"] = "public, no-cache"
        if modified:
            response["Last-Modified"] = http_date(modified.timestamp())
        return get_conditional_response(request, etag, int(modified.timestamp()) if modified else None, response)

    @cached_property
    def stamp(self) -> list[tuple[Any, ...]]:
        """How many of each kind of record readers see, and no longer see, and when the newest was changed: one query.

        Any change of that may change any answer, since records are told with what they are tied to. Drafts
        do not count: nobody may learn of them. What was retracted does: it is gone from the answers.
        """
        return sorted(_newest_changes().all())

    def last_modified(self) -> datetime.datetime | None:
        """When readers last saw anything published, changed or retracted."""
        return max((newest for *_, newest in self.stamp), default=None)

    def _etag_of_whole(self, request: HttpRequest, response: Any) -> str:
        """What marks an answer that is not at hand whole: all that may change it, the day included.

        What was retracted is counted by its absence.
        """
        seen = [row for row in self.stamp if State.RETRACTED not in row]
        told = (request.get_full_path(), response["Content-Type"], timezone.localdate(), seen)
        return f'W/"{hashlib.sha256(repr(told).encode()).hexdigest()[:32]}"'


@cache
def _newest_changes() -> QuerySet[Any]:
    """When each kind of record was last changed for readers: put together once, since every answer asks it."""
    newest = [
        model._base_manager.filter(model.public_condition() | Q(state=State.RETRACTED))
        .order_by()
        .values("state")
        .annotate(kind=Value(model._meta.label), n=Count("pk"), newest=Max("updated"))
        .values_list("kind", "state", "n", "newest")
        for model in apps.get_models()
        if issubclass(model, Publishable)
    ]
    return newest[0].union(*newest[1:])


resources: dict[type[Any], type["RecordViewSet"]] = {}
"""What serves each kind of record in the API, for links from one to another, and to tell one inside another."""


def addressed(record: Any) -> Any:
    """The record itself, or the one whose part it is where the API serves no such part: a coverage's mission."""
    while type(record) not in resources:
        record = getattr(record, record.public_through[0])
    return record


class RecordViewSet(Selecting, Mirroring, Streaming, StrictParameters, Unchanging, ReadOnlyModelViewSet):
    """The reads of one kind of record: a list with filters, the same whole, and each record by its number."""

    model: ClassVar[Any]
    resource: ClassVar[str]
    links: ClassVar[dict[str, tuple[str, str]]] = {}
    """Operations that a record leads to, each with its parameter, and the field that gives the value."""
    lookup_field = "number"
    lookup_value_converter = "str"
    http_method_names: tuple[str, ...] = READ_METHODS
    detail_parameters: ClassVar[tuple[str, ...]] = ()
    holds_today: ClassVar[bool] = False
    """Whether answers depend on the day on which they are asked for."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "model" in cls.__dict__:
            resources[cls.model] = cls

    def accepted(self) -> tuple[Iterable[str], Iterable[str]]:
        if self.detail:
            return self.detail_parameters, self.selecting()
        filters = self.filterset_class.base_filters
        repeatable = [name for name, found in filters.items() if hasattr(found, "always_filter")]
        single = [name for name in filters if name not in repeatable]
        if self.action == "file":
            return single, repeatable
        single += [SINCE] if self.is_mirrored() else []
        single += self.paginator.parameters if self.action == "list" else ()
        return single, [*repeatable, *self.selecting()]

    def error_statuses(self) -> tuple[str, ...]:
        if not self.detail:
            return ("400", "404", "405") if self.action == "list" else ("400", "405")
        return ("400", "404", "405", "410") if issubclass(self.model, Publishable) else ("400", "404", "405")

    def leads_to(self) -> dict[str, dict[str, str]]:
        """For each operation that an answer leads to, its parameters and where in the answer they are (OpenAPI)."""
        if self.action == "list":
            return {f"{self.resource}_retrieve": {self.lookup_field: "$response.body#/results/0/number"}}
        if self.action != "retrieve":
            return {}
        return {operation: {name: f"$response.body#/{field}"} for operation, (name, field) in self.links.items()}

    def last_modified(self) -> datetime.datetime | None:
        """What holds today may change at midnight, with nothing changed in the record."""
        modified = super().last_modified()
        if modified is None or not (self.holds_today or self.expanding):
            return modified
        return max(modified, timezone.now().replace(hour=0, minute=0, second=0, microsecond=0))

    @classmethod
    def example_of(cls, parameter: str) -> Any:
        common = {
            "page": 1,
            "page_size": 10,
            "cursor": "",
            SINCE: "2023-12-05T00:00:00Z",
            "ordering": cls.filterset_class.base_filters["ordering"].extra["choices"][1][0],
            FIELDS: list(cls.every_field()[:1]) + list(cls.every_field()[4:6]),
            EXPAND: list(cls.expandable()[:1]),
        }
        return {**common, **cls.examples}[parameter]

    def public_records(self) -> Any:
        """The one gate: what everything here starts from."""
        return self.model.objects.public()

    def once_public_records(self) -> Any:
        """Those that readers see or saw: a list goes on from the place of one that was retracted meanwhile."""
        if not issubclass(self.model, Publishable):
            return self.public_records()
        return self.model.objects.once_public()

    @property
    def key_pattern(self) -> str:
        """The shape of what a record's address ends with."""
        return rf"{self.model.prefix}-[0-9]{{4,9}}"

    def lookup(self, key: str) -> dict[str, Any]:
        """The condition that finds a record by the number, slug or code in its address."""
        if not re.fullmatch(self.key_pattern, key, re.ASCII):
            raise NotFound(f"“{key}” cannot be the {self.lookup_field} of one of the {self.resource}.")
        return {self.lookup_field: int(key.partition("-")[2]) if self.lookup_field == "number" else key}

    def key_of(self, record: Any) -> str:
        """What a record's address ends with."""
        return record.label if isinstance(record, NumberedRecord) else str(getattr(record, self.lookup_field))

    def address_of(self, record: Any) -> str:
        """Where the API serves a record of this kind."""
        kwargs = {self.lookup_field: self.key_of(record)}
        return reverse(
            f"{self.request.resolver_match.namespace}:{self.resource}-detail", kwargs=kwargs, request=self.request
        )

    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The record; the number of one that was merged leads to the one that stays."""
        try:
            return super().retrieve(request, *args, **kwargs)
        except Merged as merged:
            address = request.path.replace(f"/{self.kwargs[self.lookup_field]}/", f"/{self.key_of(merged.stays)}/")
            query = request.META["QUERY_STRING"]
            return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)

    def in_full(self, model: type[Any], keys: set[Any]) -> dict[Any, dict[str, Any]]:
        """What records of any kind, by primary key, are told as at their own addresses, on the day asked for."""
        view = resources[model](detail=True, request=self.request, format_kwarg=None)
        records = list(view.with_keys(keys))
        view.complete(records)
        told = view.get_serializer(records, many=True).data
        return {record.pk: answer for record, answer in zip(records, told, strict=True)}

    def with_keys(self, keys: set[Any]) -> Any:
        """The public records with these primary keys, with what they are told with."""
        return self.get_queryset().filter(pk__in=keys)

    def get_object(self) -> Any:
        lookup = self.lookup(self.kwargs[self.lookup_field])
        record = self.filter_queryset(self.get_queryset()).filter(**lookup).first()
        if record is None:
            self._refuse(self.model.objects.filter(**lookup).first())
        self.complete([record])
        return record

    def _refuse(self, record: Any) -> None:
        if isinstance(record, NumberedRecord) and (stays := one_that_stays(record)) != record:
            if stays.is_public:
                raise Merged(stays)
            record = stays
        retracted = retracted_record(record) if record else None
        if retracted is None:
            raise NotFound("No public record has this number.")
        raise Gone(retracted.retraction_reason)

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        self.complete(page)
        return page

    def complete(self, records: list[Any]) -> None:
        """Tell the records of one answer what takes more than their relations to know."""


class NotHere(Unchanging, APIView):
    """Any other address under /api/: the answer is in the form of all others."""

    schema = None
    http_method_names = READ_METHODS

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        raise NotFound("Nothing has this address; /api/v1/docs/ shows what there is.")
