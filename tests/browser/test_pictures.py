"""The pictures in a browser: at every width, in both schemes, with and without a pointer."""

from playwright.sync_api import Page, expect

WIDTHS = [320, 390, 768, 1280]

SMALLEST_LETTERS = """() => Math.min(...[...document.querySelectorAll("svg.plot[role=img]")]
  .filter((svg) => svg.getClientRects().length)
  .map((svg) => parseFloat(svg.getAttribute("font-size")) * svg.clientWidth / svg.viewBox.baseVal.width))"""
SHIFTS = """() => new Promise((tell) => new PerformanceObserver((list) =>
  tell(list.getEntries().reduce((sum, entry) => sum + entry.value, 0))).observe({type: "layout-shift", buffered: true})
  || setTimeout(() => tell(0), 300))"""


def test_letters_in_pictures_stay_large_enough_to_read(site, page: Page):
    too_small = []
    for path in ("/", "/figures/"):
        page.goto(site.address + path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            size = page.evaluate(SMALLEST_LETTERS)
            too_small += [(path, width, size)] if size < (12 if width < 640 else 11.5) else []
    assert too_small == []


def test_a_reader_sees_one_chart_opens_its_numbers_and_is_told_what_holds_under_the_pointer(site, page: Page):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(site.address)
    assert page.evaluate(SHIFTS) < 0.05
    wide, narrow = page.locator(".on-wide svg.plot"), page.locator(".on-narrow svg.plot")
    expect(wide).to_be_visible()
    expect(narrow).to_be_hidden()

    page.get_by_text("The numbers of this chart").click()
    expect(page.get_by_role("table", name="North Korean missions abroad, open over time")).to_be_visible()

    wide.locator(".diamond").last.hover()
    expect(page.locator(".tip")).to_contain_text("44, missions abroad, on 30 January 2024")
    page.keyboard.press("Escape")
    expect(page.locator(".tip")).to_be_hidden()

    with page.expect_download() as downloading:
        page.get_by_role("link", name="SVG", exact=True).click()
    assert downloading.value.suggested_filename == "missions-open.svg"

    page.set_viewport_size({"width": 390, "height": 900})
    expect(narrow).to_be_visible()
    expect(wide).to_be_hidden()
