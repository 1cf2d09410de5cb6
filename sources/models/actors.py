"""Countries, and those who speak and publish."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from nkwatch.editorial.fields import HTTPField, http_only, one_of
from nkwatch.editorial.models import NumberedRecord, Publishable
from nkwatch.editorial.text import fold, split_list
from nkwatch.editorial.versions import versions
from sources.models.vocabulary import ActorKind, Capacity
from sources.querysets import ActorQuerySet, CountryQuerySet


class Country(models.Model):
    """A country or territory, keyed by ISO 3166-1 alpha-2; reference data, loaded by migration."""

    code = models.CharField(max_length=2, primary_key=True)
    alpha3 = models.CharField(max_length=3, unique=True)
    name = models.CharField(max_length=100)
    name_ko = models.CharField("Korean name", max_length=100)
    variants = models.TextField(blank=True, help_text="Other names, separated by semicolons.")
    region = models.CharField(max_length=40, blank=True, help_text="UN M49 region.")
    subregion = models.CharField(max_length=40, blank=True, help_text="UN M49 subregion.")
    latitude = models.DecimalField(max_digits=5, decimal_places=2)
    longitude = models.DecimalField(max_digits=5, decimal_places=2)
    governed_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="governs")

    objects: ClassVar[Any] = CountryQuerySet.as_manager()
    history = versions()

    class Meta:
        verbose_name_plural = _("countries")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(governed_by=F("code")),
                name="sources_country_not_governed_by_itself",
                violation_error_message="A territory is governed by another country, not by itself.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def names(self) -> list[str]:
        """Every name and code by which a sheet or an editor may call this country."""
        return [self.code, self.alpha3, self.name, self.name_ko, *split_list(self.variants)]


class Actor(NumberedRecord):
    """Who speaks or publishes: a person, an organisation, or somebody unnamed (domain.md, Vocabulary)."""

    Kind = ActorKind

    Capacity = Capacity

    STATE_CAPACITIES: ClassVar = (Capacity.GOVERNMENT, Capacity.STATE_MEDIA)

    prefix = "A"
    parts = ("names",)
    api_names: ClassVar = {"names": "name_variants"}

    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(
        max_length=200, help_text="The usual English name; other spellings and scripts go below as variants."
    )
    name_key = models.CharField(max_length=200, editable=False, db_index=True)
    part_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="members",
        help_text="The organisation that this actor belongs to: a ministry to its government, "
        "a spokesperson to the ministry. Officials and unnamed speakers count as this body.",
    )
    capacity = models.CharField(max_length=16, choices=Capacity.choices, default=Capacity.OTHER)
    country = models.ForeignKey(
        Country,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="actors",
        help_text="Whose ministry, agency or paper it is. Government and state media of one country count as one body.",
    )
    homepage = HTTPField(max_length=500)

    objects: ClassVar[Any] = ActorQuerySet.as_manager()
    history = versions(excluded_fields=["name_key"])

    class Meta(NumberedRecord.Meta):
        ordering = ["name", "pk"]
        constraints = [
            *NumberedRecord.Meta.constraints,
            one_of("sources_actor_kind", "kind", ActorKind),
            one_of("sources_actor_capacity", "capacity", Capacity),
            http_only("sources_actor_homepage", "homepage"),
            models.CheckConstraint(
                condition=~Q(part_of=F("id")),
                name="sources_actor_not_part_of_itself",
                violation_error_message="An actor cannot be part of itself.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("actor", args=[self.label, slugify(self.name)])

    @property
    def is_of_the_state(self) -> bool:
        """Whether the actor is government or state media of a country."""
        return self.capacity in self.STATE_CAPACITIES and self.country_id is not None

    @property
    def body(self) -> "Actor | None":
        """The organisation that an official or unnamed speaker speaks for; anyone else is their own body.

        None for an unnamed speaker of whom no organisation is known: shown, never counted
        (domain.md, rule 3). Bodies compare by `body_key`, since all of one state is one body.
        """
        actor: Actor = self
        while actor.part_of and actor._speaks_for(actor.part_of):
            actor = actor.part_of
        return None if actor.kind == self.Kind.UNNAMED else actor

    def _speaks_for(self, above: "Actor") -> bool:
        is_official = self.kind == ActorKind.PERSON and self.capacity in self.STATE_CAPACITIES
        # A ministry speaks for its government. State media count as one body with it (`body_key`),
        # yet speak for themselves: those of a host country do not confirm what its government can.
        same_state = self.is_of_the_state and above.is_of_the_state and self.country_id == above.country_id
        is_ministry = same_state and self.capacity == above.capacity
        return self.kind == ActorKind.UNNAMED or is_official or is_ministry

    @property
    def body_key(self) -> str:
        """What makes two bodies one: the country for government and state media, else the actor itself."""
        return f"state {self.country_id}" if self.is_of_the_state else f"actor {self.pk}"

    def clean(self) -> None:
        super().clean()
        above, seen = self.part_of, {self.pk}
        while above is not None:
            if above.pk is not None and above.pk in seen:
                raise ValidationError({"part_of": f"{self.part_of} is itself part of {self}: one of the two must go."})
            seen.add(above.pk)
            above = above.part_of

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = fold(self.name)
        super().save(*args, **kwargs)


class ActorName(Publishable):
    """Another spelling of an actor's name, in any script: Thae Yong-ho and 태영호 for Tae Yongho."""

    public_through = ("actor",)

    actor = models.ForeignKey(Actor, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200, editable=False, db_index=True)

    history = versions(excluded_fields=["name_key"])

    class Meta(Publishable.Meta):
        ordering = ["name"]
        constraints = [
            *Publishable.Meta.constraints,
            models.UniqueConstraint(
                fields=["actor", "name"],
                name="sources_actorname_once",
                violation_error_message="This spelling is listed already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = fold(self.name)
        super().save(*args, **kwargs)
