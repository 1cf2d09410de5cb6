"""Merging as an editor does it in a browser: with the mouse in three clicks, and with the keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.widths import overflow

ADD = "/admin/sources/actor/add/"
PAIRS = "/admin/merge/actor/"


@pytest.fixture
def desk(site, page: Page) -> Page:
    """The administrator's desk, logged in."""
    page.goto(site.address + ADD)
    page.get_by_label("Username").fill("administrator")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()
    return page


def add_actor(page: Page, site, name: str) -> None:
    page.goto(site.address + ADD)
    page.get_by_label("Kind").select_option("person")
    page.get_by_role("textbox", name="Name:", exact=True).fill(name)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()


def test_a_suggested_pair_takes_three_clicks_at_most(desk, site):
    add_actor(desk, site, "Merge Clickson")
    add_actor(desk, site, "Merge Klickson")
    desk.goto(site.address + PAIRS)
    row = desk.get_by_role("row").filter(has_text="Merge Clickson")

    compare = row.get_by_role("link", name="Compare")
    desk.set_viewport_size({"width": 390, "height": 800})
    assert overflow(desk) <= 0
    assert right_edge(compare) <= 390
    compare.click()
    # Both values of a field are in sight on a phone, below its name.
    assert all(right_edge(value) <= 390 for value in desk.locator('input[name="keep"], input[name="field-name"]').all())
    desk.get_by_label("Why the two are one").fill("Two spellings")
    assert overflow(desk) <= 0
    desk.get_by_role("button", name="Merge", exact=True).click()

    expect(desk.get_by_text("was merged into").first).to_be_visible()
    desk.get_by_role("button", name="Take the merge back").click()
    expect(desk.get_by_text("was taken back").first).to_be_visible()
    desk.goto(site.address + PAIRS)
    expect(desk.get_by_role("row").filter(has_text="Merge Klickson")).to_be_visible()


def test_a_pair_is_merged_with_the_keyboard_alone(desk, site):
    add_actor(desk, site, "Keyed Bordman")
    add_actor(desk, site, "Keyed Bordmann")
    desk.goto(site.address + PAIRS)
    reached = desk.get_by_role("row").filter(has_text="Keyed Bordmann").get_by_role("link", name="Compare")
    tab_to(desk, reached)
    desk.keyboard.press("Enter")
    tab_to(desk, desk.locator('input[name="keep"]:checked'))
    desk.keyboard.press("ArrowRight")
    tab_to(desk, desk.get_by_label("Why the two are one"))
    desk.keyboard.type("Two spellings")
    desk.keyboard.press("Enter")

    expect(desk.get_by_text("was merged into").first).to_be_visible()
    # The arrow key chose the other one to stay; the values stay those that were picked on the page.
    expect(desk.get_by_role("link", name=re.compile(r"^draft-\d+ “Keyed Bordman”$"))).to_be_visible()


def right_edge(wanted) -> float:
    box = wanted.bounding_box()
    assert box
    return box["x"] + box["width"]


def tab_to(page: Page, wanted) -> None:
    expect(wanted).to_have_count(1)
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("the keyboard does not get there")
