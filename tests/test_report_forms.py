"""The forms of a report: all of it works without script, and nothing that was typed is lost (pages.md, B1)."""

from typing import Any

import pytest
from django.http import QueryDict

from missions.models import ClosureEvent
from missions.report_desk.forms import ReportForms
from missions.report_desk.report import Problem
from missions.report_desk.submission import submit_report
from sources.models import Source
from sources.pasted import read_pasted
from tests.make import make_actor, make_mission, make_reason, make_source
from tests.reports import ADDRESS, TEXT

pytestmark = pytest.mark.django_db

SOURCE = {
    "source-kind": "article",
    "source-read": "in-full",
    "source-title": "Envoys leave Madrid",
    "source-issued": "8 November 2023",
    "source-outlet": "new-1",
    "source-source_url": ADDRESS,
}
OUTLET = {"name": "Iberian Post", "kind_of": "organisation", "capacity": "newspaper"}
EVENT = {
    "mission": "Spain",
    "stage": "closed",
    "date": "2023-11-08",
    "stance": "supports",
    "basis": "own-reporting",
    "excerpt": "came down on Wednesday, and the gates were locked",
}


def posted(**cards: Any) -> QueryDict:
    """What a browser sends: the text, the source, and lists of cards by their prefix."""
    data = QueryDict(mutable=True)
    data.update({"paste-pasted": TEXT} | SOURCE)
    for prefix, listed in {"actors": [OUTLET], "events": [EVENT], **cards}.items():
        data[f"{prefix}-TOTAL_FORMS"], data[f"{prefix}-INITIAL_FORMS"] = str(len(listed)), "0"
        for place, card in enumerate(listed):
            for name, value in card.items():
                data.setlist(f"{prefix}-{place}-{name}", value if isinstance(value, list) else [value])
    return data


def forms_of(user: Any, **cards: Any) -> ReportForms:
    return ReportForms(posted(**cards), user=user)


@pytest.fixture(autouse=True)
def spain() -> Any:
    return make_mission()


def test_what_was_pasted_fills_the_source_and_brings_cards_for_whom_nobody_knows(editor):
    make_actor(kind="person", name="Ana Ruiz")

    forms = ReportForms(user=editor, pasted=read_pasted(TEXT, ADDRESS))

    assert forms.source["title"].value() == "Envoys leave Madrid"
    assert forms.source["issued"].value() == "2023-11-08"
    assert forms.source["authors"].value().endswith("Ana Ruiz")
    assert len(forms.actors.forms) == 0


def test_who_is_not_on_record_gets_a_card_with_its_key(editor):
    forms = ReportForms(user=editor, pasted=read_pasted(TEXT, ADDRESS))

    assert forms.source["authors"].value() == "new-1 Ana Ruiz"
    assert [(form.key, form["name"].value()) for form in forms.actors] == [("new-1", "Ana Ruiz")]


def test_valid_forms_make_a_report_that_can_be_submitted(editor):
    quote = {"excerpt": "There was no money left", "speaker": "new-1", "rendering": "verbatim", "explains": ["event-1"]}
    make_reason()

    forms = forms_of(editor, quotes=[quote | {"reasons": ["sanctions"]}])

    assert forms.is_valid(), forms.errors
    done = submit_report(forms.report(), user=editor)
    event = ClosureEvent.objects.get()
    assert event.citations.get().locator == "¶4"
    assert [str(quote) for quote in event.quotes.all()] == ["There was no money left"]
    assert done.kept.text == forms.pasted.text


def test_blank_and_deleted_cards_are_left_out(editor):
    blank = {"stance": "supports"}
    deleted = {"mission": "Atlantis", "DELETE": "on", "stance": "supports"}

    forms = forms_of(editor, events=[EVENT, blank, deleted])

    assert forms.is_valid(), forms.errors
    assert [card.key for card in forms.report().events] == ["event-1"]


@pytest.mark.parametrize(
    "excerpt",
    [
        "There was no money left for the heating",
        "“there was  no money\nleft … said Pak Chol",
        "North Korea's villa in Madrid",
    ],
)
def test_an_excerpt_stands_in_the_text_whatever_its_blanks_and_marks(editor, excerpt):
    assert forms_of(editor, events=[EVENT | {"excerpt": excerpt}]).is_valid()


