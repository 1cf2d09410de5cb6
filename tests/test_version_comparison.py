"""Any two versions of a record are compared field by field, parts included, with the words marked (pages.md, B5)."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import models
from django.test import Client
from django.urls import reverse

from missions.models import Coverage, CoverageCitation, Mission
from nkwatch.editorial.history.comparison import MOST_PAIRS_COMPARED, marked
from nkwatch.editorial.history.moments import Past
from nkwatch.editorial.versions import Door, changing
from sources.models import Actor, ActorName, Country
from tests.make import (
    cite,
    make_actor,
    make_coverage,
    make_event,
    make_mission,
    make_quote,
    make_reason,
    make_source,
    publish,
)
from tests.test_admin_publishing import save

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


def url(record: models.Model, page: str, *args: Any) -> str:
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_{page}", args=[record.pk, *args])


def moments(record: Any) -> list[str]:
    """The moments of a record's past by the keys that pages use, the oldest first."""
    return [moment.key for moment in Past(type(record), record.pk).moments]


def shown(response: Any) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def compare(client: Client, record: Any, older: str, newer: str) -> str:
    return shown(client.get(url(record, "compare"), {"from": older, "to": newer}))


def lines(told: Any) -> dict[str, tuple[str, str]]:
    return {line.name: (line.old_text, line.new_text) for line in told.changed}


def parts(response: Any) -> list[tuple[str, str, dict[str, tuple[str, str]]]]:
    """What became of each part: its kind, what was done, and its changed fields."""
    told = response.context["changed_parts"]
    return [(part.difference.model._meta.model_name, part.kind, lines(part)) for part in told]


# Words.


def in_marks(old: str, new: str) -> tuple[str, str]:
    marks = {"same": "{}", "del": "[-{}-]", "ins": "[+{}+]"}
    before, after = marked(old, new)
    assert ("".join(piece.text for piece in before), "".join(piece.text for piece in after)) == (old, new)
    texts = ("".join(marks[piece.kind].format(piece.text) for piece in pieces) for pieces in (before, after))
    return tuple(texts)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("old", "new", "marked_old", "marked_new"),
    [
        ("It will close soon.", "It may close soon.", "It [-will -]close soon.", "It [+may +]close soon."),
        (
            "대사관을 폐쇄한다고 밝혔다",
            "대사관을 곧 폐쇄한다고 말했다",
            "대사관을 폐쇄한다고 [-밝혔다-]",
            "대사관을 [+곧 +]폐쇄한다고 [+말했다+]",
        ),
        ("我们关闭使馆", "我们将关闭使馆", "我们关闭使馆", "我们[+将+]关闭使馆"),
        ("closed", "closed.", "closed", "closed[+.+]"),
        ("one two", "one  two", "[-one -]two", "[+one  +]two"),
        ("", "New.", "", "[+New.+]"),
        ("Gone", "", "[-Gone-]", ""),
        ("same", "same", "same", "same"),
    ],
)
def test_the_words_that_changed_are_marked(old: str, new: str, marked_old: str, marked_new: str) -> None:
    old_in_marks, new_in_marks = in_marks(old, new)

    # Where the same words stand in several pieces, it is all one to a reader.
    assert (old_in_marks, new_in_marks.replace("+][+", "")) == (marked_old, marked_new)


def test_a_very_long_text_is_marked_from_its_first_changed_word_to_its_last() -> None:
    words = [f"word{n}" for n in range(int(MOST_PAIRS_COMPARED**0.5) + 200)]
    other = ["first", *(f"{word}x" for word in words), "last"]

    old, new = marked(" ".join(["first", *words, "last"]), " ".join(other))

    assert [piece.kind for piece in old] == ["same", "del", "same"]
    assert [piece.kind for piece in new] == ["same", "ins", "same"]


# Two versions, chosen on the history page.


