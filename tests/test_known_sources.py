"""Whether a report is on record already: its address, a title near by, text in common (domain.md, rule 6)."""

import datetime

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from missions.models import EventCitation
from sources.known import TEXTS_COMPARED, known_sources
from sources.models import CapturedCopy, Source
from tests.make import cite, make_event, make_mission, make_quote, make_source, publish

pytestmark = pytest.mark.django_db

STORY = """The flag over the villa came down on Wednesday, and neighbours said the gates had been locked for days.
A lorry took away the last of the furniture before noon, watched by two policemen and a handful of reporters.
The foreign ministry had been told a week earlier by a note of three lines, and gave no reason for the step.
Nobody answered the bell on Thursday."""


def keep_text(source: Source, text: str) -> None:
    page = f"<!doctype html><html><body><pre>{text}</pre></body></html>".encode()
    CapturedCopy.objects.create(source=source, file=ContentFile(page, name="pasted.html"), text=text)


def labels(hits) -> list[str]:
    return [str(hit.source) for hit in hits]


@pytest.mark.parametrize(
    "spelt",
    [
        "https://example.org/a",
        "http://example.org/a#top",
        "https://EXAMPLE.org:443/a?utm_source=mail",
        "https://web.archive.org/web/20231101000000/http://example.org/a",
    ],
)
def test_the_same_address_however_it_is_spelt(spelt):
    known = make_source(source_url="https://example.org/a")

    [hit] = known_sources(url=spelt)

    assert (hit.source, hit.score, hit.same_address, hit.is_sure) == (known, 100, True, True)
    assert hit.why == "the same address"


def test_the_same_archived_copy():
    known = make_source(archive_url="https://archive.ph/AbCdE")

    [hit] = known_sources(archive_url="https://archive.ph/AbCdE")

    assert (hit.source, hit.why) == (known, "the same archived copy")


@pytest.mark.parametrize(
    ("title", "near"),
    [
        ("North Korea to close its embassy in Spain", "the same title"),
        ("Embassy in Spain: North Korea to close it", "a title near by"),
        ("NORTH KOREA TO CLOSE ITS EMBASSY IN SPAIN, MINISTRY SAYS", "a title near by"),
        ("북한, 스페인 주재 대사관 폐쇄", "the same title"),
        ("스페인 주재 대사관 폐쇄 — 북한", "a title near by"),
    ],
)
def test_a_title_near_by_in_any_order_and_in_korean(title, near):
    known = make_source(title_original="북한, 스페인 주재 대사관 폐쇄", language="ko")

    [hit] = known_sources(titles=[title])

    assert hit.source == known
    assert hit.why.startswith(near)


@pytest.mark.parametrize(
    "title", ["", "Spain", "North Korea", "Weather", "Uganda says farewell to an ambassador", "!!"]
)
def test_titles_with_a_word_or_two_in_common_are_not_near(title):
    make_source()

    assert known_sources(titles=[title]) == []


def test_a_kept_text_that_is_printed_again_tells_how_much_of_it():
    original, other = make_source(title="A"), make_source(title="B", issued="2023-11-02")
    keep_text(original, STORY)
    keep_text(other, "In other news, the harvest was good in all provinces, and the price of bread has not moved.")

    [hit] = known_sources(text="A short lead of its own.\n" + STORY.upper(), issued="2023-11-03")

    assert hit.source == original
    assert hit.why == "100% of the shorter of this text and the one kept of it stand in both"
    assert hit.is_sure


def test_half_of_a_text_is_told_as_half():
    source = make_source(title="A")
    keep_text(source, STORY)
    two_lines = "\n".join(STORY.split("\n")[:2])

    [hit] = known_sources(text=two_lines + " " + "Then came something that nobody had written anywhere before. " * 6)

    assert hit.source == source
    assert 50 <= int(hit.why.partition("%")[0]) <= 80


