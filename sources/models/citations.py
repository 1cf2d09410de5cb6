"""Citations: what ties a source to a record, and how the carrier knows."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from nkwatch.editorial.edtf import EDTFField, bound, bounds_constraint
from nkwatch.editorial.fields import one_of
from nkwatch.editorial.models import Publishable
from nkwatch.editorial.words import field_name
from sources.models.actors import Actor
from sources.models.publications import Source
from sources.models.vocabulary import Basis, OriginMark, Stance
from sources.querysets import CitationQuerySet


class Citation(Publishable):
    """A source says this about a record (domain.md, Vocabulary and Models).

    Subclasses add the foreign key to their record and name it in `record_field`; by subclassing
    they are known to `kinds`, so that a source lists what it supports without knowing the models.
    """

    Stance = Stance

    Basis = Basis

    OriginMark = OriginMark

    record_field: ClassVar[str]
    derived_fields = ("origin", "origin_body", "origin_mark")
    for_the_desk = ("note",)

    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="+", help_text="The item that was read: the carrier."
    )
    stance = models.CharField(max_length=8, choices=Stance.choices, default=Stance.SUPPORTS)
    fact = models.CharField(
        max_length=40,
        blank=True,
        help_text="The field this supports, such as date; empty when it supports the record as a whole.",
    )
    basis = models.CharField(
        max_length=13,
        choices=Basis.choices,
        default=Basis.NOT_GIVEN,
        help_text="How the carrier knows. Attributed: it says that somebody SAID so. "
        "“Pyongyang decided” is not a statement: choose “not given”.",
    )
    attributed_to_source = models.ForeignKey(
        Source,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The item the carrier relies on. With an actor too: “the embassy, as printed by PCPE”.",
    )
    attributed_to_actor = models.ForeignKey(
        Actor,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who is said to have said it.",
    )
    locator = models.CharField(max_length=100, blank=True, help_text="Where in the source: ¶4, p. 12.")
    wording = models.TextField(blank=True, help_text="The words as printed; a short extract.")
    date = EDTFField(verbose_name=_("date as given"), help_text="The date that this carrier gives, as EDTF.")
    date_earliest = bound()
    date_latest = bound()
    date_worded = models.CharField("date in its words", max_length=200, blank=True, help_text="“On Wednesday”.")
    note = models.TextField(blank=True)

    origin = models.ForeignKey(Actor, null=True, editable=False, on_delete=models.SET_NULL, related_name="+")
    origin_body = models.ForeignKey(Actor, null=True, editable=False, on_delete=models.SET_NULL, related_name="+")
    origin_mark = models.CharField(max_length=9, choices=OriginMark.choices, blank=True, editable=False)

    objects: ClassVar[Any] = CitationQuerySet.as_manager()

    class Meta(Publishable.Meta):
        abstract = True
        ordering = ["pk"]
        constraints = [
            *Publishable.Meta.constraints,
            one_of("%(app_label)s_%(class)s_stance", "stance", Stance),
            one_of("%(app_label)s_%(class)s_basis", "basis", Basis),
            bounds_constraint("%(app_label)s_%(class)s_date_bounds", "date"),
            models.CheckConstraint(
                condition=Q(basis="attributed", attributed_to_source__isnull=False)
                | Q(basis="attributed", attributed_to_actor__isnull=False)
                | (~Q(basis="attributed") & Q(attributed_to_source__isnull=True, attributed_to_actor__isnull=True)),
                name="%(app_label)s_%(class)s_attribution",
                violation_error_message="An attributed claim names the source or the actor that said it; "
                "any other basis names neither.",
            ),
            models.CheckConstraint(
                condition=~Q(attributed_to_source=F("source")),
                name="%(app_label)s_%(class)s_not_attributed_to_itself",
                violation_error_message="A source cannot be its own origin: choose “own reporting”.",
            ),
        ]

    @staticmethod
    def once(app_label: str, record: str) -> models.UniqueConstraint:
        """One source makes one claim of one record, fact and attribution once."""
        return models.UniqueConstraint(
            F("source"),
            F(record),
            F("fact"),
            Coalesce("attributed_to_source", 0),
            Coalesce("attributed_to_actor", 0),
            name=f"{app_label}_{record}citation_once",
            violation_error_message="This source is cited for this already, with the same attribution.",
        )

    @classmethod
    def kinds(cls) -> Iterator[type["Citation"]]:
        """Every kind of citation in the project, sources and missions alike."""
        return (model for model in apps.get_models() if issubclass(model, Citation))

    def __str__(self) -> str:
        return f"“{self.source}” on {self.record}"

    @property
    def record(self) -> Any:
        """The record that the source is cited for."""
        return getattr(self, self.record_field)

    @property
    def record_id(self) -> Any:
        return getattr(self, f"{self.record_field}_id")

    @classmethod
    def record_model(cls) -> Any:
        """The model of the records that this kind of citation is for."""
        return cls._meta.get_field(cls.record_field).related_model

    @property
    def fact_in_words(self) -> str:
        """The name of the field supported, as editors and readers know it."""
        if not self.fact:
            return ""
        return field_name(self.record_model(), self.fact)

    def clean(self) -> None:
        super().clean()
        errors: dict[str, str] = {}
        if self.fact:
            errors |= self._refuse_unknown_fact()
        source = self.source if self.source_id else None
        if source and source.read == Source.Read.ONLY_CITED:
            errors["source"] = (
                f"“{source}” was only cited, never read, so it carries no claims of its own: "
                "cite the source that was read, attributed to this one."
            )
        if self.attributed_to_source_id and not errors and self._attribution_comes_back():
            errors["attributed_to_source"] = (
                f"“{self.attributed_to_source}” itself relies on “{source}” for this: the attribution runs in a circle."
            )
        if errors:
            raise ValidationError(errors)

    def _refuse_unknown_fact(self) -> dict[str, str]:
        record_model = self.record_model()
        try:
            field = record_model._meta.get_field(self.fact)
        except FieldDoesNotExist:
            field = None
        if field is None or not getattr(field, "editable", False):
            known = sorted(f.name for f in record_model._meta.get_fields() if getattr(f, "editable", False))
            return {"fact": f"“{self.fact}” is not a field of {record_model._meta.verbose_name}: {', '.join(known)}."}
        return {}

    def _attribution_comes_back(self) -> bool:
        if not self.record_id:
            return False
        same_record = type(self).objects.filter(**{self.record_field: self.record_id}).exclude(pk=self.pk)
        relying = same_record.filter(attributed_to_source__isnull=False)
        reprints = Source.objects.filter(republication_of__isnull=False)
        return attribution_comes_back(
            self.source_id,
            self.attributed_to_source_id,
            relied_on=lambda step: relying.filter(source__in=step).values_list("attributed_to_source", flat=True),
            originals=lambda step: reprints.filter(pk__in=step).values_list("republication_of", flat=True),
        )


def attribution_comes_back(
    source: Any,
    attributed_to: Any,
    relied_on: Callable[[set[Any]], Iterable[Any]],
    originals: Callable[[set[Any]], Iterable[Any]],
) -> bool:
    """Whether a claim of `source`, attributed to another, is in the end attributed to `source` itself.

    All are ids of sources. `relied_on` answers what some sources rely on for the same record;
    `originals`, what they print again: a text printed again leads back to its first printing, as an
    attribution does (domain.md, rule 3).
    """
    step: set[Any] = {attributed_to}
    seen: set[Any] = set()
    while step:
        step |= set(originals(step))
        if source in step:
            return True
        seen |= step
        step = set(relied_on(step)) - seen
    return False
