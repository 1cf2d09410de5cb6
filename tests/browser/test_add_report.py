"""A report added as an editor does it: with the mouse, with the keys alone, and without script."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.utils.text import slugify
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.axe import assert_accessible

ROOT = Path(__file__).resolve().parents[2]


class Story(NamedTuple):
    """A report of its own for each test: what is on record already would be asked about."""

    paper: str
    title: str
    claim: str
    quote: str
    rest: str

    @property
    def url(self) -> str:
        return f"https://{slugify(self.paper)}.example/2023/11/{slugify(self.title)}?utm_source=feed"

    @property
    def html(self) -> str:
        return f"""<html lang="en"><head><title>{self.title} | {self.paper}</title>
<meta property="og:title" content="{self.title}">
<meta property="og:site_name" content="{self.paper}">
<meta property="article:published_time" content="2023-11-03T08:00:00+00:00">
</head><body><article><h1>{self.title}</h1>
<p>{self.claim}, and that others will see to its affairs.</p>
<p>“{self.quote},” said a counsellor.</p>
<p>{self.rest}</p>
</article></body></html>"""


MADRID = Story(
    "The Courier",
    "Pyongyang leaves Madrid",
    "On Wednesday the embassy of North Korea in Spain told its friends that it will close",
    "We leave Madrid with gratitude and without regret",
    "Neighbours in the quiet street said that vans had come and gone since the weekend, and that the flag was down.",
)
KAMPALA = Story(
    "Lakeside Herald",
    "An ambassador packs in Kampala",
    "On Wednesday the ambassador wrote to officials in Uganda that his mission there ends this season",
    "Our doctors and coaches were happy among you for fifty years",
    "The garden of the residence stood empty, and a guard at the gate sent reporters away without a word.",
)
KATHMANDU = Story(
    "Highland Mail",
    "Guests are told to stay away in Kathmandu",
    "On Wednesday the consul told his guests that the embassy in Nepal gives no more receptions",
    "There is nobody left to cook for you and I am sorry",
    "The last of the cars was sold to a driving school, which has painted it yellow in the meantime.",
)
LUANDA = Story(
    "Harbour Post",
    "Last reception in Luanda",
    "Angola was informed on Wednesday through a note that the delegation of Pyongyang goes home",
    "This port has fed our people and we shall remember it",
    "Two construction firms that worked on monuments in the capital have let their leases run out as well.",
)


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


def log_in(page: Page, address: str, name: str, password: str) -> None:
    page.goto(address)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def counted(page: Page, what: str) -> int:
    return int(page.evaluate("what => Number(sessionStorage.getItem(what))", what))


@pytest.fixture
def desk(site, editor, page: Page) -> Page:
    """An editor's first page of the desk, with hands that are counted from here on."""
    log_in(page, site.address + "/admin/", editor, site.password)
    expect(page.get_by_role("link", name="Add a report")).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script(COUNTER)
    page.reload()
    return page


@pytest.fixture
def plain(site, editor, chromium: Browser) -> Iterator[Page]:
    """The screen in an editor's browser without script."""
    context = chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(10_000)
    page = context.new_page()
    log_in(page, site.address + "/admin/reports/add/", editor, site.password)
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
    """Select words of the text with the keys, word by word from the caret on."""
    rest = "() => { const r = getSelection().getRangeAt(0); return r.endContainer.data.slice(r.endOffset); }"
    for _ in range(60):
        ahead = page.evaluate(rest)
        if ahead.lstrip(" .\n“").startswith(words):
            break
        page.keyboard.press("Control+ArrowRight")
    for _ in range(ahead.index(words)):
        page.keyboard.press("ArrowRight")
    for _ in range(len(words.split())):
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


def expect_handed_in(page: Page, country: str, story: Story) -> None:
    expect(page.get_by_role("heading", name="What the report did")).to_be_visible()
    told = page.get_by_role("table")
    expect(told.get_by_role("row", name="The source")).to_contain_text("in review")
    expect(told.get_by_role("row", name="Claim 1")).to_contain_text(country)
    expect(told.get_by_role("row", name="Quote 1")).to_contain_text(story.quote)
    expect(told.get_by_role("row", name="New actor").filter(has_text="Ri Un")).to_contain_text("in review")


