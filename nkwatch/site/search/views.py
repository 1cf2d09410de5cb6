"""The search page: /search/?q= (pages.md, Search)."""

import re
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from nkwatch.editorial.public.pages import PublicPage
from nkwatch.site.records import record_seen
from nkwatch.site.search.content import KINDS, Kind
from nkwatch.site.search.marks import Marker
from nkwatch.site.search.query import Query, read
from nkwatch.site.search.results import Group, grouped, hits, of_kind
from nkwatch.site.search.spellings import spellings
from nkwatch.site.search.suggestion import suggestion
from sources.addresses import archived_address, canonical_url
from sources.models import Source

EXAMPLES = (
    ("Madrid embassy", _("a place and a kind of mission")),
    ("태영호", _("a name in any script or spelling")),
    ("Zaire", _("a name that is no longer used")),
)
A_PAGE = 50
LONGEST_SHOWN = 200
LONGEST_ADDRESS = 2_000

_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


class Search(PublicPage, TemplateView):
    """One box for everything: a number leads to its record, an address to its source, words to what has them."""

    template_name = "site/search.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._record_named() or super().get(request, *args, **kwargs)

    @cached_property
    def typed(self) -> str:
        return self.request.GET.get("q", "").replace("\0", " ").strip()

    def _record_named(self) -> HttpResponse | None:
        """Where a number or an address leads that stands for one record."""
        address = record_address(self.typed) or source_address(self.typed)
        return redirect(address + self.asof.carry()) if address else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind = next((kind for kind in KINDS if kind.name == self.request.GET.get("in")), None)
        asked = {"q": self.typed[:LONGEST_SHOWN], **({"in": kind.name} if kind else {})}
        found = self._answers(kind) if self.typed else {}
        return super().get_context_data(
            typed=asked["q"],
            chosen_kind=kind,
            is_address=bool(_ADDRESS.fullmatch(self.typed)),
            examples=EXAMPLES,
            carried=asked.items() if self.typed else (),
            today=_today(asked) if self.typed else "",
            **{"groups": [], "suggested": "", "is_cut": False, "page_obj": None, **found},
            **kwargs,
        )

    def _answers(self, kind: Kind | None) -> dict[str, Any]:
        names = spellings()
        query = read(self.typed, names)
        if not query:
            return {}
        marker = Marker(query, names)
        found: dict[str, Any]
        found = self._of_one_kind(query, kind, marker) if kind else {"groups": grouped(query, marker, self.asof)}
        if not found["groups"]:
            found["suggested"] = suggestion(self.typed, names)
        return found | {"is_cut": query.is_cut}

    def _of_one_kind(self, query: Query, kind: Kind, marker: Marker) -> dict[str, Any]:
        page = Paginator(of_kind(query, kind), A_PAGE).get_page(self.request.GET.get("page"))
        group = Group(kind, page.paginator.count, hits(kind, list(page.object_list), marker, self.asof))
        to_page = self.asof.carry(q=self.typed[:LONGEST_SHOWN], **{"in": kind.name})
        return {
            "groups": [group] if group.hits else [],
            "page_obj": page,
            "pages": page.paginator.get_elided_page_range(page.number),
            "to_page": f"{to_page}&page=",
        }


def record_address(text: str) -> str:
    """Where the record is that goes by a number (M-0017, s4); "" where no record has had it in public.

    Of a retracted one that is the page that tells why; its name, which is gone with it, is left out.
    """
    record = record_seen(text)
    if record is None or record.is_public:
        return record.get_absolute_url() if record else ""
    [kind] = [kind for kind in KINDS if isinstance(record, kind.model)]
    return f"{reverse(kind.name)}{record.label}/"


def source_address(text: str) -> str:
    """Where the public source is that has this address, or an archived copy of it; "" where there is none."""
    if len(text) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(text):
        return ""
    addresses = {canonical_url(text), canonical_url(archived_address(text))} - {""}
    source = Source.objects.public().filter(canonical_url__in=addresses).first()
    return source.get_absolute_url() if source else ""


def _today(asked: dict[str, str]) -> str:
    return f"{reverse('search')}?{urlencode(asked)}"
