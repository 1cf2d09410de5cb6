"""Maps: places keep their proportions and their day, labels stay apart, and only what is public is drawn."""

import itertools
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from missions.map.drawing import APART, Drawing, draw
from missions.map.labels import around
from missions.map.missions_map import locator, missions_map
from missions.map.outlines import OUTLINES, countries
from missions.map.places import PlacedBy, place_in, place_of
from missions.map.projection import HEIGHT, WIDTH, equal_earth, on_map
from missions.map.services import services
from missions.map.view_box import NARROW, WIDE, WIDE_WORLD, fitted, whole_world
from missions.models import Mission
from nkwatch.editorial.asof import read_asof
from sources.models import Country
from tests.make import cite, make_coverage, make_event, make_mission, make_source, publish
from tests.test_page_queries import Hub

TODAY = ""
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("longitude", "latitude", "x", "y"),
    [
        # On a sphere of radius 1, as PROJ 9 gives them (+proj=eqearth +R=1).
        (0, 0, 0, 0),
        (180, 0, 2.7066299836960748, 0),
        (-180, 90, -1.6035886482840516, 1.3173627591574133),
        (180, 45, 2.319708998205967, 0.8602310855220102),
        (-70, -33, -0.9704971219421749, -0.6487187860741879),
        (125.75, 39.02, 1.686065311508753, 0.7573923150848519),
    ],
)
def test_the_projection_gives_the_published_values(longitude, latitude, x, y):
    assert equal_earth(longitude, latitude) == pytest.approx((x, y), abs=1e-9)


def test_the_map_is_as_wide_as_the_paper_says():
    """The equator is 2.05458 times as long as the map is high; a pole is 0.59247 times the equator."""
    assert pytest.approx(2.05458, abs=1e-5) == WIDTH / HEIGHT
    assert equal_earth(180, 90)[0] / equal_earth(180, 0)[0] == pytest.approx(0.59247, abs=1e-5)


def test_equal_areas_stay_equal():
    """Cells between two meridians and parallels of equal areas on the globe, at the equator and far north."""

    def cell(south: float, north: float) -> float:
        # Thin slices between parallels, each as wide as its middle.
        steps = [south + (north - south) * n / 200 for n in range(201)]
        slices = itertools.pairwise(steps)
        return sum(equal_earth(1, (a + b) / 2)[0] * (equal_earth(0, b)[1] - equal_earth(0, a)[1]) for a, b in slices)

    # The area between two parallels goes with the difference of their sines: both are 0.5.
    assert cell(0, 30) == pytest.approx(cell(30, 90), rel=1e-3)


def test_the_180th_meridian_does_not_part_neighbours_and_the_bering_strait_does():
    chukotka_west, chukotka_east = on_map(179.9, 66), on_map(-179.9, 66)
    assert 0 < chukotka_east[0] - chukotka_west[0] < 5
    russia, alaska = on_map(-170, 66), on_map(-168, 66)
    assert russia[0] - alaska[0] > WIDTH / 2


def corners(path: str) -> list[list[tuple[float, float]]]:
    """The rings of a path of relative steps."""
    rings, x, y = [], 0.0, 0.0
    for ring in re.findall(r"m([^mz]*)", path):
        numbers = [float(number) for number in re.findall(r"-?\d+", ring)]
        found = []
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            found.append((x, y))
        x, y = found[0]
        rings.append(found)
    return rings


def outline(code: str) -> list[list[tuple[float, float]]]:
    [path] = [each for each in ElementTree.parse(OUTLINES).iter(f"{SVG}path") if each.get("id") == code]
    return corners(path.get("d"))


def is_inside(point: tuple[float, float], rings: list[list[tuple[float, float]]]) -> bool:
    """Whether a ray from the point crosses the outline an odd number of times."""
    x, y = point
    crossings = 0
    for ring in rings:
        for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
            if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
                crossings += 1
    return crossings % 2 == 1


@pytest.mark.parametrize(
    ("code", "longitude", "latitude"),
    [
        ("ES", -4, 40),
        ("KP", 126.5, 40),
        ("RU", 100, 60),
        ("RU", -175, 67),
        ("CD", 23, -3),
        ("XK", 20.9, 42.6),
        ("TW", 121, 23.7),
        ("FJ", 178, -17.8),
        ("US", -155, 65),
    ],
)
def test_places_lie_inside_the_outlines_of_their_countries(code, longitude, latitude):
    assert is_inside(on_map(longitude, latitude), outline(code))


