"""What the public pages of all records share: lists by 50, and one lasting address for each record."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import register_converter
from django.views.generic import DetailView, ListView

from nkwatch.editorial.asof import AsOf, asof
from nkwatch.editorial.models import NumberedRecord, Publishable, State


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

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """A day that cannot be read is answered with today's page, and said to be a bad request."""
        return super().render_to_response(context, status=400 if self.asof.error else 200, **kwargs)  # type: ignore[misc]


class RecordList(PublicPage, ListView):
    """A list of public records, 50 a page."""

    paginate_by: int | None = 50
    model: type[Publishable]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if page := context["page_obj"]:
            context["pages"] = page.paginator.get_elided_page_range(page.number)
        return context


class RecordDetail(PublicPage, DetailView):
    """The page of one public record. Its number decides; a wrong or missing slug leads to the right address."""

    model: type[NumberedRecord]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        number = self.number
        record = self.get_queryset().filter(number=number).first()
        if record is None:
            return gone_or_not_found(request, self.model.objects.filter(number=number).first())
        if request.path != (address := record.get_absolute_url()):
            query = request.META["QUERY_STRING"]
            return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
        self.object = record
        return self.render_to_response(self.get_context_data(object=record))

    @property
    def number(self) -> int:
        prefix, _, digits = self.kwargs["label"].partition("-")
        if prefix != self.model.prefix:
            raise Http404("No record has this number.")
        return int(digits)


def gone_or_not_found(request: HttpRequest, record: Publishable | None) -> HttpResponse:
    """Answer for a record that is not public: 410 with the reason once it was retracted, else 404.

    A published part of a retracted record is as gone as the whole (an event of its mission).
    """
    retracted = retracted_record(record) if record else None
    if retracted is None:
        raise Http404("No public record has this number.")
    label = record.label if isinstance(record, NumberedRecord) else ""
    context = {"label": label, "reason": retracted.retraction_reason}
    return render(request, "410.html", context, status=410)


def retracted_record(record: Publishable) -> Publishable | None:
    if record.state == State.RETRACTED:
        return record
    if record.state == State.PUBLISHED:
        return next(filter(None, (retracted_record(getattr(record, name)) for name in record.public_through)), None)
    return None