def test_any_two_versions_are_chosen_by_radio_buttons_in_a_plain_form(editor_client: Client) -> None:
    source = make_source(title="North Korea to close its embassy")
    for title in ("North Korea may close its embassy", "North Korea will close its embassy"):
        save(editor_client, source, title=title)
    first, second, third = moments(source)

    page = shown(editor_client.get(url(source, "history")))

    form = re.search(r"<form method=\"get\".*?</form>", page)
    assert form
    for side in ("from", "to"):
        assert re.findall(rf'type="radio" name="{side}" value="(\d+)"', form[0]) == [third, second, first]
    assert f'formaction="{url(source, "compare")}"' in form[0]
    # What is chosen to begin with is the last change.
    assert re.search(rf'name="from" value="{second}"[^>]*checked', form[0])
    assert re.search(rf'name="to" value="{third}"[^>]*checked', form[0])
    compared = compare(editor_client, source, first, third)
    assert "North Korea <del>to </del>close its embassy" in compared
    assert "North Korea <ins>will </ins>close its embassy" in compared


def test_the_older_stands_first_whichever_way_round_they_were_chosen(editor_client: Client) -> None:
    source = make_source(title="Before")
    save(editor_client, source, title="After")
    first, second = moments(source)

    assert "<del>Before</del>" in compare(editor_client, source, second, first)


def test_a_version_is_compared_with_the_one_before_and_with_how_it_stands(editor_client: Client) -> None:
    source = make_source(title="One")
    for title in ("Two", "Three"):
        save(editor_client, source, title=title)
    first, second, third = moments(source)

    page = shown(editor_client.get(url(source, "history")))

    assert f"{url(source, 'compare')}?from={first}&amp;to=now" in page
    now = compare(editor_client, source, first, "now")
    assert "<del>One</del>" in now
    assert "<ins>Three</ins>" in now
    opened = shown(editor_client.get(url(source, "simple_history", second)))
    assert "<del>One</del>" in opened
    assert "<ins>Two</ins>" in opened
    assert "<del>Two</del>" in shown(editor_client.get(url(source, "compare"), {"to": third}))


def test_the_first_version_shows_everything_as_new(editor_client: Client) -> None:
    source = make_source(title="One")

    page = shown(editor_client.get(url(source, "simple_history", moments(source)[0])))

    assert "<ins>One</ins>" in page
    assert "before there was any version" in page


def test_who_when_why_door_and_row_of_both_are_told(editor: User, reviewer: User, reviewer_client: Client) -> None:
    with changing(user=editor, door=Door.IMPORT, reason="First sheet", batch=7, row="events.csv, row 12"):
        source = make_source()
    with changing(user=reviewer, door=Door.ADMIN, reason="Checked with the paper"):
        source.title = "Corrected"
        source.save()

    page = compare(reviewer_client, source, *moments(source))

    older, newer = (re.sub("<[^>]+>", "", part) for part in re.findall(r"<dd>(.*?)</dd>", page))
    assert "editor, through import (import 7, events.csv, row 12) First sheet" in older
    assert "reviewer, through admin Checked with the paper" in newer


def test_relations_lists_choices_and_dates_are_compared_in_words(editor_client: Client) -> None:
    kim, tae = make_actor(name="Kim Song", kind="person"), make_actor(name="Tae Yongho", kind="person")
    sanctions, costs = make_reason(), make_reason(slug="costs", label="Costs")
    quote = make_quote(speaker=kim, said_on="2023-10", language="ko", translated_by="carrier")
    quote.reasons.add(sanctions)
    save(editor_client, quote, speaker=tae.pk, said_on="2023-10-26", translated_by="nkwatch", reasons=[costs.pk])

    response = editor_client.get(url(quote, "compare"))

    assert lines(response.context["own"]) == {
        "speaker": ("Kim Song", "Tae Yongho"),
        "said_on": ("2023-10", "2023-10-26"),
        "translated_by": ("the carrier", "nkwatch"),
        "reasons": ("Sanctions", "Costs"),
    }
    unchanged = {line.name: line.new_text for line in response.context["own"].unchanged}
    assert unchanged["language"] == "ko"


def test_what_a_version_named_and_is_gone_is_told(editor_client: Client) -> None:
    kim = make_actor(name="Kim Song", kind="person")
    quote = make_quote(speaker=kim)
    save(editor_client, quote, speaker="")
    pk = kim.pk
    kim.delete()

    own = editor_client.get(url(quote, "compare")).context["own"]

    assert lines(own)["speaker"] == (f"{pk}, no longer there", "")


