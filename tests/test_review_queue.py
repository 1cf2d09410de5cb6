"""What waits for a reviewer, what each row changes for readers, and the answers to it (pages.md, B2)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from missions.models import ClosureEvent, EventCitation, Mission, StatusSpan
from nkwatch.editorial import desk, proposals
from nkwatch.editorial.models import NumberSequence, ProposedChange, ReviewNote, State
from nkwatch.editorial.versions import changing
from sources.models import Actor, Source
from tests.make import cite, make_actor, make_coverage, make_event, make_figure, make_mission, make_quote, make_source
from tests.make import publish as make_public

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

QUEUE = "/admin/review/"


def shown(client: Client, **asked: Any) -> list[dict[str, Any]]:
    """The rows of the queue as the page shows them."""
    answer = client.get(QUEUE, asked)
    assert answer.status_code == 200
    return list(answer.context["rows"])


def row_of(client: Client, record: Any) -> dict[str, Any]:
    name = "change" if isinstance(record, ProposedChange) else record._meta.model_name
    return next(row for row in shown(client) if row["key"] == f"{name}-{record.pk}")


def send(client: Client, row: dict[str, Any], answer: str, **data: Any) -> list[str]:
    """Press a button of the row, and give the messages that people read then."""
    page = client.post(f"{QUEUE}{row['key']}/{answer}/", {"seen": row["seen"], **data}, follow=True)
    assert page.status_code == 200
    return [str(message) for message in page.context["messages"]]


def in_review(user: User, make: Callable[[], Any]) -> Any:
    with changing(user=user):
        record = make()
        desk.submit_with_parts(record)
    return record


def make_closing() -> ClosureEvent:
    """A public event: the embassy in Spain is closing, by one origin."""
    event = make_event(stage="announced", date="2023-10-26")
    cite(event, attributed_to_actor=make_actor())
    make_public(event)
    event.refresh_from_db()
    return event


def make_closed(mission: Mission) -> ClosureEvent:
    """A draft that would close it, cited to a public source."""
    source = make_source(title="It has closed", issued="2023-12-01")
    kbs = make_actor(name="KBS", country="KR")
    make_public(source, kbs)
    event = make_event(mission=mission, stage="closed", date="2023-11-30")
    cite(event, source, attributed_to_actor=kbs)
    return event


@pytest.fixture
def second_reviewer(db: None, reviewer: User) -> User:
    user = User.objects.create_user("second", is_staff=True)
    user.groups.set(reviewer.groups.all())
    return user


# What waits.


def test_everything_that_waits_is_there_oldest_first(editor: User, reviewer_client: Client) -> None:
    source = in_review(editor, make_source)
    published = make_source(title="Public")
    make_public(published)
    change = proposals.propose(published, {"title": "Better"}, editor)
    closing = make_closing()
    with changing(user=editor):
        part = cite(closing, make_source(title="Another"))
        part.submit()
    quote = in_review(editor, make_quote)
    make_mission(host="FR", city="Paris")

    assert [row["key"] for row in shown(reviewer_client)] == [
        f"source-{source.pk}",
        f"change-{change.pk if change else 0}",
        f"closureevent-{closing.pk}",
        f"quote-{quote.pk}",
    ]


def test_a_record_and_its_parts_are_one_row(editor: User, reviewer_client: Client) -> None:
    coverage = make_coverage()
    mission = coverage.mission
    with changing(user=editor):
        cite(coverage)
        desk.submit_with_parts(mission)

    [row] = shown(reviewer_client)

    assert row["key"] == f"mission-{mission.pk}"
    assert row["sentence"] == (
        "New: mission “Embassy of North Korea in Italy, Rome”. With it: coverage “Embassy of North Korea in Italy, "
        "Rome also serves Spain”; coverage citation “North Korea to close its embassy in Spain”."
    )
    assert row["authors"] == ["editor"]


def test_what_came_back_and_was_handed_in_again_keeps_its_place(
    editor: User, reviewer: User, reviewer_client: Client
) -> None:
    first, second = in_review(editor, make_source), in_review(editor, make_quote)
    desk.return_with_parts(first, reviewer, "Which paper?")
    with changing(user=editor):
        desk.submit_with_parts(first)

    assert [row["key"] for row in shown(reviewer_client)] == [f"source-{first.pk}", f"quote-{second.pk}"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"source", "closureevent", "change", "figure", "disputed"}),
        ({"whose": "mine"}, {"source"}),
        ({"whose": "others"}, {"closureevent", "change", "figure", "disputed"}),
        ({"kind": "source"}, {"source", "change"}),
        ({"kind": "change"}, {"change"}),
        ({"flag": "status"}, {"closureevent", "disputed"}),
        ({"flag": "contested"}, {"disputed"}),
        ({"flag": "import"}, {"figure"}),
        ({"flag": "status", "kind": "source"}, set()),
        ({"kind": "nonsense", "flag": "nonsense", "whose": "nonsense", "page": "nonsense"}, None),
    ],
)
def test_rows_are_narrowed_by_whose_type_and_flag(
    asked: dict[str, str], found: set[str] | None, editor: User, reviewer: User, reviewer_client: Client
) -> None:
    closing = make_closing()
    disputed = make_event(stage="closed", mission=closing.mission, date="2023-12")
    with changing(user=editor):
        cite(disputed, make_source(title="No"), stance="disputes")
    public = make_source(title="Public")
    make_public(public)
    change = proposals.propose(public, {"title": "Better"}, editor)
    assert change
    with changing(batch=7):
        figure = in_review(editor, make_figure)
    names = {
        f"source-{in_review(reviewer, lambda: make_source(title='Mine')).pk}": "source",
        f"closureevent-{in_review(editor, lambda: make_closed(closing.mission)).pk}": "closureevent",
        f"closureevent-{in_review(editor, lambda: disputed).pk}": "disputed",
        f"change-{change.pk}": "change",
        f"reportedfigure-{figure.pk}": "figure",
    }

    assert {names[row["key"]] for row in shown(reviewer_client, **asked)} == (
        set(names.values()) if found is None else found
    )


def test_fifty_rows_are_a_page(editor: User, reviewer_client: Client) -> None:
    made = [in_review(editor, lambda n=n: make_source(title=f"Report {n}")) for n in range(52)]

    assert [row["key"] for row in shown(reviewer_client)] == [f"source-{source.pk}" for source in made[:50]]
    assert [row["key"] for row in shown(reviewer_client, page=2)] == [f"source-{source.pk}" for source in made[50:]]


# What each row changes for readers.


def test_a_new_step_tells_the_status_and_the_support_that_it_brings(editor: User, reviewer_client: Client) -> None:
    closing = make_closing()
    event = in_review(editor, lambda: make_closed(closing.mission))

    row = row_of(reviewer_client, event)

    assert row["sentence"].startswith("The embassy of North Korea in Spain, Madrid closed on 30 November 2023. With it")
    assert row["effect"] == ["Spain: closing → closed; origins 0 → 1; unsourced → single origin"]
    assert row["not_in_batch"] == "It changes a status: approve it alone."


def test_a_report_tells_its_effect_before_its_new_source_is_public(editor: User, reviewer_client: Client) -> None:
    closing = make_closing()

    def make() -> ClosureEvent:
        event = make_event(mission=closing.mission, stage="closed", date="2023-11-30")
        gone = make_actor(name="KBS", country="KR")
        for source in (make_source(title="Gates locked"), make_source(title="Flag gone", outlet=gone)):
            desk.submit_with_parts(source)
            cite(event, source, attributed_to_actor=gone)
        return event

    event = in_review(editor, make)

    row = row_of(reviewer_client, event)

    assert row["effect"] == [
        "Spain: closing → closed; origins 0 → 1; unsourced → single origin (once what it names is public)"
    ]
    assert "which is not published yet: publish that first" in row["problem"]
    assert {source.state for source in Source.objects.exclude(pk=closing.citations.get().source_id)} == {"in-review"}


def test_authors_see_what_their_own_change_does_as_others_do(reviewer: User, reviewer_client: Client) -> None:
    event = in_review(reviewer, lambda: make_closed(make_closing().mission))

    row = row_of(reviewer_client, event)

    assert row["effect"] == ["Spain: closing → closed; origins 0 → 1; unsourced → single origin"]
    assert "another reviewer must publish it" in row["problem"]


def test_quoted_words_bring_their_own_full_stop(editor: User, reviewer_client: Client) -> None:
    quote = in_review(editor, lambda: make_quote(text="The flag is gone."))

    assert row_of(reviewer_client, quote)["sentence"] == "New: quote “The flag is gone.”"


def test_a_second_origin_tells_that_it_is_one(editor: User, reviewer_client: Client) -> None:
    closing = make_closing()
    yonhap, source = make_actor(name="Yonhap", country="KR"), make_source(title="Another")
    make_public(yonhap, source)
    with changing(user=editor):
        part = cite(closing, source, attributed_to_actor=yonhap)
        part.submit()

    row = row_of(reviewer_client, closing)

    assert row["effect"] == ["Spain: origins 1 → 2; single origin → corroborated"]
    assert row["not_in_batch"] == ""


def test_a_proposed_change_tells_its_fields_and_what_follows(editor: User, reviewer_client: Client) -> None:
    closing = make_closing()
    change = proposals.propose(closing, {"stage": "closed", "summary": "It has closed."}, editor, "the note says so")

    row = row_of(reviewer_client, change)

    assert [(line.field, line.old, line.new) for line in row["lines"]] == [
        ("stage", "closing announced", "closed"),
        ("summary", "(empty)", "It has closed."),
    ]
    assert row["effect"] == ["Spain: closing → closed"]
    assert (row["reason"], row["not_in_batch"]) == ("the note says so", "It changes a status: approve it alone.")


def test_a_change_far_from_events_tells_what_follows_for_them(editor: User, reviewer_client: Client) -> None:
    closing = make_closing()
    actor = closing.citations.get().attributed_to_actor
    change = proposals.propose(actor, {"capacity": "government", "country": "KP"}, editor)

    assert row_of(reviewer_client, change)["effect"] == ["Spain: single origin → confirmed"]


def test_a_status_that_changes_on_other_days_only_is_told_too(editor: User, reviewer_client: Client) -> None:
    closing = make_closing()
    event = in_review(editor, lambda: make_closed(closing.mission))
    event.stage, event.date = "opened", "2019-05-03"
    with changing(user=editor):
        event.save()

    assert row_of(reviewer_client, event)["effect"] == [
        "Spain: from 26 October 2013 on: open, presumed open → unknown (as today: closing); "
        "origins 0 → 1; unsourced → single origin"
    ]


def test_a_row_that_an_event_count_makes_too_dear_says_so(editor: User, reviewer_client: Client, settings: Any) -> None:
    settings.IMPORT_EFFECT_ROWS = 0
    actor = make_closing().citations.get().attributed_to_actor
    change = proposals.propose(actor, {"capacity": "government"}, editor)

    row = row_of(reviewer_client, change)

    assert row["effect"] == ["not shown: it bears on one event"]
    assert row["not_in_batch"]


def test_looking_leaves_no_trace(editor: User, reviewer_client: Client) -> None:
    closing = make_closing()
    in_review(editor, lambda: make_closed(closing.mission))
    proposals.propose(closing, {"stage": "closed"}, editor)

    def everything() -> list[Any]:
        kinds = (ClosureEvent, EventCitation, Mission, StatusSpan, Source, Actor, ProposedChange, NumberSequence)
        versions = [list(kind.history.values_list()) for kind in kinds if hasattr(kind, "history")]
        return [*(list(kind.objects.order_by("pk").values_list()) for kind in kinds), *versions]

    before = everything()
    rows = shown(reviewer_client)
    for row in rows:
        assert reviewer_client.get(f"{QUEUE}{row['key']}/preview/").status_code == 200

    assert len(rows) == 2
    assert everything() == before


def test_a_page_asks_a_bounded_number_of_questions(editor: User, reviewer_client: Client) -> None:
    closing = make_closing()

    def make_rows(count: int) -> None:
        for n in range(count):
            source = make_source(title=f"Report {n} of {count}")
            in_review(editor, lambda n=n: make_quote(text=f"Statement {n} of {count}"))
            make_public(source)
            event = make_event(mission=closing.mission, stage="reported", date=f"2023-10-{n + 1:02}")
            cite(event, source, attributed_to_actor=closing.citations.get().attributed_to_actor)
            in_review(editor, lambda event=event: event)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            shown(reviewer_client)
        return len(queries)

    make_rows(2)
    few = asked()
    make_rows(4)
    many = asked()

    assert few <= 95  # the frame, what waits, and for each kind on the page its records, versions and authors
    assert (many - few) / 4 <= 33  # an event with its citation is published, derived, read and taken back


# The answers: approve, return with a note, withdraw.


def test_one_click_approves_a_record_with_its_parts(editor: User, reviewer_client: Client) -> None:
    event = in_review(editor, lambda: make_closed(make_closing().mission))

    assert send(reviewer_client, row_of(reviewer_client, event), "approve") == [
        f"E-0002 “{ClosureEvent.objects.get(pk=event.pk)}” was approved."
    ]

    assert Mission.objects.with_status("closed", event.date_latest).count() == 1
    assert shown(reviewer_client) == []


def test_what_was_not_handed_in_stays_behind(editor: User, reviewer_client: Client) -> None:
    quote, source = make_quote(), make_source()
    make_public(source)
    in_review(editor, lambda: quote)
    later = cite(quote, source)

    send(reviewer_client, row_of(reviewer_client, quote), "approve")

    later.refresh_from_db()
    assert later.state == State.DRAFT


def test_nobody_approves_what_they_have_not_seen(editor: User, reviewer_client: Client) -> None:
    quote = in_review(editor, make_quote)
    looked_at = row_of(reviewer_client, quote)
    quote.text = "Something else."
    quote.save()

    [message] = send(reviewer_client, looked_at, "approve")

    assert "it has changed since you looked" in message
    quote.refresh_from_db()
    assert quote.state == State.IN_REVIEW


def test_what_was_decided_meanwhile_is_told(editor: User, reviewer_client: Client) -> None:
    quote = in_review(editor, make_quote)
    row = row_of(reviewer_client, quote)
    make_public(quote)

    for answer in ("approve", "return", "withdraw"):
        assert send(reviewer_client, row, answer, note="Why?") == [
            "This no longer waits: somebody decided on it, or its author withdrew it."
        ]


def test_a_proposed_change_is_approved_in_one_click(editor: User, reviewer_client: Client) -> None:
    closing = make_closing()
    change = proposals.propose(closing, {"stage": "closed"}, editor)

    send(reviewer_client, row_of(reviewer_client, change), "approve")

    closing.refresh_from_db()
    assert closing.stage == "closed"


@pytest.mark.parametrize("proposed", [False, True])
def test_nobody_approves_their_own_status_change(
    proposed: bool, reviewer: User, reviewer_client: Client, second_reviewer: User, client_of: Any
) -> None:
    closing = make_closing()
    own: Any = (
        proposals.propose(closing, {"stage": "closed"}, reviewer)
        if proposed
        else in_review(reviewer, lambda: make_closed(closing.mission))
    )

    row = row_of(reviewer_client, own)
    assert "another reviewer must" in row["problem"]
    assert f"/admin/review/{row['key']}/approve/" not in reviewer_client.get(QUEUE).content.decode()
    [message] = send(reviewer_client, row, "approve")
    assert "another reviewer must" in message
    reviewer_client.post(f"{QUEUE}approve/", {"selected": row["key"], f"seen-{row['key']}": row["seen"]})
    assert not StatusSpan.objects.filter(status="closed").exists()

    second = client_of(second_reviewer)
    send(second, row_of(second, own), "approve")
    assert StatusSpan.objects.filter(status="closed").exists()


def test_with_four_eyes_off_they_do(reviewer: User, reviewer_client: Client, settings: Any) -> None:
    settings.FOUR_EYES = False
    event = in_review(reviewer, lambda: make_closed(make_closing().mission))

    send(reviewer_client, row_of(reviewer_client, event), "approve")

    assert StatusSpan.objects.filter(status="closed").exists()


def test_a_return_needs_a_note_and_loses_nothing_typed(editor: User, reviewer_client: Client) -> None:
    source = in_review(editor, lambda: make_source(title="Unclear"))
    row = row_of(reviewer_client, source)

    page = reviewer_client.post(f"{QUEUE}{row['key']}/return/", {"note": "  ", "back": "kind=source"})
    [again] = page.context["rows"]
    assert again["refused"] == "Returning a record needs a note that tells its author why."

    send(reviewer_client, row, "return", note="Which edition?")
    source.refresh_from_db()
    note = ReviewNote.objects.get()
    assert source.state == State.DRAFT
    assert (note.record, note.note, note.by.username) == (source, "Which edition?", "reviewer")


def test_its_author_sees_the_note_until_it_is_answered(
    editor: User, editor_client: Client, reviewer: User, reviewer_client: Client
) -> None:
    event = in_review(editor, lambda: make_closed(make_closing().mission))
    send(reviewer_client, row_of(reviewer_client, event), "return", note="Who says so?")
    page = f"/admin/missions/closureevent/{event.pk}/change/"

    [note] = ReviewNote.objects.open_for(editor)
    assert note.record == event
    assert not ReviewNote.objects.open_for(reviewer).exists()
    assert "Who says so?" in editor_client.get(page).content.decode()

    event.refresh_from_db()
    with changing(user=editor):
        desk.submit_with_parts(event)
    assert not ReviewNote.objects.open_for(editor).exists()
    note.refresh_from_db()
    assert note.answered


def test_a_part_of_a_public_record_is_returned_alone(editor: User, reviewer_client: Client) -> None:
    closing = make_closing()
    with changing(user=editor):
        part = cite(closing, make_source(title="Another"))
        part.submit()

    send(reviewer_client, row_of(reviewer_client, closing), "return", note="It says nothing of Spain.")

    part.refresh_from_db()
    closing.refresh_from_db()
    assert (part.state, closing.state) == (State.DRAFT, State.PUBLISHED)
    assert [note.record for note in ReviewNote.objects.open_for(editor)] == [part]


def test_an_editor_withdraws_what_is_theirs_alone(editor: User, reviewer: User, editor_client: Client) -> None:
    public = make_source(title="Public")
    make_public(public)
    own = [in_review(editor, make_quote), proposals.propose(public, {"title": "Better"}, editor)]
    others = [in_review(reviewer, make_figure), proposals.propose(public, {"title": "Worse"}, reviewer)]

    for record in own:
        assert "was withdrawn" in send(editor_client, row_of(editor_client, record), "withdraw")[0]
    for record in others:
        assert "was not withdrawn" in send(editor_client, row_of(editor_client, record), "withdraw")[0]

    assert {row["key"] for row in shown(editor_client)} == {
        f"reportedfigure-{others[0].pk}",  # type: ignore[union-attr]
        f"change-{others[1].pk}",  # type: ignore[union-attr]
    }


def test_an_editor_decides_nothing(editor: User, reviewer: User, editor_client: Client) -> None:
    quote = in_review(reviewer, make_quote)
    row = row_of(editor_client, quote)

    assert (row["problem"], row["may_decide"]) == ("reviewers publish quotes, and you are none", False)
    for address in (f"{row['key']}/approve/", f"{row['key']}/return/", "approve/"):
        data = {"seen": row["seen"], "note": "No.", "selected": row["key"]}
        assert editor_client.post(f"{QUEUE}{address}", data).status_code == 403
    quote.refresh_from_db()
    assert quote.state == State.IN_REVIEW


# Several at once, only where no status changes.


def test_several_rows_are_approved_at_once_except_those_that_change_a_status(
    editor: User, reviewer_client: Client
) -> None:
    closing = make_closing()
    quote, figure = in_review(editor, make_quote), in_review(editor, make_figure)
    event = in_review(editor, lambda: make_closed(closing.mission))
    rows = shown(reviewer_client)
    data = {f"seen-{row['key']}": row["seen"] for row in rows} | {"selected": [row["key"] for row in rows]}
    page = reviewer_client.get(QUEUE).content.decode()
    assert f'value="quote-{quote.pk}"' in page
    assert f'value="closureevent-{event.pk}"' not in page

    messages = [str(m) for m in reviewer_client.post(f"{QUEUE}approve/", data, follow=True).context["messages"]]

    for record in (quote, figure, event):
        record.refresh_from_db()
    assert [record.state for record in (quote, figure, event)] == [State.PUBLISHED, State.PUBLISHED, State.IN_REVIEW]
    assert any("changes a mission’s status is decided on alone (Spain: closing → closed" in m for m in messages)
    assert "2 rows approved." in messages


def test_after_an_answer_the_next_row_is_at_hand(editor: User, reviewer_client: Client) -> None:
    made = [in_review(editor, lambda n=n: make_quote(text=f"Statement {n}.")) for n in range(3)]
    row = row_of(reviewer_client, made[1])

    answer = reviewer_client.post(
        f"{QUEUE}{row['key']}/approve/",
        {"seen": row["seen"], "place": row["place"], "back": "kind=quote&evil=1"},
        follow=True,
    )

    assert answer.redirect_chain == [(f"{QUEUE}?kind=quote&at=1", 302)]
    assert [(row["key"], row["has_focus"]) for row in answer.context["rows"]] == [
        (f"quote-{made[0].pk}", False),
        (f"quote-{made[2].pk}", True),
    ]


# Preview as a reader sees it.


def test_a_preview_is_the_public_page_as_it_would_be(editor: User, reviewer_client: Client, client: Client) -> None:
    event = in_review(editor, lambda: make_closed(make_closing().mission))

    page = reviewer_client.get(f"{QUEUE}closureevent-{event.pk}/preview/")

    text = page.content.decode()
    assert "The embassy of North Korea in Spain, Madrid closed on 30 November 2023" in text
    assert "Readers do not see this" in text
    assert "no-store" in page["Cache-Control"]
    assert page["X-Robots-Tag"] == "noindex"
    assert client.get("/events/E-0002/").status_code == 404
    assert "Readers do not see this" not in client.get("/events/E-0001/", follow=True).content.decode()


def test_a_preview_says_what_would_have_to_be_published_with_it(editor: User, reviewer_client: Client) -> None:
    def make() -> ClosureEvent:
        event = make_event(stage="closed", date="2023-11")
        cite(event, attributed_to_actor=make_actor())
        return event

    event = in_review(editor, make)

    text = reviewer_client.get(f"{QUEUE}closureevent-{event.pk}/preview/").content.decode()

    assert "closed in November 2023" in text
    assert "which it names" in text


def test_a_change_is_previewed_on_the_page_of_its_record(editor: User, reviewer_client: Client) -> None:
    citation = make_closing().citations.get()
    change = proposals.propose(citation, {"locator": "page 77"}, editor)

    assert "page 77" in reviewer_client.get(f"{QUEUE}change-{change.pk}/preview/").content.decode()  # type: ignore[union-attr]


def test_strangers_see_neither_queue_nor_preview(editor: User, client: Client, client_of: Any) -> None:
    quote = in_review(editor, lambda: make_quote(text="Unpublished words."))
    nobody = client_of(User.objects.create_user("nobody", is_staff=True))

    for stranger, expected in ((client, 302), (nobody, 403)):
        for address in ("", f"quote-{quote.pk}/preview/"):
            answer = stranger.get(f"{QUEUE}{address}")
            assert answer.status_code == expected
            assert "Unpublished words" not in answer.content.decode()
