"""What waits to be done, on the desk's first page and in the lists that it leads to (pages.md, B6)."""

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from missions.models import ClosureEvent, Mission, ReportedFigure
from nkwatch.editorial.worklists import worklists_of
from sources.models import Quote, Source
from tests.make import (
    cite,
    make_actor,
    make_event,
    make_figure,
    make_mission,
    make_quote,
    make_reason,
    make_source,
    publish,
)

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

LINK = re.compile(
    r'<a href="(?P<url>[^"]*\?worklist=(?P<name>[a-z-]+))"[^>]*>\s*(?P<number>[\d,]+) (?P<noun>[^<]+)</a>'
)
ROW = re.compile(r"<tr[^>]*>\s*<th scope=\"row\" id=\"(?P<name>[a-z-]+)\">(?P<cells>.*?)</tr>", re.DOTALL)


def ago(days: int) -> str:
    return (timezone.localdate() - datetime.timedelta(days=days)).isoformat()


def list_of(model: Any, name: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + f"?worklist={name}"


def listed(client: Client, model: Any, name: str, **more: str) -> list[int]:
    """The ids of the records on a worklist's page, in its order."""
    response = client.get(list_of(model, name), more, query_params={"worklist": name, **more})
    assert response.status_code == 200
    return [record.pk for record in response.context["cl"].result_list]


def on_index(client: Client) -> dict[str, dict[str, int]]:
    """What the first page says waits in each list: how many, by the address that they are listed at."""
    found: dict[str, dict[str, int]] = {}
    for link in LINK.finditer(client.get(reverse("admin:index")).content.decode()):
        found.setdefault(link["name"], {})[link["url"]] = int(link["number"].replace(",", ""))
    return found


def row(client: Client, name: str) -> str:
    """The text of one line of the first page."""
    rows = ROW.finditer(client.get(reverse("admin:index")).content.decode())
    [cells] = [found["cells"] for found in rows if found["name"] == name]
    return " ".join(re.sub(r"<[^>]+>", " ", cells).split())


def another_mission(**overrides: Any) -> Mission:
    """A mission in a city of its own, so that many stand side by side."""
    return make_mission(**{"city": f"City {Mission.objects.count()}"} | overrides)


def steps(*taken: tuple[str, str], published: bool = True, **overrides: Any) -> Mission:
    """A mission that took these steps, each a stage and its date."""
    mission = another_mission(**overrides)
    for stage, date in taken:
        event = make_event(mission=mission, stage=stage, date=date)
        if published:
            cite(event, make_source(title=f"{stage} {date}"))
            publish(event)
    return mission


def event_told_by(*outlets: dict[str, Any], **citation: Any) -> ClosureEvent:
    """A published event that the own reporting of each outlet supports."""
    event = make_event(mission=another_mission())
    for outlet in outlets:
        source = make_source(title=str(outlet), outlet=make_actor(**outlet) if outlet else None)
        cite(event, source, **{"basis": "own-reporting", **citation})
    publish(event)
    return event


def retracted(record: Any) -> Any:
    publish(record)
    record.retract("It was a mistake.")
    return record


def disputed() -> ClosureEvent:
    event = event_told_by({})
    citation = cite(event, make_source(title="It never happened"), stance="disputes")
    publish(citation)
    return event


def drafted(**overrides: Any) -> ClosureEvent:
    return make_event(mission=another_mission(), **overrides)


def quoted(quote: Quote) -> ClosureEvent:
    event = drafted()
    event.quotes.add(quote)
    return event


def explained(*reasons: Any, **overrides: Any) -> Quote:
    quote = make_quote(**overrides)
    quote.reasons.set(reasons)
    return quote


def published(record: Any) -> Any:
    publish(record)
    return record


def closures_planned(number: int) -> ReportedFigure:
    """So many, while the record has none."""
    return make_figure(metric="closures-planned", as_of="2023-12-01", low=number, high=number)


KYODO: dict[str, Any] = {"name": "Kyodo News", "capacity": "news-agency", "country": "JP"}
EFE: dict[str, Any] = {"name": "EFE", "capacity": "news-agency", "country": "ES"}
MINISTRY: dict[str, Any] = {"name": "Ministry of Foreign Affairs", "capacity": "government", "country": "KP"}

CASES: dict[str, list[tuple[str, Callable[[], Any], bool]]] = {
    "needs-second-origin": [
        ("one newspaper", lambda: event_told_by(KYODO), True),
        ("nobody known", lambda: event_told_by({}), True),
        ("two newspapers", lambda: event_told_by(KYODO, EFE), False),
        ("the sending state itself", lambda: event_told_by(MINISTRY), False),
        ("a draft, of which nothing is derived yet", drafted, False),
        ("retracted", lambda: retracted(event_told_by(KYODO)), False),
    ],
    "contested": [
        ("disputed", disputed, True),
        ("undisputed", lambda: event_told_by(KYODO), False),
        ("retracted", lambda: retracted(disputed()), False),
    ],
    "seen-open-after-closing": [
        ("seen later", lambda: steps(("closed", "2020-01-01"), ("seen-open", "2021-01-01")), True),
        ("seen earlier", lambda: steps(("seen-open", "2019-01-01"), ("closed", "2020-01-01")), False),
        (
            "reopened since",
            lambda: steps(("closed", "2020-01-01"), ("seen-open", "2021-01-01"), ("reopened", "2022-01-01")),
            False,
        ),
    ],
    "announced-not-confirmed": [
        ("on the sixtieth day", lambda: steps(("announced", ago(60))), True),
        ("a day before that", lambda: steps(("announced", ago(59))), False),
        ("said again since", lambda: steps(("reported", ago(90)), ("under-way", ago(2))), True),
        ("within days that ended lately", lambda: steps(("announced", f"{ago(90)}/{ago(30)}")), False),
        ("closed since", lambda: steps(("announced", ago(90)), ("closed", ago(20))), False),
        ("closed on a day not known", lambda: steps(("announced", ago(90)), ("closed", "")), True),
        ("called off", lambda: steps(("announced", ago(90)), ("plan-reversed", ago(20))), False),
        ("only in a draft", lambda: steps(("announced", ago(90)), published=False), False),
    ],
    "events-without-quotes": [
        ("none", drafted, True),
        ("one", lambda: quoted(make_quote()), False),
        ("one that was retracted", lambda: quoted(retracted(make_quote())), True),
        ("retracted itself", lambda: retracted(event_told_by(KYODO)), False),
    ],
    "figures-that-differ": [
        ("differs", lambda: published(closures_planned(4)), True),
        ("differs, but is a draft", lambda: closures_planned(4), False),
        ("agrees", lambda: published(closures_planned(0)), False),
        ("not comparable", lambda: published(make_figure(low=53, high=53)), False),
    ],
    "not-seen-open": [
        ("seen a year ago", lambda: steps(("seen-open", ago(365))), True),
        ("seen within the year", lambda: steps(("seen-open", ago(364))), False),
        ("never seen", lambda: published(another_mission(established="1998")), True),
        ("never seen, but opened lately", lambda: steps(("opened", ago(30))), False),
        ("opened long ago", lambda: steps(("opened", "1998")), True),
        ("its closing called off lately", lambda: steps(("announced", "2023"), ("plan-reversed", ago(30))), False),
        ("closed", lambda: steps(("seen-open", "2001"), ("closed", "2002")), False),
        ("unknown", lambda: published(another_mission()), False),
    ],
    "inexact-dates": [
        ("a month", lambda: drafted(date="2023-10"), True),
        ("none", lambda: drafted(date=""), True),
        ("about", lambda: drafted(date="2023-10-27~"), True),
        ("uncertain", lambda: drafted(date="2023-10-27?"), True),
        ("by a day", lambda: drafted(date="../2023-12-05"), True),
        ("from a day on", lambda: drafted(date="2023-12-05/.."), True),
        ("between two days", lambda: drafted(date="2023-11-01/2023-12-05"), True),
        ("a day", lambda: drafted(date="2023-10-27"), False),
        ("a source's month", lambda: make_source(issued="2023-10"), True),
        ("a source's day", lambda: make_source(issued="2023-10-27"), False),
        ("a quote's month", lambda: make_quote(said_on="2023-10"), True),
        ("a quote's day", lambda: make_quote(said_on="2023-10-27"), False),
        ("a figure's month", lambda: make_figure(as_of="2023-10"), True),
        ("a figure's day", lambda: make_figure(as_of="2023-10-27"), False),
        ("retracted", lambda: retracted(make_source(issued="2023-10")), False),
    ],
    "quotes-without-speaker-or-reason": [
        ("neither", make_quote, True),
        ("no reason", lambda: make_quote(speaker=make_actor()), True),
        ("no speaker", lambda: explained(make_reason(slug="a")), True),
        ("both", lambda: explained(make_reason(slug="b"), speaker=make_actor()), False),
        ("a retracted reason", lambda: explained(retracted(make_reason()), speaker=make_actor()), True),
        ("retracted", lambda: retracted(make_quote()), False),
    ],
    "sources-without-copy": [
        ("none", make_source, True),
        ("archived", lambda: make_source(archive_url="https://web.archive.org/x"), False),
        ("retracted", lambda: retracted(make_source()), False),
    ],
    "only-cited": [
        ("only cited", lambda: make_source(read="only-cited"), True),
        ("read in part", lambda: make_source(read="in-part"), False),
        ("retracted", lambda: retracted(make_source(read="only-cited")), False),
    ],
}


@pytest.mark.parametrize("name", CASES)
def test_a_list_holds_what_it_is_of_and_the_first_page_counts_it(editor_client: Client, name: str) -> None:
    records = [(case, make()) for case, make, _ in CASES[name]]
    pages = {kind: listed(editor_client, kind, name) for kind in {type(record) for _, record in records}}

    held = [case for case, record in records if record.pk in pages[type(record)]]
    assert held == [case for case, _, is_listed in CASES[name] if is_listed]
    assert on_index(editor_client)[name] == {list_of(kind, name): len(found) for kind, found in pages.items()}


def test_every_list_of_the_record_has_its_cases() -> None:
    of_the_record = {
        worklist.name
        for model in (Mission, ClosureEvent, ReportedFigure, Source, Quote)
        for worklist in worklists_of(model)
        if worklist.section == "record"
    }
    assert of_the_record == set(CASES)
