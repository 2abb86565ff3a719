"""How many of a year's classes were evaluated, against the duty."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Avg, Count, Sum

from common import clock
from courses.choices import RunState
from courses.models import CourseRun, in_reader_language
from evaluations.models import Evaluation, EvaluationForm


@dataclass(frozen=True, slots=True)
class Year:
    """``classes`` that ended by today; ``evaluated`` are those with at least one valid form."""

    year: int
    classes: int
    evaluated: int
    duty: int

    @property
    def percent(self) -> int:
        """Rounded down: 19.9 % is not 20 %."""
        return self.evaluated * 100 // self.classes if self.classes else 0

    @property
    def is_met(self) -> bool:
        return self.evaluated * 100 >= self.duty * self.classes

    @property
    def missing(self) -> int:
        """How many more classes must be evaluated."""
        return max(0, -(-self.duty * self.classes // 100) - self.evaluated)


def year_of(year: int) -> Year:
    ended = CourseRun.objects.of_the_programme().filter(
        ends_on__year=year, ends_on__lte=clock.today()
    )
    classes = ended.exclude(state__in=(RunState.DRAFT, RunState.CANCELLED))
    evaluated = Evaluation.objects.closed().with_valid_forms().filter(run__in=classes)
    form = EvaluationForm.objects.current().order_by("pk").first()
    return Year(year, classes.count(), evaluated.count(), form.yearly_share if form else 0)


@dataclass(frozen=True, slots=True)
class CourseIndex:
    code: str
    title: str
    classes: int
    forms: int
    index: Decimal


def by_course(evaluations: Any) -> Sequence[CourseIndex]:
    """The mean index of a course's classes, of those alone whose own results are shown.

    A class with too few forms is in no figure: else it could be told from a difference.
    """
    shown = evaluations.filter(index__isnull=False).order_by("run__course__code")
    rows = shown.values(
        "run__course__code", "run__course__title_vi", "run__course__title_en"
    ).annotate(
        classes=Count("pk"),
        forms=Sum("valid_online") + Sum("valid_paper"),
        mean=Avg("index"),
    )
    return [
        CourseIndex(
            row["run__course__code"],
            in_reader_language(row["run__course__title_vi"], row["run__course__title_en"]),
            row["classes"],
            row["forms"],
            Decimal(row["mean"]).quantize(Decimal("0.01"), ROUND_HALF_UP),
        )
        for row in rows
    ]
