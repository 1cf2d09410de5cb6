"""`check_record` derives everything again and says what is off."""

import pytest
from django.core.management import CommandError, call_command

from missions.models import ClosureEvent, EventCitation, StatusSpan
from nkwatch.editorial.models import PublicChange
from nkwatch.site.models import SearchEntry
from sources.models import Actor, Source
from tests.make import cite, make_actor, make_event, make_source, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    """A closing notified by the sending state, with everything derived."""
    event = make_event(stage="closed", date="2023-12")
    ministry = make_actor(name="Foreign Ministry", capacity="government", country="KP")
    cite(event, make_source(source_url="https://example.org/a", outlet=make_actor()), attributed_to_actor=ministry)
    publish(event)
    return event


def test_a_record_as_the_rules_leave_it_is_clean(event, capsys):
    call_command("check_record")

    assert "The record is clean" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("corrupt", "found"),
    [
        (lambda: ClosureEvent.objects.update(support_level="unsourced"), "closure event E-0001"),
        (lambda: EventCitation.objects.update(origin_body=None), "event citation"),
        (lambda: StatusSpan.objects.filter(status="closed").update(status="open"), "status of mission M-0001"),
        (lambda: StatusSpan.objects.all().delete(), "status of mission M-0001"),
        (lambda: ClosureEvent.objects.update(date_latest="2023-12-30"), "E-0001: the bounds of date are off"),
        (lambda: Source.objects.update(canonical_url=""), "source S-0001: its canonical address is off"),
        (lambda: Source.objects.update(title_key="x"), "source S-0001: its title key is off"),
        (lambda: PublicChange.objects.all().delete(), "closure event E-0001: the changes that readers are told"),
        (lambda: PublicChange.objects.update(kind="correction"), "source S-0001: the changes that readers are told"),
        (lambda: SearchEntry.objects.all().delete(), "E-0001 cannot be found; run rebuild_search"),
        (lambda: Actor.objects.filter(name="Foreign Ministry").update(name_key="x"), "its name key is off"),
    ],
)
def test_whatever_is_off_is_named_and_left_as_it_stands(event, corrupt, found, capsys):
    corrupt()

    with pytest.raises(CommandError, match="off"):
        call_command("check_record")
    first = capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("check_record")

    assert found in first
    assert capsys.readouterr().out == first
