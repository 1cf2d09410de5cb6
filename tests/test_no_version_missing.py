"""No version is missing: every kind of write, through every door there is (domain.md, rule 7).

Each case writes through a door as people do, and `writes` compares everything that stands before and
after with the versions made meanwhile: as many as there were writes, each signed, each holding what was
written, none for what stayed the same, and not a letter of the past rewritten.
"""

import contextlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command, get_commands
from django.test import Client

from missions.models import ClosureEvent, EventCitation, Mission
from nkwatch.editorial.bulk_versions import history_of, listed_now, listed_then, lists_of
from nkwatch.editorial.history.moments import Past
from nkwatch.editorial.importing.traces import holders
from nkwatch.editorial.models import ImportBatch, ProposedChange
from nkwatch.editorial.roles import REVIEWER
from sources.models import Actor, ActorName, CapturedCopy, Country, Source
from tests.api_client import Program, ask
from tests.make import cite, make_actor, make_event, make_mission, make_quote, make_reason, make_source, publish
from tests.test_admin_publishing import act, make_published_event, save, url
from tests.test_bulk_edit import BulkEdit
from tests.test_import_page import at, confirm, previewed
from tests.test_import_page import written as imported
from tests.test_merge_pages import pair_page
from tests.test_reverting import go_back

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

Key = tuple[type, Any]


def standing() -> dict[Key, dict[str, Any]]:
    """Everything that stands and has versions: what these are to hold of it."""
    found: dict[Key, dict[str, Any]] = {}
    for model in holders():
        columns = [field.attname for field in history_of(model).tracked_fields]
        for row in model._base_manager.values("pk", *columns):
            found[model, row.pop("pk")] = row
        for many in lists_of(model):
            listed = listed_now(model, many, [pk for kind, pk in found if kind is model])
            for pk in (pk for kind, pk in found if kind is model):
                found[model, pk][many.name] = listed.get(pk, set())
    return found


def versions() -> dict[Key, dict[str, Any]]:
    """Every version there is, whole."""
    found: dict[Key, dict[str, Any]] = {}
    for model in holders():
        for row in history_of(model).objects.values():
            found[model, row["history_id"]] = row
        ids = [pk for kind, pk in found if kind is model]
        for many in lists_of(model):
            listed = listed_then(model, many, ids)
            for pk in ids:
                found[model, pk][many.name] = listed.get(pk, set())
    return found


@contextlib.contextmanager
def writes(
    by: User | None, door: str, why: str | None, times: int | Mapping[type, int] = 1, batch: bool = False
) -> Iterator[Counter[str]]:
    """What is written inside leaves `times` versions a record, signed so; `why` is a pattern, None for no reason.

    Gives the number of versions of each kind of record, filled when the block ends.
    """
    before, kept, told = standing(), versions(), Counter[str]()
    yield told
    after, now = standing(), versions()
    assert {key: now.get(key) for key in kept} == kept, "the past was rewritten"
    made: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for (model, pk), version in now.items():
        if (model, pk) not in kept:
            made[model, version[model._meta.pk.attname]].append(version)
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert changed, "nothing was written"
    assert made.keys() == changed
    for (model, pk), listed in made.items():
        listed.sort(key=lambda version: version["history_id"])
        expected = times if isinstance(times, int) else times.get(model, 1)
        assert len(listed) == expected, (model, [version["history_change_reason"] for version in listed])
        newest = listed[-1]
        if (model, pk) in after:
            assert {name: newest[name] for name in after[model, pk]} == after[model, pk]
            assert listed[0]["history_type"] == ("~" if (model, pk) in before else "+")
        else:
            assert newest["history_type"] == "-"
        assert bool(listed[0]["batch_row"]) == (batch or door == "api")
        for version in listed:
            assert (version["history_user_id"], version["door"]) == (by and by.pk, door)
            reason = version["history_change_reason"]
            assert reason is None if why is None else re.fullmatch(why, reason or "", re.DOTALL), reason
            assert (version["batch"] is not None) == batch
        told[model.__name__] += len(listed)


@contextlib.contextmanager
def writes_nothing() -> Iterator[None]:
    """What is done inside changes no record and leaves no version."""
    before, kept = standing(), versions()
    yield
    assert (standing(), versions()) == (before, kept)


