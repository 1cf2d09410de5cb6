"""Screenshots of every page, to look at: `uv run python -m tests.browser.screenshots FOLDER`.

Serves a site of its own with the starter data, makes a past for it (a correction, a retraction, a
merge, a suggestion taken up), and shows each page at 1280 and 390 px, light and dark; then renews
the README's picture. `--help` says how to look at few pages, or at a site that is served already.
"""

import argparse
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.served import CHROMIUM, QUIET, ROOT, served

PICTURE = ROOT / "nkwatch" / "site" / "home.png"
PICTURED: ViewportSize = {"width": 1280, "height": 1180}
PICTURE_WIDTH = 900
PAGES = {
    "home": "/",
    "home-asof": "/?asof=2023-11-15",
    "missions": "/missions/",
    "missions-map": "/missions/?view=map",
    "missions-asof": "/missions/?asof=2023-11-15",
    "missions-none": "/missions/?status=suspended&kind=consulate",
    "mission-closed": "/missions/M-0003-x/",
    "mission-closing": "/missions/M-0009-x/",
    "mission-unknown": "/missions/M-0011-x/",
    "mission-open": "/missions/M-0003-x/?asof=2023-10-15",
    "mission-asof": "/missions/M-0004-x/?asof=2023-12-03",
    "event": "/events/E-0009-x/",
    "event-single": "/events/E-0008-x/",
    "events": "/events/",
    "events-timeline": "/events/?view=timeline",
    "source": "/sources/S-0004-x/",
    "source-korean": "/sources/S-0026-x/",
    "sources": "/sources/",
    "quotes": "/quotes/",
    "quote": "/quotes/Q-0004-x/",
    "quotes-speaker": "/quotes/?q=Tae",
    "actors": "/actors/",
    "actor": "/actors/A-0001-x/",
    "figures": "/figures/",
    "figure": "/figures/F-0004-x/",
    "reasons": "/reasons/",
    "reason": "/reasons/sanctions-cut-income/",
    "search": "/search/?q=Spain",
    "search-empty": "/search/",
    "search-misspelt": "/search/?q=Pyonyang",
    "search-korean": "/search/?q=대사관",
    "suggest": "/suggest/?about=M-0003",
    "thanks": "/suggest/thanks/",
    "changes": "/changes/",
    "data": "/data/",
    "about": "/about/",
    "api": "/api/v1/docs/",
    "error-404": "/missions/M-9999-x/",
}
PAST = """
import datetime
from django.contrib.auth.models import User
from missions.models import ClosureEvent, Mission
from nkwatch.editorial.desk import retract
from nkwatch.editorial.merging.merges import merge
from nkwatch.editorial.versions import changing
from nkwatch.site.models import Suggestion
from sources.models import Actor, Quote
from tests.make import make_actor, publish

administrator = User.objects.get()
with changing(reason="Read again in the source."):
    event = ClosureEvent.objects.get(number=9)
    event.summary = "The embassy tells the party, in a note that it prints, that it closes."
    event.save()
mission = Mission.objects.get(number=3)
for address in ("Calle de Darío Aparicio", "Calle Darío Aparicio 43"):
    with changing(reason="As the city's register of streets has it."):
        mission.address = address
        mission.save()
retract(Quote.objects.get(number=42), "It is a headline, and nobody's statement.")
twin = make_actor(kind="person", name="Thae Yong-ho", capacity="former-official", country="KR")
publish(twin)
merge(Actor.objects.get(name="Tae Yongho"), twin, by=administrator, reason="One person in two romanisations.")
Suggestion.objects.create(
    about="M-0003", text="The street is misspelt.", name="A reader", may_be_named=True, status="taken-up",
    answer="The street was misspelt: it is called Calle Darío Aparicio.", answered=datetime.datetime.now(datetime.UTC),
)
"""
PAGES_WITH_A_PAST = {
    "past-changes": "/changes/",
    "past-versions": "/missions/M-0003/versions/",
    "past-version": "/missions/M-0003/versions/3/",
    "past-mission": "/missions/M-0003-x/",
    "past-merged": "/actors/?q=Tae",
    "error-410": "/quotes/Q-0042-x/",
}
ADMIN = {
    "admin": "/admin/",
    "admin-missions": "/admin/missions/mission/",
    "admin-event": "/admin/missions/closureevent/9/change/",
    "admin-history": "/admin/missions/closureevent/9/history/",
}


def main() -> None:
    asked = _arguments()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        if asked.site:
            _show(browser, asked.site, PAGES, asked)
        else:
            with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as site:
                _show(browser, site.address, PAGES, asked)
                _show(browser, site.address, ADMIN, asked, site.password)
                if not asked.only:
                    _renew_picture(browser, site.address)
                site.run(PAST)
                _show(browser, site.address, PAGES_WITH_A_PAST, asked)
        browser.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the screenshots go, as NAME-WIDTH-SCHEME.png")
    parser.add_argument("--site", help="the address of a site that is served already (only what it holds is shown)")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these pages, such as home, mission")
    parser.add_argument("--widths", nargs="+", type=int, default=[1280, 390], metavar="PIXELS")
    parser.add_argument("--schemes", nargs="+", default=["light", "dark"], metavar="SCHEME")
    return parser.parse_args()


def _show(
    browser: Browser, address: str, pages: Mapping[str, str], asked: argparse.Namespace, password: str = ""
) -> None:
    wanted = {name: path for name, path in pages.items() if not asked.only or _is_asked_for(name, asked.only)}
    if not wanted:
        return
    for scheme in asked.schemes:
        for width in asked.widths:
            context = browser.new_context(color_scheme=scheme, locale="en-GB", viewport={"width": width, "height": 900})
            page = context.new_page()
            if password:
                _log_in(page, address, password)
            for name, path in wanted.items():
                page.goto(address + path)
                page.screenshot(path=asked.folder / f"{name}-{width}-{scheme}.png", full_page=True)
            context.close()


def _renew_picture(browser: Browser, address: str) -> None:
    """The top of the home page, small, for the README."""
    context = browser.new_context(
        locale="en-GB", viewport=PICTURED, device_scale_factor=PICTURE_WIDTH / PICTURED["width"]
    )
    page = context.new_page()
    page.goto(address)
    page.screenshot(path=PICTURE)
    context.close()


def _is_asked_for(name: str, only: Iterable[str]) -> bool:
    return any(name == each or name.startswith(f"{each}-") for each in only)


def _log_in(page: Page, address: str, password: str) -> None:
    page.goto(f"{address}/admin/login/")
    page.get_by_label("Username").fill("administrator")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


if __name__ == "__main__":
    main()
