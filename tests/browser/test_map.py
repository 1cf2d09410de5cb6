"""Maps in a browser: in light and dark, by keyboard, and a little easier with script."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect


def colour(page: Page, selector: str, name: str) -> str:
    found = page.locator(f"figure.map > svg:visible {selector}").first
    return found.evaluate(f"(drawn) => getComputedStyle(drawn)['{name}']")


def test_maps_keep_their_shape_and_the_size_of_their_letters_in_every_window(site, page):
    page.goto(site.address)
    figure, drawing = page.locator("figure.map"), page.locator("figure.map > svg:visible")
    for width, shown in ((320, "narrow"), (390, "narrow"), (768, "wide"), (1280, "wide")):
        page.set_viewport_size({"width": width, "height": 900})
        expect(drawing).to_have_class(re.compile(f"{shown}|both"))
        box, around = drawing.bounding_box(), figure.bounding_box()
        assert box and around and box["x"] >= around["x"] and box["width"] <= around["width"]
        ratio = drawing.evaluate("(svg) => svg.viewBox.baseVal.width / svg.viewBox.baseVal.height")
        assert box["width"] / box["height"] == pytest.approx(ratio, rel=0.02)
        if shown == "narrow":
            assert drawing.evaluate("(svg) => parseFloat(svg.getAttribute('font-size')) * svg.getScreenCTM().a") > 11


def test_maps_are_drawn_from_the_sites_own_files_in_both_schemes(site, page):
    grounds = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{site.address}/missions/?view=map")
        land, host = colour(page, ".land", "fill"), colour(page, ".host", "fill")
        assert land != host
        grounds[scheme] = land
        painted = page.locator("figure.map > svg:visible .ground").bounding_box()
        assert painted and painted["width"] > 600, "the outlines were not found"
    assert grounds["light"] != grounds["dark"]


def place_on(figure: Locator, mark: Locator) -> tuple[float, float]:
    """Where a mark lies on its figure, wherever that is scrolled to."""
    around, box = figure.bounding_box(), mark.locator(".hit").bounding_box()
    assert around and box
    return round(box["x"] - around["x"]), round(box["y"] - around["y"])


def test_a_reader_moves_the_map_and_reads_its_marks_by_keyboard(site, page):
    page.goto(f"{site.address}/missions/?view=map")
    figure = page.locator("figure.map")
    spain = figure.locator("svg:visible").get_by_role("link", name=re.compile("in Spain"))
    before, height = place_on(figure, spain), figure.evaluate("(figure) => figure.offsetHeight")

    page.get_by_role("button", name="Enlarge").focus()
    page.keyboard.press("Enter")
    enlarged = place_on(figure, spain)
    page.keyboard.press("ArrowRight")
    moved = place_on(figure, spain)
    assert len({before, enlarged, moved}) == 3
    assert figure.evaluate("(figure) => figure.offsetHeight") == height

    spain.focus()
    tip = page.locator(".map-tip")
    expect(tip).to_contain_text(re.compile("Spain.*: closed by 5 December 2023"))
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.get_by_role("button", name="As it was").click()
    expect(page.get_by_role("button", name="Enlarge")).to_be_focused()
    assert place_on(figure, spain) == before
    spain.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Spain")


def test_without_script_the_map_still_shows_links_and_lists(site, chromium):
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 900})
    page = context.new_page()
    page.goto(f"{site.address}/?asof=2023-11-15")
    page.get_by_role("link", name="Whole world").click()
    expect(page).to_have_url(re.compile(r"asof=2023-11-15&extent=world"))
    expect(page.locator("ol.places:visible li").first).to_be_visible()
    expect(page.locator("figure.map button")).to_have_count(0)
    page.locator("ol.places:visible a").first.click()
    expect(page).to_have_url(re.compile(r"/missions/M-\d{4}-.*asof=2023-11-15"))
    context.close()
