"""What is found by which words, in which order: the same on SQLite and PostgreSQL (pages.md, Search).

The tables are the specification: a query, and the numbers of the records that it finds, each kind in its order.
"""

from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from nkwatch.editorial import proposals
from nkwatch.editorial.derivation import deriving_once
from nkwatch.editorial.folding import terms, units
from nkwatch.editorial.merging import merges
from nkwatch.editorial.versions import changing
from nkwatch.site.models import SearchEntry
from nkwatch.site.search.index import rebuild
from nkwatch.site.search.suggestion import known_words
from sources.models import ActorName, Country
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
from tests.test_page_queries import Hub

pytestmark = pytest.mark.django_db

LONG = 10_000


def make_record() -> dict[str, Any]:
    """A small record in four scripts; each kind numbered from 1 in the order in which it stands here."""
    tae = make_actor(kind="person", name="Tae Yongho", capacity="former-official", country="KR")
    for name in ("Thae Yong-ho", "태영호"):
        ActorName.objects.create(actor=tae, name=name)
    rodong = make_actor(name="로동신문", capacity="state-media", country="KP")
    kcna = make_actor(name="Korean Central News Agency", capacity="state-media", country="KP")
    ActorName.objects.create(actor=kcna, name="KCNA")
    ri = make_actor(kind="person", name="Ri Yong Nam", capacity="government", country="KP")
    ActorName.objects.create(actor=ri, name="이용남")
    people = [tae, rodong, kcna, ri]

    madrid = make_mission(other_names="Embajada de la RPDC en España")
    kinshasa = make_mission(host="CD", city="Kinshasa")
    hong_kong = make_mission(host="HK", kind="consulate-general", city="")
    romanian = make_mission(sending="RO", host="KP", city="Pyongyang")
    missions = [madrid, kinshasa, hong_kong, romanian]
    make_coverage(mission=romanian, country="PT")

    titles = [
        ("Embassy in Spain to close", "2023-11-01", {}),
        ("북한, 스페인 대사관 폐쇄", "2023-11-03", {"language": "ko", "source_url": "https://www.example.org/es/1?utm_source=x"}),
        ("Посольство закрыто, сообщает Пхеньян", "2023-12-05", {"language": "ru"}),
        ("朝鮮駐香港總領事館關閉", "2024-01-02", {"language": "zh-Hant"}),
        ("Why P'yŏngyang left Zaire", "2024-02", {"summary": "Thae Yong Ho explains it."}),
    ]  # fmt: skip
    sources = [make_source(title=title, issued=issued, **more) for title, issued, more in titles]

    reason = make_reason()
    said = make_quote(text="The sanctions left them no choice.", speaker=tae, said_on="2023-11-10")
    said.reasons.add(reason)
    cite(said, sources[0], wording="They had no choice but to leave the Iberian post.")
    earlier = make_quote(text="우리 대사관은 문을 닫는다.", text_original="", speaker=ri, said_on="2023-10-30")
    cite(earlier, sources[1])
    quotes = [said, earlier]

    events = []
    for mission, stage, date, source, more in (
        (madrid, "notified", "2023-10-26", sources[0], {"wording": "a note verbale to the Spanish ministry"}),
        (kinshasa, "reported", "2023-11", sources[4], {"wording": "Kinshasa was told"}),
        (madrid, "closed", "../2023-12-05", sources[1], {"wording": "대사관 직원이 떠났다"}),
    ):
        event = make_event(mission=mission, stage=stage, date=date)
        cite(event, source, **more)
        events.append(event)
    figure = make_figure(worded="as many as 53", speaker=kcna, note="Counted without consulates.")
    cite(figure, sources[0])

    with deriving_once():
        publish(*people, *missions, *sources, reason, *quotes, *events, figure)
    return {
        record.label: record for record in (*people, *missions, *sources, *quotes, *events, figure)
    } | {"reason": reason}  # fmt: skip


