"""Merging two records into one, and taking it back (pages.md, B4; domain.md, rules 6 to 8)."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db.models import Count

from missions.importing.imports import import_sheet
from missions.matching import same_mission
from missions.models import Mission, StatusSpan
from nkwatch.editorial import proposals
from nkwatch.editorial.bulk_versions import listed_now, lists_of
from nkwatch.editorial.importing.traces import kinds as all_kinds
from nkwatch.editorial.merging.merges import confirm, merge, plan_of_merge, return_
from nkwatch.editorial.merging.undo import leave_merged, plan_of_undo, undo
from nkwatch.editorial.models import Merge, ProposedChange, numbered
from sources.matching import same_actor, same_source
from sources.models import Actor, CapturedCopy, Source
from tests.make import (
    cite,
    make_actor,
    make_coverage,
    make_event,
    make_figure,
    make_mission,
    make_quote,
    make_reason,
    make_source,
    publish,
)

pytestmark = pytest.mark.django_db


def record() -> dict[str, Any]:
    """Everything that stands, in every table of records, but for when it was stored."""
    found: dict[str, Any] = {}
    for model in all_kinds():
        rows = {row.pop("id"): row for row in model._base_manager.values()}
        for row in rows.values():
            del row["updated"]
        for many in lists_of(model):
            for pk, listed in listed_now(model, many, rows.keys()).items():
                rows[pk][many.name] = listed
        found[model.__name__] = rows
    spans = StatusSpan.objects.prefetch_related("because")
    found["spans"] = [
        (*(getattr(span, c.attname) for c in span._meta.concrete_fields if c.name != "id"), *span.because.all())
        for span in spans
    ]
    return found


@pytest.fixture
def two_of_each(db: None) -> dict[str, tuple[Any, Any]]:
    """A published pair of each kind, tied to each other's neighbours on every side."""
    ministry = make_actor(name="Foreign Ministry", capacity="government", country="KP")
    kyodo, twin = make_actor(), make_actor(name="Kyodo Tsushin", homepage="https://kyodo.example/")
    twin.names.create(name="共同通信")
    member = make_actor(name="Kyodo Seoul bureau", part_of=twin)
    source = make_source(source_url="https://a.example/madrid", outlet=kyodo)
    copy = make_source(title="N. Korea to close embassy in Spain", source_url="https://b.example/es", outlet=twin)
    reprint = make_source(title="Reprint", republication_of=copy, outlet=member)
    other = make_source(title="Another report", issued="2023-11-02", outlet=twin)
    copy.authorships.create(author=member)
    copy.references.create(cited_source=other, label="n1")
    reprint.references.create(cited_source=copy, label="n2")
    reason = make_reason()
    quote = make_quote(speaker=ministry)
    same = make_quote(text="We conduct operations to withdraw and establish missions.", speaker=twin, said_on="")
    same.reasons.add(reason)
    cite(quote, source, attributed_to_actor=ministry)
    cite(same, other, attributed_to_actor=twin)
    mission, double = make_mission(), make_mission(city="", kind="unspecified", name="NK mission in Spain")
    cite(mission, source)
    cite(double, copy, fact="host")
    rome = make_mission(host="IT", city="Rome")
    make_coverage(mission=double, country="AD")
    event, step = make_event(mission=mission), make_event(mission=mission, date="2023-10", summary="Notified.")
    later = make_event(mission=double, stage="closed", date="2023-12", duties_to=rome)
    handed = make_event(mission=rome, stage="duties-transferred", date="2023-12", duties_to=double)
    event.quotes.add(quote)
    step.quotes.add(same)
    cite(event, source, attributed_to_actor=ministry)
    cite(step, copy)
    cite(step, other, attributed_to_source=copy)
    cite(later, other, attributed_to_actor=twin)
    cite(handed, reprint)
    figure = make_figure(speaker=twin)
    cite(figure, copy)
    publish(ministry, kyodo, twin, member, source, copy, reprint, other, reason, quote, same, mission, double, rome)
    publish(event, step, later, handed, figure)
    return {
        "actor": (kyodo, twin),
        "source": (source, copy),
        "quote": (quote, same),
        "mission": (mission, double),
        "event": (event, step),
    }


