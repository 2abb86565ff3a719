"""Who asks the API: the bearer of a token, or the session of the pages."""

from typing import Any

from django.utils.translation import gettext as _
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from accounts.services import is_token_good, lacks_second_factor
from common import clock


class BearerToken(TokenAuthentication):
    """A token of django-rest-knox, found by its digest."""

    def authenticate(self, request: Request) -> Any:
        try:
            found = super().authenticate(request)
        except UnicodeError:
            raise exceptions.AuthenticationFailed(_("This token is not valid.")) from None
        if found and lacks_second_factor(found[0]):
            # Asked at every call: the role may be younger than the token.
            raise exceptions.PermissionDenied
        return found

    def authenticate_credentials(self, token: bytes) -> Any:
        """The user of a token, whose account is as it was when the token was given."""
        digest = hash_token(token.decode())
        # Expired rows are removed by a timed task: reading writes nothing.
        rows = AuthToken.objects.filter(expiry__gt=clock.now(), digest=digest)
        row = next(iter(rows.select_related("user", "given_in")), None)
        if row is None or not is_token_good(row):
            raise exceptions.AuthenticationFailed(_("This token is not valid."))
        return self.validate_user(row)


class SignedInSession(SessionAuthentication):
    """The session of the pages, with CSRF; where a second factor is due, not without it."""

    def authenticate(self, request: Request) -> Any:
        found = super().authenticate(request)
        if found and not request.session.get("has_second_factor") and lacks_second_factor(found[0]):
            raise exceptions.PermissionDenied
        return found
