"""Submitting a report: all in one transaction, each thing once, signed, and nothing public changed (rules 6 to 8)."""

import pytest

from missions.models import ClosureEvent, EventCitation, FigureCitation, Mission, ReportedFigure
from missions.report_desk.report import (
    EventCard,
    NewActor,
    QuoteCard,
    RefusedReportError,
    Reliance,
    ReportedSource,
)
from missions.report_desk.submission import REASON, submit_report
from nkwatch.editorial.desk import return_with_parts
from nkwatch.editorial.importing.traces import kinds
from nkwatch.editorial.models import ProposedChange, ReviewNote, State
from sources.models import Actor, CapturedCopy, Quote, Reference, Source
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
from tests.reports import ADDRESS, TEXT, changed, only, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def spain() -> Mission:
    """The embassy in Madrid, published, and the reason that the report's quote gives."""
    publish(make_reason(slug="financial-hardship", label="Financial hardship"))
    mission = make_mission()
    publish(mission)
    return mission


def everything() -> list[list[dict]]:
    models = [*kinds(), *(model.history.model for model in kinds()), ProposedChange, CapturedCopy]
    return [list(model._base_manager.order_by("pk").values()) for model in models]


def problems_of(told, user) -> dict[tuple[str, str], str]:
    before = everything()
    with pytest.raises(RefusedReportError) as refused:
        submit_report(told, user=user)
    assert everything() == before
    return {(problem.card, problem.field): problem.message for problem in refused.value.problems}


def test_a_report_is_written_whole(spain, editor):
    done = submit_report(report(), user=editor)

    source = Source.objects.exclude(read=Source.Read.ONLY_CITED).get()
    assert (source.title, source.outlet.name, source.canonical_url) == ("Envoys leave Madrid", "Iberian Post", ADDRESS)
    assert [authorship.author.name for authorship in source.authorships.all()] == ["Ana Ruiz"]
    closed, notified = ClosureEvent.objects.order_by("pk")
    assert (closed.mission, closed.stage, closed.date) == (spain, "closed", "2023-11-08")
    assert closed.date_note == "Wednesday, read against 2023-11-08"
    citation = closed.citations.get()
    assert (citation.source, citation.basis, citation.date_worded) == (source, "own-reporting", "on Wednesday")
    assert (citation.wording[:9], citation.locator) == ("came down", "¶4")
    assert (notified.mission.host_id, notified.mission.city) == ("PE", "Lima")
    assert notified.citations.get().attributed_to_source.described_as == "note to a small friendly party"
    quote = Quote.objects.get()
    assert [quote.speaker.name, *(reason.slug for reason in quote.reasons.all())] == ["Pak Chol", "financial-hardship"]
    assert set(quote.events.all()) == {closed, notified}
    assert quote.citations.get().attributed_to_actor == quote.speaker
    assert ReportedFigure.objects.get().citations.get().attributed_to_actor.name == "Lima Institute"
    assert (done.source, done.wrote, done.in_review) == (source, True, False)


def test_what_the_report_relies_on_is_only_cited_and_named(spain, editor):
    submit_report(report(), user=editor)

    reference = Reference.objects.get()
    assert (reference.label, reference.cited_source.read) == ("n1", Source.Read.ONLY_CITED)
    assert reference.cited_source.issued == "2023-10"


def test_what_was_pasted_is_kept_for_the_desk_and_stands_in_no_other_record(spain, editor):
    done = submit_report(report(), user=editor)

    kept = CapturedCopy.objects.get()
    assert (kept.source, kept.text, kept.added_by, kept.media_type) == (done.source, TEXT, editor, "text/html")
    values = [str(value) for model in kinds() for row in model._base_manager.values() for value in row.values()]
    assert not any("worked there as a driver" in value for value in values)


def test_all_is_draft_until_it_is_handed_in(spain, editor):
    states = {record.state for record in submit_report(report(), user=editor).made}

    assert states == {State.DRAFT}
    assert not Source.objects.public().exists()


def test_handed_in_all_is_in_review_and_nothing_is_public(spain, editor):
    done = submit_report(report(), user=editor, submit=True)

    assert {type(record)._base_manager.get(pk=record.pk).state for record in done.made} == {State.IN_REVIEW}
    assert not Source.objects.public().exists()
    assert not ClosureEvent.objects.public().exists()


def test_a_draft_that_is_sent_again_to_be_handed_in_is_handed_in(spain, editor):
    first = submit_report(report(), user=editor)

    submit_report(report(), user=editor, submit=True)

    assert {type(record)._base_manager.get(pk=record.pk).state for record in first.made} == {State.IN_REVIEW}