KINDS = ("actor", "source", "quote", "mission", "event")


def is_clean() -> bool:
    call_command("check_record", verbosity=0)
    return True


def merged(kept: Any, other: Any, reviewer: Any, administrator: Any, *choices: str) -> Merge:
    done = merge(kept, other, reviewer, "The same, entered twice", choices)
    if done.state == "waiting":
        confirm(done, administrator)
    assert done.state == "done"
    return done


@pytest.mark.parametrize("kind", KINDS)
def test_a_merge_moves_all_and_taken_back_leaves_the_record_as_it_was(kind, two_of_each, reviewer, administrator):
    kept, other = two_of_each[kind]
    before = record()
    done = merged(kept, other, reviewer, administrator)
    assert is_clean()

    taken_back(done, reviewer, administrator)

    assert record() == before
    assert is_clean()


@pytest.mark.parametrize("kind", KINDS)
def test_the_plan_says_what_would_happen_and_writes_nothing(kind, two_of_each, reviewer):
    kept, other = two_of_each[kind]
    before = record()

    plan = plan_of_merge(kept, other)

    assert (plan.problems, record()) == ((), before)
    assert plan.ledger.lines
    assert plan.must_wait(reviewer)


@pytest.mark.parametrize("kind", KINDS)
def test_each_record_touched_gets_one_version_that_names_the_merge(kind, two_of_each, reviewer, administrator):
    kept, other = two_of_each[kind]
    counts = {model: dict(model.history.values_list("id").annotate(n=Count("pk"))) for model in all_kinds()}

    done = merged(kept, other, reviewer, administrator)

    touched = {(model._meta.label, pk) for model in all_kinds() for pk in changed_since(model, counts[model])}
    assert touched == {(entry["model"], entry["pk"]) for entry in done.moved}
    for model in all_kinds():
        for pk, more in changed_since(model, counts[model]).items():
            version = model.history.filter(id=pk).latest("history_id")
            assert (model, more) == (model, 1)
            assert version.history_user == reviewer
            assert version.history_change_reason.startswith(f"merge of {other.label} into {kept.label}, approved by")


def taken_back(done: Merge, first: Any, second: Any) -> Any:
    """Take a merge back: by one, and by another where it can change a status."""
    told = undo(done, first)
    return undo(done, second) if told.waits else told


def changed_since(model: Any, counts: dict[int, int]) -> dict[int, int]:
    """How many versions more each record has."""
    now = dict(model.history.values_list("id").annotate(n=Count("pk")))
    return {pk: n - counts.get(pk, 0) for pk, n in now.items() if n > counts.get(pk, 0)}


@pytest.mark.parametrize("kind", KINDS)
def test_drafts_are_merged_by_an_editor_at_once_and_stand_again_when_taken_back(kind, editor):
    kept, other = drafts()[kind]
    before = record()

    done = merge(kept, other, editor, "The same")

    assert (done.state, type(kept).objects.filter(pk=other.pk).exists()) == ("done", False)
    assert numbered(type(kept), f"draft-{other.pk}") == kept
    undo(done, editor)
    assert record() == before
    assert numbered(type(kept), f"draft-{other.pk}") == other


def drafts() -> dict[str, tuple[Any, Any]]:
    """A pair of drafts of each kind, cited on both sides."""
    actors = make_actor(), make_actor(name="Kyodo Tsushin")
    sources = make_source(outlet=actors[0]), make_source(title="Copy", outlet=actors[1], source_url="https://a.example")
    quotes = make_quote(speaker=actors[0]), make_quote(speaker=actors[1])
    quotes[1].reasons.add(make_reason())
    missions = make_mission(), make_mission(city="")
    events = make_event(mission=missions[0]), make_event(mission=missions[0], date="2023-10")
    events[1].quotes.add(quotes[1])
    for records in (quotes, missions, events):
        for number, entry in enumerate(records):
            cite(entry, sources[number])
    make_event(mission=missions[1], stage="closed")
    make_coverage(mission=missions[1], country="AD")
    return {"actor": actors, "source": sources, "quote": quotes, "mission": missions, "event": events}


