"""An import from the upload to taking it back, as an editor does it in a browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.widths import overflow

START = "/admin/missions/closureevent/import/"
CLEAN = "host_country,event,date,source_url,source_title\nPeru,closed,2017-03,https://example.org/lima,Lima closes\n"
MESSY = (
    "Where it stood,event,date,source_url,source_title,speaker,quote\n"
    "Peru,closed,2017-04,https://example.org/lima-2,Lima closes again,Tae Yeong-ho,We are leaving Lima.\n"
    "Atlantis,closed,2018,https://example.org/atlantis,Atlantis closes,,\n"
)


@pytest.fixture
def desk(site, page: Page) -> Page:
    """The upload page, with the administrator logged in."""
    page.goto(site.address + START)
    page.get_by_label("Username").fill("administrator")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Import a sheet")).to_be_visible()
    return page


def upload(page: Page, folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    page.get_by_label("File", exact=False).first.set_input_files(path)


class Clicks:
    """Presses buttons, and counts; choosing the file is a click as well."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 1

    def press(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("button", name=name).click()
        self.count += 1


def test_a_clean_file_takes_five_clicks_at_most(desk, tmp_path):
    clicks = Clicks(desk)
    upload(desk, tmp_path, "clean.csv", CLEAN)
    clicks.press("Upload")
    expect(desk.get_by_role("heading", name="What the columns are").last).to_be_visible()
    clicks.press("Continue")
    desk.get_by_label("Reason").fill("closures of 2017")
    clicks.press("Import 1 row")

    expect(desk.get_by_role("heading", name="Written")).to_be_visible()
    expect(desk.get_by_role("link", name=re.compile("Peru: closed")).first).to_be_visible()
    assert clicks.count <= 5


def test_an_odd_header_an_unknown_name_and_an_error_are_settled_on_the_way_and_all_is_taken_back(desk, tmp_path):
    upload(desk, tmp_path, "messy.csv", MESSY)
    desk.get_by_role("button", name="Upload").click()

    desk.get_by_label("Where it stood").select_option("host_country")
    desk.get_by_role("button", name="Continue").click()

    speaker = desk.get_by_role("group", name=re.compile("Tae Yeong-ho"))
    speaker.get_by_role("radio", name=re.compile(r"Tae Yongho.*% alike")).check()
    speaker.get_by_label(re.compile("keep as another name")).check()
    desk.get_by_role("button", name="Continue").click()

    expect(desk.get_by_text("is not a known country").first).to_be_visible()
    desk.get_by_label("host_country, row 3").fill("Angola")
    desk.get_by_role("button", name="Mend these cells").click()
    expect(desk.get_by_text("1 cell mended here")).to_be_visible()
    desk.get_by_label("Reason").fill("a messy sheet")
    desk.get_by_role("button", name=re.compile(r"Import \d rows")).click()

    expect(desk.get_by_role("heading", name="Written")).to_be_visible()
    expect(desk.get_by_role("link", name=re.compile("Tae Yeong-ho"))).to_be_visible()

    desk.get_by_role("link", name="Undo this import").click()
    expect(desk.get_by_text("Nothing has been changed yet")).to_be_visible()
    desk.get_by_label("Reason").fill("it was only a try")
    desk.get_by_role("button", name="Take it back").click()
    expect(desk.get_by_text("The import was taken back").last).to_be_visible()
    desk.get_by_role("link", name="The import", exact=True).click()
    expect(desk.get_by_role("heading", name="Undone")).to_be_visible()


def test_what_was_chosen_for_an_odd_header_is_remembered(desk, tmp_path):
    upload(desk, tmp_path, "again.csv", MESSY)
    desk.get_by_role("button", name="Upload").click()
    if desk.get_by_label("Where it stood").input_value() == "?":
        desk.get_by_label("Where it stood").select_option("host_country")
        desk.get_by_role("button", name="Continue").click()
        desk.goto(desk.url.replace("names/", "columns/"))

    expect(desk.get_by_label("Where it stood")).to_have_value("host_country")


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_of_the_wizard_scrolls_sideways(desk, tmp_path, width):
    desk.set_viewport_size({"width": width, "height": 900})
    wide = overflow(desk)
    upload(desk, tmp_path, "wide.csv", MESSY)
    desk.get_by_role("button", name="Upload").click()
    desk.get_by_label("Where it stood").select_option("host_country")
    too_wide = [wide, overflow(desk)]
    desk.get_by_role("button", name="Continue").click()
    too_wide.append(overflow(desk))
    desk.get_by_role("button", name="Continue").click()
    too_wide.append(overflow(desk))

    assert too_wide == [0, 0, 0, 0]
