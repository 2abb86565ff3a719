"""What the results of a class say: of its people, and of the questions."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean

from courses.models import CourseRun
from learning.choices import Stage
from learning.models import Attempt, AttemptAnswer, CourseTest

# With fewer forms the figures of a question say nothing.
FEWEST = 5
MOST_FORMS = 500
_EXTREMES = 0.27  # the share of the best and of the weakest that discrimination compares


@dataclass(frozen=True, slots=True)
class Gain:
    """Mean scores of those who took both tests; without them None."""

    people: int
    before: float | None
    after: float | None

    @property
    def points(self) -> float | None:
        if self.before is None or self.after is None:
            return None
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """``difficulty``: the mean share of points, so 1 is easiest. ``discrimination``: by how much
    the best quarter or so did better than the weakest, from -1 to 1.
    """

    question_id: int
    answers: int
    difficulty: float | None
    discrimination: float | None


def best_scores(run: CourseRun, test: CourseTest) -> dict[tuple[int, str], Decimal]:
    """By enrollment and stage."""
    rows = Attempt.objects.finished().filter(enrollment__run=run, test=test)
    best: dict[tuple[int, str], Decimal] = {}
    for enrollment, stage, score in rows.values_list("enrollment", "stage", "score"):
        if score is not None:
            best[enrollment, stage] = max(score, best.get((enrollment, stage), score))
    return best


def gain(best: dict[tuple[int, str], Decimal]) -> Gain:
    both = [
        (best[one, Stage.BEFORE], best[one, Stage.AFTER])
        for one, stage in best
        if stage == Stage.BEFORE and (one, Stage.AFTER) in best
    ]
    if not both:
        return Gain(0, None, None)
    return Gain(len(both), fmean(before for before, _ in both), fmean(after for _, after in both))


def item_statistics(run: CourseRun, test: CourseTest) -> list[ItemStatistics]:
    """Of the last forms handed in, which are enough where 45,000 take a test."""
    forms = Attempt.objects.finished().filter(enrollment__run=run, test=test, is_on_paper=False)
    rows = AttemptAnswer.objects.filter(
        attempt__in=list(forms.order_by("-id").values_list("pk", flat=True)[:MOST_FORMS])
    ).values_list("question", "attempt__score", "points")
    by_question: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for question, score, points in rows.order_by("question"):
        if score is None or points is None:
            continue
        by_question[question].append((float(score), float(points)))
    return [_item(question, answers) for question, answers in by_question.items()]


def _item(question: int, answers: list[tuple[float, float]]) -> ItemStatistics:
    if len(answers) < FEWEST:
        return ItemStatistics(question, len(answers), None, None)
    ranked = [points for _score, points in sorted(answers)]
    some = max(1, round(len(ranked) * _EXTREMES))
    discrimination = fmean(ranked[-some:]) - fmean(ranked[:some])
    return ItemStatistics(question, len(answers), fmean(ranked), discrimination)
