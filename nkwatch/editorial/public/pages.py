"""What the public pages of all records share: lists by 50, and one lasting address for each record."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, register_converter, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import DetailView, ListView

from nkwatch.editorial.asof import PARAMETER, AsOf, asof
from nkwatch.editorial.models import (
    NumberedRecord,
    Publishable,
    State,
    merges_into,
    merges_shown_on,
    one_that_stays,
)
from nkwatch.editorial.public.citations import past_of
from nkwatch.editorial.public.exports import ENDINGS, GEOJSON, Export, Places, as_file, as_geojson_file
from nkwatch.editorial.public.facets import Counts, Filtering
from nkwatch.editorial.public.filters import RecordFilters
from nkwatch.editorial.public.linked_data import item_list

FORMAT_NAMES = {**{ending: ending.upper() for ending in ENDINGS}, GEOJSON: "GeoJSON"}
"""What the formats of files are called."""


class LabelConverter:
    """A record's label in an address: M-0017. A draft's never answers, but links to it can be written."""

    regex = r"[A-Z]-[0-9]{4,9}|draft-[0-9]{1,18}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class SlugConverter(LabelConverter):
    """The words after a label: they help readers and decide nothing, so that any may be wrong or missing."""

    regex = r"[-a-zA-Z0-9_]*"


register_converter(LabelConverter, "label")
register_converter(SlugConverter, "words")


class PublicPage:
    """A page for everybody, on the day that is asked for."""

    request: HttpRequest

    @property
    def asof(self) -> AsOf:
        return asof(self.request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Besides what a page shows: what else was asked for, which another day keeps, and the way back to today."""
        asked = [(name, value) for name, values in self.request.GET.lists() if name != PARAMETER for value in values]
        today = f"{self.request.path}?{urlencode(asked)}" if asked else self.request.path
        return super().get_context_data(**{"carried": asked, "today": today, **kwargs})  # type: ignore[misc]

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """A day that cannot be read is answered with today's page, and said to be a bad request."""
        return super().render_to_response(context, status=400 if self.asof.error else 200, **kwargs)  # type: ignore[misc]


class RecordList(PublicPage, ListView):
    """A list of public records, 50 a page."""

    paginate_by: int | None = 50
    model: type[Publishable]
    filters: type[RecordFilters]
    counts: Mapping[str, Counts] = {}
    """How the choices of each filter are counted."""
    ways: Mapping[str, tuple[str, ...]] = {}
    """The parameters that choose how the list is shown, and the values that each takes."""
    ending = ""
    """What the address ends in, where the list is asked for as a file (`endings`)."""
    export: Export
    feed = ""
    """The name of the Atom feed of what is new in the list, if any."""
    places: Places | None = None
    """How its records are told as GeoJSON, where they have places."""

    @classmethod
    def endings(cls) -> tuple[str, ...]:
        """What its address may end in, in place of its slash."""
        return (*ENDINGS, GEOJSON) if cls.places else ENDINGS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self.download() if self.ending else super().get(request, *args, **kwargs)

    @cached_property
    def filtering(self) -> Filtering:
        return Filtering(self.filters, self.counts, self.request.GET, self.asof, self.name, self.ways)

    def get_queryset(self) -> Any:
        records = self.shown(self.filtering.apply(self.public()))
        return self.in_order(records, self.filtering.order) if self.filtering.order else records

    def public(self) -> Any:
        """The records that the filters choose from."""
        return self.model.objects.public()

    def shown(self, records: Any) -> Any:
        """Bring along what the list shows of each record, in the list's own order."""
        return records

    def in_order(self, records: Any, order: str) -> Any:
        return records.in_order(order)

    def download(self) -> HttpResponseBase:
        """The whole list as a file."""
        if refusal := self.refusal():
            return refusal
        records = self.get_queryset()
        if self.places and self.ending == GEOJSON:
            return as_geojson_file(self.name, self.places.features(records, self.request))
        return as_file(self.name, self.ending, self.export, records)

    def refusal(self) -> HttpResponse | None:
        """What cannot be read is refused where a file is asked for: nobody looks at a file for messages."""
        wrong = [*filter(None, [self.asof.error]), *self.filtering.errors.values()]
        if not wrong:
            return None
        return HttpResponseBadRequest("\n".join([*wrong, ""]), content_type="text/plain; charset=utf-8")

    @property
    def name(self) -> str:
        """The list's name in its address."""
        return self.request.path.strip("/").partition(".")[0]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if page := context["page_obj"]:
            context["pages"] = page.paginator.get_elided_page_range(page.number)
        filtering, records = self.filtering, self.public()
        here = filtering.link()
        return context | {
            "filtering": filtering,
            "fields": filtering.fields(records),
            "chosen": filtering.chosen(records),
            "worth_dropping": [] if context["object_list"] else filtering.worth_dropping(records),
            "downloads": [(FORMAT_NAMES[ending], filtering.link(f".{ending}")) for ending in self.endings()],
            "alternates": self.alternates(),
            "linked_data": item_list(self.request, context["object_list"], page.start_index() if page else 1),
            "to_page": f"{here}{'&' if '?' in here else '?'}page=",
            "today": filtering.link(is_today=True),
            "carried": filtering.carried(is_today=True),
        }

    def alternates(self) -> list[tuple[str, str, str]]:
        """The same list for programs, and the feed of what is new in it."""
        files = [(media, ending.upper(), self.filtering.link(f".{ending}")) for ending, media in MACHINE_READABLE]
        feed = [("application/atom+xml", "Atom", reverse(self.feed))] if self.feed else []
        return [*files, *feed]


