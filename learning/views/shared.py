"""What the pages of units share: whose class it is, and whose course."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.choices import RUN_MANAGERS, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from courses.models import Course, CourseRun
from enrollment.models import Enrollment
from enrollment.views.materials import may_open_materials
from enrollment.views.shared import is_staff_of, require_announced, run_context
from learning.querysets import courses_of_staff


def course_for_staff(user: User, code: str, *, reading: bool = False) -> Course:
    """For the office and those who teach it; with ``reading`` also for auditors. Else 404."""
    courses = courses_of_staff(Course.objects.all(), user, reading=reading)
    course: Course = get_object_or_404(courses, code=code)
    return course


def may_manage_course(user: User, course: Course) -> bool:
    """Of a course that the user sees: an auditor may also teach, though perhaps another one."""
    if user.has_role(Role.PROGRAMME_OFFICE) or not user.reads_everything:
        return may_manage(user)
    own = courses_of_staff(Course.objects.filter(pk=course.pk), user)
    return may_manage(user) and bool(own.exists())


def may_manage(user: User) -> bool:
    return user.has_role(*RUN_MANAGERS)


def class_of_reader(user: User, code: str) -> CourseRun:
    """A class whose materials the user may open. Else 404."""
    run = get_object_or_404(CourseRun.objects.select_related("course"), code=code)
    require_announced(run, user)
    if not may_open_materials(user, run):
        raise Http404
    return run


def own_seat(user: User, run: CourseRun) -> Enrollment | None:
    seats = run.enrollments.holding_a_seat().of_user(user.pk)
    return seats.select_related("run").order_by("-id").first()


def class_context(request: AuthenticatedHttpRequest, run: CourseRun) -> dict[str, Any]:
    """The head of a page of the class; whoever is only enrolled sees no tabs."""
    is_staff = is_staff_of(request.user, run)
    return run_context(request, run, is_staff=is_staff) | {"is_staff": is_staff}
