"""Same thing, once: domain.md, rule 6."""

import re
import unicodedata

import pytest
from courlan import normalize_url
from django.core.exceptions import ValidationError
from hypothesis import example, given, settings
from hypothesis import strategies as st
from url_normalize import url_normalize

from missions.matching import mission_named, same_event, same_figure, same_mission
from missions.models import ClosureEvent, Mission, ReportedFigure
from nkwatch.editorial.bulk import PLAIN_ADDRESS, cleaner
from nkwatch.editorial.text import fold
from sources.addresses import REGULAR, canonical_url
from sources.matching import country_named, same_actor, same_quote, same_source
from sources.models import Actor, ActorName, Quote, Source
from tests.make import cite, make_actor, make_event, make_figure, make_mission, make_quote, make_source

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "other",
    [
        "http://example.org/a?b=1",
        "https://EXAMPLE.org/a?b=1#part",
        "https://example.org:443/a?b=1",
        "https://example.org/a?b=1&utm_source=feed",
        "https://example.org/a;jsessionid=8f?b=1",
    ],
)
def test_spellings_of_one_address_meet(other):
    assert canonical_url(other) == canonical_url("https://example.org/a?b=1")


@settings(deadline=None)
@given(url=st.from_regex(REGULAR, fullmatch=True))
def test_a_regular_address_is_what_the_libraries_make_of_it(url):
    assert canonical_url(url) == re.sub("^http://", "https://", normalize_url(url_normalize(url)))


@settings(deadline=None)
@given(url=st.from_regex(PLAIN_ADDRESS, fullmatch=True))
@example("https://" + "".join(f"{'a' * 32}." for _ in range(5)) + "b" * 30 + "/" + "[" * 1000)
def test_a_plain_address_of_an_import_is_one_that_its_field_takes_as_it_is(url):
    field = Source._meta.get_field("source_url")
    assert field.clean(url, None) == url


@pytest.mark.parametrize(
    "url", ["ftp://example.org/a", "https://exa mple.org", "https://example.org/a\nb", "example.org"]
)
def test_an_address_that_its_field_refuses_is_refused_in_an_import(url):
    with pytest.raises(ValidationError):
        cleaner(Source._meta.get_field("source_url"))(url)


def test_another_page_keeps_another_address():
    assert canonical_url("https://example.org/a?b=1") != canonical_url("https://example.org/a?b=2")


@pytest.mark.parametrize("text", ["http://[oops", "https://[::1", "http://[1.2.3.4]/a#b"])
def test_what_is_no_address_stays_for_its_field_to_refuse(text):
    assert canonical_url(text) == text
    with pytest.raises(ValidationError, match="begin with http"):
        make_source(source_url=text)


def test_a_source_is_known_by_its_address_whatever_its_title():
    known = make_source(source_url="https://example.org/a")

    found = same_source(Source(title="Another headline", source_url="http://example.org/a#top"))

    assert found == known


def test_without_an_address_a_source_is_known_by_title_outlet_and_date():
    paper = make_actor(name="The Independent")
    known = make_source(title="Embassy to close", outlet=paper, issued="2023-10-24")

    assert same_source(Source(title="EMBASSY TO CLOSE!", outlet=paper, issued="2023-10")) == known
    assert same_source(Source(title="Embassy to close", outlet=paper, issued="2023-11")) is None
    assert same_source(Source(title="Embassy to close", issued="2023-10-24")) is None


def test_what_describes_an_untitled_source_identifies_it():
    known = make_source(title="", described_as="Note of the embassy", issued="")

    assert same_source(Source(described_as="note of the Embassy")) == known


@pytest.mark.parametrize("spelling", ["Thae Yong-ho", "TAE YONGHO", "Tae Yong-Ho", "태영호"])
def test_spellings_of_one_name_meet(spelling):
    tae = make_actor(kind="person", name="Tae Yongho", capacity="former-official", country="KR")
    for name in ("Thae Yong-ho", "태영호"):
        ActorName.objects.create(actor=tae, name=name)

    assert same_actor(Actor(kind="person", name=spelling)) == tae


@settings(deadline=None)
@given(text=st.text(st.characters(max_codepoint=127)))
def test_plain_letters_are_folded_like_any_others(text):
    letters = (c for c in unicodedata.normalize("NFKD", text.casefold()) if unicodedata.category(c)[0] in "LN")
    assert fold(text) == "".join(letters)


def test_ministries_of_one_name_are_told_apart_by_country():
    for country in ("KP", "KR", "CN"):
        make_actor(name="Ministry of Foreign Affairs", capacity="government", country=country)

    found = same_actor(Actor(kind="organisation", name="Ministry of Foreign Affairs", country_id="KR"))

    assert found.country_id == "KR"


def test_a_name_that_fits_several_actors_is_an_error_that_lists_them():
    for country in ("KP", "KR"):
        make_actor(name="Ministry of Foreign Affairs", capacity="government", country=country)

    with pytest.raises(ValidationError, match="Several records fit “Ministry of Foreign Affairs”"):
        same_actor(Actor(kind="organisation", name="Ministry of Foreign Affairs"))


def test_a_person_is_not_an_organisation_of_the_same_name():
    make_actor(name="Chosun", kind="organisation")

    assert same_actor(Actor(kind="person", name="Chosun")) is None


