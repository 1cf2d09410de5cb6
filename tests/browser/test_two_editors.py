"""What an editor typed survives a closed tab and another editor, with the keyboard only."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

LIST = "/admin/sources/source/"
DRAFTS = "Object.keys(localStorage).filter((key) => key.startsWith('nkwatch-draft:')).length"

# Asked in the page itself: the content security policy lets nothing from outside wait in it.
KEPT = """async (typed) => {
  while (!Object.values(localStorage).some((draft) => draft.includes(typed)))
    await new Promise((later) => setTimeout(later, 50));
}"""


@pytest.fixture
def desk(site, page: Page) -> Page:
    """The list of sources, with the administrator logged in."""
    page.goto(site.address + LIST)
    page.get_by_label("Username").fill("administrator")
    page.get_by_label("Password").fill(site.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Select source to change")).to_be_visible()
    return page


@pytest.fixture
def open_source(site) -> Callable[[Page, str], None]:
    def opened(page: Page, number: str) -> None:
        page.goto(f"{site.address}{LIST}?q={number}")
        page.locator("#result_list tbody th a").click()
        expect(page.get_by_label("Summary")).to_be_visible()

    return opened


def test_what_was_typed_is_offered_again_until_it_is_saved(
    desk: Page, open_source: Callable[[Page, str], None]
) -> None:
    desk.wait_for_load_state()
    desk.keyboard.press("/")
    expect(desk.locator("#searchbar")).to_be_focused()
    open_source(desk, "S-0001")
    desk.get_by_label("Summary").fill("Typed / and nearly lost.")
    desk.locator(".add-row a", has_text="reference").click()
    desk.locator("#id_references-0-label").fill("n19")
    desk.evaluate(KEPT, "n19")
    assert desk.evaluate(DRAFTS) == 1

    open_source(desk, "S-0001")
    expect(desk.get_by_text("You typed something here on")).to_be_visible()
    expect(desk.get_by_label("Summary")).not_to_have_value("Typed / and nearly lost.")
    desk.get_by_role("button", name="Put it back").focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_label("Summary")).to_have_value("Typed / and nearly lost.")
    expect(desk.locator("#id_references-0-label")).to_have_value("n19")
    desk.locator("#references-0 .inline-deletelink").click()
    desk.get_by_label("Reason for the change").fill("Read again")
    desk.keyboard.press("Control+s")
    expect(desk.locator(".messagelist .success")).to_be_visible()
    expect(desk.get_by_label("Summary")).to_have_value("Typed / and nearly lost.")
    assert desk.evaluate(DRAFTS) == 0
    expect(desk.get_by_text("You typed something here on")).to_have_count(0)

    first = desk.url
    desk.get_by_label("Summary").fill("Typed, and on to the next.")
    desk.get_by_label("Reason for the change").fill("Read again")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".messagelist .success")).to_be_visible()
    assert desk.url != first
    assert desk.evaluate(DRAFTS) == 0


def test_two_editors_of_one_record_with_the_keyboard_only(desk: Page, open_source: Callable[[Page, str], None]) -> None:
    other = desk.context.new_page()
    open_source(desk, "S-0002")
    open_source(other, "S-0002")
    other.locator("#id_title").fill("Their title")
    other.get_by_label("Reason for the change").fill("As printed")
    other.keyboard.press("Control+s")
    expect(other.locator(".messagelist .success")).to_be_visible()

    desk.locator("#id_title").fill("My title")
    desk.get_by_label("Summary").fill("My summary.")
    desk.get_by_label("Reason for the change").fill("Summed up")
    desk.keyboard.press("Control+s")
    expect(desk.get_by_role("heading", name="What changed while you had this open")).to_be_focused()
    expect(desk.locator(".meanwhile")).to_contain_text("you, in another window")
    expect(desk.get_by_label("Summary")).to_have_value("My summary.")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    expect(desk.get_by_label("Keep mine, as it stands in the form")).to_be_focused()
    desk.keyboard.press("ArrowDown")
    expect(desk.get_by_label("Take theirs: Their title")).to_be_checked()
    desk.keyboard.press("Control+s")
    expect(desk.locator(".messagelist .success")).to_be_visible()
    expect(desk.locator("#id_title")).to_have_value("Their title")
    expect(desk.get_by_label("Summary")).to_have_value("My summary.")
    other.close()
