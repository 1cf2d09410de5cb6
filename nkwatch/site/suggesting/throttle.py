"""So many suggestions from one address within an hour, so that one sender cannot bury the others."""

import hashlib
import hmac
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from nkwatch.editorial.senders import sender_line

SECONDS = 3600


def most() -> int:
    """How many suggestions are taken from one address within an hour."""
    return settings.SUGGESTIONS_AN_HOUR


def seconds_to_wait(request: HttpRequest) -> int:
    """How long the sender has to wait before another suggestion is taken; 0 for not at all."""
    now = time.time()
    sent = _sent_lately(request, now)
    return max(1, round(sent[-most()] + SECONDS - now)) if len(sent) >= most() else 0


def count(request: HttpRequest) -> None:
    """Count a suggestion of the sender."""
    now = time.time()
    cache.set(_key(request), [*_sent_lately(request, now)[-most() :], now], SECONDS)


def _sent_lately(request: HttpRequest, now: float) -> list[float]:
    return [moment for moment in cache.get(_key(request), []) if moment > now - SECONDS]


def _key(request: HttpRequest) -> str:
    """Addresses of readers are kept nowhere, not even here: only what they hash to, for an hour."""
    digest = hmac.new(settings.SECRET_KEY.encode(), sender_line(request).encode(), hashlib.sha256)
    return f"suggestions-{digest.hexdigest()}"
