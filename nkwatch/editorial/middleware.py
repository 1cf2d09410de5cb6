"""What holds for every request: how the desk is spoken to, and whose its changes are."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django_http_compression.middleware import HttpCompressionMiddleware

from nkwatch.editorial.versions import Door, changing


class CompressionMiddleware(HttpCompressionMiddleware):
    """Compresses text as the caller prefers (zstd, br, gzip): what the library takes for text, NDJSON and RIS too."""

    content_type_re = re.compile(
        rf"{HttpCompressionMiddleware.content_type_re.pattern} | ^application/(x-ndjson|x-research-info-systems)",
        re.VERBOSE | re.IGNORECASE,
    )


class DeskMethodsMiddleware:
    """The desk shows pages and takes forms; Django would answer a PUT or DELETE there as if it were a GET."""

    METHODS = ("GET", "HEAD", "POST", "OPTIONS")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in self.METHODS and request.path.startswith(reverse("admin:index")):
            return HttpResponseNotAllowed(self.METHODS)
        return self.get_response(request)


class DoorMiddleware:
    """Every change made while a request is answered is signed with its user and the admin's door."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return self.get_response(request)
        user = request.user if request.user.is_authenticated else None
        with changing(door=Door.ADMIN, user=user):
            return self.get_response(request)
