"""Results of courses held elsewhere: on platforms, or by other organisers.

Each platform and course is a run without seats, matched by the office to a course of the programme.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from common import clock
from common.vietnamese import search_key, tidy
from courses.choices import RunState
from courses.models import Course, CourseRun
from courses.services.timetables import lock_run
from enrollment.choices import Evidence
from enrollment.errors import EnrollmentError, EnrollmentInputError
from enrollment.models import PaperEvidence
from enrollment.services.completion import agencies_on, new_completion, people_completed
from enrollment.services.completion_days import accepted_day_reason
from enrollment.services.results import Backfill
from people.models import Trainee

LONGEST_PROOF = 250
MOST_HOURS = 5_000


@dataclass(frozen=True, slots=True)
class OutsideResult:
    """``proof`` is what shows it: the number or address of a certificate."""

    trainee: Trainee
    run: CourseRun
    completed_on: dt.date
    proof: str
    hours: Decimal | None = None
    trainee_kind: str = ""


def outside_key(platform: str, title: str) -> str:
    """The form in which a platform's courses are compared, whatever case and accents."""
    return f"{search_key(platform)}\n{search_key(title)}"[:320]


@audited("outside_course_matched")
def match_outside_course(*, by: Actor, platform: str, title: str, course: Course) -> CourseRun:
    """Raises EnrollmentError ``already_matched``."""
    platform, title = tidy(platform), tidy(title)
    if not (platform and title):
        raise EnrollmentInputError("name_missing", _("Enter the platform and its course."))
    Course.objects.select_for_update().get(pk=course.pk)
    key = outside_key(platform, title)
    if CourseRun.objects.filter(outside_key=key).exists():
        raise EnrollmentError(
            "already_matched",
            _("“%(title)s” at “%(platform)s” has been matched to a course already.")
            % {"title": title, "platform": platform},
        )
    run = CourseRun.objects.create(
        course=course,
        code=_next_code(),
        state=RunState.CLOSED,
        starts_on=clock.today(),
        ends_on=clock.today(),
        capacity=0,
        platform=platform,
        outside_title=title,
        outside_key=key,
    )
    audit_details(run=run.code, platform=platform, title=title, course=course.code)
    return run


def _next_code() -> str:
    number = CourseRun.objects.outside().count() + 1
    while CourseRun.objects.filter(code=f"EXT-{number:03d}").exists():
        number += 1
    return f"EXT-{number:03d}"


@audited("outside_course_rematched")
def rematch_outside_course(*, by: Actor, run: CourseRun, course: Course) -> CourseRun:
    """Match it to another course, as long as it has no results. Raises EnrollmentError
    ``has_results``.
    """
    run = lock_run(run)
    before = run.course.code
    if run.completions.not_voided().exists():
        raise EnrollmentError(
            "has_results",
            _("People have results of it as course %(course)s; void these first.")
            % {"course": before},
        )
    run.course = course
    run.save(update_fields=["course"])
    audit_details(run=run.code, before=before, course=course.code)
    return run


@audited("outside_results_recorded")
def record_outside_results(
    *,
    by: Actor,
    sending_agency: Agency,
    results: Sequence[OutsideResult],
    paper: PaperEvidence | None = None,
) -> Backfill:
    """Record results from elsewhere, all or none; who has one of the same course is left alone.

    The day on the proof counts. Raises EnrollmentInputError for an impossible day.
    """
    by_run: dict[int, list[OutsideResult]] = defaultdict(list)
    for result in results:
        by_run[result.run.pk].append(result)
    recorded = 0
    for _pk, found in sorted(by_run.items()):  # locked in order: two files never block each other
        recorded += _record_in(by, lock_run(found[0].run), sending_agency, found)
    audit_details(agency=sending_agency.slug, recorded=recorded)
    return Backfill(recorded, len(results) - recorded)


def _record_in(by: Actor, run: CourseRun, sender: Agency, results: Sequence[OutsideResult]) -> int:
    done = people_completed(run, [result.trainee.pk for result in results])
    new = {one.trainee.pk: one for one in reversed(results) if one.trainee.pk not in done}
    for one in reversed(new.values()):
        accepted_day_reason(
            one.completed_on, run=run, trainee=one.trainee, reason="", document=None
        )
        agency = agencies_on(one.completed_on, {sender.pk})[sender.pk]
        new_completion(
            by,
            run,
            agency,
            None,
            trainee=one.trainee,
            completed_on=one.completed_on,
            rule_met="elsewhere",
            evidence=Evidence.ELSEWHERE,
            trainee_kind=one.trainee_kind,
            remark=one.proof[:LONGEST_PROOF],
            hours=one.hours,
        ).save()
    if new:
        days = [one.completed_on for one in new.values()]
        is_first = not run.completions.exclude(trainee__in=new).exists()
        run.starts_on = min(days) if is_first else min(run.starts_on, *days)
        run.ends_on = max(days) if is_first else max(run.ends_on, *days)
        run.save(update_fields=["starts_on", "ends_on"])
    return len(new)
