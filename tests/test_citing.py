"""Citations as reference managers read them: each format is parsed by a library that is not ours."""

import json
import re
import warnings

import bibtexparser
import pytest
import rispy
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from django.test import Client

from nkwatch.editorial.public.citing import Work, as_bibtex, as_csl, as_ris, as_text
from nkwatch.editorial.versions import changing
from tests.make import cite, make_actor, make_event, make_figure, make_mission, make_quote, make_reason, make_source
from tests.make import publish as publish_plainly

AWKWARD = Work(
    key="nkwatch-S-0001",
    kind="article-newspaper",
    title='50% of {embassies} & "missions" cost $1_000 #1\nTY  - BOOK',
    url="https://example.org/a?b=1&c=%20_~",
    authors=("Alfred Han", "태영호"),
    container="R&D Post",
    issued="2023-11",
    language="en",
    note="Original title: 대사관 철수",
)


def ris(text: str) -> dict:
    [entry] = rispy.loads(text)
    return entry


def bibtex(text: str) -> dict:
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    [entry] = library.entries
    return {"ID": entry.key, "TYPE": entry.entry_type, **{f.key: f.value for f in entry.fields}}


def in_a_bibliography(text: str) -> str:
    """The item as citeproc sets it in a style."""
    with warnings.catch_warnings():
        # citeproc-py warns of fields of CSL that it does not know yet.
        warnings.simplefilter("ignore")
        source = CiteProcJSON(json.loads(text))
        style = CitationStylesStyle("harvard-cite-them-right", validate=False)
        bibliography = CitationStylesBibliography(style, source, formatter.plain)
        bibliography.register(Citation([CitationItem(next(iter(source)))]))
        return " ".join(str(item) for item in bibliography.bibliography())


def test_a_line_of_ris_ends_no_other_and_starts_none():
    entry = ris(as_ris(AWKWARD))
    assert entry["type_of_reference"] == "NEWS"
    assert entry["title"] == '50% of {embassies} & "missions" cost $1_000 #1 TY - BOOK'
    assert entry["authors"] == ["Alfred Han", "태영호"]
    assert (entry["year"], entry["date"]) == ("2023", "2023/11/")
    assert entry["urls"] == ["https://example.org/a?b=1&c=%20_~"]


def test_bibtex_keeps_capitals_and_what_latex_would_run():
    entry = bibtex(as_bibtex(AWKWARD))
    assert (entry["ID"], entry["TYPE"]) == ("nkwatch-S-0001", "article")
    embassies = r"\textbraceleft{}embassies\textbraceright{}"
    assert entry["title"] == rf'{{50\% of {embassies} \& "missions" cost \$1\_000 \#1 TY - BOOK}}'
    assert entry["author"] == "{Alfred Han} and {태영호}"
    assert (entry["journal"], entry["year"], entry["month"]) == (r"R\&D Post", "2023", "11")
    assert "day" not in entry


@pytest.mark.parametrize("title", ["A { brace", "A } brace", "} {", "\\{", "\\"])
def test_braces_in_a_title_leave_those_of_bibtex_in_pairs(title: str):
    """BibTeX counts braces, with a backslash before them too, and would read on beyond the entry."""
    written = as_bibtex(Work(key="x", kind="book", title=title, container="Publisher", url="https://example.org/{"))
    depth = [sum((c == "{") - (c == "}") for c in written[:end]) for end in range(len(written) + 1)]
    assert (min(depth), depth[-1]) == (0, 0)
    assert bibtex(written)["publisher"] == "Publisher"


def test_csl_json_is_set_by_a_citation_processor():
    [item] = json.loads(as_csl(AWKWARD))
    assert item["issued"] == {"date-parts": [[2023, 11]]}
    told = in_a_bibliography(as_csl(AWKWARD))
    assert "2023" in told
    assert "R&D Post" in told


