"""Whom the cells of a sheet mean: what is found exactly, by a variant, or among the nearest names."""

import csv
import io

import pytest
from django.core.exceptions import ValidationError

from missions.importing.imports import EVENTS, KINDS, import_sheet
from missions.importing.known import READERS
from missions.importing.names import (
    Finding,
    cells_for,
    chosen_texts,
    columns_that_name_records,
    look_up,
    open_texts,
    refuse_number,
)
from missions.matching import mission_named
from missions.models import Mission
from missions.stock import EventStock
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.models import ProposedChange
from nkwatch.editorial.reading import Sheet, read_sheet
from sources.matching import actor_named, country_named, source_named
from sources.models import Actor, ActorName, Country, Source
from tests.make import make_actor, make_mission, make_reason, make_source, publish

pytestmark = pytest.mark.django_db


def sheet(headers: list[str], rows: list[list[str]]) -> Sheet:
    """A sheet as it is read from a file; a last column keeps rows that are blank otherwise."""
    written = io.StringIO()
    csv.writer(written).writerows([[*headers, "note"], *([*row, "x"] for row in rows)])
    return read_sheet(written.getvalue().encode())


def found(column: str, *cells: str, kind: str = EVENTS):
    """What is found out about the cells of one column."""
    [result] = look_up(KINDS[kind], sheet([column], [[cell] for cell in cells]))
    return result


def one(column: str, cell: str, kind: str = EVENTS):
    return found(column, cell, kind=kind).texts[0]


@pytest.mark.parametrize(
    ("cell", "finding", "code"),
    [
        ("Spain", Finding.EXACT, "ES"),
        ("ES", Finding.EXACT, "ES"),
        ("esp", Finding.EXACT, "ES"),
        ("스페인", Finding.EXACT, "ES"),
        ("DRC", Finding.VARIANT, "CD"),
        ("Ivory Coast", Finding.VARIANT, "CI"),
    ],
)
def test_a_country_is_found_by_code_name_and_variant(cell, finding, code):
    text = one("host_country", cell)

    assert (text.finding, text.found.number) == (finding, code)


def test_a_country_that_is_misspelt_is_not_matched_but_offered():
    column = found("host_country", "Potugal", "Potugal")

    [text] = column.texts
    assert (text.finding, text.count, text.found) == (Finding.NONE, 2, None)
    [nearest, *others] = column.names.candidates("Potugal")
    assert (nearest.number, nearest.called) == ("PT", "Portugal") and nearest.score >= 90
    assert len(others) <= 2


def test_congo_alone_is_ambiguous_and_both_are_offered():
    column = found("host_country", "Congo")

    assert column.texts[0].finding is Finding.SEVERAL
    assert {candidate.number for candidate in column.names.candidates("Congo")[:2]} == {"CD", "CG"}


def test_nothing_near_is_no_match_without_candidates():
    column = found("host_country", "Zzyzx")

    assert column.texts[0].finding is Finding.NONE and column.names.candidates("Zzyzx") == []


def test_what_was_not_looked_for_is_told_apart_from_what_was_not_found():
    column = found("speaker", "", "Nobody known", "", "Kim\u202eIl", "x" * 1001)

    assert column.blank == 2
    findings = {text.text[:6]: text.finding for text in column.texts}
    assert findings == {"Nobody": Finding.NONE, "Kim\u202eIl": Finding.NOT_TRIED, "xxxxxx": Finding.NOT_TRIED}
    assert "invisible character" in next(text for text in column.texts if "Kim" in text.text).note