@pytest.fixture
def record() -> dict[str, Any]:
    with changing(reason="reported"):
        return make_record()


def ask(client: Client, query: str, **more: str) -> Any:
    return client.get(reverse("search"), {"q": query, **more})


def found(client: Client, query: str, **more: str) -> str:
    """The numbers found, kind by kind."""
    response = ask(client, query, **more)
    assert response.status_code == 200, query
    return " ".join(hit.record.label for group in response.context["groups"] for hit in group.hits)


def mismatches(client: Client, table: str) -> dict[str, tuple[str, str]]:
    """Each line of the table whose query finds something else: what it should find, and what it does."""
    wrong = {}
    for line in filter(None, map(str.strip, table.splitlines())):
        query, _, expected = (part.strip() for part in line.partition("->"))
        if (numbers := found(client, query)) != expected:
            wrong[query] = (expected, numbers)
    return wrong


PLACES = """
Zaire                        -> M-0002 E-0002 S-0005
DR Congo                     -> M-0002 E-0002 S-0005
Democratic Republic of the Congo -> M-0002 E-0002 S-0005
콩고민주공화국                 -> M-0002 E-0002 S-0005
República Democrática del Congo -> M-0002 E-0002 S-0005
Pyongyang                    -> M-0004 S-0005 S-0003
P'yongyang                   -> M-0004 S-0005 S-0003
Phyongyang                   -> M-0004 S-0005 S-0003
평양                          -> M-0004 S-0005 S-0003
平壤                          -> M-0004 S-0005 S-0003
Пхеньян                      -> M-0004 S-0005 S-0003
Hongkong                     -> M-0003 S-0004
홍콩                          -> M-0003 S-0004
香港                          -> M-0003 S-0004
España                       -> M-0001 E-0003 E-0001 S-0002 S-0001
스페인 대사관                   -> M-0001 E-0003 E-0001 S-0002
Мадрид                       -> M-0001 E-0003 E-0001
Portugal                     -> M-0004
"""


def test_a_place_is_found_by_each_of_its_names(client: Client, record: dict[str, Any]) -> None:
    assert mismatches(client, PLACES) == {}


PEOPLE = """
Tae Yongho                   -> Q-0001 S-0005 A-0001
Thae Yong-ho                 -> Q-0001 S-0005 A-0001
THAE YONG HO                 -> Q-0001 S-0005 A-0001
taeyongho                    -> Q-0001 S-0005 A-0001
태영호                         -> Q-0001 S-0005 A-0001
로동신문                       -> A-0002
노동신문                       -> A-0002
노동                          -> A-0002
KCNA                         -> A-0003 F-0001
Korean Central News Agency   -> A-0003 F-0001
이용남                         -> Q-0002 A-0004
리용남                         -> Q-0002 A-0004
Ri Yong-nam                  -> Q-0002 A-0004
"""


def test_somebody_is_found_by_each_spelling_of_the_name(client: Client, record: dict[str, Any]) -> None:
    assert mismatches(client, PEOPLE) == {}


WORDS = """
embassies spain              -> M-0001 E-0003 E-0001 S-0001
Embassy of Spain             -> M-0001 E-0003 E-0001 S-0001
sanctions                    -> Q-0001
sanction                     -> Q-0001
note verbale                 -> E-0001
Iberian                      -> Q-0001
대사                          -> M-0004 M-0002 M-0001 E-0003 E-0002 E-0001 Q-0002 S-0002
대사관 직원                     -> E-0003
직원                          -> E-0003
53                           -> F-0001
consulate general            -> M-0003
總領事館                       -> S-0004
закрыто                      -> S-0003
nowhere spain                ->
of the                       -> M-0002 E-0003 E-0002 E-0001
"""


def test_words_of_any_script_are_found_in_any_place(client: Client, record: dict[str, Any]) -> None:
    assert mismatches(client, WORDS) == {}


