"""Pages for what did not work say what was wrong, and how to go on."""

import pytest
from django.test import Client, RequestFactory
from django.views.defaults import server_error

from nkwatch.site.errors import too_many_requests
from tests.make import make_mission, make_source, publish


def missions(*cities: str) -> list:
    made = [make_mission(host="FR", city=city) for city in cities]
    publish(*made)
    return made


@pytest.mark.django_db
def test_a_number_that_nobody_has_leads_to_those_near_it(client: Client):
    made = missions("Paris", "Lyon", "Nice", "Lille", "Brest")
    make_mission(host="DE", city="Berlin")
    response = client.get("/missions/M-0007-berlin/")
    assert response.status_code == 404
    page = response.content.decode()
    assert [mission.label in page for mission in made] == [False, False, True, True, True]
    assert "Berlin" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/nothing/", "/missions/x/", "/sources/S-0001/", "/missions/M-999999999/"])
def test_any_other_address_is_answered_with_the_lists(client: Client, address: str):
    response = client.get(address)
    assert response.status_code == 404
    assert 'href="/missions/"' in response.content.decode()


@pytest.mark.django_db
def test_what_was_retracted_says_why_and_where_such_things_are_listed(client: Client):
    source = make_source()
    publish(source)
    source.retract("It was entered twice.")
    response = client.get(source.get_absolute_url())
    assert response.status_code == 410
    page = response.content.decode()
    assert "It was entered twice." in page
    assert "/changes/?kind=retraction" in page


@pytest.mark.django_db
def test_too_many_requests_are_told_when_to_come_back(rf: RequestFactory):
    response = too_many_requests(rf.get("/"), 120)
    assert (response.status_code, response["Retry-After"]) == (429, "120")
    assert "about 2 minutes" in response.content.decode()


def test_the_page_for_our_own_faults_asks_no_database(rf: RequestFactory):
    """Without the mark, pytest-django refuses any query."""
    response = server_error(rf.get("/missions/"))
    assert response.status_code == 500
    assert "Something went wrong here" in response.content.decode()


@pytest.mark.django_db
def test_about_says_what_holds_here(client: Client, settings):
    page = client.get("/about/").content.decode()
    for words in ("Scope", "What an origin is", "Gaps", "Corrections", "nobody approves their own change"):
        assert words in page
    settings.FOUR_EYES = False
    assert "without a second pair of eyes" in client.get("/about/").content.decode()