@pytest.mark.parametrize(
    ("cell", "finding"),
    [
        ("Tae Yongho", Finding.EXACT),
        ("TAE YONG-HO", Finding.EXACT),
        ("Thae Yong-ho", Finding.VARIANT),
        ("태영호", Finding.VARIANT),
        ("Tae Yeongho", Finding.NONE),
        ("태용호", Finding.NONE),
    ],
)
def test_an_actor_is_found_by_every_spelling_and_offered_for_others(cell, finding):
    tae = make_actor(kind="person", name="Tae Yongho")
    for name in ("Thae Yong-ho", "태영호"):
        ActorName.objects.create(actor=tae, name=name)
    make_actor(name="Ministry of Foreign Affairs")

    column = found("speaker", cell)

    assert column.texts[0].finding is finding
    assert column.names.candidates(cell)[0].number == tae.label


def test_several_actors_of_one_name_are_all_offered_and_one_without_a_name_never():
    ministries = {make_actor(name="Ministry of Foreign Affairs", country=code).label for code in ("CN", "RU")}
    make_actor(kind="unnamed", name="Ministry of Foreign Affairs", country="KP")

    text = one("attributed_to_actor", "Ministry of Foreign Affairs")

    assert text.finding is Finding.SEVERAL and {fit.number for fit in text.fits} == ministries


def test_initials_alone_identify_nobody():
    make_actor(kind="person", name="K.")

    assert one("speaker", "K.").finding is Finding.NONE


def test_missions_go_by_number_name_and_other_names_and_duties_by_country_too():
    mission = make_mission(host="IT", city="Rome", other_names="Rome post; 로마 공관")

    assert one("mission", mission.label).found.number == mission.label
    assert one("mission", "로마 공관").finding is Finding.VARIANT
    assert one("duties_to", "Italy").finding is Finding.EXACT
    assert one("mission", "Italy").finding is Finding.NONE


def test_a_source_goes_by_address_and_title():
    source = make_source(title="Embassy closes", source_url="https://example.org/a?utm_source=x")

    assert one("attributed_to_source", "http://example.org/a").found.number == source.label
    assert one("attributed_to_source", "embassy closes").finding is Finding.EXACT


def test_each_of_several_names_in_a_cell_is_looked_for_and_chosen_on_its_own():
    make_reason(slug="sanctions", label="Sanctions")
    column = found("reasons", "sanctions; sanktions", "sanktions")
    texts = {text.text: text for text in column.texts}
    assert (texts["sanctions"].finding, texts["sanctions"].count) == (Finding.EXACT, 1)
    assert (texts["sanktions"].finding, texts["sanktions"].count) == (Finding.NONE, 2)

    listed = sheet(["reasons"], [["sanctions; sanktions"], ["sanktions"], [""]])
    cells = cells_for(column.naming, listed, {"sanktions": "sanctions"})

    assert cells == {"sanctions; sanktions": "sanctions; sanctions", "sanktions": "sanctions"}
    assert chosen_texts(column.naming, cells) == {"sanktions": "sanctions"}


def test_rows_of_a_sheet_may_name_each_other():
    rows = [["mofa", "organisation", "Ministry", ""], ["", "person", "A", "mofa"]]

    [column] = look_up(KINDS["actors"], sheet(["key", "kind", "name", "part_of"], rows))

    assert [text.finding for text in column.texts] == [Finding.IN_SHEET]


def test_which_columns_name_records_is_what_is_declared():
    naming = {kind: set(columns_that_name_records(resource)) for kind, resource in KINDS.items()}

    assert naming[EVENTS] == {
        "host_country",
        "sending_country",
        "mission",
        "duties_to",
        "source_outlet",
        "speaker",
        "reasons",
        "attributed_to_source",
        "attributed_to_actor",
    }
    assert naming["actors"] == {"part_of", "country"}
    assert naming["missions"] == {"sending", "host"}
    assert {"source", "attributed_to_actor"} <= naming["event_citations"] and "event" not in naming["event_citations"]


def test_what_is_open_comes_first_and_is_no_longer_open_once_chosen():
    column = found("host_country", "Spain", "Spain", "Potugal")

    assert [text.text for text in column.texts] == ["Potugal", "Spain"]
    assert open_texts([column], {}) == 1
    assert open_texts([column], {"host_country": {"Potugal": "PT"}}) == 0


