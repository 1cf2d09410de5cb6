"""From the desk's first page to what is wrong, and back, without touching a mouse."""

import re

from playwright.sync_api import Locator, Page, expect


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until `wanted` has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(300):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab never comes to {wanted}")


def test_a_source_without_a_copy_is_mended_by_keyboard_two_keystrokes_from_the_first_page(site, page):
    page.goto(f"{site.address}/admin/")
    page.get_by_label("Username").fill("administrator")
    page.get_by_label("Password").fill(site.password)
    page.keyboard.press("Enter")
    line = page.get_by_role("row", name=re.compile("Sources without a copy"))
    waiting = line.get_by_role("link", name=re.compile("sources"))
    before = int(waiting.inner_text().split()[0])

    tab_to(page, waiting)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/source/\?worklist=sources-without-copy$"))
    tab_to(page, page.locator("#result_list tbody th a").first)
    page.keyboard.press("Enter")

    tab_to(page, page.get_by_label("Archived copy"))
    page.keyboard.type("https://web.archive.org/web/2023/https://example.org/")
    reason = page.get_by_label(re.compile("reason|why", re.IGNORECASE)).last
    tab_to(page, reason)
    page.keyboard.type("an archived copy was found")
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(page).to_have_url(re.compile(r"worklist=sources-without-copy"))

    page.goto(f"{site.address}/admin/")
    expect(waiting).to_have_text(f"{before - 1} sources")
