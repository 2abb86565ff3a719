from typing import TYPE_CHECKING, Any, Self

from django.db import models

from agencies.models import Agency
from common.access import restricted

if TYPE_CHECKING:
    from rosters.models import RosterImport


class RosterImportQuerySet(models.QuerySet["RosterImport"]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        """Uploads for the agencies that one acts for today; the office sees all.

        One's own uploads, too, only during the term: they contain the agency's people. Uploads that
        move other agencies' people are the office's alone, since their findings tell more.
        """
        if not user.has_role("coordinator"):
            return self.none()
        return self.filter(agency__in=Agency.objects.visible_to_coordinator(user), moves=False)

    def manageable_by(self, user: Any) -> Self:
        own = self.filter(agency__in=Agency.objects.manageable_by(user))
        return own if user.has_role("programme_office") else own.filter(moves=False)

    def without_file(self) -> Self:
        return self.select_related("run__course", "agency").defer("content", "letter_file")
