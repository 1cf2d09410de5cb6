"""The desk's pages for merging: from a suggested pair to a merge done, and back (pages.md, B4)."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from nkwatch.editorial.models import Merge, NotTheSame
from sources.models import Actor, Source
from tests.make import cite, make_actor, make_event, make_mission, make_quote, make_source, publish

pytestmark = pytest.mark.django_db

PAIRS = {
    "actor": lambda: (make_actor(), make_actor(name="Kyodo-News")),
    "source": lambda: (make_source(), make_source(summary="Long.")),
    "quote": lambda: (make_quote(), make_quote(language="ko")),
    "mission": lambda: (make_mission(), make_mission(city="")),
    "closureevent": lambda: two_events(),
}


def two_events() -> tuple[Any, Any]:
    mission = make_mission()
    return make_event(mission=mission), make_event(mission=mission, summary="Notified.")


def pair_page(kind: str, one: Any, other: Any) -> str:
    return reverse("admin:merge:pair", args=[kind, one.pk, other.pk])


@pytest.mark.parametrize("kind", PAIRS)
def test_a_pair_is_suggested_compared_merged_and_taken_back(kind, editor_client):
    one, other = PAIRS[kind]()
    old = other.label
    address = pair_page(kind, one, other)
    assert address in editor_client.get(reverse("admin:merge:suggestions", args=[kind])).text
    shown = editor_client.get(address)
    assert f"draft-{other.pk} will lead to draft-{one.pk}" in re.sub(r"\s+", " ", shown.text)

    answer = editor_client.post(address, {"keep": one.pk, "reason": "The same"}, follow=True)

    done = Merge.objects.get()
    assert (done.state, done.kept_id, done.merged_id) == ("done", one.pk, other.pk)
    assert f"{old.capitalize()} was merged into {one.label}." in answer.text
    back = editor_client.post(answer.redirect_chain[-1][0], {"take_back": "1", "note": "Two after all"}, follow=True)
    assert "was taken back" in back.text
    assert type(one).objects.filter(pk=other.pk).exists()


def test_the_other_value_is_picked_where_the_kept_record_has_none(editor_client):
    one, other = make_source(), make_source(summary="Long.")

    form = editor_client.get(pair_page("source", one, other)).text
    picked = re.search(r'name="field-summary" value="(\d+)"[^>]*checked', re.sub(r"\s+", " ", form))

    assert picked and int(picked[1]) == other.pk


def test_what_was_chosen_and_typed_stays_where_something_is_refused(editor_client):
    one, other = make_source(), make_source(title="Copy")
    address = pair_page("source", one, other)
    chosen = {"keep": other.pk, "field-title": one.pk}

    unsaid = re.sub(r"\s+", " ", editor_client.post(address, chosen).text)
    looked = editor_client.post(address, {**chosen, "reason": "Typed", "look": "1"}).text

    assert "Say in a sentence why the two are one." in unsaid
    assert re.search(rf'name="keep" value="{other.pk}" checked', unsaid)
    assert re.search(rf'name="field-title" value="{one.pk}"[^>]*checked', unsaid)
    assert 'value="Typed"' in looked
    assert Source.objects.count() == 2


def test_a_refusal_stands_on_the_page_in_words(editor_client):
    one = make_source()
    other = make_source(title="Copy", republication_of=one)

    page = editor_client.post(pair_page("source", one, other), {"keep": one.pk, "reason": "Typed"}).text

    assert "so they are two" in page
    assert 'value="Typed"' in page


def test_what_moves_is_counted_and_linked(editor_client):
    one, other = make_source(), make_source(title="Copy")
    citation = cite(make_event(), other)

    page = editor_client.get(pair_page("source", one, other)).text

    assert f"1 event citation moved to {one.label}" in page
    assert reverse("admin:missions_eventcitation_change", args=[citation.pk]) in page


def test_an_editor_proposes_and_a_reviewer_confirms(editor_client, reviewer_client):
    one, other = make_source(), make_source(title="Copy")
    publish(one, other)
    address = pair_page("source", one, other)
    assert "Propose the merge" in editor_client.get(address).text

    editor_client.post(address, {"keep": one.pk, "reason": "The same"})

    waiting = Merge.objects.get()
    page = reverse("admin:merge:merge", args=[waiting.pk])
    assert page in reviewer_client.get(reverse("admin:merge:index")).text
    assert "a reviewer must confirm" in editor_client.get(page).text
    assert 'name="confirm"' in reviewer_client.get(page).text
    assert "needs a note" in reviewer_client.post(page, {"return": "1", "note": ""}).text
    reviewer_client.post(page, {"confirm": "1", "note": ""})
    waiting.refresh_from_db()
    assert waiting.state == "done"
    assert reviewer_client.get(page).status_code == 200


def test_not_the_same_is_remembered_and_can_be_taken_back(editor_client):
    one, other = make_source(), make_source()
    noted, listed = (
        reverse("admin:merge:not_the_same", args=["source"]),
        reverse("admin:merge:suggestions", args=["source"]),
    )

    editor_client.post(noted, {"one": other.pk, "other": one.pk})

    assert pair_page("source", one, other) not in editor_client.get(listed).text
    assert one.label in editor_client.get(noted).text
    assert "are not the same" in editor_client.get(pair_page("source", one, other)).text
    editor_client.post(noted, {"back": NotTheSame.objects.get().pk})
    assert pair_page("source", one, other) in editor_client.get(listed).text


def test_two_rows_of_a_list_are_merged_from_there(editor_client):
    one, other, third = make_source(), make_source(title="Copy"), make_source(title="Third")
    listed = reverse("admin:sources_source_changelist")

    def choose(*records: Any) -> Any:
        return editor_client.post(listed, {"action": "merge_two", "_selected_action": [r.pk for r in records]})

    assert choose(one, other)["Location"] == pair_page("source", one, other)
    choose(one, other, third)
    assert "Choose two records to merge" in editor_client.get(listed).text


def test_the_desk_finds_the_kept_record_by_the_old_number(reviewer_client, reviewer):
    one, other = make_source(title="Kept"), make_source(title="Copied")
    publish(one, other)
    reviewer_client.post(pair_page("source", one, other), {"keep": one.pk, "reason": "The same"})
    listed = reverse("admin:sources_source_changelist")

    by_number = reviewer_client.get(listed, {"q": other.label}).text
    everything = reviewer_client.get(listed).text
    its_own = reviewer_client.get(reverse("admin:sources_source_change", args=[other.pk]))

    assert "Kept" in by_number
    assert "Copied" not in by_number + everything
    assert f"{other.label} was merged into" in its_own.text
    assert 'name="_save"' not in its_own.text


def test_the_pages_are_for_those_who_may_change_the_records(client, client_of, db):
    one, other = make_source(), make_source()
    done = Merge.objects.create(
        record_type=ContentType.objects.get_for_model(Source),
        kept_id=one.pk,
        merged_id=other.pk,
        kept_label="S-1",
        merged_label="S-2",
        state="returned",
    )
    outsider = client_of(User.objects.create_user("outsider", is_staff=True))
    addresses = [
        reverse("admin:merge:index"),
        reverse("admin:merge:suggestions", args=["source"]),
        reverse("admin:merge:not_the_same", args=["source"]),
        pair_page("source", one, other),
    ]
    for address in addresses:
        for send in ("get", "post"):
            assert getattr(client, send)(address).status_code == 302
            assert getattr(outsider, send)(address).status_code == 403
    assert client.get(reverse("admin:merge:merge", args=[done.pk])).status_code == 302
    assert outsider.get(reverse("admin:merge:merge", args=[done.pk])).status_code == 403


@pytest.mark.parametrize(
    "address", ["nothing/", "figure/1/2/", "source/1/1/", "source/1/99999999999999999999/", "merged/99/"]
)
def test_what_is_not_there_is_not_found(address, editor_client):
    assert editor_client.get(f"/admin/merge/{address}").status_code == 404


@pytest.mark.parametrize("sent", [{}, {"one": "x", "other": "1"}, {"one": "9" * 40, "other": "1"}])
def test_not_the_same_of_nothing_is_not_found(sent, editor_client):
    assert editor_client.post(reverse("admin:merge:not_the_same", args=["source"]), sent).status_code == 404


def test_what_changes_for_readers_stands_on_the_pages_and_in_the_review_queue(editor_client, reviewer_client):
    one, other = make_mission(other_names="House"), make_mission(city="", other_names="Casa de Corea")
    closed = make_event(mission=other, stage="closed", date="2023-12")
    cite(closed)
    publish(one, other, closed)
    address = pair_page("mission", one, other)
    shown = editor_client.get(address).text
    assert "→ closed" in shown.split("What changes for readers")[1].split("What moves")[0]
    assert "House; Casa de Corea" in shown.split("takes over")[1]

    editor_client.post(address, {"keep": one.pk, "reason": "The same post"})

    page = reverse("admin:merge:merge", args=[Merge.objects.get().pk])
    for where in (reviewer_client.get(page), reviewer_client.get(reverse("admin:review"))):
        assert "→ closed" in where.text
        assert "The same post" in where.text
    assert page in reviewer_client.get(reverse("admin:review")).text
    assert "1 waiting for a reviewer" in reviewer_client.get(reverse("admin:index")).text
    assert "waits for a reviewer" in editor_client.get(address).text
    assert (
        "proposed, waits for a reviewer" in editor_client.get(reverse("admin:merge:suggestions", args=["mission"])).text
    )


def test_taking_back_what_can_change_a_status_waits_in_the_review_queue(reviewer_client, administrator_client):
    one, other = make_mission(), make_mission(city="")
    publish(one, other)
    reviewer_client.post(pair_page("mission", one, other), {"keep": one.pk, "reason": "The same"})
    page = reverse("admin:merge:merge", args=[Merge.objects.get().pk])
    administrator_client.post(page, {"confirm": "1"})

    asked = reviewer_client.post(page, {"take_back": "1", "note": "Two posts"}, follow=True).text

    assert "waits for another reviewer" in asked
    assert 'name="take_back"' not in asked
    queue = administrator_client.get(reverse("admin:review")).text
    assert "Take back the merge of" in queue
    assert "Two posts" in queue
    administrator_client.post(page, {"leave": "1"})
    assert not Merge.objects.get().is_asked_back
    reviewer_client.post(page, {"take_back": "1", "note": "Two posts"})
    administrator_client.post(page, {"take_back": "1"})
    assert Merge.objects.get().state == "undone"
    assert "Merges that wait" not in administrator_client.get(reverse("admin:review")).text


def test_a_merge_whose_record_is_gone_can_be_returned(editor_client, reviewer_client):
    one, other = make_source(), make_source()
    publish(one)
    editor_client.post(pair_page("source", one, other), {"keep": one.pk, "reason": "The same"})
    other.delete()
    page = reverse("admin:merge:merge", args=[Merge.objects.get().pk])

    shown = reviewer_client.get(page).text

    assert "no longer there" in shown
    assert 'name="confirm"' not in shown
    assert "no longer there" in reviewer_client.get(reverse("admin:review")).text
    reviewer_client.post(page, {"return": "1", "note": "Deleted"})
    assert Merge.objects.get().state == "returned"


@pytest.mark.parametrize("confirming", [False, True])
def test_what_changed_since_the_page_was_shown_is_not_merged_unseen(confirming, editor_client, reviewer_client):
    one, other = make_source(), make_source(summary="Long.")
    publish(one, other)
    address = pair_page("source", one, other)
    sent = {"keep": one.pk, "reason": "The same", "_seen": seen_on(editor_client.get(address))}
    desk = editor_client
    if confirming:
        editor_client.post(address, sent)
        address = reverse("admin:merge:merge", args=[Merge.objects.get().pk])
        sent = {"confirm": "1", "_seen": seen_on(reviewer_client.get(address))}
        desk = reviewer_client
    other.summary = "Corrected."
    other.save()

    refused = desk.post(address, sent)

    assert "has changed since this page was shown" in refused.text
    assert set(Merge.objects.values_list("state", flat=True)) == ({"waiting"} if confirming else set())
    desk.post(address, sent | {"_seen": seen_on(refused)})
    assert Merge.objects.get().state == ("done" if confirming else "waiting")


def seen_on(page: Any) -> list[str]:
    return re.findall(r'name="_seen" value="([^"]+)"', page.text)


def test_past_merges_are_found_by_number_kind_and_state_and_page_by_page(editor_client, editor):
    kinds = ContentType.objects.get_for_models(Source, Actor)
    Merge.objects.bulk_create(
        Merge(
            record_type=kinds[model],
            kept_id=1,
            merged_id=n + 2,
            kept_label="draft-1",
            merged_label=f"draft-{n + 2}",
            merged_name=f"{model.__name__} {n}",
            state=state,
            by=editor,
        )
        for model, state, many in ((Source, "returned", 60), (Actor, "done", 2))
        for n in range(many)
    )
    listed = reverse("admin:merge:index")

    def shown(**asked: Any) -> list[str]:
        return re.findall(r"(?:Source|Actor) \d+", editor_client.get(listed, asked).text)

    assert len(shown()) == 50
    assert len(shown(page=2)) == 12
    assert len(shown(kind="source", page=2)) == 10
    assert set(shown(state="done")) == {"Actor 0", "Actor 1"}
    assert shown(q="draft-3 actor") == ["Actor 1"]
    assert "kind=source&amp;page=2" in editor_client.get(listed, {"kind": "source"}).text
    assert "No merge fits" in editor_client.get(listed, {"q": "nothing like it"}).text


def test_the_pages_lead_to_what_is_not_the_same_and_from_a_merged_record_to_its_merge(editor_client, reviewer_client):
    one, other, third = make_source(), make_source(title="Copy"), make_source(title="Third")
    noted = reverse("admin:merge:not_the_same", args=["source"])
    editor_client.post(noted, {"one": one.pk, "other": third.pk})
    assert noted in editor_client.get(reverse("admin:merge:index")).text
    publish(one, other)
    reviewer_client.post(pair_page("source", one, other), {"keep": one.pk, "reason": "The same"})

    merged = reviewer_client.get(reverse("admin:sources_source_change", args=[other.pk])).text

    assert reverse("admin:merge:merge", args=[Merge.objects.get().pk]) in merged