# What becomes the same by moving


def test_the_same_citation_of_both_is_folded_and_lends_what_the_other_lacks(reviewer, administrator):
    event = make_event()
    kept, other = make_source(), make_source(title="Copy")
    stays = cite(event, kept, locator="¶4")
    goes = cite(event, other, wording="to close", basis="own-reporting")
    publish(event)

    done = merged(kept, other, reviewer, administrator)

    stays.refresh_from_db()
    goes.refresh_from_db()
    assert (stays.locator, stays.wording, stays.basis) == ("¶4", "to close", "own-reporting")
    assert (goes.state, goes.retraction_reason) == ("retracted", f"Merged into {stays}.")
    assert is_clean()
    taken_back(done, reviewer, administrator)
    goes.refresh_from_db()
    stays.refresh_from_db()
    assert (goes.state, stays.wording, stays.basis) == ("published", "", "not-given")


def test_citations_that_contradict_each_other_are_refused_in_words(reviewer):
    event = make_event()
    kept, other = make_source(), make_source(title="Copy")
    cite(event, kept, wording="closed")
    cite(event, other, wording="will close", stance="disputes")

    with pytest.raises(ValidationError, match="differ in stance, wording") as refused:
        merge(kept, other, reviewer, "The same")

    assert "Make the two the same, or take one out, first" in refused.value.messages[0]
    assert not Merge.objects.exists()


def test_an_event_that_is_now_the_same_is_folded_and_its_number_leads_to_the_other(client, reviewer, administrator):
    kept, other = make_mission(), make_mission(city="")
    first, second = make_event(mission=kept), make_event(mission=other, summary="Notified.")
    cite(first)
    cite(second, make_source(title="Other", source_url="https://a.example/1"))
    publish(first, second)
    before = record()

    done = merged(kept, other, reviewer, administrator)

    first.refresh_from_db()
    assert (first.summary, first.citations.count(), done.inner.get().merged_label) == ("Notified.", 2, second.label)
    answer = client.get(f"/events/{second.label}/")
    assert (answer.status_code, answer["Location"]) == (301, first.get_absolute_url())
    assert is_clean()
    with pytest.raises(ValidationError, match="is part of the merge"):
        undo(done.inner.get(), administrator)
    taken_back(done, reviewer, administrator)
    assert record() == before


def test_an_event_that_may_be_the_same_stays_and_is_pointed_out(reviewer):
    kept, other = make_mission(), make_mission(city="")
    make_event(mission=kept, summary="One thing.")
    make_event(mission=other, summary="Another thing.")

    plan = plan_of_merge(kept, other)

    assert not plan.problems
    assert [("both stay, and may be one" in text) for text, _, _ in plan.ledger.notes] == [True]


def test_the_same_coverage_is_folded_with_its_citations(reviewer):
    kept, other = make_mission(host="IT", city="Rome"), make_mission(host="IT", city="")
    stays, goes = make_coverage(mission=kept), make_coverage(mission=other, ends="2024")
    cite(goes)

    merge(kept, other, reviewer, "The same")

    stays.refresh_from_db()
    assert (stays.ends, stays.citations.count(), kept.coverages.count()) == ("2024", 1, 1)


def test_names_of_a_merged_actor_become_variants(reviewer):
    kept, other = make_actor(name="Tae Yongho", kind="person"), make_actor(name="Thae Yong-ho", kind="person")
    kept.names.create(name="태영호")
    other.names.create(name="태영호")

    merge(kept, other, reviewer, "The same")

    assert {name.name for name in kept.names.all()} == {"Thae Yong-ho", "태영호"}
    assert same_actor(Actor(name="THAE YONGHO", kind="person")) == kept


