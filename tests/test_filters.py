"""Filters on the lists: what they find, what they count, and what they say of a wrong value (pages.md, section 0)."""

import datetime
import html
import json
import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from nkwatch.editorial.asof import AsOf, read_asof
from nkwatch.editorial.derivation import rederive
from nkwatch.editorial.public.facets import Filtering
from tests.make import cite, make_actor, make_event, make_mission, make_quote, make_reason, make_source, publish
from tests.test_nothing_leaks import UNPUBLISHED, make_published_world, make_unpublished_records
from tests.test_page_queries import Hub

pytestmark = pytest.mark.django_db

LISTS = ("missions", "events", "sources", "quotes", "actors", "figures")


def words(text: str) -> str:
    """A page as text, without its markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def found(client: Client, address: str) -> list:
    """The records that a list shows."""
    response = client.get(address)
    assert response.status_code == 200, address
    return list(response.context["object_list"])


def filtering(name: str, query: str = "", day: str = "") -> Filtering:
    view = resolve(f"/{name}/").func.view_class
    return Filtering(view.filters, view.counts, QueryDict(query), read_asof(day), name)


def records(name: str):
    return resolve(f"/{name}/").func.view_class.model.objects.public()


def choices(name: str, query: str = "", day: str = "") -> dict[str, dict[str, int]]:
    """What each field of a list's form offers, with its numbers."""
    fields = filtering(name, query, day).fields(records(name))
    return {field.name: {choice.value: choice.count for choice in field.choices} for field in fields}


def test_a_wrong_value_leaves_the_other_fields_at_work(client: Client):
    publish(make_mission(), make_mission(host="FR", kind="consulate"))

    page = read(client, "/missions/?kind=villa&host=FR&ordering=beauty&closed_year=0000")

    assert [mission.host_id for mission in found(client, "/missions/?kind=villa&host=FR&ordering=beauty")] == ["FR"]
    assert 'href="#filter-kind">Kind: “villa” cannot be chosen here' in page
    assert "“beauty” cannot be chosen here" in page
    assert re.search(r'value="FR"\s+checked', page)


def test_values_of_one_field_are_alternatives_and_fields_narrow_each_other(client: Client):
    spain, france = make_mission(), make_mission(host="FR", city="Paris")
    office = make_mission(host="FR", city="Lyon", kind="trade-mission")
    publish(spain, france, office)

    assert {m.pk for m in found(client, "/missions/?host=FR&host=ES")} == {spain.pk, france.pk, office.pk}
    assert {m.pk for m in found(client, "/missions/?host=FR&host=ES&kind=embassy")} == {spain.pk, france.pk}
    assert {m.pk for m in found(client, "/missions/?host=FR&kind=trade-mission")} == {office.pk}


def test_choices_are_counted_over_what_the_other_fields_leave():
    publish(
        make_mission(), make_mission(host="FR", city="Paris"), make_mission(host="FR", city="Lyon", kind="consulate")
    )

    offered = choices("missions", "host=FR")

    assert offered["host"] == {"FR": 2, "ES": 1}
    assert offered["kind"] == {"embassy": 1, "consulate": 1}
    assert choices("missions", "host=FR&kind=consulate")["host"] == {"FR": 1}
    assert choices("missions", "host=ES&kind=consulate")["host"] == {"FR": 1, "ES": 0}


def test_status_and_origins_are_those_of_the_day_asked_for(client: Client):
    event = make_event(stage="closed", date="2023-11-10")
    cite(event, attributed_to_actor=make_actor(name="Ministry", capacity="government", country="ES"))
    publish(event)

    assert choices("missions", day="2023-12-01")["status"] == {"closed": 1}
    assert choices("missions", day="2023-12-01")["closed_year"] == {"2023": 1}
    assert choices("missions", day="2023-12-01")["origins"] == {"1": 1}
    assert choices("missions", day="2023-11-01")["status"] == {"open": 1}
    assert found(client, "/missions/?asof=2023-11-01&status=closed") == []
    assert len(found(client, "/missions/?asof=2023-12-01&status=closed")) == 1


def test_statements_are_found_by_speaker_capacity_reason_and_mission(client: Client):
    ministry = make_actor(name="Ministry", capacity="government", country="KR")
    reason, mission = make_reason(), make_mission()
    quote = make_quote(speaker=ministry, language="ko", text_original="철수")
    quote.reasons.add(reason)
    event = make_event(mission=mission)
    event.quotes.add(quote)
    cite(event)
    publish(reason, quote, event, make_quote(text="Of something else.", said_on="2022"))
    for record in (ministry, mission):
        record.refresh_from_db()

    for query in (f"speaker={ministry.label}", "capacity=government", "reason=sanctions", f"mission={mission.label}"):
        assert [one.pk for one in found(client, f"/quotes/?{query}")] == [quote.pk], query
    offered = choices("quotes")
    assert offered["speaker"] == {ministry.label: 1}
    assert offered["mission"] == {mission.label: 1}
    page = read(client, f"/quotes/?mission={mission.label}&reason=sanctions")
    assert "Mission: Embassy of North Korea in Spain" in words(page)
    assert "Reason given: Sanctions" in words(page)


