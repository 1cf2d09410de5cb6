"""Atom feeds: the latest events, corrections, all changes, and those of one mission or country (pages.md, A)."""

import datetime
import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.syndication.views import Feed
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from missions.models import ClosureEvent, Mission
from missions.sentences import event_sentence
from nkwatch.editorial.models import ChangeKind, PublicChange, one_that_stays
from nkwatch.editorial.public.exports import NO_CLOCK
from nkwatch.editorial.public.pages import gone_or_not_found
from nkwatch.site.changes import ToldChange, tell
from sources.models import Country

LATEST = 50
SITE = "nkwatch"


def _lasting_id(name: str) -> str:
    """What a reader of feeds knows an entry by, whatever address it may have one day."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{SITE} {name}").urn


class Atom(Atom1Feed):
    """Atom that says the same each time: without entries Django would have it changed just now."""

    def latest_post_date(self) -> Any:
        return super().latest_post_date() if self.items else NO_CLOCK.replace(tzinfo=datetime.UTC)


class AtomFeed(Feed):
    """What all feeds share: the format, who writes, and how many entries there are."""

    feed_type = Atom
    author_name = SITE
    feed_copyright = "CC BY 4.0"

    def item_author_name(self) -> str:
        return SITE


class EventFeed(AtomFeed):
    """The events that were published last."""

    def title(self) -> str:
        return _("nkwatch: events")

    def subtitle(self) -> str:
        return _("Steps in the lives of North Korea’s missions abroad and of foreign missions in Pyongyang")

    def link(self) -> str:
        return reverse("events")

    def feed_url(self) -> str:
        return reverse("events.atom")

    def items(self) -> Iterable[ClosureEvent]:
        return ClosureEvent.objects.public().named().order_by("-number")[:LATEST]

    def item_title(self, item: ClosureEvent) -> str:
        return str(item)

    def item_description(self, item: ClosureEvent) -> str:
        return f"{event_sentence(item)} {item.support_reasoning}"

    def item_guid(self, item: ClosureEvent) -> str:
        return _lasting_id(item.label)

    def item_updateddate(self, item: ClosureEvent) -> Any:
        return item.updated


class ChangeFeed(AtomFeed):
    """All that changed."""

    def title(self, obj: Any = None) -> str:
        return _("nkwatch: changes")

    def subtitle(self, obj: Any = None) -> str:
        return _("Corrections, additions, merges and retractions")

    def link(self, obj: Any = None) -> str:
        return reverse("changes")

    def feed_url(self, obj: Any = None) -> str:
        return reverse("changes.atom")

    def changes(self, obj: Any = None) -> Any:
        """The changes that it tells of."""
        return PublicChange.objects.public()

    def items(self, obj: Any = None) -> Iterable[ToldChange]:
        return tell(self.changes(obj).newest_first()[:LATEST])

    def item_title(self, item: ToldChange) -> str:
        return f"{capfirst(item.change.get_kind_display())}: {item.title}"

    def item_description(self, item: ToldChange) -> str:
        lines = [f"{line.label}: “{line.old_text}”, now “{line.new_text}”." for line in _lines(item)]
        parts = [f"{part.title} {part.verb}." for part in item.told if part.title]
        change = item.change
        words = [item.sentence, *lines, *parts]
        if item.record is not None:
            told_by = _("Told by %(name)s.") % {"name": change.told_by} if change.told_by else ""
            words += [change.why, told_by]
        return " ".join(filter(None, words)) or _("Changed.")

    def item_link(self, item: ToldChange) -> str:
        return item.address or f"{reverse('changes')}?record={item.number}"

    def item_guid(self, item: ToldChange) -> str:
        return _lasting_id(f"change {item.change.pk}")

    def item_pubdate(self, item: ToldChange) -> Any:
        return item.change.made

    def item_updateddate(self, item: ToldChange) -> Any:
        return item.change.made

    def item_categories(self, item: ToldChange) -> list[str]:
        return [item.change.kind, item.kind_name]


def _lines(item: ToldChange) -> Iterable[Any]:
    return (line for part in item.told if not part.title for line in part.lines)


class CorrectionFeed(ChangeFeed):
    """What was wrong: corrections, and what was taken back as a whole."""

    def title(self, obj: Any = None) -> str:
        return _("nkwatch: corrections and retractions")

    def subtitle(self, obj: Any = None) -> str:
        return _("What was wrong in the record, since when, and what it says now")

    def link(self, obj: Any = None) -> str:
        return f"{reverse('changes')}?kind={ChangeKind.CORRECTION}"

    def feed_url(self, obj: Any = None) -> str:
        return reverse("corrections.atom")

    def changes(self, obj: Any = None) -> Any:
        return super().changes(obj).filter(kind__in=[ChangeKind.CORRECTION, ChangeKind.RETRACTION])


class MissionFeed(ChangeFeed):
    """What changed of one mission and of its steps; that of a merged one leads to the feed of the one that stays."""

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        prefix, _dash, digits = kwargs["label"].partition("-")
        asked = Mission.objects.filter(number=int(digits)).first() if prefix == Mission.prefix else None
        mission = one_that_stays(asked)
        if mission is None or not mission.is_public:
            return gone_or_not_found(request, mission)
        if mission != asked:
            return HttpResponsePermanentRedirect(self.feed_url(mission))
        return super().__call__(request, *args, **kwargs)

    def get_object(self, request: HttpRequest, label: str) -> Any:
        return Mission.objects.public().named().get(number=int(label.partition("-")[2]))

    def title(self, obj: Any = None) -> str:
        return f"nkwatch: {obj}"

    def subtitle(self, obj: Any = None) -> str:
        return _("What changed of this mission and of its steps")

    def link(self, obj: Any = None) -> str:
        return obj.get_absolute_url()

    def feed_url(self, obj: Any = None) -> str:
        return reverse("mission.atom", args=[obj.label])

    def changes(self, obj: Any = None) -> Any:
        return _of_missions(super().changes(obj), Mission.objects.filter(pk=obj.pk))


class CountryFeed(ChangeFeed):
    """What changed of the missions that a country hosts or sends, and of their steps."""

    def get_object(self, request: HttpRequest, code: str) -> Any:
        country = Country.objects.filter(pk=code).first()
        if country is None:
            raise Http404(_("No country has this code."))
        return country

    def title(self, obj: Any = None) -> str:
        return f"nkwatch: {obj}"

    def subtitle(self, obj: Any = None) -> str:
        return _("What changed of the missions that this country hosts or sends")

    def link(self, obj: Any = None) -> str:
        return f"{reverse('missions')}?host={obj.pk}"

    def feed_url(self, obj: Any = None) -> str:
        return reverse("country.atom", args=[obj.pk])

    def changes(self, obj: Any = None) -> Any:
        return _of_missions(super().changes(obj), Mission.objects.filter(Q(host=obj) | Q(sending=obj)))


def _of_missions(changes: Any, missions: Any) -> Any:
    """The changes of some missions and of their steps."""
    events = ClosureEvent.objects.filter(mission__in=missions)
    label = Mission._meta.app_label
    of_missions = Q(record_type__model=Mission._meta.model_name, record_id__in=missions.values("pk"))
    of_events = Q(record_type__model=ClosureEvent._meta.model_name, record_id__in=events.order_by().values("pk"))
    return changes.filter(of_missions | of_events, record_type__app_label=label)