def test_names_of_a_merged_mission_are_kept_but_not_those_made_up(reviewer):
    kept, other = make_mission(), make_mission(city="", name="Casa de Corea", other_names="NK house")

    merge(kept, other, reviewer, "The same")

    kept.refresh_from_db()
    assert kept.other_names == "Casa de Corea; NK house"


@pytest.mark.parametrize("taken", [True, False])
def test_both_addresses_of_a_source_go_on_finding_it(taken, reviewer, administrator):
    kept, other = make_source(source_url="https://a.example/1"), make_source(source_url="https://b.example/2")
    publish(kept, other)
    before = record()

    done = merged(kept, other, reviewer, administrator, *(["source_url"] if taken else []))

    kept.refresh_from_db()
    assert kept.source_url == ("https://b.example/2" if taken else "https://a.example/1")
    for address in ("https://a.example/1", "https://b.example/2"):
        assert same_source(Source(source_url=address)) == kept
    undo(done, reviewer)
    assert record() == before


def test_kind_and_city_of_a_mission_can_be_taken_over(reviewer, administrator):
    kept, other = make_mission(kind="unspecified", city=""), make_mission()
    publish(kept, other)
    before = record()

    done = merged(kept, other, reviewer, administrator, "kind", "city")

    kept.refresh_from_db()
    assert (kept.kind, kept.city) == ("embassy", "Madrid")
    assert same_mission(Mission(sending_id="KP", host_id="ES", kind="embassy", city="Madrid")) == kept
    taken_back(done, reviewer, administrator)
    assert record() == before


# Refusals


def both(maker: Any, **fields: Any) -> tuple[Any, Any]:
    return maker(**fields), maker(**(fields | {"title": "Copy"} if maker is make_source else fields))


def a_republication() -> tuple[Any, Any]:
    kept = make_source()
    return kept, make_source(title="Copy", republication_of=kept)


def an_original() -> tuple[Any, Any]:
    original, copy = a_republication()
    return copy, original


def a_member() -> tuple[Any, Any]:
    body = make_actor()
    return body, make_actor(name="Bureau", part_of=body)


def one_below_the_other() -> tuple[Any, Any]:
    top = make_actor(name="Top")
    middle = make_actor(name="Middle", part_of=top)
    return make_actor(name="Bottom", part_of=middle), top


def one_that_relies_on_the_other() -> tuple[Any, Any]:
    kept, other = both(make_source)
    cite(make_event(), kept, attributed_to_source=other)
    return kept, other


def a_circle_of_attributions() -> tuple[Any, Any]:
    event, between = make_event(), make_source(title="Between")
    kept, other = both(make_source)
    cite(event, kept, attributed_to_source=between)
    cite(event, between, attributed_to_source=other)
    return kept, other


def a_circle_by_way_of_a_republication() -> tuple[Any, Any]:
    event = make_event()
    kept, other = both(make_source)
    reprint = make_source(title="Reprint", republication_of=other)
    cite(event, kept, attributed_to_source=reprint)
    return kept, other


def one_that_refers_to_the_other() -> tuple[Any, Any]:
    kept, other = both(make_source)
    kept.references.create(cited_source=other)
    return kept, other


def one_that_takes_over_from_the_other() -> tuple[Any, Any]:
    kept, other = make_mission(), make_mission(city="")
    make_event(mission=kept, stage="duties-transferred", duties_to=other)
    return kept, other


def one_that_was_only_cited() -> tuple[Any, Any]:
    kept, other = make_source(read="only-cited"), make_source(title="Copy")
    cite(make_event(), other)
    return kept, other


def one_in_another_country() -> tuple[Any, Any]:
    return make_mission(), make_mission(host="IT", city="Rome")