def test_what_is_chosen_is_listed_each_with_the_link_that_takes_it_away(client: Client):
    publish(make_mission(), make_mission(host="FR"))

    page = read(client, "/missions/?asof=2023-12-05&host=FR&host=ES&kind=embassy&ordering=-name")

    chosen = re.search(r'<ul class="chosen".*?</ul>', page, re.S)[0]
    links = dict(zip(re.findall(r">([^<]+)</a>", chosen), re.findall(r'href="([^"]+)"', chosen), strict=True))
    assert set(links) == {
        "Host country or territory: France",
        "Host country or territory: Spain",
        "Kind: embassy",
    }
    address = urlsplit(html.unescape(links["Host country or territory: France"]))
    assert address.path == "/missions/"
    assert parse_qsl(address.query) == [
        ("asof", "2023-12-05"),
        ("host", "ES"),
        ("kind", "embassy"),
        ("ordering", "-name"),
    ]


def test_links_to_pages_files_and_days_stay_with_the_filters(client: Client):
    for number in range(51):
        publish(make_source(title=f"Report {number}", language="es"))

    page = html.unescape(read(client, "/sources/?asof=2023-12-05&language=es&ordering=issued"))

    kept = "asof=2023-12-05&language=es&ordering=issued"
    assert f'rel="next" href="/sources/?{kept}&page=2"' in page
    assert f'href="/sources.csv?{kept}"' in page
    assert '<a href="/sources/?language=es&ordering=issued">Back to today' in page
    assert '<input type="hidden" name="asof" value="2023-12-05">' in page
    day_form = page.split('class="asof')[1].split("</form>")[0]
    assert '<input type="hidden" name="language" value="es">' in day_form
    assert len(found(client, f"/sources/?{kept}&page=2")) == 1


def test_a_list_that_comes_out_empty_names_the_filter_to_drop(client: Client):
    publish(make_mission(), make_mission(host="FR", kind="consulate"))

    page = read(client, "/missions/?host=ES&kind=consulate&kind=trade-mission")

    assert "Nothing fits all of these filters." in page
    assert '<a href="/missions/?kind=consulate&amp;kind=trade-mission">' in page
    assert "Without “Host country or territory”: one record" in words(page).replace(": 1 record", ": one record")
    assert '<a href="/missions/?host=ES">' in page
    nothing = read(client, "/missions/?host=IT&kind=trade-mission")
    assert '<a href="/missions/">Drop all of them</a>' in nothing


def test_lists_can_be_ordered_and_missions_stay_apart_by_direction(client: Client):
    publish(
        make_mission(name="Bravo"),
        make_mission(host="FR", name="Alpha"),
        make_mission(sending="RO", host="KP", city="Pyongyang", name="Aaa"),
    )

    def names(query: str) -> list[str]:
        return [mission.name for mission in found(client, f"/missions/{query}")]

    assert names("?ordering=name") == ["Alpha", "Bravo", "Aaa"]
    assert names("?ordering=-name") == ["Bravo", "Alpha", "Aaa"]
    assert re.search(r'<option value="-name"\s+selected', read(client, "/missions/?ordering=-name"))


def test_events_are_headed_by_year_in_their_own_order_only(client: Client):
    first, second = make_event(date="2022-01-01"), make_event(mission=make_mission(host="FR"), date="2023-01-01")
    cite(first)
    cite(second)
    publish(first, second)

    assert 'scope="rowgroup">2023' in read(client, "/events/")
    ordered = read(client, "/events/?ordering=number")
    assert "rowgroup" not in ordered
    assert [event.pk for event in found(client, "/events/?ordering=number")] == [first.pk, second.pk]


def test_events_are_found_by_the_days_their_date_allows(client: Client):
    day = make_event(date="2023-10-26")
    month = make_event(stage="closed", mission=day.mission, date="2023-11")
    for event in (day, month):
        cite(event)
    publish(day, month)

    assert [one.pk for one in found(client, "/events/?date_from=2023-11-15")] == [month.pk]
    assert [one.pk for one in found(client, "/events/?date_to=2023-10-31")] == [day.pk]
    page = read(client, "/events/?date_from=2023-11-15")
    assert re.search(r'name="date_from"\s+type="date"\s+value="2023-11-15"', page)
    assert "From: 2023-11-15" in words(page)


