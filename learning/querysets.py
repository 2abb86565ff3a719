import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, F, Q, When

from common import clock
from common.access import restricted
from common.prepared import Given
from common.relations import rows_behind
from courses.models import CourseRun, RunTrainer
from people.querysets import rows_of_person, rows_of_user

if TYPE_CHECKING:
    from enrollment.models import Enrollment
    from learning.models import Attempt, AttemptAnswer, CourseTest, Question, Unit, UnitDone


def taught_courses(user: Any) -> Any:
    return RunTrainer.objects.filter(user=user).values("run__course")


def courses_of_staff(courses: Any, user: Any, *, reading: bool = False) -> Any:
    """Whose units and questions a trainer or the office may change; ``reading``: or may see."""
    if user.has_role("programme_office") or (reading and user.reads_everything):
        return courses
    return courses.filter(pk__in=taught_courses(user))


class UnitQuerySet(models.QuerySet["Unit"]):
    def of_the_course(self) -> Self:
        return self.filter(run=None)

    def manageable_by(self, user: Any) -> Self:
        """The office's are all; a trainer's those of the courses and the classes they teach."""
        if user.has_role("programme_office"):
            return self
        if not user.has_role("trainer"):
            return self.none()
        taught = RunTrainer.objects.filter(user=user)
        of_course = Q(run=None, course__in=taught.values("run__course"))
        return self.filter(of_course | Q(run__in=taught.values("run")))

    def offered_in(self, run: CourseRun) -> Self:
        """Units of the course and the class's own, as they were when the class ended."""
        end = clock.end_of_day(run.ends_on)
        return self.filter(
            Q(run=None, course=run.course_id) | Q(run=run),
            Q(withdrawn_at=None) | Q(withdrawn_at__gt=end),
        )


class _OfCourses(models.QuerySet[Any]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        """Of the courses that the user teaches a class of."""
        if not user.has_role("trainer"):
            return self.none()
        return self.filter(course__in=taught_courses(user))


class CourseTestQuerySet(_OfCourses, models.QuerySet["CourseTest"]):
    pass


class UnitDoneQuerySet(models.QuerySet["UnitDone"]):
    def visible_to(self, user: Any) -> Self:
        """As the enrollments: one's own, of classes taught, of people sent, or all."""
        return self.filter(enrollment__in=rows_behind(self, "enrollment").visible_to(user))


class QuestionQuerySet(_OfCourses, models.QuerySet["Question"]):
    def in_use(self) -> Self:
        return self.filter(withdrawn_at=None)


class AttemptQuerySet(models.QuerySet["Attempt"]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        """One's own, and of classes taught: coordinators read the score of the completion."""
        seats = rows_behind(self, "enrollment").own_or_taught(user)
        return self.filter(enrollment__in=seats)

    def with_score_for(self, user: Any) -> Self:
        """Annotate ``score_shown``: None of a test that shows its takers nothing afterwards."""
        if user.reads_everything:
            return self.annotate(score_shown=F("score"))
        taught = RunTrainer.objects.filter(user=user).values("run")
        shown = When(~Q(test__feedback="nothing") | Q(enrollment__run__in=taught), then=F("score"))
        return self.annotate(score_shown=Case(shown))

    def locked(self) -> Self:
        """Those who only refer to a form (an answer to it) do not wait."""
        return self.select_for_update(of=("self",), no_key=True)

    def finished(self) -> Self:
        return self.filter(finished_at__isnull=False)

    def overdue(self, now: dt.datetime) -> Self:
        return self.filter(finished_at=None, due_at__lt=now)

    def of_holder(self, seat: "Enrollment") -> Self:
        """The person's in the class, also by a second seat that a merge has left them."""
        rows = rows_of_person(seat.trainee_id)
        return self.filter(enrollment__run=seat.run_id, enrollment__trainee__in=rows)

    def of_user(self, user_id: int | None) -> Self:
        return self.filter(enrollment__trainee__in=rows_of_user(user_id))


class AttemptAnswerQuerySet(models.QuerySet["AttemptAnswer"]):
    def ungraded(self) -> Self:
        return self.filter(points=None)

    def of_user(self, user_id: int | Given | None) -> Self:
        return self.filter(attempt__enrollment__trainee__in=rows_of_user(user_id))
