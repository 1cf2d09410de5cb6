"""Templates of sheets: their examples import as they are, and their dictionary says what every column takes."""

import io

import pytest
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from openpyxl import load_workbook

from missions.admin_import.templates import EXAMPLES, SLUGS, examples
from missions.importing.imports import EVENTS, KINDS, import_sheet
from missions.models import ClosureEvent
from missions.sheet_words import WORDS, words_for
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.importing.templates import ENDINGS, data_dictionary, template
from nkwatch.editorial.reading import read_sheet

NEW_TO_THE_STARTER_DATA = {EVENTS, "coverage"}
"""Kinds whose examples are no rows of the starter data."""


@pytest.fixture(scope="module")
def starter(django_db_setup, django_db_blocker):
    """The starter data, from which the examples are and whose records they name."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_starter")
        yield
        transaction.set_rollback(True)


def file(kind: str, ending: str) -> bytes:
    slug = next(slug for slug, name in SLUGS.items() if name == kind)
    return template(kind, ending, KINDS[kind], examples(slug), words_for(kind))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "coverage_citations"])
def test_the_examples_of_a_template_import_as_they_are(starter, kind, ending):
    found = import_sheet(
        file(kind, ending), f"template.{ending}", door="command", options=SheetOptions(kind=kind), dry_run=True
    )

    assert (found.errors, found.warnings) == ([], [])
    assert found.rows in (1, 2, 3)
    if kind not in NEW_TO_THE_STARTER_DATA:
        assert found.counts["unchanged"] == found.rows


@pytest.mark.django_db
def test_the_examples_of_the_event_sheet_import_into_an_empty_record():
    found = import_sheet(file(EVENTS, "xlsx"), "template.xlsx", door="command")

    assert (found.errors, found.written, ClosureEvent.objects.count()) == ([], True, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_in_the_template_and_explained_in_its_dictionary(kind):
    columns = KINDS[kind].for_export().columns()

    book = load_workbook(io.BytesIO(file(kind, "xlsx")))
    header, *lines = book["Data dictionary"].iter_rows(values_only=True)
    assert [cell.value for cell in book.worksheets[0][1]] == columns
    assert file(kind, "csv").decode("utf-8-sig").splitlines()[0].split(",") == columns
    assert header == ("column", "needed", "meaning", "accepted", "other headers", "example")
    assert [line[0] for line in lines] == columns
    assert [line[0] for line in lines if not (line[1] and line[2] and line[3])] == []
    needed = {line[0] for line in lines if line[1] == "yes"}
    assert needed == set(KINDS[kind].required)


def test_the_dictionary_lists_choices_other_headers_and_an_example():
    events = {entry.column: entry for entry in data_dictionary(KINDS[EVENTS], examples("event-reports"), WORDS[EVENTS])}
    sources = {entry.column: entry for entry in data_dictionary(KINDS["sources"], examples("sources"))}

    assert "closed (closure; shut;" in events["event"].accepted
    assert "주재국" in events["host_country"].other_headers
    assert events["host_country"].example == "Spain"
    assert sources["read"].accepted == "one of: in-full, in-part, only-cited"
    assert sources["issued"].accepted.startswith("Write 2023")
    assert sources["accessed_on"].accepted == "a day, such as 2023-11-01"


def test_every_file_of_examples_belongs_to_a_kind_of_sheet():
    assert {path.stem for path in EXAMPLES.iterdir()} <= set(SLUGS)


def test_a_template_is_the_same_file_whenever_it_is_made():
    assert file(EVENTS, "xlsx") == file(EVENTS, "xlsx")


@pytest.mark.django_db
@pytest.mark.ignore_template_errors
def test_whoever_may_import_downloads_templates_and_nobody_else(editor_client, client):
    address = reverse("admin:missions_import_template", args=["event-reports", "xlsx"])

    answer = editor_client.get(address)

    assert address == "/admin/missions/closureevent/import/template/event-reports.xlsx"
    assert answer["Content-Disposition"] == 'attachment; filename="event-reports-template.xlsx"'
    assert read_sheet(answer.content).name == EVENTS
    assert editor_client.get(address.replace("xlsx", "csv")).content.startswith(b"\xef\xbb\xbfhost_country,")
    assert editor_client.get(address.replace("event-reports", "embassies")).status_code == 404
    assert editor_client.get(address.replace("xlsx", "exe")).status_code == 404
    assert client.get(address).status_code == 302