@pytest.mark.parametrize("excerpt", ["There was plenty of money", "locked … came down on Wednesday"])
def test_an_excerpt_that_does_not_is_refused(editor, excerpt):
    forms = forms_of(editor, events=[EVENT | {"excerpt": excerpt}])

    assert not forms.is_valid()
    assert "do not stand in the pasted text" in forms.errors["events-0"]["excerpt"][0]


def test_without_pasted_text_any_excerpt_may_stand(editor):
    data = posted(events=[EVENT | {"excerpt": "on paper only"}])
    data["paste-pasted"] = ""

    assert ReportForms(data, user=editor).is_valid()


def test_a_worded_date_is_never_taken_before_it_is_confirmed(editor):
    forms = forms_of(editor, events=[EVENT | {"date": "", "date_worded": "on Wednesday"}])

    assert not forms.is_valid()
    [problem] = forms.errors["events-0"]["date"]
    assert problem.startswith("“on Wednesday”, read against 2023-11-08, can be 2023-11-08 or 2023-11-15")
    assert [reading.date for reading in forms.events.forms[0].date_readings] == ["2023-11-08", "2023-11-15"]


def test_a_confirmed_date_says_how_it_was_read(editor):
    forms = forms_of(editor, events=[EVENT | {"date_worded": "on Wednesday"}])

    assert forms.is_valid(), forms.errors
    assert forms.report().events[0].date_note == "Wednesday, read against 2023-11-08"


def test_an_undated_event_is_undated_on_purpose(editor):
    assert "write unknown" in forms_of(editor, events=[EVENT | {"date": ""}]).errors["events-0"]["date"][0]
    forms = forms_of(editor, events=[EVENT | {"date": "unknown"}])
    assert forms.is_valid() and forms.report().events[0].date == ""


