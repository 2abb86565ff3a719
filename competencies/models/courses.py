import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from competencies.models.frameworks import Competency, Level
from competencies.querysets import CourseCompetencyQuerySet
from courses.models import Course


class CourseCompetency(models.Model):
    """What a course teaches, and up to which level, between two days.

    Blank days are open ends. Anyone who completes the course on one of these days has it.
    """

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="competencies")
    competency = models.ForeignKey(
        Competency, on_delete=models.PROTECT, related_name="courses", verbose_name=_("competency")
    )
    level = models.ForeignKey(
        Level, on_delete=models.PROTECT, related_name="+", verbose_name=_("level reached")
    )
    first_day = models.DateField(
        _("completed from"),
        null=True,
        blank=True,
        help_text=_("Leave blank where earlier completions count too."),
    )
    last_day = models.DateField(_("completed until"), null=True, blank=True)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)

    objects = CourseCompetencyQuerySet.as_manager()

    class Meta:
        ordering = (
            "competency__framework",
            "competency__position",
            F("first_day").asc(nulls_first=True),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(first_day=None) | Q(last_day=None) | Q(last_day__gte=F("first_day")),
                name="taught_until_a_later_day",
                violation_error_message=_("The last day cannot lie before the first one."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.course_id}: {self.competency_id}"

    def covers(self, day: dt.date) -> bool:
        began = self.first_day is None or self.first_day <= day
        return began and (self.last_day is None or day <= self.last_day)