ONE_SYLLABLE = """
닫                            -> Q-0002
직                            -> E-0003
關                            -> S-0004
직 대사관                      -> E-0003
"""


def test_one_syllable_is_found_inside_of_words(client: Client, record: dict[str, Any]) -> None:
    assert mismatches(client, ONE_SYLLABLE) == {}


def test_words_written_without_a_blank_are_found_with_one(client: Client, record: dict[str, Any]) -> None:
    assert found(client, "스페인대사관") == found(client, "스페인 대사관")
    assert "S-0002" in found(client, "스페인대사관")


def test_names_come_before_words_and_the_newest_before_the_older(client: Client) -> None:
    told = make_source(title="On the record", issued="2024-05-01", summary="Of Madrid.")
    named = [make_source(title=f"Madrid {year}", issued=str(year)) for year in (2021, 2023, 2022)]
    undated = make_source(title="Madrid some day", issued="")
    publish(told, *named, undated)
    assert found(client, "madrid").split() == [one.label for one in (named[1], named[2], named[0], undated, told)]


def test_what_is_found_is_marked_and_all_else_is_escaped(client: Client) -> None:
    source = make_source(
        title="Zaire & <b>Spain</b>", issued="2023", summary=f"<script>alert(1)</script> {'word ' * 60}대사관을 닫는다."
    )
    publish(source)
    [group] = ask(client, "DR Congo").context["groups"]
    assert group.hits[0].heading == "<mark>Zaire</mark> &amp; &lt;b&gt;Spain&lt;/b&gt;"
    assert group.hits[0].excerpt == ""

    response = ask(client, "대사관")
    [hit] = response.context["groups"][0].hits
    assert hit.excerpt.startswith("… ")
    assert "<mark>대사관</mark>을 닫는다." in hit.excerpt
    assert len(hit.excerpt) < 300
    assert b"<script>alert" not in ask(client, "alert").content


def test_a_long_heading_is_shortened_to_what_is_found_or_to_its_beginning(client: Client) -> None:
    long = make_quote(text=f"The embassy {'word ' * 100}sanctions and {'more ' * 100}", said_on="2023")
    long.reasons.add(make_reason(label="Hardship"))
    publish(*long.reasons.all(), long)

    def heading(query: str) -> str:
        return ask(client, query).context["groups"][0].hits[0].heading

    assert heading("sanctions").startswith("… word ")
    assert "<mark>sanctions</mark> and more" in heading("sanctions")
    assert heading("hardship").startswith("The embassy word")
    assert heading("hardship").endswith(" …")
    assert "<mark>" not in heading("hardship")


def test_a_name_that_is_not_shown_otherwise_is_shown_as_what_was_found(client: Client, record: dict[str, Any]) -> None:
    [hit] = ask(client, "embajada").context["groups"][0].hits
    assert hit.excerpt == "<mark>Embajada</mark> de la RPDC en España"


SPELLINGS = """
Pyonyang                     -> pyongyang
Madird embassy               -> madrid embassy
Tae Yonho                    -> Tae yongho
sanctoins                    -> sanctions
태영오                         -> 태영호
xqzzkw                       ->
"""


def test_a_misspelling_is_answered_with_a_spelling_that_finds_something(client: Client, record: dict[str, Any]) -> None:
    for line in filter(None, SPELLINGS.splitlines()):
        query, _, expected = (part.strip() for part in line.partition("->"))
        response = ask(client, query, asof="2023-11-15")
        assert response.context["groups"] == []
        assert response.context["suggested"] == expected
        if expected:
            assert found(client, expected)
            link = f"{reverse('search')}?asof=2023-11-15&amp;q={quote(expected).replace('%20', '+')}"
            assert link in response.content.decode()


