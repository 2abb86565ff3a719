"""What a course teaches, and up to which level."""

import datetime as dt

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from competencies.errors import CompetencyError, CompetencyInputError
from competencies.models import Competency, CourseCompetency, Level
from courses.models import Course


@audited("course_competency_set")
def set_course_competency(
    *,
    by: Actor,
    course: Course,
    competency: Competency,
    level: Level,
    first_day: dt.date | None = None,
    last_day: dt.date | None = None,
    link: CourseCompetency | None = None,
) -> CourseCompetency:
    """Enter what a course teaches between two days, or change ``link``.

    Raises ValidationError and CompetencyError: ``not_adopted``, ``other_framework``,
    ``taught_twice``.
    """
    course = Course.objects.select_for_update().get(pk=course.pk)
    require_adopted(competency, level)
    _require_once(course, competency, first_day, last_day, link)
    row = link or CourseCompetency(course=course)
    row.competency, row.level, row.recorded_by = competency, level, by.label
    row.first_day, row.last_day = first_day, last_day
    row.full_clean()
    row.save()
    audit_details(
        course=course.code,
        competency=competency.code,
        framework=competency.framework.slug,
        level=level.number,
        days=[day.isoformat() if day else "" for day in (first_day, last_day)],
    )
    return row


@audited("course_competency_removed")
def remove_course_competency(*, by: Actor, link: CourseCompetency) -> None:
    """As if the course had never taught it; what it no longer teaches has a last day instead."""
    competency = link.competency
    audit_details(
        course=link.course.code,
        competency=competency.code,
        framework=competency.framework.slug,
        level=link.level.number,
    )
    link.delete()


def require_adopted(competency: Competency, level: Level) -> None:
    """Errors: ``not_adopted``, ``other_framework``."""
    if not competency.framework.adopted_at:
        text = _("The framework %(framework)s has not been adopted yet.")
        raise CompetencyError("not_adopted", text % {"framework": competency.framework})
    if level.framework_id != competency.framework_id:
        text = _("The level belongs to another framework than the competency.")
        raise CompetencyInputError("other_framework", text)


def _require_once(
    course: Course,
    competency: Competency,
    first: dt.date | None,
    last: dt.date | None,
    link: CourseCompetency | None,
) -> None:
    same = CourseCompetency.objects.filter(
        course=course,
        competency__code=competency.code,
        competency__framework__slug=competency.framework.slug,
    )
    others = same.exclude(pk=link.pk) if link else same
    if others.overlapping(first, last).exists():
        text = _("The course already teaches %(code)s on some of these days: change that row.")
        raise CompetencyError("taught_twice", text % {"code": competency.code})