def test_initials_alone_never_match():
    make_actor(kind="person", name="J. P.", country="KR")

    assert same_actor(Actor(kind="person", name="J. P.", country_id="KR")) is None


def test_somebody_unnamed_is_the_same_only_within_one_body():
    ministry = make_actor(name="Unification Ministry", capacity="government", country="KR")
    official = make_actor(kind="unnamed", name="an official", part_of=ministry, capacity="government", country="KR")
    make_actor(kind="unnamed", name="a diplomat", capacity="government", country=None)

    assert same_actor(Actor(kind="unnamed", name="an official", part_of=ministry)) == official
    assert same_actor(Actor(kind="unnamed", name="an official")) is None
    assert same_actor(Actor(kind="unnamed", name="a diplomat")) is None


@pytest.mark.parametrize(
    ("kind", "city"), [("embassy", "Madrid"), ("embassy", ""), ("unspecified", "Madrid"), ("unspecified", "")]
)
def test_what_is_not_known_of_a_mission_fits_anything(kind, city):
    known = make_mission(kind="embassy", city="Madrid")

    assert same_mission(Mission(sending_id="KP", host_id="ES", kind=kind, city=city)) == known


def test_another_kind_at_the_same_place_is_an_error_that_names_the_fit():
    make_mission(host="HK", kind="consulate-general", city="")

    with pytest.raises(ValidationError, match="is of kind consulate general, not embassy"):
        same_mission(Mission(sending_id="KP", host_id="HK", kind="embassy"))


def test_a_consulate_in_another_city_is_another_mission():
    make_mission(host="CN", kind="embassy", city="Beijing")

    assert same_mission(Mission(sending_id="KP", host_id="CN", kind="consulate-general", city="Shenyang")) is None


def test_a_mission_goes_by_any_of_its_names():
    madrid = make_mission(name_original="스페인 주재 북한 대사관", other_names="Embassy in Madrid; Aravaca house")

    assert mission_named("embassy in madrid") == madrid
    assert mission_named("스페인 주재 북한 대사관") == madrid


def test_events_of_one_stage_with_a_day_in_common_are_one():
    known = make_event(stage="closed", date="../2023-12-05")

    found = same_event(ClosureEvent(mission=known.mission, stage="closed", date="2023-11"))

    assert found == known
    assert same_event(ClosureEvent(mission=known.mission, stage="closed", date="2023-12-06")) is None
    assert same_event(ClosureEvent(mission=known.mission, stage="announced", date="2023-11")) is None


def test_of_several_overlapping_events_the_narrowest_fits():
    wide = make_event(stage="reported", date="2023")
    narrow = make_event(mission=wide.mission, stage="reported", date="2023-10-27")

    assert same_event(ClosureEvent(mission=wide.mission, stage="reported", date="2023-10")) == narrow


def test_undated_events_match_only_undated():
    dated = make_event(stage="reported", date="2023-10")
    undated = make_event(mission=dated.mission, stage="reported", date="")

    assert same_event(ClosureEvent(mission=dated.mission, stage="reported")) == undated
    assert same_event(ClosureEvent(mission=dated.mission, stage="reported", date="2023-10-01")) == dated


def test_a_source_cited_for_that_stage_and_date_before_means_the_same_event():
    wide = make_event(stage="reported", date="2023")
    make_event(mission=wide.mission, stage="reported", date="2023-10-27")
    source = make_source()
    cite(wide, source, date="2023-10")

    candidate = ClosureEvent(mission=wide.mission, stage="reported", date="2023-10")

    assert same_event(candidate, source, "2023-10") == wide


def test_all_but_the_same_words_of_one_speaker_on_a_day_are_one_quote():
    tae = make_actor(kind="person", name="Tae Yongho")
    known = make_quote(speaker=tae, text="This shows the sanctions are working well globally.", said_on="2023-11")

    said = "This shows the sanctions are working well, globally"
    assert same_quote(Quote(speaker=tae, text=said, said_on="2023-11-02")) == known
    assert same_quote(Quote(speaker=tae, text=said, said_on="2023-12-02")) is None
    assert same_quote(Quote(text=said, said_on="2023-11-02")) is None
    assert same_quote(Quote(speaker=tae, text="Other words altogether.", said_on="2023-11-02")) is None


def test_figures_are_one_by_metric_numbers_day_and_speaker():
    known = make_figure(metric="closures-planned", low=None, high=12, as_of="2023-11")

    assert same_figure(ReportedFigure(metric="closures-planned", high=12, as_of="2023-11", worded="a dozen")) == known
    assert same_figure(ReportedFigure(metric="closures-planned", high=12, as_of="2023-12")) is None
    assert same_figure(ReportedFigure(metric="closures-planned", low=12, as_of="2023-11")) is None


@pytest.mark.parametrize(
    ("name", "code"), [("DRC", "CD"), ("zaire", "CD"), ("북한", "KP"), ("ESP", "ES"), ("Hong Kong SAR", "HK")]
)
def test_countries_go_by_codes_and_names(name, code):
    assert country_named(name).code == code


@pytest.mark.parametrize("name", ["Congo", "Korea"])
def test_ambiguous_country_names_are_nobody(name):
    assert country_named(name) is None
