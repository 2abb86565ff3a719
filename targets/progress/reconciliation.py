"""From enrolled to counted: each step's difference as a list of names with reasons."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from certificates.choices import CertificateState
from certificates.models import Certificate
from common import clock
from counting.counter import counted
from counting.explanation import refusals, with_relations
from counting.models import CountingRule
from counting.output import rule_as_json
from counting.replay import TRAINED_OFFICIALS, Count
from courses.choices import RunState
from enrollment.choices import EnrollmentState, Evidence, Mark
from enrollment.models import Attendance, Completion, Enrollment
from people.models import Merge
from people.querysets import resolved
from targets.progress.findings import Finding, findings


@dataclass(frozen=True, slots=True, order=True)
class Named:
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
    label: str
    count: int
    people: list[Named]


@dataclass(frozen=True, slots=True)
class Step:
    """One figure; the step before plus the counts of the reasons makes ``count``."""

    key: str
    label: str
    count: int
    difference: int
    reasons: list[StepReason]


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
    steps: list[Step]
    unexplained: list[Finding]
    rule: CountingRule | None
    outside_class_days: list[OtherDay]

    @property
    def ok(self) -> bool:
        return not self.unexplained

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": rule_as_json(self.rule),
            "steps": [asdict(step) for step in self.steps],
            "outside_class_days": [other.as_json() for other in self.outside_class_days],
            "unexplained": [asdict(finding) for finding in self.unexplained],
            "ok": self.ok,
        }


@dataclass
class _Path:
    """All that the steps need, read once."""

    seated: dict[int, Enrollment]
    marked: set[int]
    attended: set[int]
    completions: list[Completion]
    voided: set[int]
    certificated: set[int]
    revoked: set[int]
    survivor_by_absorbed: dict[int, int]
    count: Count
    enrollments_completed: set[int] = field(init=False)

    def __post_init__(self) -> None:
        self.enrollments_completed = {c.enrollment_id for c in self.completions if c.enrollment_id}

    def person_of(self, completion: Completion) -> int:
        return resolved(completion.trainee_id, self.survivor_by_absorbed)


def reconcile(*, indicator: str = TRAINED_OFFICIALS) -> Reconciliation:
    """Follow everybody from a seat to the number, as believed now.

    Each difference has names and reasons; contradictions are ``unexplained``.
    """
    path = _read(indicator)
    steps = [_enrolled(path)]
    for follow in (_attended, _completed, _certificated, _distinct, _counted):
        steps.append(follow(path, steps[-1].count))
    unexplained = [*_gaps(steps), *findings()]
    return Reconciliation(steps, unexplained, path.count.rule, _outside_class_days())


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
    seated = Enrollment.objects.holding_a_seat().select_related("trainee", "run")
    marks = list(Attendance.objects.values_list("enrollment_id", "mark").distinct())
    completions = Completion.objects.all()
    voided = completions.exclude(voided_at=None).exclude(enrollment=None)
    certificates = Certificate.objects.all()
    revoked = certificates.filter(state=CertificateState.REVOKED)
    return _Path(
        seated={enrollment.pk: enrollment for enrollment in seated},
        marked={enrollment_id for enrollment_id, _mark in marks},
        attended={id_ for id_, mark in marks if mark in (Mark.PRESENT, Mark.LATE)},
        completions=list(with_relations(completions.not_voided().earliest_first())),
        voided=set(voided.values_list("enrollment", flat=True)),
        certificated=set(certificates.live().values_list("completion_id", flat=True)),
        revoked=set(revoked.values_list("completion_id", flat=True)),
        survivor_by_absorbed=Merge.objects.believed(now).survivor_by_absorbed(),
        count=counted(known_as_of=now, indicator=indicator),
    )


# Steps ----------------------------------------------------------------------------------


def _enrolled(path: _Path) -> Step:
    return Step("enrolled", step_labels()["enrolled"], len(path.seated), 0, [])


def _attended(path: _Path, before: int) -> Step:
    attended = path.attended & path.seated.keys()
    less: Names = defaultdict(list)
    for id_, enrollment in path.seated.items():
        if id_ not in attended:
            less[_why_not_attended(path, enrollment)].append(_named(enrollment))
    return _step("attended", len(attended), before, less=less)


def _why_not_attended(path: _Path, enrollment: Enrollment) -> str:
    if enrollment.pk in path.marked:
        return "absent"
    return "not_begun" if enrollment.run.starts_on > clock.today() else "no_attendance_recorded"


def _completed(path: _Path, before: int) -> Step:
    less: Names = defaultdict(list)
    more: Names = defaultdict(list)
    attended = path.attended & path.seated.keys()
    for id_ in attended - path.enrollments_completed:
        enrollment = path.seated[id_]
        less[_why_not_completed(path, enrollment)].append(_named(enrollment))
    for completion in path.completions:
        if completion.enrollment_id is None:
            elsewhere = completion.evidence == Evidence.ELSEWHERE
            more["elsewhere" if elsewhere else "on_paper"].append(_named(completion))
        elif completion.enrollment_id not in attended:
            more["without_attendance"].append(_named(completion))
    count = len(path.completions)
    return _step("completed", count, before, less=less, more=more)


def _why_not_completed(path: _Path, enrollment: Enrollment) -> str:
    if enrollment.pk in path.voided:
        return "completion_voided"
    if enrollment.state == EnrollmentState.NOT_COMPLETED:
        return "below_the_rule"
    return "no_outcome" if enrollment.run.state == RunState.CLOSED else "run_not_closed"


def _certificated(path: _Path, before: int) -> Step:
    less: Names = defaultdict(list)
    for completion in path.completions:
        if completion.pk not in path.certificated:
            less[_why_no_certificate(path, completion)].append(_named(completion))
    count = sum(completion.pk in path.certificated for completion in path.completions)
    return _step("certificated", count, before, less=less)


def _why_no_certificate(path: _Path, completion: Completion) -> str:
    if completion.evidence == Evidence.ELSEWHERE:
        return "of_another_organiser"
    return "revoked" if completion.pk in path.revoked else "not_issued_yet"


def _distinct(path: _Path, before: int) -> Step:
    """People behind all completions: certificates are not needed to count as trained."""
    less: Names = defaultdict(list)
    more: Names = defaultdict(list)
    first_row_by_person: dict[int, int] = {}
    for completion in path.completions:
        if completion.pk not in path.certificated:
            more["without_certificate"].append(_named(completion))
        person = path.person_of(completion)
        if (first := first_row_by_person.get(person)) is None:
            first_row_by_person[person] = completion.trainee_id
        else:
            again = "again" if first == completion.trainee_id else "merged_rows"
            less[again].append(_named(completion))
    count = len({path.person_of(completion) for completion in path.completions})
    return _step("people", count, before, less=less, more=more)


def _counted(path: _Path, before: int) -> Step:
    counting = {person.person_id for person in path.count.people}
    less: Names = defaultdict(list)
    seen = set(counting)
    for completion in path.completions:
        if (person := path.person_of(completion)) not in seen:
            seen.add(person)
            less[_why_not_counted(path, completion)].append(_named(completion))
    count = path.count.persons
    return _step("counted", count, before, less=less)


def _why_not_counted(path: _Path, completion: Completion) -> str:
    """The reason for the first of somebody's completions."""
    count = path.count
    if count.rule is None:
        return "no_rule"
    reasons = refusals(completion, count.rule, as_of=count.as_of, known_as_of=count.known_as_of)
    return reasons[0].code if reasons else "no_outcome"


