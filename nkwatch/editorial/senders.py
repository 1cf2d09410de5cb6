"""Who asks, as the network knows them."""

from django.conf import settings
from django.http import HttpRequest


def sender_address(request: HttpRequest) -> str:
    """The network address of whoever asks: as the server in front says, where settings trust one (HTTPS)."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if getattr(settings, "SECURE_PROXY_SSL_HEADER", None) and forwarded:
        return forwarded.rpartition(",")[2].strip()
    return request.META.get("REMOTE_ADDR", "")