# The admin's forms.


def test_adding_with_rows_below(editor: User, editor_client: Client) -> None:
    data = {"kind": "person", "name": "Tae Yongho", "capacity": "former-official", "country": "KP"}
    rows = {"names-TOTAL_FORMS": 2, "names-INITIAL_FORMS": 0, "names-0-name": "Thae Yong-ho", "names-1-name": "태영호"}

    with writes(editor, "admin", None) as told:
        assert editor_client.post(url(Actor, "add"), data | rows).status_code == 302

    assert told == {"Actor": 1, "ActorName": 2}


def test_changing_a_draft_its_lists_and_its_rows(editor: User, editor_client: Client) -> None:
    quote, costs = make_quote(), make_reason(slug="costs", label="Costs")
    kept, gone = cite(quote), cite(quote, make_source(title="Gone"))
    other = make_source(title="Added")
    rows = {
        "citations-TOTAL_FORMS": 3,
        "citations-0-wording": "Read again.",
        "citations-1-DELETE": "on",
        "citations-2-source": other.pk,
        "citations-2-stance": "supports",
        "citations-2-basis": "not-given",
        "citations-2-rendering": "verbatim",
    }

    with writes(editor, "admin", "checked") as told:
        save(editor_client, quote, text="Other words.", reasons=[costs.pk], **rows)

    assert told == {"Quote": 1, "QuoteCitation": 3}
    assert kept.history.count() == gone.history.count() == 2


def test_changing_what_readers_see(reviewer: User, reviewer_client: Client) -> None:
    actor = make_actor()
    ActorName.objects.create(actor=actor, name="Kyodo")
    publish(actor)

    with writes(reviewer, "admin", "misprint") as told:
        save(
            reviewer_client,
            actor,
            homepage="https://example.org/",
            change_reason="misprint",
            **{"names-0-name": "共同"},
        )

    assert told == {"Actor": 1, "ActorName": 1}


def test_saving_what_stayed_the_same(editor_client: Client, reviewer_client: Client) -> None:
    event = make_published_event(summary="One\ntwo")

    with writes_nothing():
        for client in (editor_client, reviewer_client):
            save(client, event, summary="One\r\ntwo")


def test_a_refused_form(reviewer_client: Client) -> None:
    source = make_source()
    publish(source)

    with writes_nothing():
        response = reviewer_client.post(url(Source, "change", source.pk), {"kind": "article", "title": "Other"})
        assert response.status_code == 200


def test_changing_a_country(administrator: User, administrator_client: Client) -> None:
    spain = Country.objects.get(pk="ES")
    data = {field.name: getattr(spain, field.attname) or "" for field in spain._meta.concrete_fields}

    with writes(administrator, "admin", None) as told:
        administrator_client.post(url(Country, "change", "ES"), data | {"variants": "España"})

    assert told == {"Country": 1}


def test_captured_copies(
    editor: User, editor_client: Client, administrator: User, administrator_client: Client
) -> None:
    source = make_source()
    file = SimpleUploadedFile("report.pdf", b"%PDF-1.7 as printed")
    with writes(editor, "admin", None) as told:
        data = {"source": source.pk, "file": file, "captured_on": "2023-11-02", "text": ""}
        assert editor_client.post(url(CapturedCopy, "add"), data).status_code == 302
    assert told == {"CapturedCopy": 1}

    copy = CapturedCopy.objects.get()
    with writes(editor, "admin", None):
        editor_client.post(url(CapturedCopy, "change", copy.pk), {"captured_on": "2023-11-02", "text": "Words."})
    with writes(administrator, "admin", None):
        administrator_client.post(url(CapturedCopy, "delete", copy.pk), {"post": "yes"})


def test_deleting_drafts_with_their_parts(editor: User, editor_client: Client) -> None:
    mission, event = make_mission(), make_event(mission=make_mission(host="IT", city="Rome"))
    cite(mission), cite(event)

    with writes(editor, "admin", None) as told:
        editor_client.post(url(Mission, "delete", mission.pk), {"post": "yes"})
    assert told == {"Mission": 1, "MissionCitation": 1}
    with writes(editor, "admin", None) as told:
        act(editor_client, "delete_selected", event, post="yes")
    assert told == {"ClosureEvent": 1, "EventCitation": 1}


