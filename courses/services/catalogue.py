from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common.constraints import violation_as
from common.own_addresses import require_own_address
from courses.errors import CourseError, CourseInputError
from courses.models import Course


@audited("course_entered")
def enter_course(
    *, by: Actor, code: str, title_vi: str, prerequisites: Iterable[Course] = (), **details: Any
) -> Course:
    """Raises CourseError ``code_taken``, ``reserved_word``, ValidationError."""
    require_own_address(CourseInputError, code, "course")
    course = Course(code=code, title_vi=title_vi, **details)
    course.full_clean(validate_unique=False)
    _save(course)
    course.prerequisites.set(prerequisites)
    audit_details(course=code)
    return course


@audited("course_changed")
def change_course(*, by: Actor, course: Course, **changes: Any) -> Course:
    """Change a course; fields that are not given stay.

    Results already recorded keep the rule that they met. The code cannot change once a class has
    been opened: classes, results and certificates name the course by it.
    """
    course = Course.objects.select_for_update().get(pk=course.pk)
    _require_code_may_change(course, changes.get("code", course.code))
    prerequisites = changes.pop("prerequisites", None)
    for name, value in changes.items():
        setattr(course, name, value)
    course.full_clean(validate_unique=False)
    _save(course)
    if prerequisites is not None:
        _require_not_itself(course, prerequisites)
        course.prerequisites.set(prerequisites)
    audit_details(course=course.code, changed=sorted(changes))
    return course


def _require_code_may_change(course: Course, code: str) -> None:
    if code == course.code:
        return
    require_own_address(CourseInputError, code, "course")
    if course.runs.exists():
        text = _("The code %(code)s cannot be changed: classes and results refer to it.")
        raise CourseError("code_stays", text % {"code": course.code})


def _require_not_itself(course: Course, prerequisites: Iterable[Course]) -> None:
    if any(other.pk == course.pk for other in prerequisites):
        raise CourseError("requires_itself", _("A course cannot be its own prerequisite."))


def _save(course: Course) -> None:
    taken = _("A course with the code %(code)s already exists.") % {"code": course.code}
    with violation_as(CourseError, "code_taken", taken), transaction.atomic():
        course.save()
