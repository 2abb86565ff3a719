from operator import methodcaller

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.services import SYSTEM
from common import formats
from common.personal_data import Cell, DataTable, Subject
from courses.choices import RunState
from enrollment.models import Attendance, Completion, Enrollment
from enrollment.services.details import CODED_DETAILS, DETAIL_FIELDS
from enrollment.services.enrollments import withdraw


def show(subject: Subject, in_clear: bool) -> list[DataTable]:
    return [_enrollments(subject), _attendance(subject), _results(subject)]


def _enrollments(subject: Subject) -> DataTable:
    enrollments = Enrollment.objects.filter(trainee__in=subject.trainee_ids)
    fields = {field.name: field for field in Enrollment._meta.fields}
    shown: dict[str, Cell] = dict(zip(DETAIL_FIELDS, DETAIL_FIELDS, strict=True))
    shown |= {name: methodcaller(f"get_{name}_display") for name in CODED_DETAILS}
    details = {
        name: (capfirst(str(fields[name].verbose_name)), cell) for name, cell in shown.items()
    }
    return DataTable.of(
        "enrollments",
        _("Enrollments"),
        enrollments.select_related("run__course", "sending_agency").order_by(
            "run__starts_on", "id"
        ),
        run=(_("Class"), "run.code"),
        course=(_("Course"), "run.course.title"),
        **{"from": (_("From"), "run.starts_on")},
        to=(_("To"), "run.ends_on"),
        state=(_("State"), Enrollment.get_state_display),
        agency=(_("Sending agency"), "sending_agency.name"),
        **details,
        score=(_("Score"), lambda one: _or_blank(one.score)),
        withdrawal_reason=(_("Withdrawal reason"), "withdrawal_reason"),
    )


def _or_blank(value: object) -> object:
    return "" if value is None else value


def _attendance(subject: Subject) -> DataTable:
    marks = Attendance.objects.filter(enrollment__trainee__in=subject.trainee_ids)
    return DataTable.of(
        "attendance",
        _("Attendance"),
        marks.select_related("session__run").order_by("session__starts_at", "id"),
        run=(_("Class"), "session.run.code"),
        session=(_("Session"), "session.number"),
        on=(_("Day"), lambda mark: formats.local_day(mark.session.starts_at)),
        mark=(_("Attendance"), Attendance.get_mark_display),
        evidence=(_("Evidence"), Attendance.get_evidence_display),
    )


def _results(subject: Subject) -> DataTable:
    results = Completion.objects.filter(trainee__in=subject.trainee_ids)
    return DataTable.of(
        "results",
        _("Results"),
        results.select_related("run__course", "sending_agency").earliest_first(),
        course=(_("Course"), "run.course.title"),
        run=(_("Class"), "run.code"),
        on=(_("Completed on"), "completed_on"),
        periods=(_("Periods"), "periods"),
        grade=(_("Grade"), Completion.get_grade_display),
        score=(_("Score"), lambda one: _or_blank(one.score)),
        attendance=(_("Attendance, %"), lambda one: _or_blank(one.attendance_percent)),
        agency=(_("Sending agency"), "sending_agency.name"),
        voided=(_("Reason for voiding"), "void_reason"),
    )


def erase(subject: Subject) -> int:
    """Withdraw from classes ahead; ``enrollment.personal`` declares what else is erased."""
    # Withdrawn rather than deleted, so that a freed seat goes to the waiting list.
    own = Enrollment.objects.filter(trainee__in=subject.trainee_ids)
    ahead = own.in_progress().filter(run__state__in=(RunState.OPEN, RunState.RUNNING))
    for enrollment in ahead.order_by("id"):
        withdraw(by=SYSTEM, enrollment=enrollment)
    return len(ahead)