def one_retracted() -> tuple[Any, Any]:
    kept, other = both(make_source)
    publish(kept, other)
    other.retract("Not so.")
    return kept, other


def a_draft_that_would_stay() -> tuple[Any, Any]:
    kept, other = both(make_source)
    publish(other)
    return kept, other


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (a_republication, "as “republication of”, so they are two"),
        (an_original, "as “republication of”, so they are two"),
        (a_member, "as “part of”, so they are two"),
        (one_below_the_other, "is itself part of"),
        (one_that_relies_on_the_other, "own origin|runs in a circle"),
        (a_circle_of_attributions, "runs in a circle"),
        (a_circle_by_way_of_a_republication, "runs in a circle"),
        (one_that_refers_to_the_other, "cannot refer to itself"),
        (one_that_takes_over_from_the_other, "cannot take over from itself"),
        (one_that_was_only_cited, "was only cited, never read"),
        (one_in_another_country, "another sender or host"),
        (one_retracted, "is retracted"),
        (a_draft_that_would_stay, "let the published one stay"),
    ],
)
def test_what_cannot_be_one_is_refused_in_plain_words(pair, words, reviewer):
    kept, other = pair()
    before = record()

    with pytest.raises(ValidationError, match=words):
        merge(kept, other, reviewer, "The same")

    assert record() == before


def test_a_reason_is_asked_for(reviewer):
    with pytest.raises(ValidationError, match="why the two are one"):
        merge(*both(make_source), reviewer, "  ")


# Who may


def test_what_readers_see_is_merged_by_way_of_a_reviewer(two_of_each, editor, reviewer):
    kept, other = two_of_each["quote"]
    before = record()

    done = merge(kept, other, editor, "The same")

    assert (done.state, record()) == ("waiting", before)
    with pytest.raises(ValidationError, match="waits for a reviewer"):
        merge(kept, other, editor, "The same")
    with pytest.raises(ValidationError, match="You may not publish"):
        confirm(done, editor)
    confirm(done, reviewer)
    assert (done.state, done.by, done.decided_by) == ("done", editor, reviewer)


def test_nobody_merges_alone_what_can_change_a_status(two_of_each, reviewer, administrator, settings):
    kept, other = two_of_each["mission"]
    done = merge(kept, other, reviewer, "The same")
    with pytest.raises(ValidationError, match="another reviewer must confirm"):
        confirm(done, reviewer)

    settings.FOUR_EYES = False
    confirm(done, reviewer)

    assert done.state == "done"


def test_a_reviewer_alone_merges_what_changes_no_status(reviewer):
    actors = both(make_actor)
    publish(*actors)

    assert merge(*actors, reviewer, "The same").state == "done"


def test_a_proposed_merge_can_be_returned_with_a_note(two_of_each, editor, reviewer):
    done = merge(*two_of_each["source"], editor, "The same")
    with pytest.raises(ValidationError, match="needs a note"):
        return_(done, reviewer, " ")

    return_(done, reviewer, "They are two printings.")

    assert (done.state, done.note, done.decided_by) == ("returned", "They are two printings.", reviewer)
    with pytest.raises(ValidationError, match="it is returned"):
        confirm(done, reviewer)


def test_an_author_withdraws_a_proposed_merge_without_a_note(two_of_each, editor):
    done = merge(*two_of_each["source"], editor, "The same")

    return_(done, editor, "")

    assert (done.state, done.note) == ("returned", "withdrawn by its author")


def test_an_editor_cannot_take_back_what_readers_see(two_of_each, editor, reviewer, administrator):
    done = merged(*two_of_each["event"], reviewer, administrator)
    now = record()

    with pytest.raises(ValidationError, match="a reviewer must take it back"):
        undo(done, editor)

    assert (record(), Merge.objects.get(pk=done.pk).state) == (now, "done")