def test_an_event_a_quote_and_a_new_actor_take_less_than_twelve_clicks(desk):
    mouse = Mouse(desk)
    desk.get_by_role("link", name="Add a report").click()
    expect(desk.get_by_label("Address").first).to_be_focused()
    paste(desk, MADRID.url)
    expect(desk.get_by_label("Text or HTML")).to_be_focused()
    paste(desk, MADRID.html)
    pane = desk.get_by_role("textbox", name="The report")
    expect(pane).to_be_focused()
    expect(desk.get_by_label("Title", exact=True)).to_have_value(MADRID.title)

    drag_over(desk, MADRID.claim)
    desk.get_by_role("button", name="Claim", exact=True).click()
    claim = desk.get_by_role("group", name="Claim 1", exact=True)
    expect(claim.get_by_role("combobox", name="Mission")).to_have_value("M-0003 Embassy of North Korea in Spain")
    expect(claim.get_by_label("Date", exact=True)).to_have_value("2023-11-01")
    mouse.choose(claim.get_by_label("Stage"), "notified")
    expect(claim.get_by_text("read against 2023-11-03: 2023-11-01")).to_be_visible()

    drag_over(desk, MADRID.quote)
    desk.get_by_role("button", name="Quote", exact=True).click()
    expect(desk.get_by_role("combobox", name="Speaker")).to_be_focused()
    desk.keyboard.type("Ri Un Sol")
    desk.get_by_role("option", name="New actor").click()
    actor = desk.get_by_role("group", name="Quote 1").get_by_role("group", name="New actor")
    mouse.choose(actor.get_by_label("Capacity"), "government")
    expect(actor.get_by_text("New actor", exact=True)).to_be_visible()

    desk.get_by_role("button", name="Submit for review").click()
    expect_handed_in(desk, "Spain", MADRID)
    assert mouse.presses < 12
    assert counted(desk, "keys") == 0

    assert_accessible(desk)
    desk.get_by_role("link", name="Home").click()
    waiting = desk.get_by_role("row", name="Waiting for review")
    expect(waiting.get_by_role("link", name="1 source", exact=True)).to_be_visible()
    assert_accessible(desk)


def test_the_keys_alone_do_the_same(desk):
    link = desk.get_by_role("link", name="Add a report")
    while not link.evaluate("link => link === document.activeElement"):
        desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk.get_by_label("Address").first).to_be_focused()
    paste(desk, KAMPALA.url)
    expect(desk.get_by_label("Text or HTML")).to_be_focused()
    paste(desk, KAMPALA.html)
    expect(desk.get_by_role("textbox", name="The report")).to_be_focused()

    desk.keyboard.press("Control+Home")
    select_with_keys(desk, KAMPALA.claim)
    desk.keyboard.press("c")
    claim = desk.get_by_role("group", name="Claim 1", exact=True)
    expect(claim.get_by_label("Stage")).to_be_focused()
    desk.keyboard.type("closing n")
    expect(claim.get_by_label("Stage")).to_have_value("notified")
    expect(claim.get_by_label("Date", exact=True)).to_have_value("2023-11-01")

    desk.keyboard.press("Escape")
    expect(desk.get_by_role("textbox", name="The report")).to_be_focused()
    select_with_keys(desk, KAMPALA.quote)
    desk.keyboard.press("q")
    expect(desk.get_by_role("combobox", name="Speaker")).to_be_focused()
    desk.keyboard.type("Ri Un Ae")
    expect(desk.get_by_role("option", name="New actor")).to_be_visible()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    desk.keyboard.type("gov")
    expect(
        desk.get_by_role("group", name="Quote 1").get_by_role("group", name="New actor").get_by_label("Capacity")
    ).to_have_value("government")
    desk.keyboard.press("Control+Enter")

    expect_handed_in(desk, "Uganda", KAMPALA)
    assert counted(desk, "presses") == 0
    assert counted(desk, "keys") < 100


def known_url() -> str:
    """The address of a source of the starter data."""
    with (ROOT / "missions/starter/sources.csv").open(encoding="utf-8", newline="") as file:
        return next(row["source_url"] for row in csv.DictReader(file) if row["source_url"] and row["title"])


def test_a_known_address_shows_at_once_and_can_be_opened(desk):
    desk.get_by_role("link", name="Add a report").click()
    expect(desk.get_by_label("Address").first).to_be_focused()
    paste(desk, known_url() + "#share")
    expect(desk.get_by_role("heading", name="This may be on record already")).to_be_visible()
    desk.get_by_role("link", name="Open it").click()
    expect(desk.get_by_role("heading", name="Change source")).to_be_visible()

    desk.goto(desk.url.split("/admin/")[0] + "/admin/reports/add/")
    desk.get_by_role("button", name="Take it up again").click()
    expect(desk.get_by_label("Address").first).to_have_value(known_url() + "#share")


