"""Questions asked of many missions at once."""

import datetime
from typing import Self

from django.apps import apps
from django.db.models import Prefetch, Q

from nkwatch.editorial.models import PublishableQuerySet


def on_day(day: datetime.date, prefix: str = "") -> Q:
    """The condition that a status span holds on `day`."""
    return (Q(**{f"{prefix}starts__lte": day}) | Q(**{f"{prefix}starts__isnull": True})) & (
        Q(**{f"{prefix}ends__gt": day}) | Q(**{f"{prefix}ends__isnull": True})
    )


class MissionQuerySet(PublishableQuerySet):
    """Missions, with their status on any day."""

    def as_of(self, day: datetime.date) -> Self:
        """Give each mission `spans_on_day`: the one span that holds on `day`, with its support."""
        spans = apps.get_model("missions.StatusSpan").objects.filter(on_day(day)).select_related("support_one_country")
        return self.prefetch_related(Prefetch("spans", spans, to_attr="spans_on_day"))

    def with_status(self, status: str, day: datetime.date) -> Self:
        """Missions that had `status` on `day`."""
        spans = apps.get_model("missions.StatusSpan").objects.filter(on_day(day), status=status)
        return self.filter(pk__in=spans.values("mission"))