# In words -------------------------------------------------------------------------------


def step_labels() -> dict[str, str]:
    return {
        "enrolled": _("Have or had a seat"),
        "attended": _("Attended a session"),
        "completed": _("Completed a class"),
        "certificated": _("Have a certificate for it"),
        "people": _("Distinct people"),
        "counted": _("Counted under the rule"),
    }


def _labels() -> dict[str, str]:
    return {
        "absent": _("marked absent in every session"),
        "not_begun": _("the class has not started"),
        "no_attendance_recorded": _("no attendance recorded"),
        "completion_voided": _("completion voided"),
        "below_the_rule": _("below the completion rule"),
        "run_not_closed": _("the class is not closed yet"),
        "on_paper": _("recorded from paper"),
        "elsewhere": _("completed elsewhere"),
        "without_attendance": _("completed without attendance in a session"),
        "revoked": _("certificate revoked"),
        "not_issued_yet": _("certificate not issued yet"),
        "of_another_organiser": _("completed elsewhere, with that organiser's proof"),
        "without_certificate": _("completed, without a certificate"),
        "again": _("another completion of the same person"),
        "merged_rows": _("records merged into one person"),
        "no_rule": _("no counting rule adopted"),
        "course": _("the course is not counted"),
        "course_dates": _("the course is not counted on that day"),
        "sector": _("the sector is not counted"),
        "kind": _("the kind of agency is not counted"),
        "evidence": _("the kind of evidence is not accepted"),
        "periods": _("too few periods"),
        "agency_left_out": _("the rule excludes the agency"),
        "after_as_of": _("completed on a future date"),
        "no_outcome": _("no reason found"),
    }


def _named(row: Enrollment | Completion) -> Named:
    return Named(row.trainee.code, row.run.code)


def _step(
    key: str,
    count: int,
    before: int,
    *,
    less: Names,
    more: Names | None = None,
) -> Step:
    reasons = [*_reasons(more or {}, sign=1), *_reasons(less, sign=-1)]
    return Step(key, step_labels()[key], count, count - before, reasons)


def _reasons(names: Names, *, sign: int) -> Iterable[StepReason]:
    labels = _labels()
    for code, people in names.items():
        yield StepReason(code, labels.get(code, code), sign * len(people), sorted(people))


def _gaps(steps: list[Step]) -> Iterable[Finding]:
    """Steps whose reasons do not add up, and people for whom no reason was found."""
    for step in steps:
        explained = sum(reason.count for reason in step.reasons)
        people = [str(one) for r in step.reasons if r.code == "no_outcome" for one in r.people]
        if explained != step.difference:
            message = _(
                "“%(step)s”: a difference of %(difference)s, of which %(explained)s are explained."
            )
            what = {"step": step.label, "difference": step.difference, "explained": explained}
            yield Finding("difference", message % what)
        if people:
            message = _("“%(step)s”: no reason found for %(people)s.")
            yield Finding("no_reason", message % {"step": step.label, "people": ", ".join(people)})
