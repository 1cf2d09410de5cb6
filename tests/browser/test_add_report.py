"""A report added as an editor does it: with the mouse, with the keys alone, and without script."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

ROOT = Path(__file__).resolve().parents[2]
URL = "https://courier.example/2023/11/pyongyang-leaves-madrid?utm_source=feed"
CLAIM = "On Wednesday the embassy of North Korea in Spain told its friends that it will close"
QUOTE = "We leave Madrid with gratitude and without regret"
ARTICLE = f"""<html lang="en"><head><title>Pyongyang leaves Madrid | The Courier</title>
<meta property="og:title" content="Pyongyang leaves Madrid">
<meta property="og:site_name" content="The Courier">
<meta property="article:published_time" content="2023-11-03T08:00:00+00:00">
</head><body><article><h1>Pyongyang leaves Madrid</h1>
<p>{CLAIM}, and that the ambassador in Rome will see to its affairs from then on, a spokesman of the friends said.</p>
<p>“{QUOTE},” said the counsellor Ri Un Sol, who has served at the embassy for six years and was seen with packers.</p>
<p>Neighbours in the quiet street said that vans had come and gone since the weekend, and that the flag was down.</p>
</article></body></html>"""

# What hands do besides typing into a field and pasting: presses of the mouse, and keys that are no text.
COUNTER = """
(() => {
  const count = (what) => sessionStorage.setItem(what, Number(sessionStorage.getItem(what)) + 1);
  addEventListener("mousedown", (event) => event.isTrusted && count("presses"), true);
  addEventListener("keydown", (event) => {
    if (!event.isTrusted || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    const pastes = event.ctrlKey && event.key === "v";
    const types = event.key.length === 1 && !event.ctrlKey && event.target.matches("input, textarea, select");
    if (!pastes && !types) count("keys");
  }, true);
})();
"""


def counted(page: Page, what: str) -> int:
    return int(page.evaluate("what => Number(sessionStorage.getItem(what))", what))


def log_in(page: Page, site) -> Page:
    """The desk's first page, with hands that are counted from here on."""
    page.goto(site.address + "/admin/")
    page.get_by_label("Username").fill("administrator")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name="Add a report")).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script(COUNTER)
    page.reload()
    return page


@pytest.fixture
def desk(site, page: Page) -> Page:
    return log_in(page, site)


@pytest.fixture
def plain(site, chromium: Browser) -> Iterator[Page]:
    """The desk in a browser without script."""
    context = chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(site.address + "/admin/reports/add/")
    page.get_by_label("Username").fill("administrator")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()
    yield page
    context.close()


def paste(page: Page, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


def drag_over(page: Page, words: str) -> None:
    """Select words of the text with the mouse, from their first letter to their last."""
    ends = page.evaluate(
        """words => {
          const text = document.getElementById("report-pane").firstChild;
          const start = text.data.indexOf(words);
          const range = document.createRange();
          const edge = (at) => {
            range.setStart(text, at);
            range.setEnd(text, at + 1);
            range.startContainer.parentElement.scrollIntoView({ block: "start" });
            const box = range.getBoundingClientRect();
            return [box.left, box.right, box.top + box.height / 2];
          };
          return [edge(start), edge(start + words.length - 1)];
        }""",
        words,
    )
    (left, _, top), (_, right, bottom) = ends
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(right, bottom, steps=5)
    page.mouse.up()


def select_with_keys(page: Page, words: str) -> None:
    """Select words of the text with the keys, from where the caret stands on."""
    there = "() => getSelection().toString()"
    while not page.evaluate(there).strip().strip("“").startswith(words[:5]):
        page.keyboard.press("Control+ArrowRight")
        page.keyboard.press("Shift+Control+ArrowRight")
        page.keyboard.press("ArrowLeft") if words[:5] not in page.evaluate(there) else None
    while words not in page.evaluate(there):
        page.keyboard.press("Shift+Control+ArrowRight")


class Mouse:
    """Presses with the mouse; a choice from a native list is two, as the list itself is not of the page."""

    def __init__(self, page: Page) -> None:
        self.page, self.chosen = page, 0

    def choose(self, field: Locator, choice: str) -> None:
        field.select_option(choice)
        self.chosen += 2

    @property
    def presses(self) -> int:
        return counted(self.page, "presses") + self.chosen


def expect_handed_in(page: Page) -> None:
    expect(page.get_by_role("heading", name="What the report did")).to_be_visible()
    told = page.get_by_role("table")
    expect(told.get_by_role("row", name="The source")).to_contain_text("in review")
    expect(told.get_by_role("row", name="Claim 1")).to_contain_text("Spain")
    expect(told.get_by_role("row", name="Quote 1")).to_contain_text("We leave Madrid")
    expect(told.get_by_role("row", name="New actor 1")).to_contain_text("new")


def test_an_event_a_quote_and_a_new_actor_take_less_than_twelve_clicks(desk):
    mouse = Mouse(desk)
    desk.get_by_role("link", name="Add a report").click()
    expect(desk.get_by_label("Address").first).to_be_focused()
    paste(desk, URL)
    expect(desk.get_by_label("Text or HTML")).to_be_focused()
    paste(desk, ARTICLE)
    pane = desk.get_by_role("textbox", name="The report")
    expect(pane).to_be_focused()
    expect(desk.get_by_label("Title", exact=True)).to_have_value("Pyongyang leaves Madrid")

    drag_over(desk, CLAIM)
    desk.get_by_role("button", name="Claim", exact=True).click()
    claim = desk.get_by_role("group", name="Claim 1", exact=True)
    expect(claim.get_by_role("combobox", name="Mission")).to_have_value("M-0003 Embassy of North Korea in Spain")
    expect(claim.get_by_label("Date", exact=True)).to_have_value("2023-11-01")
    mouse.choose(claim.get_by_label("Stage"), "notified")
    expect(claim.get_by_text("read against 2023-11-03")).to_be_visible()

    drag_over(desk, QUOTE)
    desk.get_by_role("button", name="Quote", exact=True).click()
    expect(desk.get_by_role("combobox", name="Speaker")).to_be_focused()
    desk.keyboard.type("Ri Un Sol")
    desk.get_by_role("option", name="New actor").click()
    actor = desk.get_by_role("group", name="New actor")
    mouse.choose(actor.get_by_label("Capacity"), "government")
    expect(actor.get_by_text("New actor", exact=True)).to_be_visible()

    desk.get_by_role("button", name="Submit for review").click()
    expect_handed_in(desk)
    assert mouse.presses < 12
    assert counted(desk, "keys") == 0
