"""From enrolled to counted: each step's difference as a list of names with reasons."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from certificates.choices import CertificateState
from certificates.models import Certificate
from common import clock
from common.bulk import in_list
from common.deferred_messages import DeferredMessage as _
from counting.counter import counted
from counting.explanation import refusals, with_relations
from counting.models import CountingRule
from counting.output import instant_as_text, rule_as_json
from counting.replay import TRAINED_OFFICIALS, Count
from courses.choices import RunState
from enrollment.choices import EnrollmentState, Evidence, Mark
from enrollment.models import Attendance, Completion, Enrollment
from people.models import Merge
from people.querysets import resolved
from targets.progress.findings import Finding, findings
from targets.progress.reconciliation_labels import reason_labels, step_labels

_ROWS = 500


class Named(NamedTuple):
    """A trainee code, and the run concerned."""

    code: str
    run: str

    def __str__(self) -> str:
        return f"{self.code} ({self.run})"


Names = dict[str, list[Named]]


@dataclass(frozen=True, slots=True)
class StepReason:
    """People by whom a step is smaller (``count`` below 0) or larger than the one before.

    Somebody is listed once for each run by which it happened.
    """

    code: str
    count: int
    people: Sequence[Named]

    @property
    def label(self) -> str:
        return str(reason_labels().get(self.code, self.code))

    def as_json(self, most: int | None) -> dict[str, Any]:
        people = [one._asdict() for one in self.people[:most]]
        return {"code": self.code, "label": self.label, "count": self.count, "people": people}


@dataclass(frozen=True, slots=True)
class Step:
    """One figure; the step before plus the counts of the reasons makes ``count``."""

    key: str
    count: int
    difference: int
    reasons: Sequence[StepReason]

    @property
    def label(self) -> str:
        return str(step_labels()[self.key])

    def as_json(self, most: int | None) -> dict[str, Any]:
        return {
            "key": self.key,
            "label": self.label,
            "count": self.count,
            "difference": self.difference,
            "reasons": [reason.as_json(most) for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class OtherDay:
    """A completion on another day than the class's own, with the reason given for it."""

    code: str
    run: str
    completed_on: dt.date
    reason: str
    document: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"completed_on": self.completed_on.isoformat()}


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """``known_as_of`` is the instant up to which records are believed."""

    known_as_of: dt.datetime
    steps: Sequence[Step]
    unexplained: Sequence[Finding]
    rule: CountingRule | None
    outside_class_days: Sequence[OtherDay]

    @property
    def ok(self) -> bool:
        return not self.unexplained

    def as_json(self, most: int | None = None) -> dict[str, Any]:
        """``most`` limits each list of people."""
        return {
            "known_as_of": instant_as_text(self.known_as_of),
            "rule": rule_as_json(self.rule),
            "steps": [step.as_json(most) for step in self.steps],
            "outside_class_days": [other.as_json() for other in self.outside_class_days[:most]],
            "unexplained": [finding.as_json() for finding in self.unexplained],
            "ok": self.ok,
        }


class _Seat(NamedTuple):
    id: int
    named: Named
    state: str
    run_state: str
    starts_on: dt.date


class _Result(NamedTuple):
    """A completion that is not void."""

    id: int
    trainee_id: int
    enrollment_id: int | None
    evidence: str
    named: Named


@dataclass
class _Path:
    """All that the steps need, read once."""

    seated: dict[int, _Seat]
    marked: set[int]
    attended: set[int]
    completions: list[_Result]
    voided: set[int]
    certificated: set[int]
    revoked: set[int]
    survivor_by_absorbed: dict[int, int]
    count: Count
    enrollments_completed: set[int] = field(init=False)

    def __post_init__(self) -> None:
        self.enrollments_completed = {c.enrollment_id for c in self.completions if c.enrollment_id}

    def person_of(self, completion: _Result) -> int:
        return resolved(completion.trainee_id, self.survivor_by_absorbed)


