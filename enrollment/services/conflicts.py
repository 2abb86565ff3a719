"""Warnings at enrollment that forbid nothing: simultaneous classes, missing prerequisites."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from common import clock
from common.bulk import in_list
from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from courses.models import CourseRun, Session
from enrollment.choices import EnrollmentState
from enrollment.models import Completion
from people.models import Merge
from people.querysets import resolved

Meetings: TypeAlias = Sequence[tuple[dt.datetime, dt.datetime]]


@dataclass(frozen=True, slots=True)
class EnrollmentWarning:
    """A warning about one person; ``code`` is time_clash or prerequisite_missing."""

    trainee_id: int
    code: str
    text: DeferredMessage

    @property
    def message(self) -> str:
        return str(self.text)


class EnrollmentWarnings:
    """Warnings of one run, whose sessions and prerequisites are read once for many batches."""

    def __init__(self, run: CourseRun) -> None:
        self._run, self._meetings = run, meetings(run)
        self._required = set(run.course.prerequisites.values_list("code", flat=True))

    def for_people(self, trainee_ids: Sequence[int]) -> list[EnrollmentWarning]:
        conflicts = people_with_conflicts(self._run, trainee_ids, self._meetings)
        missing = _missing_prerequisites(self._required, trainee_ids) if self._required else {}
        clash = _("Has a seat at the same time in: %(codes)s.")
        lacks = _("Has not completed the prerequisites: %(codes)s.")
        found = [
            EnrollmentWarning(who, code, text % {"codes": ", ".join(codes)})
            for code, text, people in (
                ("time_clash", clash, conflicts),
                ("prerequisite_missing", lacks, missing),
            )
            for who, codes in people.items()
        ]
        return sorted(found, key=lambda warning: (warning.trainee_id, warning.code))


def warnings_for(run: CourseRun, trainee_ids: Sequence[int]) -> list[EnrollmentWarning]:
    return EnrollmentWarnings(run).for_people(trainee_ids)


def meetings(run: CourseRun) -> Meetings:
    return list(run.sessions.values_list("starts_at", "ends_at"))


def people_with_conflicts(
    run: CourseRun, trainee_ids: Sequence[int], own_meetings: Meetings | None = None
) -> dict[int, list[str]]:
    """Map ids of those seated in a simultaneous class to the codes of those classes."""
    own_meetings = meetings(run) if own_meetings is None else own_meetings
    if not own_meetings or not trainee_ids:
        return {}
    # A person may hold a seat under a row that was merged with theirs.
    rows = _SamePersonRows(trainee_ids)
    # Narrowed by the run's whole span in SQL; exact overlaps are compared below.
    others = Session.objects.exclude(run=run).filter(
        starts_at__lt=max(end for _start, end in own_meetings),
        ends_at__gt=min(start for start, _end in own_meetings),
        run__enrollments__state=EnrollmentState.ENROLLED,
    )
    found: dict[int, set[str]] = defaultdict(set)
    sessions = others.filter(run__enrollments__trainee__in=in_list(rows.rows))
    for row, code, start, end in sessions.values_list(
        "run__enrollments__trainee_id", "run__code", "starts_at", "ends_at"
    ):
        if any(start < my_end and end > my_start for my_start, my_end in own_meetings):
            for trainee_id in rows.asked(row):
                found[trainee_id].add(code)
    return {trainee_id: sorted(codes) for trainee_id, codes in found.items()}


def _missing_prerequisites(required: set[str], trainee_ids: Sequence[int]) -> dict[int, list[str]]:
    rows = _SamePersonRows(trainee_ids)
    completed: dict[int, set[str]] = defaultdict(set)
    completions = Completion.objects.not_voided().filter(course_code__in=required)
    own = completions.filter(trainee__in=in_list(rows.rows))
    for row, code in own.values_list("trainee_id", "course_code"):
        for trainee_id in rows.asked(row):
            completed[trainee_id].add(code)
    return {
        trainee_id: sorted(required - completed[trainee_id])
        for trainee_id in trainee_ids
        if required - completed[trainee_id]
    }


class _SamePersonRows:
    """All rows of the people asked about, including rows merged with theirs."""

    def __init__(self, trainee_ids: Iterable[int]) -> None:
        self._survivors = Merge.objects.believed(clock.now()).survivor_by_absorbed()
        self._asked: dict[int, list[int]] = defaultdict(list)
        for trainee_id in trainee_ids:
            self._asked[resolved(trainee_id, self._survivors)].append(trainee_id)
        self.rows = set(self._asked) | set(trainee_ids)
        self.rows |= {
            row for row in self._survivors if resolved(row, self._survivors) in self._asked
        }

    def asked(self, row: int) -> list[int]:
        return self._asked[resolved(row, self._survivors)]
