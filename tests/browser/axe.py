"""What axe-core finds wrong with a page for people who cannot see, hear or press it (WCAG 2.2 AA)."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Preloading would ask for style sheets a second time, against the content security policy.
FAULTS = """(runOnly) => axe.run(%s, {runOnly, preload: false, resultTypes: ["violations"]})
  .then(({violations}) => violations.flatMap(({id, nodes}) => nodes.map(({target, html, failureSummary}) =>
    `${id} at ${target}: ${html} ${failureSummary}`)))"""


def faults(page: Page, rules: list[str] = STANDARD, within: str = "document") -> list[str]:
    """What axe-core finds wrong with the page as it stands: each rule that is broken, where, and how.

    `rules` are names of rules or of sets of them; `within` is JavaScript for what is looked at.
    """
    if page.evaluate("!window.axe"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(FAULTS % within, rules)


def assert_accessible(page: Page) -> None:
    """Fail with what axe-core finds wrong with the page as it stands, in light and in dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        # The admin's links change colour over a moment: what is measured is the colour they come to.
        page.evaluate("Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null)))")
        found = "\n".join(faults(page))
        assert not found, f"in {scheme}: {found}"
    page.emulate_media(color_scheme="null")
