"""What readers would see change, shown before anything is written (event-sheet.md, point 3)."""

import datetime

import pytest

from missions.importing.effect import effect_of
from missions.importing.imports import import_sheet
from missions.models import ClosureEvent, Mission
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.importing.traces import kinds
from nkwatch.editorial.models import ImportBatch, ImportRow, NumberSequence, ProposedChange
from tests.make import cite, make_actor, make_event, make_mission, make_source, publish

pytestmark = pytest.mark.django_db

HEADER = "host_country,event,date,source_url,source_title,basis,attributed_to_actor"


def effects(*rows: str, wanted=None, header=HEADER, user=None, **options) -> dict[int, str]:
    content = "\n".join([header, *rows]).encode()
    return effect_of(content, SheetOptions(**options), user, wanted or range(2, len(rows) + 2))


@pytest.fixture
def spain() -> ClosureEvent:
    """An embassy that is closing, by one origin."""
    event = make_event(stage="announced", date="2023-10-26")
    cite(event, make_source(issued=""), attributed_to_actor=make_actor())
    publish(event)
    make_actor(name="Yonhap", country="KR")
    publish(*type(make_actor(name="Reuters", country="GB")).objects.all())
    return event


def test_status_and_support_are_told_before_and_after(spain):
    found = effects(
        "Spain,announced,2023-10-26,https://example.org/1,A,attributed,Yonhap",
        "Spain,closed,2023-11,https://example.org/2,B,attributed,Yonhap",
    )

    assert found == {
        2: "Spain: closing → closed; origins 1 → 2; single origin → corroborated",
        3: "Spain: closing → closed; origins 0 → 1; unsourced → single origin",
    }


def test_what_it_tells_is_what_happens(spain, settings, reviewer):
    settings.FOUR_EYES = False
    row = "Spain,closed,2023-11,https://example.org/2,B,attributed,Yonhap"
    told = effects(row)

    content = f"{HEADER}\n{row}".encode()
    import_sheet(content, "events.csv", user=reviewer, door="import", options=SheetOptions(publish=True))

    event = ClosureEvent.objects.public().get(stage="closed")
    status = Mission.objects.as_of(datetime.date.today()).get(host="ES").spans_on_day[0].get_status_display()
    support = f"origins 0 → {event.support_origins}; unsourced → {event.get_support_level_display()}"
    assert told == {2: f"Spain: closing → {status}; {support}"}


def test_rows_about_the_same_mission_count_though_they_stand_on_another_page(spain):
    rows = [
        "Spain,announced,2023-10-26,https://example.org/1,A,attributed,Yonhap",
        "Peru,closed,2017,https://example.org/3,C,,",
        "KP-ES,closed,2023-11,https://example.org/2,B,,",
        "스페인,closed,2023-11,https://example.org/2,B,,",
    ]

    assert effects(*rows, wanted=[2]) == {2: "Spain: closing → closed; origins 1 → 2; single origin → corroborated"}


def test_a_new_mission_and_a_row_that_says_nothing_new(spain):
    found = effects(
        "Peru,closed,2017,https://example.org/3,C,own-reporting,",
        "Spain,announced,2023-10-26,,North Korea to close its embassy in Spain,attributed,Kyodo News",
        "Atlantis,closed,2017,https://example.org/4,D,,",
        "Spain,vanished,2017,https://example.org/5,E,,",
    )

    assert found == {2: "Peru: not on the pages → closed; unsourced → origin not given", 3: "", 4: "", 5: ""}


def test_a_mention_changes_nothing_for_readers(spain):
    header = f"{HEADER},stance"

    assert effects("Spain,announced,2023-10-26,https://example.org/1,A,,,mentions", header=header) == {2: ""}


def test_row_numbers_are_those_of_the_file_with_the_importers_choices_made(spain):
    header = "\n\nland,what,date,source_url,source_title"
    found = effects(
        "Spain,closed,2023-11,https://example.org/2,B",
        "Spanien,closed,2023-12,https://example.org/3,C",
        header=header,
        wanted=[4, 5],
        columns=("host_country", "event", "date", "source_url", "source_title"),
        mended={"5": {"host_country": "Spain"}},
    )

    assert {row: bool(words) for row, words in found.items()} == {4: True, 5: True}
    assert "unsourced → origin not given" in found[5]


def test_no_trace_is_left(spain, editor):
    models = [*kinds(), *(model.history.model for model in kinds()), ImportBatch, ImportRow, ProposedChange]
    before = [list(model._base_manager.values()) for model in models]
    numbers = list(NumberSequence.objects.values())

    assert effects("Peru,closed,2017,https://example.org/3,C,,", user=editor)[2]

    assert [list(model._base_manager.values()) for model in models] == before
    assert list(NumberSequence.objects.values()) == numbers
    assert not Mission.objects.filter(host="PE").exists()


def test_of_more_rows_than_are_tried_it_says_how_many_there_are(spain, settings):
    settings.IMPORT_EFFECT_ROWS = 2
    rows = [f"Peru,seen-open,2017-0{n},https://example.org/{n},R{n},," for n in range(1, 4)]

    found = effects("Spain,closed,2023-11,https://example.org/2,B,,", *rows, wanted=[2, 3])

    assert found == {
        2: "Spain: closing → closed; unsourced → origin not given",
        3: "not shown: 3 rows of this sheet are about missions there",
    }


def test_sheets_of_other_records_have_no_effect_to_show():
    make_mission()

    assert effects("person,Kim", header="kind,name", kind="actors") == {2: ""}