def reconcile(
    *, indicator: str = TRAINED_OFFICIALS, advance: Callable[[], object] = lambda: None
) -> Reconciliation:
    """Follow everybody from a seat to the number, as believed now.

    Each difference has names and reasons; contradictions are ``unexplained``. Reads every
    enrollment and completion: pages show ``targets.progress.stored_reconciliation``. ``advance``
    is called again and again.
    """
    path = _read(indicator)
    steps = [_enrolled(path)]
    for follow in (_attended, _completed, _certificated, _distinct, _counted):
        advance()
        steps.append(follow(path, steps[-1].count))
    unexplained = [*_gaps(steps), *findings(advance)]
    return Reconciliation(
        path.count.known_as_of, steps, unexplained, path.count.rule, _outside_class_days()
    )


def _outside_class_days() -> list[OtherDay]:
    outside = Completion.objects.not_voided().outside_class_days().earliest_first()
    return [
        OtherDay(
            one.trainee.code,
            one.run.code,
            one.completed_on,
            one.day_reason,
            str(one.paper or ""),
        )
        for one in outside.select_related("trainee", "run", "paper")
    ]


def _read(indicator: str) -> _Path:
    now = clock.now()
    marks = list(Attendance.objects.values_list("enrollment_id", "mark").distinct())
    voided = Completion.objects.exclude(voided_at=None).exclude(enrollment=None)
    certificates = Certificate.objects.all()
    revoked = certificates.filter(state=CertificateState.REVOKED)
    return _Path(
        seated={seat.id: seat for seat in _seats()},
        marked={enrollment_id for enrollment_id, _mark in marks},
        attended={id_ for id_, mark in marks if mark in (Mark.PRESENT, Mark.LATE)},
        completions=list(_results()),
        voided=set(voided.values_list("enrollment", flat=True)),
        certificated=set(certificates.live().values_list("completion_id", flat=True)),
        revoked=set(revoked.values_list("completion_id", flat=True)),
        survivor_by_absorbed=Merge.objects.believed(now).survivor_by_absorbed(),
        count=counted(known_as_of=now, indicator=indicator),
    )


def _seats() -> Iterator[_Seat]:
    columns = ("id", "trainee__code", "run__code", "state", "run__state", "run__starts_on")
    rows = Enrollment.objects.holding_a_seat().values_list(*columns)
    for id_, code, run, *rest in rows.iterator():
        yield _Seat(id_, Named(code, run), *rest)


def _results() -> Iterator[_Result]:
    columns = ("id", "trainee_id", "enrollment_id", "evidence", "trainee__code", "run__code")
    rows = Completion.objects.not_voided().earliest_first().values_list(*columns)
    for id_, trainee_id, enrollment_id, evidence, code, run in rows.iterator():
        yield _Result(id_, trainee_id, enrollment_id, evidence, Named(code, run))


# Steps ----------------------------------------------------------------------------------


def _enrolled(path: _Path) -> Step:
    return Step("enrolled", len(path.seated), 0, [])


def _attended(path: _Path, before: int) -> Step:
    attended = path.attended & path.seated.keys()
    less: Names = defaultdict(list)
    for id_, seat in path.seated.items():
        if id_ not in attended:
            less[_why_not_attended(path, seat)].append(seat.named)
    return _step("attended", len(attended), before, less=less)


def _why_not_attended(path: _Path, seat: _Seat) -> str:
    if seat.id in path.marked:
        return "absent"
    return "not_begun" if seat.starts_on > clock.today() else "no_attendance_recorded"


def _completed(path: _Path, before: int) -> Step:
    less: Names = defaultdict(list)
    more: Names = defaultdict(list)
    attended = path.attended & path.seated.keys()
    for id_ in attended - path.enrollments_completed:
        seat = path.seated[id_]
        less[_why_not_completed(path, seat)].append(seat.named)
    for completion in path.completions:
        if completion.enrollment_id is None:
            elsewhere = completion.evidence == Evidence.ELSEWHERE
            more["elsewhere" if elsewhere else "on_paper"].append(completion.named)
        elif completion.enrollment_id not in attended:
            more["without_attendance"].append(completion.named)
    count = len(path.completions)
    return _step("completed", count, before, less=less, more=more)


