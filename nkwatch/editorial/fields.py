"""Fields and constraints that every app shares."""

from typing import Any

from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q

HTTP_ONLY = "Only web addresses that begin with http:// or https:// are kept."


class HTTPField(models.CharField):
    """A web address: http or https, or nothing. Its model adds `http_only` for the database's part."""

    default_validators = [URLValidator(schemes=["http", "https"], message=HTTP_ONLY)]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 2000)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)


def http_only(name: str, field: str) -> models.CheckConstraint:
    """Let the database refuse any address that is not http(s), on every write path."""
    return models.CheckConstraint(
        condition=Q(**{field: ""})
        | Q(**{f"{field}__startswith": "http://"})
        | Q(**{f"{field}__startswith": "https://"}),
        name=name,
        violation_error_message=HTTP_ONLY,
    )


def one_of(name: str, field: str, choices: type[models.TextChoices], blank: bool = False) -> models.CheckConstraint:
    """Let the database refuse a value outside a vocabulary (domain.md, Vocabulary)."""
    allowed = [*choices.values, *([""] if blank else [])]
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": allowed}),
        name=name,
        violation_error_message=f"“{field.replace('_', ' ')}” takes one of: {', '.join(choices.values)}.",
    )
