"""Draft -> in review -> published -> retracted: who may do what to whose record (domain.md, rule 8).

The tables are the specification. What stands in none of their lines is refused, and leaves the
record, its versions and the queue as they were.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.test import Client

from missions.models import Mission, StatusSpan
from nkwatch.editorial import desk, proposals
from nkwatch.editorial.importing import undo
from nkwatch.editorial.models import ImportBatch, ProposedChange, ReviewNote, State
from nkwatch.editorial.roles import ROLES
from nkwatch.editorial.versions import changing
from sources.models import Source
from tests.make import make_mission, make_source, publish

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

WHO = {"everyone": {"editor", "reviewer", "administrator"}, "publishers": {"reviewer", "administrator"}}
WHOSE = {"any": {"own", "other"}, "own": {"own"}, "other": {"other"}}
KINDS = {"any": {"plain", "status"}, "plain": {"plain"}, "status": {"status"}}

# "status" records can change a mission's status; "plain" ones cannot.
TABLE = """
action    state      kind    who         whose  outcome
submit    draft      any     everyone    any    in-review
withdraw  in-review  any     everyone    own    draft
return    in-review  any     publishers  any    draft
publish   draft      plain   publishers  any    published
publish   draft      status  publishers  other  published
publish   in-review  plain   publishers  any    published
publish   in-review  status  publishers  other  published
publish   retracted  plain   publishers  any    published
publish   retracted  status  publishers  any    proposed
retract   published  plain   publishers  any    retracted
retract   published  status  publishers  any    proposed
"""

# A desk of one person turns the second pair of eyes off: what is "status" is then as what is "plain".
TABLE_WITH_FOUR_EYES_OFF = """
action    state      kind    who         whose  outcome
submit    draft      any     everyone    any    in-review
withdraw  in-review  any     everyone    own    draft
return    in-review  any     publishers  any    draft
publish   draft      any     publishers  any    published
publish   in-review  any     publishers  any    published
publish   retracted  any     publishers  any    published
retract   published  any     publishers  any    retracted
"""

# The state of a proposed change, by the answer to it.
TABLE_OF_CHANGES = """
action    state      kind    who         whose  outcome
approve   waiting    plain   publishers  any    approved
approve   waiting    status  publishers  other  approved
return    waiting    any     publishers  any    returned
withdraw  waiting    any     everyone    own    returned
"""

ADMIN_ACTIONS = {
    "submit": "submit",
    "withdraw": "withdraw",
    "return": "return_to_draft",
    "publish": "publish",
    "retract": "retract",
}


class Case(NamedTuple):
    action: str
    state: str
    kind: str
    role: str
    whose: str


def specified(table: str) -> dict[Case, str]:
    """Each case that a table allows, with its outcome."""
    allowed = {}
    for line in table.strip().splitlines()[1:]:
        action, state, kinds, who, whose, outcome = line.split()
        for kind, role, own in product(KINDS[kinds], WHO[who], WHOSE[whose]):
            allowed[Case(action, state, kind, role, own)] = outcome
    return allowed


@pytest.fixture
def people(db: None) -> dict[str, User]:
    """One of each role, and a colleague whose records are not theirs."""
    found = {role: User.objects.create_user(role, is_staff=True) for role in (*ROLES, "colleague")}
    for role in ROLES:
        found[role].groups.add(Group.objects.get(name=role))
    return found


@pytest.fixture
def clients(people: dict[str, User]) -> dict[str, Client]:
    clients = {role: Client() for role in ROLES}
    for role, client in clients.items():
        client.force_login(people[role])
    return clients


def make(case: Case, author: User, name: str) -> Any:
    """A record as the case has it, written and handed in by `author`."""
    with changing(user=author):
        record = make_mission(city=name) if case.kind == "status" else make_source(title=name)
        if case.state == State.IN_REVIEW:
            desk.submit_with_parts(record)
    if case.state in desk.BEEN_PUBLIC:
        record.publish()
    if case.state == State.RETRACTED:
        with changing(user=author):
            record.retract("Recorded by mistake.")
    return record


def cases(actions: Any, states: Any) -> Iterator[Case]:
    for values in product(actions, states, ("plain", "status"), ROLES, ("own", "other")):
        yield Case(*values)


def outcome_of(case: Case, record: Any, versions: int) -> str:
    stored = type(record)._base_manager.get(pk=record.pk)
    made = stored.history.count() - versions
    if any(change.record == record for change in ProposedChange.objects.filter(state="waiting")):
        assert (stored.state, made) == (case.state, 0)
        return "proposed"
    assert made == (0 if stored.state == case.state else 1)
    return "refused" if stored.state == case.state else str(stored.state)


@pytest.mark.parametrize("action", ADMIN_ACTIONS)
@pytest.mark.parametrize(
    ("four_eyes", "table", "kinds"), [(True, TABLE, ["plain", "status"]), (False, TABLE_WITH_FOUR_EYES_OFF, ["status"])]
)
def test_every_transition_by_every_role_in_every_state(
    action: str,
    four_eyes: bool,
    table: str,
    kinds: list[str],
    people: dict[str, User],
    clients: dict[str, Client],
    settings: Any,
) -> None:
    settings.FOUR_EYES = four_eyes
    allowed = specified(table)
    expected, found = {}, {}
    for state, kind, role in product(State.values, kinds, ROLES):
        # Their own record and a colleague's are selected together, and each is decided on its own; but what
        # changes a status is never decided along with others.
        own, other = (Case(action, state, kind, role, whose) for whose in ("own", "other"))
        made = {
            case: make(case, people[author], " ".join(case)) for case, author in ((own, role), (other, "colleague"))
        }
        versions = {case: record.history.count() for case, record in made.items()}
        address = f"/admin/{made[own]._meta.app_label}/{made[own]._meta.model_name}/"
        pks = [record.pk for record in made.values()]
        for selected in [pks] if kind == "plain" else [[pk] for pk in pks]:
            data = {"action": ADMIN_ACTIONS[action], "_selected_action": selected, "words": "Words for people."}
            assert clients[role].post(address, data).status_code == 302
        for case, record in made.items():
            expected[case] = allowed.get(case, "refused")
            found[case] = outcome_of(case, record, versions[case])

    assert found == expected


@pytest.mark.parametrize("action", ["approve", "return", "withdraw"])
def test_every_answer_to_a_proposed_change_by_every_role(
    action: str, people: dict[str, User], clients: dict[str, Client]
) -> None:
    allowed = specified(TABLE_OF_CHANGES)
    expected, found = {}, {}
    for number, case in enumerate(cases([action], ["waiting"])):
        author = people[case.role if case.whose == "own" else "colleague"]
        record = make(case._replace(state=State.PUBLISHED), people["colleague"], f"Number {number}")
        changes = {"city": f"New {number}"} if case.kind == "status" else {"title": f"New {number}"}
        change = proposals.propose(record, changes, author)
        assert change
        page = clients[case.role].get("/admin/review/", {"kind": record._meta.model_name})
        seen = next(row["seen"] for row in page.context["rows"] if row["key"] == f"change-{change.pk}")
        data = {"seen": seen, "note": "Words for people."}
        clients[case.role].post(f"/admin/review/change-{change.pk}/{action}/", data)
        change.refresh_from_db()
        expected[case] = allowed.get(case, "refused")
        found[case] = "refused" if change.state == "waiting" else str(change.state)
        change.delete()

    assert found == expected


# What retraction and its end need.


def test_a_retraction_and_its_end_need_two_people_where_a_status_hangs_on_it(people: dict[str, User]) -> None:
    one, other = people["reviewer"], people["administrator"]
    mission = make_mission()
    publish(mission)

    change = proposals.propose_retraction(mission, one, "It never stood.")
    assert change
    with pytest.raises(ValidationError, match="another reviewer must approve it"):
        proposals.approve(change, one)
    proposals.approve(change, other)
    mission.refresh_from_db()
    assert (mission.state, mission.retraction_reason) == (State.RETRACTED, "It never stood.")
    assert not StatusSpan.objects.exists()

    # Whoever approved that does not take it back alone.
    back = proposals.propose_publishing_again(mission, other)
    assert back
    with pytest.raises(ValidationError, match="another reviewer must approve it"):
        proposals.approve(back, other)
    proposals.approve(back, one)
    mission.refresh_from_db()
    assert (mission.state, mission.retraction_reason, mission.label) == (State.PUBLISHED, "", "M-0001")
    assert StatusSpan.objects.exists()


def test_the_same_is_proposed_once(people: dict[str, User], clients: dict[str, Client]) -> None:
    mission = make_mission()
    publish(mission)
    data = {"action": "retract", "_selected_action": mission.pk, "words": "It never stood."}

    for _ in range(2):
        page = clients["reviewer"].post("/admin/missions/mission/", data, follow=True)

    assert ProposedChange.objects.count() == 1
    assert "is proposed already" in str(next(iter(page.context["messages"])))


def test_what_is_brought_back_passes_the_guards_of_publication(people: dict[str, User]) -> None:
    actor_less = make_source(title="Original")
    reprint = make_source(title="Reprint", republication_of=actor_less)
    publish(actor_less, reprint)
    reprint.retract("Recorded twice.")
    actor_less.retract("Recorded twice.")
    back = proposals.propose_publishing_again(reprint, people["editor"])
    assert back

    with pytest.raises(ValidationError, match="which is not published yet"):
        proposals.approve(back, people["reviewer"])

    reprint.refresh_from_db()
    assert reprint.state == State.RETRACTED


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_proposed_retraction_needs_a_public_reason(reason: str, people: dict[str, User]) -> None:
    mission = make_mission()
    publish(mission)

    with pytest.raises(ValidationError, match="A retraction needs a reason that readers can be told"):
        proposals.propose_retraction(mission, people["reviewer"], reason)

    assert not ProposedChange.objects.exists()


@pytest.mark.parametrize("note", ["", "  \n"])
def test_a_return_needs_a_note(note: str, people: dict[str, User]) -> None:
    source = make_source()
    source.submit()

    with pytest.raises(ValidationError, match="needs a note that tells its author why"):
        desk.return_with_parts(source, people["reviewer"], note)

    assert Source.objects.get().state == State.IN_REVIEW
    assert not ReviewNote.objects.exists()


def test_a_withdrawal_takes_back_what_one_wrote_or_handed_in(people: dict[str, User]) -> None:
    with changing(user=people["colleague"]):
        source = make_source()
    with changing(user=people["editor"]):
        desk.submit_with_parts(source)

    desk.withdraw_with_parts(source, people["editor"])

    assert Source.objects.get().state == State.DRAFT


# Other doors to the same.


def test_taking_an_import_back_does_not_change_a_status_alone(people: dict[str, User]) -> None:
    batch = ImportBatch.objects.create(file="missions.csv", digest="0" * 64, door="import")
    with changing(user=people["reviewer"], batch=batch.pk):
        mission, source = make_mission(), make_source()
    publish(mission, source)

    done = undo.undo(batch, people["reviewer"], "a wrong sheet")

    mission.refresh_from_db()
    source.refresh_from_db()
    assert (mission.state, source.state) == (State.PUBLISHED, State.RETRACTED)
    assert [(record, why) for record, why in done.left_alone] == [(mission, undo.NEEDS_ANOTHER)]
    change = ProposedChange.objects.get()
    assert (change.record, change.author, change.difference["state"]["new"]) == (
        mission,
        people["reviewer"],
        State.RETRACTED,
    )


def test_with_four_eyes_off_it_does(people: dict[str, User], settings: Any) -> None:
    settings.FOUR_EYES = False
    batch = ImportBatch.objects.create(file="missions.csv", digest="0" * 64, door="import")
    with changing(user=people["reviewer"], batch=batch.pk):
        mission = make_mission()
    publish(mission)

    undo.undo(batch, people["reviewer"])

    assert Mission.objects.get().state == State.RETRACTED