def test_nobody_alone_takes_back_what_can_change_a_status(two_of_each, reviewer, administrator, settings):
    done = merged(*two_of_each["mission"], reviewer, administrator)
    now = record()

    assert undo(done, reviewer, "Two missions after all").waits
    assert (record(), done.state, done.is_asked_back) == (now, "done", True)
    with pytest.raises(ValidationError, match="another reviewer must take it back"):
        undo(done, reviewer)
    leave_merged(done, administrator)
    assert not done.is_asked_back
    with pytest.raises(ValidationError, match="Nobody asks"):
        leave_merged(done, administrator)
    undo(done, reviewer, "Two missions after all")
    assert not undo(done, administrator).waits

    assert (done.state, done.undone_by, done.note) == (
        "undone",
        reviewer,
        "Two missions after all (approved by administrator)",
    )
    version = two_of_each["mission"][1].history.latest("history_id")
    assert version.history_user == reviewer
    assert version.history_change_reason.endswith(", approved by administrator: Two missions after all")


def test_a_desk_of_one_takes_a_merge_back_alone(two_of_each, reviewer, administrator, settings):
    before = record()
    done = merged(*two_of_each["mission"], reviewer, administrator)
    settings.FOUR_EYES = False

    assert not undo(done, reviewer).waits
    assert (record(), done.state) == (before, "undone")


# What readers see of it


def test_the_plan_says_what_changes_for_readers(two_of_each):
    mission, double = two_of_each["mission"]
    before = record()

    assert plan_of_merge(mission, double).effect == ["Spain: closing → closed"]
    assert record() == before


def test_the_plan_tells_of_the_origins_of_an_event_that_takes_over_citations():
    mission = make_mission()
    events = [make_event(mission=mission), make_event(mission=mission)]
    for event, name, country in zip(events, ("Kyodo", "Yonhap"), ("JP", "KR"), strict=True):
        outlet = make_actor(name=name, country=country)
        cite(event, make_source(title=f"{name} reports", outlet=outlet), basis="own-reporting")
    publish(*events)

    assert plan_of_merge(*events).effect == ["Spain: origins 1 → 2; single origin → corroborated"]


def test_what_was_retracted_comes_to_no_new_life(client, reviewer, administrator):
    kept, other = make_mission(), make_mission(city="")
    first, second = make_event(mission=kept, stage="closed"), make_event(mission=other, stage="closed")
    cite(first)
    cite(second, make_source(title="Misread"))
    publish(first, second)
    second.retract("Misread.")

    merged(kept, other, reviewer, administrator)

    first.refresh_from_db()
    assert (first.citations.count(), first.support_origins) == (1, 0)
    assert client.get(second.get_absolute_url()).status_code == 410
    assert "Misread." in client.get(second.get_absolute_url()).text
    assert is_clean()


def test_a_retracted_citation_lends_nothing_to_the_one_that_stands(reviewer, administrator):
    event = make_event()
    kept, other = make_source(), make_source(title="Copy")
    stays, wrong = cite(event, kept), cite(event, other, wording="never said")
    publish(event)
    wrong.refresh_from_db()
    wrong.retract("It does not say so.")

    merged(kept, other, reviewer, administrator)

    stays.refresh_from_db()
    wrong.refresh_from_db()
    assert (stays.wording, stays.state) == ("", "published")
    assert (wrong.source, wrong.state, wrong.retraction_reason) == (other, "retracted", "It does not say so.")


def test_a_retraction_proposed_of_the_merged_record_does_not_fall_on_the_kept_one(reviewer, editor, administrator):
    kept, other = both(make_source)
    publish(kept, other)
    waits = proposals.propose_retraction(other, editor, "It is the same as the first.")
    before = list(ProposedChange.objects.values())

    done = merged(kept, other, reviewer, administrator)

    waits.refresh_from_db()
    assert (waits.state, waits.record) == ("returned", other)
    assert "was merged into" in waits.note
    taken_back(done, reviewer, administrator)
    assert list(ProposedChange.objects.values()) == before


