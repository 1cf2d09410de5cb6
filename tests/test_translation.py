"""Every word that readers see can be translated, and Korean words are said to be Korean."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from lxml import html

from nkwatch.editorial.templatetags.editorial import KOREAN
from nkwatch.site.models import Suggestion
from nkwatch.site.search.index import rebuild
from sources.filters import country_choices, region_choices
from sources.models import Actor, Country
from tests.catalogue import LOCALE, write_catalogue
from tests.make import (
    cite,
    make_actor,
    make_coverage,
    make_event,
    make_figure,
    make_mission,
    make_quote,
    make_reason,
    make_source,
    publish,
)

pytestmark = pytest.mark.django_db

IN_BRACKETS = re.compile(r"⟦[^⟦⟧]*⟧")
NAMES = (
    r"https?://\S*",
    r"\b[A-Z]-\d{4}\b",  # the number of a record
    r"\bnkwatch(\.sqlite3)?\b",
    r"\b(CSV|JSON|XLSX|GeoJSON|SVG|SQLite|Atom|RIS|BibTeX|CSL-JSON|datapackage\.json)\b",
    r"\b(GEOJSON|Data Package|Creative Commons Attribution 4\.0|KB|bytes)\b",
    r"\b(Madrid embassy|Zaire)\b",  # what a reader might search for
    r"\b(date|city)$|^(ja|ko|reason)$",  # facts, languages and a slug as the record stores them
    r"\b(SHA-256|CC BY 4\.0|UTC|pandas|R)\b",
    r"\b(English|Japanese|Korean)\b",  # languages are named by Babel, in the reader's language
    # Months are named by Django.
    r"\b(January|February|March|April|May|June|July|August|September|October|November|December)\b",
    r"\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b",
)
"""What is the same in every language, or comes from a catalogue that is not ours."""
ATTRIBUTES = ("alt", "aria-label", "data-l", "data-tip", "placeholder", "title")
NOT_WORDS = ("script", "style", "code")
A_CITATION = "cite"
"""The class of a citation, which is in English, as is the page that it cites."""


@pytest.fixture
def world() -> dict[str, Any]:
    """A record of every kind, tied to the others, without a Latin letter in what was typed."""
    Country.objects.filter(code="ES").update(name="西班牙", region="欧洲")
    Country.objects.filter(code="KP").update(name="朝鲜", region="亚洲")
    Country.objects.filter(code="KR").update(name="韩国", region="亚洲")
    Country.objects.filter(code="IT").update(name="意大利", region="欧洲")
    Country.objects.filter(code="PT").update(name="葡萄牙", region="欧洲")
    ministry = make_actor(name="外交部", capacity="government", country="KP", homepage="https://example.org/")
    body = make_actor(name="政府", capacity="government", country="KP")
    Actor.objects.filter(pk=ministry.pk).update(part_of=body)
    speaker = make_actor(name="太永浩", kind="person", capacity="former-official", country="KR", part_of=ministry)
    outlet = make_actor(name="共同社", country="KR")
    speaker.names.create(name="태영호")
    first = make_source(title="关闭", title_original="대사관 폐쇄", language="ko", outlet=outlet, issued_note="推定")
    again = make_source(
        title="", title_original="대사관 폐쇄 보도", language="ko", outlet=outlet, republication_of=first
    )
    third = make_source(title="其他", outlet=outlet, read="only-cited", language="ja")
    first.authorships.create(author=speaker)
    first.references.create(cited_source=third, label="注")
    mission = make_mission(
        name="大使馆", name_original="스페인 주재 대사관", city="马德里", address="街", established="2013"
    )
    rome = make_mission(name="罗马大使馆", host="IT", city="罗马")
    home = make_mission(name="葡萄牙大使馆", sending="PT", host="KP", city="平壤")
    coverage = make_coverage(mission=rome, country="PT", starts="2023-10", ends="2024-01")
    reason = make_reason(slug="reason", label="制裁", definition="因为制裁")
    spoken = make_quote(text="我们撤回", speaker=speaker, speaker_role="公使", on_behalf_of=body)
    korean = make_quote(text="", text_original="대사관을 철수한다", language="ko", speaker=None, said_on="2023-11")
    spoken.reasons.add(reason)
    korean.reasons.add(reason)
    told = make_event(mission=mission, stage="announced", date="2023-10-26", summary="宣布")
    closed = make_event(mission=mission, stage="closed", date="2023-11-01/2023-12-05", duties_to=rome)
    opened = make_event(mission=home, stage="opened", date="2001-01")
    closing = make_event(mission=rome, stage="notified", date="2023-11-01/2023-11-20", date_note="注")
    undated = make_event(mission=home, stage="seen-open", date="")
    told.quotes.add(spoken)
    closed.quotes.add(korean)
    figures = [
        make_figure(worded="五十多", low=50, high=None, speaker=speaker, as_of="2023-11-10"),
        make_figure(worded="一", low=1, high=1, metric="closures-planned", since="2023-01", note="注"),
    ]
    for record, source, more in (
        (mission, first, {"fact": "city", "wording": "在马德里"}),
        (told, first, {"attributed_to_actor": ministry, "wording": "已宣布", "date_worded": "上周"}),
        (told, again, {"attributed_to_source": first, "attributed_to_actor": body, "date": "2023-10-27"}),
        (closed, first, {"attributed_to_actor": ministry, "date": "2023-11-05"}),
        (closed, again, {"date": "2023-11-07", "locator": "第一"}),
        (closing, first, {"basis": "own-reporting"}),
        (opened, first, {}),
        (undated, again, {"stance": "disputes"}),
        (undated, first, {}),
        (spoken, first, {"wording": "撤回", "rendering": "paraphrase"}),
        (spoken, again, {"wording": "철수한다", "rendering": "fragment"}),
        (korean, again, {}),
        (coverage, first, {}),
        *((figure, first, {}) for figure in figures),
    ):
        cite(record, source, **more)
    published = [
        reason,
        mission,
        rome,
        home,
        coverage,
        spoken,
        korean,
        told,
        closed,
        closing,
        opened,
        undated,
        *figures,
    ]
    publish(speaker, outlet, first, again, third, *published)
    speaker.refresh_from_db()
    gone = make_quote(text="无")
    publish(gone)
    gone.retract("错")
    Suggestion.objects.create(about=mission.label, text="错", status="taken-up", answer="已改")
    rebuild()
    return {
        "records": [*(one for one in published if one is not coverage), speaker, ministry, first, again, third],
        "mission": mission,
        "gone": gone,
    }


def addresses(world: dict[str, Any]) -> Iterator[str]:
    """Pages of every kind, and in every state that a reader finds them in."""
    lists = ("missions", "events", "quotes", "sources", "actors", "figures", "reasons")
    yield from ("/", "/about/", "/changes/", "/data/", "/search/", "/suggest/", "/suggest/thanks/", "/nothing/")
    yield from (f"/{name}/" for name in lists)
    yield from (f"/{name}/?asof=2023-11-10" for name in lists)
    yield from ("/?asof=2023-11-10", "/?asof=1990-01-01", "/missions/?asof=無", "/?extent=world")
    yield from ("/missions/?view=map", "/missions/?status=closed&kind=embassy&ordering=-updated", "/missions/?host=FR")
    yield from ("/missions/?status=無&closed_year=無", "/events/?view=timeline", "/events/?date_from=無&mission=無")
    yield from ("/missions/map.svg", "/figures/missions-open.svg", "/figures/missions-abroad.svg")
    yield from ("/search/?q=大使馆", "/search/?q=대사관", "/search/?q=無無", "/search/?q=대사관&in=sources")
    yield from (f"/suggest/?about={world['mission'].label}", world["gone"].get_absolute_url(), "/missions/M-9999/")
    yield f"/missions/{world['mission'].label}/track.svg"
    for record in world["records"]:
        yield from (record.get_absolute_url(), f"{record.get_absolute_url()}?asof=2023-11-10")
        yield from (f"{record.get_absolute_url()}versions/", f"{record.get_absolute_url()}versions/1/")


def texts(page: str) -> Iterator[str]:
    """What a page says, piece by piece: its text, and the attributes that are read out or shown."""
    root = html.fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))
    if "<html" not in page:
        # A picture breaks its sentences into lines.
        yield " ".join(text for element in root.iter() if element.tag != "style" for text in element.xpath("text()"))
    for element in root.iter() if "<html" in page else ():
        if not isinstance(element.tag, str):
            continue
        yield from (element.get(name) for name in ATTRIBUTES if element.get(name))
        if element.tag == "meta" and element.get("name") == "description":
            yield element.get("content")
        if not any(is_the_same_in_every_language(one) for one in (element, *element.iterancestors())):
            yield from element.xpath("text()")


def is_the_same_in_every_language(element: Any) -> bool:
    """Code, a citation, and what says to be English: the dictionary of the data, as it stands in the files."""
    is_english = element.tag != "html" and element.get("lang") == "en"
    return is_english or element.tag in NOT_WORDS or A_CITATION in element.get("class", "").split()


def bare(text: str, known: list[str]) -> str:
    """What of a text is in no brackets, nor the same in every language, nor `known`."""
    text = IN_BRACKETS.sub(" ", " ".join(text.split()))
    for pattern in NAMES:
        text = re.sub(pattern, " ", text.strip())
    for word in known:
        text = text.replace(word, " ")
    return text


@pytest.fixture
def in_brackets(settings: Any, tmp_path: Path) -> Iterator[None]:
    write_catalogue(tmp_path)
    settings.LOCALE_PATHS = [tmp_path]
    with translation.override(translation.to_language(LOCALE)):
        yield
    translation.trans_real._translations.clear()


def test_no_page_has_a_word_that_cannot_be_translated(client: Client, world: dict[str, Any], in_brackets: None):
    """Words of the record are in another script here; what rules store as words is the record's as well."""
    from missions.models import ClosureEvent, StatusSpan

    stored = [*ClosureEvent.objects.values_list("support_reasoning", "support_contested")]
    stored += [*StatusSpan.objects.values_list("support_reasoning", "status")]
    known = [word for row in stored for word in row if len(word) > 12]
    reference = [name for _code, name in country_choices()] + [name for _code, name in region_choices()]
    known = sorted({*known, *reference}, key=len, reverse=True)
    found = {}
    for address in addresses(world):
        answer = client.get(address, follow=True)
        page = answer.getvalue().decode()
        for text in texts(page):
            if re.search("[A-Za-z]", left := bare(text, known)):
                found.setdefault(" ".join(left.split()), (address, " ".join(text.split())[:120]))
    assert not found, "\n".join(f"{left} << {address}: {text}" for left, (address, text) in found.items())


def test_words_in_korean_script_are_said_to_be_korean(client: Client, world: dict[str, Any]):
    """Also where a search marks them, so that they are read out and set as what they are (pages.md, section 0)."""
    found = []
    for address in addresses(world):
        page = client.get(address, follow=True).getvalue().decode()
        body = html.fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8")).find(".//main")
        for element in body.iter() if body is not None else ():
            inside = element.text if isinstance(element.tag, str) and element.tag not in NOT_WORDS else ""
            for text, holder in ((inside, element), (element.tail, element.getparent())):
                languages = [one.get("lang") for one in (holder, *holder.iterancestors()) if one.get("lang")]
                if KOREAN.search(text or "") and languages[0] != "ko":
                    found.append(f"{address}: {' '.join(text.split())[:100]}")
    assert not found, "\n".join(found)