def test_what_a_later_card_adds_to_a_new_record_is_handed_in_with_it(spain, editor):
    first = changed(report().events[0], summary="")
    second = changed(first, key="event-2", excerpt="the gates were locked for good", summary="Locked for good.")

    submit_report(report(events=(first, second), quotes=(), missions=()), user=editor, submit=True)

    event = ClosureEvent.objects.get()
    assert (event.summary, event.state) == ("Locked for good.", State.IN_REVIEW)
    versions = event.history.order_by("history_id").values_list("summary", "state")
    assert list(versions) == [("", "draft"), ("Locked for good.", "draft"), ("Locked for good.", "in-review")]


def test_handing_in_again_answers_the_note_with_which_it_came_back(spain, editor, reviewer):
    done = submit_report(report(), user=editor, submit=True)
    event = ClosureEvent.objects.get(mission=spain)
    return_with_parts(event, reviewer, "Which Wednesday?")
    assert ReviewNote.objects.open_for(editor).exists()

    submit_report(report(), user=editor, submit=True)

    assert not ReviewNote.objects.open_for(editor).exists()
    assert ClosureEvent.objects.get(pk=event.pk).state == State.IN_REVIEW
    assert done.cards["event-1"].record == event


def test_a_quote_with_its_reasons_is_one_version(spain, editor):
    submit_report(report(), user=editor)

    version = Quote.objects.get().history.get()
    assert [row.reason.slug for row in version.reasons.all()] == ["financial-hardship"]


@pytest.mark.parametrize("submit", [False, True])
def test_the_same_report_twice_is_written_once(spain, editor, submit):
    submit_report(report(), user=editor, submit=submit)
    before = everything()

    again = submit_report(report(), user=editor, submit=submit)

    assert everything() == before
    assert not again.wrote
    assert {written.outcome for written in again.cards.values()} == {"matched"}


def test_the_same_report_twice_is_written_once_beside_published_records(spain, editor):
    event = make_event(mission=spain, stage="closed", date="2023-11-08")
    cite(event, make_source(title="Another"), attributed_to_actor=make_actor())
    publish(event)
    submit_report(report(), user=editor, submit=True)
    before = everything()

    assert not submit_report(report(), user=editor, submit=True).wrote
    assert everything() == before


def test_another_editor_who_sends_it_finds_it_there(spain, editor, reviewer):
    submit_report(report(), user=editor)
    before = everything()

    again = submit_report(report(), user=reviewer, submit=True)

    assert everything() == before
    assert not again.wrote


def test_every_version_says_who_where_and_why(spain, editor):
    done = submit_report(report(), user=editor)

    versions = [version for record in done.made for version in record.history.all()]
    assert {(v.history_user, v.door, v.history_change_reason) for v in versions} == {(editor, "admin", REASON)}
    assert len({record.pk for record in done.made if not record.history.exists()}) == 0


def test_another_door_signs_as_itself(spain, editor):
    done = submit_report(report(), user=editor, door="api")

    assert done.source.history.get().door == "api"


def test_what_stands_gets_a_citation_and_no_twin(spain, editor):
    event = make_event(mission=spain, stage="closed", date="2023-11")
    cite(event, make_source(title="Another"))
    publish(event)

    done = submit_report(only(report().events[0]), user=editor)

    assert done.cards["event-1"].outcome == "cited"
    assert ClosureEvent.objects.get() == event
    assert event.citations.count() == 2
    assert event.citations.get(source=done.source).state == State.DRAFT


def test_where_several_events_fit_the_number_tells_which_is_meant(spain, editor):
    first, second = (make_event(mission=spain, stage="closed", date=date) for date in ("2023-11-07", "2023-11-09"))
    for event in (first, second):
        cite(event, make_source(title=f"Told of {event.date}"))
    card = changed(report().events[0], date="2023-11")
    assert "Give the number of the one meant" in problems_of(only(card), editor)["event-1", ""]

    done = submit_report(only(changed(card, known=second.label)), user=editor)

    assert done.cards["event-1"].record == second
    assert ClosureEvent.objects.count() == 2


def test_the_event_that_is_numbered_is_of_that_mission_and_stage(spain, editor):
    other = make_event(mission=spain, stage="announced")
    card = changed(report().events[0], known=other.label)

    assert "another mission or stage" in problems_of(only(card), editor)["event-1", "known"]


