"""Who asks the API: the bearer of a token, or the session of the pages."""

from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from accounts.invalidation import Secret, is_state_current
from accounts.models import User
from accounts.services import lacks_second_factor
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
        # A plain statement, as in accounts.backends. Expired rows are removed by a timed task:
        # reading writes nothing.
        found = User.objects.raw(
            "SELECT account.*, given_in.state AS token_state FROM knox_authtoken token"
            " JOIN accounts_user account ON account.id = token.user_id"
            " JOIN accounts_tokenstate given_in ON given_in.token_id = token.digest"
            " WHERE token.digest = %s AND token.expiry > %s",
            [digest, connection.ops.adapt_datetimefield_value(clock.now())],
        )
        user = next(iter(found), None)
        if user is None or not is_state_current(user, Secret.API_TOKEN, vars(user)["token_state"]):
            raise exceptions.AuthenticationFailed(_("This token is not valid."))
        return self.validate_user(AuthToken(digest=digest, user=user))


class SignedInSession(SessionAuthentication):
    """The session of the pages, with CSRF; where a second factor is due, not without it."""

    def authenticate(self, request: Request) -> Any:
        found = super().authenticate(request)
        if found and not request.session.get("has_second_factor") and lacks_second_factor(found[0]):
            raise exceptions.PermissionDenied
        return found
