"""Sessions whose rows sign nobody in: the key is a digest, the content encrypted."""

import logging
from functools import lru_cache
from typing import Any

import orjson
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.usersessions.models import UserSession
from cryptography.fernet import InvalidToken, MultiFernet
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import Session, SessionKey, User
from common.encryption import box

# In the session: when the user signed in the time before, as ISO text.
PREVIOUS_VISIT = "previous_visit"

logger = logging.getLogger("django.security.SuspiciousSession")


class SessionStore(DatabaseStore):
    """A copy of the table signs nobody in: keys are digests, content is encrypted."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        # A plain statement, as in accounts.backends.
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        key = SessionKey.of(self.session_key or "")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT session_data FROM accounts_session"
                " WHERE session_key = %s AND expire_date > %s",
                [str(key), now],
            )
            found = cursor.fetchone()
        if found is None:
            self._session_key = None
            return {}
        return self.decode(found[0])

    def encode(self, session_dict: dict[str, Any]) -> str:
        # Sessions may hold new links and secrets of second factors.
        return box().encrypt(super().encode(session_dict).encode()).decode()

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = orjson.loads(_opened(box(), session_data))
        except InvalidToken:
            logger.warning("Session data corrupted")
            return {}
        return found


@lru_cache(maxsize=1_000)
def _opened(keys: MultiFernet, stored: bytes | str) -> bytes:
    """What a row says, kept for those requests that find the same row; as text, since they change
    what they read. Opening it takes as long as four statements.
    """
    return orjson.dumps(DatabaseStore().decode(keys.decrypt(stored).decode()))


def forget_expired() -> int:
    SessionStore.clear_expired()
    current = Session.objects.values("session_key")
    gone, _by_model = UserSession.objects.exclude(session_key__in=current).delete()
    return int(gone)


def sign_in_by_password(request: HttpRequest, user: User) -> HttpResponse:
    """Whoever has just chosen the password need not give it again; a second factor is asked for."""
    if request.user.is_authenticated:
        logout(request)
    record_authentication(request, user, method="password")
    response: HttpResponse = perform_login(request, user, email_verification="none")
    return response


def keep_signed_in(request: HttpRequest) -> None:
    user = User.objects.get(pk=request.user.pk)
    request.user = user
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    update_session_auth_hash(request, user)
    UserSession.objects.create_from_request(request)