def test_a_quote_and_a_figure_are_joined_by_their_number(spain, editor):
    quote, figure = make_quote(text="Nothing was left, not even for heating"), make_figure()

    done = submit_report(only(changed(report().quotes[0], known=quote.label, explains=())), user=editor)
    assert (done.cards["quote-1"].record, done.cards["quote-1"].outcome) == (quote, "cited")
    done = submit_report(only(changed(report().figures[0], known=figure.label)), user=editor)
    assert (done.cards["figure-1"].record, done.cards["figure-1"].outcome) == (figure, "cited")


def test_a_published_event_is_changed_by_one_proposal_for_each_report(spain, editor):
    event = make_event(mission=spain, stage="closed", date="2023-11-08")
    cite(event)
    publish(event)
    versions = event.history.count()
    quotes = tuple(
        changed(report().quotes[0], key=f"quote-{n}", text=f"{words} was what we heard", explains=("event-1",))
        for n, words in enumerate(["No money and no heating", "Orders from the ministry at home"], 1)
    )

    done = submit_report(only(report().events[0], quotes=quotes), user=editor)

    event.refresh_from_db()
    assert (event.summary, event.quotes.count(), event.history.count()) == ("", 0, versions)
    changes = {name: values for change in ProposedChange.objects.all() for name, values in change.difference.items()}
    assert changes["summary"]["new"] == "The paper saw the embassy close."
    assert changes["quotes"]["new"] == sorted(Quote.objects.values_list("pk", flat=True))
    assert done.proposed == ProposedChange.objects.filter(author=editor).count()


def test_a_draft_is_given_what_it_lacks_and_keeps_what_it_has(spain, editor):
    event = make_event(mission=spain, stage="closed", date="2023-11-08", date_note="read by somebody else")

    submit_report(only(report().events[0]), user=editor)

    event.refresh_from_db()
    assert (event.date_note, event.summary) == ("read by somebody else", "The paper saw the embassy close.")


def test_a_second_excerpt_of_the_same_claim_is_kept_in_its_note(spain, editor):
    first = report().events[0]
    second = changed(first, key="event-2", excerpt="the gates were locked for good", locator="¶5")

    done = submit_report(report(events=(first, second), quotes=(), missions=()), user=editor)

    citation = EventCitation.objects.get()
    assert citation.wording == first.excerpt
    assert citation.note == "¶5: “the gates were locked for good”"
    assert done.cards["event-2"].outcome == "matched"


def test_the_source_is_known_by_its_address_and_given_what_it_lacks(spain, editor):
    known = make_source(title="Envoys leave Madrid at last", source_url=ADDRESS + "?utm_source=mail", issued="")

    done = submit_report(report(), user=editor)

    known.refresh_from_db()
    assert done.source == known
    assert (known.title, known.issued) == ("Envoys leave Madrid at last", "2023-11-08")


def test_the_source_that_was_chosen_is_added_to(spain, editor):
    known = make_source(title="Quite another title")

    done = submit_report(report(source=ReportedSource(known=known.label)), user=editor)

    assert done.source == known
    assert Source.objects.exclude(read=Source.Read.ONLY_CITED).get() == known


def test_a_republication_names_its_original_even_one_that_is_only_cited(spain, editor):
    source = changed(report().source, republication_of="relies-1", title="Envoys go", source_url="")

    done = submit_report(report(source=source), user=editor)

    assert done.source.republication_of.described_as == "note to a small friendly party"


def test_actors_are_known_by_any_spelling(spain, editor):
    pak = make_actor(kind="person", name="PAK CHOL", capacity="witness", country="KP")

    submit_report(report(), user=editor)

    assert Quote.objects.get().speaker == pak
    assert [name.name for name in pak.names.all()] == ["박철"]


def test_somebody_unnamed_is_known_again_only_in_the_same_report(spain, editor):
    neighbour = NewActor(key="new-3", name="a neighbour", kind="unnamed", capacity="witness")
    told = report(actors=(*report().actors[:2], neighbour, report().actors[3]))
    other = changed(told.source, title="Elsewhere", source_url="https://elsewhere.example/1")

    submit_report(told, user=editor)
    submit_report(told, user=editor)
    assert Actor.objects.filter(kind="unnamed").count() == 1

    submit_report(
        changed(told, source=other, quotes=(changed(told.quotes[0], text="All gone by noon today"),)), user=editor
    )
    assert Actor.objects.filter(kind="unnamed").count() == 2


def test_somebody_unnamed_whom_no_card_names_is_refused(spain, editor):
    nobody = NewActor(key="new-5", name="an onlooker", kind="unnamed")

    found = problems_of(report(actors=(*report().actors, nobody)), editor)

    assert found["actors:new-5", "name"].startswith("No card names “an onlooker”")


