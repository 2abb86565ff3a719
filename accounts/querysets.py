import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from common import clock

if TYPE_CHECKING:
    from accounts.models import AddressChange, Invitation, RememberedAnswer, RoleGrant, User

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


class RememberedAnswerQuerySet(models.QuerySet["RememberedAnswer"]):
    def outdated(self) -> Self:
        return self.filter(recorded_at__lt=clock.now() - REMEMBERED_FOR)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        return self.filter(used_at=None, withdrawn_at=None, expires_at__gt=clock.now())


class AddressChangeQuerySet(models.QuerySet["AddressChange"]):
    def open(self) -> Self:
        return self.filter(used_at=None, withdrawn_at=None, expires_at__gt=clock.now())
