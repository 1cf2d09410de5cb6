"""Missions, events and figures as JSON-LD (schema.org).

Dates go out as they are recorded, as EDTF (ISO 8601-2): "../2023-12-05" is no day, and none is made of it.
"""

from typing import Any

from django.http import HttpRequest

from missions.models import ClosureEvent, Mission, ReportedFigure, Status
from nkwatch.editorial.public.linked_data import described, named, without_nothing
from nkwatch.editorial.text import split_list


def of_mission(mission: Mission, span: Any, verdict: str, request: HttpRequest) -> dict[str, Any]:
    """A mission as an office of the country that sends it, with the day it was dissolved where it is closed."""
    place = without_nothing(
        {"streetAddress": mission.address, "addressLocality": mission.city, "addressCountry": mission.host_id}
    )
    geo = (
        {"@type": "GeoCoordinates", "latitude": float(mission.latitude), "longitude": float(mission.longitude)}
        if (mission.latitude is not None and mission.longitude is not None)
        else None
    )
    return described(
        "GovernmentOffice",
        request,
        mission,
        alternateName=[*filter(None, [mission.name_original]), *split_list(mission.other_names)],
        description=f"{span.get_status_display().capitalize()}{verdict}",
        parentOrganization={"@type": "Country", "name": mission.sending.name},
        address={"@type": "PostalAddress", **place},
        geo=geo,
        foundingDate=mission.established,
        dissolutionDate=span.since if span.status == Status.CLOSED else "",
    )


def of_event(event: ClosureEvent, sentence: str, request: HttpRequest) -> dict[str, Any]:
    """A step in a mission's life as an event at it."""
    return described(
        "Event",
        request,
        event,
        description=" ".join(filter(None, [sentence, event.support_reasoning])),
        startDate=event.date,
        location={
            "@type": "Place",
            "name": str(event.mission),
            "address": without_nothing(
                {
                    "@type": "PostalAddress",
                    "addressLocality": event.mission.city,
                    "addressCountry": event.mission.host_id,
                }
            ),
        },
        about=named("GovernmentOffice", request, event.mission),
    )


def of_figure(figure: ReportedFigure, request: HttpRequest) -> dict[str, Any]:
    """A number that somebody gave, as an observation of theirs."""
    return described(
        "Observation",
        request,
        figure,
        measuredProperty=figure.get_metric_display(),
        value=without_nothing({"@type": "QuantitativeValue", "minValue": figure.low, "maxValue": figure.high}),
        observationDate=figure.as_of,
        observationAbout={"@type": "Country", "name": "North Korea"},
    )