def test_a_number_leads_to_its_record_and_an_address_to_its_source(client: Client, record: dict[str, Any]) -> None:
    for typed, label in (("M-0001", "M-0001"), ("m1", "M-0001"), ("s–0002", "S-0002"), (" E-3 ", "E-0003")):
        assert ask(client, typed).headers["Location"] == record[label].get_absolute_url()
    address = record["S-0002"].get_absolute_url()
    for typed in (
        "https://www.example.org/es/1",
        "HTTP://www.example.org/es/1#top",
        "https://web.archive.org/web/20231105000000/https://www.example.org/es/1",
    ):
        assert ask(client, typed).headers["Location"] == address
    assert ask(client, "M-0001", asof="2023-11-15").headers["Location"].endswith("?asof=2023-11-15")


def test_a_number_or_an_address_that_nothing_has_is_looked_for_as_words(client: Client, record: dict[str, Any]) -> None:
    assert found(client, "M-0999") == ""
    assert found(client, "Z-0001") == ""
    page = ask(client, "https://www.example.org/unknown").content.decode()
    assert "No source with this address is on record." in page


def test_the_number_of_a_retracted_record_leads_to_the_reason_and_gives_nothing_else_away(
    client: Client, record: dict[str, Any]
) -> None:
    record["S-0005"].refresh_from_db()
    record["S-0005"].retract("It was a hoax.")
    answer = ask(client, "S-0005")
    assert answer.headers["Location"] == "/sources/S-0005/"
    gone = client.get(answer.headers["Location"])
    assert gone.status_code == 410
    assert "It was a hoax." in gone.content.decode()


def test_each_kind_shows_its_first_five_and_has_a_page_of_its_own(client: Client) -> None:
    sources = [make_source(title=f"Madrid {n}", issued=f"20{n}") for n in range(10, 70)]
    with deriving_once():
        publish(*sources)
    [group] = ask(client, "madrid").context["groups"]
    assert (group.number, len(group.hits)) == (60, 5)
    page = ask(client, "madrid", **{"in": "sources"})
    assert len(page.context["groups"][0].hits) == 50
    assert "page=2" in page.content.decode()
    rest = ask(client, "madrid", **{"in": "sources"}, page="2").context["groups"][0].hits
    assert [hit.record.title for hit in rest] == [f"Madrid {n}" for n in range(19, 9, -1)]
    assert ask(client, "madrid", **{"in": "events"}).context["groups"] == []
    assert ask(client, "madrid", **{"in": "nothing"}, page="x").status_code == 200


def test_missions_are_shown_with_their_status_on_the_day(client: Client, record: dict[str, Any]) -> None:
    def status(day: str) -> str:
        return ask(client, "madrid", asof=day).context["groups"][0].hits[0].span.status

    assert [status(day) for day in ("2023-10-01", "2023-11-15", "2024-01-01")] == ["open", "closing", "closed"]
    page = ask(client, "madrid", asof="2023-11-15").content.decode()
    assert f"{record['M-0001'].get_absolute_url()}?asof=2023-11-15" in page
    assert '<input type="hidden" name="q" value="madrid">' in page
    assert ask(client, "madrid", asof="never").status_code == 400


def test_an_empty_question_is_answered_with_examples(client: Client) -> None:
    for typed in ("", "   ", "\0"):
        page = ask(client, typed).content.decode()
        assert page.count('<h3><a href="/search/?q=') == 3


def test_every_page_has_the_box_and_keeps_the_day(client: Client, record: dict[str, Any]) -> None:
    page = client.get(record["M-0001"].get_absolute_url(), {"asof": "2023-11-15"}).content.decode()
    header = page[page.index("<header") : page.index("</header>")]
    assert f'<form action="{reverse("search")}"' in header
    assert '<input type="hidden" name="asof" value="2023-11-15">' in header