# The admin's actions.


def test_submitting_returning_publishing_and_retracting(
    editor: User, editor_client: Client, reviewer: User, reviewer_client: Client
) -> None:
    actor = make_actor()
    ActorName.objects.create(actor=actor, name="Kyodo")

    for client, user, action, why, words in (
        (editor_client, editor, "submit", "submitted for review", ""),
        (reviewer_client, reviewer, "return_to_draft", "returned to draft.*", "The name is missing."),
        (editor_client, editor, "submit", "submitted for review", ""),
        (reviewer_client, reviewer, "publish", "published", ""),
    ):
        with writes(user, "admin", why) as told:
            act(client, action, actor, words=words)
        assert told == {"Actor": 1, "ActorName": 1}
    with writes(reviewer, "admin", "retracted: Recorded twice.") as told:
        act(reviewer_client, "retract", actor, words="Recorded twice.")
    assert told == {"Actor": 1}


def test_withdrawing(editor: User, editor_client: Client) -> None:
    source = make_source()
    act(editor_client, "submit", source)
    with writes(editor, "admin", "withdrawn by its author") as told:
        act(editor_client, "withdraw", source)
    assert told == {"Source": 1}


def test_editing_many_at_once(editor: User, editor_client: Client) -> None:
    first, second, public = make_source(), make_source(title="Second"), make_source(title="Third")
    publish(public)
    edit = BulkEdit(editor_client, first, second, public).preview(language="ko")
    with writes(editor, "admin", "read them") as told:
        edit.apply(reason="read them")
    assert told == {"Source": 2}


def test_merging_and_taking_back(editor: User, editor_client: Client) -> None:
    kept, merged = make_source(), make_source(title="Twin")
    cite(make_event(), merged)
    with writes(editor, "admin", "merge of .*: The same") as told:
        done = editor_client.post(pair_page("source", kept, merged), {"keep": kept.pk, "reason": "The same"})
    assert told == {"Source": 2, "EventCitation": 1}
    with writes(editor, "admin", ".*Two after all") as told:
        editor_client.post(done.url, {"take_back": "1", "note": "Two after all"})
    assert told == {"Source": 2, "EventCitation": 1}


def test_publishing_what_readers_then_see_derived(reviewer: User, reviewer_client: Client) -> None:
    event = make_event(stage="closed")
    cite(event, basis="own-reporting")
    publish(event.mission, event.citations.get().source)

    with writes(reviewer, "admin", "published") as told:
        act(reviewer_client, "publish", event)

    assert told == {"ClosureEvent": 1, "EventCitation": 1}


def test_proposing_approving_and_returning(editor: User, editor_client: Client, reviewer_client: Client) -> None:
    quote, costs = make_quote(), make_reason(slug="costs", label="Costs")
    publish(quote, costs)
    with writes_nothing():
        save(editor_client, quote, text="After", reasons=[costs.pk], change_reason="misprint")
    with writes(editor, "admin", "approved by reviewer: misprint") as told:
        act(reviewer_client, "approve", ProposedChange.objects.get())
    assert told == {"Quote": 1}

    with writes_nothing():
        save(editor_client, quote, text="Again")
        act(reviewer_client, "return_to_author", ProposedChange.objects.latest("pk"), words="The paper says so.")


def test_a_proposed_retraction(reviewer: User, reviewer_client: Client) -> None:
    event = make_published_event()
    second = User.objects.create_user("second", is_staff=True)
    second.groups.add(Group.objects.get(name=REVIEWER))
    other = Client()
    other.force_login(second)
    with writes_nothing():
        act(reviewer_client, "retract", event, words="Another mission was meant.")
    with writes(reviewer, "admin", "approved by second: retraction") as told:
        act(other, "approve", ProposedChange.objects.get())
    assert told == {"ClosureEvent": 1}


# Going back.


