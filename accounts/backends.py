"""How accounts are found at every request."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend
from django.db import DEFAULT_DB_ALIAS

from accounts.models import User
from common.prepared import Given, Prepared

_COLUMNS = tuple(field.attname for field in User._meta.concrete_fields)


class AuthenticationBackend(AllauthBackend):
    def get_user(self, user_id: Any) -> User | None:
        # Every request asks it: the ORM takes several times as long as the database.
        found = _with_id(id=user_id)
        user = User.from_db(DEFAULT_DB_ALIAS, _COLUMNS, found[0]) if found else None
        return user if user and self.user_can_authenticate(user) else None


@Prepared
def _with_id() -> Any:
    return User.objects.filter(pk=Given("id")).order_by().values_list(*_COLUMNS)
