from typing import TYPE_CHECKING, Any, Self

from django.db import models

from common import clock

if TYPE_CHECKING:
    from courses.models import Course, CourseRun


class CourseQuerySet(models.QuerySet["Course"]):
    def offered(self) -> Self:
        """What the catalogue shows."""
        return self.filter(is_offered=True)


class CourseRunQuerySet(models.QuerySet["CourseRun"]):
    def announced(self) -> Self:
        """Runs that anybody may know of: all but drafts."""
        return self.exclude(state="draft")

    def taught_by(self, user: Any) -> Self:
        """Runs on which a user stands as a trainer."""
        return self.filter(trainers__user=user)

    def coming(self) -> Self:
        """Announced runs that have not begun."""
        return self.announced().filter(starts_on__gte=clock.today())
