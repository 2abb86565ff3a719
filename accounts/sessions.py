"""Sessions whose rows open nothing: the key rests as a digest, the content encrypted."""

import logging
from typing import Any

from allauth.usersessions.models import UserSession
from cryptography.fernet import InvalidToken
from django.contrib.auth import update_session_auth_hash
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest

from accounts.models import Session, User
from common.encryption import box

logger = logging.getLogger("django.security.SuspiciousSession")


class SessionStore(DatabaseStore):
    """Django's sessions in the database, in a table of which a copy signs nobody in."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def encode(self, session_dict: dict[str, Any]) -> str:
        """Encrypted: links just made and seeds being set up stand in sessions."""
        return box().encrypt(super().encode(session_dict).encode()).decode()

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        try:
            return super().decode(box().decrypt(session_data).decode())
        except InvalidToken:
            logger.warning("Session data corrupted")
            return {}


def forget_expired() -> int:
    """Forget sessions that have ended by their time, also where users see them listed."""
    SessionStore.clear_expired()
    kept = Session.objects.values("session_key")
    gone, _by_model = UserSession.objects.exclude(session_key__in=kept).delete()
    return int(gone)


def keep_signed_in(request: HttpRequest) -> None:
    """Let this session outlive a change of one's own account that ends all others."""
    user = User.objects.get(pk=request.user.pk)
    request.user = user
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    update_session_auth_hash(request, user)
    UserSession.objects.create_from_request(request)
