"""What keeps a copy of a list in step: what changed since a moment, and what went (contract.md, API v1)."""

import datetime
from collections.abc import Iterator
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as Unreadable
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from nkwatch.editorial.models import ChangeKind, PublicChange, Publishable, State
from nkwatch.editorial.models.changes import GONE
from nkwatch.editorial.public.times import MAY_COME_LATE, as_time, read_time

SINCE = "since"


class TombstoneSerializer(serializers.Serializer):
    """A record that readers no longer see: take what a copy holds of it away."""

    number = serializers.CharField()
    url = serializers.URLField(help_text="Answers 410 with the reason, or leads to the record that stays.")
    gone = serializers.ChoiceField(choices=["merged", "retracted"])
    merged_into = serializers.CharField(allow_null=True, help_text="The number of the record that stays.")
    reason = serializers.CharField(help_text="The reason that readers are told of a retraction.")


class Mirroring:
    """Lists what changed for readers since a moment, and what they no longer see."""

    request: Any
    model: ClassVar[Any]
    tombstone_serializer = TombstoneSerializer

    @classmethod
    def is_mirrored(cls) -> bool:
        """Whether the past of such records is kept: that of reference data is not."""
        return issubclass(cls.model, Publishable)

    @property
    def since(self) -> datetime.datetime | None:
        """The moment asked for, if any. Raises ValidationError where it cannot be read."""
        text = self.request.query_params.get(SINCE) if self.is_mirrored() else None
        try:
            return read_time(text) if text is not None else None
        except Unreadable as error:
            raise ValidationError(error.message_dict) from error

    def filter_queryset(self, queryset: Any) -> Any:
        queryset = super().filter_queryset(queryset)  # type: ignore[misc]
        return queryset.changed_since(self.since) if self.since else queryset

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Records; with `since`, also what went, at the end of the list, and from when to ask the next time."""
        response = super().list(request, *args, **kwargs)  # type: ignore[misc]
        if self.since:
            gone = [] if response.data["next"] else list(self.tombstones())
            response.data |= {"gone": gone, "next_since": self.next_since()}
        return response

    def next_since(self) -> str:
        """From when to ask the next time: a little before the newest change, since some are seen late."""
        newest = PublicChange.objects.public().newest_first().values_list("made", flat=True).first()
        since = self.since or datetime.datetime.min.replace(tzinfo=datetime.UTC)
        return as_time(max(newest - MAY_COME_LATE, since) if newest else since)

    def tombstones(self) -> Iterator[dict[str, Any]]:
        """The records that went since, and those that readers saw only through one that went, oldest first."""
        gone = self._gone(self.model)
        kept = {change.merge.kept_id for change in gone.values() if change.merge}
        stays = {record.pk: self.key_of(record) for record in self.model.objects.public().filter(pk__in=kept)}
        records = self.model._base_manager.in_bulk(gone)
        for pk, change in gone.items():
            into = change.merge.kept_id if change.kind == ChangeKind.MERGE and change.merge else None
            yield self._tombstone(records[pk], change, stays.get(into))
        for name in self.model.public_through:
            through = self._gone(self.model._meta.get_field(name).related_model)
            parts = self.model._base_manager.filter(state=State.PUBLISHED, **{f"{name}__in": through})
            for record in parts.order_by("pk"):
                yield self._tombstone(record, through[getattr(record, f"{name}_id")], None)

    def _gone(self, model: Any) -> dict[int, PublicChange]:
        """The change by which each record of `model` went since, by its primary key; none that came back."""
        retracted = model._base_manager.filter(state=State.RETRACTED)
        changes = PublicChange.objects.public().of_kind(model).filter(kind__in=GONE, made__gte=self.since)
        found = changes.filter(record_id__in=retracted.values("pk")).order_by("made", "pk")
        return {change.record_id: change for change in found}

    def _tombstone(self, record: Any, change: PublicChange, into: str | None) -> dict[str, Any]:
        return {
            "number": self.key_of(record),
            "url": self.address_of(record),
            "gone": "merged" if change.kind == ChangeKind.MERGE else "retracted",
            "merged_into": into,
            "reason": change.reason,
        }

    def key_of(self, record: Any) -> str:
        """What a record's address ends with."""
        raise NotImplementedError

    def address_of(self, record: Any) -> str:
        """Where the API serves a record."""
        raise NotImplementedError
