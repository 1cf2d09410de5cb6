"""What is pasted of a report: its guesses, its limits, and that nothing is fetched or run."""

import socket

import pytest
from django.core.exceptions import ValidationError

from sources.captured import text_of_page
from sources.pasted import read_pasted

PAGE = """<!doctype html>
<html lang="en-GB"><head>
<title>Envoys leave Madrid | Iberian Post</title>
<meta property="og:site_name" content="Iberian Post">
<meta property="og:title" content="Envoys leave Madrid">
<meta name="author" content="Ana Ruiz; Jo Bell">
<meta property="article:published_time" content="2023-11-08T10:00:00Z">
<link rel="canonical" href="https://iberian.example/envoys?utm_source=mail#top">
<script>document.title = "hacked"</script>
</head><body>
<nav><a href="/">Home</a></nav>
<article><h1>Envoys leave Madrid</h1>
<p>The flag over the villa came down on Wednesday, and neighbours said that the gates had been locked for days.</p>
<p>The foreign ministry of Spain said that it had been told a week ago, and gave no reason.</p>
</article>
<iframe src="http://192.0.2.1/track"></iframe><img src="http://192.0.2.1/pixel.gif" onerror="alert(1)">
<footer>All rights reserved</footer>
</body></html>"""

TEXT = """Envoys leave Madrid
By Ana Ruiz and Jo Bell
8 November 2023

The flag over the villa came down on Wednesday.

The gates had been locked for days.
"""


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Any attempt to reach another machine fails the test."""

    def refuse(*args, **kwargs):
        raise AssertionError("something was fetched")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    read_pasted.cache_clear()


def refusal_of(pasted: str) -> str:
    with pytest.raises(ValidationError) as refused:
        read_pasted(pasted)
    return refused.value.messages[0]


def test_an_address_alone_is_cleaned_and_not_fetched():
    read = read_pasted(" https://Iberian.example/envoys?utm_source=mail#top \n")

    assert (read.kind, read.url, read.text) == ("url", "https://iberian.example/envoys", "")


def test_an_archived_copys_address_gives_that_of_the_report_too():
    read = read_pasted("https://web.archive.org/web/20231109120000/http://iberian.example/envoys?utm_source=mail")

    assert read.url == "http://iberian.example/envoys"
    assert read.archive_url.startswith("https://web.archive.org/web/20231109120000/")


def test_a_page_tells_title_outlet_authors_date_language_address_and_text():
    read = read_pasted(PAGE)

    assert read.kind == "html"
    assert read.title == "Envoys leave Madrid"
    assert read.outlet == "Iberian Post"
    assert read.authors == ("Ana Ruiz", "Jo Bell")
    assert read.issued == "2023-11-08"
    assert read.language == "en"
    assert read.url == "https://iberian.example/envoys"
    assert "The flag over the villa came down on Wednesday" in read.text
    assert "hacked" not in read.text and "Home" not in read.text


def test_the_address_that_was_typed_goes_before_that_of_the_page():
    assert read_pasted(PAGE, "https://mirror.example/1").url == "https://mirror.example/1"


def test_a_piece_of_a_page_is_read_as_one():
    read = read_pasted("<p>The flag came down.</p><p>The gates were locked.</p>")

    assert read.kind == "html"
    assert read.text.splitlines() == ["The flag came down.", "The gates were locked."]
    assert read.html.startswith("<!doctype html>")


def test_text_tells_title_authors_and_date_where_they_stand_above_it():
    read = read_pasted(TEXT, "https://iberian.example/envoys")

    assert (read.kind, read.title, read.issued) == ("text", "Envoys leave Madrid", "2023-11-08")
    assert read.authors == ("Ana Ruiz", "Jo Bell")
    assert read.url == "https://iberian.example/envoys"
    assert read.text == TEXT.strip("\n")


def test_korean_text_is_told_by_its_letters():
    read = read_pasted(
        "북한, 마드리드 대사관 닫아\n김철수 기자\n2023년 11월 8일\n\n북한이 마드리드의 대사관 문을 닫았다."
    )

    assert (read.language, read.authors, read.issued) == ("ko", ("김철수",), "2023-11-08")


def test_nothing_is_guessed_that_is_not_there():
    read = read_pasted("The flag came down.\n\nThe gates were locked.")

    assert (read.title, read.issued, read.outlet, read.language, read.authors, read.url) == ("", "", "", "", (), "")


def test_a_date_within_the_story_is_not_that_of_the_report():
    story = (
        "Envoys leave\n\n" + "The villa had been bought on 5 May 1999 by a company whose owners nobody ever saw. " * 3
    )

    assert read_pasted(story).issued == ""


def test_invisible_characters_go():
    read = read_pasted("Envoys \u202eleave\u202c Madrid\n\nThe flag\x00 came down.")

    assert read.title == "Envoys leave Madrid"
    assert read.text == "Envoys leave Madrid\n\nThe flag came down."


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "/envoys", "data:text/html,x"])
def test_what_a_page_calls_its_address_is_an_address_or_nothing(address):
    page = PAGE.replace("https://iberian.example/envoys?utm_source=mail#top", address)

    assert read_pasted(page).url == ""


@pytest.mark.parametrize(
    ("hostile", "says"),
    [
        ("x" * 1_000_001, "1,000,001 characters; at most 1,000,000"),
        ("word " * 40_001, "at most 200,000 are taken"),
        ("<p>x</p>" * 10_001, "10,001 elements; at most 10,000"),
        ("<div>" * 3_000 + "x", "within each other"),
        ("<p>" + "word " * 45_000, "at most 200,000 are taken"),
    ],
    ids=["long", "text", "wide", "deep", "page text"],
)
def test_what_is_larger_than_a_report_is_refused_with_what_would_be_taken(hostile, says):
    assert says in refusal_of(hostile)


@pytest.mark.parametrize(
    "broken",
    [
        "<html>",
        "<p " + "a='" * 5_000,
        "<!--" + "<p>" * 5_000,
        "<html><!DOCTYPE html [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><body>&a;&lol;</body></html>",
        "<?xml version='1.0' encoding='utf-16'?><html><body><p>one</p></body></html>",
        "</div>",
        "<script>" * 3_000,
        '<script type="application/ld+json">{"@type": "Article", "author": {"name": [[[]]]}, "headline": 5}</script>',
    ],
)
def test_broken_pages_are_read_or_refused_and_never_break(broken):
    try:
        read = read_pasted(broken)
    except ValidationError as refused:
        assert "paste the article's text" in refused.messages[0]
    else:
        assert "root:" not in read.text


def test_the_kept_page_says_what_was_pasted():
    assert "The flag over the villa" in text_of_page(read_pasted(PAGE).html)