def test_a_reliance_on_an_actor_is_an_origin_for_the_cards_that_name_it(spain, editor):
    agency = make_actor()
    told = report(
        relies=(Reliance(key="relies-1", actor=agency.label),),
        events=(changed(report().events[0], basis="", attributed_to_actor="relies-1"),),
    )

    submit_report(told, user=editor)

    assert EventCitation.objects.get().attributed_to_actor == agency


def test_a_reliance_on_an_actor_to_whom_no_card_goes_back_is_refused(spain, editor):
    relies = (Reliance(key="relies-1", actor=make_actor().label),)

    found = problems_of(only(report().events[0], relies=relies), editor)

    assert found["relies-1", "actor"].startswith("Nothing in this report is attributed to Kyodo News")


def test_korean_words_are_kept_as_they_were_said(spain, editor):
    card = QuoteCard(
        key="quote-1", text_original="난방비도 없었다", language="ko", speaker="new-3", said_on="2023-11-08"
    )

    submit_report(only(card), user=editor)

    quote = Quote.objects.get()
    assert (quote.text, quote.text_original, quote.citations.get().wording) == (
        "",
        "난방비도 없었다",
        "난방비도 없었다",
    )


@pytest.mark.parametrize(
    ("card", "field", "says"),
    [
        (EventCard(key="event-1", mission="Atlantis", stage="closed"), "mission", "“Atlantis” is not a known mission"),
        (EventCard(key="event-1", mission="M-9999", stage="closed"), "mission", "not a known mission"),
        (EventCard(key="event-1", mission="new-9", stage="closed"), "mission", "The card new-9 brings no mission"),
        (EventCard(key="event-1", mission="Spain", stage="vanished"), "stage", "vanished"),
        (EventCard(key="event-1", mission="Spain", stage="closed", date="soon"), "date", "“soon” is not a date"),
        (
            EventCard(key="event-1", mission="Spain", stage="closed", basis="attributed"),
            "",
            "An attributed claim names the source or the actor that said it",
        ),
        (
            EventCard(key="event-1", mission="Spain", stage="closed", attributed_to_actor="Nobody at all"),
            "attributed_to_actor",
            "“Nobody at all” is not a known actor",
        ),
        (EventCard(key="event-1", mission="Spain", stage="closed", duties_to="Spain"), "", "take over from itself"),
        (QuoteCard(key="quote-1"), "", "Give the words"),
        (QuoteCard(key="quote-1", text="a\u202eb"), "text", "invisible character"),
        (QuoteCard(key="quote-1", text="Nothing", reasons=("boredom",)), "reasons", "“boredom” is not a known reason"),
        (changed(report().figures[0], low=5, high=3), "", "“At least” cannot be more than “at most”"),
    ],
)
def test_what_cannot_be_taken_is_told_by_card_and_field_and_nothing_is_written(spain, editor, card, field, says):
    found = problems_of(only(card), editor)

    assert list(found) == [(card.key, field)]
    assert says in found[card.key, field]


def test_every_problem_is_told_at_once(spain, editor):
    told = report(
        actors=(*report().actors, NewActor(key="new-5", name="K.", kind="person", country="Atlantis")),
        relies=(Reliance(key="relies-1", source="S-9999"),),
        events=(changed(report().events[0], stage="vanished"), changed(report().events[1], attributed_to_source="")),
        missions=(changed(report().missions[0], host="KP"),),
    )

    assert set(problems_of(told, editor)) >= {
        ("actors:new-5", ""),
        ("relies-1", "source"),
        ("missions:new-1", ""),
        ("event-1", "stage"),
        ("event-2", "mission"),
    }


def test_a_source_that_was_only_cited_carries_no_claims(spain, editor):
    make_source(title="Envoys", source_url=ADDRESS, read="only-cited")

    assert "only cited, never read" in problems_of(only(report().events[0]), editor)["event-1", "source"]


def test_a_report_that_disputes_what_it_supports_elsewhere_is_refused(spain, editor):
    first = report().events[0]
    told = report(events=(first, changed(first, key="event-2", stance="disputes")), quotes=(), missions=())

    assert "is cited for this already" in problems_of(told, editor)["event-2", "stance"]


def test_claims_of_every_kind_reach_the_public_once_reviewers_publish_them(spain, editor, reviewer):
    done = submit_report(report(), user=editor, submit=True)

    publish(done.source, by=reviewer)
    publish(*(done.cards[key].record for key in ("event-1", "event-2", "quote-1", "figure-1")), by=reviewer)

    assert ClosureEvent.objects.public().count() == 2
    assert FigureCitation.objects.public().count() == 1
    assert Quote.objects.public().count() == 1
