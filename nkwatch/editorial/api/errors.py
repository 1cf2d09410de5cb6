"""Every refusal in the one form of the API's errors (contract.md, API v1)."""

from collections.abc import Iterable

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework.exceptions import APIException, ParseError

from nkwatch.editorial.locks import is_busy


class TooLarge(APIException):
    """More than a request may hold (RFC 9110, 413)."""

    status_code = 413
    default_code = "too_large"
    default_detail = "The request is too large: send a sheet as a file, and a long text in parts."


class Busy(APIException):
    """Somebody else holds the database for longer than a call waits: on SQLite, a large import."""

    status_code = 503
    default_code = "busy"
    default_detail = "Something large is being written, and nothing of this was: ask again in half a minute."
    wait = 30


class ErrorsInOneForm(ExceptionHandler):
    """Tells what Django refuses of a request as all other errors are told."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, RequestDataTooBig):
            return TooLarge()
        if isinstance(exc, SuspiciousOperation):
            return ParseError("The request has more fields or files than are read of one, or an unreadable name.")
        if isinstance(exc, OperationalError) and is_busy(exc):
            return Busy()
        return super().convert_known_exceptions(exc)


def accepted_here(names: Iterable[str]) -> str:
    """What may be given, for the end of a message about what may not."""
    every = sorted(names)
    return f"accepted here: {', '.join(every)}." if every else "none is accepted here."
