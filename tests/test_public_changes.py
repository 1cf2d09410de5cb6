"""What readers are told of a record's past follows from its versions: what they saw, in numbers that never change."""

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from missions.models import ClosureEvent, Mission, MissionCitation
from nkwatch.editorial import proposals
from nkwatch.editorial.derivation import deriving_once
from nkwatch.editorial.desk import publish_with_parts, retract
from nkwatch.editorial.history.moments import Past
from nkwatch.editorial.merging.merges import merge
from nkwatch.editorial.merging.undo import undo
from nkwatch.editorial.models import Merge, PublicChange
from nkwatch.editorial.public.changes import derive_all, derive_public_changes
from nkwatch.editorial.public.versions import public_versions
from nkwatch.editorial.versions import changing
from sources.models import Source
from tests.make import cite, make_actor, make_event, make_mission, make_quote, make_reason, make_source, publish

pytestmark = pytest.mark.django_db


def told(record) -> list[tuple[str, int]]:
    """What readers are told of a record, the first first: what it was, and the version that it left."""
    return [(change.kind, change.version) for change in PublicChange.objects.of(record).order_by("made", "pk")]


def difference(record) -> list:
    return PublicChange.objects.of(record).newest_first()[0].difference


def make_public_mission() -> Mission:
    mission = make_mission()
    with changing(reason="published"):
        cite(mission)
        publish(mission)
    return mission


def test_a_draft_is_not_told_of_until_it_is_published_with_its_parts_as_one_version():
    mission = make_mission()
    cite(mission)
    assert told(mission) == []
    with changing(reason="published"):
        publish(mission)
    assert told(mission) == [("addition", 1)]


def test_a_value_that_is_replaced_is_a_correction_and_one_that_was_missing_an_addition():
    mission = make_public_mission()
    mission.address = "Calle de Darío Aparicio"
    mission.save()
    mission.address = "Calle Darío Aparicio 43"
    mission.save()
    assert told(mission) == [("addition", 1), ("addition", 2), ("correction", 3)]
    assert difference(mission) == [
        {
            "model": "missions.mission",
            "pk": mission.pk,
            "what": "changed",
            "fields": {"address": ["Calle de Darío Aparicio", "Calle Darío Aparicio 43"]},
            "since": {"address": PublicChange.objects.of(mission).get(version=2).made.isoformat()},
        }
    ]


def test_saving_without_a_change_and_words_for_the_desk_make_no_version():
    mission = make_public_mission()
    mission.save()
    citation = mission.citations.get()
    citation.note = "Ask the embassy again."
    citation.save()
    assert told(mission) == [("addition", 1)]


def test_what_waits_for_a_reviewer_makes_no_version_until_it_is_approved(editor: User, reviewer: User):
    source = make_source()
    publish(source)
    proposed = proposals.propose(source, {"title": "Another title"}, editor, reason="as printed")
    draft = source.references.create(cited_source=make_source(title="Endnote"))
    assert told(source) == [("addition", 1)]
    proposals.approve(proposed, reviewer)
    publish(draft.cited_source, draft)
    assert told(source) == [("addition", 1), ("correction", 2), ("addition", 3)]


def test_a_new_source_is_an_addition_and_one_withdrawn_a_correction():
    mission = make_public_mission()
    citation = cite(mission, make_source(title="Second"))
    publish(citation.source, citation)
    citation.retract("It speaks of another embassy.")
    assert told(mission) == [("addition", 1), ("addition", 2), ("correction", 3)]


def test_what_one_act_does_to_a_record_and_its_parts_is_one_version():
    mission = make_public_mission()
    citation = mission.citations.get()
    with changing(reason="read again"):
        mission.city = "Madrid (Aravaca)"
        mission.save()
        citation.locator = "¶4"
        citation.save()
    assert told(mission) == [("addition", 1), ("correction", 2)]
    assert [changed["model"] for changed in difference(mission)] == ["missions.mission", "missions.missioncitation"]


def test_statements_of_an_event_are_a_part_of_what_readers_see():
    event, quote = make_event(), make_quote()
    cite(event)
    publish(quote, event)
    proposals.store_in_one_version(event, {"quotes": [quote.pk]})
    assert told(event)[-1] == ("addition", 2)
    proposals.store_in_one_version(event, {"quotes": []})
    assert told(event)[-1] == ("correction", 3)


def test_a_retraction_is_told_with_its_reason_and_publishing_again_keeps_the_numbers():
    source = make_source()
    publish(source)
    retract(source, "It was entered twice.")
    source.publish()
    retract(source, "It was entered twice.")
    source.title = "Another title"
    source.publish()
    kinds = ["addition", "retraction", "restoration", "retraction", "restoration"]
    assert told(source) == list(zip(kinds, [1, 0, 1, 0, 2], strict=True))
    retraction = PublicChange.objects.of(source).filter(kind="retraction").newest_first()[0]
    assert retraction.reason == "It was entered twice."


