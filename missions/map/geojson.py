"""Missions and events as GeoJSON (RFC 7946), each at the place of its mission, under the API's names."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.http import HttpRequest
from rest_framework import serializers

from missions.map.places import PlacedBy, place_of
from missions.serializers import EventSerializer, MissionSerializer
from nkwatch.editorial.public.exports import ROWS_AT_A_TIME


class PlacedSerializer(serializers.Serializer):
    """Some of the fields that the API gives a record, and what its place is known from."""

    placed_by = serializers.ChoiceField(choices=PlacedBy.choices, help_text="What its place is known from.")
    names: ClassVar[tuple[str, ...]]

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        return {name: fields[name] for name in (*self.names, "placed_by")}


class PlacedMissionSerializer(PlacedSerializer, MissionSerializer):
    """A mission as it stood on the day, without what is told of it elsewhere: its events and claims."""

    names = (
        *("number", "url", "page", "updated", "sending", "host", "kind", "city", "name", "name_original", "address"),
        *("established", "status", "status_since", "may_be_closing", "may_have_closed", "presumed_open"),
        *("last_reported", "last_seen_open"),
    )


class PlacedEventSerializer(PlacedSerializer, EventSerializer):
    """An event, without its statements and claims."""

    names = ("number", "url", "page", "updated", "mission", "stage", "date", "date_note", "summary", "support")


class PlacedMissions:
    """The features of missions that come with their span on the day."""

    def features(self, missions: Any, request: HttpRequest) -> Iterator[dict[str, Any]]:
        for mission in missions.iterator(chunk_size=ROWS_AT_A_TIME):
            [mission.span] = mission.spans_on_day
            yield _feature(mission, mission, PlacedMissionSerializer, request)


class PlacedEvents:
    """The features of events, each at the place of its mission."""

    def features(self, events: Any, request: HttpRequest) -> Iterator[dict[str, Any]]:
        for event in events.iterator(chunk_size=ROWS_AT_A_TIME):
            yield _feature(event, event.mission, PlacedEventSerializer, request)


def _feature(record: Any, mission: Any, serializer: type[PlacedSerializer], request: HttpRequest) -> dict[str, Any]:
    place = place_of(mission)
    record.placed_by = place.by
    return {
        "type": "Feature",
        "id": record.label,
        "geometry": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
        "properties": serializer(record, context={"request": request}).data,
    }