def test_going_back(editor: User, editor_client: Client) -> None:
    event = make_event(summary="First.")
    changed, gone = cite(event, wording="First."), cite(event, make_source(title="Gone"))
    before = Past(ClosureEvent, event.pk).moments[-1].key
    save(editor_client, event, summary="Second.", **{"citations-0-wording": "Second.", "citations-1-DELETE": "on"})
    cite(event, make_source(title="Later"))

    with writes(editor, "admin", r"reverted to the version of .*: second thoughts") as told:
        go_back(editor_client, event, before, why="second thoughts")
    assert told == {"ClosureEvent": 1, "EventCitation": 3}
    assert changed.history.count() == gone.history.count() == 3

    with writes(editor, "admin", "reverted to the version of [^:]*:[^:]*"):
        go_back(editor_client, event, Past(ClosureEvent, event.pk).moments[-2].key, "summary", why="")


def test_a_proposed_way_back(editor: User, editor_client: Client, reviewer_client: Client) -> None:
    source = make_source(title="First")
    before = Past(Source, source.pk).moments[-1].key
    publish(source)
    save(reviewer_client, source, title="Second")

    with writes_nothing():
        go_back(editor_client, source, before)
    with writes(editor, "admin", "approved by reviewer: reverted to the version of .*") as told:
        act(reviewer_client, "approve", ProposedChange.objects.get())
    assert told == {"Source": 1}


# Imports.

HEADER = "host_country,event,date,source_url,source_title,source_outlet,summary,quote,speaker,reasons\n"
NEW = "Peru,closed,2017-03,https://example.org/lima,Lima closes,El Comercio,Shut.,We had to,Kim Hyong Gil,sanctions\n"
CITES = "Spain,notified,2023-10-26,https://example.org/madrid,Madrid closes,El Comercio,Notified.,,,\n"


def test_importing_new_and_known_records_and_taking_them_back(
    editor: User, editor_client: Client, reviewer: User, reviewer_client: Client
) -> None:
    make_reason()
    event = make_event()

    # What is new is made in review; the event that stands gets its summary.
    batch = previewed(editor_client, HEADER + CITES)
    with writes(editor, "import", "import of events.csv: a test", batch=True) as told:
        confirm(editor_client, batch)
    assert told == {"Actor": 1, "Source": 1, "EventCitation": 1, "ClosureEvent": 1}
    event.refresh_from_db()
    assert event.summary == "Notified."

    with writes(reviewer, "admin", f"undo of import {batch.pk}: wrong file"):
        reviewer_client.post(at(batch, "undo/"), {"reason": "wrong file"})
    batch.refresh_from_db()
    assert batch.stage == "undone"

    # All that this sheet brings is new.
    batch = previewed(editor_client, HEADER + NEW)
    with writes(editor, "import", "import of events.csv: a test", batch=True) as told:
        confirm(editor_client, batch)
    kinds = ("Actor", "ClosureEvent", "EventCitation", "Mission", "Quote", "QuoteCitation", "Source")
    assert {told.pop("Actor"), *told.values()} == {2, 1}
    assert {*told, "Actor"} == set(kinds)


def test_importing_again_writes_nothing(editor_client: Client) -> None:
    imported(editor_client, HEADER + CITES)

    with writes_nothing():
        imported(editor_client, HEADER + CITES)


def test_taking_back_what_was_published_since(reviewer: User, reviewer_client: Client, settings: Any) -> None:
    settings.FOUR_EYES = False
    batch = imported(reviewer_client, HEADER + CITES)
    for record in (*Actor.objects.all(), *Source.objects.all(), *Mission.objects.all(), *ClosureEvent.objects.all()):
        act(reviewer_client, "publish", record)

    with writes(reviewer, "admin", f"undo of import {batch.pk}: wrong file") as told:
        reviewer_client.post(at(batch, "undo/"), {"reason": "wrong file"})
    assert told == {"Actor": 1, "Source": 1, "Mission": 1, "ClosureEvent": 1, "EventCitation": 1}


def test_importing_a_sheet_of_one_kind_of_record(editor: User, editor_client: Client) -> None:
    known = make_reason()
    header = "slug,label,definition\n"
    batch = previewed(editor_client, header + "sanctions,Sanctions,Read anew.\n", kind="reasons")
    with writes(editor, "import", "import of events.csv: a test", batch=True) as told:
        confirm(editor_client, batch)
    known.refresh_from_db()
    assert (known.definition, told) == ("Read anew.", {"Reason": 1})

    batch = previewed(editor_client, header + "costs,Costs,Running costs.\n", kind="reasons")
    with writes(editor, "import", "import of events.csv: a test", 2, batch=True) as told:
        confirm(editor_client, batch)
    assert told == {"Reason": 2}, "made, then handed in"


