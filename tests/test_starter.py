"""The starter data: five real reports, told whole; ten facts followed from the sheets to the pages."""

import csv
import hashlib
import html
import io
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from missions.figures import RecordedCounts, compare
from missions.management.commands.load_starter import ORDER, STARTER
from missions.models import ClosureEvent, Mission, ReportedFigure, StatusSpan
from sources.matching import actor_named
from sources.models import Actor, Quote, Source

REPORTS = Path(__file__).resolve().parents[2] / "shared" / "seeds"
REPORT_FILES = {
    "eaf-copy": "000_ab7b407c15a14498.txt",
    "npr-wmky": "001_f04da67dedb0d753.txt",
    "shift": "002_dc8b3e12a9ebc629.txt",
    "explainer": "003_0b9beb9338abd22b.txt",
    "nkr": "004_aafeb1a2478d1e14.txt",
}


@pytest.fixture(scope="module")
def starter(django_db_setup, django_db_blocker):
    """The starter data, loaded once for this module and taken back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_starter")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def page(starter, django_db_blocker):
    """Read a page of the site as text, without its markup."""

    def read(address: str) -> str:
        response = Client().get(address)
        assert response.status_code == 200, address
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())

    with django_db_blocker.unblock():
        yield read


def mission(**values) -> Mission:
    return Mission.objects.public().get(**values)


def event(host: str, stage: str, sending: str = "KP") -> ClosureEvent:
    return ClosureEvent.objects.public().get(mission__host=host, mission__sending=sending, stage=stage)


def status(found: Mission, day: str) -> StatusSpan:
    return Mission.objects.as_of(day).get(pk=found.pk).spans_on_day[0]


# Loading


def test_loading_again_changes_nothing(page, capsys):
    before = {model: model.history.count() for model in (Actor, Source, Quote, Mission, ClosureEvent)}

    call_command("load_starter")

    assert re.search(r"0 new, 0 changed, \d{3,} unchanged", capsys.readouterr().out)
    assert {model: model.history.count() for model in before} == before


def test_the_record_is_clean(page, capsys):
    call_command("check_record")

    assert "The record is clean" in capsys.readouterr().out


# The ledger


def rows(name: str) -> list[dict[str, str]]:
    path = STARTER / f"{name}.csv"
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))) if path.exists() else []


def keys_of(name: str) -> set[str]:
    """How the ledger calls the rows of a sheet: by key or slug, else by what they tie together."""
    found: list[str] = []
    for row in rows(name):
        if handle := row.get("key") or row.get("slug"):
            key = handle
        elif name == "references":
            key = f"{row['source']}/{row['cited_source']}"
        else:
            key = f"{next(iter(row.values()))}/{row['source']}"
        times = sum(other.split("#")[0] == key for other in found)
        found.append(f"{key}#{times + 1}" if times else key)
    return {f"{name}:{key}" for key in found}


def test_every_row_stands_in_the_ledger_and_every_entry_names_a_row():
    listed = {entry.strip() for row in rows("ledger") for entry in row["records"].split(";") if entry.strip()}
    sheets = set().union(*(keys_of(name) for name in ORDER))

    assert sheets - listed == set()
    assert listed - sheets == set()


def test_every_paragraph_has_records_or_a_reason_why_not():
    assert [row for row in rows("ledger") if not row["records"].strip() and not row["outside"].strip()] == []


@pytest.mark.parametrize("report", REPORT_FILES)
def test_the_ledger_numbers_the_paragraphs_of_a_report_without_a_gap(report):
    numbers = [int(row["paragraph"]) for row in rows("ledger") if row["report"] == report]

    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.skipif(
    not REPORTS.exists(),
    reason="The five reports are not redistributed: put them in ../shared/seeds to check the ledger.",
)
@pytest.mark.parametrize(("report", "file"), REPORT_FILES.items())
def test_every_paragraph_of_the_reports_stands_in_the_ledger(report, file):
    lines = [" ".join(line.split()) for line in (REPORTS / file).read_text(encoding="utf-8").splitlines()]
    digests = [hashlib.sha256(line.encode()).hexdigest()[:12] for line in lines if line]

    assert [row["digest"] for row in rows("ledger") if row["report"] == report] == digests


# Ten facts, from the starter data to the pages


def test_the_partys_note_on_madrid_in_two_renderings_is_one_event_with_one_origin(page):
    notified = event("ES", "notified")
    note = notified.quotes.get()

    assert (notified.support_sources, notified.support_origins, notified.support_level) == (2, 1, "confirmed")
    assert note.citations.count() == 2
    shown = page(mission(host="ES").get_absolute_url())
    assert "inability to develop mutually beneficial relations" in shown
    assert "impossibility of being able to develop mutually beneficial relations" in shown


def test_as_many_as_a_dozen_belongs_to_a_newspaper_and_is_carried_by_others(page):
    figure = ReportedFigure.objects.public().get(worded="as many as a dozen")

    assert figure.speaker.name.startswith("Yomiuri")
    assert figure.citations.count() == 2
    assert figure.citations.filter(source__outlet=figure.speaker).count() == 0
    assert "Yomiuri" in page("/figures/")


def test_a_mission_that_only_an_endnotes_title_names(page):
    libya = mission(host="LY")

    assert event("LY", "closed").date == "../2024-01-30"
    assert {c.attributed_to_source.outlet.name for c in libya.citations.all()} == {"Yonhap News Agency"}
    assert "by 30 January 2024" in page(libya.get_absolute_url())


def test_the_mission_in_italy_takes_over_spain(page):
    italy = mission(host="IT")

    assert event("ES", "notified").duties_to == italy
    assert "Spain" in page(italy.get_absolute_url())
    assert italy.name in page(mission(host="ES").get_absolute_url())


def test_hong_kong_is_confirmed_by_the_government_that_governs_it(page):
    confirmed = event("HK", "host-confirmed")

    assert confirmed.support_level == "confirmed"
    assert confirmed.citations.get().origin_body.country_id == "CN"
    assert confirmed.mission.host.governed_by_id == "CN"
    assert "Confirmed" in page(confirmed.get_absolute_url())


def test_the_statement_of_3_november_is_one_quote_in_its_renderings(page):
    statement = Quote.objects.public().get(said_on="2023-11-03", speaker__part_of__country="KP")
    renderings = set(statement.citations.values_list("wording", flat=True))

    assert statement.citations.count() == 3
    assert len(renderings) == 3
    shown = page(statement.get_absolute_url())
    assert "3 November 2023" in shown
    assert all(words.strip(" .")[:40] in shown for words in renderings)


@pytest.mark.parametrize("sending", ["RO", "IN", "ID", "BG"])
def test_four_embassies_in_pyongyang_closed_within_a_window_of_years(page, sending):
    closed = event("KP", "closed", sending)
    before, inside, after = (status(closed.mission, day) for day in ("2020-06-01", "2022-06-01", "2024-01-01"))

    assert (closed.date_latest - closed.date_earliest).days > 700
    assert (before.status, before.may_have_closed) == ("open", False)
    assert (inside.status, inside.may_have_closed) == ("open", True)
    assert after.status == "closed"
    assert "may have closed" in page(f"{closed.mission.get_absolute_url()}?asof=2022-06-01")


def test_tae_and_thae_are_one(page):
    tae = Actor.objects.public().get(name="Tae Yongho")

    assert {actor_named("Thae Yong-ho"), actor_named("태영호"), actor_named("TAE YONG HO")} == {tae}
    assert "Thae Yong-ho" in page(tae.get_absolute_url())


@pytest.mark.parametrize("host", ["GN", "NP", "BD", "SN", "ES", "UG", "AO"])
def test_seven_closed_by_5_december_and_were_closing_before(page, host):
    found = event(host, "closed").mission
    before, after = status(found, "2023-12-04"), status(found, "2023-12-05")

    assert (before.status, before.may_have_closed) == ("closing", True)
    assert (after.status, after.since) == ("closed", "../2023-12-05")
    assert "by 5 December 2023" in page(found.get_absolute_url())


def test_others_numbers_stand_side_by_side_with_ours(page):
    counts = RecordedCounts()
    said = {
        words: compare(ReportedFigure.objects.public().get(worded__startswith=words), counts)
        for words in ("53", "over 50", "44", "dozens", "as many as a dozen")
    }

    assert {words: compared.comparison for words, compared in said.items()} == {
        "53": "not-comparable",
        "over 50": "not-comparable",
        "44": "not-comparable",
        "dozens": "differs",
        "as many as a dozen": "within",
    }
    shown = page("/figures/")
    assert all(words in shown for words in said)
    assert all(str(compared.recorded) in shown for compared in said.values())


def test_all_23_endnotes_stand_with_their_titles_in_both_languages(page):
    report = Source.objects.public().get(title__startswith="What made Pyongyang close down")
    labels = list(report.references.order_by("pk").values_list("label", flat=True))

    assert set(labels) >= {f"n{number}" for number in range(1, 24)}
    korean = report.references.filter(label__startswith="n").exclude(cited_source__title_original="")
    assert korean.count() == 21
    assert "Yonhap" in page(report.get_absolute_url())


def test_the_congo_is_closing_and_not_closed(page):
    congo = status(mission(host="CD"), "2026-11-22")

    assert (congo.status, str(congo.last_reported)) == ("closing", "2023-12-05")


def test_one_report_calls_the_consulate_general_an_embassy(page):
    hong_kong = mission(host="HK")

    assert hong_kong.kind == "consulate-general"
    assert hong_kong.citations.filter(fact="kind", stance="disputes").exists()
