"""Signs what a request changes as coming through the admin."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from nkwatch.editorial.versions import Door, changing


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
