"""Changing one record through whichever door: at once, or as a proposal where rule 8 asks for one (domain.md)."""

import copy
from collections.abc import Mapping
from typing import Any, NamedTuple

from nkwatch.editorial import proposals
from nkwatch.editorial.models import ProposedChange


class Edited(NamedTuple):
    """What became of a change: written, or waiting for a reviewer; neither, where the record holds it already.

    `proposed` is the proposal that was made; None as well where the same one waits already.
    """

    changed: bool = False
    waits: bool = False
    proposed: ProposedChange | None = None


def edit(record: Any, changes: Mapping[str, Any], user: Any, reason: str = "") -> Edited:
    """Give `record` these values, many-valued fields as lists of records or ids: one version, or one proposal.

    The caller signs the version (`changing`). Raises ValidationError, and IntegrityError for a twin.
    """
    altered = proposals.difference(record, changes)
    if not altered:
        return Edited()
    edited, lists = copy.copy(record), {}
    for name in altered:
        if record._meta.get_field(name).many_to_many:
            lists[name] = changes[name]
        else:
            setattr(edited, name, changes[name])
    if proposals.must_propose(record, user):
        edited.full_clean()
        return Edited(waits=True, proposed=proposals.propose_once(record, changes, user, reason))
    proposals.store_in_one_version(edited, lists)
    return Edited(changed=True)