NASTY = [
    '"', "'", '" OR 1=1 --', "spain*", "spain NEAR(madrid)", "AND OR NOT", "a AND", "(", ")", "{}", "^", "terms:spain",
    "-spain", "+", "%", "_", "\\", "%_\\", "!@#$%^&*()", "。、「」", "a:b & c | !d <-> e:*", "\0spain\0",
    "'); DROP TABLE x",
    "\u202e\u200b", "e\u0301" * 300, "ʼʻ’'", "--------", "ㄱ", "가" * 13, "́", "\U0001f600", "\U0002f800",
    "q" * LONG, "대" * LONG, "대 " * LONG, "a b " * LONG, "-" * LONG, '"' * LONG, "http://[oops",
    "http://" + "x" * LONG,
    "https://xn--a.example/", "M-999999999", "M-9999999999", "A" + "0" * 9,
]  # fmt: skip


def test_nothing_that_is_typed_breaks_the_page(client: Client) -> None:
    publish(make_source(title="Spain, 대사관"))
    for typed in NASTY:
        assert ask(client, typed).status_code == 200, typed
        assert ask(client, typed, **{"in": "sources"}).status_code == 200, typed


def test_a_long_question_is_answered_by_its_first_words_and_says_so(client: Client) -> None:
    publish(make_source(title=" ".join(f"word{n}" for n in range(16))))
    response = ask(client, " ".join(f"word{n}" for n in range(40)))
    assert len(response.context["groups"]) == 1
    assert "only its first words were looked for" in response.content.decode()


DRAFTED = "Unpublishedville"


def test_a_draft_is_never_found_nor_suggested(client: Client, record: dict[str, Any], editor: Any) -> None:
    actor = make_actor(name=DRAFTED, country=None)
    make_source(title=f"{DRAFTED} today", source_url="https://example.org/draft")
    make_mission(host="FR", city=DRAFTED)
    ActorName.objects.create(actor=record["A-0001"], name=DRAFTED)
    cite(record["E-0001"], make_source(title=DRAFTED), wording=DRAFTED)
    quoted = make_quote(text=DRAFTED, speaker=actor)
    quoted.submit()
    proposals.propose(record["S-0001"], {"title": DRAFTED}, editor, "why")
    rebuild()
    for typed in (DRAFTED, f"{DRAFTED} today"):
        assert found(client, typed) == ""
    for typed in (DRAFTED[:-1], "unpublishedvile"):
        response = ask(client, typed)
        assert (response.context["groups"], response.context["suggested"]) == ([], "")
    assert DRAFTED.lower() not in known_words()
    assert ask(client, "https://example.org/draft").status_code == 200
    assert not SearchEntry.objects.filter(terms__contains=DRAFTED.lower()).exists()


def test_what_is_retracted_is_gone_at_once_with_what_was_public_through_it(
    client: Client, record: dict[str, Any]
) -> None:
    for label in ("A-0001", "M-0002", "S-0001"):
        record[label].refresh_from_db()
        record[label].retract("It was a mistake.")
    # Neither its name where others say it, nor what happened to it, nor what it was cited for.
    assert found(client, "태영호") == ""
    assert found(client, "Kinshasa") == ""
    assert found(client, "note verbale") == ""
    assert found(client, "Iberian") == ""
    assert found(client, "sanctions") == "Q-0001"
    assert ask(client, "Iberain").context["suggested"] == ""


def test_the_index_follows_every_change(client: Client, record: dict[str, Any], reviewer: Any) -> None:
    source = record["S-0001"]
    source.refresh_from_db()
    source.title = "Barcelona"
    source.save()
    assert found(client, "Barcelona") == "S-0001"
    assert "S-0001" not in found(client, "Spain close")

    variant = ActorName.objects.create(actor=record["A-0003"], name="조선중앙통신")
    assert found(client, "중앙통신") == ""
    publish(variant)
    assert found(client, "중앙통신") == "A-0003 F-0001"

    record["reason"].label = "Embargo"
    record["reason"].save()
    assert found(client, "embargo") == "Q-0001"

    twin = make_source(title="Gibraltar", issued="2023-11-01")
    publish(twin)
    merges.merge(source, twin, by=reviewer, reason="the same")
    assert found(client, "Gibraltar") == ""
    assert ask(client, twin.label).headers["Location"] == source.get_absolute_url()