def test_a_merge_that_waits_while_one_of_the_two_goes_can_only_be_returned(editor, reviewer):
    kept, other = both(make_source)
    publish(kept)
    waiting = merge(kept, other, editor, "The same")
    other.delete()

    with pytest.raises(ValidationError, match="no longer there"):
        confirm(waiting, reviewer)
    return_(waiting, reviewer, "It was deleted.")

    assert waiting.state == "returned"


def test_two_are_proposed_once_whichever_stays(two_of_each, editor):
    kept, other = two_of_each["source"]
    merge(kept, other, editor, "The same")

    with pytest.raises(ValidationError, match="proposed already"):
        merge(other, kept, editor, "The same")


def test_the_same_file_of_both_sources_is_kept_once_and_comes_back(editor):
    kept, other = both(make_source)
    for source in (kept, other):
        for content in ("the same", source.title):
            source.captured_copies.create(file=ContentFile(f"%PDF-1.7 {content}".encode(), "report.pdf"), text=content)
    before = list(CapturedCopy.objects.values())

    done = merge(kept, other, editor, "The same")

    assert sorted(kept.captured_copies.values_list("text", flat=True)) == sorted(["the same", kept.title, "Copy"])
    assert all(copy.file.storage.exists(copy.file.name) for copy in kept.captured_copies.all())
    undo(done, editor)
    assert list(CapturedCopy.objects.values()) == before


# Where the number leads


@pytest.mark.parametrize("kind", KINDS)
def test_the_old_number_leads_to_the_kept_record(kind, two_of_each, client, reviewer, administrator):
    kept, other = two_of_each[kind]
    old_page = other.get_absolute_url()
    merged(kept, other, reviewer, administrator)
    kept.refresh_from_db()
    plural = f"{kind}s"

    page = client.get(f"{old_page}?asof=2023-11-01")
    api = client.get(f"/api/v1/{plural}/{other.label}/")

    assert (page.status_code, page["Location"]) == (301, f"{kept.get_absolute_url()}?asof=2023-11-01")
    assert (api.status_code, api["Location"]) == (301, f"/api/v1/{plural}/{kept.label}/")
    assert f"{other.label} was merged into this record on" in client.get(kept.get_absolute_url()).text
    assert numbered(type(kept), other.label) == kept
    assert client.get(api["Location"]).json()["number"] == kept.label
    listed = client.get(f"/api/v1/{plural}/").json()
    assert other.label not in {row["number"] for row in listed["results"]}
    assert other.label not in client.get(f"/{plural}.csv").getvalue().decode()


def test_chains_of_merges_lead_to_the_last_and_are_taken_back_from_there(client, reviewer):
    first, second, third = (make_actor(name=name) for name in ("One", "Two", "Three"))
    publish(first, second, third)
    before = record()
    inner = merge(second, third, reviewer, "The same")
    outer = merge(first, second, reviewer, "The same")
    first.refresh_from_db()

    for label in (second.label, third.label):
        assert client.get(f"/actors/{label}/")["Location"] == first.get_absolute_url()
        assert client.get(f"/api/v1/actors/{label}/")["Location"] == f"/api/v1/actors/{first.label}/"
        assert f"{label} was merged into this record" in client.get(first.get_absolute_url()).text
    with pytest.raises(ValidationError, match="take that back first"):
        undo(inner, reviewer)
    undo(outer, reviewer)
    undo(inner, reviewer)
    assert record() == before


def test_where_the_kept_record_is_gone_the_old_number_says_so(client, reviewer):
    kept, other = both(make_source)
    publish(kept, other)
    merge(kept, other, reviewer, "The same")
    kept.refresh_from_db()
    kept.retract("Never printed.")

    page, api = client.get(f"/sources/{other.label}/"), client.get(f"/api/v1/sources/{other.label}/")

    assert (page.status_code, api.status_code) == (410, 410)
    assert "Never printed." in page.text
    assert "Never printed." in api.text