@pytest.mark.parametrize(
    ("card", "field", "says"),
    [
        ({"mission": ""}, "mission", "required"),
        ({"mission": "Atlantis"}, "mission", "“Atlantis” is not a known mission"),
        ({"mission": "new-1"}, "mission", "No card of this report has the key new-1"),
        ({"attributed_to_source": "relies-7"}, "attributed_to_source", "No card of this report has the key relies-7"),
        ({"basis": "attributed"}, "basis", "An attributed claim names the source or the actor"),
        ({"attributed_to_actor": "new-1"}, "basis", "any other basis names neither"),
        ({"date": "03/04/2023"}, "date", "can be read in two ways"),
        ({"summary": "a\u202eb"}, "summary", "invisible character"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(editor, card, field, says):
    forms = forms_of(editor, events=[EVENT | card])

    assert not forms.is_valid()
    assert says in forms.errors["events-0"][field][0]


def test_a_known_report_must_be_answered_for(editor):
    known = make_source(title="Envoys leave Madrid!", issued="2023-11-08")

    forms = forms_of(editor)

    assert not forms.is_valid()
    [(hit, field)] = forms.source.questions()
    assert (hit.source, field.html_name) == (known, f"source-answer_{known.pk}")
    assert "may be the same report (the same title" in forms.errors["source"][f"answer_{known.pk}"][0]


@pytest.mark.parametrize(
    ("answer", "known", "original"),
    [("same", True, False), ("republication", False, True), ("different", False, False)],
)
def test_each_answer_does_what_it_says(editor, answer, known, original):
    source = make_source(title="Envoys leave Madrid!", issued="2023-11-08")
    data = posted()
    data[f"source-answer_{source.pk}"] = answer

    forms = ReportForms(data, user=editor)

    assert forms.is_valid(), forms.errors
    told = forms.report().source
    assert (told.known == source.label, told.republication_of == source.label) == (known, original)


def test_the_same_address_is_the_same_report_unasked(editor):
    known = make_source(title="Quite another", source_url=ADDRESS)

    forms = forms_of(editor)

    assert forms.is_valid(), forms.errors
    assert submit_report(forms.report(), user=editor).source == known
    assert Source.objects.count() == 1


def unaddressed(**source: str) -> QueryDict:
    data = posted()
    data["paste-url"] = data["source-source_url"] = ""
    for name, value in source.items():
        data[f"source-{name}"] = value
    return data


@pytest.mark.parametrize("called", ["title", "title_original", "described_as"])
def test_the_same_form_twice_is_one_report_even_without_an_address(editor, called):
    data = unaddressed(**({"title": ""} | {called: "Envoys leave Madrid"}))
    for _ in range(2):
        forms = ReportForms(data, user=editor)
        assert forms.is_valid(), forms.errors
        done = submit_report(forms.report(), user=editor, submit=True)

    assert not done.wrote
    assert Source.objects.count() == 1


@pytest.mark.parametrize(
    "other", [{"issued": "2023-11-07"}, {"outlet": ""}, {"title": "Envoys leave Madrid!!", "issued": ""}]
)
def test_what_differs_in_name_outlet_or_date_is_asked_about(editor, other):
    first = ReportForms(unaddressed(), user=editor)
    assert first.is_valid(), first.errors
    source = submit_report(first.report(), user=editor).source

    forms = ReportForms(unaddressed(**other), user=editor)

    assert not forms.is_valid()
    assert f"answer_{source.pk}" in forms.errors["source"]


def test_the_same_by_name_outlet_and_date_is_never_said_to_be_different(editor):
    first = ReportForms(unaddressed(), user=editor)
    assert first.is_valid(), first.errors
    source = submit_report(first.report(), user=editor).source
    data = unaddressed(**{f"answer_{source.pk}": "different"})

    forms = ReportForms(data, user=editor)

    assert not forms.is_valid()
    assert "the same title, outlet and date" in forms.errors["source"][f"answer_{source.pk}"][0]


def test_one_more_card_keeps_what_was_typed_and_judges_nothing_yet(editor):
    data = posted(events=[EVENT | {"mission": "Atlantis", "excerpt": "half typ"}])

    forms = ReportForms.with_another(data, "quotes", user=editor)

    assert len(forms.quotes.forms) == 1
    assert forms.events.forms[0]["mission"].value() == "Atlantis"
    assert forms.events.forms[0]["excerpt"].value() == "half typ"
    assert forms.errors == {}


def test_nothing_that_was_typed_is_lost_when_the_report_is_refused(editor):
    data = posted(events=[EVENT | {"mission": "Atlantis"}], figures=[{"metric": "", "worded": "dozens"}])

    forms = ReportForms(data, user=editor)

    assert not forms.is_valid()
    shown = {form.add_prefix(name): form[name].value() for form in forms.all_forms for name in form.fields}
    assert {name: value for name, value in data.items() if not name.endswith("_FORMS")}.items() <= {
        name: value for name, value in shown.items() if value is not None
    }.items()


def test_what_only_writing_finds_out_stands_beside_its_field(editor):
    forms = forms_of(editor)
    assert forms.is_valid()

    forms.add_problems(
        [Problem("event-1", "mission", "A"), Problem("actors:new-1", "name", "B"), Problem("source", "", "C")]
    )

    assert forms.errors["events-0"]["mission"] == ["A"]
    assert forms.errors["actors-0"]["name"] == ["B"]
    assert forms.errors["source"]["__all__"] == ["C"]


def test_cards_that_are_not_right_leave_the_others_to_show_their_effect(editor):
    forms = forms_of(editor, events=[EVENT, EVENT | {"mission": "Atlantis"}])

    assert not forms.is_valid()
    assert [card.key for card in forms.report(tolerant=True).events] == ["event-1"]


def test_another_paste_fills_only_what_is_empty(editor):
    data = posted()
    data["source-title"] = ""

    forms = ReportForms.read_again(data, user=editor)

    assert forms.source["title"].value() == "Envoys leave Madrid"
    assert forms.source["issued"].value() == "8 November 2023"
    assert forms.errors == {}


@pytest.mark.parametrize("count", ["", "x", "-1", "99999999999"])
def test_a_mangled_count_of_cards_breaks_nothing(editor, count):
    data = posted()
    data["events-TOTAL_FORMS"] = count

    ReportForms(data, user=editor).is_valid()
    ReportForms.with_another(data, "events", user=editor)