def test_importing_changes_of_what_readers_see(
    editor: User, editor_client: Client, reviewer: User, reviewer_client: Client
) -> None:
    publish(make_reason())
    sheet = "slug,label,definition\nsanctions,Sanctions,Read anew.\n"
    batch = previewed(editor_client, sheet, kind="reasons")
    with writes_nothing():
        confirm(editor_client, batch)
    with writes(editor, "admin", "approved by reviewer: import of events.csv: a test") as told:
        act(reviewer_client, "approve", ProposedChange.objects.get())
    assert told == {"Reason": 1}


# Commands.


def test_the_starter_data_and_its_refreshment(tmp_path: Path) -> None:
    sheet = tmp_path / "reasons.csv"
    header = "slug,label,definition\n"
    sheet.write_text(header + "costs,Costs,Running costs.\nlabour,Labour,Workers.\n", encoding="utf-8")
    with writes(None, "command", "starter data", 2, batch=True) as told:
        call_command("load_starter", folder=tmp_path, verbosity=0)
    assert told == {"Reason": 4}

    sheet.write_text(header + "costs,Costs,What it takes to run.\nlabour,Labour,Workers.\n", encoding="utf-8")
    with writes(None, "command", "starter data", batch=True) as told:
        call_command("load_starter", folder=tmp_path, verbosity=0)
    assert told == {"Reason": 1}
    with writes_nothing():
        call_command("load_starter", folder=tmp_path, verbosity=0)


def test_the_commands_that_import_and_take_back(tmp_path: Path, reviewer: User, settings: Any) -> None:
    settings.FOUR_EYES = False
    make_reason()
    sheet = tmp_path / "events.csv"
    sheet.write_text(HEADER + NEW + CITES, encoding="utf-8")
    with writes_nothing():
        call_command("import_events", sheet, dry_run=True, verbosity=0)
    with writes(reviewer, "command", "import of events.csv", batch=True) as told:
        call_command("import_events", sheet, user="reviewer", verbosity=0)
    assert told["ClosureEvent"] == told["EventCitation"] == 2

    batch = ImportBatch.objects.get()
    with writes(None, "command", f"undo of import {batch.pk}: wrong file") as told:
        call_command("undo_import", str(batch.pk), reason="wrong file", verbosity=0)
    assert told["ClosureEvent"] == told["EventCitation"] == 2
    assert not EventCitation.objects.exists()


def test_the_command_that_imports_and_publishes(tmp_path: Path, reviewer: User, settings: Any) -> None:
    settings.FOUR_EYES = False
    sheet = tmp_path / "events.csv"
    sheet.write_text(HEADER + CITES, encoding="utf-8")

    with writes(reviewer, "command", "import of events.csv", 2, batch=True) as told:
        call_command("import_events", sheet, user="reviewer", publish=True, verbosity=0)

    assert told == {"Actor": 2, "Source": 2, "Mission": 2, "ClosureEvent": 2, "EventCitation": 2}
    assert ClosureEvent.objects.public().count() == 1


# The API: its token stands where an import has its file and row.


@pytest.fixture
def program(editor: User) -> Program:
    return Program(editor)


def test_writing_through_the_api(program: Program, editor: User) -> None:
    source, quote = make_source(), make_quote()
    event = {
        "mission": make_mission().label,
        "stage": "closed",
        "date": "2023",
        "citations": [{"source": source.label}],
    }
    with writes(editor, "api", None) as told:
        place = f"events/{ask(program.post('events/', event), 201)['number']}/"
    assert told == {"ClosureEvent": 1, "EventCitation": 1}
    seen = program.etag(place)
    with writes(editor, "api", "read again") as told:
        ask(program.patch(place, {"date": "2023-11", "quotes": [quote.label], "reason": "read again"}, seen), 200)
    assert told["ClosureEvent"] == 1
    with writes_nothing():
        ask(program.change(place, date="2023-11"), 200)
    with writes(editor, "api", "submitted for review") as told:
        ask(program.step(place, "submit"), 200)
    with writes(editor, "api", "withdrawn by its author") as told:
        ask(program.step(place, "withdraw"), 200)
    assert told == {"ClosureEvent": 1, "EventCitation": 1}


