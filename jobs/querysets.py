import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, ExpressionWrapper, F, Q, Sum

from common import clock
from common.access import restricted

if TYPE_CHECKING:
    from jobs.models import Job

LAST_ATTEMPT = 3


class JobQuerySet(models.QuerySet["Job"]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        return self.filter(owner=user)

    def durations(self, bounds: Iterable[int]) -> Any:
        """By kind: ``ended``, ``took`` in all, and ``within_N`` for each of the seconds given.

        From request to end, waiting included: what whoever asked has waited.
        """
        within = {
            f"within_{seconds}": Count(
                "pk",
                filter=Q(finished_at__lte=F("created_at") + dt.timedelta(seconds=seconds)),
            )
            for seconds in bounds
        }
        took = ExpressionWrapper(F("finished_at") - F("created_at"), models.DurationField())
        by_kind = self.exclude(finished_at=None).order_by("kind").values("kind")
        return by_kind.annotate(ended=Count("pk"), took=Sum(took), **within)

    def takeable(self) -> Self:
        return self.filter(Q(state="queued") | Q(state="running", lease_until__lt=clock.now()))

    def abandoned(self) -> Self:
        return self.filter(state="running", lease_until__lt=clock.now())