def test_outlines_have_the_territories_that_matter_no_antarctica_and_no_line_across_the_map():
    assert {"HK", "MO", "TW", "XK", "KP", "RU", "FJ"} <= countries()
    assert "AQ" not in countries()
    for path in ElementTree.parse(OUTLINES).iter(f"{SVG}path"):
        for ring in corners(path.get("d")):
            steps = [abs(x1 - x0) for (x0, _), (x1, _) in itertools.pairwise(ring)]
            assert max(steps, default=0) < WIDTH / 4, path.get("id")


@pytest.mark.django_db
def test_nearly_every_country_of_the_record_has_an_outline():
    """The map data draws some small territories with the state that governs them."""
    missing = set(Country.objects.filter(governed_by=None).values_list("code", flat=True)) - countries()
    assert missing <= {"AQ", "TV", "IO", "UM", "EH"}


@pytest.mark.django_db
def test_a_mission_is_placed_by_its_coordinates_else_its_city_else_its_country():
    spain = Country.objects.get(code="ES")
    exact = Mission(host=spain, city="Madrid", latitude="40.45", longitude="-3.75")
    by_city, by_other_name = Mission(host=spain, city="MADRID"), Mission(host_id="DK", city="Copenhagen")
    elsewhere = Mission(host=spain, city="Villanueva")

    assert (place_of(exact).latitude, place_of(exact).by) == (40.45, PlacedBy.COORDINATES)
    assert place_of(by_city).by == place_of(by_other_name).by == PlacedBy.CITY
    assert place_of(by_city).latitude == pytest.approx(40.42, abs=0.05)
    assert place_of(elsewhere) == place_in(spain)


def test_a_view_holds_all_its_places_off_the_edge_and_no_more_of_the_world_than_there_is():
    for sheet, points in itertools.product((WIDE, NARROW), ([(900, 800)], [(100, 100), (3900, 1700)], [(0, 900)])):
        view = fitted(points, sheet)
        for x, y in map(view.on_sheet, points):
            assert 0 <= x <= sheet.width and 0 <= y <= sheet.height
        assert view.left >= -1e-6
        assert view.left + sheet.width / view.scale <= WIDTH + 1e-6


def test_the_whole_world_fills_its_sheet():
    view = whole_world(WIDE_WORLD)
    assert view.on_sheet((0, 900))[0] == 0
    assert view.on_sheet((WIDTH, 900))[0] == WIDE_WORLD.width


def published(**values):
    mission = make_mission(**values)
    publish(mission)
    return mission


def as_drawn(day: str = TODAY):
    asof = read_asof(day)
    return list(Mission.objects.public().named().as_of(asof.day)), asof


def boxes(drawing: Drawing) -> Iterator[tuple[str, object]]:
    for mark in drawing.marks:
        yield f"mark of {mark.place}", around(mark.x, mark.y, 8)
        if mark.label:
            yield f"label of {mark.place}", mark.label.box
    for end in drawing.ends:
        if end.label:
            yield f"label of {end.text}", end.label.box


@pytest.mark.django_db
@pytest.mark.parametrize("hosts", ["AL AT BA BG CH CZ DE HR HU IT ME MK PL RO RS SI SK XK", "ES KE KH PE CU CN RU ID"])
def test_no_label_lies_over_a_mark_or_a_label_and_every_mission_is_drawn_or_listed(hosts: str):
    for code in hosts.split():
        published(host=code, city="")
    missions, asof = as_drawn()

    for world in (False, True):
        for _, drawing in missions_map(missions, asof, world).drawings:
            for (name, box), (other, its) in itertools.combinations(boxes(drawing), 2):
                assert not box.overlaps(its), (name, other)
            for mark, other in itertools.combinations(drawing.marks, 2):
                assert ((mark.x - other.x) ** 2 + (mark.y - other.y) ** 2) ** 0.5 >= APART
            drawn = [mission.pk for mark in drawing.marks for mission in mark.missions]
            assert sorted(drawn) == sorted(mission.pk for mission in missions)
            assert [mark.number for mark in drawing.listed] == list(range(1, len(drawing.listed) + 1))
            assert all(mark.label or mark.is_crowded for mark in drawing.marks)


@pytest.mark.django_db
def test_missions_in_one_place_are_one_numbered_mark_and_listed_by_whose_they_are(client: Client):
    for sending in ("RO", "BG", "IN"):
        published(sending=sending, host="KP", city="Pyongyang")

    page = client.get("/missions/?view=map").content.decode()

    assert page.count('class="crowd"') == 2
    listed = re.search(r'<ol class="places wide".*?</ol>', page, re.DOTALL)[0]
    assert "<b>North Korea:</b>" in listed
    assert all(name in listed for name in ("Romania", "Bulgaria", "India"))