def test_a_merge_is_told_as_one_and_stays_told_when_it_is_taken_back(reviewer: User):
    kept, merged = make_actor(name="Tae Yongho", kind="person"), make_actor(name="Thae Yong-ho", kind="person")
    publish(kept, merged)
    done = merge(kept, merged, by=reviewer, reason="One person.")
    assert told(merged) == [("addition", 1), ("merge", 0)]
    assert PublicChange.objects.of(merged).newest_first()[0].merge == Merge.objects.get(pk=done.pk)
    undo(Merge.objects.get(pk=done.pk), reviewer)
    derive_all()
    assert told(merged) == [("addition", 1), ("merge", 0), ("restoration", 1)]
    retract(merged, "It is somebody else.")
    merged.refresh_from_db()
    merged.publish()
    PublicChange.objects.all().delete()
    derive_all()
    gone = [("merge", 0), ("restoration", 1), ("retraction", 0), ("restoration", 1)]
    assert told(merged) == [("addition", 1), *gone]
    of_the_merge = PublicChange.objects.of(merged).filter(merge=done.pk).order_by("pk")
    assert [change.kind for change in of_the_merge] == ["merge", "restoration"]


def test_taking_a_merge_back_is_not_told_as_publishing_again(client: Client, reviewer: User):
    kept, merged = make_actor(name="Tae Yongho", kind="person"), make_actor(name="Thae Yong-ho", kind="person")
    publish(kept, merged)
    undo(merge(kept, merged, by=reviewer, reason="One person."), reviewer)
    page = client.get(f"/changes/?record={merged.label}").content.decode()
    assert "the merge was taken back" in page
    assert "after it was retracted" not in page
    assert page.count("published for the first time") == 1


def test_the_whole_list_derived_again_is_the_list_that_stands():
    call_command("load_starter", verbosity=0)
    event = ClosureEvent.objects.public().first()
    with changing(reason="read again"):
        event.date_note = "Read again."
        event.save()
    publish(make_reason(slug="made-later"))
    columns = ("record_type", "record_id", "key", "kind", "made", "version", "difference", "reason")
    stands = list(PublicChange.objects.order_by("record_type", "record_id", "made").values_list(*columns))
    assert len(stands) > Source.objects.public().count()
    derive_all()
    assert list(PublicChange.objects.order_by("record_type", "record_id", "made").values_list(*columns)) == stands
    PublicChange.objects.all().delete()
    derive_all()
    assert list(PublicChange.objects.order_by("record_type", "record_id", "made").values_list(*columns)) == stands


def test_telling_of_many_records_costs_the_queries_of_telling_of_one(django_assert_num_queries):
    """For first publications: what stands, what was published, and the rows stored; the kind is asked for once."""
    reasons = [make_reason(slug=f"r{number}") for number in range(21)]
    publish(*reasons)
    for some in (reasons[:1], reasons[1:]):
        PublicChange.objects.filter(record_id__in=[reason.pk for reason in some]).delete()
        with django_assert_num_queries(3):
            derive_public_changes(some)
    assert {tuple(told(reason)) for reason in reasons} == {(("addition", 1),)}


def test_parts_that_cannot_follow_their_record_are_not_told_of(reviewer: User):
    mission = make_mission()
    cite(mission, make_source(title="A draft"))
    left = publish_with_parts(mission, reviewer)
    assert len(left) == 1
    assert told(mission) == [("addition", 1)]
    assert difference(mission) == []


def test_what_was_written_earlier_and_seen_later_takes_no_number_that_was_given():
    """A long import writes, another change is published meanwhile and cited, then the import is done."""
    mission = make_public_mission()
    with changing(reason="corrected"):
        mission.city = "Madrid (Aravaca)"
        mission.save()
    first, corrected = PublicChange.objects.of(mission).order_by("version")
    with changing(reason="a long import"), deriving_once():
        citation = cite(mission, make_source(title="Second"))
        publish(citation.source, citation)
        citation.history.update(history_date=first.made + (corrected.made - first.made) / 2)
    rows = list(PublicChange.objects.of(mission).order_by("pk").values_list("kind", "version"))
    assert rows == [("addition", 1), ("correction", 2), ("addition", 3)]
    derive_all()
    assert list(PublicChange.objects.of(mission).order_by("pk").values_list("kind", "version")) == rows
    past = Past(Mission, mission.pk)
    second, third = public_versions(past, list(PublicChange.objects.in_order_of_telling(mission)))[1:]
    assert (second.key, third.version) == (corrected.key, 3)
    assert (MissionCitation, citation.pk) not in second.standing
    assert (MissionCitation, citation.pk) in third.standing
    assert third.standing[Mission, mission.pk].city == "Madrid (Aravaca)"