@pytest.mark.parametrize("column", ["host_country", "mission", "reasons"])
def test_a_number_of_another_kind_is_refused(column):
    actor = make_actor(name="Peru")

    assert "is not the" in refuse_number(columns_that_name_records(KINDS[EVENTS])[column], f"A-{actor.pk:04d}")


def test_the_number_of_queries_does_not_grow_with_the_texts(django_assert_max_num_queries):
    for place in range(40):
        make_actor(name=f"Agency {place}")
    cells = [[f"Agency {place}", f"Agency {place}", "Spain"] for place in range(80)]
    many = sheet(["source_outlet", "speaker", "host_country"], cells)

    # Countries, actors, which of them were merged, and their other names: each list once, though two
    # columns name actors.
    with django_assert_max_num_queries(4):
        columns = look_up(KINDS[EVENTS], many)
        columns[1].names.candidates("Agencies 7")

    assert {column.naming.column: len(column.open) for column in columns} == {
        "host_country": 0,
        "source_outlet": 40,
        "speaker": 40,
    }


def test_all_names_kept_for_a_published_mission_are_one_proposal_made_once(editor):
    mission = make_mission(host="PE")
    publish(mission)
    texts = ["The post in Lima", "Lima legation", "lima-legation"]
    rows = [f"Peru,closed,2017-03-0{day},https://example.org/{day}/a,{text}" for day, text in enumerate(texts, 1)]
    content = "\n".join(["host_country,event,date,source_url,mission", *rows]).encode()
    options = SheetOptions(names={"mission": dict.fromkeys(texts, mission.label)}, kept={"mission": texts})

    reports = [import_sheet(content, "sheet.csv", user=editor, door="import", options=options) for _ in range(2)]

    assert [(report.written, report.proposed) for report in reports] == [(True, 1), (False, 0)]
    change = ProposedChange.objects.get()
    assert change.difference == {"other_names": {"old": "", "new": "The post in Lima; Lima legation"}}


TEXTS = (
    "Spain", "spain", "ESP", "스페인", "DRC", "Guinea", "Atlantis",
    "Kyodo News", "KYODO-NEWS", "교도통신", "K.", "Twins", "nobody at all",
    "Embassy in Madrid", "Legation in Madrid", "One title", "ONE TITLE", "Two titles",
    "https://example.org/a#x", "http://example.org/a", "Sanctions", "sanctions",
)  # fmt: skip


def _asked(named, text):
    """Which record goes by `text`: its number or code; "several"; or none."""
    try:
        record = named(text)
    except ValidationError:
        return "several"
    return None if record is None else getattr(record, "label", "") or record.pk


def test_the_page_the_import_and_the_rules_find_the_same_records():
    """Three look through names, for three ends; that they agree is what this compares."""
    kyodo = make_actor(name="Kyodo News")
    ActorName.objects.create(actor=kyodo, name="교도통신")
    for country in ("JP", "KR"):
        make_actor(name="Twins", country=country)
    make_mission(name="Embassy in Madrid", other_names="Legation in Madrid")
    make_source(title="One title", source_url="https://example.org/a")
    for issued in ("2017", "2018"):
        make_source(title="Two titles", issued=issued)
    stock = EventStock()
    stock.look_up(sources=TEXTS, actors=TEXTS, speakers=(), quotes=False)
    stock.look_up_events([], TEXTS)

    for model, rule, in_stock in (
        (Country, country_named, stock.country),
        (Actor, actor_named, stock.actor),
        (Mission, mission_named, stock.mission_named),
        (Source, source_named, stock.source_named),
    ):
        names = READERS[model]()
        for text in TEXTS:
            expected = _asked(rule, text)
            finding, fits = names.look_up(text)
            on_page = (
                {Finding.SEVERAL: "several", Finding.NONE: None}.get(finding) if len(fits) != 1 else fits[0].number
            )
            assert (_asked(in_stock, text), on_page) == (expected, expected), (model, text)
