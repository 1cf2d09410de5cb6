"""Who calls: `Authorization: Token ...` (contract.md, `create_token`), and what a token is good for."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied, Throttled

from nkwatch.editorial.api.throttles import AddressThrottle
from nkwatch.editorial.models import ApiToken

SCHEME = "Token"
REFUSED = "This token opens nothing: it is unknown, has expired or was revoked, or its account is closed."


class TokenAuthentication(BaseAuthentication):
    """Knows a caller by the token in the header; without one, anybody may read what is public."""

    def authenticate(self, request: Any) -> tuple[Any, ApiToken] | None:
        scheme, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.casefold() != SCHEME.casefold():
            return None
        token = ApiToken.objects.of_secret(secret.strip()) if secret.strip() else None
        if token is None:
            self._count_failure(request)
            raise AuthenticationFailed(REFUSED)
        token.note_use()
        return token.user, token

    def authenticate_header(self, request: Any) -> str:
        return f'{SCHEME} realm="nkwatch"'

    def _count_failure(self, request: Any) -> None:
        """A refused call ends before others are counted; it counts as one of its address all the same."""
        throttle = AddressThrottle()
        if not throttle.allow_request(request, None):
            raise Throttled(throttle.wait())


class TokenScheme(OpenApiAuthenticationExtension):
    """How the description tells of it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": f"`{SCHEME} nkw_...`: made in the admin, or by `create_token`.",
        }


def require(request: Any, scope: str) -> ApiToken:
    """The token of the call, which must be for `scope`, and its owner one of the desk.

    Raises NotAuthenticated (401) without a token, PermissionDenied (403) for one that is for less.
    """
    token: ApiToken | None = request.auth
    if token is None:
        raise NotAuthenticated(f"This needs a token: send the header “Authorization: {SCHEME} ...”.")
    if not token.allows(scope):
        needed = ApiToken.Scope(scope)
        raise PermissionDenied(
            f"This token may {token.get_scope_display()}; this needs one of scope “{needed.value}” ({needed.label})."
        )
    if not token.user.is_staff:
        raise PermissionDenied("The owner of this token is not of the desk.")
    return token


def may_see_the_desk(request: Any, model: Any) -> bool:
    """Whether the caller reads the drafts of a kind: with a token, and the permission of its owner."""
    if request.auth is None:
        return False
    try:
        require(request, ApiToken.Scope.READ)
        require_permission(request, "view", model)
    except PermissionDenied:
        return False
    return True


def require_permission(request: Any, verb: str, model: Any) -> None:
    """Refuse what the owner of the token may not do in the admin either. Raises PermissionDenied (403)."""
    if not request.user.has_perm(f"{model._meta.app_label}.{verb}_{model._meta.model_name}"):
        raise PermissionDenied(f"You may not {verb} {model._meta.verbose_name_plural}.")