def test_excerpts_and_quotes_on_record_are_found_in_the_text():
    event, quote = make_event(), make_quote(text="We carried the chairs out ourselves, one by one, in the rain.")
    cited, carrier = make_source(title="A"), make_source(title="B")
    cite(event, cited, wording="the gates had been locked for days")
    cite(quote, carrier)

    hits = known_sources(text=STORY + "\n“We carried the chairs out ourselves – one by one – in the rain,” he said.")

    assert labels(hits) == ["B", "A"]
    assert "an excerpt on record of it, 7 words, in this text: “the gates had been locked for days”" in hits[1].why
    assert not any(hit.is_sure for hit in hits)


def test_one_statement_that_many_reports_print_need_not_be_asked_about():
    said = "We carried the chairs out ourselves one by one in the rain and nobody from the town came to say farewell"
    first, others = make_source(title="A"), ("and nobody came to say farewell", "the gates had been locked for days")
    cite(make_quote(text=said), first, wording=said)
    long = STORY + "\n" + said + "\n" + "Then came something that nobody had written anywhere before. " * 10

    [hit] = known_sources(text=long)
    assert not hit.is_sure
    [hit] = known_sources(text=f"{said}, he told us.")
    assert hit.is_sure

    for words in (*others, *(f"before nobody had written {n}" for n in range(3))):
        long += f"\n{words}"
        cite(make_event(mission=make_mission(host="PE", city=words)), first, wording=words)
    [hit] = known_sources(text=long)
    assert hit.is_sure


def test_words_that_anybody_might_write_are_no_sign():
    cite(make_event(), wording="came down on Wednesday")

    assert known_sources(text=STORY) == []


def test_several_signs_of_one_source_are_told_together():
    known = make_source(source_url="https://example.org/a")
    keep_text(known, STORY)

    [hit] = known_sources("https://example.org/a", titles=[known.title], text=STORY, issued="2023-11-01")

    assert hit.why.count(";") == 2


def test_drafts_of_others_and_published_ones_are_found_alike():
    draft, public = make_source(title="Flags fall in Madrid villa"), make_source(title="Flags fall in a Madrid villa")
    publish(public)

    assert {hit.source for hit in known_sources(titles=["Flags fall in Madrid villa"])} == {draft, public}


@pytest.mark.parametrize("issued", ["", "2023-11-05", "soon", "../2023-12-05", "2023-11-03/.."])
def test_nothing_known_is_nothing(issued):
    assert known_sources("https://example.org/new", "", ["Something quite new"], STORY, issued) == []


def keep_texts(texts: dict[str, str]) -> None:
    """A source with a kept text for each day."""
    sources = Source.objects.bulk_create(
        [Source(title=day, issued=day, issued_earliest=day, issued_latest=day) for day in texts]
    )
    CapturedCopy.objects.bulk_create(
        [CapturedCopy(source=s, file=f"x{s.pk}", sha256=f"{s.pk}", text=texts[s.title]) for s in sources]
    )


def test_of_many_kept_texts_those_of_the_nearest_days_are_compared():
    """However large the record, no more than TEXTS_COMPARED texts are read: a text is printed again within days."""
    first = datetime.date(2023, 11, 1)
    days = [str(first - datetime.timedelta(days=away)) for away in range(TEXTS_COMPARED)]
    keep_texts(dict.fromkeys(days, "Nothing of the kind.") | {days[3]: STORY, days[-1]: STORY})

    assert labels(known_sources(text=STORY, issued="2023-11-01")) == [days[3]]


def test_looking_costs_no_more_queries_in_a_large_record():
    event = make_event()
    asked = ("https://example.org/77", "", ["Something quite new"], STORY, "2023-11-01")

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            [hit] = known_sources(*asked)
        assert hit.why == "the same address"
        return len(counted)

    keep_text(make_source(title="A", source_url="https://example.org/77"), "Nothing of the kind was ever said.")
    before = queries()
    sources = Source.objects.bulk_create(
        [Source(title=f"w{n} of {n * n}", canonical_url=f"https://example.org/more/{n}") for n in range(300)]
    )
    EventCitation.objects.bulk_create(
        [EventCitation(event=event, source=s, wording=f"what {s.pk} said of it all there") for s in sources]
    )
    days = [str(datetime.date(2022, 1, 1) + datetime.timedelta(days=n)) for n in range(300)]
    keep_texts({day: f"on {day} nothing of it was said" for day in days})

    assert queries() == before
