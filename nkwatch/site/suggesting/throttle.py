"""So many suggestions from one address within an hour, so that one sender cannot bury the others."""

import hashlib
import hmac
import ipaddress
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

SECONDS = 3600
ONE_SITE = 64
"""So many bits of an IPv6 address name the line; who has one has all addresses behind it."""


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
    digest = hmac.new(settings.SECRET_KEY.encode(), _line(sender_address(request)).encode(), hashlib.sha256)
    return f"suggestions-{digest.hexdigest()}"


def sender_address(request: HttpRequest) -> str:
    """The network address of whoever asks: the last that a server in front names, where settings trust it (HTTPS)."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if getattr(settings, "SECURE_PROXY_SSL_HEADER", None) and forwarded:
        return forwarded.rpartition(",")[2].strip()
    return request.META.get("REMOTE_ADDR", "")


def _line(address: str) -> str:
    """What addresses of one sender share."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((read, ONE_SITE), strict=False)) if read.version == 6 else address
