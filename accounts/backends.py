"""How accounts are found at every request."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend

from accounts.models import User


class AuthenticationBackend(AllauthBackend):
    def get_user(self, user_id: Any) -> User | None:
        # A plain statement: the ORM takes twice as long to build it as the database to answer.
        user = next(
            iter(User.objects.raw("SELECT * FROM accounts_user WHERE id = %s", [user_id])), None
        )
        return user if user and self.user_can_authenticate(user) else None
