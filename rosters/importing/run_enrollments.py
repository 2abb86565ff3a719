"""Who is already in the class, and what a roster may change of their enrollments.

Rosters are exported as the enrollments say, whatever has become of the people since: so they come
back unchanged, and what was edited on them is written where it was read from.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Final

from agencies.models import Agency
from common.bulk import fast_rows, in_list
from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from courses.models import CourseRun
from enrollment.models import Completion, Enrollment
from enrollment.services.details import DETAIL_FIELDS, accepts_details
from people.models import Transfer
from people.querysets import resolved

_READ: Final = ("id", "trainee_id", "sending_agency_id", *DETAIL_FIELDS)


class RunEnrollments:
    """Everybody whom a run knows, and its live enrollments.

    ``rows`` are the trainee ids, before merges, that any enrollment or result of the run names: in
    these a line that is sent again finds its person, whatever step entered them and has become of
    it. ``row_of`` maps people, merges resolved, to the rows of live enrollments; ``people`` also
    have a result. Results are also those of the runs ``of_results``.
    """

    def __init__(
        self,
        run: CourseRun,
        agency: Agency,
        survivors: dict[int, int],
        of_results: Collection[CourseRun] = (),
    ) -> None:
        self._run, self._agency, self._survivors = run, agency, survivors
        live = Enrollment.objects.live().filter(run=run).order_by()
        results = Completion.objects.filter(run__in=[run, *of_results]).order_by()
        enrolled = dict(live.values_list("trainee_id", "sending_agency_id"))
        self.row_of = {resolved(row, survivors): row for row in enrolled}
        current = results.not_voided().values_list("trainee_id", flat=True)
        self.people = {*self.row_of, *(resolved(row, survivors) for row in current)}
        ended = Enrollment.objects.filter(run=run).exclude(pk__in=live.values("pk")).order_by()
        self._senders = [
            *enrolled.items(),
            *ended.values_list("trainee_id", "sending_agency_id"),
            *results.values_list("trainee_id", "sending_agency_id"),
        ]
        self.rows = frozenset(row for row, _sender in self._senders)

    def sent_by(self, agencies: Collection[int]) -> frozenset[int]:
        return frozenset(row for row, sender in self._senders if sender in agencies)

    def formerly_of(self, agencies: Collection[int]) -> frozenset[int]:
        moves = Transfer.objects.filter(from_agency__in=agencies).order_by()
        left = moves.values_list("trainee_id", flat=True)
        return self.sent_by(agencies) & frozenset(left)

    def of(self, trainee_ids: Iterable[int]) -> Mapping[int, Enrollment]:
        """Row id → live enrollment: its own, or that of the person into whom it was merged."""
        asked = set(trainee_ids)
        row_of = {row: self.row_of.get(resolved(row, self._survivors)) for row in asked}
        wanted = {one for row, enrolled in row_of.items() if enrolled for one in (row, enrolled)}
        if not wanted:
            return {}
        rows = Enrollment.objects.live().filter(run=self._run, trainee__in=in_list(wanted))
        found = {one.trainee_id: one for one in fast_rows(rows.order_by(), _READ)}
        return {
            row: found.get(row) or found[enrolled] for row, enrolled in row_of.items() if enrolled
        }

    def refusal(self, enrollment: Enrollment) -> tuple[str, DeferredMessage] | None:
        if not accepts_details(self._run):
            return "enrollment_settled", _(
                "The class is closed; the details in its list do not change."
            )
        if enrollment.sending_agency_id not in self._own_senders:
            return "sent_by_another", _(
                "Another agency sent this person to the class; only a roster of that "
                "agency can change their details in the list."
            )
        return None

    @cached_property
    def _own_senders(self) -> set[int]:
        related = Agency.objects.related_to(self._agency.pk)
        return {self._agency.pk, *related.values_list("id", flat=True)}
