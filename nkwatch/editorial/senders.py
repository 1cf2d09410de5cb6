"""Who asks, as the network knows them."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

ONE_SITE = 64
"""So many bits of an IPv6 address name the line; who has one has all addresses behind it."""


def sender_line(request: HttpRequest) -> str:
    """What the network addresses of one sender share."""
    address = sender_address(request)
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((read, ONE_SITE), strict=False)) if read.version == 6 else address


def sender_address(request: HttpRequest) -> str:
    """The network address of whoever asks: the last that a server in front names, where settings trust it (HTTPS)."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if getattr(settings, "SECURE_PROXY_SSL_HEADER", None) and forwarded:
        return forwarded.rpartition(",")[2].strip()
    return request.META.get("REMOTE_ADDR", "")