def _why_not_completed(path: _Path, seat: _Seat) -> str:
    if seat.id in path.voided:
        return "completion_voided"
    if seat.state == EnrollmentState.NOT_COMPLETED:
        return "below_the_rule"
    return "no_outcome" if seat.run_state == RunState.CLOSED else "run_not_closed"


def _certificated(path: _Path, before: int) -> Step:
    less: Names = defaultdict(list)
    for completion in path.completions:
        if completion.id not in path.certificated:
            less[_why_no_certificate(path, completion)].append(completion.named)
    count = sum(completion.id in path.certificated for completion in path.completions)
    return _step("certificated", count, before, less=less)


def _why_no_certificate(path: _Path, completion: _Result) -> str:
    if completion.evidence == Evidence.ELSEWHERE:
        return "of_another_organiser"
    return "revoked" if completion.id in path.revoked else "not_issued_yet"


def _distinct(path: _Path, before: int) -> Step:
    """People behind all completions: certificates are not needed to count as trained."""
    less: Names = defaultdict(list)
    more: Names = defaultdict(list)
    first_row_by_person: dict[int, int] = {}
    for completion in path.completions:
        if completion.id not in path.certificated:
            more["without_certificate"].append(completion.named)
        person = path.person_of(completion)
        if (first := first_row_by_person.get(person)) is None:
            first_row_by_person[person] = completion.trainee_id
        else:
            again = "again" if first == completion.trainee_id else "merged_rows"
            less[again].append(completion.named)
    count = len({path.person_of(completion) for completion in path.completions})
    return _step("people", count, before, less=less, more=more)


def _counted(path: _Path, before: int) -> Step:
    less: Names = defaultdict(list)
    seen = {person.person_id for person in path.count.people}
    first: dict[int, Named] = {}
    for completion in path.completions:
        if (person := path.person_of(completion)) not in seen:
            seen.add(person)
            first[completion.id] = completion.named
    for id_, reason in _why_not_counted(path.count, list(first)):
        less[reason].append(first[id_])
    count = path.count.persons
    return _step("counted", count, before, less=less)


def _why_not_counted(count: Count, ids: list[int]) -> Iterator[tuple[int, str]]:
    """The reason for the first of somebody's completions."""
    if count.rule is None:
        yield from ((id_, "no_rule") for id_ in ids)
        return
    rows = Completion.objects.filter(pk__in=in_list(ids)) if ids else Completion.objects.none()
    for row in with_relations(rows).iterator(chunk_size=_ROWS):
        reasons = refusals(row, count.rule, as_of=count.as_of, known_as_of=count.known_as_of)
        yield row.pk, reasons[0].code if reasons else "no_outcome"


def _step(
    key: str,
    count: int,
    before: int,
    *,
    less: Names,
    more: Names | None = None,
) -> Step:
    reasons = [*_reasons(more or {}, sign=1), *_reasons(less, sign=-1)]
    return Step(key, count, count - before, reasons)


def _reasons(names: Names, *, sign: int) -> Iterable[StepReason]:
    for code, people in names.items():
        yield StepReason(code, sign * len(people), sorted(people))


def _gaps(steps: list[Step]) -> Iterable[Finding]:
    """Steps whose reasons do not add up, and people for whom no reason was found."""
    for step in steps:
        explained = sum(reason.count for reason in step.reasons)
        people = [str(one) for r in step.reasons if r.code == "no_outcome" for one in r.people]
        label = step_labels()[step.key]
        if explained != step.difference:
            message = _(
                "“%(step)s”: a difference of %(difference)s, of which %(explained)s are explained."
            )
            what: dict[str, Any] = {
                "step": label,
                "difference": step.difference,
                "explained": explained,
            }
            yield Finding("difference", message % what)
        if people:
            message = _("“%(step)s”: no reason found for %(people)s.")
            yield Finding("no_reason", message % {"step": label, "people": ", ".join(people)})