MACHINE_READABLE = (("csv", "text/csv"), ("json", "application/json"))


def list_paths(name: str, page: type[RecordList]) -> list[URLPattern]:
    """The addresses of a list: as a page, and as a file with the same filters."""
    files = {f"{name}.{ending}": page.as_view(ending=ending) for ending in page.endings()}
    return [path(f"{name}/", page.as_view(), name=name), *(path(file, view, name=file) for file, view in files.items())]


class RecordDetail(PublicPage, DetailView):
    """The page of one public record. Its number decides; wrong or missing words after it lead to the right address.

    The number of a record that was merged leads to the page of the one that stays.
    """

    model: type[Any]
    feed = ""
    """The name of the Atom feed that each record of this kind has, if any."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        lookup = self.lookup
        merged = Exists(merges_shown_on(self.model).filter(kept_id=OuterRef("pk")))
        record = self.get_queryset().annotate(has_merged=merged).filter(**lookup).first()
        if record is None:
            record = one_that_stays(self.model.objects.filter(**lookup).first())
            if record is None or not record.is_public:
                return gone_or_not_found(request, record)
        if request.path != (address := self.address_of(record)):
            query = request.META["QUERY_STRING"]
            return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
        return self.answer(record)

    def address_of(self, record: Any) -> str:
        """The one address that answers for `record`; any other leads to it."""
        return record.get_absolute_url()

    def answer(self, record: Any) -> HttpResponseBase:
        """The page of `record`, which is public and was asked for at its address."""
        self.object = record
        merged_here = merges_into(record) if record.has_merged else []
        return self.render_to_response(self.get_context_data(object=record, merged_here=merged_here))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | past_of(self.object, self.request)
        if self.feed and "alternates" in context:
            address = reverse(self.feed, args=[self.object.label])
            context["alternates"] = [*context["alternates"], ("application/atom+xml", str(self.object), address)]
        return {**context, "linked_data": self.linked_data(context)}

    def linked_data(self, context: dict[str, Any]) -> Any:
        """The record as JSON-LD; nothing below its own address."""
        return None

    @property
    def lookup(self) -> dict[str, Any]:
        """The condition that finds the record by its number, or its slug, in the address."""
        if "label" not in self.kwargs:
            return {"slug": self.kwargs["slug"]}
        prefix, _dash, digits = self.kwargs["label"].partition("-")
        if prefix != self.model.prefix:
            raise Http404(_("No record has this number."))
        return {"number": int(digits)}


def gone_or_not_found(request: HttpRequest, record: Publishable | None) -> HttpResponse:
    """Answer for a record that is not public: 410 with the reason once it was retracted, else 404.

    A published part of a retracted record is as gone as the whole (an event of its mission).
    """
    retracted = retracted_record(record) if record else None
    if retracted is None:
        raise Http404(_("No public record has this number."))
    label = record.label if isinstance(record, NumberedRecord) else ""
    context = {"label": label, "reason": retracted.retraction_reason}
    return render(request, "410.html", context, status=410)


def retracted_record(record: Publishable) -> Publishable | None:
    if record.state == State.RETRACTED:
        return record
    if record.state == State.PUBLISHED:
        return next(filter(None, (retracted_record(getattr(record, name)) for name in record.public_through)), None)
    return None