def test_a_merged_draft_redirects_nobody_and_is_told_to_nobody(client, reviewer):
    kept, other = make_source(), make_source(title="Xylophon")
    publish(kept)
    done = merge(kept, other, reviewer, "The same")

    page = client.get(kept.get_absolute_url())

    assert done.state == "done"
    assert client.get(f"/sources/draft-{other.pk}/").status_code == 404
    assert client.get(f"/api/v1/sources/draft-{other.pk}/").status_code == 404
    assert "Xylophon" not in page.text
    assert "was merged" not in page.text


def test_a_proposed_merge_redirects_nobody(two_of_each, client, reviewer):
    kept, other = two_of_each["mission"]
    merge(kept, other, reviewer, "The same")

    assert client.get(other.get_absolute_url()).status_code == 200
    assert "was merged" not in client.get(kept.get_absolute_url()).text


def test_a_merged_record_is_neither_published_again_nor_merged_again(reviewer):
    kept, other = both(make_source)
    publish(kept, other)
    merge(kept, other, reviewer, "The same")
    other.refresh_from_db()

    with pytest.raises(ValidationError, match="take the merge back instead"):
        other.publish(by=reviewer)
    with pytest.raises(ValidationError, match="is retracted"):
        merge(kept, other, reviewer, "The same")


# What happened since


def test_later_edits_are_left_alone_and_listed(two_of_each, reviewer, administrator):
    kept, other = two_of_each["source"]
    moved = other.authorships.get()
    done = merged(kept, other, reviewer, administrator, "title")
    kept.refresh_from_db()
    kept.title = "Corrected since"
    kept.save()
    moved.refresh_from_db()
    moved.source = make_source(title="Elsewhere")
    moved.save()

    plan = plan_of_undo(done, reviewer)
    told = taken_back(done, reviewer, administrator)

    assert told.left_alone == plan.left_alone
    assert {line.rpartition(": ")[2] for line in told.left_alone} == {
        "title was changed since.",
        "source was changed since.",
    }
    kept.refresh_from_db()
    other.refresh_from_db()
    assert (kept.title, other.state, is_clean()) == ("Corrected since", "published", True)


def test_changes_that_wait_go_with_the_record(two_of_each, editor, reviewer, administrator):
    kept, other = two_of_each["source"]
    figure_waits = proposals.propose(other, {"summary": "A summary."}, editor)
    names_it = proposals.propose(kept.outlet, {"homepage": "https://kyodo.example/en"}, editor)
    before = list(ProposedChange.objects.values())

    done = merged(kept, other, reviewer, administrator)

    figure_waits.refresh_from_db()
    assert (figure_waits.record, figure_waits.state) == (kept, "waiting")
    proposals.approve(figure_waits, reviewer)
    kept.refresh_from_db()
    assert kept.summary == "A summary."
    names_it.refresh_from_db()
    assert names_it.state == "waiting"
    ProposedChange.objects.filter(pk=figure_waits.pk).update(state="waiting", decided_by=None, decided=None)
    taken_back(done, reviewer, administrator)
    assert list(ProposedChange.objects.values()) == before


def test_a_sheet_read_again_finds_the_kept_record(two_of_each, reviewer, administrator):
    kept, other = two_of_each["source"]
    mission, double = two_of_each["mission"]
    merged(kept, other, reviewer, administrator)
    merged(mission, double, reviewer, administrator)
    sheet = (
        "host_country,mission,event,date,source_url,source_title\n"
        f"Spain,{double.label},closed,2023-12,https://b.example/es,N. Korea to close embassy in Spain\n"
    )
    sources, missions = Source.objects.count(), Mission.objects.count()

    report = import_sheet(sheet.encode(), "again.csv", user=reviewer, door="import")

    assert report.written, report.errors
    assert (Source.objects.count(), Mission.objects.count()) == (sources, missions)
    assert mission.events.filter(stage="closed", citations__source=kept).exists()
