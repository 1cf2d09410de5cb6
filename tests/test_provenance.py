"""The tree of a source: whom it relies on or republishes down to the origin, and who relies on it in turn."""

import re
from typing import Any

import pytest
from django.test import Client

from missions.models import EventCitation
from sources.models import Source
from sources.provenance import relied_on, relying
from tests.make import cite, make_event, make_mission, make_source, publish

pytestmark = pytest.mark.django_db


def make_event_of(host: str) -> Any:
    return make_event(mission=make_mission(host=host, city=""))


def make_chain(event: Any, *titles: str) -> list[Source]:
    """Sources, each of which has the same claim from the next."""
    chain = [make_source(title=title) for title in titles]
    for source, origin in zip(chain, [*chain[1:], None], strict=True):
        cite(event, source, **({"attributed_to_source": origin} if origin else {"basis": "own-reporting"}))
    return chain


def told(ties: list[Any]) -> list[Any]:
    """The tree in plain values: each source's title with what it is tied for, and what follows."""
    return [
        (tie.source.title, "copy" if tie.is_copy else "above" if tie.is_above else len(tie.records), told(tie.ties))
        for tie in ties
    ]


@pytest.fixture
def chain(db: None) -> list[Source]:
    event = make_event_of("ES")
    chain = make_chain(event, "One", "Two", "Three", "Four", "Five")
    publish(event)
    return [Source.objects.get(pk=source.pk) for source in chain]


def test_a_chain_is_told_from_either_end_down_to_the_other(chain: list[Source]) -> None:
    assert told(relied_on(chain[0])) == [("Two", 1, [("Three", 1, [("Four", 1, [("Five", 1, [])])])])]
    assert told(relying(chain[4])) == [("Four", 1, [("Three", 1, [("Two", 1, [("One", 1, [])])])])]
    assert told(relied_on(chain[2])) == [("Four", 1, [("Five", 1, [])])]
    assert relied_on(chain[4]) == relying(chain[0]) == []


def test_what_a_source_has_of_another_record_is_no_provenance_of_this_one(chain: list[Source]) -> None:
    other = make_event_of("FR")
    cite(other, chain[1], attributed_to_source=make_source(title="Elsewhere"))
    publish(other)
    assert "Elsewhere" not in str(told(relied_on(chain[0])))
    assert "Elsewhere" in str(told(relied_on(chain[1])))


def test_a_copy_goes_on_with_all_that_its_original_relies_on(chain: list[Source]) -> None:
    copy = make_source(title="Copy", republication_of=chain[3])
    publish(copy)
    assert told(relied_on(copy)) == [("Four", "copy", [("Five", 1, [])])]
    assert told(relying(chain[4]))[0][2][0] == ("Copy", "copy", [])


def test_a_circle_ends_where_it_began_and_what_two_rely_on_goes_on_once(chain: list[Source]) -> None:
    first, second, third = chain[:3]
    EventCitation.objects.filter(source=third).update(attributed_to_source=first)
    assert told(relied_on(first)) == [("Two", 1, [("Three", 1, [("One", "above", [])])])]
    Source.objects.filter(pk=second.pk).update(republication_of=third)
    Source.objects.filter(pk=third.pk).update(republication_of=second)
    assert told(relied_on(second))[0] == ("Three", "copy", [("Two", "copy", []), ("One", 1, [("Two", "above", [])])])


def test_nothing_unpublished_stands_in_the_tree_nor_what_is_reached_through_it(chain: list[Source]) -> None:
    chain[2].retract("It was a hoax.")
    assert told(relied_on(chain[0])) == [("Two", 1, [])]
    assert told(relying(chain[4])) == [("Four", 1, [])]


def test_the_page_nests_it_as_lists_and_costs_two_queries_a_level(
    client: Client, chain: list[Source], django_assert_num_queries: Any
) -> None:
    page = client.get(chain[0].get_absolute_url()).content.decode()
    part = page[page.index('id="h-relies"') :].partition("</section>")[0]
    assert part.count('<ul class="tree">') == 4
    assert re.findall("“(Two|Three|Four|Five)”", part) == ["Two", "Three", "Four", "Five"]
    with django_assert_num_queries(5 * 2 + 2):
        relied_on(chain[0])
    events = [make_event_of(host) for host in ("FR", "DE", "IT")]
    for event in events:
        make_chain(event, *(f"{title} of {event.mission.host_id}" for title in ("A", "B", "C", "D")))
        cite(event, chain[0], attributed_to_source=Source.objects.get(title=f"A of {event.mission.host_id}"))
    publish(*events)
    with django_assert_num_queries(5 * 2 + 2):
        assert len(relied_on(chain[0])) == 4
