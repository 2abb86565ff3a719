import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from retention.models import ArchivePackage, RetentionRule


class RetentionRuleQuerySet(models.QuerySet["RetentionRule"]):
    def in_force_on(self, day: dt.date) -> dict[str, "RetentionRule"]:
        """The rule of each kind; of two with the same first day the one recorded later."""
        rules = self.filter(valid_from__lte=day).order_by("valid_from", "pk")
        return {rule.kind: rule for rule in rules}


class ArchivePackageQuerySet(models.QuerySet["ArchivePackage"]):
    def visible_to(self, user: Any) -> Self:
        """Nobody but the office and auditors: a package holds records of everybody."""
        return self if user.is_authenticated and user.reads_everything else self.none()

    def open(self) -> Self:
        """Neither withdrawn, nor with its records deleted."""
        return self.filter(withdrawn_at=None, deleted_at=None)
