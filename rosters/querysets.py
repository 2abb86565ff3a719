from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from agencies.models import Agency

if TYPE_CHECKING:
    from rosters.models import RosterImport


class RosterImportQuerySet(models.QuerySet["RosterImport"]):
    def visible_to(self, user: Any) -> Self:
        """Own uploads and those for the agencies one acts for; the office sees all."""
        if not user.is_authenticated:
            return self.none()
        if user.reads_everything:
            return self
        sight = Q(uploaded_by=user)
        if user.has_role("coordinator"):
            sight |= Q(agency__in=Agency.objects.acted_for_by(user))
        return self.filter(sight)