def test_a_file_holds_what_the_filters_leave_and_refuses_a_wrong_value(client: Client):
    publish(make_mission(), make_mission(host="FR"))

    rows = json.loads(client.get("/missions.json?host=FR&ordering=name").getvalue())
    assert [row["host"] for row in rows] == ["FR"]
    refused = client.get("/missions.json?host=Atlantis")
    assert refused.status_code == 400
    assert "“Atlantis” cannot be chosen here" in refused.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "year=0000",
        "year=9999",
        "outlet=M-0001",
        "outlet=A-999999999",
        "language=zz",
        "asof=&kind=&ordering=",
        "kind=%00",
    ],
)
def test_odd_values_are_answered_with_a_page(client: Client, query: str):
    publish(make_source())
    assert client.get(f"/sources/?{query}").status_code == 200
    assert client.get("/missions/?closed_year=0000&closed_year=9999").status_code == 200


def test_unpublished_records_are_no_choices_and_are_not_counted():
    outlet = make_actor(name="Hidden outlet")
    source = make_source(outlet=outlet)
    publish(source)
    make_source(title="Draft", language="ko", outlet=outlet)
    type(outlet).objects.filter(pk=outlet.pk).update(state="retracted", retraction_reason="Entered twice.")

    offered = choices("sources")

    assert "outlet" not in offered
    assert offered["language"] == {"en": 1}


def test_filtered_lists_cost_the_same_number_of_queries_at_10_and_at_1000_records(client: Client):
    addresses = [
        "/missions/?kind=consulate&status=closing&asof=2024-01-01&ordering=name",
        "/events/?stage=reported&host=ES&date_from=2022-01-01",
        "/sources/?year=2023&outlet=A-0001",
        "/quotes/?speaker=A-0001&capacity=government",
        "/actors/?kind=person&country=KR",
        "/figures/?metric=missions-abroad",
        "/missions/?kind=trade-mission&host=FR&direction=abroad",
    ]

    def queries() -> dict[str, int]:
        counts = {}
        for address in addresses:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            counts[address] = len(captured)
        return counts

    hub = Hub()
    hub.grow(10)
    at_ten = queries()
    hub.grow(1000)
    assert queries() == at_ten
    assert max(at_ten.values()) <= 22


def test_a_long_field_is_folded_and_shows_the_most_frequent_choices(client: Client):
    for number in range(32):
        outlet = make_actor(name=f"Outlet {number:02d}")
        publish(make_source(title=f"Report {number}", outlet=outlet, issued="2023"))
    publish(make_source(title="Second", outlet=outlet, issued="2023"))
    outlet.refresh_from_db()

    [field] = [one for one in filtering("sources").fields(records("sources")) if one.name == "outlet"]
    assert (field.is_folded, len(field.choices)) == (True, 30)
    assert (field.choices[0].value, field.choices[0].label, field.choices[0].count) == (outlet.label, "Outlet 31", 2)
    assert "30 to choose from" in words(read(client, "/sources/"))
    last = f"outlet={outlet.label[:2]}9999"
    [field] = [one for one in filtering("sources", last).fields(records("sources")) if one.name == "outlet"]
    assert (field.is_folded, field.choices[-1].chosen, field.choices[-1].count) == (False, True, 0)


def test_filters_speak_of_the_day_the_page_shows():
    today = AsOf(datetime.date(2023, 12, 5), datetime.date(2023, 12, 5))
    earlier = AsOf(datetime.date(2023, 12, 5), datetime.date(2024, 1, 1))
    view = resolve("/missions/").func.view_class
    links = [
        Filtering(view.filters, view.counts, QueryDict("host=ES"), day, "missions").link() for day in (today, earlier)
    ]
    assert links == ["/missions/?host=ES", "/missions/?asof=2023-12-05&host=ES"]


def test_languages_go_by_name_and_years_from_the_latest_back(client: Client):
    publish(
        make_source(title="A", language="ko", issued="2021"),
        make_source(title="B", language="ko", issued="2021-05"),
        make_source(title="C", language="tlh-x", issued="2023"),
    )

    assert list(choices("sources")["year"]) == ["2023", "2021"]
    [language] = [field for field in filtering("sources").fields(records("sources")) if field.name == "language"]
    assert [(choice.value, choice.label) for choice in language.choices] == [
        ("ko", "Korean"),
        ("tlh-x", "tlh-x"),
    ]
    assert "Language: Korean" in words(read(client, "/sources/?language=ko"))


def test_unpublished_records_change_no_filtered_list_by_a_letter_or_a_count(client: Client):
    world = make_published_world()
    addresses = [
        f"/{name}{ending}?{urlencode({field: value})}"
        for name in LISTS
        for field, counted in choices(name).items()
        for value in (*counted, "no such value!")
        for ending in ("/", ".json")
    ]
    before = {address: client.get(address).getvalue() for address in addresses}
    hidden = [
        record
        for number, state in enumerate(UNPUBLISHED, start=1)
        for record in make_unpublished_records(world, state, number)
    ]
    rederive([*world.values(), *hidden])

    after = {address: client.get(address).getvalue() for address in addresses}

    assert len(addresses) > 100
    assert [address for address in addresses if after[address] != before[address]] == []
