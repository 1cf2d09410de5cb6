"""Add a report without script: plain forms that write all or nothing, lose nothing, and say what was wrong."""

from typing import Any

import lxml.html
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from missions.models import ClosureEvent, EventCitation
from nkwatch.editorial.models import State
from sources.models import Actor, Quote, Source
from tests.make import cite, make_actor, make_event, make_mission, make_source, publish
from tests.test_admin_pages import INLINE

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

ADD = "/admin/reports/add/"
PAGES = {
    "get": (ADD,),
    "post": (ADD, "/admin/reports/read/", "/admin/reports/guess/", "/admin/reports/effects/"),
}
NAMES = "/admin/reports/names/"
TEXT = (
    "Embassy in Madrid to shut\n\n"
    "North Korea will close its embassy in Spain, its counsellor Han Sol Mi told this paper on Wednesday.\n\n"
    "“We leave as friends of Spain,” she said.\n"
)


class Screen:
    """The form as a browser without script has it: what stands in its fields is sent with the button pressed."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.take(client.get(ADD))

    def take(self, response: Any) -> None:
        assert response.status_code == 200, response
        self.html = response.content.decode()
        page = lxml.html.fromstring(self.html)
        for pattern in page.findall(".//template"):
            pattern.drop_tree()
        self.page, self.form = page, page.get_element_by_id("report")

    @property
    def values(self) -> dict[str, Any]:
        sent: dict[str, Any] = {}
        boxes = {box.name for box in self.form.findall(".//textarea")}
        for name, value in self.form.form_values():
            # A line end right after the tag is the page's, as browsers know and lxml does not.
            sent.setdefault(name, []).append(value.removeprefix("\n") if name in boxes else value)
        return sent

    def send(self, do: str, **typed: Any) -> Any:
        """Fill in fields (`events_0_stage` for events-0-stage) and press the button; what the server answers."""
        named = {place(name): value for name, value in typed.items()}
        assert not (unknown := named.keys() - {*self.form.fields}), unknown
        return self.client.post(ADD, {**self.values, **named, "do": do})

    def press(self, do: str, **typed: Any) -> None:
        """As `send`, where the same page comes back."""
        self.take(self.send(do, **typed))


def place(name: str) -> str:
    """The name of a field as the form has it: events_0_date_note is events-0-date_note."""
    prefix, _, rest = name.partition("_")
    number, _, field = rest.partition("_")
    return f"{prefix}-{number}-{field}" if number.isdecimal() else f"{prefix}-{rest}"


@pytest.fixture
def spain():
    event = make_event(stage="announced", date="2023-10-25")
    cite(event, make_source(), attributed_to_actor=make_actor(name="Party of Madrid", capacity="party", country="ES"))
    publish(event)
    return event.mission


@pytest.fixture
def screen(editor_client):
    return Screen(editor_client)


SOURCE = {"source_title": "Embassy in Madrid to shut", "source_issued": "2023-10-27"}


PASTED = {"paste_pasted": TEXT, "paste_url": "https://paper.example/madrid"}
CLAIM = {
    "events_0_excerpt": "North Korea will close its embassy in Spain",
    "events_0_mission": "Spain",
    "events_0_stage": "announced",
    "events_0_date": "2023-10-25",
    "events_0_attributed_to_actor": "new-1",
}
QUOTE = {"quotes_0_excerpt": "We leave as friends of Spain", "quotes_0_speaker": "new-1"}
ACTOR = {"actors_0_name": "Han Sol Mi", "actors_0_capacity": "government", "actors_0_country": "North Korea"}


def fill_in(screen: Screen) -> dict[str, str]:
    """Have a card each for an event, a quote and a new actor; returns what there is to be typed."""
    screen.press("add-actors", **PASTED, **SOURCE, events_TOTAL_FORMS="1", quotes_TOTAL_FORMS="1")
    return CLAIM | QUOTE | ACTOR


def test_a_report_with_an_event_a_quote_and_a_new_actor_is_handed_in(screen, spain):
    screen.press("read", **PASTED)
    screen.press("add-events", **SOURCE)
    screen.press("add-quotes", **CLAIM)
    screen.press("add-actors", **QUOTE)
    answer = screen.send("submit", **ACTOR)

    source = Source.objects.get(title="Embassy in Madrid to shut")
    assert answer.url == reverse("admin:missions_report_added", args=[source.pk])
    quote = Quote.objects.get(text="We leave as friends of Spain")
    citation = EventCitation.objects.get(source=source)
    speaker = Actor.objects.get(name="Han Sol Mi")
    assert (quote.speaker, citation.attributed_to_actor, citation.event.mission) == (speaker, speaker, spain)
    assert citation.wording == "North Korea will close its embassy in Spain"
    assert {source.state, quote.state, speaker.state, citation.state} == {State.IN_REVIEW}


def test_the_result_links_each_record_and_says_what_was_new_or_cited(screen, spain):
    answer = screen.send("submit", **fill_in(screen))
    told = " ".join(lxml.html.fromstring(screen.client.get(answer.url).content).text_content().split())

    assert ClosureEvent.objects.count() == 1
    assert "Claim 1 cited E-0001" in told
    assert "New actor 1 new draft-" in told
    page = lxml.html.fromstring(screen.client.get(answer.url).content)
    links = [link.get("href") for link in page.findall(".//table//a")]
    assert all(screen.client.get(link).status_code == 200 for link in links)
    assert len(links) == 4


def test_the_result_is_its_editors_own(screen, reviewer_client, spain):
    answer = screen.send("submit", **fill_in(screen))
    source = Source.objects.get(title="Embassy in Madrid to shut")

    assert reviewer_client.get(answer.url).url == reverse("admin:sources_source_change", args=[source.pk])


def test_a_saved_draft_is_handed_in_whole_from_its_result(screen, spain, reviewer_client):
    result = screen.send("draft", **fill_in(screen)).url
    source = Source.objects.get(title="Embassy in Madrid to shut")
    parts = [source, source.authorships.first(), Quote.objects.get(), *EventCitation.objects.filter(source=source)]
    drafts = [part for part in parts if part]
    assert {part.state for part in drafts} == {State.DRAFT}
    assert b"Submit all of it" in screen.client.get(result).content

    assert reviewer_client.post(result).status_code == 302
    source.refresh_from_db()
    assert source.state == State.DRAFT, "only whose report it is hands it in from here"

    assert screen.client.post(result).url == result
    for part in drafts:
        part.refresh_from_db()
    assert {part.state for part in drafts} == {State.IN_REVIEW}
    assert b"Submit all of it" not in screen.client.get(result).content


@pytest.mark.parametrize("do", ["read", "add-figures", "add-relies", "add-missions", "effects", "submit", "draft"])
def test_no_button_loses_what_was_typed(screen, spain, do):
    wrong = fill_in(screen) | {"events_0_date": "last Michaelmas", "actors_0_part_of": "Nobody of Nowhere"}
    screen.press(do, **wrong)

    assert {name: screen.values[place(name)] for name in wrong} == {name: [value] for name, value in wrong.items()}
    assert screen.values["paste-pasted"] == [TEXT]
    assert screen.values["events-0-excerpt"] == ["North Korea will close its embassy in Spain"]
    assert not Source.objects.filter(title="Embassy in Madrid to shut").exists()


def test_what_is_wrong_is_told_on_top_and_leads_to_its_field(screen, spain):
    screen.press("submit", **fill_in(screen) | {"events_0_date": "last Michaelmas", "events_0_excerpt": "Not in there"})

    links = screen.page.get_element_by_id("report-errors").findall(".//a")
    assert [link.text for link in links] == ["Claim 1, Words as printed", "Claim 1, Date"]
    for link in links:
        field = screen.page.get_element_by_id(link.get("href").removeprefix("#"))
        assert field.name.startswith("events-0-")


def test_what_only_writing_finds_out_stands_beside_its_field(screen, spain):
    for name in ("Kim Il", "Kim-Il"):
        make_actor(name=name, kind="person", capacity="government", country="KP")
    screen.press("submit", **fill_in(screen) | {"actors_0_name": "Kim Il"})

    links = screen.page.get_element_by_id("report-errors").findall(".//a")
    assert "#id_actors-0-name" in [link.get("href") for link in links]


def test_the_effect_is_told_without_script(screen, spain):
    screen.press("effects", **fill_in(screen))

    told = screen.page.get_element_by_id("card-events-0").text_content()
    assert "adds a citation" in told
    assert "2nd origin for Spain" in told
    assert not Source.objects.filter(title="Embassy in Madrid to shut").exists()


def test_a_card_says_with_which_source_it_conflicts(screen, spain):
    still_there = make_event(mission=spain, stage="under-way", date="2023-11-20")
    cite(still_there, source := make_source(title="Packing in Madrid"))
    publish(still_there)
    screen.press("effects", **fill_in(screen) | {"events_0_stage": "closed"})

    source.refresh_from_db()
    told = screen.page.get_element_by_id("card-events-0").find_class("report-conflict")
    assert [line.text_content().strip() for line in told] == [
        f"Conflicts with {source.label}: closed / withdrawal under way"
    ]


def test_a_card_says_what_it_lacks_and_what_is_wrong_with_it(screen):
    screen.press("add-events")
    values = {**screen.values, "events-0-mission": "Atlantis"}
    told = screen.client.post("/admin/reports/effects/", values).json()["effects"]["events-0"]

    assert "Not complete yet: stage, date." in told
    assert "“Atlantis” is not a known mission" in told


def test_what_was_pasted_is_shown_as_text_and_never_as_html(screen):
    screen.press("read", paste_pasted="<p>Closed</p><script>alert(1)</script> <img src=x onerror=alert(2)>")

    desk = screen.page.get_element_by_id("report-body")
    assert not desk.findall(".//script")
    assert not desk.findall(".//img")
    assert "Closed" in desk.get_element_by_id("report-pane").text_content()


def test_a_known_address_is_asked_about_with_a_way_to_open_it(screen):
    source = make_source(source_url="https://paper.example/madrid")
    screen.press("read", paste_url="https://paper.example/madrid?utm_source=feed#top")

    known = screen.page.get_element_by_id("report-known")
    assert [link.get("href") for link in known.findall(".//a")] == [f"/admin/sources/source/{source.pk}/change/"]
    assert {radio.get("value") for radio in known.findall(".//input")} == {"same", "republication", "different"}


def test_boxes_for_what_stands_offer_nothing_new_and_those_for_papers_an_organisation(screen):
    screen.press("add-events")
    offers = {field.get("name"): field for field in screen.form.findall(".//input") if field.get("data-reference")}

    assert {name for name, field in offers.items() if name.endswith("-known") and field.get("data-new")} == set()
    assert offers["events-0-known"].get("data-reference") == "event"
    assert offers["source-outlet"].get("data-new-as") == "organisation"


def test_a_paper_that_is_not_on_record_gets_a_card_of_its_own_and_keeps_it(screen):
    html = "<html><head><meta property='og:site_name' content='Harbour Post'></head><body><p>Closed.</p></body></html>"
    screen.press("add-actors")
    screen.press("read", actors_0_name="Han Sol Mi", paste_pasted=html)
    screen.press("read")

    assert screen.values["source-outlet"] == ["new-2 Harbour Post"]
    assert screen.values["actors-1-name"] == ["Harbour Post"]
    assert screen.values["actors-TOTAL_FORMS"] == ["2"]


def test_the_page_keeps_to_the_content_security_policy(screen):
    assert not INLINE.search(screen.html)


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_those_who_add_sources_and_events_come_in(editor_client, reviewer_client, client, client_of, method):
    nobody = client_of(User.objects.create_user("nobody", is_staff=True))
    for page in PAGES[method]:
        assert getattr(client, method)(page).status_code == 302
        assert getattr(nobody, method)(page).status_code == 403
        assert getattr(editor_client, method)(page).status_code == 200
        assert getattr(reviewer_client, method)(page).status_code == 200
    assert nobody.get(NAMES, {"kind": "actor", "q": "a"}).status_code == 403


def test_a_form_from_elsewhere_is_refused(editor):
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)

    assert {client.post(page, {"do": "submit"}).status_code for page in PAGES["post"]} == {403}


def test_more_than_the_server_takes_is_refused_in_words(screen, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000
    answer = screen.client.post(ADD, {**screen.values, "paste-pasted": "long " * 1_000})

    assert answer.status_code == 413
    assert "paste the article’s text alone" in answer.content.decode()


@pytest.mark.parametrize(
    "odd",
    ["a\x00b", "\u202eabc\u202c אבג", "😀" * 300, "line\n" * 10_000, "9" * 400, "draft-99999999999999999999"],
    ids=["nul", "right to left", "emoji", "lines", "digits", "number"],
)
def test_odd_input_anywhere_is_refused_in_words_and_breaks_nothing(screen, odd):
    for kind in ("events", "quotes", "figures", "relies", "actors"):
        screen.press(f"add-{kind}")
    typed = {name: odd for name in screen.values if not name.endswith("_FORMS") and name != "csrfmiddlewaretoken"}

    for do in ("effects", "submit"):
        screen.take(screen.client.post(ADD, {**screen.values, **typed, "do": do}))
    assert screen.page.get_element_by_id("report-errors").findall(".//a")
    answers = [
        screen.client.post("/admin/reports/guess/", {"kind": "events", "words": odd, "paragraph": odd, "issued": odd}),
        screen.client.get(NAMES, {"kind": "actor", "q": odd}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert not Source.objects.exists()


def found(client: Client, kind: str, words: str) -> list[str]:
    return [one["value"] for one in client.get(NAMES, {"kind": kind, "q": words}).json()["found"]]


def test_names_are_found_by_part_number_and_other_spelling(editor_client):
    actor = make_actor(name="Thae Yong-ho", kind="person", capacity="former-official", country="KP")
    mission = make_mission()
    publish(mission)
    retracted = make_actor(name="Thae Yong-hoon")
    publish(retracted)
    retracted.retract("invented")

    expected = [f"draft-{actor.pk} Thae Yong-ho"]
    for words in ("thae yongho", "Yong-ho", f"draft-{actor.pk}"):
        assert found(editor_client, "actor", words) == expected
    assert (
        found(editor_client, "mission", "spain") == found(editor_client, "mission", "M-0001") == [f"M-0001 {mission}"]
    )
    assert found(editor_client, "country", "spai") == ["Spain"]
    event = make_event(mission=mission, stage="announced")
    assert found(editor_client, "event", "spain") == [f"{event.label} {event}"]
    assert editor_client.get(NAMES, {"kind": "user", "q": "a"}).status_code == 404


def guessed(client: Client, **told: str) -> dict[str, str]:
    return client.post("/admin/reports/guess/", told).json()["fields"]


def test_a_claim_begins_with_the_mission_of_the_country_named(editor_client, spain):
    one = guessed(editor_client, kind="events", words="its embassy in Spain", paragraph="", issued="2023-10-27")
    two = guessed(editor_client, kind="events", words="embassies in Spain and Angola", paragraph="", issued="")
    city = guessed(editor_client, kind="events", words="the embassy", paragraph="In Madrid, the embassy", issued="")

    assert one["mission"] == city["mission"] == f"M-0001 {spain}"
    assert "mission" not in two


@pytest.mark.parametrize(
    ("words", "worded", "date"),
    [
        ("told this paper on Wednesday.", "on Wednesday", "2023-10-25"),
        ("closed last month, it says", "last month", "2023-09"),
        ("shut on 12 October 2023 (Thursday)", "on 12 October 2023", "2023-10-12"),
        ("지난 수요일 폐쇄했다", "지난 수요일", "2023-10-25"),
        ("everyday words of the mayor", None, None),
        ("its embassy has 12 rooms", None, None),
    ],
)
def test_a_date_in_the_words_is_read_against_the_report(editor_client, words, worded, date):
    told = guessed(editor_client, kind="events", words=words, paragraph="", issued="27 October 2023")

    assert (told.get("date_worded"), told.get("date")) == (worded, date)


def test_a_worded_date_waits_for_the_day_of_the_report_and_says_so(screen):
    told = guessed(screen.client, kind="events", words="told this paper on Wednesday.", paragraph="", issued="")
    assert told == {"date_worded": "on Wednesday"}

    screen.press("add-events")
    card = {"events-0-mission": "Spain", "events-0-date_worded": "on Wednesday"}
    lines = [
        screen.client.post("/admin/reports/effects/", {**screen.values, **card, "source-issued": day}).json()["effects"]
        for day in ("", "27 October 2023")
    ]

    assert "“on Wednesday” is read against the day of the report: give that as Issued." in lines[0]["events-0"]
    assert 'value="2023-10-25"' in lines[1]["events-0"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("53 missions", {"worded": "53", "low": "53", "high": "53"}),
        ("more than 50 missions", {"worded": "more than 50", "low": "51"}),
        ("as many as 12 of them", {"worded": "as many as 12", "high": "12"}),
        ("about 40 embassies", {"worded": "about 40"}),
        ("dozens of embassies", {}),
        ("from 53 to 46", {}),
    ],
)
def test_a_figure_begins_with_the_one_number_in_its_words(editor_client, words, expected):
    assert guessed(editor_client, kind="figures", words=words, paragraph="", issued="") == expected
