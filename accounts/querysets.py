import datetime as dt
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import connection, models
from django.db.models import Q

from common import clock

if TYPE_CHECKING:
    from accounts.models import OneTimeLink, RememberedAnswer, RoleGrant, User

Link = TypeVar("Link", bound="OneTimeLink")

# How long the API answers a repeated key without repeating the action.
REMEMBERED_FOR = dt.timedelta(hours=24)


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: Any) -> Self:
        return self if user.is_authenticated and user.reads_everything else self.none()

    def matching(self, text: str) -> Self:
        return self.filter(Q(full_name__icontains=text) | Q(email__icontains=text))

    def holding(self, role: str) -> Self:
        today = clock.today()
        in_force = Q(role_grants__until=None) | Q(role_grants__until__gte=today)
        return self.filter(in_force, role_grants__role=role)


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def in_force(self) -> Self:
        return self.filter(Q(until=None) | Q(until__gte=clock.today()))

    def roles_of(self, user_id: int) -> frozenset[str]:
        """Those in force, without the time to build a query: every request asks it."""
        today = connection.ops.adapt_datefield_value(clock.today())
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT role FROM accounts_rolegrant"
                " WHERE user_id = %s AND (until IS NULL OR until >= %s)",
                [user_id, today],
            )
            return frozenset(role for (role,) in cursor.fetchall())


class RememberedAnswerQuerySet(models.QuerySet["RememberedAnswer"]):
    def outdated(self) -> Self:
        return self.filter(recorded_at__lt=clock.now() - REMEMBERED_FOR)


class OneTimeLinkQuerySet(models.QuerySet[Link]):
    def open(self) -> Self:
        return self.filter(used_at=None, withdrawn_at=None, expires_at__gt=clock.now())

    def usable(self) -> Link | None:
        """The first that is open and whose account is as it was when it was given."""
        found = self.open().filter(user__is_active=True).select_related("user").first()
        return found if found and found.is_good else None
