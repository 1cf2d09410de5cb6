"""Names that an importer chose to keep: a text becomes another name of the record it means (pages.md, B3)."""

from collections import defaultdict
from typing import Any, NamedTuple

from missions.importing.names import columns_that_name_records
from missions.models import Mission
from nkwatch.editorial import proposals
from nkwatch.editorial.desk import BEEN_PUBLIC
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.importing.sheets import HEADER_ROWS, SheetResource
from nkwatch.editorial.models import ImportBatch, ImportRow, State, numbered
from nkwatch.editorial.text import fold, join_list, split_list
from nkwatch.editorial.versions import current_change
from sources.models import Actor, ActorName


class Kept(NamedTuple):
    """How many names were stored, and how many have to wait as proposed changes."""

    stored: int
    proposed: int


def keep_names(resource: type[SheetResource], options: SheetOptions, batch: ImportBatch) -> Kept:
    """Store the names of `options.kept`, in the import's own transaction, for a reviewer to look at.

    Names of actors arrive in review; a published mission gets one proposed change with all its new
    names (domain.md, rule 8). A name that stands or is proposed already is left alone.
    """
    stored = proposed = 0
    for record, texts in _texts_by_record(resource, options).items():
        if isinstance(record, Actor):
            stored += sum(_keep_for_actor(record, text, batch) for text in texts)
        elif isinstance(record, Mission):
            kept = _keep_for_mission(record, texts, batch)
            stored, proposed = stored + kept.stored, proposed + kept.proposed
    return Kept(stored, proposed)


def _texts_by_record(resource: type[SheetResource], options: SheetOptions) -> dict[Any, list[str]]:
    found: dict[Any, list[str]] = defaultdict(list)
    namings = columns_that_name_records(resource)
    for column, texts in options.kept.items():
        for text in texts if column in namings else ():
            if record := numbered(namings[column].model, options.names.get(column, {}).get(text, "")):
                found[record].append(text)
    return found


def _keep_for_actor(actor: Actor, text: str, batch: ImportBatch) -> bool:
    """Returns whether the name is new."""
    if fold(text) == actor.name_key or actor.names.filter(name_key=fold(text)).exists():
        return False
    name = ActorName(actor=actor, name=text, state=State.IN_REVIEW)
    name.save()
    _note(batch, name, ImportRow.Outcome.NEW)
    return True


def _keep_for_mission(mission: Mission, texts: list[str], batch: ImportBatch) -> Kept:
    new: dict[str, str] = {}
    for text in texts:
        if fold(text) not in map(fold, mission.names):
            new.setdefault(fold(text), text)
    if not new:
        return Kept(0, 0)
    other_names = join_list([*split_list(mission.other_names), *new.values()])
    if mission.state in BEEN_PUBLIC:
        change = current_change()
        user: Any = change.user
        proposed = proposals.propose_once(mission, {"other_names": other_names}, user, change.reason)
        return Kept(0, int(proposed is not None))
    mission.other_names = other_names
    mission.save()
    _note(batch, mission, ImportRow.Outcome.CHANGED)
    return Kept(len(new), 0)


def _note(batch: ImportBatch, record: Any, outcome: ImportRow.Outcome) -> None:
    """So that undoing the import finds the name: it belongs to the whole sheet, hence to its header."""
    ImportRow.objects.create(batch=batch, sheet=batch.file, row=HEADER_ROWS, outcome=outcome, record=record)
