"""What the desk keeps: publishing, record numbers, imports, proposed changes."""

from nkwatch.editorial.models.changes import GONE, ChangeKind, PublicChange
from nkwatch.editorial.models.imports import ImportBatch, ImportRow, SheetShape
from nkwatch.editorial.models.merges import (
    Merge,
    NotTheSame,
    id_that_stays,
    ids_that_stay,
    merge_of,
    merges_done_since,
    merges_into,
    merges_shown_on,
    one_that_stays,
    without_merged,
)
from nkwatch.editorial.models.numbers import DRAFT_LABEL, RECORD_NUMBER, NumberedRecord, NumberSequence, numbered
from nkwatch.editorial.models.proposals import ProposedChange
from nkwatch.editorial.models.publishing import Publishable, PublishableQuerySet, State, top_kinds
from nkwatch.editorial.models.review import ReviewNote
from nkwatch.editorial.models.tokens import ApiToken, KeptAnswer

__all__ = [
    "DRAFT_LABEL",
    "GONE",
    "RECORD_NUMBER",
    "ApiToken",
    "ChangeKind",
    "ImportBatch",
    "ImportRow",
    "KeptAnswer",
    "Merge",
    "NotTheSame",
    "NumberSequence",
    "NumberedRecord",
    "ProposedChange",
    "PublicChange",
    "Publishable",
    "PublishableQuerySet",
    "ReviewNote",
    "SheetShape",
    "State",
    "id_that_stays",
    "ids_that_stay",
    "merge_of",
    "merges_done_since",
    "merges_into",
    "merges_shown_on",
    "numbered",
    "one_that_stays",
    "top_kinds",
    "without_merged",
]