@pytest.mark.parametrize(
    ("issued", "csl", "ris_year", "text"),
    [
        ("2023", {"date-parts": [[2023]]}, "2023", "2023"),
        ("2023-10-27", {"date-parts": [[2023, 10, 27]]}, "2023", "27 October 2023"),
        ("2023-10~", {"date-parts": [[2023, 10]], "circa": True}, None, "about October 2023"),
        ("2023-11-01/2023-12-05", {"date-parts": [[2023, 11, 1], [2023, 12, 5]]}, None, "between"),
        ("../2023-12-05", {"literal": "by 5 December 2023"}, None, "by 5 December 2023"),
        ("2023-21", {"literal": "spring 2023"}, None, "spring 2023"),
    ],
)
def test_no_format_invents_a_day(issued: str, csl: dict, ris_year: str | None, text: str):
    work = Work(key="x", kind="webpage", title="Title", issued=issued)
    [item] = json.loads(as_csl(work))
    assert item["issued"] == csl
    entry = ris(as_ris(work))
    assert entry.get("year") == ris_year
    assert ris_year or text in entry["notes"][0]
    assert bibtex(as_bibtex(work)).get("year") == ris_year
    assert text in as_text(work)


def make_public_records() -> list:
    outlet = make_actor(name="Yonhap News Agency")
    source = make_source(
        title="N. Korea to close embassies",
        title_original="북한 대사관 철수",
        outlet=outlet,
        source_url="https://example.org/close",
        archive_url="https://archive.example/close",
        accessed_on="2024-01-30",
    )
    source.authorships.create(author=make_actor(name="Kim Minji", kind="person"))
    event = make_event(mission=make_mission())
    cite(event, source)
    records = [source, outlet, event, event.mission, make_quote(), make_figure(), make_reason()]
    with changing(reason="published"):
        publish_plainly(*records)
    for record in records:
        record.refresh_from_db()
    return records


def below(record, ending: str) -> str:
    return f"{record.get_absolute_url().rstrip('/')}.{ending}"


@pytest.mark.django_db
def test_every_record_is_cited_at_its_present_version_in_every_format(client: Client):
    _source, *records = make_public_records()
    for record in records:
        pinned = f"http://testserver{record.get_absolute_url()}versions/1/"
        assert pinned in client.get(record.get_absolute_url()).content.decode()
        assert ris(client.get(below(record, "ris")).content.decode())["urls"] == [pinned]
        assert bibtex(client.get(below(record, "bib")).content.decode())["url"] == pinned
        [item] = client.get(below(record, "csl.json")).json()
        assert (item["URL"], item["version"], item["title"]) == (pinned, "1", str(record))


@pytest.mark.django_db
def test_a_citation_goes_on_naming_its_version_after_a_correction(client: Client):
    mission = next(record for record in make_public_records() if record._meta.model_name == "mission")
    mission.city = "Madrid (Aravaca)"
    mission.save()
    assert "/versions/2/" in client.get(below(mission, "ris")).content.decode()
    older = client.get(f"{below(mission, 'ris')}?version=1").content.decode()
    assert "/versions/1/" in older
    assert re.search("^ET  - 1\r$", older, re.MULTILINE)


@pytest.mark.django_db
def test_a_source_is_cited_as_the_work_that_it_is(client: Client):
    source = make_public_records()[0]
    entry = ris(client.get(below(source, "ris")).content.decode())
    assert entry["type_of_reference"] == "NEWS"
    assert (entry["title"], entry["secondary_title"]) == (source.title, "Yonhap News Agency")
    assert entry["authors"] == ["Kim Minji"]
    assert entry["urls"] == ["https://example.org/close", "https://archive.example/close"]
    page_of_ours = client.get(f"{below(source, 'ris')}?version=1").content.decode()
    assert f"{source.get_absolute_url()}versions/1/" in page_of_ours


@pytest.mark.django_db
def test_the_head_of_a_source_says_what_zotero_reads(client: Client):
    source = make_public_records()[0]
    page = client.get(source.get_absolute_url()).content.decode()
    meta = re.findall(r'<meta name="(citation_\w+)" content="([^"]*)">', page)
    assert ("citation_title", source.title) in meta
    assert ("citation_author", "Kim Minji") in meta
    assert ("citation_journal_title", "Yonhap News Agency") in meta
    assert ("citation_publication_date", "2023/11/01") in meta
    assert f'type="application/x-research-info-systems" title="RIS" href="{below(source, "ris")}"' in page


@pytest.mark.django_db
def test_what_readers_do_not_see_is_not_cited(client: Client):
    draft = make_source(title="A draft")
    assert client.get(below(draft, "ris")).status_code == 404
    source = make_public_records()[0]
    author = source.authorships.get().author
    author.retract("Must not be named.")
    assert "Kim Minji" not in client.get(below(source, "ris")).content.decode()
    assert "Kim Minji" not in client.get(source.get_absolute_url()).content.decode()
    source.retract("It was entered twice.")
    assert client.get(below(source, "bib")).status_code == 410
