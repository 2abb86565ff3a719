import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Max, Q

from common.relations import rows_behind
from courses.models import Course

if TYPE_CHECKING:
    from competencies.models import Competency, CourseCompetency, Framework, Level


class FrameworkQuerySet(models.QuerySet["Framework"]):
    def adopted(self) -> Self:
        return self.filter(adopted_at__isnull=False)

    def in_force(self) -> Self:
        """The newest adopted version of each."""
        adopted = self.adopted().order_by().values("slug")
        return self.filter(pk__in=adopted.annotate(newest=Max("pk")).values("newest"))


class LevelQuerySet(models.QuerySet["Level"]):
    def of_frameworks_in_force(self) -> Self:
        frameworks = rows_behind(self, "framework").in_force()
        return self.filter(framework__in=frameworks).select_related("framework")


class CompetencyQuerySet(models.QuerySet["Competency"]):
    def of_frameworks_in_force(self) -> Self:
        frameworks = rows_behind(self, "framework").in_force()
        return self.filter(framework__in=frameworks).select_related("framework")


class CourseCompetencyQuerySet(models.QuerySet["CourseCompetency"]):
    def of_course(self, course: Course) -> Self:
        return self.filter(course=course).select_related("competency__framework", "level")

    def on(self, day: dt.date) -> Self:
        return self.filter(
            Q(first_day=None) | Q(first_day__lte=day), Q(last_day=None) | Q(last_day__gte=day)
        )

    def overlapping(self, first: dt.date | None, last: dt.date | None) -> Self:
        rows = self
        if last:
            rows = rows.filter(Q(first_day=None) | Q(first_day__lte=last))
        if first:
            rows = rows.filter(Q(last_day=None) | Q(last_day__gte=first))
        return rows
