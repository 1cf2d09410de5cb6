"""The pictures besides the map: drawn on the server, with the same numbers in a table, as of any day."""

import re
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import User
from django.test import Client

from missions.models import ReportedFigure
from missions.pictures.scales import axis
from missions.pictures.step_chart import step_chart
from nkwatch.editorial.edtf import bounds
from nkwatch.editorial.merging.merges import merge
from tests.make import (
    cite,
    make_actor,
    make_event,
    make_figure,
    make_mission,
    make_quote,
    make_reason,
    make_source,
    make_steps,
    publish,
)

pytestmark = pytest.mark.django_db

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def closings():
    """Two missions opened and closed, one of them announced; one open; and two totals of others."""
    make_steps(("opened", "2023-01-01"), ("announced", "2023-11-01"), ("closed", "2023-11-20/2023-12-05"))
    make_steps(("opened", "2023-02-01"), ("closed", "2024-01-30"), host="LY")
    make_steps(("opened", "2023-03-01"), host="IT")
    ministry = make_actor(name="Unification Ministry", capacity="government", country="KR")
    publish(make_figure(low=53, high=53, as_of="2023-11", speaker=ministry))
    publish(make_figure(low=51, high=None, worded="over 50", as_of="2023-12-01"))


def svg_of(client: Client, address: str) -> ElementTree.Element:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/svg+xml"
    return ElementTree.fromstring(answer.content)


def inline_svgs(client: Client, address: str) -> list[ElementTree.Element]:
    page = client.get(address).content.decode()
    return [ElementTree.fromstring(each) for each in re.findall(r'<svg class="plot" xmlns.*?</svg>', page, re.DOTALL)]


def words(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def labels(svg: ElementTree.Element) -> list[str]:
    return [words(text) for text in svg.iter(f"{SVG}text") if text.get("class") == "label"]


def table_numbers(client: Client, address: str) -> list[tuple[str, ...]]:
    page = client.get(address).content.decode()
    table = page[page.index('<details class="numbers">') : page.index("</details>")]
    rows = re.findall(r'datetime="([\d-]+)".*?((?:<td class="n">\d+</td>\s*){4})', table, re.DOTALL)
    return [(day, *re.findall(r"\d+", numbers.replace('class="n"', ""))) for day, numbers in rows]


def figures():
    return ReportedFigure.objects.public()


def test_the_table_beside_the_step_chart_holds_the_numbers_of_its_series(client: Client, closings):
    for day in ("2024-06-01", "2023-11-25"):
        chart = step_chart(abroad=True, day=bounds(day).latest, figures=figures())
        numbers = table_numbers(client, f"/?asof={day}")
        assert len(numbers) > 3
        assert numbers == [tuple(map(str, point)) for point in chart.points]


def test_the_lines_of_the_step_chart_end_at_the_numbers_of_its_series(client: Client, closings):
    svg = svg_of(client, "/figures/missions-open.svg?asof=2023-11-25")
    ends = {text.get("class"): words(text) for text in svg.iter(f"{SVG}text") if "end " in text.get("class", "")}
    assert ends == {"end recorded": "3", "end announced": "2"}


def test_the_step_chart_shows_nothing_after_the_day_asked_for(client: Client, closings):
    page = client.get("/?asof=2023-11-15").content.decode()
    svg = svg_of(client, "/figures/missions-open.svg?asof=2023-11-15")
    assert labels(svg) == []
    for told in (page[page.index("<main") :], words(svg)):
        assert "2024" not in told
        assert "December 2023" not in told
        assert "over 50" not in told


@pytest.mark.parametrize("day", ["0001-01-01", "1900-01-01", "9999-12-31"])
def test_the_farthest_days_are_drawn_too(client: Client, closings, day: str):
    for name in ("missions-open", "missions-open-in-pyongyang"):
        assert svg_of(client, f"/figures/{name}.svg?asof={day}").find(f"{SVG}desc").text
    assert client.get(f"/?asof={day}").status_code == 200


def test_totals_of_others_are_labelled_diamonds_with_an_arrow_where_they_are_bounds(client: Client, closings):
    svg = svg_of(client, "/figures/missions-open.svg?asof=2024-06-01")
    assert sorted(labels(svg)) == ["53, Unification Ministry", "over 50"]
    kinds = [path.get("class") for path in svg.findall(f"./{SVG}g[@class='totals']//{SVG}path")]
    assert kinds.count("diamond") == 2
    assert kinds.count("arrow") == 1


def test_an_axis_that_is_cut_says_so(client: Client, closings):
    said = "The scale is cut: it leaves out what is between 3 and 50."
    assert said in words(svg_of(client, "/figures/missions-open.svg"))
    assert said in client.get("/").content.decode()
    for figure in figures():
        figure.retract(reason="It counts something else.")
    assert "The scale is cut" not in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"),
    [(0, 3, (0, 3, 1)), (0, 10, (0, 10, 2)), (43, 53, (42, 54, 2)), (1, 1, (1, 2, 1)), (0, 0, (0, 1, 1))],
)
def test_an_axis_starts_at_zero_unless_that_left_most_of_it_empty(lowest: int, highest: int, expected: tuple):
    assert axis(lowest, highest) == expected


