"""The first pages, as readers and editors meet them."""

import re

import pytest
from playwright.sync_api import Page, expect

SCHEMES = ["light", "dark"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_is_set_in_the_schemes_own_colours(site, page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(site.address)

    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert paper == {"light": "rgb(244, 246, 245)", "dark": "rgb(15, 21, 19)"}[scheme]


def test_a_reader_finds_who_says_that_madrid_closed(site, page):
    page.goto(site.address)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Missions").click()
    page.get_by_role("link", name=re.compile("Spain")).first.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Spain")
    expect(page.locator("main")).to_contain_text("by 5 December 2023")
    expect(page.locator("main")).to_contain_text("Government of South Korea")


def test_a_reader_asks_for_another_day_by_keyboard(site, page):
    page.goto(f"{site.address}/missions/")
    page.get_by_label("Record as of").focus()
    page.get_by_label("Record as of").fill("2023-11-15")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"asof=2023-11-15"))
    expect(page.locator("main")).to_contain_text("losing")


def test_an_editor_adds_an_event_publishes_it_and_the_page_changes(site, page):
    page.goto(f"{site.address}/admin/")
    page.get_by_label("Username").fill("administrator")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()

    page.goto(f"{site.address}/admin/missions/closureevent/add/")
    choose(page, "mission", "Libya")
    page.locator("#id_stage").select_option("reopened")
    page.locator("#id_date").fill("2026-11-20")
    page.get_by_text("Add another Event citation").click()
    choose(page, "citations-0-source", "shutting down some of its embassies")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist .success")).to_contain_text("was added")

    page.locator("#result_list tbody tr", has_text="Libya").filter(has_text="reopened").get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option(label="Publish")
    page.get_by_role("button", name=re.compile("Go|Run")).click()
    expect(page.locator(".messagelist .success")).to_be_visible()

    page.goto(f"{site.address}/missions/")
    row = page.locator("tr", has_text="Libya")
    expect(row).to_contain_text("pen")
    expect(row).to_contain_text("20 November 2026")


def choose(page: Page, field: str, text: str) -> None:
    """Pick a record in one of the admin's autocomplete fields, as an editor does."""
    page.locator(f"#id_{field} + .select2-container .select2-selection").click()
    page.locator(".select2-dropdown input.select2-search__field").fill(text)
    page.locator(".select2-results__option--highlighted", has_text=re.compile(text, re.IGNORECASE)).click()


def test_a_reader_asks_in_korean_and_tells_what_is_missing_by_keyboard(site, page):
    page.goto(f"{site.address}/missions/?asof=2023-11-15")
    page.get_by_role("searchbox", name="Search").focus()
    page.keyboard.type("태영오")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="태영호", exact=True).first.click()
    expect(page).to_have_url(re.compile("asof=2023-11-15"))
    expect(page.locator("mark").first).to_have_text("Tae Yongho")

    page.get_by_role("link", name="Tae Yongho", exact=True).click()
    page.get_by_role("link", name="Send a source or a correction").first.click()
    expect(page.get_by_label("Record", exact=True)).to_have_value(re.compile(r"A-\d{4}"))
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("alert").get_by_role("link").click()
    page.keyboard.type("He spoke of it on the radio as well.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you: it has arrived")