def test_markup_in_a_text_is_shown_as_text(editor_client: Client) -> None:
    source = make_source(title="<script>alert(1)</script> one")
    save(editor_client, source, title="<script>alert(1)</script> two")

    for page in (compare(editor_client, source, *moments(source)), shown(editor_client.get(url(source, "history")))):
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


# Parts, as they stood.


def test_a_record_and_the_parts_saved_with_it_are_one_moment(editor_client: Client) -> None:
    data = {"kind": "person", "name": "Tae Yongho", "capacity": "former-official", "country": "KP"}
    rows = {"names-TOTAL_FORMS": 2, "names-INITIAL_FORMS": 0, "names-0-name": "Thae Yong-ho", "names-1-name": "태영호"}
    editor_client.post(reverse("admin:sources_actor_add"), data | rows)
    actor = Actor.objects.get()

    (only,) = Past(Actor, actor.pk).moments

    assert [str(version.instance) for version in only.versions] == ["Tae Yongho", "Thae Yong-ho", "태영호"]


def test_parts_are_compared_as_they_stood_at_both_moments(editor_client: Client) -> None:
    event = make_event(summary="First.")
    changed = cite(event, make_source(title="Changed"), wording="The embassy will close.")
    removed = cite(event, make_source(title="Removed"), wording="Soon.")
    cite(event, make_source(title="Same"))
    before = moments(event)[-1]
    with changing(reason="second look"):
        event.summary = "Second."
        event.save()
        changed.wording = "The embassy may close."
        changed.save()
        removed.delete()
        added = cite(event, make_source(title="Added"), wording="Now.")
    with changing(reason="later"):
        changed.wording = "Later still."
        changed.save()
        added.delete()
    second = moments(event)[-2]

    response = editor_client.get(url(event, "compare"), {"from": before, "to": second})

    assert lines(response.context["own"]) == {"summary": ("First.", "Second.")}
    assert ("eventcitation", "changed", {"wording": ("The embassy will close.", "The embassy may close.")}) in parts(
        response
    )
    by_kind = {kind: told for _, kind, told in parts(response)}
    assert by_kind["added"]["wording"] == ("", "Now.")
    assert by_kind["removed"]["wording"] == ("Soon.", "")
    assert len(parts(response)) == 3
    assert [part.title.split("“")[1].split("”")[0] for part in response.context["same_parts"]] == ["Same"]
    page = shown(response)
    assert "<del>will </del>" in page
    assert "<ins>may </ins>" in page


def test_a_change_of_a_part_alone_is_a_moment_of_its_record(editor_client: Client) -> None:
    actor = make_actor()
    name = ActorName.objects.create(actor=actor, name="Kyodo")
    save(editor_client, actor, **{"names-0-name": "共同通信"})

    page = shown(editor_client.get(url(actor, "history")))

    assert "<strong>Name</strong>: <del>Kyodo</del> → <ins>共同通信</ins>" in page
    assert len(moments(actor)) == 3
    response = editor_client.get(url(actor, "simple_history", moments(actor)[-1]))
    assert parts(response) == [("actorname", "changed", {"name": ("Kyodo", "共同通信")})]
    assert name.history.count() == 2


def test_parts_of_parts_are_compared_too(editor_client: Client) -> None:
    coverage = make_coverage()
    citation = cite(coverage, wording="Also serves Spain.")
    mission = coverage.mission
    before = moments(mission)[-1]
    citation.wording = "Also serves Malta."
    citation.save()

    response = editor_client.get(url(mission, "compare"), {"from": before})
    assert parts(response) == [
        ("coveragecitation", "changed", {"wording": ("Also serves Spain.", "Also serves Malta.")})
    ]
    coverage.delete()

    gone = {kind for _, kind, _ in parts(editor_client.get(url(mission, "compare"), {"from": before}))}
    assert gone == {"removed"}
    assert Coverage.history.count() == CoverageCitation.history.count() - 1 == 2


def test_a_part_that_moved_to_another_record_is_one_that_went(editor_client: Client) -> None:
    event, other = make_event(), make_event(mission=make_mission(host="IT", city="Rome"))
    citation = cite(event)
    before = moments(event)[-1]
    citation.event = other
    citation.save()

    went = editor_client.get(url(event, "compare"), {"from": before})
    came = editor_client.get(url(other, "compare"))

    assert [(model, kind) for model, kind, _ in parts(went)] == [("eventcitation", "removed")]
    assert [(model, kind) for model, kind, _ in parts(came)] == [("eventcitation", "added")]


