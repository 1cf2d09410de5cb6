"""The review queue as a reviewer works through it: with the mouse and without script, and with the keyboard alone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.widths import overflow

HEADER = "host_country,event,date,source_url,source_title"


def log_in(page: Page, site, path: str) -> None:
    page.goto(f"{site.address}{path}")
    page.get_by_label("Username").fill("administrator")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()


def bring_in(page: Page, site, folder: Path, row: str) -> None:
    """Import one report, so that its source and its event wait."""
    log_in(page, site, "/admin/missions/closureevent/import/")
    path = folder / "report.csv"
    path.write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    page.get_by_label("File", exact=False).first.set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Reason").fill("a report")
    page.get_by_role("button", name="Import 1 row").click()
    expect(page.get_by_role("heading", name="Written")).to_be_visible()


def row_with(page: Page, text: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("listitem").and_(page.locator(".review-row")).filter(has_text=text)


def test_a_report_is_looked_at_and_approved_with_the_mouse_and_without_script(chromium: Browser, site, tmp_path):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    bring_in(page, site, tmp_path, "Malta,closed,2021-03,https://example.org/valletta,Valletta closes")
    page.get_by_role("link", name="Review queue").click()
    event = row_with(page, "in Malta closed in March 2021")
    expect(event).to_contain_text("publish that first")

    row_with(page, "source “Valletta closes”").get_by_role("button", name="Approve").click()
    expect(page.get_by_text("“Valletta closes” was approved")).to_be_visible()
    row_with(page, re.compile("New: mission .*Malta")).get_by_role("button", name="Approve").click()
    expect(event).to_contain_text("Malta: unknown → closed")

    event.get_by_role("link", name="Preview").click()
    expect(page.get_by_text("Readers do not see this")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("closed in March 2021")
    page.get_by_role("link", name="Back to the review queue").click()
    event.get_by_role("button", name="Approve").click()

    expect(page.get_by_text(re.compile("E-.* was approved"))).to_be_visible()
    expect(event).to_have_count(0)
    context.close()


def tab_to(page: Page, row: str, what: str) -> None:
    """Press Tab until the cursor is at something of a row."""
    for _ in range(250):
        page.keyboard.press("Tab")
        here = page.locator(":focus")
        if here.and_(page.locator(f".review-row:has-text('{row}') {what}")).count():
            return
    raise AssertionError(f"the Tab key does not lead to {what} of {row}")


def test_rows_are_approved_and_returned_with_the_keyboard_alone(page, site, tmp_path):
    bring_in(page, site, tmp_path, "Nepal,seen-open,2022-05,https://example.org/kathmandu,Kathmandu is open")
    page.goto(f"{site.address}/admin/review/?kind=source")
    tab_to(page, "Kathmandu is open", "button")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("“Kathmandu is open” was approved")).to_be_visible()

    page.goto(f"{site.address}/admin/review/?kind=closureevent")
    event = row_with(page, "in Nepal was seen open")
    tab_to(page, "in Nepal was seen open", "summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("needs a note that tells its author why")).to_be_visible()
    expect(page.get_by_label("Note to the author").and_(page.locator(":focus"))).to_be_visible()
    page.keyboard.type("Who saw it open?")
    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("was returned with your note")).to_be_visible()
    expect(event).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_queue_does_not_scroll_sideways(page, site, tmp_path, width):
    page.set_viewport_size({"width": width, "height": 900})
    long = "a-very-long-title-without-a-space" * 4
    bring_in(page, site, tmp_path, f"Hungary,reported,2023-0{width % 9 + 1},https://example.org/{width},{long}{width}")
    page.goto(f"{site.address}/admin/review/")

    assert overflow(page) == 0