def handed_over():
    rome, madrid = make_mission(host="IT", city="Rome"), make_mission()
    event = make_event(mission=madrid, stage="closed", date="2023-11-01", duties_to=rome)
    cite(event, make_source())
    publish(rome, madrid, event)
    return rome, madrid


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "arcs"), [("2023-10-31", 0), ("2023-11-01", 1), (TODAY, 1)])
def test_duties_handed_over_are_an_arc_from_the_day_on(client: Client, day: str, arcs: int):
    rome, madrid = handed_over()
    query = {"asof": day} if day else {}

    for mission in (rome, madrid):
        page = client.get(mission.get_absolute_url(), query).content.decode()
        drawing = page[page.index('<figure class="map"') : page.index("<figcaption>")]
        assert drawing.count('<path class="arc"') == arcs
        assert drawing.count('class="mark') == 1 + arcs
    page = client.get("/missions/", {"view": "map", **query}).content.decode()
    assert page[: page.index("<figcaption>")].count('<path class="arc"') == 2 * arcs


@pytest.mark.django_db
def test_a_coverage_is_an_arc_while_it_is_in_force_from_both_ends():
    coverage = make_coverage(starts="2023-10", ends="2024-02")
    madrid = make_mission()
    publish(coverage, madrid)
    rome = coverage.mission

    def served(day: str, *missions: Mission) -> list[str]:
        return [str(service) for service in services(missions, read_asof(day))]

    told = ["Embassy of North Korea in Italy, Rome serves Spain (October 2023)"]
    assert served("2023-10-30", rome) == []
    assert served("2023-10-31", rome) == served("2024-02-29", madrid) == served("2023-12-01", rome, madrid) == told
    assert served("2024-03-01", rome, madrid) == []


@pytest.mark.django_db
def test_a_country_served_without_a_mission_there_is_a_point_with_its_name():
    coverage = make_coverage(country="MT")
    publish(coverage)
    [rome] = Mission.objects.public().named().as_of(read_asof("").day)

    drawing = locator(rome, read_asof("")).wide

    [end], [arc] = drawing.ends, drawing.arcs
    assert end.text == "Malta"
    assert (end.x, end.y) == drawing.view.on_sheet(place_in(Country.objects.get(code="MT")).on_map)
    assert arc.path.endswith(f"{end.x} {end.y}")


@pytest.mark.django_db
def test_the_map_shows_each_mission_as_it_stood_on_the_day(client: Client):
    handed_over()
    for day, status in (("2023-10-31", "open"), ("2023-11-01", "closed")):
        page = client.get("/missions/", {"view": "map", "asof": day}).content.decode()
        assert f'class="mark {status}" href="/missions/M-0002-spain/?asof={day}"' in page
        assert f"Map of two missions by status on {int(day[-2:])} " in page


@pytest.mark.django_db
def test_the_map_and_its_file_obey_the_filters_and_links_keep_the_way_it_is_shown(client: Client):
    handed_over()
    published(host="PE", city="Lima")
    everything = client.get("/missions/?view=map").content.decode()
    filtered = client.get("/missions/?view=map&extent=world&host=PE").content.decode()
    file = client.get("/missions/map.svg?host=PE").content.decode()

    assert ">Lima</text>" in everything and ">Madrid</text>" in everything
    assert ">Lima</text>" in filtered and ">Madrid</text>" not in filtered
    assert ">Lima</text>" in file and ">Madrid</text>" not in file
    assert 'href="/missions/?host=PE"' in filtered
    assert 'href="/missions/?view=map&amp;extent=world"' in filtered
    assert 'href="/missions/map.svg?host=PE&amp;extent=world"' in filtered
    assert 'href="/missions.csv?host=PE"' in filtered
    assert '<input type="hidden" name="view" value="map">' in filtered
    assert "<figure" not in client.get("/missions/?host=PE").content.decode()


@pytest.mark.django_db
def test_a_way_of_showing_that_does_not_exist_is_left_out(client: Client):
    published()
    page = client.get("/missions/?view=globe&extent=moon").content.decode()
    assert "<figure" not in page
    assert "globe" not in page and "moon" not in page


@pytest.mark.django_db
def test_the_map_of_all_pages_shows_the_missions_of_all_pages(client: Client):
    Hub().grow(60)
    page = client.get("/missions/?view=map").content.decode()
    assert "Map of 60 missions" in page
    assert page.count('<th scope="row">') == 50


