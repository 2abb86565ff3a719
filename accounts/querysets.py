import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from common import clock

if TYPE_CHECKING:
    from accounts.models import RememberedAnswer, RoleGrant

# How long the API answers a repeated key without doing the deed again.
REMEMBERED_FOR = dt.timedelta(hours=24)


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def in_force(self) -> Self:
        """Grants whose last day has not passed."""
        return self.filter(Q(until=None) | Q(until__gte=clock.today()))


class RememberedAnswerQuerySet(models.QuerySet["RememberedAnswer"]):
    def outdated(self) -> Self:
        """Answers that nobody may rely on any more."""
        return self.filter(recorded_at__lt=clock.now() - REMEMBERED_FOR)
