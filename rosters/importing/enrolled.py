"""Who already has a place in the class, and what a roster may say anew of that place.

Rosters are given out as the places say, whatever has become of their holders since; so they come
back without a change, and what was edited on them is written where it was read from.
"""

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Final

from agencies.models import Agency
from common.bulk import fast_rows, in_list
from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from courses.models import CourseRun
from enrollment.models import Enrollment
from enrollment.services.details import DETAIL_FIELDS, takes_details
from people.models import Transfer
from people.querysets import resolved

_READ: Final = ("id", "trainee_id", "sending_agency_id", *DETAIL_FIELDS)


class Places:
    """The live places of a run; ``row_of`` maps people to the row of theirs that holds one."""

    def __init__(self, run: CourseRun, agency: Agency, survivors: dict[int, int]) -> None:
        self._run, self._agency, self._survivors = run, agency, survivors
        live = Enrollment.objects.live().filter(run=run).order_by()
        self._senders = dict(live.values_list("trainee_id", "sending_agency_id"))
        self.rows = frozenset(self._senders)
        self.row_of = {resolved(row, survivors): row for row in self.rows}
        self._read: dict[int, Enrollment] = {}

    def sent_by(self, agencies: Collection[int]) -> frozenset[int]:
        """The rows whose place one of these agencies gave."""
        return frozenset(row for row, sender in self._senders.items() if sender in agencies)

    def once_of(self, agencies: Collection[int]) -> frozenset[int]:
        """The rows that these agencies sent, and that have been moved away from them."""
        moves = Transfer.objects.filter(from_agency__in=agencies).order_by()
        left = moves.values_list("trainee_id", flat=True)
        return self.sent_by(agencies) & frozenset(left)

    def look_up(self, trainee_ids: Iterable[int]) -> None:
        """Read the places of these people before ``of`` is asked, if any of them has one."""
        wanted: set[int] = set()
        for row in trainee_ids:
            if home := self.row_of.get(resolved(row, self._survivors)):
                wanted |= {row, home}
        self._read = {}
        if wanted:
            places = Enrollment.objects.live().filter(run=self._run, trainee__in=in_list(wanted))
            self._read = {one.trainee_id: one for one in fast_rows(places.order_by(), _READ)}

    def of(self, row: int) -> Enrollment:
        """The place of somebody who has one: of this very row, or of the person behind it."""
        return self._read.get(row) or self._read[self.row_of[resolved(row, self._survivors)]]

    def refusal(self, place: Enrollment) -> tuple[str, DeferredMessage] | None:
        """Why what a roster says of a place is not written, as code and sentence."""
        if not takes_details(self._run):
            return "enrollment_settled", _(
                "The class is closed; what its list says stays as it is."
            )
        if place.sending_agency_id not in self._own_senders:
            return "sent_by_another", _(
                "Another agency sent this person to the class; what the list says of them changes "
                "with a roster of that agency."
            )
        return None

    @cached_property
    def _own_senders(self) -> set[int]:
        """The sender of the roster, with whatever belongs to it or became part of it."""
        house = Agency.objects.related_to(self._agency.pk)
        return {self._agency.pk, *house.values_list("id", flat=True)}
