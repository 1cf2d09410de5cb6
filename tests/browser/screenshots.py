"""Screenshots of the pages, to look at: `uv run python -m tests.browser.screenshots ADDRESS FOLDER [PASSWORD]`.

ADDRESS is where the site is served (quickstart's, say); with the administrator's PASSWORD the
admin is shown too. Light and dark, at 1280 and 390 px.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET

PAGES = {
    "home": "/",
    "missions": "/missions/",
    "mission": "/missions/M-0003-x/",
    "hong-kong": "/missions/M-0004-x/",
    "events": "/events/",
    "event": "/events/E-0009-x/",
    "sources": "/sources/",
    "source": "/sources/S-0007-x/",
    "quotes": "/quotes/",
    "quote": "/quotes/Q-0001-x/",
    "actors": "/actors/",
    "figures": "/figures/",
    "reasons": "/reasons/",
    "search": "/search/?q=Spain",
    "search-empty": "/search/",
    "search-misspelt": "/search/?q=Pyonyang",
    "suggest": "/suggest/?about=M-0003",
    "asof": "/missions/?asof=2023-11-15",
    "missing": "/missions/M-9999-x/",
}
ADMIN = {
    "admin": "/admin/",
    "admin-missions": "/admin/missions/mission/",
    "admin-event": "/admin/missions/closureevent/9/change/",
    "admin-history": "/admin/missions/closureevent/9/history/",
}


def main(address: str, folder: Path, password: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        for scheme in ("light", "dark"):
            for width in (1280, 390):
                context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
                page = context.new_page()
                if password:
                    page.goto(f"{address}/admin/login/")
                    page.get_by_label("Username").fill("administrator")
                    page.get_by_label("Password").fill(password)
                    page.get_by_role("button", name="Log in").click()
                for name, path in {**PAGES, **(ADMIN if password else {})}.items():
                    page.goto(address + path)
                    page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:4])
