from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from common import clock
from common.access import restricted

if TYPE_CHECKING:
    from jobs.models import Job

LAST_ATTEMPT = 3


class JobQuerySet(models.QuerySet["Job"]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        return self.filter(owner=user)

    def takeable(self) -> Self:
        return self.filter(Q(state="queued") | Q(state="running", lease_until__lt=clock.now()))

    def abandoned(self) -> Self:
        return self.filter(state="running", lease_until__lt=clock.now())
