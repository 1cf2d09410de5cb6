"""Every refusal in the one form of the API's errors (contract.md, API v1)."""

from collections.abc import Iterable

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework.exceptions import APIException, ParseError


class TooLarge(APIException):
    """More than a request may hold (RFC 9110, 413)."""

    status_code = 413
    default_code = "too_large"
    default_detail = "The request is too large: send a sheet as a file, and a long text in parts."


class ErrorsInOneForm(ExceptionHandler):
    """Tells what Django refuses of a request as all other errors are told."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, RequestDataTooBig):
            return TooLarge()
        if isinstance(exc, SuspiciousOperation):
            return ParseError("The request has more fields or files than are read of one, or an unreadable name.")
        return super().convert_known_exceptions(exc)


def accepted_here(names: Iterable[str]) -> str:
    """What may be given, for the end of a message about what may not."""
    every = sorted(names)
    return f"accepted here: {', '.join(every)}." if every else "none is accepted here."
