"""Words of the record, with the values that contract.md fixes."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ActorKind(models.TextChoices):
    """A person, an organisation, or somebody unnamed."""

    PERSON = "person", _("person")
    ORGANISATION = "organisation", _("organisation")
    UNNAMED = "unnamed", _("unnamed person or group")


class Capacity(models.TextChoices):
    """In what capacity an actor speaks or publishes."""

    GOVERNMENT = "government", pgettext_lazy("capacity of a speaker", "government")
    STATE_MEDIA = "state-media", pgettext_lazy("capacity of a speaker", "state media")
    NEWS_AGENCY = "news-agency", pgettext_lazy("capacity of a speaker", "news agency")
    NEWSPAPER = "newspaper", pgettext_lazy("capacity of a speaker", "newspaper")
    BROADCASTER = "broadcaster", pgettext_lazy("capacity of a speaker", "broadcaster")
    PARTY = "party", pgettext_lazy("capacity of a speaker", "party")
    THINK_TANK = "think-tank", pgettext_lazy("capacity of a speaker", "think tank")
    ACADEMIC = "academic", pgettext_lazy("capacity of a speaker", "academic")
    ANALYST = "analyst", pgettext_lazy("capacity of a speaker", "analyst")
    FORMER_OFFICIAL = "former-official", pgettext_lazy("capacity of a speaker", "former official")
    WITNESS = "witness", pgettext_lazy("capacity of a speaker", "witness")
    AGGREGATOR = "aggregator", pgettext_lazy("capacity of a speaker", "aggregator")
    OTHER = "other", pgettext_lazy("capacity of a speaker", "other")


class SourceKind(models.TextChoices):
    """What kind of published item."""

    ARTICLE = "article", pgettext_lazy("kind of source", "article")
    STATEMENT = "statement", pgettext_lazy("kind of source", "statement")
    BROADCAST = "broadcast", pgettext_lazy("kind of source", "broadcast")
    PAPER = "paper", pgettext_lazy("kind of source", "paper")
    BOOK = "book", pgettext_lazy("kind of source", "book")
    DATASET = "dataset", pgettext_lazy("kind of source", "dataset")
    LETTER = "letter", pgettext_lazy("kind of source", "letter")
    POST = "post", pgettext_lazy("kind of source", "post")
    OTHER = "other", pgettext_lazy("kind of source", "other")


class Read(models.TextChoices):
    """How much of a source an editor has read."""

    IN_FULL = "in-full", _("read in full")
    IN_PART = "in-part", _("read in part")
    ONLY_CITED = "only-cited", _("only cited, never read")


class TranslatedBy(models.TextChoices):
    """Who put foreign words into English."""

    CARRIER = "carrier", _("the carrier")
    NKWATCH = "nkwatch", _("nkwatch")
    MACHINE = "machine", _("a machine")


class Stance(models.TextChoices):
    """Whether a source supports, disputes or merely mentions."""

    SUPPORTS = "supports", pgettext_lazy("what a source does to a claim", "supports")
    DISPUTES = "disputes", pgettext_lazy("what a source does to a claim", "disputes")
    MENTIONS = "mentions", pgettext_lazy("what a source does to a claim", "mentions")


class Basis(models.TextChoices):
    """How a carrier knows (domain.md, Vocabulary)."""

    ATTRIBUTED = "attributed", pgettext_lazy("how a carrier knows", "attributed")
    OWN_REPORTING = "own-reporting", pgettext_lazy("how a carrier knows", "own reporting")
    NOT_GIVEN = "not-given", pgettext_lazy("how a carrier knows", "not given")


class OriginMark(models.TextChoices):
    """Why an origin is shown and not counted, or not counted as corroboration (domain.md, rule 3)."""

    NOT_GIVEN = "not-given", _("origin not given")
    UNNAMED = "unnamed", _("unnamed, of no known body")
    NOT_READ = "not-read", _("not read")


class Rendering(models.TextChoices):
    """How a carrier gives the words of a speaker."""

    VERBATIM = "verbatim", _("verbatim")
    FRAGMENT = "fragment", _("fragment")
    PARAPHRASE = "paraphrase", _("paraphrase")
