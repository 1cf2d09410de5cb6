"""What waits to be done, on the desk's first page and in the lists that it leads to (pages.md, B6)."""

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from missions.models import ClosureEvent, EventCitation, Mission, ReportedFigure, StatusSpan
from nkwatch.editorial import desk, proposals
from nkwatch.editorial.models import ImportBatch, ProposedChange, ReviewNote
from nkwatch.editorial.versions import changing
from nkwatch.editorial.worklists import worklists_of
from sources.models import CapturedCopy, Quote, Source
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
from tests.test_page_queries import make_rows

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

LINK = re.compile(
    r'<a href="(?P<url>[^"]*\?worklist=(?P<name>[a-z-]+))"[^>]*>\s*(?P<number>[\d,]+) (?P<noun>[^<]+)</a>'
)
ROW = re.compile(r"<tr[^>]*>\s*<th scope=\"row\" id=\"worklist-(?P<name>[a-z-]+)\">(?P<cells>.*?)</tr>", re.DOTALL)


def ago(days: int) -> str:
    return (timezone.localdate() - datetime.timedelta(days=days)).isoformat()


def list_of(model: Any, name: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + f"?worklist={name}"


def listed(client: Client, model: Any, name: str, **more: str) -> list[int]:
    """The ids of the records on a worklist's page, in its order."""
    response = client.get(list_of(model, name), query_params={"worklist": name, **more})
    assert response.status_code == 200
    return [record.pk for record in response.context["cl"].result_list]


def on_index(client: Client) -> dict[str, dict[str, int]]:
    """What the first page says waits in each list: how many, by the address that they are listed at."""
    found: dict[str, dict[str, int]] = {}
    for link in LINK.finditer(client.get(reverse("admin:index")).content.decode()):
        found.setdefault(link["name"], {})[link["url"]] = int(link["number"].replace(",", ""))
    return found


def rows(client: Client) -> dict[str, str]:
    """The text of each line of the first page, beginning with its label."""
    page = client.get(reverse("admin:index")).content.decode()
    return {row["name"]: " ".join(re.sub(r"<[^>]+>", " ", row["cells"]).split()) for row in ROW.finditer(page)}


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


def captured(source: Source) -> Source:
    """A source of which a copy is kept; its file does not matter here."""
    CapturedCopy.objects.bulk_create([CapturedCopy(source=source, file="copies/0", sha256="0" * 64)])
    return source


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
        ("captured", lambda: captured(make_source()), False),
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


def batch(stage: str, user: User, **overrides: Any) -> ImportBatch:
    return ImportBatch.objects.create(
        **{"file": f"{stage}.csv", "digest": stage, "door": "import", "stage": stage, "user": user} | overrides
    )


def test_imports_that_failed_are_listed_until_the_file_goes_in(
    editor: User, editor_client: Client, reviewer: User, reviewer_client: Client
) -> None:
    for stage in ("written", "unchanged", "cancelled", "uploaded", "undone"):
        batch(stage, editor)
    own = [batch("failed", editor).pk, batch("refused", editor).pk]
    theirs = batch("failed", reviewer, file="other.csv", digest="other").pk
    for same in ({"file": "mended.csv"}, {"digest": "same"}):
        batch("refused", editor, **same, started=timezone.now() - datetime.timedelta(hours=1))
        batch("written", editor, **same)

    assert sorted(listed(editor_client, ImportBatch, "failed-imports")) == own
    assert sorted(listed(reviewer_client, ImportBatch, "failed-imports")) == [*own, theirs]
    assert list(on_index(editor_client)["failed-imports"].values()) == [2]


def test_an_upload_waits_for_whoever_made_it(editor: User, editor_client: Client, reviewer_client: Client) -> None:
    uploaded = batch("uploaded", editor)

    assert listed(editor_client, ImportBatch, "unconfirmed-imports") == [uploaded.pk]
    assert listed(reviewer_client, ImportBatch, "unconfirmed-imports") == []
    assert "1 not confirmed" in editor_client.get(reverse("admin:index")).content.decode()


def test_my_drafts_are_those_i_began(
    editor: User, reviewer: User, editor_client: Client, reviewer_client: Client
) -> None:
    with changing(user=editor):
        mine, submitted, published_since = make_source(), make_source(title="Handed in"), make_source(title="Out")
        quote = make_quote()
        submitted.submit()
    publish(published_since)
    with changing(user=reviewer):
        theirs = make_source(title="Somebody else's")
        mine.summary = "A reviewer wrote on it."
        mine.save()

    assert listed(editor_client, Source, "my-drafts") == [mine.pk]
    assert listed(reviewer_client, Source, "my-drafts") == [theirs.pk]
    assert on_index(editor_client)["my-drafts"] == {list_of(Source, "my-drafts"): 1, list_of(Quote, "my-drafts"): 1}
    assert listed(editor_client, Quote, "my-drafts") == [quote.pk]


def test_what_came_back_to_me_is_listed_until_i_submit_it_again(
    editor: User, reviewer: User, editor_client: Client, reviewer_client: Client
) -> None:
    with changing(user=editor):
        source = make_source()
        for _ in range(2):
            desk.submit_with_parts(source)
            desk.return_with_parts(source, reviewer, "Which Wednesday?")
    with changing(user=reviewer):
        make_source(title="Never handed in")

    assert listed(editor_client, Source, "my-returned") == [source.pk]
    assert listed(reviewer_client, Source, "my-returned") == []
    assert on_index(editor_client)["my-returned"] == {list_of(Source, "my-returned"): 1}
    assert {note.record for note in ReviewNote.objects.open_for(editor)} == {source}

    with changing(user=editor):
        desk.submit_with_parts(source)
    assert "my-returned" not in on_index(editor_client)


def test_a_proposed_change_comes_back_until_i_propose_again_or_let_it_be(
    editor: User, reviewer: User, editor_client: Client
) -> None:
    source = make_source()
    publish(source)

    def propose(title: str) -> ProposedChange:
        change = proposals.propose(source, {"title": title}, editor)
        assert change
        return change

    withdrawn, returned = propose("Withdrawn"), propose("Returned")
    proposals.withdraw(withdrawn, editor)
    proposals.return_(returned, reviewer, "It says “embassy”.")
    assert listed(editor_client, ProposedChange, "my-returned") == [returned.pk]

    ProposedChange.objects.filter(pk=returned.pk).update(decided=timezone.now() - datetime.timedelta(days=61))
    assert listed(editor_client, ProposedChange, "my-returned") == []

    ProposedChange.objects.filter(pk=returned.pk).update(decided=timezone.now())
    again = propose("Mended")
    assert listed(editor_client, ProposedChange, "my-returned") == []
    assert listed(editor_client, ProposedChange, "waiting") == [again.pk]


def test_what_waits_for_review_is_counted_by_kind(editor: User, reviewer_client: Client) -> None:
    source, quote = make_source(), make_quote()
    make_source(title="Still a draft")
    for record in (source, quote):
        desk.submit_with_parts(record)
    publish(public := make_source(title="Public"))
    proposals.propose(public, {"title": "Better"}, editor)

    assert on_index(reviewer_client)["waiting"] == {
        list_of(Source, "waiting"): 1,
        list_of(Quote, "waiting"): 1,
        list_of(ProposedChange, "waiting"): 1,
    }
    assert listed(reviewer_client, Source, "waiting") == [source.pk]


def test_a_list_has_its_oldest_case_first_and_says_how_old_it_is(editor_client: Client) -> None:
    younger, oldest = steps(("announced", ago(70))), steps(("reported", ago(1203)), ("announced", ago(80)))
    assert listed(editor_client, Mission, "announced-not-confirmed") == [oldest.pk, younger.pk]
    assert "1,203 days" in rows(editor_client)["announced-not-confirmed"]
    assert listed(editor_client, Mission, "announced-not-confirmed", o="2")

    never_seen = published(another_mission(established="1998"))
    seen = steps(("seen-open", "2001-05-01"))
    assert listed(editor_client, Mission, "not-seen-open") == [never_seen.pk, seen.pk]

    source = make_source()
    Source.objects.filter(pk=source.pk).update(created=timezone.now() - datetime.timedelta(days=1))
    assert "1 day " in rows(editor_client)["sources-without-copy"]


def test_search_other_filters_and_actions_work_on_a_list(editor_client: Client) -> None:
    spain, peru = make_source(title="Spain"), make_source(title="Peru", kind="book")
    make_source(title="Spain, archived", archive_url="https://web.archive.org/x")

    assert listed(editor_client, Source, "sources-without-copy", q="Spain") == [spain.pk]
    assert listed(editor_client, Source, "sources-without-copy", kind__exact="book") == [peru.pk]
    assert listed(editor_client, Source, "sources-without-copy", _facets="True") == [spain.pk, peru.pk]
    address = list_of(Source, "sources-without-copy")
    editor_client.post(address, {"action": "submit", "_selected_action": [peru.pk]})
    peru.refresh_from_db()
    assert peru.state == "in-review"


def test_an_unknown_list_is_refused_as_any_filter_that_cannot_be_read(editor_client: Client) -> None:
    response = editor_client.get(list_of(Source, "nothing-of-the-kind"))
    assert (response.status_code, response["Location"]) == (302, "/admin/sources/source/?e=1")


def test_an_empty_list_says_so_and_stays(editor_client: Client) -> None:
    lists = {worklist.name for model in (Mission, Source, ImportBatch) for worklist in worklists_of(model)}
    shown = rows(editor_client)
    assert lists < set(shown)
    assert {line[-19:] for line in shown.values()} == {"Nothing waits here."}


def test_only_lists_of_what_one_may_view_are_offered(client_of: Callable[[User], Client]) -> None:
    make_source()
    make_quote()
    guest = User.objects.create_user(username="guest", is_staff=True)
    nothing = client_of(guest).get(reverse("admin:index"))
    assert (nothing.status_code, b"worklist=" in nothing.content, b"Import a sheet" in nothing.content) == (
        200,
        False,
        False,
    )

    guest.user_permissions.add(Permission.objects.get(codename="view_quote"))
    assert set(on_index(client_of(guest))) == {"quotes-without-speaker-or-reason"}
    assert client_of(guest).get(list_of(Source, "sources-without-copy")).status_code == 403


@pytest.mark.parametrize("role", ["editor", "reviewer", "administrator"])
def test_every_link_of_the_first_page_opens_for_every_role(role: str, client_of: Callable[[User], Client]) -> None:
    user = User.objects.create_user(username="anybody", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = client_of(user)
    page = client.get("/admin/").content.decode()
    daily = re.search(r"<nav class=\"worklists-daily\".*?</nav>", page, re.DOTALL)
    assert daily
    links = re.findall(r'href="([^"]+)"', daily[0])
    assert {reverse("admin:missions_import"), reverse("admin:missions_report_add")} < {*links}
    assert [page.count(f'href="{link}"') for link in links] == [1] * len(links), "told twice"
    assert [client.get(link).status_code for link in links] == [200] * len(links)


def test_two_clicks_lead_from_the_first_page_to_the_form(editor_client: Client) -> None:
    source = make_source()
    first = editor_client.get(reverse("admin:index")).content.decode()
    [link] = [found["url"] for found in LINK.finditer(first) if found["name"] == "sources-without-copy"]
    second = editor_client.get(link).content.decode()
    [link] = re.findall(rf'<th class="field-number_label"><a href="([^"]+)">{source.label}</a>', second)
    form = editor_client.get(link)

    assert form.status_code == 200
    assert form.context["original"] == source
    assert 'name="archive_url"' in form.content.decode()


def make_many(numbers: range) -> None:
    """Published rows without the rules that derive, for size: each lacks what it can lack."""
    sources = make_rows(Source, numbers, number=int, title=str)
    make_rows(Quote, numbers, number=int, text=str, said_on="2023")
    here: dict[str, Any] = {"sending_id": "KP", "host_id": "ES", "kind": "embassy"}
    missions = make_rows(Mission, numbers, number=int, city=str, name=str, **here)
    told = {"stage": "announced", "date": "2023", "support_level": "single-origin", "support_contested": "date"}
    events = make_rows(ClosureEvent, numbers, number=int, mission=lambda n: missions[n - numbers[0]], **told)
    make_rows(EventCitation, numbers, event=lambda n: events[n - numbers[0]], source=lambda n: sources[n - numbers[0]])
    make_rows(ReportedFigure, numbers, number=int, metric="missions-abroad", low=0, high=0, as_of="2023")
    StatusSpan.objects.bulk_create([StatusSpan(mission=mission, status="open") for mission in missions])


def test_the_first_page_costs_the_same_number_of_queries_at_10_and_at_1000_records(reviewer_client: Client) -> None:
    """One for each line, two more for the figures' own; besides those of accounts and of the latest actions."""

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert len(on_index(reviewer_client)) > 5
        return len(captured)

    make_many(range(1, 11))
    at_ten = cost()
    make_many(range(11, 1001))
    assert cost() == at_ten <= 33
