"""Who did what, to what, when."""

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import OuterRef, Subquery

from common import clock

if TYPE_CHECKING:
    from audit.models import AuditEntry, AuditSeal


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, user: Any) -> Self:
        """All or nothing: for the programme office and auditors."""
        return self if user.is_authenticated and user.reads_everything else self.none()

    def newest_first(self, *, before: int | None = None) -> Self:
        found = self.filter(pk__lt=before) if before else self
        return found.order_by("-pk")

    def of_action(self, action: str) -> Self:
        return self.filter(action=action)

    def by_actor(self, text: str) -> Self:
        return self.filter(actor_label__icontains=text)

    def about(self, text: str) -> Self:
        return self.filter(details__icontains=text)

    def done_from(self, day: dt.date) -> Self:
        return self.filter(at__gte=clock.start_of_day(day))

    def done_until(self, day: dt.date) -> Self:
        return self.filter(at__lte=clock.end_of_day(day))

    def with_links(self, seals: "models.QuerySet[AuditSeal]") -> Self:
        """With each entry's seal and ``hash_before``, the hash of the previous seal."""
        before = seals.filter(pk__lt=OuterRef("seal__pk")).order_by("-pk").values("chain_hash")
        return self.select_related("seal").annotate(hash_before=Subquery(before[:1]))
