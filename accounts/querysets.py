from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from common import clock

if TYPE_CHECKING:
    from accounts.models import RoleGrant


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def in_force(self) -> Self:
        """Grants whose last day has not passed."""
        return self.filter(Q(until=None) | Q(until__gte=clock.today()))
