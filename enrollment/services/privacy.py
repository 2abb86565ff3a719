from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.services import SYSTEM
from common import formats
from common.personal_data import DataTable, Subject
from courses.choices import RunState
from enrollment.models import (
    Attendance,
    Completion,
    Enrollment,
)
from enrollment.services.details import DETAIL_FIELDS
from enrollment.services.enrollments import withdraw


def show(subject: Subject, in_clear: bool) -> list[DataTable]:
    return [_enrollments(subject), _attendance(subject), _results(subject)]


def _enrollments(subject: Subject) -> DataTable:
    enrollments = Enrollment.objects.filter(trainee__in=subject.trainee_ids)
    enrollments = enrollments.select_related("run__course", "sending_agency").order_by(
        "run__starts_on", "id"
    )
    columns = {
        "run": _("Class"),
        "course": _("Course"),
        "from": _("From"),
        "to": _("To"),
        "state": _("State"),
        "agency": _("Sending agency"),
        **_labels(),
        "score": _("Score"),
        "withdrawal_reason": _("Withdrawal reason"),
    }
    rows = [
        {
            "run": enrollment.run.code,
            "course": enrollment.run.course.title,
            "from": enrollment.run.starts_on,
            "to": enrollment.run.ends_on,
            "state": enrollment.get_state_display(),
            "agency": enrollment.sending_agency.name,
            **{name: getattr(enrollment, name) for name in DETAIL_FIELDS},
            "score": "" if enrollment.score is None else str(enrollment.score),
            "withdrawal_reason": enrollment.withdrawal_reason,
        }
        for enrollment in enrollments
    ]
    return DataTable("enrollments", _("Enrollments"), columns, rows)


def _labels() -> dict[str, str]:
    fields = {field.name: field for field in Enrollment._meta.fields}
    return {name: capfirst(str(fields[name].verbose_name)) for name in DETAIL_FIELDS}


def _attendance(subject: Subject) -> DataTable:
    marks = Attendance.objects.filter(enrollment__trainee__in=subject.trainee_ids)
    columns = {
        "run": _("Class"),
        "session": _("Session"),
        "on": _("Day"),
        "mark": _("Attendance"),
        "evidence": _("Evidence"),
    }
    rows = [
        {
            "run": mark.session.run.code,
            "session": mark.session.number,
            "on": formats.local_day(mark.session.starts_at),
            "mark": mark.get_mark_display(),
            "evidence": mark.get_evidence_display(),
        }
        for mark in marks.select_related("session__run").order_by("session__starts_at", "id")
    ]
    return DataTable("attendance", _("Attendance"), columns, rows)


def _results(subject: Subject) -> DataTable:
    results = Completion.objects.filter(trainee__in=subject.trainee_ids)
    columns = {
        "course": _("Course"),
        "run": _("Class"),
        "on": _("Completed on"),
        "periods": _("Periods"),
        "grade": _("Grade"),
        "score": _("Score"),
        "attendance": _("Attendance, %"),
        "agency": _("Sending agency"),
        "voided": _("Reason for voiding"),
    }
    rows = [
        {
            "course": result.run.course.title,
            "run": result.run.code,
            "on": result.completed_on,
            "periods": result.periods,
            "grade": result.get_grade_display(),
            "score": "" if result.score is None else str(result.score),
            "attendance": "" if result.attendance_percent is None else result.attendance_percent,
            "agency": result.sending_agency.name,
            "voided": result.void_reason,
        }
        for result in results.select_related("run__course", "sending_agency").earliest_first()
    ]
    return DataTable("results", _("Results"), columns, rows)


def erase(subject: Subject) -> int:
    """Withdraw from classes ahead; ``enrollment.personal`` declares what else is erased."""
    # Withdrawn rather than deleted, so that a freed seat goes to the waiting list.
    own = Enrollment.objects.filter(trainee__in=subject.trainee_ids)
    ahead = own.in_progress().filter(run__state__in=(RunState.OPEN, RunState.RUNNING))
    for enrollment in ahead.order_by("id"):
        withdraw(by=SYSTEM, enrollment=enrollment)
    return len(ahead)
