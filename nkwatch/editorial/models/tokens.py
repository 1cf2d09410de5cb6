"""Tokens, by which programs write in an account's name; and the answers that a repeated request is given again."""

import datetime
import hashlib
import secrets
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import OperationalError, models
from django.utils import timezone

from nkwatch.editorial.fields import one_of
from nkwatch.editorial.locks import is_busy, without_waiting

BEGINS_WITH = "nkw_"
DAYS, MOST_DAYS = 90, 366
USE_NOTED_EVERY = datetime.timedelta(minutes=5)
ANSWERS_KEPT = datetime.timedelta(days=7)


class Scope(models.TextChoices):
    """What a token is for; each may do what those before it may. Never more than its owner may."""

    READ = "read", "read drafts"
    DRAFT = "draft", "write drafts"
    PUBLISH = "publish", "publish"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens by whether they are good for anything."""

    def valid(self) -> Self:
        """Neither revoked nor expired, of an account that is open."""
        return self.filter(revoked=None, expires__gt=timezone.now(), user__is_active=True)

    def of_secret(self, secret: str) -> "ApiToken | None":
        """The valid token with this secret: found by its hash, so that comparing takes the same time for any."""
        return self.valid().select_related("user").filter(digest=hashed(secret)).first()


class ApiToken(models.Model):
    """A secret that stands for an account in the API (contract.md, `create_token`).

    Only the SHA-256 of the secret is kept, which is enough for one of 256 random bits: nobody finds it
    by trying, and who reads the database learns nothing to log in with.
    """

    Scope = Scope

    name = models.CharField(max_length=60, help_text="What uses it: “closures monitor”. Versions name it.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens", verbose_name="owner"
    )
    scope = models.CharField("may", max_length=7, choices=Scope.choices, default=Scope.DRAFT)
    digest = models.CharField("SHA-256 of the secret", max_length=64, unique=True, editable=False)
    made = models.DateTimeField(default=timezone.now, editable=False)
    expires = models.DateTimeField()
    last_used = models.DateTimeField(null=True, blank=True, editable=False)
    revoked = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[Any] = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"
        ordering = ["-made", "-pk"]
        default_permissions = ()
        constraints = [
            one_of("editorial_apitoken_scope", "scope", Scope),
            models.UniqueConstraint(
                fields=["user", "name"],
                name="editorial_apitoken_name_once",
                violation_error_message="A token of this name stands already: versions tell tokens apart by name.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def make(cls, user: Any, name: str, scope: str = Scope.DRAFT, days: int = DAYS) -> "tuple[ApiToken, str]":
        """A new token, and its secret, which is kept nowhere. Raises ValidationError."""
        token = cls(user=user, name=name, scope=scope, expires=timezone.now() + datetime.timedelta(days=days))
        secret = token.give_secret()
        token.full_clean()
        token.save()
        return token, secret

    def give_secret(self) -> str:
        """Set what is kept of a new secret, and give the secret itself."""
        secret = BEGINS_WITH + secrets.token_urlsafe(32)
        self.digest = hashed(secret)
        return secret

    @property
    def is_valid(self) -> bool:
        """Whether it opens anything now."""
        return self.revoked is None and self.expires > timezone.now() and self.user.is_active

    def allows(self, scope: str) -> bool:
        """Whether the token is for this, or for more."""
        return Scope.values.index(self.scope) >= Scope.values.index(scope)

    def note_use(self) -> None:
        """Remember that it was used: to within minutes, so that reading does not always write.

        While somebody else holds the database (SQLite), nothing is noted: reading goes on.
        """
        now = timezone.now()
        if self.last_used is not None and now - self.last_used <= USE_NOTED_EVERY:
            return
        try:
            with without_waiting():
                type(self).objects.filter(pk=self.pk).update(last_used=now)
        except OperationalError as error:
            if not is_busy(error):
                raise

    def revoke(self) -> None:
        """Make it open nothing any more, for good."""
        type(self).objects.filter(pk=self.pk, revoked=None).update(revoked=timezone.now())


def hashed(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


class KeptAnswer(models.Model):
    """What a request with an `Idempotency-Key` was answered, so that it is done once however often it is sent."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    digest = models.CharField("SHA-256 of what was asked", max_length=64)
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    made = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="editorial_keptanswer_key_once")]

    def __str__(self) -> str:
        return self.key

    @classmethod
    def forget_old(cls) -> None:
        """Remove answers that nobody will ask for again."""
        cls.objects.filter(made__lt=timezone.now() - ANSWERS_KEPT).delete()
