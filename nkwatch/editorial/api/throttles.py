"""How often one may call: so many requests a minute from one address, and by one token (`settings.API_LIMITS`).

The counts are kept in the cache; several servers count together where they share one (CACHE_URL).
"""

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from rest_framework.throttling import BaseThrottle

from nkwatch.editorial.senders import sender_line

SECONDS = 60


class Limit(NamedTuple):
    """How many requests a minute may be made, how many are left of them, and in how many seconds all are again."""

    most: int
    left: int
    renewed_in: int


class WindowThrottle(BaseThrottle):
    """Counts the requests of each minute; 0 in the settings is no limit."""

    name: str

    def who(self, request: Any) -> str:
        """Whose requests are counted together; nobody's when empty."""
        raise NotImplementedError

    def allow_request(self, request: Any, view: Any) -> bool:
        most, who = settings.API_LIMITS[self.name], self.who(request)
        if not (most and who):
            return True
        now = time.time()
        self.renewed_in = SECONDS - int(now % SECONDS)
        used = _count(f"api-{self.name}-{_hidden(who)}-{int(now // SECONDS)}")
        limits = request._request.__dict__.setdefault("api_limits", [])
        limits.append(Limit(most, max(0, most - used), self.renewed_in))
        return used <= most

    def wait(self) -> float:
        return self.renewed_in


class AddressThrottle(WindowThrottle):
    """The requests from one network address, with a token or without."""

    name = "address"

    def who(self, request: Any) -> str:
        return sender_line(request._request)


class TokenThrottle(WindowThrottle):
    """The requests by one token, from wherever."""

    name = "token"

    def who(self, request: Any) -> str:
        return str(request.auth.pk) if request.auth else ""


def _count(key: str) -> int:
    cache.add(key, 0, 2 * SECONDS)
    try:
        return cache.incr(key)
    except ValueError:
        # The cache was full and dropped it at once.
        return 1


def _hidden(who: str) -> str:
    """Addresses of callers are kept nowhere, not even here: only what they hash to, for two minutes."""
    return hmac.new(settings.SECRET_KEY.encode(), who.encode(), hashlib.sha256).hexdigest()[:32]


class LimitHeadersMiddleware:
    """Says in the answer how much is left: `RateLimit-Limit`, `RateLimit-Remaining`, `RateLimit-Reset` (seconds).

    An anonymous reader is told only the limit until half of it is used: up to there two answers from the
    same record are the same byte for byte, headers included.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        limits: list[Limit] = getattr(request, "api_limits", [])
        if limits:
            nearest = min(limits, key=lambda limit: limit.left)
            response["RateLimit-Limit"] = str(nearest.most)
            is_reader = request.method in ("GET", "HEAD") and "Authorization" not in request.headers
            if not is_reader or nearest.left < nearest.most / 2:
                response["RateLimit-Remaining"] = str(nearest.left)
                response["RateLimit-Reset"] = str(nearest.renewed_in)
        return response