def test_check_record_says_what_is_off_and_rebuilding_mends_it(record: dict[str, Any], capsys: Any) -> None:
    call_command("check_record")
    entries = SearchEntry.objects.order_by("pk")
    entries.filter(kind="missions").first().delete()
    entries.filter(kind="sources").update(terms=" other words ")
    SearchEntry.objects.create(
        kind="events", record_id=999_999, number=77, name_terms="", terms=" lost ", words="", stored=entries[0].stored
    )
    with pytest.raises(CommandError):
        call_command("check_record")
    said = capsys.readouterr().out
    assert "M-0001 cannot be found" in said
    assert "S-0001 is found by other words than it has" in said
    assert "E-0077 can be found, though it is not public" in said

    call_command("rebuild_search")
    call_command("check_record")


def test_a_country_that_got_another_name_is_found_by_it_once_the_index_is_built_anew(
    client: Client, record: dict[str, Any]
) -> None:
    country = Country.objects.get(pk="ES")
    country.variants += "; Hispania Nova"
    country.save()
    assert found(client, "Hispania Nova") == "M-0001 E-0003 E-0001 S-0002 S-0001"
    rebuild()
    assert found(client, "Nova") == "M-0001"


def test_storing_again_what_did_not_change_writes_nothing(record: dict[str, Any]) -> None:
    before = list(SearchEntry.objects.order_by("pk").values())
    record["A-0001"].refresh_from_db()
    record["A-0001"].save()
    assert list(SearchEntry.objects.order_by("pk").values()) == before


def test_the_index_takes_the_same_number_of_queries_for_many_records(record: dict[str, Any]) -> None:
    def queries(size: int) -> int:
        sources = [make_source(title=f"Batch {size} {n}", issued="2024") for n in range(size)]
        with CaptureQueriesContext(connection) as captured, deriving_once():
            publish(*sources)
        return sum("site_searchentry" in query["sql"] for query in captured)

    # What stands is read, and what is new is stored; each once, since all are published at once.
    assert queries(3) == queries(30) == 2


def test_the_page_takes_the_same_number_of_queries_at_10_and_at_200_records(client: Client) -> None:
    hub = Hub()

    def queries(size: int) -> int:
        hub.grow(size)
        rebuild()
        with CaptureQueriesContext(connection) as captured:
            response = ask(client, "hub")
        assert len(response.context["groups"]) == 6
        return len(captured)

    # The names of places, and of somebody called so (2); how many of each kind, and the first ones; then of each
    # kind shown its records, with what each is about: 3 + 2 + 2 + 6 kinds with 21 relations.
    assert queries(10) == queries(200) <= 36


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Tae Yong-ho", "tae yongho yong ho"),
        ("P'yŏngyang’s", "pyongyang p yongyang s"),
        ("EMBASSIES, consulates; missions", "embassy consulate mission"),
        ("status crisis gas", "status crisi gas"),
        ("북한대사관", "북한 한대 대사 사관"),
        ("북 대사", "북 대사"),
        ("조선로동당 련합 리용호 녀성 니카라과", "조선 선노 노동 동당 연합 이용 용호 여성 니카 카나 나과"),
        ("Ｃｏｎｇｏ 2023년", "congo 2023 연"),
        ("—“”…", ""),
    ],
)
def test_text_is_folded_into_words(text: str, words: str) -> None:
    assert " ".join(term.word for term in terms(text)) == words


def test_words_stand_where_they_are_said_to_stand() -> None:
    text = "The “Thae Yong-ho” 태영호 in Ｃｏｎｇｏ"
    assert [text[term.start : term.end] for term in terms(text)] == [
        "The", "Thae", "Yong-ho", "Yong", "ho", "태영", "영호", "in", "Ｃｏｎｇｏ",
    ]  # fmt: skip
    assert units("Yong-ho 태영호") == ["yong", "ho", "태영호"]
