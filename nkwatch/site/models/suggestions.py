"""What readers send: a source, or a correction, until an editor answers it."""

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from nkwatch.editorial.fields import HTTPField, http_only, one_of
from nkwatch.editorial.text import validate_visible_text
from nkwatch.editorial.versions import versions


class SuggestionStatus(models.TextChoices):
    """What became of a suggestion."""

    OPEN = "open", "open"
    TAKEN_UP = "taken-up", "taken up"
    DECLINED = "declined", "declined"


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    """Suggestions by what became of them."""

    def open(self) -> Self:
        """Those that nobody has answered."""
        return self.filter(status=SuggestionStatus.OPEN)

    def answered_in_public(self) -> Self:
        """Those that were taken up with an answer for everybody, the latest first."""
        return self.filter(status=SuggestionStatus.TAKEN_UP).exclude(answer="").order_by("-answered", "-pk")


class Suggestion(models.Model):
    """A link or a correction that a reader sent without an account (pages.md, Changes: who told us)."""

    Status = SuggestionStatus

    about = models.CharField(
        _("record"), max_length=12, blank=True, help_text=_("Its number, such as M-0017, if it is about one record.")
    )
    url = HTTPField(verbose_name=_("link"), help_text=_("The address of the article, statement or document."))
    text = models.TextField(
        _("what is wrong, or new"),
        max_length=5_000,
        blank=True,
        help_text=_(
            "In any language. Unnamed people stay unnamed: do not send the name of anybody who did not give it."
        ),
    )
    name = models.CharField(_("your name"), max_length=100, blank=True)
    may_be_named = models.BooleanField(
        _("you may name me as the one who told you"),
        default=False,
        help_text=_("On the page of changes, beside the answer."),
    )
    email = models.EmailField(
        _("your e-mail address"),
        blank=True,
        help_text=_("Only in case we have a question about what you send. It is never shown."),
    )
    made = models.DateTimeField("sent", default=timezone.now, editable=False)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    answer = models.TextField(
        blank=True,
        help_text="Readers see it on the page of changes once the suggestion is taken up: what was wrong, and what "
        "was done. Name nobody who is unnamed. Without an answer, nothing is shown.",
    )
    answered = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[Any] = SuggestionQuerySet.as_manager()
    # Who wants their address gone can have that: versions, which nobody deletes, do not keep it.
    history: ClassVar[Any] = versions(excluded_fields=["email"])

    class Meta:
        ordering = ["-made", "-pk"]
        default_permissions = ("view", "change", "delete")
        constraints = [
            one_of("site_suggestion_status", "status", SuggestionStatus),
            http_only("site_suggestion_url", "url"),
        ]

    def __str__(self) -> str:
        return Truncator(self.text or self.url).chars(60)

    def clean(self) -> None:
        super().clean()
        errors: dict[str, Any] = {}
        for name in ("text", "name", "answer"):
            try:
                validate_visible_text(getattr(self, name))
            except ValidationError as error:
                errors[name] = error
        if not (self.url or self.text.strip()):
            errors["text"] = ValidationError("Give a link, or say what is wrong or new.")
        if errors:
            raise ValidationError(errors)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store, and note when it was answered."""
        if self.status == self.Status.OPEN:
            self.answered = None
        elif self.answered is None:
            self.answered = timezone.now()
        super().save(*args, **kwargs)
