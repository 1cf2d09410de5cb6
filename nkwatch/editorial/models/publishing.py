"""Publishing: states, and the one public gate. This app knows no domain: `sources` and `missions` build on it."""

import contextlib
import datetime
from collections.abc import Iterable
from functools import cache
from typing import Any, ClassVar, Self

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q

from nkwatch.editorial.derivation import rederive
from nkwatch.editorial.edtf import EDTFField
from nkwatch.editorial.fields import one_of
from nkwatch.editorial.text import validate_visible_text


class State(models.TextChoices):
    """Draft -> in review -> published -> retracted (domain.md, Models)."""

    DRAFT = "draft", "draft"
    IN_REVIEW = "in-review", "in review"
    PUBLISHED = "published", "published"
    RETRACTED = "retracted", "retracted"


ONCE_PUBLIC = (State.PUBLISHED, State.RETRACTED)


def changed_since(model: type[models.Model], moment: datetime.datetime) -> Any:
    """The primary keys of the records of `model` of which readers saw something new, or the last, since `moment`."""
    changes = apps.get_model("editorial.PublicChange").objects.of_kind(model)
    return changes.filter(made__gte=moment).values("record_id")


class PublishableQuerySet(models.QuerySet):
    """Every outward page, count and prefetch starts from `public()`."""

    model: Any

    def public(self) -> Self:
        """Published records, reached through published records only: the one public gate."""
        return self.filter(self.model.public_condition())

    def once_public(self) -> Self:
        """Those that readers see or saw."""
        return self.filter(state__in=ONCE_PUBLIC)

    def with_public_associations(self) -> Self:
        """Bring along what readers are told with each record, as far as it is public; here nothing."""
        return self

    def changed_since(self, moment: datetime.datetime) -> Self:
        """Those of which readers saw something new since `moment`, of their parts too: their claims, their names."""
        return self.filter(pk__in=changed_since(self.model, moment))

    def named(self) -> Self:
        """Bring along what `str()` and `get_absolute_url()` need."""
        return self

    def waiting(self) -> Self:
        """Records that wait for a reviewer."""
        return self.filter(state=State.IN_REVIEW)

    def not_retracted(self) -> Self:
        """What is on the record, or may come to be: drafts too, since what they lack is best mended before review."""
        return self.exclude(state=State.RETRACTED)

    def drafts_of(self, user: Any) -> Self:
        """Drafts that `user` began, as their first versions say, whoever wrote on them since."""
        begun = self.model.history.filter(history_type="+", history_user=user)
        return self.filter(state=State.DRAFT, pk__in=begun.order_by().values("id"))

    def returned_to(self, user: Any) -> Self:
        """Drafts that a reviewer handed back to `user` with a note that no resubmission has answered."""
        notes = apps.get_model("editorial.ReviewNote").objects.open().filter(authors=user).on_any(self.model)
        return self.filter(state=State.DRAFT, pk__in=notes.order_by().values("record_id"))

    def delete(self) -> tuple[int, dict[str, int]]:
        """Remove drafts; refused as a whole when readers have seen any of them (domain.md, rule 7)."""
        for seen in self.once_public()[:1]:
            raise ValidationError(f"{seen} has been public: retract it, with a reason, instead of deleting it.")
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class Publishable(models.Model):
    """A record, or part of one, that readers see only once a reviewer has published it."""

    public_through: ClassVar[tuple[str, ...]] = ()
    """Relations without which this row means nothing: it is public only while they are."""

    parts: ClassVar[tuple[str, ...]] = ()
    """Reverse relations submitted and published together with this record (its citations, say)."""
    api_names: ClassVar[dict[str, str]] = {}
    """What the API calls fields and parts that the contract has another word for (contract.md, API v1)."""
    text_lists: ClassVar[tuple[str, ...]] = ()
    """Text fields that hold several values, as `split_list` reads them; lists in the API."""

    decides_status: ClassVar[bool] = False
    """Whether it can change a mission's status, so that rule 8 asks for a second pair of eyes."""

    derived_fields: ClassVar[tuple[str, ...]] = ()
    """Columns that rules fill: no editor sets them, and no version keeps them."""

    for_the_desk: ClassVar[tuple[str, ...]] = ()
    """Fields that no page shows: what one editor tells another."""

    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT, editable=False)
    retraction_reason = models.TextField(
        blank=True, editable=False, help_text="Shown to readers in place of the record."
    )
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    objects = PublishableQuerySet.as_manager()
    history: ClassVar[Any]

    class Meta:
        abstract = True
        default_permissions = ("add", "change", "delete", "view", "publish")
        constraints = [
            one_of("%(app_label)s_%(class)s_state", "state", State),
            models.CheckConstraint(
                condition=~Q(state="retracted") | ~Q(retraction_reason=""),
                name="%(app_label)s_%(class)s_retraction_has_reason",
                violation_error_message="A retraction needs a reason that readers can be told.",
            ),
        ]

    @classmethod
    def public_condition(cls, prefix: str = "") -> Q:
        """The public gate as a condition, for use across relations (`prefix` ends in ``__``)."""
        condition = Q(**{f"{prefix}state": State.PUBLISHED})
        for name in cls.public_through:
            related: Any = cls._meta.get_field(name).related_model
            condition &= related.public_condition(f"{prefix}{name}__")
        return condition

    @property
    def is_public(self) -> bool:
        """Whether this row passes the public gate as it stands in memory."""
        return self.state == State.PUBLISHED and all(getattr(self, name).is_public for name in self.public_through)

    def clean(self) -> None:
        """Refuse invisible characters in any text; subclasses add their own rules.

        Bounds of dates are set here, between the checks of fields and those of constraints, which
        compare them; a date that cannot be read has been refused as a field.
        """
        super().clean()
        errors: dict[str, Any] = {}
        for field in self._meta.concrete_fields:
            if isinstance(field, EDTFField):
                with contextlib.suppress(ValidationError):
                    field.set_bounds(self)
            if isinstance(field, models.CharField | models.TextField) and (value := getattr(self, field.attname)):
                try:
                    validate_visible_text(value)
                except ValidationError as error:
                    errors[field.name] = error
        if errors:
            raise ValidationError(errors)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Validate and store; what follows from a record that readers can see is derived with it.

        Raises ValidationError. What the database itself checks is asked of it once, by storing;
        only a refusal is then put in the editor's words, since Django asks each constraint apart.
        """
        self.full_clean(validate_unique=False, validate_constraints=False)
        with transaction.atomic():
            self._refuse_to_become_a_draft_again()
            try:
                with transaction.atomic():
                    super().save(*args, **kwargs)
            except IntegrityError:
                self.validate_unique()
                self.validate_constraints()
                raise
            if self.state in (State.PUBLISHED, State.RETRACTED):
                rederive([self])

    def _refuse_to_become_a_draft_again(self) -> None:
        """An older copy, or a version put back, would take from the public what readers have seen."""
        seen = (State.PUBLISHED, State.RETRACTED)
        if self.state in seen or not self.pk:
            return
        if type(self)._base_manager.filter(pk=self.pk, state__in=seen).exists():
            raise ValidationError(f"{self} has been public and cannot become a draft again: load it anew.")

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Remove a draft. What readers have seen is retracted instead (domain.md, rule 7)."""
        if self.state in (State.PUBLISHED, State.RETRACTED):
            raise ValidationError(f"{self} has been public: retract it, with a reason, instead of deleting it.")
        if users := self.used_by():
            listed = "; ".join(str(user) for user in users)
            raise ValidationError(f"{self} is used by {listed}: take it out there first.")
        return super().delete(*args, **kwargs)

    def used_by(self) -> list["Publishable"]:
        """The records that list this one (an event its quotes), which no foreign key protects."""
        found: list[Publishable] = []
        for relation in self._meta.related_objects:
            through: Any = relation.field.remote_field
            if relation.many_to_many and through.through._meta.auto_created:
                kind: Any = relation.related_model
                found += kind._base_manager.filter(**{relation.field.name: self})
        return found

    def authors_since_public(self) -> set[int]:
        """Users who wrote what no reviewer has published yet, or took it back; handing in and back is not writing."""
        handling = {"state", "updated"}
        written = [f.attname for f in self.history.model.tracked_fields if f.name not in handling]
        users: set[int] = set()
        before = None
        versions = self.history.order_by("history_date", "history_id")
        for version in versions.values("state", "history_user_id", *written):
            content = [version[name] for name in written]
            if version["state"] == State.PUBLISHED:
                users.clear()
            elif version["history_user_id"] and (content != before or version["state"] == State.RETRACTED):
                users.add(version["history_user_id"])
            before = content
        return users

    def refuse_publishing(self, by: AbstractBaseUser | None) -> str:
        """Say why `by` may not publish this record now, or return an empty string.

        The guards: what is public already is not published again; what it names must be public, or readers
        would see a draft; and nobody approves their own change of a mission's status
        (domain.md, rule 8) unless FOUR_EYES is off.
        """
        if self.state == State.PUBLISHED:
            return "it is published already"
        for field in self._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.name not in self.derived_fields:
                related = getattr(self, field.name)
                if isinstance(related, Publishable) and not related.is_public:
                    return f"it names {related}, which is not published yet: publish that first"
        if settings.FOUR_EYES and self.decides_status and by and by.pk in self.authors_since_public():
            return "it can change a mission's status and you wrote it: another reviewer must publish it"
        return ""

    def submit(self) -> None:
        """Hand a draft in for review."""
        if self.state != State.DRAFT:
            raise ValidationError(f"Only drafts are submitted; {self} is {self.get_state_display()}.")
        self.state = State.IN_REVIEW
        self.save()

    def return_to_draft(self) -> None:
        """Hand a submitted record back to its editor."""
        if self.state != State.IN_REVIEW:
            raise ValidationError(f"Only records in review are returned; {self} is {self.get_state_display()}.")
        self.state = State.DRAFT
        self.save()

    def publish(self, by: AbstractBaseUser | None = None) -> None:
        """Make the record public, together with what follows from it, in one transaction."""
        if problem := self.refuse_publishing(by):
            raise ValidationError(f"{self} was not published: {problem}.")
        with transaction.atomic():
            self.state = State.PUBLISHED
            self.retraction_reason = ""
            self.before_publishing()
            self.save()

    def before_publishing(self) -> None:
        """What happens at publication only; numbered records get their number here."""

    def retract(self, reason: str) -> None:
        """Take a published record from the pages; readers are told why."""
        if self.state != State.PUBLISHED:
            raise ValidationError(f"Only published records are retracted; {self} is {self.get_state_display()}.")
        if not reason.strip():
            raise ValidationError("A retraction needs a reason that readers can be told.")
        self.state = State.RETRACTED
        self.retraction_reason = reason.strip()
        self.save()

    def iter_parts(self) -> Iterable["Publishable"]:
        """The rows that belong to this record: its citations, name variants and the like."""
        for name in self.parts:
            yield from getattr(self, name).all()


@cache
def top_kinds() -> tuple[type[Publishable], ...]:
    """Kinds of records that are part of no other; lower floors first, since what is named is published first."""
    kinds = [model for model in apps.get_models() if issubclass(model, Publishable)]
    parts = {model._meta.get_field(name).related_model for model in kinds for name in model.parts}
    floors = [config.label for config in apps.get_app_configs()]
    tops = [model for model in kinds if model not in parts]
    return tuple(sorted(tops, key=lambda model: -floors.index(model._meta.app_label)))
