"""A reader's questions, each answered from the home page in at most four clicks, in words.

What is asserted is asked of the record through its rules, in a process of its own: no answer stands here.
"""

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.served import ROOT, Site

MOST_CLICKS = 4


class Reader:
    """Somebody on the home page, whose clicks are counted: following a link, pressing a button or Enter.

    Typing into a field is none.
    """

    def __init__(self, page: Page, site: Site) -> None:
        self.page, self.clicks = page, 0
        page.goto(site.address)

    def click(self, target: Locator) -> None:
        target.first.click()
        self._count()

    def type_and_enter(self, field: Locator, text: str) -> None:
        field.first.fill(text)
        field.first.press("Enter")
        self._count()

    def follow(self, name: str, within: str = "body") -> None:
        """Follow the first link of that name."""
        self.click(self.page.locator(within).get_by_role("link", name=name, exact=True))

    def search(self, words: str) -> None:
        self.type_and_enter(self.page.get_by_role("searchbox", name="Search"), words)

    @property
    def read(self) -> Locator:
        """What stands on the page."""
        return self.page.locator("main")

    def _count(self) -> None:
        self.page.wait_for_load_state()
        self.clicks += 1
        assert self.clicks <= MOST_CLICKS, f"more than {MOST_CLICKS} clicks"


@pytest.fixture
def reader(page: Page, site: Site) -> Reader:
    return Reader(page, site)


def asked_of(site: Site, code: str):
    """What Python prints that asks the site's record, as JSON."""
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", f"import json\n{code}"]
    printed = subprocess.run(command, cwd=ROOT, env=site.environment, check=True, capture_output=True, text=True)
    return json.loads(printed.stdout)


def test_which_missions_were_open_on_a_day(site: Site, reader: Reader):
    missions = asked_of(
        site,
        """
import datetime
from missions.models import Mission
found = Mission.objects.public().named().by_direction().as_of(datetime.date(2023, 11, 15))
print(json.dumps([[m.far_side.name, m.is_abroad, m.spans_on_day[0].status] for m in found]))
""",
    )
    was_open = sorted(name for name, is_abroad, status in missions if is_abroad and status == "open")
    others = [name for name, is_abroad, status in missions if is_abroad and status != "open"]
    assert was_open and others

    reader.type_and_enter(reader.page.get_by_label("Record as of"), "2023-11-15")
    expect(reader.read).to_contain_text(f"Open: {', '.join(was_open)}")
    expect(reader.read.get_by_role("heading", level=1)).to_contain_text("On 15 November 2023")

    reader.click(reader.read.locator(".totals").first.get_by_role("link", name="open"))
    expect(reader.read.get_by_role("heading", level=1)).to_contain_text("15 November 2023")
    told = reader.read.locator("tbody th a").all_inner_texts()
    assert sorted(told) == was_open


def test_who_says_that_madrid_closed_and_how_many_independent_origins(site: Site, reader: Reader):
    bodies, number = asked_of(
        site,
        """
from missions.models import Mission
mission = Mission.objects.public().get(city="Madrid")
[event] = mission.events.public().filter(stage="closed")
claims = event.citations.public().filter(stance="supports")
print(json.dumps([sorted({str(claim.origin_body) for claim in claims if claim.origin_body}), event.support_origins]))
""",
    )
    words = ["no", "one", "two", "three", "four"][number]

    reader.search("Madrid")
    reader.follow("Embassy of North Korea in Spain", "main")
    expect(reader.read).to_contain_text(f"That it closed rests on {words} origin")
    for body in bodies:
        claims = reader.read.locator("tbody", has_text=f"Origin: {body}")
        expect(claims.locator("tr", has=reader.page.get_by_role("link", name="Closed", exact=True))).to_be_visible()


def test_why_counts_differ(site: Site, reader: Reader):
    compared = asked_of(
        site,
        """
from missions.figure_sentences import comparison_sentence
from missions.figures import compare_all
from missions.models import ReportedFigure
found = compare_all(ReportedFigure.objects.public().with_public_associations())
print(json.dumps([[f.as_said, str(c.comparison.label), comparison_sentence(f, c)] for f, c in found]))
""",
    )
    asked = [each for each in compared if each[0] in ("53", "44") or each[0].startswith("dozens")]
    assert len(asked) == 3

    reader.follow("why counts differ")
    expect(reader.read).to_contain_text("Counts differ because they count different things")
    for said, comparison, why in asked:
        row = reader.read.locator("tr", has=reader.page.get_by_role("link", name=said, exact=True))
        expect(row).to_contain_text(comparison, ignore_case=True)
        expect(row).to_contain_text(why)


def test_what_somebody_said_and_where(site: Site, reader: Reader):
    statements = asked_of(
        site,
        """
from sources.models import Quote
found = Quote.objects.public().filter(speaker__name="Tae Yongho")
print(json.dumps([[q.text, [str(c.source.outlet or c.source.name) for c in q.citations.public()]] for q in found]))
""",
    )
    assert statements

    reader.search("Thae Yong-ho")
    reader.follow("Tae Yongho", "main")
    for text, carriers in statements:
        said = reader.read.locator(".said", has_text=text)
        expect(said).to_contain_text("Carried by")
        for carrier in carriers:
            expect(said).to_contain_text(carrier)


def test_what_changed_since_last_month(site: Site, reader: Reader):
    since, in_numbers = asked_of(
        site,
        """
from django.utils import timezone
from nkwatch.editorial.edtf import in_words
from nkwatch.editorial.public.times import read_time
from nkwatch.site.changes import Asked, in_numbers
from nkwatch.site.changes_pages import LATELY
day = str(timezone.localdate() - LATELY)
print(json.dumps([in_words(day), in_numbers(Asked().on(read_time(day)).changes())]))
""",
    )
    reader.follow("Changes")
    expect(reader.read).to_contain_text(f"Since {since}: {in_numbers}.")

    reader.type_and_enter(reader.page.get_by_label("Since"), "2124-01-01")
    expect(reader.read).to_contain_text("Since 1 January 2124: no corrections, no additions.")
    expect(reader.read).to_contain_text("Nothing fits.")


def test_how_to_cite_a_record_and_get_it_as_a_spreadsheet(site: Site, reader: Reader, tmp_path: Path):
    [number, name, steps] = asked_of(
        site,
        """
from missions.models import Mission
mission = Mission.objects.public().named().get(city="Madrid")
print(json.dumps([mission.label, str(mission), mission.events.public().count()]))
""",
    )
    reader.follow("Spain", "main")
    cite = reader.read.locator("#cite")
    expect(cite.get_by_role("heading")).to_have_text("Cite this page")
    for part in (name, number, "/versions/"):
        expect(cite).to_contain_text(part)
    for form in ("RIS", "BibTeX", "CSL-JSON"):
        expect(cite.get_by_role("link", name=form)).to_be_visible()

    with reader.page.expect_download() as download:
        reader.follow("Spreadsheet (XLSX)", "main")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    sheet = list(openpyxl.load_workbook(file).active.values)
    assert len(sheet) > steps