def test_every_picture_stands_wide_and_narrow_and_is_named_and_described(client: Client, closings):
    for address, most in (("/", 2), ("/figures/", 2)):
        drawn = inline_svgs(client, address)
        assert len(drawn) == most
        assert [svg.get("viewBox").split()[2] for svg in drawn] == ["600", "288"]
        for svg in drawn:
            named = [svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")]
            assert all(words(each) for each in named)
            assert svg.get("aria-labelledby").split() == [each.get("id") for each in named]
        ids = [each.get("id") for svg in drawn for each in svg.iter() if each.get("id")]
        assert len(ids) == len(set(ids))


def test_letters_of_the_narrow_picture_are_twelve_pixels_where_it_is_smallest(client: Client, closings):
    narrow = inline_svgs(client, "/")[1]
    shown_at = 320 - 2 * 16
    assert float(narrow.get("font-size")) * shown_at / float(narrow.get("width")) >= 12


def test_a_picture_in_a_file_brings_its_colours_and_asks_for_nothing_else(client: Client, closings):
    for name in ("missions-open", "missions-abroad"):
        answer = client.get(f"/figures/{name}.svg")
        text = answer.content.decode()
        assert answer["Content-Disposition"] == f'attachment; filename="{name}.svg"'
        assert set(re.findall(r"var\((--[\w-]+)\)", text)) <= set(re.findall(r"(--[\w-]+):", text))
        assert "prefers-color-scheme: dark" in text
        assert re.findall(r'(?:href|src)=|url\((?!"#)|@import|<script', text) == []


def test_the_figures_chart_says_what_each_comparison_comes_to(client: Client, closings):
    publish(make_figure(metric="closures-planned", low=2, high=2, as_of="2024-01-30"))
    publish(make_figure(metric="closures-planned", low=None, high=1, worded="one at most", as_of="2024-01-30"))
    publish(make_figure(metric="countries-with-relations", low=160, high=160, as_of="2023"))
    planned = svg_of(client, "/figures/closures-planned.svg")
    assert sorted(labels(planned)) == ["2: agrees", "one at most: differs"]
    assert len(inline_svgs(client, "/figures/")) == 4
    assert len(inline_svgs(client, "/figures/?metric=closures-planned")) == 2
    assert client.get("/figures/countries-with-relations.svg").status_code == 404


def test_nothing_unpublished_is_drawn(client: Client, closings):
    hidden = make_figure(low=77, high=77, as_of="2023-12-31", speaker=make_actor(name="Somebody Hidden"))
    make_event(mission=make_mission(host="CD", city="Hidden"), stage="opened", date="2023-03-01")
    for address in ("/", "/figures/", "/figures/missions-open.svg", "/figures/missions-abroad.svg"):
        page = client.get(address).content.decode()
        assert "77" not in re.sub(r'="[^"]*"', "", page[page.find("<main") :])
        assert "Hidden" not in page
    publish(hidden)
    assert "77, Somebody Hidden" in labels(svg_of(client, "/figures/missions-open.svg"))


def timeline_of(client: Client, address: str) -> list[str]:
    """The headings and sentences of the timeline, from the top."""
    page = client.get(address).content.decode()
    told = re.findall(
        r'<h[23][^>]*>(.*?)</h[23]>|<p class="sentence"><a[^>]*>(.*?)</a>',
        page[page.index("<main") : page.index("</main>")],
    )
    return [re.sub(r"<[^>]+>", "", heading or sentence).strip() for heading, sentence in told]


def test_the_timeline_groups_events_by_year_and_month(client: Client):
    make_steps(("seen-open", "2022-12-31"), ("announced", "2023-11-01"), ("closed", "../2023-11-05"), ("farewell", ""))
    assert timeline_of(client, "/events/?view=timeline") == [
        "2023 Two steps",
        "November",
        "The embassy of North Korea in Spain closed",
        "The closing of the embassy of North Korea in Spain was announced",
        "2022 One step",
        "December",
        "The embassy of North Korea in Spain was seen open",
        "No date given One step",
        "A farewell call was made from the embassy of North Korea in Spain",
    ]


def test_the_timeline_and_the_table_keep_the_filters_and_the_day(client: Client):
    make_steps(("announced", "2023-11-01"), ("closed", "2023-12-05"))
    asked = "stage=announced&stage=closed&asof=2023-11-30&ordering=date"
    page = client.get(f"/events/?{asked}&view=timeline").content.decode()
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/events/\?[^"]*)"', page)]
    kept = "/events/?asof=2023-11-30&stage=announced&stage=closed&ordering=date"
    assert kept in links
    assert "/events/?asof=2023-11-30&stage=closed&ordering=date&view=timeline" in links
    assert '<input type="hidden" name="view" value="timeline">' in page
    assert "Spain closed" not in " ".join(timeline_of(client, f"/events/?{asked}&view=timeline"))
    assert f"{kept}&view=timeline" in client.get(kept).content.decode().replace("&amp;", "&")


def test_a_timeline_in_another_order_has_no_years(client: Client):
    make_steps(("announced", "2023-11-01"))
    told = timeline_of(client, "/events/?view=timeline&ordering=-updated")
    assert told == ["The closing of the embassy of North Korea in Spain was announced"]


def bars(svg_or_page: str) -> list[str]:
    return re.findall(r'<rect class="bar-(open|closing|closed|suspended|unknown|window)"', svg_or_page)


def test_the_status_track_is_solid_hatched_and_outlined(client: Client):
    mission = make_steps(("opened", "2000-01-01"), ("announced", "2023-11-01"), ("closed", "2023-11-20/2023-12-05"))
    page = client.get(mission.get_absolute_url()).content.decode()
    track = re.search(r'<ol class="track".*?</ol>', page, re.DOTALL).group()
    file = client.get(f"/missions/{mission.label}/track.svg")
    assert bars(track) == bars(file.content.decode()) == ["open", "closing", "window", "closed"]
    assert re.findall(r"<strong>(\w+)</strong>", track) == ["Open", "Closing", "Closing", "Closed"]
    assert "Until 1 November 2023." in track
    assert ElementTree.fromstring(file.content).find(f"{SVG}title").text == str(mission)


def test_the_status_track_ends_on_the_day_asked_for_with_its_mark(client: Client):
    mission = make_steps(("announced", "2023-11-01"), ("closed", "2023-11-20/2023-12-05"))
    for address in (mission.get_absolute_url(), f"/missions/{mission.label}/track.svg"):
        told = client.get(f"{address}?asof=2023-11-25").content.decode()
        assert bars(told) == ["open", "closing", "window"]
        assert "May have closed" in told
        assert "5 December" not in told


def test_the_status_track_of_a_mission_that_is_not_public_does_not_answer(client: Client):
    hidden, known = make_mission(), make_steps(("announced", "2023-11-01"), host="IT")
    assert client.get(f"/missions/{known.label}/track.svg").status_code == 200
    for label in (hidden.label, "M-9999", f"E-{known.number:04d}"):
        assert client.get(f"/missions/{label}/track.svg").status_code == 404


def test_the_track_of_a_mission_that_went_leads_on_or_says_why(client: Client, reviewer: User, settings):
    settings.FOUR_EYES = False
    kept, merged = make_mission(city="Madrid"), make_mission(city="")
    publish(kept, merged)
    merge(kept, merged, by=reviewer, reason="One embassy.")
    answer = client.get(f"/missions/{merged.label}/track.svg?asof=2023-11-15")
    assert (answer.status_code, answer["Location"]) == (301, f"/missions/{kept.label}/track.svg?asof=2023-11-15")
    kept.retract("It never was one.")
    assert client.get(f"/missions/{kept.label}/track.svg").status_code == 410


def matrix_links(client: Client, address: str) -> list[str]:
    page = client.get(address).content.decode().replace("&amp;", "&")
    return re.findall(r'<a class="dots" href="([^"]*)"><b>(\d+)</b>', page)


def test_a_cell_of_the_reasons_matrix_links_to_as_many_statements_as_it_counts(client: Client):
    reason = make_reason()
    analyst = make_actor(name="An Analyst", kind="person", capacity="analyst")
    for number, said in enumerate(["2023-11-01", "2023-12-01", "2024-01-01"]):
        quote = make_quote(text=f"They cannot pay, said {number} times.", speaker=analyst, said_on=said)
        quote.reasons.add(reason)
        cite(quote, make_source(title=f"One carrier of {number}"))
        cite(quote, make_source(title=f"Another carrier of {number}"))
        publish(reason, quote)
    unsaid = make_quote(text="Nobody is named for this.", said_on="2023-11-01")
    unsaid.reasons.add(reason)
    publish(unsaid)
    for page in ("/", "/reasons/"):
        assert matrix_links(client, page) == [
            ("/quotes/?reason=sanctions&capacity=analyst", "3"),
            ("/reasons/sanctions/#speaker-not-stated", "1"),
        ]
        earlier = matrix_links(client, f"{page}?asof=2023-12-15")
        assert [count for _, count in earlier] == ["2", "1"]
        (listed, _), (section, _) = earlier
        assert client.get(listed).content.decode().count('<div class="said">') == 2
        assert '<section id="speaker-not-stated"' in client.get(section.partition("#")[0]).content.decode()