@pytest.mark.django_db
def test_what_is_not_public_is_on_no_map(client: Client):
    rome, madrid = handed_over()
    draft = make_mission(host="PE", city="Lima")
    publish(make_coverage(mission=rome, country="MT"))
    make_coverage(mission=draft, country="ES")
    event = make_event(mission=madrid, stage="duties-transferred", date="2023-12", duties_to=draft)
    cite(event)
    publish(madrid)
    rome.coverages.update(state="draft")
    type(event).objects.filter(pk=event.pk).update(state="published", number=999)

    for address in ("/", "/missions/?view=map", "/missions/map.svg", madrid.get_absolute_url()):
        page = client.get(address).content.decode()
        assert "Lima" not in page and "Peru" not in page and "Malta" not in page
    assert client.get(f"{rome.get_absolute_url()}map.svg").status_code == 200
    Mission.objects.filter(pk=rome.pk).update(state="retracted", retraction_reason="Entered twice.")
    assert client.get(f"{rome.get_absolute_url()}map.svg").status_code == 410
    assert "Rome" not in client.get("/missions/map.svg").content.decode()


@pytest.mark.django_db
def test_a_file_is_an_svg_that_needs_nothing_else(client: Client):
    rome, _ = handed_over()
    for address in ("/missions/map.svg?extent=world", f"{rome.get_absolute_url()}map.svg"):
        response = client.get(address)
        assert response["Content-Type"] == "image/svg+xml"
        assert response["Content-Disposition"].startswith("attachment; filename=")
        drawn = ElementTree.fromstring(response.content)
        ids = {each.get("id") for each in drawn.iter() if each.get("id")}
        used = [each.get("href") for each in drawn.iter() if each.get("href")]
        assert used and {each.removeprefix("#") for each in used} <= ids
        written = response.content.decode()
        assert "var(" not in written and "class=" not in written and "<style" not in written
        told = "".join("".join(each.itertext()) for each in drawn.iter(f"{SVG}text"))
        assert "Natural Earth" in told and f"http://testserver{address}" in told.replace(" ", "")
        assert next(drawn.iter(f"{SVG}title")).text.startswith("Map of")


@pytest.mark.django_db
def test_a_file_whose_day_or_filters_cannot_be_read_is_refused(client: Client):
    published()
    for query in ("asof=yesterday", "host=Spain"):
        response = client.get(f"/missions/map.svg?{query}")
        assert (response.status_code, response["Content-Type"]) == (400, "text/plain; charset=utf-8")


@pytest.mark.django_db
def test_a_file_of_nothing_is_a_map_without_marks(client: Client):
    response = client.get("/missions/map.svg")
    assert response.status_code == 200
    assert "Map of no missions" in ElementTree.fromstring(response.content)[0].text


@pytest.mark.django_db
def test_a_missions_map_is_at_its_lasting_address_only(client: Client):
    mission = published()
    response = client.get(f"/missions/{mission.label}-somewhere/map.svg?asof=2023-11-15")
    assert response.status_code == 301
    assert response["Location"] == f"{mission.get_absolute_url()}map.svg?asof=2023-11-15"


@pytest.mark.django_db
def test_a_map_has_a_title_a_description_and_links_with_words(client: Client):
    handed_over()
    page = client.get("/missions/?view=map").content.decode()
    for drawing in re.findall(r'<svg class="(?:wide|narrow)".*?</svg>', page, re.DOTALL):
        drawn = ElementTree.fromstring(drawing)
        ids = {each.get("id") for each in drawn.iter()}
        assert {drawn.get("aria-labelledby"), drawn.get("aria-describedby")} <= ids
        links = list(drawn.iter("a"))
        assert len(links) == 2
        assert {link[0].tag for link in links} == {"title"}
        assert "Embassy of North Korea in Spain, Madrid: closed on 1 November 2023" in drawing


@pytest.mark.django_db
def test_maps_cost_the_same_number_of_queries_at_10_and_at_200_records(client: Client):
    """Beside the list: the missions of all its pages, their spans with the steps that decide, and two of services."""

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    hub = Hub()
    hub.grow(10)
    addresses = ("/missions/?view=map", "/missions/map.svg", f"{hub.mission.get_absolute_url()}map.svg")
    at_ten = [queries(address) for address in addresses]
    hub.grow(200)
    assert [queries(address) for address in addresses] == at_ten
    assert at_ten[0] - queries("/missions/") == 5


def test_drawing_needs_nothing_but_missions_with_their_places():
    assert draw([], [], whole_world(WIDE_WORLD)).marks == []
