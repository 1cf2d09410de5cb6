"""Who speaks and what was published: knows nothing of missions (domain.md, Models)."""

from sources.models.actors import Actor, ActorName, Country
from sources.models.citations import Citation
from sources.models.copies import CapturedCopy
from sources.models.publications import Authorship, Reference, Source
from sources.models.quotes import Quote, QuoteCitation, Reason

__all__ = [
    "Actor",
    "ActorName",
    "Authorship",
    "CapturedCopy",
    "Citation",
    "Country",
    "Quote",
    "QuoteCitation",
    "Reason",
    "Reference",
    "Source",
]
