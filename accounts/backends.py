"""How accounts are found at every request."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend

from accounts.models import User
from common.prepared import Given, Prepared, instances, stored_names


class AuthenticationBackend(AllauthBackend):
    def get_user(self, user_id: Any) -> User | None:
        user = next(iter(instances(User, _by_key(key=user_id))), None)
        return user if user and self.user_can_authenticate(user) else None


@Prepared
def _by_key() -> Any:
    return User.objects.filter(pk=Given("key")).values_list(*stored_names(User))
