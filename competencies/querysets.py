import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, Max, OuterRef, Q

from common.relations import rows_behind
from courses.models import Course

if TYPE_CHECKING:
    from competencies.models import (
        Audience,
        AudienceRule,
        Competency,
        CourseCompetency,
        Framework,
        Level,
    )


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


class AudienceQuerySet(models.QuerySet["Audience"]):
    def in_use(self) -> Self:
        return self.filter(is_in_use=True)


class AudienceRuleQuerySet(models.QuerySet["AudienceRule"]):
    def in_force(self, day: dt.date) -> Self:
        """One for each audience that has a rule by then: the latest."""
        newer = self.model._default_manager.filter(
            Q(first_day__gt=OuterRef("first_day"))
            | Q(first_day=OuterRef("first_day"), pk__gt=OuterRef("pk")),
            audience=OuterRef("audience"),
            first_day__lte=day,
        )
        return self.filter(~Exists(newer), first_day__lte=day)

    def with_requirements(self) -> Self:
        required = "competencies__competency__framework"
        return self.select_related("audience").prefetch_related(
            "courses__prerequisites", required, "competencies__level"
        )
