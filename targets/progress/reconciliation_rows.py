"""What the reconciliation reads: each row once, of which no more than its id is kept."""

import datetime as dt
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, overload

from django.db.models import QuerySet

from certificates.choices import CertificateState
from certificates.models import Certificate
from common import clock
from common.bulk import in_list
from common.ids import IdSet, IdTable
from counting.replay import Count
from courses.choices import RunState
from enrollment.choices import EnrollmentState, Evidence, Mark
from enrollment.models import Attendance, Completion, Enrollment
from people.models import Merge
from people.querysets import resolved

Advance = Callable[[], object]
Model = type[Enrollment] | type[Completion]


class Named(NamedTuple):
    """A trainee code, and the run concerned."""

    code: str
    run: str

    def __str__(self) -> str:
        return f"{self.code} ({self.run})"


class NamedRows(Sequence[Named]):
    """Whose enrollments or completions some are, in order of codes, read when looked at."""

    def __init__(self, model: Model, ids: "array[int]") -> None:
        self._model, self._ids = model, ids

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Named]:
        return map(Named._make, self._rows().iterator())

    @overload
    def __getitem__(self, index: int) -> Named: ...

    @overload
    def __getitem__(self, index: slice) -> list[Named]: ...

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return list(map(Named._make, self._rows()[index]))
        return Named._make(self._rows()[index])

    def _rows(self) -> QuerySet[Any, tuple[str, str]]:
        rows: QuerySet[Any] = self._model._default_manager.filter(pk__in=in_list(self._ids))
        codes = ("trainee__code", "run__code")
        return rows.order_by(*codes).values_list(*codes)


class RowsByReason(defaultdict[str, "array[int]"]):
    """Ids of enrollments or completions, by the reason for which a step differs by them."""

    def __init__(self, model: Model) -> None:
        super().__init__(lambda: array("q"))
        self.model = model

    def without(self, ids: IdSet) -> "RowsByReason":
        found = RowsByReason(self.model)
        for reason, own in self.items():
            found[reason] = array("q", (id_ for id_ in own if id_ not in ids))
        return found

    def people(self) -> Iterator[tuple[str, NamedRows]]:
        return ((reason, NamedRows(self.model, ids)) for reason, ids in self.items() if ids)


@dataclass
class Seats:
    """Of enrollments that hold a seat: how many, who attended, and why others did not.

    ``not_completed`` has everybody who attended, by the reason if there is no completion.
    """

    number: int = 0
    attended: IdSet = field(default_factory=IdSet)
    attended_number: int = 0
    not_attended: RowsByReason = field(default_factory=lambda: RowsByReason(Enrollment))
    not_completed: RowsByReason = field(default_factory=lambda: RowsByReason(Enrollment))


def read_seats(advance: Advance) -> Seats:
    marked, attended = _marks(advance)
    voided = Completion.objects.exclude(voided_at=None).exclude(enrollment=None)
    voids = IdSet(voided.values_list("enrollment", flat=True).iterator())
    seats = Seats()
    columns = ("id", "state", "run__state", "run__starts_on")
    for id_, *facts in Enrollment.objects.holding_a_seat().values_list(*columns).iterator():
        advance()
        seats.number += 1
        if id_ in attended:
            seats.attended.add(id_)
            seats.attended_number += 1
            seats.not_completed[_why_not_completed(*facts, is_void=id_ in voids)].append(id_)
        else:
            seats.not_attended["absent" if id_ in marked else _why_no_mark(*facts)].append(id_)
    return seats


def _marks(advance: Advance) -> tuple[IdSet, IdSet]:
    """Enrollments with any mark, and those with attendance."""
    marked, attended = IdSet(), IdSet()
    marks = Attendance.objects.order_by().values_list("enrollment_id", "mark").distinct()
    for enrollment_id, mark in marks.iterator():
        advance()
        marked.add(enrollment_id)
        if mark in (Mark.PRESENT, Mark.LATE):
            attended.add(enrollment_id)
    return marked, attended


def _why_no_mark(_state: str, _run_state: str, starts_on: dt.date) -> str:
    return "not_begun" if starts_on > clock.today() else "no_attendance_recorded"


def _why_not_completed(state: str, run_state: str, _starts_on: dt.date, *, is_void: bool) -> str:
    if is_void:
        return "completion_voided"
    if state == EnrollmentState.NOT_COMPLETED:
        return "below_the_rule"
    return "no_outcome" if run_state == RunState.CLOSED else "run_not_closed"


def _of_completions() -> RowsByReason:
    return RowsByReason(Completion)


@dataclass
class Results:
    """Of completions that are not void: how many, of how many people, and who differs why.

    ``not_counted`` has the first completion of everybody who does not count.
    """

    number: int = 0
    certificated: int = 0
    people: int = 0
    enrollments: IdSet = field(default_factory=IdSet)
    beside_seats: RowsByReason = field(default_factory=_of_completions)
    no_certificate: RowsByReason = field(default_factory=_of_completions)
    without_certificate: RowsByReason = field(default_factory=_of_completions)
    same_person: RowsByReason = field(default_factory=_of_completions)
    not_counted: "array[int]" = field(default_factory=lambda: array("q"))


def read_results(count: Count, attended: IdSet, advance: Advance) -> Results:
    """``attended``: the enrollments that come before these completions."""
    results = Results()
    certificated, revoked = _certificates()
    people = _People(count)
    columns = ("id", "trainee_id", "enrollment_id", "evidence")
    rows = Completion.objects.not_voided().earliest_first().values_list(*columns)
    for id_, trainee_id, enrollment_id, evidence in rows.iterator():
        advance()
        results.number += 1
        _follow_enrollment(results, id_, enrollment_id, evidence, attended)
        if id_ in certificated:
            results.certificated += 1
        else:
            reason = "revoked" if id_ in revoked else "not_issued_yet"
            is_elsewhere = evidence == Evidence.ELSEWHERE
            results.no_certificate["of_another_organiser" if is_elsewhere else reason].append(id_)
            results.without_certificate["without_certificate"].append(id_)
        people.follow(results, id_, trainee_id)
    return results


def _follow_enrollment(
    results: Results, id_: int, enrollment_id: int | None, evidence: str, attended: IdSet
) -> None:
    if enrollment_id is None:
        is_elsewhere = evidence == Evidence.ELSEWHERE
        results.beside_seats["elsewhere" if is_elsewhere else "on_paper"].append(id_)
        return
    results.enrollments.add(enrollment_id)
    if enrollment_id not in attended:
        results.beside_seats["without_attendance"].append(id_)


class _People:
    """Tells the first completion of a person, read earliest first, from further ones."""

    def __init__(self, count: Count) -> None:
        self._survivors = Merge.objects.believed(count.known_as_of).survivor_by_absorbed()
        self._counted = IdSet(one.person_id for one in count.each_completion())
        self._first_row = IdTable()

    def follow(self, results: Results, id_: int, trainee_id: int) -> None:
        person = resolved(trainee_id, self._survivors)
        if first := self._first_row[person]:
            reason = "again" if first == trainee_id else "merged_rows"
            results.same_person[reason].append(id_)
            return
        self._first_row[person] = trainee_id
        results.people += 1
        if person not in self._counted:
            results.not_counted.append(id_)


def _certificates() -> tuple[IdSet, IdSet]:
    """Completions with a live certificate, and with a revoked one."""
    rows = Certificate.objects.order_by()
    both = rows.live(), rows.filter(state=CertificateState.REVOKED)
    live, revoked = (one.values_list("completion_id", flat=True).iterator() for one in both)
    return IdSet(live), IdSet(revoked)