def test_publication_shows_in_the_record_and_its_parts(reviewer_client: Client) -> None:
    event = make_event()
    cite(event)
    publish(event)

    page = shown(reviewer_client.get(url(event, "compare"), {"from": moments(event)[0], "to": "now"}))

    assert "<del>draft</del>" in page
    assert "<ins>published</ins>" in page


# The pages themselves.


def test_choices_are_kept_from_page_to_page(editor_client: Client) -> None:
    source = make_source(title="Title 0")
    for number in range(1, 60):
        source.title = f"Title {number}"
        source.save()
    keys = moments(source)

    second = shown(editor_client.get(url(source, "history"), {"p": 2, "from": keys[0], "to": keys[-1]}))

    assert re.search(rf'name="to" value="{keys[-1]}"[^>]*checked', second)
    assert re.search(rf'name="from" value="{keys[0]}"[^>]*checked', second)
    assert "chosen on another page" in second
    assert 'name="p" value="1"' in second
    assert len(re.findall('type="radio" name="to"', second)) == 10 + 1


def test_a_longer_past_asks_no_more_queries(editor_client: Client, django_assert_max_num_queries: Any) -> None:
    event = make_event()
    citations = [cite(event, make_source(title=f"Source {n}")) for n in range(3)]

    def change(times: int) -> None:
        for number in range(times):
            event.summary = f"{event.summary} {number}"
            event.save()
            for citation in citations:
                citation.wording = event.summary
                citation.save()

    change(2)
    for page in ("history", "compare"):
        editor_client.get(url(event, page))
    with django_assert_max_num_queries(40) as few_history:
        editor_client.get(url(event, "history"))
    with django_assert_max_num_queries(40) as few_compare:
        editor_client.get(url(event, "compare"))
    change(6)
    with django_assert_max_num_queries(len(few_history)):
        editor_client.get(url(event, "history"))
    with django_assert_max_num_queries(len(few_compare)):
        editor_client.get(url(event, "compare"))


def test_a_deleted_record_keeps_its_past(editor_client: Client) -> None:
    mission = make_mission()
    cite(mission, wording="As printed.")
    history, compared = url(mission, "history"), url(mission, "compare")
    editor_client.post(url(mission, "delete"), {"post": "yes"})

    assert "Deleted" in shown(editor_client.get(history))
    assert "Go back to this" not in shown(editor_client.get(history))
    assert "<del>Madrid</del>" in shown(editor_client.get(compared))
    assert "<del>As printed.</del>" in shown(editor_client.get(compared))
    assert Mission.history.exists()


@pytest.mark.parametrize("query", [{"to": "999999"}, {"from": "eventcitation-1"}, {"from": "x'"}])
def test_versions_that_are_not_there_are_not_found(editor_client: Client, query: dict[str, str]) -> None:
    assert editor_client.get(url(make_source(), "compare"), query).status_code == 404


def test_a_country_has_versions_to_compare(administrator_client: Client) -> None:
    spain = Country.objects.get(pk="ES")
    for variants in ("España", "España; Espagne"):
        spain.variants = variants
        spain.save()

    assert "<ins>; Espagne</ins>" in shown(administrator_client.get(url(spain, "compare"))).replace("</ins><ins>", "")


def test_visitors_and_strangers_do_not_see_versions(client: Client, client_of: Any) -> None:
    source = make_source()
    stranger = client_of(User.objects.create_user("stranger", is_staff=True))

    for page in ("history", "compare", "revert"):
        assert client.get(url(source, page)).status_code == 302
        assert stranger.get(url(source, page)).status_code == 403


def test_a_record_to_which_a_part_was_added_alone_was_not_made_then(editor_client: Client) -> None:
    event = make_event()
    with changing(reason="a second report"):
        cite(event, make_source(title="Another"))

    page = shown(editor_client.get(url(event, "history")))

    assert page.count("<li>Made</li>") == 1
    assert page.index("a second report") < page.index("<li>Made</li>")
