"""Words of the record, with the values that contract.md fixes."""

from django.db import models


class ActorKind(models.TextChoices):
    """A person, an organisation, or somebody unnamed."""

    PERSON = "person", "person"
    ORGANISATION = "organisation", "organisation"
    UNNAMED = "unnamed", "unnamed person or group"


class Capacity(models.TextChoices):
    """In what capacity an actor speaks or publishes."""

    GOVERNMENT = "government", "government"
    STATE_MEDIA = "state-media", "state media"
    NEWS_AGENCY = "news-agency", "news agency"
    NEWSPAPER = "newspaper", "newspaper"
    BROADCASTER = "broadcaster", "broadcaster"
    PARTY = "party", "party"
    THINK_TANK = "think-tank", "think tank"
    ACADEMIC = "academic", "academic"
    ANALYST = "analyst", "analyst"
    FORMER_OFFICIAL = "former-official", "former official"
    WITNESS = "witness", "witness"
    AGGREGATOR = "aggregator", "aggregator"
    OTHER = "other", "other"


class SourceKind(models.TextChoices):
    """What kind of published item."""

    ARTICLE = "article", "article"
    STATEMENT = "statement", "statement"
    BROADCAST = "broadcast", "broadcast"
    PAPER = "paper", "paper"
    BOOK = "book", "book"
    DATASET = "dataset", "dataset"
    LETTER = "letter", "letter"
    POST = "post", "post"
    OTHER = "other", "other"


class Read(models.TextChoices):
    """How much of a source an editor has read."""

    IN_FULL = "in-full", "read in full"
    IN_PART = "in-part", "read in part"
    ONLY_CITED = "only-cited", "only cited, never read"


class TranslatedBy(models.TextChoices):
    """Who put foreign words into English."""

    CARRIER = "carrier", "the carrier"
    NKWATCH = "nkwatch", "nkwatch"
    MACHINE = "machine", "a machine"


class Stance(models.TextChoices):
    """Whether a source supports, disputes or merely mentions."""

    SUPPORTS = "supports", "supports"
    DISPUTES = "disputes", "disputes"
    MENTIONS = "mentions", "mentions"


class Basis(models.TextChoices):
    """How a carrier knows (domain.md, Vocabulary)."""

    ATTRIBUTED = "attributed", "attributed"
    OWN_REPORTING = "own-reporting", "own reporting"
    NOT_GIVEN = "not-given", "not given"


class OriginMark(models.TextChoices):
    """Why an origin is shown and not counted, or not counted as corroboration (domain.md, rule 3)."""

    NOT_GIVEN = "not-given", "origin not given"
    UNNAMED = "unnamed", "unnamed, of no known body"
    NOT_READ = "not-read", "not read"


class Rendering(models.TextChoices):
    """How a carrier gives the words of a speaker."""

    VERBATIM = "verbatim", "verbatim"
    FRAGMENT = "fragment", "fragment"
    PARAPHRASE = "paraphrase", "paraphrase"
