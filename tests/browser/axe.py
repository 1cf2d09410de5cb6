"""What axe-core finds wrong with a page for people who cannot see, hear or press it (WCAG 2.2 AA)."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def assert_accessible(page: Page) -> None:
    """Fail with what axe-core finds wrong with the page as it stands, in light and in dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        # The admin's links change colour over a moment: what is measured is the colour they come to.
        page.evaluate("Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null)))")
        # Preloading would ask for style sheets a second time, against the content security policy.
        found = Axe().run(page, options={"runOnly": STANDARD, "preload": False})
        assert found.violations_count == 0, f"in {scheme}: {found.generate_report()}"
    page.emulate_media(color_scheme="null")
