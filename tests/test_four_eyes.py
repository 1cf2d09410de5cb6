"""Nobody publishes alone (domain.md, rule 8): one reviewer's own change of a status, through every door there is.

Each door is tried by a reviewer with what only they wrote. With FOUR_EYES on, readers see no difference;
off, the same door lets it through, which shows that it leads to readers at all.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from missions.models import ClosureEvent, EventCitation, Mission, StatusSpan
from missions.report_desk.submission import submit_report
from nkwatch.editorial import desk, proposals
from nkwatch.editorial.importing import undo
from nkwatch.editorial.models import ImportBatch, Merge, ProposedChange, State
from nkwatch.editorial.versions import changing
from tests.make import cite, make_event, make_reason, make_source, publish
from tests.reports import report
from tests.test_admin_publishing import act, make_published_event, save
from tests.test_bulk_edit import BulkEdit
from tests.test_import_page import confirm, previewed
from tests.test_merge_pages import pair_page
from tests.test_reverting import go_back, now

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

SHEET = "host_country,event,date,source_url,source_title\nSpain,closed,2023-12-05,https://example.org/spain,It closed\n"


@dataclass
class Desk:
    """A reviewer, and what readers see: the embassy in Spain is closing."""

    reviewer: User
    client: Client
    event: ClosureEvent
    folder: Path

    def own_event(self, submitted: bool = False, **overrides: Any) -> ClosureEvent:
        """A closing that the reviewer wrote, on a source that readers see."""
        source = make_source(title="It closed")
        publish(source)
        with changing(user=self.reviewer):
            event = make_event(**{"mission": self.event.mission, "stage": "closed", "date": "2023-12-05"} | overrides)
            cite(event, source, basis="own-reporting")
            if submitted:
                desk.submit_with_parts(event)
        return event

    def own_change(self, **values: Any) -> ProposedChange:
        change = proposals.propose(self.event, values, self.reviewer)
        assert change
        return change

    def answer(self, key: str, with_others: bool = False) -> None:
        """Approve a row of the queue, as it is shown there."""
        rows = {row["key"]: row for row in self.client.get("/admin/review/").context["rows"]}
        seen = rows[key]["seen"]
        page, data = f"{key}/approve/", {"seen": seen}
        if with_others:
            page, data = "approve/", {"selected": key, f"seen-{key}": seen}
        assert self.client.post(f"/admin/review/{page}", data).status_code == 302


# What the reviewer wrote, on its way to readers.


def list_action_publish(it: Desk) -> Iterator[None]:
    event = it.own_event()
    yield
    act(it.client, "publish", event)


def list_action_publish_on_a_part(it: Desk) -> Iterator[None]:
    with changing(user=it.reviewer):
        citation = cite(it.event, make_source(title="Another"))
    publish(citation.source)
    yield
    act(it.client, "publish", citation)


def list_action_publish_with_a_colleagues_record(it: Desk) -> Iterator[None]:
    with changing(user=it.reviewer):
        citation = cite(it.event, make_source(title="Another"))
    publish(citation.source)
    yield
    act(it.client, "publish", it.event)


def review_queue(it: Desk) -> Iterator[None]:
    event = it.own_event(submitted=True)
    yield
    it.answer(f"closureevent-{event.pk}")


def review_queue_with_others(it: Desk) -> Iterator[None]:
    event = it.own_event(submitted=True, date="")
    yield
    it.answer(f"closureevent-{event.pk}", with_others=True)


def import_page_that_publishes(it: Desk) -> Iterator[None]:
    batch = previewed(it.client, SHEET)
    yield
    confirm(it.client, batch, publish="on")


def import_command_that_publishes(it: Desk) -> Iterator[None]:
    path = it.folder / "events.csv"
    path.write_text(SHEET)
    yield
    call_command("import_events", str(path), "--publish", "--user", it.reviewer.username, "--json")


def report_submitted(it: Desk) -> Iterator[None]:
    publish(make_reason(slug="financial-hardship", label="Financial hardship"))
    yield
    submit_report(report(), user=it.reviewer, submit=True)


# What readers see, changed by the reviewer.


def form(it: Desk) -> Iterator[None]:
    yield
    save(it.client, it.event, stage="closed")


def rows_below_a_form(it: Desk) -> Iterator[None]:
    yield
    save(it.client, it.event, **{"citations-0-locator": "page 77"})


def bulk_edit(it: Desk) -> Iterator[None]:
    edit = BulkEdit(it.client, it.event).preview(stage="closed")
    yield
    edit.apply()


def revert(it: Desk) -> Iterator[None]:
    before = now(it.event)
    it.event.stage = "closed"
    it.event.save()
    yield
    go_back(it.client, it.event, before)


def import_that_changes(it: Desk) -> Iterator[None]:
    source = it.event.citations.get().source
    source.source_url = "https://example.org/note"
    source.save()
    header = "host_country,event,date,source_url,source_title,summary\n"
    batch = previewed(it.client, f"{header}Spain,notified,2023-10-26,{source.source_url},,A summary at last.\n")
    yield
    confirm(it.client, batch, publish="on")


def list_action_retract(it: Desk) -> Iterator[None]:
    yield
    act(it.client, "retract", it.event, words="It was about another mission.")


def list_action_publish_again(it: Desk) -> Iterator[None]:
    with changing(user=it.reviewer):
        it.event.retract("By mistake.")
    yield
    act(it.client, "publish", it.event)


def undo_of_an_import(it: Desk) -> Iterator[None]:
    batch = ImportBatch.objects.create(file="events.csv", digest="0" * 64, door="import")
    with changing(user=it.reviewer, batch=batch.pk):
        event = make_event(mission=it.event.mission, stage="closed", date="2023-12-05")
        cite(event, it.event.citations.get().source)
    publish(event)
    yield
    undo.undo(batch, it.reviewer)


def merge(it: Desk) -> Iterator[None]:
    twin = make_published_event(mission=it.event.mission, stage="announced", date="2023-10-30")
    yield
    it.client.post(pair_page("closureevent", it.event, twin), {"keep": it.event.pk, "reason": "One step."})


# What the reviewer proposed, approved by nobody else.


def own_change_in_the_queue(it: Desk) -> Iterator[None]:
    change = it.own_change(stage="closed")
    yield
    it.answer(f"change-{change.pk}")


def own_change_in_the_queue_with_others(it: Desk) -> Iterator[None]:
    change = it.own_change(summary="Told in a note.")
    yield
    it.answer(f"change-{change.pk}", with_others=True)


def own_change_in_the_list(it: Desk) -> Iterator[None]:
    change = it.own_change(stage="closed")
    yield
    act(it.client, "approve", change)


def own_retraction_in_the_queue(it: Desk) -> Iterator[None]:
    change = proposals.propose_retraction(it.event, it.reviewer, "It was about another mission.")
    assert change
    yield
    it.answer(f"change-{change.pk}")


def own_merge_confirmed(it: Desk) -> Iterator[None]:
    yield from merge(it)
    for waiting in Merge.objects.filter(state=Merge.State.WAITING):
        it.client.post(f"/admin/merge/merged/{waiting.pk}/", {"confirm": "1", "note": ""})


Door = Callable[[Desk], Iterator[None]]
DOORS: list[Door] = [
    list_action_publish,
    list_action_publish_on_a_part,
    list_action_publish_with_a_colleagues_record,
    review_queue,
    review_queue_with_others,
    import_page_that_publishes,
    import_command_that_publishes,
    form,
    rows_below_a_form,
    bulk_edit,
    revert,
    list_action_retract,
    list_action_publish_again,
    undo_of_an_import,
    merge,
    own_change_in_the_queue,
    own_change_in_the_queue_with_others,
    own_change_in_the_list,
    own_retraction_in_the_queue,
    own_merge_confirmed,
]
# What these write waits for a reviewer even at a desk of one.
NEVER_AT_ONCE: list[Door] = [report_submitted, import_that_changes]


def readers_see() -> list[Any]:
    """Every mission, step and claim about one that is public, and every status, by what was entered or derived."""
    left_out = {"created", "updated", "history", "id"}
    found: list[Any] = []
    for model in (Mission, ClosureEvent, EventCitation):
        names = [column.attname for column in model._meta.concrete_fields if column.name not in left_out]
        found.append(list(model.objects.public().order_by("pk").values(*names)))
    found.append(list(StatusSpan.objects.order_by("mission", "starts").values_list("mission", "starts", "status")))
    return found


@pytest.fixture
def it(reviewer: User, reviewer_client: Client, tmp_path: Path) -> Desk:
    return Desk(reviewer, reviewer_client, make_published_event(), tmp_path)


def called(door: Door) -> str:
    return getattr(door, "__name__", "")


@pytest.mark.parametrize("four_eyes", [True, False], ids=["four eyes", "two eyes"])
@pytest.mark.parametrize("door", [*DOORS, *NEVER_AT_ONCE], ids=called)
def test_nobody_alone_changes_what_readers_see_of_a_status(
    door: Door, four_eyes: bool, it: Desk, settings: Any
) -> None:
    settings.FOUR_EYES = four_eyes
    steps = door(it)
    next(steps)
    before = readers_see()

    next(steps, None)

    assert (readers_see() != before) == (not four_eyes and door in DOORS)
    if door in NEVER_AT_ONCE:
        assert ProposedChange.objects.exists() or ClosureEvent.objects.filter(state=State.IN_REVIEW).exists()
