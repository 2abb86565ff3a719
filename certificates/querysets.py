"""Questions about certificates and about completions that have none yet."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from agencies.models import Agency
from common import clock

if TYPE_CHECKING:
    import datetime as dt

    from certificates.models import Certificate


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def visible_to(self, user: Any) -> Self:
        """Own certificates, those of the runs one teaches or one's agencies sent, or all."""
        if not user.is_authenticated:
            return self.none()
        if user.reads_everything:
            return self
        sight = Q(completion__trainee__user=user)
        if user.has_role("trainer"):
            sight |= Q(completion__run__trainers__user=user)
        if user.has_role("coordinator"):
            sight |= Q(completion__sending_agency__in=Agency.objects.acted_for_by(user))
        return self.filter(id__in=self.model._default_manager.filter(sight).values("id"))

    def live(self) -> Self:
        """Issued, neither superseded nor revoked."""
        return self.filter(state="issued")

    def in_register_order(self) -> Self:
        return self.order_by("register", "year", "register_number")


class InForceQuerySet(models.QuerySet[Any]):
    def in_force_on(self, day: "dt.date") -> Self:
        """Rows whose term covers a day."""
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day)
        )

    def in_force(self) -> Self:
        return self.in_force_on(clock.today())