def test_deciding_through_the_api(program: Program, editor: User, reviewer: User) -> None:
    reviewing = Program(reviewer, "publish", "review bot")
    publish(make_source(title="One"), make_source(title="Other"))
    with writes_nothing():
        ask(program.change("sources/S-0001/", title="Better", reason="misread"), 202)
        ask(reviewing.step("sources/S-0002/", "retract", {"reason": "It was entered twice."}), 202)
    with writes(editor, "api", "approved by reviewer with token “review bot”: misread"):
        ask(reviewing.decide("sources/S-0001/", "approve"), 200)
    draft = make_source(title="Third")
    ask(program.step(f"sources/{draft.label}/", "submit"), 200)
    with writes(reviewer, "api", "returned to draft"):
        ask(reviewing.step(f"sources/{draft.label}/", "return", {"note": "Whose?"}), 200)
    ask(program.step(f"sources/{draft.label}/", "submit"), 200)
    with writes(reviewer, "api", "published"):
        ask(reviewing.step(f"sources/{draft.label}/", "approve"), 200)
    one, other = make_actor(name="Kyodo"), make_actor(name="Kyodo News Agency")
    with writes(editor, "api", "merge of .*: one agency"):
        ask(program.merge(f"actors/{other.label}/", one.label), 200)


def test_reports_and_sheets_through_the_api(program: Program, editor: User) -> None:
    make_mission()
    event = {"mission": "Spain", "stage": "closed", "date": "2023"}
    with writes(editor, "api", "report added") as told:
        ask(program.post("reports/", {"source": {"title": "A report"}, "events": [event]}), 201)
    assert told == {"Source": 1, "ClosureEvent": 1, "EventCitation": 1}
    place = f"imports/{ask(program.post('imports/', {'rows': HEADER + CITES}), 201)['id']}/"
    with writes_nothing():
        assert program.get(f"{place}preview/").status_code == 200
    with writes(editor, "api", "import of .* by token “monitor”: found", batch=True) as told:
        ask(program.post(f"{place}confirm/", {"reason": "found"}), 200)
    assert told["ClosureEvent"] == told["EventCitation"] == 1
    batch = ImportBatch.objects.get()
    with writes(editor, "api", f"undo of import {batch.pk}: wrong file"):
        ask(program.post(f"{place}undo/", {"reason": "wrong file"}), 200)


# The doors themselves.

OURS = ("missions", "sources", "nkwatch.editorial", "nkwatch.site")
COMMANDS = {"load_starter", "import_events", "undo_import"}
COMMANDS_THAT_WRITE_NO_RECORD = {"check_record", "create_token", "quickstart", "rebuild_search"}
ACTIONS = {"submit", "withdraw", "return_to_draft", "publish", "retract", "approve", "return_to_author", "bulk_edit"}
DOWNLOADS = {"download_csv", "download_xlsx", "download_json"}


def test_no_door_is_unknown_here(client: Client) -> None:
    """A new action, command or way to write through the API asks for a test of its versions above."""
    assert {name for name, app in get_commands().items() if app in OURS} == COMMANDS | COMMANDS_THAT_WRITE_NO_RECORD
    watched = [admin.site._registry[model] for model in (*holders(), ProposedChange)]
    actions = {action for model_admin in watched for action in model_admin.actions}
    assert actions == ACTIONS | DOWNLOADS
    paths = client.get("/api/v1/schema/").json()["paths"]
    ways = {(path, method) for path, found in paths.items() for method in found if method != "get"}
    assert {method for _, method in ways} == {"post", "patch"}
    steps = {path.strip("/").rpartition("/")[2] for path, _ in ways}
    of_records = {"submit", "withdraw", "approve", "return", "retract", "merge", "{number}", "{slug}"}
    of_others = {"reports", "imports", "confirm", "cancel", "undo", "{id}"}
    assert steps == of_records | of_others | {"missions", "events", "sources", "quotes", "actors", "figures", "reasons"}