def test_what_was_typed_is_read_when_asked_for_and_the_hands_go_on_to_the_text(desk):
    desk.get_by_role("link", name="Add a report").click()
    desk.get_by_label("Address").first.fill(LUANDA.url)
    read = desk.get_by_role("button", name="Read it")
    read.click()
    expect(desk.get_by_role("status").last).to_have_text("Read.")
    expect(read).to_be_focused()

    desk.get_by_label("Text or HTML").fill(LUANDA.html)
    read.click()

    expect(desk.get_by_role("textbox", name="The report")).to_be_focused()
    expect(desk.get_by_label("Title", exact=True)).to_have_value(LUANDA.title)
    expect(desk.get_by_role("status").last).to_have_text("Read.")


def new_in(desk: Page, box: Locator, name: str, kind: str) -> None:
    """Type a name that is not on record, and have it as new."""
    box.fill("")
    box.press_sequentially(name)
    desk.get_by_role("option", name=f"New {kind}").click()


def test_what_is_wrong_is_accessible_and_a_new_source_or_paper_opens_where_it_is_named(desk):
    desk.get_by_role("link", name="Add a report").click()
    expect(desk.get_by_label("Address").first).to_be_focused()
    assert_accessible(desk)
    desk.get_by_label("Text or HTML").focus()
    story = KATHMANDU
    paste(desk, f"{story.title}\n\n{story.claim}.\n\n“{story.quote},” said a counsellor.\n\n{story.rest}")
    expect(desk.get_by_role("textbox", name="The report")).to_be_focused()

    new_in(desk, desk.get_by_label("Outlet").first, story.paper, "actor")
    paper = desk.get_by_role("group", name="New actor 1")
    expect(paper.get_by_label("Kind")).to_have_value("organisation")
    drag_over(desk, story.claim)
    desk.get_by_role("button", name="Claim", exact=True).click()
    claim = desk.get_by_role("group", name="Claim 1", exact=True)
    expect(claim.get_by_text("is read against the day of the report")).to_be_visible()
    desk.get_by_label("Issued").first.fill("3 November 2023")
    claim.get_by_role("button", name="2023-11-01").click()
    expect(claim.get_by_label("Date", exact=True)).to_have_value("2023-11-01")

    desk.get_by_role("button", name="Relies on", exact=True).click()
    relies = desk.get_by_role("group", name="Relies on 1")
    new_in(desk, relies.get_by_label("Known source"), "a letter to the port", "source")
    expect(relies.get_by_label("Title of a new one")).to_have_value("a letter to the port")
    assert_accessible(desk)

    desk.keyboard.press("Control+Enter")
    problems = desk.get_by_role("alert")
    expect(problems).to_be_focused()
    expect(problems.get_by_role("link", name="Claim 1, Stage")).to_be_visible()
    assert_accessible(desk)


def test_plain_forms_do_the_same_without_script(plain):
    def press(name: str) -> None:
        plain.get_by_role("button", name=name).click()

    plain.get_by_label("Address").first.fill(LUANDA.url)
    plain.get_by_label("Text or HTML").fill(LUANDA.html)
    press("Read it")
    expect(plain.get_by_label("Title", exact=True)).to_have_value(LUANDA.title)
    press("Add a claim")
    claim = plain.get_by_role("group", name="Claim 1", exact=True)
    claim.get_by_label("Words as printed").fill(LUANDA.claim)
    claim.get_by_label("Mission").fill("Angola")
    claim.get_by_label("Stage").select_option("notified")
    claim.get_by_label("Date", exact=True).fill("2023-11-01")
    press("Add a quote")
    quote = plain.get_by_role("group", name="Quote 1", exact=True)
    quote.get_by_label("Words as printed").fill(LUANDA.quote)
    # The paper is new as well, and has a card already.
    quote.get_by_label("Speaker").fill("new-2")
    press("Add a new actor")
    plain.get_by_role("group", name="New actor 2").get_by_label("Name").fill("Ri Un Chol")
    press("Show what it will do")
    expect(claim.get_by_text("New closure event")).to_be_visible()
    press("Submit for review")

    expect_handed_in(plain, "Angola", LUANDA)
