"""Names that an importer chose to keep: a text becomes another name of the record it means (pages.md, B3)."""

from typing import Any, NamedTuple

from missions.import_names import columns_that_name_records
from missions.models import Mission
from nkwatch.editorial import proposals
from nkwatch.editorial.desk import BEEN_PUBLIC
from nkwatch.editorial.models import ImportBatch, ImportRow, State, numbered
from nkwatch.editorial.sheet_options import SheetOptions
from nkwatch.editorial.sheets import HEADER_ROWS, SheetResource
from nkwatch.editorial.text import fold, join_list, split_list
from nkwatch.editorial.versions import current_change
from sources.models import Actor, ActorName


class Kept(NamedTuple):
    """How many names were stored, and how many have to wait as proposed changes."""

    stored: int
    proposed: int


def keep_names(resource: type[SheetResource], options: SheetOptions, batch: ImportBatch) -> Kept:
    """Store the names of `options.kept`, in the import's own transaction, for a reviewer to look at.

    Names of actors arrive in review; a published mission gets a proposed change (domain.md, rule 8).
    A name that stands already is left alone.
    """
    stored = proposed = 0
    namings = columns_that_name_records(resource)
    for column, texts in options.kept.items():
        for text in texts if column in namings else ():
            record = numbered(namings[column].model, options.names.get(column, {}).get(text, ""))
            if isinstance(record, Actor):
                stored += _keep_for_actor(record, text, batch)
            elif isinstance(record, Mission):
                kept = _keep_for_mission(record, text, batch)
                stored, proposed = stored + kept.stored, proposed + kept.proposed
    return Kept(stored, proposed)


def _keep_for_actor(actor: Actor, text: str, batch: ImportBatch) -> bool:
    """Returns whether the name is new."""
    if fold(text) == actor.name_key or actor.names.filter(name_key=fold(text)).exists():
        return False
    name = ActorName(actor=actor, name=text, state=State.IN_REVIEW)
    name.save()
    _note(batch, name, ImportRow.Outcome.NEW)
    return True


def _keep_for_mission(mission: Mission, text: str, batch: ImportBatch) -> Kept:
    names = split_list(mission.other_names)
    if fold(text) in map(fold, [mission.name, mission.name_original, *names]):
        return Kept(0, 0)
    change = current_change()
    other_names = join_list([*names, text])
    if mission.state in BEEN_PUBLIC:
        user: Any = change.user
        return Kept(0, int(proposals.propose(mission, {"other_names": other_names}, user, change.reason) is not None))
    mission.other_names = other_names
    mission.save()
    _note(batch, mission, ImportRow.Outcome.CHANGED)
    return Kept(1, 0)


def _note(batch: ImportBatch, record: Any, outcome: ImportRow.Outcome) -> None:
    """So that undoing the import finds the name: it belongs to the whole sheet, hence to its header."""
    ImportRow.objects.create(batch=batch, sheet=batch.file, row=HEADER_ROWS, outcome=outcome, record=record)
